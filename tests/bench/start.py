"""How long ``xerosync --help`` takes, beside an interpreter that does nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

ROUNDS = 15


def _seconds(*arguments: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> None:
    """Print both medians, taken in turns."""
    pairs = [(_seconds("-m", "xerosync_tui", "--help"), _seconds("-c", "pass")) for _ in range(ROUNDS)]
    helped, nothing = (median(column) * 1000 for column in zip(*pairs, strict=True))
    print(f"xerosync --help {helped:.0f} ms, python -c pass {nothing:.0f} ms")


if __name__ == "__main__":
    main()
