"""``python -m tests.bench [NAME ...]``; without a name all of these, ``tables`` and ``karbon`` only by theirs."""

from __future__ import annotations

import sys
from importlib import import_module

_ALL = ("start", "matching", "first_sync", "two_way", "screens", "triage", "classify", "suggestions")

for name in sys.argv[1:] or _ALL:
    import_module(f"tests.bench.{name}").main()
