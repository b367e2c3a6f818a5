"""Karbon's JSON into our words, record by record: a bad one is one failed record, never a failed page.

Unset values are absent, null or empty (karbon.md 2.5): all are read alike.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from xerosync_tui.domain.contact import Contact, Field, KarbonContact, Kind, Value
from xerosync_tui.domain.person_name import PersonName, split
from xerosync_tui.remotes.karbon.slots import Slots
from xerosync_tui.remotes.ports import BadRecord, Create

TICKS = 10_000_000  # LastModifiedDateTime has seven decimals in single records, none in lists (karbon.md 2.3)
RESOURCE = {Kind.PERSON: "Contacts", Kind.ORGANIZATION: "Organizations"}  # karbon.md: the API's Contact is a person
ENTITY = {Kind.PERSON: "Contact", Kind.ORGANIZATION: "Organization"}

_DATE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)
# Not part of what a PUT takes. RestrictionLevel stays when left out, and sent it may need a permission (2.7).
_NOT_PUT = ("LastModifiedDateTime", "AvatarUrl", "RestrictionLevel", "ClientAccess", "Contacts", "BusinessCards")


@dataclass(frozen=True, slots=True)
class Row:
    """A list row (karbon.md 2.5). Which of several emails and phones it shows is unknown, so they only hint.

    ``modified`` is LastModifiedDateTime in ticks; in lists it is accurate to the second only.
    """

    key: str
    kind: Kind
    name: str
    email: str
    phone: str
    contact_type: str
    client_identifier: str
    modified: int


@dataclass(frozen=True, slots=True)
class RowPage:
    """A page of a list; ``count`` is what Karbon says the whole list holds, ``next_link`` is "" at the end."""

    rows: tuple[Row, ...]
    bad: tuple[BadRecord, ...]
    count: int
    next_link: str


@dataclass(frozen=True, slots=True)
class Record:
    """A contact as Karbon holds it right now; ``raw`` is its own form, for what a write must not touch."""

    contact: KarbonContact
    raw: Mapping[str, Any]


class _Envelope(msgspec.Struct):
    value: list[msgspec.Raw]
    count: int = msgspec.field(name="@odata.count")
    next_link: str | None = msgspec.field(name="@odata.nextLink", default=None)


class _Common(msgspec.Struct, rename="pascal"):
    last_modified_date_time: str
    contact_key: str | None = None
    organization_key: str | None = None
    full_name: str | None = None
    contact_type: str | None = None
    user_defined_identifier: str | None = None

    def key_of(self, kind: Kind) -> str:
        return (self.contact_key if kind is Kind.PERSON else self.organization_key) or ""


class _Row(_Common, rename="pascal"):
    email_address: str | None = None
    phone_number: str | None = None


class _Single(_Common, rename="pascal"):
    first_name: str | None = None
    middle_name: str | None = None
    last_name: str | None = None
    business_cards: list[dict[str, Any]] | None = None

    def name_of(self, kind: Kind) -> str:
        """A single person has no FullName (karbon.md 2.5); a suffix is not part of the name."""
        if kind is Kind.ORGANIZATION:
            return self.full_name or ""
        return PersonName(self.first_name or "", self.middle_name or "", self.last_name or "").full


def read_page(body: bytes, kind: Kind) -> RowPage:
    """A page of a list (karbon.md 2.3, 2.5). Raises msgspec.MsgspecError when the envelope is not one."""
    envelope = _envelope(body)
    rows, bad = [], []
    for raw in envelope.value:
        try:
            rows.append(_row(msgspec.json.decode(raw, type=_Row), kind))
        except _UNREADABLE as error:
            bad.append(_bad_row(raw, kind, str(error)))
    return RowPage(tuple(rows), tuple(bad), envelope.count, envelope.next_link or "")


def read_single(body: bytes, kind: Kind, key: str, slots: Slots) -> Record:
    """One record with its cards (karbon.md 2.5). Raises ValueError when it cannot be read, or is another one."""
    try:
        raw = msgspec.json.decode(body, type=dict[str, Any])
        single = msgspec.convert(raw, _Single)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
    if single.key_of(kind) != key:
        raise ValueError("it is another record than was asked for")
    card = primary_card(raw)
    values = slots.read(card) if card else Contact()
    name = single.name_of(kind)
    if not name.strip():
        raise ValueError("it has no name")
    contact = Contact(name, values.email, values.phone, values.address)
    karbon = KarbonContact(
        key,
        kind,
        contact,
        single.contact_type or "",
        single.user_defined_identifier or "",
        ticks(single.last_modified_date_time),
    )
    return Record(karbon, raw)


def primary_card(raw: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The card whose entries are synced: the primary one, else the first (karbon.md 2.5); None without cards."""
    cards: list[Mapping[str, Any]] = raw.get("BusinessCards") or []
    return next((card for card in cards if card.get("IsPrimaryCard") is True), cards[0] if cards else None)


def ticks(text: str) -> int:
    """``2026-01-02T03:04:05.1234567Z`` in ticks of 100 ns since the epoch (karbon.md 2.3). Raises ValueError."""
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError("LastModifiedDateTime is not a date")
    zone = "+00:00" if found[3] in (None, "Z") else found[3]
    seconds = int(datetime.fromisoformat(found[1] + zone).timestamp())
    return seconds * TICKS + int((found[2] or "0")[:7].ljust(7, "0"))


def names(kind: Kind, name: str) -> dict[str, str]:
    """What a name is in Karbon's fields: all a PATCH may carry beside (karbon.md 2.7).

    A person needs a first and a last name; a one-word name is sent with an empty last name, and whether Karbon
    takes that is unknown (karbon.md 2.14, 6): if it does not, the record is refused and nothing is invented.
    """
    if kind is Kind.ORGANIZATION:
        return {"FullName": name}
    parts = split(name)
    return {"FirstName": parts.first, "MiddleName": parts.middle, "LastName": parts.last}


def new(write: Create, slots: Slots) -> dict[str, Any]:
    """The document that makes a contact; its card comes without keys, as in Karbon's example (karbon.md 2.5)."""
    document: dict[str, Any] = {name: part for name, part in names(write.kind, write.contact.name).items() if part}
    if write.kind is Kind.PERSON:
        document.setdefault("LastName", "")
    if contact_type := write.others.get("contact_type"):
        document["ContactType"] = contact_type  # by its name (karbon.md 2.8)
    values: dict[Field, Value] = {f: write.contact.value(f) for f in Field if write.contact.value(f)}
    if values.keys() - {Field.NAME}:
        document["BusinessCards"] = [slots.written({"EntityType": ENTITY[write.kind]}, values)]
    return document


def whole(record: Record, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a PUT of the whole record: as it was read, but for ``changes``.

    What leaving a field out does is not stated; cards left out stay as they are (karbon.md 2.7).
    """
    return {**_without_annotations(record.raw, _NOT_PUT), **changes}


def card_with(record: Record, values: Mapping[Field, Value], slots: Slots) -> dict[str, Any]:
    """The primary card with these values, whole and with its owner: a PUT clears what is left out (karbon.md 2.7).

    Without ``BusinessCardKey`` where the record has no card yet.
    """
    contact = record.contact
    owner = {"EntityType": ENTITY[contact.kind], "EntityKey": contact.key}
    return {**slots.written(_without_annotations(primary_card(record.raw) or {}, ()), values), **owner}


@dataclass(frozen=True, slots=True)
class KarbonTenant:
    """A Karbon account: its key, and the names of its contact types, by which contacts carry them (karbon.md 2.8)."""

    key: str
    contact_types: tuple[str, ...]


class _ContactType(msgspec.Struct, rename="pascal"):
    name: str


class _Settings(msgspec.Struct, rename="pascal"):
    tenant_key: str
    contact_types: list[_ContactType | str] = []  # the guide shows plain texts, the spec objects (karbon.md 2.8)


def read_tenant(body: bytes) -> KarbonTenant:
    """The answer to GET /v3/TenantSettings (karbon.md 2.8). Raises ValueError when it is not one."""
    try:
        told = msgspec.json.decode(body, type=_Settings)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ValueError(str(error)) from error
    if not told.tenant_key:
        raise ValueError("it has no TenantKey")
    names = (one if isinstance(one, str) else one.name for one in told.contact_types)
    return KarbonTenant(told.tenant_key, tuple(dict.fromkeys(name for name in names if name.strip())))


def read_key(body: bytes, kind: Kind) -> str:
    """The key in the answer to a POST; "" where there is none to be read."""
    try:
        return msgspec.json.decode(body, type=_Common).key_of(kind)
    except _UNREADABLE:
        return ""


def _without_annotations(raw: Mapping[str, Any], others: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in raw.items() if not name.startswith("@odata.") and name not in others}


def _row(row: _Row, kind: Kind) -> Row:
    key = row.key_of(kind)
    if not key:
        raise ValueError("it has no key")
    if not (row.full_name or "").strip():
        raise ValueError("it has no name")
    return Row(
        key,
        kind,
        row.full_name or "",
        row.email_address or "",
        row.phone_number or "",
        row.contact_type or "",
        row.user_defined_identifier or "",
        ticks(row.last_modified_date_time),
    )


def _envelope(body: bytes) -> _Envelope:
    try:
        return msgspec.json.decode(body, type=_Envelope)
    except RecursionError as error:
        raise msgspec.DecodeError("it is nested too deeply") from error
    except msgspec.DecodeError:
        if not _SURROGATE.search(body):
            raise
    try:  # half a surrogate pair fails the whole list in msgspec; json lets it through, and its row alone fails
        plain = json.loads(body)
        plain["value"] = [msgspec.Raw(json.dumps(row).encode()) for row in plain["value"]]
        return _Envelope(plain["value"], int(plain["@odata.count"]), plain.get("@odata.nextLink"))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise msgspec.DecodeError(f"not a list: {type(error).__name__}") from error


def _bad_row(raw: msgspec.Raw, kind: Kind, reason: str) -> BadRecord:
    legible = _SURROGATE.sub(rb"\\ufffd", bytes(raw)).decode(errors="replace").encode()
    try:
        told = msgspec.json.decode(legible, type=dict[str, Any])
    except _UNREADABLE:
        told = {}
    key, name = told.get(f"{ENTITY[kind]}Key"), told.get("FullName")
    nameless = f"a row ({hashlib.sha256(legible).hexdigest()[:6]})"  # its place moves from page to page
    return bad_record(key if isinstance(key, str) and key else nameless, name if isinstance(name, str) else "", reason)


def bad_record(record: str, name: str, reason: str) -> BadRecord:
    """A record that cannot be read, with the reason in words."""
    return BadRecord(record, name, f"Karbon sent a contact that cannot be read: {' '.join(reason.split())}")
