"""Shapes of the answers, as recorded (xero.md 2.6)."""

import re
from uuid import UUID

import pytest

from .client import JSON, Controls, Xero, contacts, moment
from .rows import row

WRITE_PHONES = ["DEFAULT", "DDI", "FAX", "MOBILE"]
READ_PHONES = ["DDI", "DEFAULT", "FAX", "MOBILE"]


def phone_types(contact: JSON) -> list[str]:
    """Phone slots in the order given."""
    return [slot["PhoneType"] for slot in contact["Phones"]]


def address_types(contact: JSON) -> list[str]:
    """Address slots in the order given."""
    return [slot["AddressType"] for slot in contact["Addresses"]]


@row("2.6 envelope")
def test_the_envelope(xero: Xero) -> None:
    single = xero.page()[0]["ContactID"]
    for answer, paged in (
        (xero.get(page=1), True),
        (xero.get(), False),
        (xero.send("GET", f"/Contacts/{single}"), False),
        (xero.put({"Name": "Enveloped"}), False),
    ):
        body = answer.json()
        expected = {"Id", "Status", "ProviderName", "DateTimeUTC", "Contacts"}
        assert body.keys() == expected | ({"pagination"} if paged else set())
        assert (body["Status"], str(UUID(body["Id"]))) == ("OK", body["Id"])
        assert body["ProviderName"]


@row("2.6 slots")
def test_all_slots_are_listed(xero: Xero) -> None:
    (created,) = contacts(xero.put({"Name": "Bare"}))
    for contact in [created, xero.one(created["ContactID"]), *xero.page(pageSize=1000)]:
        assert sorted(phone_types(contact)) == sorted(READ_PHONES)
        assert sorted(address_types(contact)) == ["POBOX", "STREET"]


@row("2.6 slots")
def test_unset_parts_are_missing_on_some_contacts_and_empty_on_others(xero: Xero) -> None:
    slots = [slot for contact in xero.page(pageSize=1000) for slot in contact["Phones"]]
    assert any(slot.get("PhoneNumber") == "" for slot in slots)
    assert any("PhoneNumber" not in slot for slot in slots)


@row("2.6 order of slots")
def test_write_replies_and_reads_order_slots_differently(xero: Xero) -> None:
    sent = [{"PhoneType": "MOBILE", "PhoneNumber": "1"}, {"PhoneType": "DEFAULT", "PhoneNumber": "2"}]
    (created,) = contacts(xero.put({"Name": "Ordered", "Phones": sent}))
    (updated,) = contacts(xero.post({"ContactID": created["ContactID"], "Phones": sent}))
    for reply in (created, updated):
        assert phone_types(reply) == WRITE_PHONES
        assert address_types(reply) == ["STREET", "POBOX"]
    listed = xero.page(pageSize=1000)
    assert all(phone_types(contact) == READ_PHONES for contact in listed)
    assert {tuple(address_types(contact)) for contact in listed} == {("STREET", "POBOX"), ("POBOX", "STREET")}


@row("2.6 refused element")
@pytest.mark.parametrize("sent", [[], [{"PhoneType": "MOBILE", "PhoneNumber": "1"}]])
def test_a_refused_element_has_the_slots_that_were_sent(xero: Xero, sent: list[JSON]) -> None:
    stored = {"PhoneType": "DEFAULT", "PhoneNumber": "555 0100"}
    contact = xero.create("Stored", Phones=[stored])
    wrong = {"ContactID": contact, "EmailAddress": "nonsense"} | ({"Phones": sent} if sent else {})
    (refused,) = contacts(xero.post(wrong, summarizeErrors="false"))
    assert [(slot["PhoneType"], slot["PhoneNumber"]) for slot in refused["Phones"]] == [
        (slot["PhoneType"], slot["PhoneNumber"]) for slot in sent
    ]
    assert refused["Addresses"] == []


@row("2.6 dates")
def test_dates_are_milliseconds(xero: Xero, sandbox: Controls) -> None:
    sandbox.advance(minutes=20)
    answer = xero.put({"Name": "Dated"})
    body = answer.json()
    assert re.fullmatch(r"/Date\(\d{13}\)/", body["DateTimeUTC"])
    assert re.fullmatch(r"/Date\(\d{13}\+0000\)/", body["Contacts"][0]["UpdatedDateUTC"])
    updated = moment(body["Contacts"][0]["UpdatedDateUTC"])
    assert 0 <= (moment(body["DateTimeUTC"]) - updated).total_seconds() < 5


@row("2.6 429", "3 429")
def test_a_429_has_no_body_and_no_type(xero: Xero, sandbox: Controls) -> None:
    sandbox.limits(minute=0)
    answer = xero.get()
    assert (answer.status_code, answer.content) == (429, b"")
    assert "content-type" not in answer.headers


@row("2.6 omitted names")
def test_unset_names_are_absent(xero: Xero) -> None:
    (reply,) = contacts(xero.put({"Name": "Bare"}))
    for contact in (reply, xero.one(reply["ContactID"])):
        names = {"FirstName", "LastName", "ContactNumber", "AccountNumber", "EmailAddress"}
        assert contact.keys().isdisjoint(names - {"EmailAddress"})
        assert not contact.get("EmailAddress")
    assert any("EmailAddress" not in contact for contact in [*xero.page(pageSize=1000), reply])
