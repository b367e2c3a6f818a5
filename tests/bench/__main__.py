"""``python -m tests.bench [start|matching|first_sync|two_way|screens|triage|classify ...]``.

By name only: ``tables``, ``karbon``.
"""

from __future__ import annotations

import sys
from importlib import import_module

for name in sys.argv[1:] or ("start", "matching", "first_sync", "two_way", "screens", "triage", "classify"):
    import_module(f"tests.bench.{name}").main()
