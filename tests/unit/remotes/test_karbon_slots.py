"""Which entries of a card are the synced ones, and that a write leaves all others alone."""

from __future__ import annotations

from typing import Any

import iso3166
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync_tui.domain.contact import Address, Contact, Field, Value
from xerosync_tui.remotes.karbon.slots import DEFAULT, Slots

STREET = Address(line1="12 Builder St", city="Parramatta", region="NSW", postal_code="2150", country="Australia")


def phone(label: str | None, number: str | None = "1", **more: Any) -> dict[str, Any]:
    return {"Number": number, "CountryCode": "AU", "Label": label, "PhoneNumberKey": f"{label} {number}", **more}


def address(label: str | None, lines: str = "12 Builder St", **more: Any) -> dict[str, Any]:
    return {"AddressLines": lines, "City": "Parramatta", "Label": label, "AddressKey": f"{label} {lines}", **more}


@pytest.mark.parametrize(
    ("phones", "read"),
    [
        ([phone("Home", "4"), phone("Mobile", "3"), phone("Office", "2"), phone("Work", "1")], "1"),
        ([phone("Home", "4"), phone("Mobile", "3"), phone("Office", "2")], "2"),
        ([phone("Home", "4"), phone("Mobile", "3")], "3"),
        ([phone("Work", "1"), phone("Work", "2")], "1"),
        ([phone("Work", " "), phone("Work", None), phone("Home", "4")], "4"),
        ([phone("work", "1")], "1"),
        ([phone("Fax"), phone("Other"), phone(None), phone("Billing")], ""),
        ([], ""),
        (None, ""),
    ],
)
def test_the_phone_by_label_then_by_order(phones: list[dict[str, Any]] | None, read: str) -> None:
    """karbon.md 2.6: no flag says which is the primary phone."""
    assert DEFAULT.read({"PhoneNumbers": phones}).phone == read


@pytest.mark.parametrize(
    ("labels", "read"),
    [
        (["Home", "Legal", "Physical", "Mailing"], "Mailing"),
        (["Home", "Legal", "Physical"], "Physical"),
        (["Home", "Legal"], "Legal"),
        (["Billing", None], ""),
    ],
)
def test_the_address_by_label(labels: list[str], read: str) -> None:
    addresses = [address(label, f"{label} street") for label in labels]
    assert DEFAULT.read({"Addresses": addresses}).address.line1 == (f"{read} street" if read else "")


def test_an_address_without_anything_is_none() -> None:
    blank = {"AddressLines": "", "City": None, "CountryCode": "", "Label": "Mailing"}
    assert DEFAULT.read({"Addresses": [blank, address("Physical", "x")]}).address.line1 == "x"


def test_the_first_email_counts() -> None:
    assert DEFAULT.read({"EmailAddresses": ["", "b@x.example", "c@x.example"]}).email == "b@x.example"


def test_another_rule() -> None:
    slots = Slots(phones=("Mobile",), addresses=("Legal",))
    card = {"PhoneNumbers": [phone("Work", "1"), phone("Mobile", "2")], "Addresses": [address("Mailing", "x")]}
    assert slots.read(card) == Contact(phone="2")
    written = slots.written(card, {Field.ADDRESS: STREET})
    assert [one["Label"] for one in written["Addresses"]] == ["Mailing", "Legal"]


def test_the_entry_that_was_read_is_replaced_and_nothing_else() -> None:
    """P8."""
    card = {
        "BusinessCardKey": "C",
        "RoleOrTitle": " Director ",
        "Novel": {"deep": [1, None]},
        "EmailAddresses": ["first@x.example", "Second@x.example "],
        "PhoneNumbers": [phone("Fax", "9"), phone("Mobile", "3"), phone("Work", "1", Novel=True), phone("Work", "2")],
        "Addresses": [address("Home"), address("Physical", Novel=1), address("Legal")],
    }
    values: dict[Field, Value] = {Field.EMAIL: "new@x.example", Field.PHONE: "5", Field.ADDRESS: STREET}
    written = DEFAULT.written(card, values)
    assert written == card | {
        "EmailAddresses": ["new@x.example", "Second@x.example "],
        "PhoneNumbers": [
            phone("Fax", "9"),
            phone("Mobile", "3"),
            {**phone("Work", "1", Novel=True), "Number": "5"},
            phone("Work", "2"),
        ],
        "Addresses": [
            address("Home"),
            {
                **address("Physical", Novel=1),
                "StateProvinceCounty": "NSW",
                "ZipCode": "2150",
                "CountryCode": "AU",
            },
            address("Legal"),
        ],
    }
    assert list(written) == list(card)
    assert DEFAULT.read(written) == Contact("", "new@x.example", "5", STREET)


def test_what_is_not_written_is_not_touched() -> None:
    card = {"EmailAddresses": ["a"], "PhoneNumbers": None, "Addresses": [address("Home")]}
    assert DEFAULT.written(card, {Field.EMAIL: "b"}) == card | {"EmailAddresses": ["b"]}


def test_a_new_entry_stands_behind_the_others_under_the_first_label() -> None:
    card = {"PhoneNumbers": [phone("Fax", "9")], "Addresses": []}
    written = DEFAULT.written(card, {Field.EMAIL: "a", Field.PHONE: "1", Field.ADDRESS: STREET})
    assert written["EmailAddresses"] == ["a"]
    assert written["PhoneNumbers"] == [phone("Fax", "9"), {"Number": "1", "Label": "Work"}]
    assert [one["Label"] for one in written["Addresses"]] == ["Mailing"]
    assert DEFAULT.read(written) == Contact("", "a", "1", STREET)


def test_clearing_takes_the_entry_away_and_no_other() -> None:
    card = {
        "EmailAddresses": ["a", "b"],
        "PhoneNumbers": [phone("Fax"), phone("Work")],
        "Addresses": [address("Home"), address("Mailing")],
    }
    written = DEFAULT.written(card, {Field.EMAIL: "", Field.PHONE: "", Field.ADDRESS: Address()})
    assert written == {"EmailAddresses": ["b"], "PhoneNumbers": [phone("Fax")], "Addresses": [address("Home")]}
    nothing = {"EmailAddresses": [], "PhoneNumbers": [phone("Fax")], "Addresses": []}
    assert DEFAULT.written(nothing, {Field.EMAIL: "", Field.PHONE: "", Field.ADDRESS: Address()}) == nothing


@pytest.mark.parametrize("code", [country.alpha2 for country in iso3166.countries])
def test_every_country_comes_back(code: str) -> None:
    """karbon.md 2.5: an ISO code there, a name in Xero."""
    read = DEFAULT.read({"Addresses": [address("Mailing", CountryCode=code)]}).address
    [written] = DEFAULT.written({"Addresses": [address("Mailing")]}, {Field.ADDRESS: read})["Addresses"]
    assert written["CountryCode"] == code


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("AU", "Australia"),
        ("GB", "United Kingdom"),
        ("US", "United States"),
        ("BO", "BO"),
        ("+61", "+61"),
        ("xx", "xx"),
    ],
)
def test_a_country_is_read_by_its_plain_name(code: str, name: str) -> None:
    assert DEFAULT.read({"Addresses": [address("Mailing", CountryCode=code)]}).address.country == name


@pytest.mark.parametrize(
    ("typed", "code"), [("australia", "AU"), ("UK", "GB"), ("NZL", "NZ"), ("Atlantis", "Atlantis"), ("", None)]
)
def test_a_country_is_written_by_its_code_and_an_unknown_one_as_typed(typed: str, code: str | None) -> None:
    [written] = DEFAULT.written({}, {Field.ADDRESS: Address(line1="x", country=typed)})["Addresses"]
    assert written["CountryCode"] == code


@given(st.lists(st.text("ab ", max_size=3), min_size=4, max_size=4))
def test_address_lines_come_back(lines: list[str]) -> None:
    sent = Address(*lines, city="x")
    assert DEFAULT.read(DEFAULT.written({}, {Field.ADDRESS: sent})).address == sent


def test_more_than_four_lines_are_kept_in_the_last() -> None:
    read = DEFAULT.read({"Addresses": [address("Mailing", "a\r\nb\nc\nd\ne")]}).address
    assert (read.line1, read.line2, read.line3, read.line4) == ("a", "b", "c", "d, e")


@pytest.mark.parametrize(("number", "country"), [("+64 9 123 4567", "NZ"), ("02 9000 0000", "AU"), ("+ ?", "AU")])
def test_a_number_with_its_own_country_code_does_not_keep_another(number: str, country: str) -> None:
    [written] = DEFAULT.written({"PhoneNumbers": [phone("Work")]}, {Field.PHONE: number})["PhoneNumbers"]
    assert (written["Number"], written["CountryCode"]) == (number, country)


@pytest.mark.parametrize(
    "card",
    [
        {"EmailAddresses": "a@x"},
        {"EmailAddresses": [{"Email": "a"}]},
        {"PhoneNumbers": {"Work": "1"}},
        {"PhoneNumbers": ["1"]},
        {"PhoneNumbers": [{"Number": 1, "Label": "Work"}]},
        {"PhoneNumbers": [{"Number": "1", "Label": 1}]},
        {"Addresses": [{"City": ["x"], "Label": "Mailing"}]},
    ],
)
def test_what_is_no_card_is_told(card: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="its "):
        DEFAULT.read(card)
