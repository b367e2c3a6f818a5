"""What linking two records would write, and the proof that nothing else is written later.

A preview and the run that follows it call the same functions here (promise P12).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from xerosync_tui.domain.contact import Contact, Field, KarbonContact, Kind, Value, XeroContact
from xerosync_tui.domain.kinds import CHOSEN, KindGuess, guess_kind
from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.normalise import same_key, spelling


@dataclass(frozen=True, slots=True)
class FirstLink:
    """Field by field, what the first link does (engine.md 2.3, the rows without a base)."""

    karbon_writes: Mapping[Field, Value]  # Xero's value, where Karbon's is empty or differs
    only_karbon: tuple[Field, ...]  # filled in Karbon alone: nothing now, counted

    def overwritten(self, karbon: Contact) -> dict[Field, Value]:
        """Karbon's values that would be lost."""
        return {field: karbon.value(field) for field in self.karbon_writes if karbon.value(field)}


_FIELDS = tuple(Field)  # walking the enum itself costs as much as the comparison


def first_link(xero: Contact, karbon: Contact, region: str) -> FirstLink:
    """Equal by key is equal; Xero wins where both are filled; what is empty, or a mere country, erases nothing."""
    writes: dict[Field, Value] = {}
    only_karbon = []
    for field in _FIELDS:
        ours, theirs = xero.value(field), karbon.value(field)
        if ours == theirs or same_key(field, ours, theirs, region):
            continue
        if _says_something(field, ours):
            writes[field] = ours
        elif _says_something(field, theirs):
            only_karbon.append(field)
    return FirstLink(writes, tuple(only_karbon))


def _says_something(field: Field, value: Value) -> bool:
    """Whether a value may overwrite another: not when empty, blank as " " and "-" are, or a mere country."""
    text = value if isinstance(value, str) else "".join(value.parts()[:-1])
    if field is Field.NAME:
        return bool(spelling(text))  # a firm may be called "!!!"
    return any(map(str.isalnum, text))


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What the sync does with one Xero contact: link it to ``karbon``, or make a new one (``guess``)."""

    verdict: Verdict
    xero: XeroContact
    karbon: KarbonContact | None
    link: FirstLink | None
    guess: KindGuess | None

    @property
    def changes(self) -> dict[Field, tuple[Value, Value]]:
        """What it would change in an existing Karbon contact: field, value now, value then."""
        if not (self.karbon and self.link):
            return {}
        return {f: (self.karbon.contact.value(f), value) for f, value in self.link.karbon_writes.items()}

    @property
    def digest(self) -> str:
        """Changes whenever what would be done, or the values it rests on, change."""
        parts = [self.verdict.value, self.xero.id, *_texts(self.xero.contact)]
        if self.karbon and self.link:
            parts += [self.karbon.key, *_texts(self.karbon.contact), *sorted(self.link.karbon_writes)]
        if self.guess:
            parts.append(self.guess.kind.value)
        return hashlib.blake2b(msgspec.json.encode(parts), digest_size=8).hexdigest()


def _texts(contact: Contact) -> tuple[str, ...]:
    return (contact.name, contact.email, contact.phone, *contact.address.parts())


def plan_link(verdict: Verdict, xero: XeroContact, karbon: KarbonContact, region: str) -> PlannedRow:
    """Linking ``xero`` with ``karbon``: a full match, or a person's choice."""
    return PlannedRow(verdict, xero, karbon, first_link(xero.contact, karbon.contact, region), None)


def plan_new(xero: XeroContact, chosen: Kind | None = None) -> PlannedRow:
    """Making a Karbon contact from ``xero``; ``chosen`` is what a person said it becomes."""
    if chosen:
        return PlannedRow(Verdict.NEW, xero, None, None, KindGuess(chosen, 1.0, CHOSEN))
    guess = guess_kind(xero.contact.name, xero.first_name, xero.last_name, xero.company_number, xero.contact.email)
    return PlannedRow(Verdict.NEW, xero, None, None, guess)
