"""Karbon's JSON, record by record."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from xerosync_tui.domain.contact import Contact, Field, KarbonContact, Kind
from xerosync_tui.remotes.karbon import wire
from xerosync_tui.remotes.karbon.slots import DEFAULT
from xerosync_tui.remotes.ports import Create

AT = "2026-01-02T03:04:05Z"
SECOND = 1_767_323_045


def row(key: str = "K1", **more: Any) -> dict[str, Any]:
    return {"ContactKey": key, "FullName": "Jane", "LastModifiedDateTime": AT, **more}


def page(*rows: Any, **more: Any) -> bytes:
    return json.dumps({"@odata.count": len(rows), "value": rows, **more}).encode()


def single(**more: Any) -> bytes:
    person = {"ContactKey": "K1", "FirstName": "Jane", "LastName": "Doe", "LastModifiedDateTime": AT}
    return json.dumps(person | more).encode()


def read(**more: Any) -> KarbonContact:
    return wire.read_single(single(**more), Kind.PERSON, "K1", DEFAULT).contact


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        (AT, SECOND * wire.TICKS),
        ("2026-01-02T03:04:05.1234567Z", SECOND * wire.TICKS + 1_234_567),
        ("2026-01-02T03:04:05.5", SECOND * wire.TICKS + 5_000_000),
        ("2026-01-02T03:04:05.123456789+00:00", SECOND * wire.TICKS + 1_234_567),
        ("2026-01-02T14:04:05+11:00", SECOND * wire.TICKS),
    ],
)
def test_times_in_seconds_and_with_seven_decimals(text: str, ticks: int) -> None:
    """karbon.md 2.3."""
    assert wire.ticks(text) == ticks


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-02T03:04:05Z", "2026-01-02", f"{AT} "])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        wire.ticks(text)


def test_rows_of_people_and_organizations() -> None:
    told = wire.read_page(page(row(EmailAddress="a@x", PhoneNumber=None, ContactType="Client")), Kind.PERSON)
    assert told.rows == (wire.Row("K1", Kind.PERSON, "Jane", "a@x", "", "Client", "", SECOND * wire.TICKS),)
    [one] = wire.read_page(
        page({"OrganizationKey": "O1", "FullName": "Acme", "UserDefinedIdentifier": "C1", "LastModifiedDateTime": AT}),
        Kind.ORGANIZATION,
    ).rows
    assert (one.key, one.kind, one.client_identifier) == ("O1", Kind.ORGANIZATION, "C1")


@pytest.mark.parametrize(
    ("bad", "record"),
    [
        (row("K2", FullName=["x"]), "K2"),
        (row("K2", LastModifiedDateTime="soon"), "K2"),
        ({"ContactKey": "K2", "FullName": "No time"}, "K2"),
        (row(""), "a row ("),
        (row(123), "a row ("),  # type: ignore[arg-type]
        ({"OrganizationKey": "K2", "LastModifiedDateTime": AT}, "a row ("),
        (None, "a row ("),
        ("text", "a row ("),
        (row("K2", EmailAddress="\ud800"), "K2"),
    ],
)
def test_one_bad_row_is_told_and_the_others_go_on(bad: Any, record: str) -> None:
    """P16."""
    told = wire.read_page(page(row("K1"), bad, row("K3")), Kind.PERSON)
    assert [one.key for one in told.rows] == ["K1", "K3"]
    [one] = told.bad
    assert one.record.startswith(record)
    assert one.reason.startswith("Karbon sent a contact that cannot be read: ")
    assert told.count == 3


def test_the_name_of_a_bad_row_is_told_where_it_has_one() -> None:
    [bad] = wire.read_page(page(row(ContactType=3)), Kind.PERSON).bad
    assert (bad.record, bad.name) == ("K1", "Jane")


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"value":[]}', b'{"value":{},"@odata.count":1}', b"[" * 100_000, b'{"value":"\\ud800"}'],
)
def test_what_is_no_list(body: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        wire.read_page(body, Kind.PERSON)


def test_a_person_has_no_full_name_of_its_own() -> None:
    """karbon.md 2.5; a suffix is not part of it."""
    assert read(MiddleName="van", LastName="der Berg", Suffix="Jr", FullName="x").contact.name == "Jane van der Berg"
    assert read(FirstName=None).contact.name == "Doe"


def test_the_primary_card_counts_else_the_first() -> None:
    first, second = ({"EmailAddresses": [email], "IsPrimaryCard": False} for email in ("1@x", "2@x"))
    assert read(BusinessCards=[first, second]).contact.email == "1@x"
    assert read(BusinessCards=[first, second | {"IsPrimaryCard": True}]).contact.email == "2@x"
    assert read(BusinessCards=[]).contact == read(BusinessCards=None).contact == read().contact == Contact("Jane Doe")


@pytest.mark.parametrize(
    "unset", [{}, {"ContactType": None, "MiddleName": None}, {"ContactType": "", "MiddleName": ""}]
)
def test_unset_texts_are_read_alike(unset: dict[str, Any]) -> None:
    assert read(**unset) == KarbonContact("K1", Kind.PERSON, Contact("Jane Doe"), version=SECOND * wire.TICKS)


@pytest.mark.parametrize(
    "bad",
    [
        {"ContactKey": "K2"},
        {"ContactKey": None},
        {"FirstName": 3},
        {"FirstName": "", "LastName": " "},
        {"LastModifiedDateTime": None},
        {"BusinessCards": {}},
        {"BusinessCards": [3]},
        {"BusinessCards": [{"PhoneNumbers": [3]}]},
        {"FirstName": "\ud800"},
    ],
)
def test_a_record_that_cannot_be_read(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read(**bad)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"a":' * 100_000])
def test_what_is_no_record(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        wire.read_single(body, Kind.PERSON, "K1", DEFAULT)


def test_the_whole_record_goes_back_but_for_what_may_not() -> None:
    """karbon.md 2.7: cards left out stay; a RestrictionLevel sent back may need a permission."""
    kept = {"ClientTeam": [{"a": 1}], "AccountingDetail": {"Notes": []}, "Novel": None, "UserDefinedIdentifier": "C1"}
    left_out = {"@odata.context": "x", "AvatarUrl": None, "RestrictionLevel": "Private", "BusinessCards": [{}]}
    record = wire.read_single(single(**kept, **left_out), Kind.PERSON, "K1", DEFAULT)
    assert wire.whole(record, {"ContactType": "Client"}) == {
        "ContactKey": "K1", "FirstName": "Jane", "LastName": "Doe", **kept, "ContactType": "Client",
    }  # fmt: skip


def test_a_card_goes_back_whole_with_its_owner() -> None:
    card = {"BusinessCardKey": "C", "Novel": [1], "IsPrimaryCard": True, "@odata.type": "x", "EmailAddresses": ["a"]}
    record = wire.read_single(single(BusinessCards=[card]), Kind.PERSON, "K1", DEFAULT)
    assert wire.card_with(record, {Field.EMAIL: "b"}, DEFAULT) == {
        "BusinessCardKey": "C", "Novel": [1], "IsPrimaryCard": True, "EmailAddresses": ["b"],
        "EntityType": "Contact", "EntityKey": "K1",
    }  # fmt: skip


def test_a_new_contact_is_sent_with_what_is_filled() -> None:
    person = Create(Kind.PERSON, Contact("Mary Ann van der Berg", "m@x"), {"contact_type": "Client"})
    assert wire.new(person, DEFAULT) == {
        "FirstName": "Mary",
        "MiddleName": "Ann",
        "LastName": "van der Berg",
        "ContactType": "Client",
        "BusinessCards": [{"EntityType": "Contact", "EmailAddresses": ["m@x"]}],
    }
    assert wire.new(Create(Kind.ORGANIZATION, Contact("Acme")), DEFAULT) == {"FullName": "Acme"}


def test_one_word_is_sent_with_an_empty_last_name() -> None:
    """Nothing is invented: a placeholder would come back as an edit."""
    assert wire.new(Create(Kind.PERSON, Contact("Madonna")), DEFAULT) == {
        "FirstName": "Madonna",
        "LastName": "",
    }
    assert wire.names(Kind.PERSON, "Madonna") == {"FirstName": "Madonna", "MiddleName": "", "LastName": ""}


@pytest.mark.parametrize("body", [b"", b"[]", b'{"ContactKey":3,"LastModifiedDateTime":"x"}', b"{}"])
def test_an_answer_without_a_key(body: bytes) -> None:
    assert wire.read_key(body, Kind.PERSON) == ""
