"""Phones and addresses of a contact (xero.md 2.4, closing paragraphs and last table)."""

import pytest

from .client import PHONE_KEYS, Xero, address, phone, refusals
from .rows import row

LONGEST = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}
ADDRESS_LONGEST = {
    **{f"AddressLine{number}": 500 for number in (1, 2, 3, 4)},
    "City": 255,
    "Region": 255,
    "PostalCode": 50,
    "Country": 50,
    "AttentionTo": 255,
}


@row("2.4 Phone")
@pytest.mark.parametrize("kind", ["DEFAULT", "DDI", "MOBILE", "FAX"])
def test_each_phone_type_holds_one_number_in_three_parts(xero: Xero, kind: str) -> None:
    sent = {"PhoneType": kind, "PhoneNumber": "555 0199", "PhoneAreaCode": "3", "PhoneCountryCode": "+64"}
    created = xero.one(xero.create("Phoned", Phones=[sent]))
    assert phone(created, kind) == ("555 0199", "3", "+64")
    others = {"DEFAULT", "DDI", "MOBILE", "FAX"} - {kind}
    assert {phone(created, other) for other in others} == {("", "", "")}


@row("2.4 Phone")
def test_numbers_are_free_text(xero: Xero) -> None:
    sent = {"PhoneType": "DEFAULT", "PhoneNumber": "ask for Ann, ext. 5 (mornings)"}
    created = xero.one(xero.create("Phoned", Phones=[sent]))
    assert phone(created, "DEFAULT")[0] == "ask for Ann, ext. 5 (mornings)"


@row("2.4 Phone", "3 nested errors")
@pytest.mark.parametrize("part", PHONE_KEYS)
def test_phone_parts_have_a_maximum(xero: Xero, part: str) -> None:
    longest = {"PhoneType": "MOBILE", part: "1" * LONGEST[part]}
    created = xero.one(xero.create("Phoned", Phones=[longest]))
    assert phone(created, "MOBILE")[PHONE_KEYS.index(part)] == "1" * LONGEST[part]
    longest[part] += "1"
    assert refusals(xero.put({"Name": "Too Long", "Phones": [longest]}))


@row("2.4 Phone")
def test_contacts_have_no_office_phone(xero: Xero) -> None:
    listed = xero.page(pageSize=1000)
    assert {slot["PhoneType"] for contact in listed for slot in contact["Phones"]} == {
        "DEFAULT",
        "DDI",
        "FAX",
        "MOBILE",
    }


@row("2.4 POBOX", "2.4 STREET")
@pytest.mark.parametrize(("kind", "other"), [("POBOX", "STREET"), ("STREET", "POBOX")])
def test_both_addresses_are_kept_apart(xero: Xero, kind: str, other: str) -> None:
    parts = {
        **{f"AddressLine{number}": f"line {number}" for number in (1, 2, 3, 4)},
        "City": "Timaru",
        "Region": "Canterbury",
        "PostalCode": "7910",
        "Country": "New Zealand",
        "AttentionTo": "Ann",
    }
    created = xero.one(xero.create("Addressed", Addresses=[{"AddressType": kind, **parts}]))
    assert address(created, kind) == parts
    assert address(created, other) == {}


@row("2.4 DELIVERY")
def test_a_delivery_address_is_refused(xero: Xero) -> None:
    sent = {"AddressType": "DELIVERY", "City": "Timaru"}
    assert xero.put({"Name": "Delivered", "Addresses": [sent]}).status_code == 400


@row("2.4 Address", "3 nested errors")
@pytest.mark.parametrize("part", ADDRESS_LONGEST)
def test_address_parts_have_a_maximum(xero: Xero, part: str) -> None:
    longest = "a" * ADDRESS_LONGEST[part]
    sent = {"AddressType": "POBOX", part: longest}
    assert address(xero.one(xero.create("Addressed", Addresses=[sent])), "POBOX") == {part: longest}
    assert refusals(xero.put({"Name": "Too Long", "Addresses": [sent | {part: longest + "a"}]}))


@row("2.4 Address")
def test_a_country_has_letters_only(xero: Xero) -> None:
    sent = {"AddressType": "POBOX", "Country": "N3w Zealand"}
    assert refusals(xero.put({"Name": "Digits", "Addresses": [sent]}))
