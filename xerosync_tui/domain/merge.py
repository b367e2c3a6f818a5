"""Three ways: what a linked pair holds now against what each side held at the last acknowledgement (engine.md 2.3).

The base is a pair, and each side is compared with its own half only. So a value that a remote stores in its own
way is agreed upon, and never echoes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto

import msgspec

from xerosync_tui.domain.connection import BothChanged
from xerosync_tui.domain.contact import Address, Contact, Field, KarbonContact, Value, XeroContact, XeroStatus
from xerosync_tui.domain.normalise import same_key, same_spelling, spelling


class Side(StrEnum):
    """One of the two systems."""

    XERO = "xero"
    KARBON = "karbon"


@dataclass(frozen=True, slots=True)
class Linked:
    """A link with all that its merge rests on.

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


class Decision(Enum):
    """What becomes of one field."""

    NOTHING = auto()
    TO_KARBON = auto()
    TO_XERO = auto()
    AGREED = auto()  # both hold the same already: only the base moves
    CONFLICT = auto()  # a person decides
    EMPTIED = auto()  # refused: a contact has a name


@dataclass(frozen=True, slots=True)
class Rules:
    """What was chosen for a connection, as far as a merge needs it; ``region`` as for phone_key."""

    region: str
    both_changed: BothChanged = BothChanged.ASK
    fill_xero_blanks: bool = False


@dataclass(frozen=True, slots=True)
class Merge:
    """What is to be done with a linked pair, field by field."""

    to_karbon: Mapping[Field, Value] = field(default_factory=dict)
    to_xero: Mapping[Field, Value] = field(default_factory=dict)
    agreed: tuple[Field, ...] = ()
    conflicts: tuple[Field, ...] = ()
    emptied: tuple[Field, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.to_karbon or self.to_xero or self.agreed or self.conflicts or self.emptied)

    @property
    def moves(self) -> bool:
        """Whether anything becomes of it without a person."""
        return bool(self.to_karbon or self.to_xero or self.agreed)

    def overwrites(self, linked: Linked) -> bool:
        """Whether a value would be gone from either side."""
        return any(linked.karbon.contact.value(f) for f in self.to_karbon) or any(
            linked.xero.contact.value(f) for f in self.to_xero
        )

    def digest(self, linked: Linked) -> str:
        """Changes whenever what would be written changes."""
        parts = [linked.xero.id, linked.karbon.key, _texts(self.to_karbon), _texts(self.to_xero)]
        return hashlib.blake2b(msgspec.json.encode(parts), digest_size=8).hexdigest()


def _texts(values: Mapping[Field, Value]) -> list[object]:
    return [(f.value, v.parts() if isinstance(v, Address) else v) for f, v in sorted(values.items())]


_FIELDS = tuple(Field)


def merge(linked: Linked, rules: Rules, taken: Mapping[Field, Side] | None = None) -> Merge:
    """What to do with the pair; ``taken`` is whose value a person chose for a field that both sides changed."""
    found: dict[Decision, list[Field]] = {decision: [] for decision in Decision}
    for one in _FIELDS:
        found[_settled(linked, one, rules, (taken or {}).get(one))].append(one)
    to_xero = {f: linked.karbon.contact.value(f) for f in found[Decision.TO_XERO]}
    if linked.half_renamed:
        to_xero.setdefault(Field.NAME, linked.xero.contact.name)  # a temporary name never stays
    return Merge(
        {f: linked.xero.contact.value(f) for f in found[Decision.TO_KARBON]},
        to_xero,
        tuple(found[Decision.AGREED]),
        tuple(found[Decision.CONFLICT]),
        tuple(found[Decision.EMPTIED]),
    )


def _settled(linked: Linked, one: Field, rules: Rules, taken: Side | None) -> Decision:
    decision = decide(linked, one, rules)
    if decision is Decision.CONFLICT:
        if taken is None and rules.both_changed is not BothChanged.ASK:
            taken = Side(rules.both_changed.value)
        if taken is not None:
            decision = Decision.TO_KARBON if taken is Side.XERO else Decision.TO_XERO
    if one is Field.NAME and decision in _WRITES:
        source = linked.xero if decision is Decision.TO_KARBON else linked.karbon
        if not spelling(source.contact.name):
            return Decision.EMPTIED
    return decision


_WRITES = (Decision.TO_KARBON, Decision.TO_XERO)


def decide(linked: Linked, one: Field, rules: Rules) -> Decision:
    """The table of engine.md 2.3, a row a line."""
    xero, karbon = linked.xero.contact.value(one), linked.karbon.contact.value(one)
    in_xero = not same_spelling(one, xero, linked.xero_base.value(one))
    in_karbon = not same_spelling(one, karbon, linked.karbon_base.value(one))
    if not in_xero and not in_karbon:
        return Decision.TO_XERO if rules.fill_xero_blanks and one in linked.unfilled else Decision.NOTHING
    if same_spelling(one, xero, karbon):
        return Decision.AGREED
    if not in_xero:
        return Decision.TO_XERO
    if not in_karbon or same_key(one, xero, karbon, rules.region):
        return Decision.TO_KARBON
    return Decision.CONFLICT


class End(StrEnum):
    """Why a link cannot go on (engine.md 2.4); the words are what an admin reads."""

    ARCHIVED = "archived in Xero"
    MERGED = "merged into another contact in Xero"
    ERASURE = "under an erasure request in Xero"
    NOT_IN_XERO = "no longer in Xero"
    DELETED = "deleted in Karbon"


def end_of(xero: XeroContact, *, gone: bool = False) -> End | None:
    """Whether a link can go on with a Xero contact in this state, ``gone``: without its Karbon contact; None: yes."""
    if gone:
        return End.DELETED
    if xero.status is XeroStatus.ARCHIVED:
        return End.MERGED if xero.merged_to else End.ARCHIVED
    return _ENDS.get(xero.status)


_ENDS = {XeroStatus.GDPRREQUEST: End.ERASURE, XeroStatus.GONE: End.NOT_IN_XERO}
