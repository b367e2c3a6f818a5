"""The sync itself, under the lock: recover, read, plan, brake, carry out (engine.md section 1).

``run`` is where a run begins, ``decisions`` where a person's decision does; ``write`` is the one write. Never here: a
widget, SQL.
"""
