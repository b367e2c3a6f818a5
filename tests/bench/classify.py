"""Person or organization: accuracy by source and group, what asking for less would give, time, memory, size.

``python -m tests.bench classify``, or ``python -m tests.bench.classify FILE.csv ...`` for your own (columns name,
label, source). By name alone: what a contact has beside it (first and last name, company number, email) only helps.
"""

from __future__ import annotations

import csv
import json
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measure import in_a_process
from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.kinds import SURE, guess_kind
from xerosync_tui.domain.kinds.model import shipped

KINDS = Path(__file__).with_name("kinds")
FILES = ("by_hand.csv", "held_back.csv", "public.csv")
Answer = tuple[float, bool]  # how probable it said it was, and whether it was right


def answers(path: Path) -> dict[str, list[Answer]]:
    """By source, or group of a file written by hand."""
    found: dict[str, list[Answer]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            guess = guess_kind(row["name"])
            right = (guess.kind is Kind.PERSON) == (row["label"] == "person")
            found[f"{row['source']} ({row['label']})"].append((guess.probability, right))
    return found


def share(some: Sequence[Answer]) -> float:
    """How many are right, of 1."""
    return sum(right for _, right in some) / len(some) if some else float("nan")


def print_accuracy(path: Path) -> None:
    """A line a source, then all of them, and the same for those it is surest of."""
    groups = answers(path)
    print(f"\n{path.name}")
    for name, some in groups.items():
        sure = sum(probability >= SURE for probability, _ in some) / len(some)
        print(f"  {name:58} {len(some):5}  right {share(some):.3f}  sure of {sure:.2f}")
    everything = sorted((answer for some in groups.values() for answer in some), reverse=True)
    curve = "  ".join(f"{part:.0%} {share(everything[: int(len(everything) * part)]):.3f}" for part in _COVERAGE)
    print(f"  {'all':58} {len(everything):5}  right {share(everything):.3f}\n  right among the surest: {curve}")
    for low, high in zip(_BANDS, (*_BANDS[1:], 1.01), strict=True):
        band = [answer for answer in everything if low <= answer[0] < high]
        print(f"  said {low:.2f} or more: {len(band):5}, right {share(band):.3f}")


_COVERAGE = (1, 0.95, 0.9, 0.8)
_BANDS = (0.5, 0.6, 0.75, 0.9, 0.97)


def cost() -> dict[str, float]:
    """Load in milliseconds, memory in MiB, microseconds a name (median of seven rounds)."""
    names = [row["name"] for file in FILES for row in csv.DictReader((KINDS / file).open(encoding="utf-8", newline=""))]
    before, begun = _resident_mib(), time.perf_counter()
    shipped()
    load = time.perf_counter() - begun
    memory = _resident_mib() - before
    rounds = []
    for _ in range(7):
        begun = time.perf_counter()
        for name in names:
            guess_kind(name)
        rounds.append((time.perf_counter() - begun) / len(names))
    return {"load ms": load * 1e3, "memory MiB": memory, "us a name": sorted(rounds)[3] * 1e6}


def _resident_mib() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def main(paths: Sequence[str] = ()) -> None:
    """Print it all."""
    for path in map(Path, paths or [str(KINDS / file) for file in FILES]):
        print_accuracy(path)
    measured = {name: round(value, 1) for name, value in in_a_process("tests.bench.classify", "cost").items()}
    size = Path(sys.modules[guess_kind.__module__].__file__ or "").with_name("weights.bin").stat().st_size
    print(f"\n{json.dumps(measured)}, weights {size} bytes")


if __name__ == "__main__":
    if sys.argv[1:] == ["cost"]:
        print(json.dumps(cost()))
    else:
        main(sys.argv[1:])
