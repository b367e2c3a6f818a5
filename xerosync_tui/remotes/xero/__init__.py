"""Xero: consent and tokens, requests with their limits, and its JSON in our words.

Never here: a stored link, a decision, a write that the journal does not know.
"""
