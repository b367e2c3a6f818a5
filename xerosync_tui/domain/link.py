"""A link with all that a decision about it rests on, and why one ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from xerosync_tui.domain.connection import BothChanged
from xerosync_tui.domain.contact import Contact, Field, KarbonContact, XeroContact


@dataclass(frozen=True, slots=True)
class Linked:
    """A synced link: what both sides hold now, and what each held at the last acknowledgement (the base).

    ``unfilled``: fields that only Karbon had a value for when the two were linked, and that never went over.
    ``half_renamed``: Xero holds a temporary name of ours (engine.md 2.4); ``xero`` has the one from before.
    """

    id: int
    xero: XeroContact
    karbon: KarbonContact
    xero_base: Contact
    karbon_base: Contact
    unfilled: frozenset[Field] = frozenset()
    half_renamed: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """What was chosen for a connection, as far as a decision needs it; ``region`` as for phone_key."""

    region: str
    both_changed: BothChanged = BothChanged.ASK
    fill_xero_blanks: bool = False


class End(StrEnum):
    """Why a link cannot go on (engine.md 2.4); the words are what an admin reads."""

    ARCHIVED = "archived in Xero"
    MERGED = "merged into another contact in Xero"
    ERASURE = "under an erasure request in Xero"
    NOT_IN_XERO = "no longer in Xero"
    DELETED = "deleted in Karbon"
