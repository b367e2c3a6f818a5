"""What is not synced keeps its bytes in Xero (promise P8), whichever way Xero treats what a request leaves out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from xerosync_tui.domain.contact import NO_ADDRESS, Address, Contact, Field, Value
from xerosync_tui.remotes.ports import GROUP, LedgerOutcome, Refused, Saved
from xerosync_tui.sandbox import contact as stored

from .subject import OverHttp

PHONES = {
    "DEFAULT": {"PhoneNumber": "5550 1234", "PhoneAreaCode": "02", "PhoneCountryCode": "61"},
    "DDI": {"PhoneNumber": "5550 0100", "PhoneAreaCode": "02"},
    "FAX": {"PhoneNumber": "7010 0199", "PhoneAreaCode": "03", "PhoneCountryCode": "61"},
    "MOBILE": {"PhoneNumber": "0491 570 006"},
}
ADDRESSES = {
    "POBOX": {"AttentionTo": "Accounts Payable", "AddressLine1": "PO Box 1", "City": "Perth", "Country": "Australia"},
    "STREET": {"AttentionTo": "Ann", "AddressLine1": "1 High St", "AddressLine4": "Rear", "PostalCode": "6000"},
}
TEXT = {
    "Name": "Acme Pty Ltd",
    "EmailAddress": "accounts@acme.example",
    "FirstName": "Ann",
    "LastName": "Lee",
    "ContactNumber": "C-1",
    "AccountNumber": "A-1",
    "CompanyNumber": "123",
    "TaxNumber": "12 345 678 901",
    "BankAccountDetails": "000000 12345678",
    "DefaultCurrency": "AUD",
}
PERSONS = ({"FirstName": "Bo", "LastName": "B", "EmailAddress": "bo@acme.example", "IncludeInEmails": True},)
NEW: dict[Field, Value] = {
    Field.NAME: "Beta Pty Ltd",
    Field.EMAIL: "",
    Field.PHONE: "+61 2 5550 9999",
    Field.ADDRESS: Address("Level 2", city="Perth", postal_code="6001"),
}
WRITES: list[dict[Field, Value]] = [
    *({field: value} for field, value in NEW.items()),
    {Field.PHONE: ""},
    {Field.ADDRESS: NO_ADDRESS},
    NEW,
]
# Both ways of each switch for a row of xero.md that is unknown.
UNKNOWN = [
    {"partial_slots": "keep", "json_null": "clear"},
    {"partial_slots": "clear", "json_null": "clear"},
    {"partial_slots": "clear", "json_null": "keep"},
]


def full(xero: OverHttp, first: str = "1") -> str:
    """A contact with everything in it; its id begins with ``first``: on even ones unset values are served empty."""
    id = f"{first}{str(uuid4())[1:]}"
    xero.keep(stored.Contact(id, 1_600_000_000_000, TEXT, PHONES, ADDRESSES, PERSONS, is_customer=True))
    return id


async def written(xero: OverHttp, id: str, values: dict[Field, Value]) -> LedgerOutcome:
    record = (await xero.port.read([id]))[id]
    [outcome] = await xero.port.update([(record, values)], "r1")
    return outcome


def expected(values: dict[Field, Value]) -> dict[str, Any]:
    """What Xero must hold after these were written over the full contact."""
    text, phones, addresses = dict(TEXT), dict(PHONES), dict(ADDRESSES)
    for field, value in values.items():
        if isinstance(value, Address):
            lines = {"AddressLine1": value.line1, "City": value.city, "PostalCode": value.postal_code}
            addresses["POBOX"] = {"AttentionTo": "Accounts Payable", **lines}
        elif field is Field.PHONE:
            phones["DEFAULT"] = {"PhoneNumber": value}
        else:
            text["Name" if field is Field.NAME else "EmailAddress"] = value
    return {"text": filled(text), "phones": slots(phones), "addresses": slots(addresses)}


def filled(parts: Any) -> dict[str, str]:
    return {name: text for name, text in parts.items() if text}


def slots(held: Any) -> dict[str, dict[str, str]]:
    """Slots with text in them, their parts with text in them: empty and missing are one (xero.md 2.6)."""
    return {kind: filled(parts) for kind, parts in held.items() if filled(parts)}


@pytest.mark.parametrize("first", ["0", "1"])
@pytest.mark.parametrize("values", WRITES, ids=lambda values: "-".join(values))
@pytest.mark.parametrize("unknown", UNKNOWN, ids=lambda unknown: "-".join(unknown.values()))
async def test_everything_else_keeps_its_bytes(
    xero: OverHttp, unknown: dict[str, str], values: dict[Field, Value], first: str
) -> None:
    """xero.md 2.4 Phone, Address (AttentionTo), STREET, TaxNumber, ContactPersons[]; 2.5 field omitted,
    `Phones` sent with only some types, JSON null, `ContactPersons` sent; 2.6 slots.
    """
    xero.xero.control("switches", **unknown)
    id = full(xero, first)
    assert isinstance(await written(xero, id, values), Saved)
    held = xero.bytes_of(id)
    after = {"text": filled(held.text), "phones": slots(held.phones), "addresses": slots(held.addresses)}
    assert after == expected(values)
    assert (held.persons, held.status, held.is_customer) == (PERSONS, "ACTIVE", True)


async def test_slots_that_are_not_written_are_not_sent(xero: OverHttp) -> None:
    """xero.md 2.5 `Phones` or `Addresses` omitted: an edit in Xero since the read is not taken back with them."""
    id = full(xero)
    record = (await xero.port.read([id]))[id]
    mobile, street = {"PhoneType": "MOBILE", "PhoneNumber": "1"}, {"AddressType": "STREET", "City": "Perth"}
    xero.firm.edit("update", id, contact={"Phones": [mobile], "Addresses": [street]})
    before = xero.bytes_of(id)
    await xero.port.update([(record, {Field.EMAIL: "new@acme.example"})], "r1")
    after = xero.bytes_of(id)
    assert (after.phones, after.addresses) == (before.phones, before.addresses)


async def test_a_phone_in_three_parts_is_replaced_by_one_in_one(xero: OverHttp) -> None:
    """xero.md 2.4 Phone: an area code that stayed would make another number of it."""
    id = full(xero)
    assert (await xero.port.read([id]))[id].contact.contact.phone == "+61 02 5550 1234"
    outcome = await written(xero, id, {Field.PHONE: "08 5550 4321"})
    assert isinstance(outcome, Saved) and outcome.contact.contact.phone == "08 5550 4321"
    assert (await xero.port.read([id]))[id].contact.contact.phone == "08 5550 4321"


async def test_archiving_keeps_everything(xero: OverHttp) -> None:
    """xero.md 2.5 archive."""
    id = full(xero)
    before = xero.bytes_of(id)
    assert isinstance(await xero.port.archive((await xero.port.read([id]))[id], "r1"), Saved)
    after = xero.bytes_of(id)
    assert after == replace(before, status="ARCHIVED", updated_ms=after.updated_ms)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({Field.EMAIL: "nonsense"}, "Email address must be valid."),
        ({Field.NAME: ""}, "Contact name cannot be empty."),
        ({Field.NAME: "n" * 256}, "Name must not be more than 255"),
        ({Field.PHONE: "1" * 51}, "PhoneNumber must not be more than 50"),
        ({Field.ADDRESS: Address("1 High St", country="N3w Zealand")}, "letters only"),
        ({Field.ADDRESS: Address("a" * 501)}, "AddressLine1 must not be more than 500"),
    ],
)
async def test_what_xero_refuses_is_told_in_its_words_and_changes_nothing(
    xero: OverHttp, value: dict[Field, Value], said: str
) -> None:
    """xero.md 2.4 Name, EmailAddress, Phone, Address; 3 with false, nested errors; 2.6 refused element.

    In one request: asking again, element by element, would cost the day's calls.
    """
    good, bad = full(xero), xero.made(Contact("Beta"))
    xero.keep(replace(xero.bytes_of(good), text={**TEXT, "AccountNumber": ""}))
    before = xero.bytes_of(bad)
    records = await xero.port.read([good, bad])
    outcomes = await xero.port.update([(records[bad], value), (records[good], {Field.PHONE: "1"})], "r1")
    assert isinstance(outcomes[0], Refused) and said in outcomes[0].reason
    assert isinstance(outcomes[1], Saved) and outcomes[1].contact.id == good
    assert xero.bytes_of(bad) == before
    assert xero.sent("POST") == [200]


@pytest.mark.parametrize("answer", ["404", "element"])
@pytest.mark.parametrize("place", [0, 5, GROUP - 1])
async def test_one_that_vanished_does_not_take_the_others_with_it(xero: OverHttp, place: int, answer: str) -> None:
    """xero.md 2.5 ContactID that does not exist, 3 404: the whole request or the element, unknown which."""
    xero.xero.control("switches", unknown_id=answer)
    ids = [xero.made(Contact(f"Acme {number}")) for number in range(GROUP)]
    records = await xero.port.read(ids)
    xero.vanished(ids[place])
    outcomes = await xero.port.update([(records[id], {Field.PHONE: id[:8]}) for id in ids], "r1")
    assert [number for number, outcome in enumerate(outcomes) if isinstance(outcome, Refused)] == [place]
    left = {id: contact.phone for id, (contact, _) in xero.held().items()}
    assert left == {id: id[:8] for id in ids if id != ids[place]}


@pytest.mark.parametrize("limit", ["rate_minute", "rate_concurrent"])
async def test_a_limit_is_waited_out_and_the_write_done_once(xero: OverHttp, limit: str) -> None:
    """xero.md 2.6 429, 3 429, 4 Retry-After: nothing of a limited request is done, and no key is used up."""
    id = full(xero)
    record = (await xero.port.read([id]))[id]
    xero.xero.fault(limit, method="POST")
    [outcome] = await xero.port.update([(record, {Field.PHONE: "1"})], "r1")
    assert isinstance(outcome, Saved)
    assert xero.sent("POST") == [429, 200]
