"""Measured numbers: ``python -m tests.bench`` prints them all, ``python -m tests.bench matching`` one.

Nothing here is asserted and nothing runs with the tests: a number belongs to a machine and a day.
"""
