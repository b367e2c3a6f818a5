"""In which order contacts can take new names where names are unique (engine.md 2.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rename:
    """The key of the name a contact holds ("" for none in the way of others), and of the one it is to take."""

    held: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Order:
    """``waves``: who goes in which order, those of one wave together. ``cycles``: rings in which each waits for
    the next, the last for the first; they go before the waves.
    """

    waves: Sequence[Sequence[str]]
    cycles: Sequence[Sequence[str]]


def in_order(renames: Mapping[str, Rename]) -> Order:
    """The order for these contacts, by id. It does not depend on the order of the mapping's rows."""
    holder = {r.held: one for one, r in sorted(renames.items(), reverse=True) if r.held}
    waits_for = {
        one: other for one, r in renames.items() if (other := holder.get(r.wanted)) is not None and other != one
    }
    cycles = _cycles(waits_for)
    depth = {one: 0 for ring in cycles for one in ring}
    waves: dict[int, list[str]] = {}
    for one in sorted(renames):
        if one not in depth:
            _measure(one, waits_for, depth)
    ringed = {one for ring in cycles for one in ring}
    for one in sorted(renames):
        if one not in ringed:
            waves.setdefault(depth[one], []).append(one)
    return Order([waves[at] for at in sorted(waves)], cycles)


def _cycles(waits_for: Mapping[str, str]) -> list[list[str]]:
    seen: set[str] = set()
    found = []
    for start in sorted(waits_for):
        path: dict[str, None] = {}
        one: str | None = start
        while one is not None and one not in seen and one not in path:
            path[one] = None
            one = waits_for.get(one)
        if one in path:
            ring = list(path)
            found.append(ring[ring.index(one) :])
        seen.update(path)
    return found


def _measure(start: str, waits_for: Mapping[str, str], depth: dict[str, int]) -> None:
    path = [start]
    while (before := waits_for.get(path[-1])) is not None and before not in depth:
        path.append(before)
    first = -1 if before is None else depth[before]
    for further, one in enumerate(reversed(path), 1):
        depth[one] = first + further
