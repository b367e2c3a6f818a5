"""Karbon's API v3: requests with their limits, its JSON in our words, and the directory port over it.

Never here: a stored link, a decision, a write that the journal does not know.
"""
