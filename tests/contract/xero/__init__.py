"""The sandbox's Xero against `shared/reference/xero.md` and Xero's OpenAPI files, independent of its author.

Nothing here knows how the sandbox works inside: only HTTP, and the controls under `/_sandbox/`.
"""
