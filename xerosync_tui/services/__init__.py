"""What a person can ask for, as async functions over the store and the remotes.

Screens and commands call these and nothing below. Never here: a terminal, a widget, SQL.
"""
