"""Three ways: what is to be done with a linked pair, field by field (engine.md 2.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from xerosync_tui.domain import decide
from xerosync_tui.domain.connection import BothChanged
from xerosync_tui.domain.contact import Address, Field, Value
from xerosync_tui.domain.decide import Fate
from xerosync_tui.domain.link import Linked, Rules
from xerosync_tui.domain.normalise import spelling
from xerosync_tui.domain.states import Side


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

    def rows(self) -> dict[str, str]:
        """What would be written, each value by side and field, as an approval keeps it."""
        sides = ((Side.KARBON, self.to_karbon), (Side.XERO, self.to_xero))
        return {f"{side} {f}": _text(value) for side, values in sides for f, value in values.items()}

    def only(self, approved: Mapping[str, str]) -> Merge:
        """Of what would be written, only the rows that are ``approved``; nothing else is done."""
        sides = ((Side.KARBON, self.to_karbon), (Side.XERO, self.to_xero))
        karbon, xero = (
            {f: value for f, value in values.items() if approved.get(f"{side} {f}") == _text(value)}
            for side, values in sides
        )
        return Merge(karbon, xero)

    def without(self, approved: Mapping[str, str]) -> Merge:
        """All but the rows that are ``approved``."""
        done = self.only(approved)
        karbon = {f: value for f, value in self.to_karbon.items() if f not in done.to_karbon}
        xero = {f: value for f, value in self.to_xero.items() if f not in done.to_xero}
        return Merge(karbon, xero, self.agreed, self.conflicts, self.emptied)

    def digest(self, linked: Linked) -> str:
        """Changes whenever what would be written changes."""
        parts = [linked.xero.id, linked.karbon.key, sorted(self.rows().items())]
        return hashlib.blake2b(msgspec.json.encode(parts), digest_size=8).hexdigest()


def _text(value: Value) -> str:
    return msgspec.json.encode(value.parts()).decode() if isinstance(value, Address) else value


_FIELDS = tuple(Field)


def merge(linked: Linked, rules: Rules, taken: Mapping[Field, Side] | None = None) -> Merge:
    """What to do with the pair; ``taken`` is whose value a person chose for a field that both sides changed."""
    found: dict[Fate, list[Field]] = {fate: [] for fate in Fate}
    for one in _FIELDS:
        found[_settled(linked, one, rules, (taken or {}).get(one))].append(one)
    to_xero = {f: linked.karbon.contact.value(f) for f in found[Fate.TO_XERO]}
    if linked.half_renamed:
        to_xero.setdefault(Field.NAME, linked.xero.contact.name)  # a temporary name never stays
    return Merge(
        {f: linked.xero.contact.value(f) for f in found[Fate.TO_KARBON]},
        to_xero,
        tuple(found[Fate.AGREED]),
        tuple(found[Fate.CONFLICT]),
        tuple(found[Fate.EMPTIED]),
    )


def _settled(linked: Linked, one: Field, rules: Rules, taken: Side | None) -> Fate:
    """The fate by the table, a conflict settled by whoever chose, a name never emptied."""
    fate = decide.field(linked, one, rules)
    if fate is Fate.CONFLICT:
        if taken is None and rules.both_changed is not BothChanged.ASK:
            taken = Side(rules.both_changed.value)
        if taken is not None:
            fate = Fate.TO_KARBON if taken is Side.XERO else Fate.TO_XERO
    if one is Field.NAME and fate in (Fate.TO_KARBON, Fate.TO_XERO):
        source = linked.xero if fate is Fate.TO_KARBON else linked.karbon
        if not spelling(source.contact.name):
            return Fate.EMPTIED
    return fate
