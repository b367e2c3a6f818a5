"""A contact of the built-in directory with everything it holds beside the synced fields, and its edits."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from xerosync_tui.domain.contact import ADDRESS_PARTS, NO_CONTACT, Contact, Field, KarbonContact, Kind, Value
from xerosync_tui.domain.normalise import spelling
from xerosync_tui.domain.person_name import PersonName, split

_NAME_PARTS = ("first_name", "middle_name", "last_name")
_WORDS = ("contact_type", "client_identifier")
EDITABLE = ("name", *_NAME_PARTS, "email", "phone", "other_phones", *ADDRESS_PARTS, *_WORDS)
_LISTS = ("typed_name", "other_phones")
OTHERS = ("kind", *_NAME_PARTS, *_LISTS, *_WORDS, "kind_reason", "kind_guess", "imported_as")
FOLLOWS = frozenset({"typed_name", "kind_reason", "kind_guess", "imported_as"})  # what nobody chooses by itself
_LONGEST = 255


class EditError(ValueError):
    """Raised when a value cannot stand in a contact. The message is one line that names field and reason."""


@dataclass(frozen=True, slots=True)
class DirectoryRecord:
    """A person or organization. ``contact.name`` is the full name; a person's parts are as typed or split.

    ``typed_name`` keeps first, middle and last name as a person last typed them, so that a full name which comes
    back (an undo) has its own parts again. ``imported_as`` is the identity of the row of a file that it came from.
    """

    key: str
    kind: Kind
    contact: Contact = NO_CONTACT
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    typed_name: tuple[str, ...] = ()
    other_phones: tuple[str, ...] = ()
    contact_type: str = ""
    client_identifier: str = ""
    kind_reason: str = ""
    kind_guess: int = 0  # percent, where the kind is a guess that nobody has looked at
    imported_as: str = ""
    version: int = 0
    whole: bool = True  # False: only a list of Karbon's API named it

    def as_karbon(self) -> KarbonContact:
        """The part of it that the sync sees."""
        return KarbonContact(self.key, self.kind, self.contact, self.contact_type, self.client_identifier, self.version)

    def as_texts(self) -> dict[str, str]:
        """Every field of EDITABLE as ``edited`` takes it."""
        contact = self.contact
        return {
            "name": contact.name,
            **{part: getattr(self, part) for part in _NAME_PARTS},
            "email": contact.email,
            "phone": contact.phone,
            "other_phones": "; ".join(self.other_phones),
            **{part: getattr(contact.address, part) for part in ADDRESS_PARTS},
            **{name: getattr(self, name) for name in _WORDS},
        }

    def with_values(self, values: Mapping[Field, Value]) -> DirectoryRecord:
        """The record with these synced fields; a person's new name has its typed parts, or is split by the rule."""
        changed = replace(self, contact=self.contact.with_values(dict(values)))
        if Field.NAME in values and self.kind is Kind.PERSON:
            typed = PersonName(*self.typed_name) if self.typed_name else None
            name = changed.contact.name
            parts = typed if typed and typed.full == name else split(name)
            return replace(changed, first_name=parts.first, middle_name=parts.middle, last_name=parts.last)
        return changed

    def others(self) -> dict[str, Any]:
        """What it holds beside the four synced fields, as JSON can keep it; without what is empty."""
        held = {name: getattr(self, name) for name in OTHERS}
        return {name: list(value) if name in _LISTS else value for name, value in held.items() if value}

    def with_others(self, others: Mapping[str, Any]) -> DirectoryRecord:
        """The record with these of what ``others`` names."""
        values: dict[str, Any] = {n: tuple(value) if n in _LISTS else value for n, value in others.items()}
        if "kind" in values:
            values["kind"] = Kind(values["kind"])
        return replace(self, **values)

    def written(self, values: Mapping[Field, Value], others: Mapping[str, Any]) -> DirectoryRecord:
        """The record with both. Where ``others`` names a part of the name, the parts it does not name stay."""
        named = others.keys() & set(_NAME_PARTS)
        parts = {part: getattr(self, part) for part in _NAME_PARTS if named}
        return self.with_values(values).with_others({**parts, **others})

    def as_kind(self, kind: Kind) -> DirectoryRecord:
        """The same contact as the other kind: a person's name gets parts, an organization's has none."""
        if kind is self.kind:
            return self
        if kind is Kind.ORGANIZATION:  # the typed parts stay: they come back if this is taken back
            return replace(self, kind=kind, first_name="", middle_name="", last_name="")
        return replace(self, kind=kind).with_values({Field.NAME: self.contact.name})

    def edited(self, changes: Mapping[str, str]) -> DirectoryRecord:
        """The record after a person's edit; keys are of EDITABLE, ``other_phones`` is parted by ``;``.

        Raises EditError for an unknown field, a name that would be empty, parts for an organization, a name
        beside its parts, over-long text, or control characters.
        """
        for field, text in changes.items():
            _check(field, text)
        record = self._with_name(changes)
        contact = record.contact.with_values(
            {f: changes[f.value] for f in (Field.EMAIL, Field.PHONE) if f.value in changes}
        )
        parts: dict[str, Any] = {part: changes[part] for part in ADDRESS_PARTS if part in changes}
        others: dict[str, Any] = {name: changes[name].strip() for name in _WORDS if name in changes}
        if "other_phones" in changes:
            phones = (phone.strip() for phone in changes["other_phones"].split(";"))
            others["other_phones"] = tuple(phone for phone in phones if phone)
        contact = replace(contact, address=replace(contact.address, **parts))
        return replace(record, contact=contact, **others)

    def _with_name(self, changes: Mapping[str, str]) -> DirectoryRecord:
        parts: dict[str, Any] = {part: changes[part].strip() for part in _NAME_PARTS if part in changes}
        if parts and self.kind is Kind.ORGANIZATION:
            raise EditError("an organization has a name, not first and last names")
        if parts and "name" in changes:
            raise EditError("give the full name or its parts, not both")
        record = self
        if "name" in changes:
            record = self.with_values({Field.NAME: changes["name"]})
        elif parts:
            record = replace(self, **parts)
            typed = (record.first_name, record.middle_name, record.last_name)
            full = PersonName(*typed).full
            _check("name", full)
            record = replace(record, typed_name=typed, contact=replace(record.contact, name=full))
        if not spelling(record.contact.name):
            raise EditError("a contact has a name")
        return record


EMPTY_OTHERS: dict[str, Any] = {name: [] if name in _LISTS else 0 if name == "kind_guess" else "" for name in OTHERS}


def differing_others(before: DirectoryRecord, after: DirectoryRecord) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the two hold differently beside the four synced fields: before, and after."""
    old, new = ({**EMPTY_OTHERS, **record.others()} for record in (before, after))
    names = [name for name in OTHERS if old[name] != new[name]]
    return {name: old[name] for name in names}, {name: new[name] for name in names}


def as_record(karbon: KarbonContact) -> DirectoryRecord:
    """What is known of a contact of Karbon's API; a person's name is parted by the rule."""
    parts = split(karbon.contact.name) if karbon.kind is Kind.PERSON else PersonName("", "", "")
    return DirectoryRecord(
        karbon.key,
        karbon.kind,
        karbon.contact,
        parts.first,
        parts.middle,
        parts.last,
        contact_type=karbon.contact_type,
        client_identifier=karbon.client_identifier,
        version=karbon.version,
        whole=karbon.whole,
    )


def _check(field: str, text: str) -> None:
    if field not in EDITABLE:
        raise EditError(f"there is no field {field!r}; fields are {', '.join(EDITABLE)}")
    if len(text) > _LONGEST:
        raise EditError(f"{field} is longer than {_LONGEST} characters")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text):
        raise EditError(f"{field} holds a control character or a line break")
