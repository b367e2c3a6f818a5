"""How edits are written: the premise, what must keep its bytes, what is refused, how many requests (engine.md 2.7)."""

from __future__ import annotations

from typing import Any

import pytest

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.states import Side
from xerosync_tui.services import failed, fields, overview

from .firm import CONTACTS, Firm
from .linked import (
    NEW_PHONE,
    OLD_PHONE,
    OTHER_PHONE,
    Client,
    asked_by,
    came_to_rest,
    conflicts,
    later,
    linked,
    sync_while,
)
from .linked import failed as failures

BAD_EMAIL = "nobody at home"
MORE: dict[str, Any] = {
    "Phones": [
        {"PhoneType": "DEFAULT", "PhoneNumber": "9000 1111", "PhoneAreaCode": "02", "PhoneCountryCode": "61"},
        {"PhoneType": "MOBILE", "PhoneNumber": "0400 000 001"},
        {"PhoneType": "FAX", "PhoneNumber": "9000 2222", "PhoneAreaCode": "02"},
        {"PhoneType": "DDI", "PhoneNumber": "9000 3333"},
    ],
    "Addresses": [
        {"AddressType": "STREET", "AddressLine1": "1 Door St", "City": "Perth", "AttentionTo": "The Boss"},
        {"AddressType": "POBOX", "AddressLine1": "PO Box 1", "City": "Sydney", "AttentionTo": "Accounts"},
    ],
    "ContactPersons": [
        {"FirstName": "Ann", "LastName": "Lee", "EmailAddress": "ann@acme.example", "IncludeInEmails": True}
    ],
    "FirstName": "Mary",
    "LastName": "Lee",
    "TaxNumber": "51 824 753 556",
    "CompanyNumber": "824753556",
    "AccountNumber": "ACME1",
    "ContactNumber": "firm-1",
    "BankAccountDetails": "062-000 1234",
    "DefaultCurrency": "AUD",
}


async def client_with_more(firm: Firm) -> Client:
    xero_id = firm.in_xero("Acme", "acme@client.example")
    firm.edit("update", xero_id, contact=MORE)
    await firm.first_sync()
    return Client(firm, xero_id, (await firm.links())[xero_id])


@pytest.mark.parametrize("partial_slots", ["keep", "clear"])
@pytest.mark.parametrize("json_null", ["keep", "clear"])
async def test_what_is_not_synced_keeps_its_bytes_in_xero(firm: Firm, partial_slots: str, json_null: str) -> None:
    """P8: whatever Xero does with slots that a write leaves out."""
    firm.xero.control("switches", partial_slots=partial_slots, json_null=json_null)
    client = await client_with_more(firm)
    before = client.xero()
    await client.in_karbon(name="Bravo", email="bravo@client.example", phone=NEW_PHONE, line1="PO Box 2", city="")
    await firm.sync()

    after = client.xero()
    default, box = {"PhoneType": "DEFAULT"}, {"AddressType": "POBOX"}
    slot = {**default, "PhoneNumber": NEW_PHONE, "PhoneAreaCode": "", "PhoneCountryCode": ""}
    assert slots(after, "Phones", but=default) == slots(before, "Phones", but=default)
    assert slots(after, "Addresses", but=box) == slots(before, "Addresses", but=box)
    assert [phone for phone in after["Phones"] if phone["PhoneType"] == "DEFAULT"] == [slot]
    [pobox] = [a for a in after["Addresses"] if a["AddressType"] == "POBOX"]
    assert (pobox["AddressLine1"], pobox["City"], pobox["AttentionTo"]) == ("PO Box 2", "", "Accounts")
    written = {"Name", "EmailAddress", "Phones", "Addresses", "UpdatedDateUTC"}
    assert {k: v for k, v in after.items() if k not in written} == {k: v for k, v in before.items() if k not in written}
    assert (after["Name"], after["EmailAddress"]) == ("Bravo", "bravo@client.example")
    await came_to_rest(firm)


def slots(stored: dict[str, Any], name: str, *, but: dict[str, str]) -> list[dict[str, str]]:
    """All phones or addresses but one; a part that is empty and one that is not there are the same."""
    [(kind, value)] = but.items()
    filled = [{part: text for part, text in slot.items() if text} for slot in stored[name] if slot[kind] != value]
    return sorted(filled, key=lambda slot: slot[kind])


async def test_only_the_fields_that_change_are_sent(firm: Firm) -> None:
    """P8: somebody's edit of another field, made while we write, is not in our way."""
    client = await client_with_more(firm)
    before = client.xero()
    await client.in_karbon(email="bravo@client.example")
    await firm.sync()
    after = client.xero()
    assert {k for k in after if after[k] != before[k]} == {"EmailAddress", "UpdatedDateUTC"}


async def test_what_is_not_synced_keeps_its_bytes_in_karbon(firm: Firm) -> None:
    """P8."""
    [client] = await linked(firm, "Acme")
    await client.in_karbon(other_phones="0400 000 001;0400 000 002", client_identifier="C1")
    before = await client.karbon()
    client.in_xero(Name="Bravo", EmailAddress="bravo@client.example")
    client.phone_in_xero(NEW_PHONE)
    client.address_in_xero(City="Perth", AttentionTo="Somebody")
    await firm.sync()
    after = await client.karbon()
    assert (after.contact.name, after.contact.phone, after.contact.address.city) == ("Bravo", NEW_PHONE, "Perth")
    for name in ("key", "kind", "kind_reason", "other_phones", "client_identifier", "contact_type"):
        assert getattr(after, name) == getattr(before, name)


async def test_an_edit_in_xero_between_plan_and_write_defers_that_contact_alone(firm: Firm) -> None:
    """P13, P4: the others go on; the next run sees both edits."""
    edited, other = await linked(firm, "Acme", "Bravo")
    for client in (edited, other):
        await client.in_karbon(phone=NEW_PHONE)
    result = await sync_while(firm, "Writing to Karbon", lambda: edited.phone_in_xero(OTHER_PHONE))
    assert (result.counts.deferred, result.counts.changed_in_xero) == (1, 1)
    assert await edited.both(Field.PHONE) == (OTHER_PHONE, NEW_PHONE)
    assert await other.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    await firm.sync()
    assert await conflicts(firm) == {edited.id: (Field.PHONE,)}


@pytest.mark.parametrize("op", ["archive", "delete", "gdpr"])
async def test_a_contact_that_ends_between_plan_and_write_is_not_written(firm: Firm, op: str) -> None:
    """P13: one vanished id fails a whole group in Xero; here it fails nobody else."""
    ended, other = await linked(firm, "Acme", "Bravo")
    for client in (ended, other):
        await client.in_karbon(phone=NEW_PHONE)
    result = await sync_while(firm, "Writing to Karbon", lambda: firm.edit(op, ended.id))
    assert (result.counts.deferred, result.counts.changed_in_xero) == (1, 1)
    assert await other.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    await firm.sync(full=True)
    assert list(await firm.links()) == [other.id]


async def test_an_edit_in_karbon_between_plan_and_write_defers_that_contact_alone(firm: Firm) -> None:
    """P13, P4, P6."""
    edited, other = await linked(firm, "Acme", "Bravo")
    for client in (edited, other):
        client.phone_in_xero(NEW_PHONE)
    result = await sync_while(firm, "Comparing", lambda: edited.in_karbon_meanwhile(phone=OTHER_PHONE))
    assert (result.counts.deferred, result.counts.changed_in_karbon) == (1, 1)
    assert await edited.both(Field.PHONE) == (NEW_PHONE, OTHER_PHONE)
    await firm.sync()
    assert await conflicts(firm) == {edited.id: (Field.PHONE,)}
    assert await other.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)


async def test_one_refused_record_is_failed_by_name_and_the_others_go_on(firm: Firm) -> None:
    """P16, P6: its base stays, and no run tries the same again by itself."""
    bad, good = await linked(firm, "Acme", "Bravo")
    base = await firm.rows(f"SELECT xero_email, karbon_email FROM link WHERE xero_id = '{bad.id}'")
    await bad.in_karbon(email=BAD_EMAIL)
    await good.in_karbon(email="new@bravo.example")
    result = await firm.sync()
    assert (result.counts.failed, result.counts.changed_in_xero, result.failed_records) == (1, 1, 1)
    assert await failures(firm) == {"Acme": "Xero refused the edit: Email address must be valid."}
    assert await bad.both(Field.EMAIL) == ("acme@client.example", BAD_EMAIL)
    assert await good.both(Field.EMAIL) == ("new@bravo.example", "new@bravo.example")
    assert await asked_by(firm) == ["GET"]
    assert "Acme" in await failures(firm)
    assert await firm.rows(f"SELECT xero_email, karbon_email FROM link WHERE xero_id = '{bad.id}'") == base


async def test_a_refused_edit_is_tried_again_after_a_change(firm: Firm) -> None:
    """P16."""
    [client] = await linked(firm, "Acme")
    await client.in_karbon(email=BAD_EMAIL)
    await firm.sync()
    await client.in_karbon(email="new@acme.example")
    await firm.sync()
    assert await client.both(Field.EMAIL) == ("new@acme.example", "new@acme.example")
    assert await failures(firm) == {}
    await came_to_rest(firm)


async def test_a_refused_edit_is_tried_again_by_a_person(firm: Firm) -> None:
    """P16: at once, and the answer says why it failed again."""
    [client] = await linked(firm, "Acme")
    firm.xero.control("switches", email_strict=True)
    await client.in_karbon(email="ann+tag@acme.example")
    await firm.sync()
    [failure] = await overview.failures(firm.program)
    [again] = (await failed.retry(firm.program, failure.id)).stays
    assert (again.name, "Email address must be valid" in again.reason) == ("Acme", True)
    firm.xero.control("switches", email_strict=False)
    assert (await failed.retry(firm.program, failure.id)).stays == ()
    assert await client.both(Field.EMAIL) == ("ann+tag@acme.example", "ann+tag@acme.example")
    assert await failures(firm) == {}
    await came_to_rest(firm)


async def test_a_failed_edit_that_was_taken_back_in_karbon_has_failed_no_more(firm: Firm) -> None:
    """P16."""
    [client] = await linked(firm, "Acme")
    await client.in_karbon(email=BAD_EMAIL)
    await firm.sync()
    await client.in_karbon(email="acme@client.example")
    await firm.sync()
    assert await failures(firm) == {}
    await came_to_rest(firm)


async def test_an_idle_run_is_one_request(firm: Firm) -> None:
    """P3."""
    [client] = await linked(firm, "Acme")
    await client.in_karbon(phone=NEW_PHONE)
    await firm.sync()
    later(firm, 600)
    result = await firm.sync()
    assert (result.kind, result.requests) == ("incremental", 1)
    assert await asked_by(firm) == ["GET"]


async def test_edits_go_in_groups_of_forty(firm: Firm) -> None:
    """One request to look, and a read and a write for each group."""
    firm.xero.control("limits", minute=None, day=None)
    for number in range(100):
        firm.in_xero(f"Client {number}")
    await firm.first_sync()
    clients = [Client(firm, *pair) for pair in (await firm.links()).items()]
    for client in clients[:85]:
        await client.in_karbon(phone=OLD_PHONE)
    assert await asked_by(firm) == ["GET", *["GET", "POST"] * 3]
    assert sum(bool(one["Phones"]) for one in firm.xero_contacts()) == 85


@pytest.mark.parametrize("trouble", ["refuse", "element_errors"])
async def test_a_choice_that_xero_did_not_take_stays_chosen(firm: Firm, trouble: str) -> None:
    """P4: the next sync tries again, as the person was told; nobody is asked a second time."""
    [client] = await linked(firm, "Acme")
    client.phone_in_xero(OTHER_PHONE)
    await client.in_karbon(phone=NEW_PHONE)
    await firm.sync()
    firm.xero.fault(trouble, CONTACTS, method="POST", times=3 if trouble == "refuse" else 1)
    assert (await fields.take(firm.program, client.id, {Field.PHONE: Side.KARBON})).later
    assert await conflicts(firm) == {}
    await firm.sync()
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
