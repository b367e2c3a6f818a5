"""A Karbon beside the sandbox's Xero: the paths under /v3/ that a contact sync uses, from karbon.md section 2.

It keeps one tenant in memory. Like the rest of the sandbox it imports nothing of the program that it is there to test.
"""
