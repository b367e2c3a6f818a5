"""Applies one posted element to the ledger: create or update, or the reasons why not (xero.md 2.1, 2.4, 2.5)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from xerosync_tui.sandbox import rules
from xerosync_tui.sandbox.bodies import Element
from xerosync_tui.sandbox.contact import (
    ADDRESS_LENGTHS,
    NO_ID,
    PHONE_LENGTHS,
    TEXT_LENGTHS,
    Contact,
    Slots,
)
from xerosync_tui.sandbox.organisation import Organisation
from xerosync_tui.sandbox.rules import Switches

Change = tuple[Contact | None, Contact]
"""A contact before (None: it is new) and after."""


class UnknownContact(Exception):
    """Raised for a ContactID that does not exist."""


class Rejected(Exception):
    """Raised with the messages for a refused element."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


@dataclass(frozen=True, slots=True)
class Ledgerkeeper:
    """Writes to one organisation under the rules that the switches choose."""

    organisation: Organisation
    switches: Switches
    now_ms: int

    def create(self, element: Element) -> Change:
        """PUT: refuses what exists already, by ContactID, ContactNumber or Name. Raises Rejected."""
        if self._known_id(element) in self.organisation.contacts:
            raise Rejected("The contact already exists.")
        return self._save(None, element)

    def create_or_update(self, element: Element) -> Change:
        """POST: by ContactID; without one, a known number or name is updated or refused. Raises Rejected."""
        contact_id = self._known_id(element)
        if contact_id is None:
            wanted = None if self.switches["post_without_id"] == "refuse" else self._match(element)
            return self._save(wanted, element)
        found = self.organisation.contacts.get(contact_id)
        if found is None and self.switches["unknown_id"] == "element":
            raise Rejected("The contact was not found.")
        if found is None:
            raise UnknownContact(contact_id)
        return self._save(found, element)

    def active_named(self, name: str) -> Contact | None:
        """The active contact that holds this name; in Xero names are unique among active contacts."""
        exact = not self.switches["name_case_insensitive"]
        for contact in self.organisation.having("Name", name):
            same = contact.name == name if exact else contact.name.casefold() == name.casefold()
            if same and contact.status != "ARCHIVED":
                return contact
        return None

    def _known_id(self, element: Element) -> str | None:
        contact_id = str(element.get("ContactID") or NO_ID).lower()
        return None if contact_id == NO_ID else contact_id

    def _match(self, element: Element) -> Contact | None:
        if number := element.get("ContactNumber"):
            for contact in self.organisation.having("ContactNumber", number):
                return contact
        return self.active_named(element.get("Name", ""))

    def _save(self, old: Contact | None, element: Element) -> Change:
        if old is not None and old.status == "ARCHIVED":
            raise Rejected(rules.ARCHIVED_MESSAGE)
        if old is not None and old.status == "GDPRREQUEST":
            raise Rejected("The contact is under an erasure request and cannot be edited.")
        messages = [*rules.errors_of(element, self.switches), *self._conflicts(old, element)]
        if messages:
            raise Rejected(*messages)
        if self.switches["name_cleaned"] and "Name" in element:
            element = {**element, "Name": rules.tidy_name(element["Name"])}
        base = old or Contact(str(uuid.uuid4()), 0, {})
        revised = overlaid(base, element, keep=self.switches["partial_slots"] == "keep")
        return old, self.organisation.touch(revised, self.now_ms)

    def _conflicts(self, old: Contact | None, element: Element) -> list[str]:
        own_id = old.contact_id if old else None
        name = element.get("Name", old.name if old else "")
        if not name.strip():
            return [rules.NAMELESS_MESSAGE]
        messages = []
        holder = self.active_named(name)
        if holder is not None and holder.contact_id != own_id:
            messages.append(rules.taken_message(name))
        for field, message in (
            ("ContactNumber", "The Contact Number {} is already assigned to another contact."),
            ("AccountNumber", "The Account Number already exists. Please enter a different Account Number."),
        ):
            value = element.get(field)
            others = [c for c in self.organisation.having(field, value) if c.contact_id != own_id] if value else []
            if any(other.status == "ARCHIVED" for other in others) and field == "ContactNumber":
                messages.append(rules.ARCHIVED_MESSAGE)
            elif any(other.status != "ARCHIVED" for other in others):
                messages.append(message.format(value))
        return messages


def overlaid(base: Contact, element: Element, *, keep: bool = True) -> Contact:
    """`base` with what `element` sends over it.

    `keep` says whether types and parts that a sent Phones or Addresses leaves out stay as they were.
    """
    persons = element.get("ContactPersons") or base.persons  # an empty list does not clear (xero.md 2.5)
    return replace(
        base,
        text={**base.text, **{name: element[name] for name in TEXT_LENGTHS if name in element}},
        phones=_slots(base.phones, element.get("Phones"), "PhoneType", PHONE_LENGTHS, keep),
        addresses=_slots(base.addresses, element.get("Addresses"), "AddressType", ADDRESS_LENGTHS, keep),
        persons=tuple(_person(person) for person in persons),
        status=element.get("ContactStatus") or base.status,
    )


def _slots(old: Slots, sent: list[Element] | None, key: str, parts: Mapping[str, int], keep: bool) -> Slots:
    if sent is None:
        return old
    slots = {kind: dict(texts) for kind, texts in old.items()} if keep else {}
    for slot in sent:
        texts = slots.setdefault(slot[key], {})
        texts.update({part: slot[part] for part in parts if part in slot})
    return {kind: texts for kind, texts in slots.items() if any(texts.values())}


def without_nulls(element: Element, switches: Switches) -> Element:
    """`element` with its nulls read as "" and [] (json_null "clear"), or left out (json_null "keep")."""
    keep = switches["json_null"] == "keep"
    plain: Element = {}
    for name, value in element.items():
        if name in ("Phones", "Addresses"):
            kinds = ("PhoneType", "DEFAULT DDI FAX MOBILE") if name == "Phones" else ("AddressType", "STREET POBOX")
            parts = PHONE_LENGTHS if name == "Phones" else ADDRESS_LENGTHS
            if value is not None:
                plain[name] = [_slot_without_nulls(slot, keep) for slot in value]
            elif not keep:
                plain[name] = [{kinds[0]: kind, **dict.fromkeys(parts, "")} for kind in kinds[1].split()]
        elif value is not None or not keep:
            plain[name] = "" if value is None else value
    return plain


def _slot_without_nulls(slot: Element, keep: bool) -> Element:
    return {part: "" if text is None else text for part, text in slot.items() if text is not None or not keep}


def _person(person: Mapping[str, Any]) -> dict[str, Any]:
    text = {part: person.get(part) or "" for part in ("FirstName", "LastName", "EmailAddress")}
    return {**text, "IncludeInEmails": bool(person.get("IncludeInEmails"))}
