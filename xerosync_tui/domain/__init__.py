"""What is true regardless of any computer: contacts, keys, matching, merging, plans.

Pure functions and frozen dataclasses. Never here: I/O, a clock, an await, an import of another room.
"""
