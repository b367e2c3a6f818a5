"""The screens: what a person sees and presses. Everything is asked of ``services``; nothing is decided here.

Nothing that came from outside is drawn but through ``text``, and nothing here waits for a remote on the
event loop: jobs run as workers, lists read a page at a time.
"""
