"""Xero's JSON, element by element (xero.md 2.4 and 2.6): read alike however it is spelled, bad ones by name."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from xerosync_tui.domain.contact import NO_ADDRESS, Address, Contact, XeroContact, XeroStatus
from xerosync_tui.remotes.ports import BadRecord, LedgerPage
from xerosync_tui.remotes.xero.wire import milliseconds, read_page

ID = "5a2f6f1e-0000-4000-8000-000000000001"
LEAST: dict[str, Any] = {
    "ContactID": ID,
    "Name": "Acme",
    "ContactStatus": "ACTIVE",
    "UpdatedDateUTC": "/Date(1503348544227+0000)/",
}
OPTIONAL = (
    "EmailAddress", "Phones", "Addresses", "IsCustomer", "IsSupplier", "FirstName", "LastName", "CompanyNumber",
    "ContactNumber", "MergedToContactID",
)  # fmt: skip


def page(*elements: Any, **envelope: Any) -> LedgerPage:
    return read_page(json.dumps({"Contacts": elements, **envelope}).encode())


def one(**changes: Any) -> XeroContact:
    """The contact with these members, which must be readable."""
    read = page({**LEAST, **changes})
    assert read.bad == ()
    return read.contacts[0]


def bad(element: Any) -> BadRecord:
    """What is said of an element that cannot be read; its neighbours must be read."""
    before, after = {**LEAST, "Name": "Before"}, {**LEAST, "Name": "After"}
    read = page(before, element, after)
    assert [contact.contact.name for contact in read.contacts] == ["Before", "After"]
    return read.bad[0]


def test_a_contact_in_full() -> None:
    read = one(
        EmailAddress="a@acme.example",
        Phones=[{"PhoneType": "DEFAULT", "PhoneNumber": "5550 1234", "PhoneAreaCode": "02", "PhoneCountryCode": "61"}],
        Addresses=[{"AddressType": "POBOX", "AddressLine1": "PO Box 1", "City": "Parramatta", "AttentionTo": "Ann"}],
        ContactStatus="ARCHIVED", IsCustomer=True, IsSupplier=False, FirstName="Ann", LastName="Lee",
        CompanyNumber="123", ContactNumber="C1", MergedToContactID="another", Balances={"unknown": [1, {}]},
    )  # fmt: skip
    assert read == XeroContact(
        ID, Contact("Acme", "a@acme.example", "+61 02 5550 1234", Address("PO Box 1", city="Parramatta")),
        XeroStatus.ARCHIVED, 1503348544227, True, False, "Ann", "Lee", "999", "C1", "another",
    )  # fmt: skip


@pytest.mark.parametrize("member", OPTIONAL)
def test_absent_null_and_empty_are_one(member: str) -> None:
    empty: Any = {"Phones": [], "Addresses": [], "IsCustomer": False, "IsSupplier": False}.get(member, "")
    assert one() == one(**{member: None}) == one(**{member: empty})


@pytest.mark.parametrize("unset", [{}, {"PhoneNumber": ""}, {"PhoneNumber": None, "PhoneAreaCode": None}])
def test_an_unset_phone_is_none(unset: dict[str, Any]) -> None:
    assert one(Phones=[{"PhoneType": "DEFAULT", **unset}]).contact.phone == ""


@pytest.mark.parametrize(
    ("parts", "phone"),
    [
        ({"PhoneNumber": "5550 1234"}, "5550 1234"),
        ({"PhoneNumber": "5550 1234", "PhoneAreaCode": "02"}, "02 5550 1234"),
        ({"PhoneNumber": "5550 1234", "PhoneAreaCode": "2", "PhoneCountryCode": "61"}, "+61 2 5550 1234"),
        ({"PhoneNumber": "5550 1234", "PhoneAreaCode": "2", "PhoneCountryCode": "+61"}, "+61 2 5550 1234"),
        ({"PhoneNumber": "5550 1234", "PhoneCountryCode": "AU"}, "AU 5550 1234"),
        ({"PhoneNumber": "+61 2 5550 1234", "PhoneAreaCode": "", "PhoneCountryCode": None}, "+61 2 5550 1234"),
    ],
)
def test_a_phone_is_joined_from_its_parts(parts: dict[str, Any], phone: str) -> None:
    assert one(Phones=[{"PhoneType": "DEFAULT", **parts}]).contact.phone == phone


@pytest.mark.parametrize("turned", [1, -1])
def test_slots_come_in_any_order_and_only_two_are_ours(turned: int) -> None:
    phones = [{"PhoneType": kind, "PhoneNumber": kind} for kind in ("DDI", "DEFAULT", "FAX", "MOBILE")]
    addresses = [{"AddressType": kind, "City": kind} for kind in ("STREET", "POBOX", "DELIVERY")]
    contact = one(Phones=phones[::turned], Addresses=addresses[::turned]).contact
    assert (contact.phone, contact.address) == ("DEFAULT", Address(city="POBOX"))


def test_other_slots_are_no_fallback() -> None:
    contact = one(
        Phones=[{"PhoneType": "MOBILE", "PhoneNumber": "1"}, {"PhoneType": "DEFAULT"}],
        Addresses=[{"AddressType": "STREET", "City": "Perth"}, {"AddressType": "POBOX"}],
    ).contact
    assert (contact.phone, contact.address) == ("", NO_ADDRESS)


@pytest.mark.parametrize(
    "name",
    [
        "two\nlines",
        "tab\there",
        "x" * 255,
        'quoted "name" \\ slash / \u00e9',
        "🙂👩‍👩‍👧",
        "שלום עולם",
        "nul\x00inside",
        "<b>&amp;",
    ],
)
def test_names_come_as_they_are(name: str) -> None:
    assert one(Name=name).contact.name == name
    assert read_page(json.dumps({"Contacts": [{**LEAST, "Name": name}]}, ensure_ascii=False).encode()) == page(
        {**LEAST, "Name": name}
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ContactStatus": "SUSPENDED"}, "SUSPENDED"),
        ({"ContactStatus": None}, "ContactStatus"),
        ({"EmailAddress": ["a@x"]}, "EmailAddress"),
        ({"Phones": {"PhoneType": "DEFAULT"}}, "Phones"),
        ({"Phones": [None]}, "Phones"),
        ({"Addresses": [{"AddressType": "POBOX", "City": 5}]}, "City"),
        ({"IsCustomer": "yes"}, "IsCustomer"),
        ({"UpdatedDateUTC": "2017-08-21T20:49:04"}, "not a date"),
        ({"UpdatedDateUTC": "/Date(x)/"}, "not a date"),
        ({"UpdatedDateUTC": 1503348544227}, "UpdatedDateUTC"),
        ({"UpdatedDateUTC": None}, "UpdatedDateUTC"),
        ({"UpdatedDateUTC": "/Date(99999999999999999999)/"}, "not a date"),
        ({"Name": ""}, "no name"),
        ({"Name": " \t\n"}, "no name"),
        ({"Name": "\u200b"}, "no name"),
    ],
)
def test_a_bad_element_is_told_by_id_and_reason(changes: dict[str, Any], said: str) -> None:
    told = bad({**LEAST, **changes})
    assert told.record == ID
    assert said in told.reason
    assert told.name == changes.get("Name", "Acme")


@pytest.mark.parametrize("missing", LEAST)
def test_what_every_contact_has_must_be_there(missing: str) -> None:
    assert missing in bad({name: value for name, value in LEAST.items() if name != missing}).reason


@pytest.mark.parametrize("element", [None, 5, "text", [], {}, {"ContactID": 123, "Name": ["x"]}])
def test_an_element_without_an_id_is_told_apart(element: Any) -> None:
    read = page(element, {**LEAST}, {"also": "bad"})
    assert len(read.contacts) == 1
    assert len({one.record for one in read.bad}) == 2
    assert all(one.record and one.name == "" for one in read.bad)


@pytest.mark.parametrize("text", [r"\ud800", r"a\udc00b", r"\ud83d\ud83d"])
def test_half_a_character_spoils_its_own_element_only(text: str) -> None:
    spoiled = json.dumps(LEAST).replace("Acme", text)
    read = read_page(f'{{"Contacts":[{spoiled},{json.dumps(LEAST)}],"pagination":{{"itemCount":2}}}}'.encode())
    assert [contact.contact.name for contact in read.contacts] == ["Acme"]
    assert [told.record for told in read.bad] == [ID]
    assert read.item_count == 2


def test_bytes_that_are_no_text_spoil_their_own_element_only() -> None:
    spoiled = json.dumps(LEAST).encode().replace(b"Acme", b"Acm\xe9")
    read = read_page(b'{"Contacts":[' + spoiled + b"," + json.dumps(LEAST).encode() + b"]}")
    assert (len(read.contacts), len(read.bad)) == (1, 1)


def test_a_reason_is_one_line() -> None:
    assert "\n" not in bad({**LEAST, "ContactStatus": "NO\nSUCH"}).reason
    assert "\n" not in bad({**LEAST, "UpdatedDateUTC": "NO\nDATE"}).reason


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("/Date(1503348544227+0000)/", 1503348544227),
        ("/Date(1503348544227)/", 1503348544227),
        ("/Date(1503348544227+1300)/", 1503348544227),
        ("/Date(-62135596800000+0000)/", -62135596800000),
        ("/Date(0-0500)/", 0),
    ],
)
def test_dates(text: str, value: int) -> None:
    assert milliseconds(text) == value


def test_pagination_is_read() -> None:
    read = page(LEAST, pagination={"page": 1, "pageSize": 1000, "pageCount": 3, "itemCount": 2001})
    assert (read.page_count, read.item_count) == (3, 2001)


def test_an_empty_list_is_a_page() -> None:
    assert page() == LedgerPage((), (), 0, 0)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"null", b'{"Contacts":null}', b'{"Contacts":[', b"<html>", b"\xff"]
)
def test_what_is_no_list_of_contacts_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        read_page(body)
