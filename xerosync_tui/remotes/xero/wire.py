"""Xero's JSON into our words, element by element: a bad record is one failed record, never a failed page.

Unset values are absent, null or empty, and slots come in any order (xero.md 2.6): all are read alike.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from xerosync_tui.domain.contact import NO_ADDRESS, Address, Contact, Field, Value, XeroContact, XeroStatus
from xerosync_tui.domain.kinds import number_shape
from xerosync_tui.domain.normalise import spelling
from xerosync_tui.remotes.http import quoted
from xerosync_tui.remotes.ports import BadRecord, LedgerOutcome, LedgerPage, LedgerRecord, Refused, Saved

_DATE = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_LAST_DATE = 253_402_300_799_999  # the year 9999: what a date of Python's and .NET's can be
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


class _Phone(msgspec.Struct):
    type: str | None = msgspec.field(name="PhoneType", default=None)
    number: str | None = msgspec.field(name="PhoneNumber", default=None)
    area: str | None = msgspec.field(name="PhoneAreaCode", default=None)
    country: str | None = msgspec.field(name="PhoneCountryCode", default=None)


class _Address(msgspec.Struct, rename="pascal"):
    address_type: str | None = None
    address_line1: str | None = None
    address_line2: str | None = None
    address_line3: str | None = None
    address_line4: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


class _Contact(msgspec.Struct):
    id: str = msgspec.field(name="ContactID")
    name: str = msgspec.field(name="Name")
    updated: str = msgspec.field(name="UpdatedDateUTC")
    status: XeroStatus = msgspec.field(name="ContactStatus")
    email: str | None = msgspec.field(name="EmailAddress", default=None)
    phones: list[_Phone] | None = msgspec.field(name="Phones", default=None)
    addresses: list[_Address] | None = msgspec.field(name="Addresses", default=None)
    is_customer: bool | None = msgspec.field(name="IsCustomer", default=None)
    is_supplier: bool | None = msgspec.field(name="IsSupplier", default=None)
    first_name: str | None = msgspec.field(name="FirstName", default=None)
    last_name: str | None = msgspec.field(name="LastName", default=None)
    company_number: str | None = msgspec.field(name="CompanyNumber", default=None)
    contact_number: str | None = msgspec.field(name="ContactNumber", default=None)
    merged_to: str | None = msgspec.field(name="MergedToContactID", default=None)


class _Pagination(msgspec.Struct, rename="camel"):
    page_count: int = 0
    item_count: int = 0


class _Envelope(msgspec.Struct):
    contacts: list[msgspec.Raw] = msgspec.field(name="Contacts")
    pagination: _Pagination = msgspec.field(default_factory=_Pagination)
    told_at: str = msgspec.field(name="DateTimeUTC", default="")


class _Label(msgspec.Struct):
    """What can still be told of a record that is not one."""

    id: object = msgspec.field(name="ContactID", default="")
    name: object = msgspec.field(name="Name", default="")


_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_decode_contact = msgspec.json.Decoder(_Contact).decode
_decode_label = msgspec.json.Decoder(_Label).decode


def read_page(body: bytes) -> LedgerPage:
    """A page of GET /Contacts. Raises msgspec.MsgspecError when the envelope is not one."""
    envelope = _envelope(body)
    contacts, bad = [], []
    for place, raw in enumerate(envelope.contacts, 1):
        try:
            contacts.append(_to_domain(_decode_contact(raw)))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            bad.append(_bad_record(raw, place, str(error)))
    pagination = envelope.pagination
    found = _DATE.fullmatch(envelope.told_at)
    told_at = int(found[1]) if found else 0
    return LedgerPage(tuple(contacts), tuple(bad), pagination.page_count, pagination.item_count, told_at)


def read_records(body: bytes) -> list[LedgerRecord]:
    """The contacts of an answer that can be read, each with its own bytes. Raises msgspec.MsgspecError."""
    found = []
    for raw in _envelope(body).contacts:
        try:
            found.append(LedgerRecord(_to_domain(_decode_contact(raw)), bytes(raw)))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            continue  # the pull tells of it by name
    return found


class _Message(msgspec.Struct, rename="pascal"):
    message: str = ""


class _Slot(msgspec.Struct, rename="pascal"):
    validation_errors: list[_Message] | None = None


class _Verdict(msgspec.Struct, rename="pascal"):
    """How an element of a write fared (xero.md 3); phones and addresses may carry errors of their own."""

    status_attribute_string: str | None = None
    has_validation_errors: bool | None = None
    validation_errors: list[_Message] | None = None
    phones: list[_Slot] | None = None
    addresses: list[_Slot] | None = None

    @property
    def refused(self) -> bool:
        return self.status_attribute_string == "ERROR" or bool(self.has_validation_errors) or any(self.messages())

    def messages(self) -> Iterator[str]:
        for place in (self, *(self.phones or ()), *(self.addresses or ())):
            yield from (error.message for error in place.validation_errors or ())


_decode_verdict = msgspec.json.Decoder(_Verdict).decode


def read_outcomes(body: bytes) -> list[LedgerOutcome]:
    """What became of each element of a write, by position. Raises msgspec.MsgspecError.

    What a refused element echoes is what was sent, not what is stored: only its messages are read (xero.md 2.6).
    """
    return [_outcome(raw) for raw in _envelope(body).contacts]


def _outcome(raw: msgspec.Raw) -> LedgerOutcome:
    try:
        verdict = _decode_verdict(raw)
        if not verdict.refused:
            return Saved(_to_domain(_decode_contact(raw)))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return Refused(f"Xero's answer about it cannot be read: {' '.join(str(error).split())}")
    return Refused(quoted("; ".join(dict.fromkeys(verdict.messages()))) or "Xero refused it without a reason")


def new(contact: Contact, marker: str) -> dict[str, Any]:
    """The element that creates a contact; ``marker`` is its ContactNumber, by which it is known again."""
    filled = {f: contact.value(f) for f in Field if contact.value(f)}
    return {"ContactNumber": marker, **_fields(filled, [], [])}


def changed(record: LedgerRecord, values: Mapping[Field, Value]) -> dict[str, Any]:
    """The element that writes ``values`` over a contact and leaves every other byte of it alone.

    Of phones and addresses all slots are sent as they were read: what a partial list does is unknown (xero.md 2.5).
    """
    held = msgspec.json.decode(record.raw)
    slots = (held.get("Phones") or [], held.get("Addresses") or [])
    return {"ContactID": record.contact.id, **_fields(values, *slots)}


def _fields(values: Mapping[Field, Value], phones: list[Any], addresses: list[Any]) -> dict[str, Any]:
    element: dict[str, Any] = {}
    for field, value in values.items():
        if isinstance(value, Address):
            names = ("AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4")
            parts = dict(zip((*names, "City", "Region", "PostalCode", "Country"), value.parts(), strict=True))
            element["Addresses"] = _with_slot(addresses, {"AddressType": "POBOX", **parts})
        elif field is Field.PHONE:
            parts = {"PhoneNumber": value, "PhoneAreaCode": "", "PhoneCountryCode": ""}
            element["Phones"] = _with_slot(phones, {"PhoneType": "DEFAULT", **parts})
        else:
            element["Name" if field is Field.NAME else "EmailAddress"] = value
    return element


def _with_slot(slots: list[dict[str, Any]], slot: dict[str, Any]) -> list[dict[str, Any]]:
    """``slots`` with this one laid over the one of its type. What null would do is unknown (xero.md 2.5): not sent."""
    kind = next(iter(slot))
    told = [{part: text for part, text in held.items() if text is not None} for held in slots]
    same = [held for held in told if held.get(kind) == slot[kind]]
    return [held for held in told if held.get(kind) != slot[kind]] + [{**(same[0] if same else {}), **slot}]


def _envelope(body: bytes) -> _Envelope:
    try:
        return _decode_envelope(body)
    except RecursionError as error:
        raise msgspec.DecodeError("it is nested too deeply") from error
    except msgspec.DecodeError:
        if not _SURROGATE.search(body):
            raise
        return _spoiled_envelope(body)


def _spoiled_envelope(body: bytes) -> _Envelope:
    """Half a surrogate pair fails the whole list in msgspec; json lets it through, and its element alone fails."""
    try:
        plain = json.loads(body)
        raw = [msgspec.Raw(json.dumps(element).encode()) for element in plain.pop("Contacts")]
        return _Envelope(raw, msgspec.convert(plain.get("pagination", {}), _Pagination))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise msgspec.DecodeError(f"not a list of contacts: {type(error).__name__}") from error


def milliseconds(text: str) -> int:
    """``/Date(1503348544227+0000)/`` as 1503348544227; the offset changes nothing (xero.md 2.6)."""
    found = _DATE.fullmatch(text)
    if not found or int(found[1]) > _LAST_DATE:
        raise ValueError(f"UpdatedDateUTC is not a date: {text[:40]!r}")
    return int(found[1])


def _to_domain(c: _Contact) -> XeroContact:
    if not c.id or not spelling(c.name):
        raise ValueError("it has no name" if c.id else "it has no ContactID")
    return XeroContact(
        id=c.id,
        contact=Contact(c.name, c.email or "", _phone(c.phones or []), _address(c.addresses or [])),
        status=c.status,
        updated=milliseconds(c.updated),
        is_customer=bool(c.is_customer),
        is_supplier=bool(c.is_supplier),
        first_name=c.first_name or "",
        last_name=c.last_name or "",
        company_number=number_shape(c.company_number or ""),
        contact_number=c.contact_number or "",
        merged_to=c.merged_to or "",
    )


def _phone(phones: list[_Phone]) -> str:
    """The DEFAULT slot, its parts joined: the web app fills one or all three (xero.md 2.4)."""
    for phone in phones:
        if phone.type == "DEFAULT":
            return _joined(phone)
    return ""


def _joined(phone: _Phone) -> str:
    """``+61 2 9000 1111``; a number that brings its own country code stands alone."""
    country, area, number = ((part or "").strip() for part in (phone.country, phone.area, phone.number))
    if number.startswith("+"):
        return number
    if country.isdigit():
        country = f"+{country.lstrip('0')}"  # 61, 0061
    return " ".join(part for part in (country, area, number) if part)


def _address(addresses: list[_Address]) -> Address:
    """The POBOX slot: the billing address (xero.md 2.4)."""
    for a in addresses:
        if a.address_type == "POBOX":
            return Address(
                a.address_line1 or "",
                a.address_line2 or "",
                a.address_line3 or "",
                a.address_line4 or "",
                a.city or "",
                a.region or "",
                a.postal_code or "",
                a.country or "",
            )
    return NO_ADDRESS


def _bad_record(raw: msgspec.Raw, place: int, reason: str) -> BadRecord:
    legible = _SURROGATE.sub(rb"\\ufffd", bytes(raw)).decode(errors="replace").encode()
    try:
        label = _decode_label(legible)
    except (msgspec.MsgspecError, RecursionError):
        label = _Label()
    # Without an id: its place, and its content, since every page has a third element.
    nameless = f"element {place} ({hashlib.sha256(legible).hexdigest()[:6]})"
    record = label.id if isinstance(label.id, str) and label.id else nameless
    name = label.name if isinstance(label.name, str) else ""
    return BadRecord(record, name, f"Xero sent a contact that cannot be read: {' '.join(reason.split())}")
