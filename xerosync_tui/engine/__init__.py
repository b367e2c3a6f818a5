"""One way round: recover, pull, plan, journal, apply (engine.md section 1).

``run`` is what others call. Never here: a widget, SQL, a write to a remote outside ``apply``.
"""
