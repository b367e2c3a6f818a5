"""What is remembered: mirrors, links with their base, the journal, the built-in directory, sealed tokens.

Synchronous functions that take the database as their first argument; ``Store.run`` gives each its own
transaction on the writer thread. Never here: a request to a remote, a decision, a clock.
"""
