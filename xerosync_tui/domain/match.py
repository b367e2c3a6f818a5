"""How a Xero contact without a link stands, and why it waits for a person (engine.md 2.2).

The store says of each Xero contact how it stands among its namesakes; what follows from that, ``decide`` has, from
that row alone. So the answer cannot depend on the order of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum, StrEnum
from typing import NamedTuple


class Verdict(StrEnum):
    """What the first sync does with a Xero contact that is not linked yet."""

    FULL_MATCH = "full match"
    CONFLICT = "conflict"
    NEW = "new"
    LEFT_OUT = "left out"


class Reason(StrEnum):
    """Why a contact waits for a person."""

    EMAIL_DIFFERS = "email differs"
    NAME_DIFFERS = "name differs"
    SEVERAL = "several candidates"
    CROSSED = "name and email point apart"
    RIVALS = "several Xero contacts"
    TAKEN = "candidate already linked"
    HELD = "held back"

    @property
    def sentence(self) -> str:
        """The reason as an admin reads it."""
        return _SENTENCES[self]


_SENTENCES = {
    Reason.EMAIL_DIFFERS: "Same name, but no equal billing email.",
    Reason.NAME_DIFFERS: "Same billing email, but another name.",
    Reason.SEVERAL: "Several Karbon contacts share the name or the billing email.",
    Reason.CROSSED: "The name points to one Karbon contact, the billing email to another.",
    Reason.RIVALS: "Another Xero contact has the same name and billing email.",
    Reason.TAKEN: "The Karbon contact it resembles belongs to another Xero contact.",
    Reason.HELD: "Vetoed in the preview, or a decision about it was undone.",
}


class Likeness(IntEnum):
    """What the Karbon side has for a Xero contact, as far as a verdict needs it."""

    ONE_KEY = -1  # somebody shares its name or its email, nobody both
    NONE = 0
    PAIR = 1  # exactly one free contact shares both keys, and no other Xero contact shares them
    PAIR_WITH_RIVALS = 2  # the same, but another Xero contact shares them too
    UNCLEAR = 3  # several share both keys, or the one that does is taken


class Standing(NamedTuple):
    """How an unlinked, active Xero contact stands; ``row`` is its place in the mirror."""

    row: int
    xero_id: str
    takes_part: bool
    likeness: int  # a Likeness
    held: bool  # a person vetoed it or took a decision back: never automatic again


class Candidate(NamedTuple):
    """A Karbon contact that shares a key. A taken one (linked, or claimed by a full match) is not offered."""

    key: str
    same_name: bool
    same_email: bool
    taken: bool


def reason_of(candidates: Sequence[Candidate], rivals: int, *, held: bool) -> Reason:
    """Why a conflict is one; ``rivals`` Xero contacts share both its keys, itself included."""
    free = [candidate for candidate in candidates if not candidate.taken]
    if not free:
        return Reason.TAKEN if candidates else Reason.HELD
    pairs = [candidate for candidate in free if candidate.same_name and candidate.same_email]
    if len(pairs) == 1 and rivals > 1:
        return Reason.RIVALS
    if len(pairs) == 1 and held:
        return Reason.HELD
    if len(free) > 1:
        by_name = sum(candidate.same_name for candidate in free)
        by_email = sum(candidate.same_email for candidate in free)
        return Reason.CROSSED if (by_name, by_email, len(pairs)) == (1, 1, 0) else Reason.SEVERAL
    only = free[0]
    if only.same_name and only.same_email:
        return Reason.SEVERAL  # unique only because its equals are taken: still a person's choice
    return Reason.EMAIL_DIFFERS if only.same_name else Reason.NAME_DIFFERS
