"""Likely duplicates within one side: what to clean by hand before the first sync, and why.

Two records of one client on one side become a match issue at best, and a second copy on the other side at worst.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from xerosync_tui.domain.contact import Contact
from xerosync_tui.domain.forms import Form, form_of, mailbox, own_domain
from xerosync_tui.domain.normalise import name_key
from xerosync_tui.domain.suggest import STRONG, Resemblance, explain, score

_TAIL = re.compile(
    r"(.*\S)\s*(?:[-–]\s*\d{1,2}|\(\s*(?:\d{1,2}|copy|duplicate)\s*\)|\s(?:copy|duplicate))", re.IGNORECASE
)
_CROWD = 30  # contacts of one domain or mailbox, beyond which it tells nothing


class Alike(StrEnum):
    """Why a group is one, the surest first."""

    NAME = "same name"
    TAIL = "tail"
    SPELLING = "same name but for spelling"
    EMAIL = "shared email"
    ALIKE = "much alike"

    @property
    def advice(self) -> str:
        """What to do about it."""
        return _ADVICE[self]


_ADVICE = {
    Alike.NAME: "One client: merge them. Two: tell them apart by name, else a match by that name waits for you.",
    Alike.TAIL: "Such a tail is what a second import leaves: merge it into the one without.",
    Alike.SPELLING: "One client: merge them. The sync takes them for two, and makes each its own copy.",
    Alike.EMAIL: "One client: merge them. Several: each still matches where its name is the same on both sides, else "
    "it waits for you.",
    Alike.ALIKE: "Look at both: one client is merged, two are left as they are.",
}


class Known(NamedTuple):
    """A contact of one side; ``row`` is its place in the mirror."""

    row: int
    id: str
    name: str
    email: str


class Group(NamedTuple):
    """Records that may be one client, and why in words."""

    kind: Alike
    why: str
    records: tuple[Known, ...]


def found_by_name(records: Iterable[Known], shared: Iterable[int]) -> list[tuple[Alike, str, tuple[int, ...]]]:
    """Groups of rows by what is made of a name: a tail, another spelling; and pairs that are much alike.

    Rows in ``shared`` have their very name in common with others, which is a group already.
    """
    seen = _Seen(set(shared))
    for record in records:
        seen.add(record)
    return [*seen.tails(), *seen.spellings(), *seen.alike()]


class _Seen:
    """What a walk over all contacts leaves: rows by the hash of a key, which is a fraction of the names' size."""

    def __init__(self, shared: set[int]) -> None:
        self._shared = shared
        self._by_name: dict[int, int] = {}
        self._by_words: dict[int, list[int]] = {}
        self._by_email: dict[str, list[tuple[int, Form]]] = {}
        self._tails: list[tuple[int, int, str]] = []

    def add(self, record: Known) -> None:
        form = form_of(record.name, record.email)
        key = name_key(record.name)
        if key is None:
            return
        self._by_name.setdefault(hash(key), record.row)
        if tail := _TAIL.fullmatch(key):
            self._tails.append((hash(tail[1]), record.row, record.name[len(tail[1]) :].strip()))
        else:
            self._by_words.setdefault(hash(tuple(sorted(form.parts[0].split()))), []).append(record.row)
        for block in (own_domain(form.email), mailbox(form.email) + "@"):
            if len(block) > 1:
                self._by_email.setdefault(block, []).append((record.row, form))

    def tails(self) -> list[tuple[Alike, str, tuple[int, ...]]]:
        """Names with a tail whose beginning is somebody's name."""
        return [
            (Alike.TAIL, f"the same name with “{tail}” behind it", (self._by_name[stem], row))
            for stem, row, tail in self._tails
            if stem in self._by_name
        ]

    def spellings(self) -> list[tuple[Alike, str, tuple[int, ...]]]:
        """The same words; one of each very name, for the others are a group by that."""
        groups = (rows for rows in self._by_words.values() if len(rows) > 1)
        return [(Alike.SPELLING, "", tuple(rows)) for rows in groups if not self._shared.issuperset(rows)]

    def alike(self) -> list[tuple[Alike, str, tuple[int, ...]]]:
        """Pairs with a domain or mailbox of their own in common that are strongly alike, and neither of the above."""
        pairs = {
            (one, other)
            for crowd in self._by_email.values()
            if 1 < len(crowd) <= _CROWD
            for (one, a), (other, b) in combinations(crowd, 2)
            if a.email != b.email and set(a.parts[0].split()) != set(b.parts[0].split()) and score(a, b) >= STRONG
        }
        return [(Alike.ALIKE, "", pair) for pair in sorted(pairs)]


def resemblance(records: Sequence[Known]) -> Resemblance:
    """How the first two of a group are alike."""
    one, other = (Contact(record.name, record.email) for record in records[:2])
    return explain(one, other)
