"""Timing helpers of the benches: medians, and the peak memory of a process of its own."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any


def median_seconds(work: Callable[[], object], rounds: int) -> float:
    """The median time of ``work`` over some rounds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def peak_mib() -> float:
    """The peak resident memory of this process so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_a_process(module: str, *arguments: str, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """What ``python -m module arguments`` prints as JSON on its last line: fresh memory, fresh imports."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **(environment or {})},
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result
