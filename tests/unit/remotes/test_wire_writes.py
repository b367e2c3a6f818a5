"""What is sent to Xero and how its verdicts are read (xero.md 2.5, 2.6 and 3), on awkward records and answers."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import msgspec
import pytest

from tests.records import ADDRESS
from tests.unit.remotes import test_session as sessions
from xerosync_tui.domain.contact import NO_ADDRESS, Address, Contact, Field, Value
from xerosync_tui.errors import RemoteRefused, RemoteUnreachable
from xerosync_tui.remotes.ports import LedgerOutcome, LedgerRecord, Refused, Saved
from xerosync_tui.remotes.xero.api import XeroLedger
from xerosync_tui.remotes.xero.session import XeroSession
from xerosync_tui.remotes.xero.wire import changed, new, read_outcomes, read_records

xero, session = sessions.xero, sessions.session  # fixtures

ID = "5a2f6f1e-0000-4000-8000-000000000001"
LEAST: dict[str, Any] = {
    "ContactID": ID,
    "Name": "Acme",
    "ContactStatus": "ACTIVE",
    "UpdatedDateUTC": "/Date(1503348544227+0000)/",
}
EMPTY_PHONE = {"PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""}
EMPTY_ADDRESS = {
    **dict.fromkeys(("AddressLine1", "AddressLine2", "AddressLine3", "AddressLine4"), ""),
    **dict.fromkeys(("City", "Region", "PostalCode", "Country"), ""),
}
NO = {"Message": "Xero says no."}


def record(**members: Any) -> LedgerRecord:
    """A contact as read with these members."""
    [one] = read_records(json.dumps({"Contacts": [{**LEAST, **members}]}).encode())
    return one


def sent(values: dict[Field, Value], **members: Any) -> dict[str, Any]:
    """The element that writes ``values`` over such a contact."""
    return changed(record(**members), values)


def outcome(**members: Any) -> LedgerOutcome:
    """What became of an element whose verdict has these members."""
    [one] = read_outcomes(json.dumps({"Contacts": [{**LEAST, **members}]}).encode())
    return one


# What is sent


def test_only_the_id_and_what_changes_is_sent() -> None:
    full = {
        "EmailAddress": "a@x.example",
        "TaxNumber": "1",
        "ContactPersons": [{"FirstName": "Bo"}],
        "IsCustomer": True,
    }
    phones, addresses = [{"PhoneType": "MOBILE", "PhoneNumber": "1"}], [{"AddressType": "STREET", "City": "Perth"}]
    members = {**full, "Phones": phones, "Addresses": addresses}
    assert sent({}, **members) == {"ContactID": ID}
    assert sent({Field.NAME: "B"}, **members) == {"ContactID": ID, "Name": "B"}
    assert sent({Field.EMAIL: ""}, **members) == {"ContactID": ID, "EmailAddress": ""}
    assert set(sent({Field.PHONE: "2"}, **members)) == {"ContactID", "Phones"}
    assert set(sent({Field.ADDRESS: ADDRESS}, **members)) == {"ContactID", "Addresses"}


@pytest.mark.parametrize("held", [{}, {"Phones": None}, {"Phones": []}, {"Phones": [{"PhoneType": "DEFAULT"}]}])
def test_a_phone_where_there_was_no_slot(held: dict[str, Any]) -> None:
    phones = sent({Field.PHONE: "02 5550 1234"}, **held)["Phones"]
    assert phones == [{"PhoneType": "DEFAULT", **EMPTY_PHONE, "PhoneNumber": "02 5550 1234"}]


@pytest.mark.parametrize(
    "held", [{}, {"Addresses": None}, {"Addresses": []}, {"Addresses": [{"AddressType": "POBOX"}]}]
)
def test_an_address_where_there_was_no_slot(held: dict[str, Any]) -> None:
    [slot] = sent({Field.ADDRESS: ADDRESS}, **held)["Addresses"]
    parts = {"City": "Parramatta", "Region": "NSW", "PostalCode": "2150", "Country": "Australia"}
    assert slot == {"AddressType": "POBOX", **EMPTY_ADDRESS, "AddressLine1": "12 Builder St", **parts}


def test_clearing_sends_empty_strings() -> None:
    held = {"PhoneType": "DEFAULT", "PhoneNumber": "1", "PhoneAreaCode": "02", "PhoneCountryCode": "61"}
    assert sent({Field.PHONE: ""}, Phones=[held])["Phones"] == [{"PhoneType": "DEFAULT", **EMPTY_PHONE}]
    box = {"AddressType": "POBOX", "AddressLine1": "PO Box 1", "AddressLine4": "Rear", "Country": "Australia"}
    assert sent({Field.ADDRESS: NO_ADDRESS}, Addresses=[box])["Addresses"] == [
        {"AddressType": "POBOX", **EMPTY_ADDRESS}
    ]


@pytest.mark.parametrize("turned", [1, -1])
def test_all_other_slots_are_sent_as_they_were_read_in_any_order(turned: int) -> None:
    phones = [
        {"PhoneType": "DDI", "PhoneNumber": "5550 0100", "PhoneAreaCode": "02"},
        {"PhoneType": "DEFAULT", "PhoneNumber": "1"},
        {"PhoneType": "FAX", "PhoneNumber": "", "Novel": "kept"},
        {"PhoneType": "MOBILE"},
    ][::turned]
    addresses = [
        {"AddressType": "STREET", "AddressLine1": "1 High St", "AttentionTo": "Ann", "Novel": ["kept"]},
        {"AddressType": "POBOX", "City": "Perth", "AttentionTo": "Accounts"},
    ][::turned]
    element = sent({Field.PHONE: "2", Field.ADDRESS: Address(city="Hobart")}, Phones=phones, Addresses=addresses)
    by_phone = {slot["PhoneType"]: slot for slot in element["Phones"]}
    by_address = {slot["AddressType"]: slot for slot in element["Addresses"]}
    assert len(element["Phones"]) == 4 and len(element["Addresses"]) == 2
    assert [by_phone[slot["PhoneType"]] for slot in phones if slot["PhoneType"] != "DEFAULT"] == [
        slot for slot in phones if slot["PhoneType"] != "DEFAULT"
    ]
    assert by_address["STREET"] in addresses
    assert by_phone["DEFAULT"] == {"PhoneType": "DEFAULT", **EMPTY_PHONE, "PhoneNumber": "2"}
    expected = {**EMPTY_ADDRESS, "City": "Hobart"}
    assert by_address["POBOX"] == {"AddressType": "POBOX", "AttentionTo": "Accounts", **expected}


def test_what_is_not_ours_in_our_slots_is_kept() -> None:
    held = {"PhoneType": "DEFAULT", "PhoneNumber": "1", "Novel": "kept"}
    assert sent({Field.PHONE: "2"}, Phones=[held])["Phones"][0]["Novel"] == "kept"
    box = {"AddressType": "POBOX", "City": "Perth", "AttentionTo": "Ann", "Novel": {"kept": 1}}
    [slot] = sent({Field.ADDRESS: ADDRESS}, Addresses=[box])["Addresses"]
    assert (slot["AttentionTo"], slot["Novel"], slot["City"]) == ("Ann", {"kept": 1}, "Parramatta")


def test_null_is_never_sent_back() -> None:
    """What Xero does with it is unknown (xero.md 2.5): a part that is unset is left out."""
    phones = [
        {"PhoneType": "MOBILE", "PhoneNumber": "1", "PhoneAreaCode": None, "PhoneCountryCode": None},
        {"PhoneType": "DEFAULT", "PhoneNumber": None, "Novel": None},
    ]
    addresses = [
        {"AddressType": "STREET", "City": "Perth", "AttentionTo": None, "Region": None},
        {"AddressType": "POBOX", "AttentionTo": None},
    ]
    element = sent({Field.PHONE: "2", Field.ADDRESS: ADDRESS}, Phones=phones, Addresses=addresses, EmailAddress=None)
    assert b"null" not in msgspec.json.encode(element)
    assert element["Phones"][0] == {"PhoneType": "MOBILE", "PhoneNumber": "1"}
    assert element["Addresses"][0] == {"AddressType": "STREET", "City": "Perth"}


def test_of_several_slots_of_a_type_one_is_left_which_is_the_one_that_was_read() -> None:
    boxes = [
        {"AddressType": "POBOX", "City": "First", "AttentionTo": "Ann"},
        {"AddressType": "STREET", "City": "Street"},
        {"AddressType": "POBOX", "City": "Second", "AttentionTo": "Bo"},
    ]
    one = record(Addresses=boxes)
    assert one.contact.contact.address.city == "First"
    element = changed(one, {Field.ADDRESS: Address(city="Hobart")})
    found = [(slot["AddressType"], slot["City"], slot.get("AttentionTo")) for slot in element["Addresses"]]
    assert sorted(found, key=str) == [("POBOX", "Hobart", "Ann"), ("STREET", "Street", None)]


def test_text_that_only_json_spells_comes_back_the_same() -> None:
    street = {"AddressType": "STREET", "AddressLine1": '"\\ \u2028 🙂 שלום\n', "City": "nul\x00"}
    element = sent({Field.ADDRESS: ADDRESS}, Addresses=[street])
    assert msgspec.json.decode(msgspec.json.encode(element))["Addresses"][0] == street


def test_a_list_with_half_a_character_in_it_still_gives_records_to_write_over() -> None:
    spoiled, mobile = {**LEAST, "Name": "\ud800"}, {"PhoneType": "MOBILE", "PhoneNumber": "🙂"}
    body = json.dumps({"Contacts": [spoiled, {**LEAST, "Phones": [mobile]}]}).encode()
    [one] = read_records(body)
    assert changed(one, {Field.PHONE: "2"})["Phones"][0] == mobile


def test_a_new_contact_has_its_marker_and_what_is_filled() -> None:
    assert new(Contact("Acme"), "XS1") == {"ContactNumber": "XS1", "Name": "Acme"}
    element = new(Contact("Acme", "a@x.example", "1", ADDRESS), "XS1")
    assert set(element) == {"ContactNumber", "Name", "EmailAddress", "Phones", "Addresses"}
    assert element["Phones"] == [{"PhoneType": "DEFAULT", **EMPTY_PHONE, "PhoneNumber": "1"}]
    assert [slot["AddressType"] for slot in element["Addresses"]] == ["POBOX"]


# What is answered


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"StatusAttributeString": "OK", "HasValidationErrors": False, "ValidationErrors": []},
        {"StatusAttributeString": "WARNING", "Warnings": [NO]},
        {"StatusAttributeString": None, "HasValidationErrors": None, "ValidationErrors": None},
        {"Phones": [{"PhoneType": "DEFAULT", "ValidationErrors": []}], "Addresses": [{"ValidationErrors": None}]},
    ],
)
def test_what_is_not_refused_is_saved(members: dict[str, Any]) -> None:
    assert outcome(**members) == Saved(record().contact)


@pytest.mark.parametrize(
    "members",
    [
        {"StatusAttributeString": "ERROR", "ValidationErrors": [NO]},
        {"HasValidationErrors": True, "ValidationErrors": [NO]},
        {"StatusAttributeString": "OK", "ValidationErrors": [NO]},
        {"StatusAttributeString": "ERROR", "Phones": [{"PhoneType": "DEFAULT", "ValidationErrors": [NO]}]},
        {"Phones": [{"PhoneType": "MOBILE"}, {"PhoneType": "DEFAULT", "ValidationErrors": [NO]}]},
        {"Addresses": [{"AddressType": "POBOX", "ValidationErrors": [NO]}]},
        {"StatusAttributeString": "ERROR", "ValidationErrors": [NO], "Phones": [{"ValidationErrors": [NO]}]},
    ],
)
def test_a_refusal_is_told_in_xeros_words_once(members: dict[str, Any]) -> None:
    assert outcome(**members) == Refused("Xero says no.")


def test_all_that_is_wrong_is_told() -> None:
    phone = {"PhoneType": "DEFAULT", "ValidationErrors": [{"Message": "Too long"}]}
    said = outcome(StatusAttributeString="ERROR", ValidationErrors=[NO, {"Message": "Bad\nemail"}], Phones=[phone])
    assert said == Refused("Xero says no.; Bad email; Too long")


@pytest.mark.parametrize("members", [{"StatusAttributeString": "ERROR"}, {"HasValidationErrors": True}])
def test_a_refusal_without_words_is_one(members: dict[str, Any]) -> None:
    assert outcome(**members) == Refused("Xero refused it without a reason")


@pytest.mark.parametrize(
    "echo",
    [
        {"ContactID": "00000000-0000-0000-0000-000000000000", "Phones": [], "Addresses": []},
        {"Name": None, "UpdatedDateUTC": None, "ContactStatus": "SUSPENDED"},
        {"Name": "What was sent", "EmailAddress": 5},
    ],
)
def test_what_a_refused_element_echoes_is_not_read(echo: dict[str, Any]) -> None:
    assert outcome(StatusAttributeString="ERROR", ValidationErrors=[NO], **echo) == Refused("Xero says no.")


@pytest.mark.parametrize(
    "members",
    [
        {"UpdatedDateUTC": "soon"},
        {"Name": ""},
        {"ContactStatus": "SUSPENDED"},
        {"Phones": {"PhoneType": "DEFAULT"}},
        {"ValidationErrors": "no"},
        {"Name": "\ud800"},
    ],
)
def test_an_element_that_cannot_be_read_is_not_saved_and_spoils_no_other(members: dict[str, Any]) -> None:
    """By position: what stands before and after it is told of the right contact."""
    elements = [{**LEAST, "Name": "Before"}, {**LEAST, **members}, {**LEAST, "Name": "After"}]
    first, spoiled, last = read_outcomes(json.dumps({"Contacts": elements}).encode())
    assert isinstance(spoiled, Refused) and "cannot be read" in spoiled.reason and "\n" not in spoiled.reason
    assert [one.contact.contact.name for one in (first, last) if isinstance(one, Saved)] == ["Before", "After"]


@pytest.mark.parametrize("element", ["null", "5", '"text"', "[]"])
def test_an_element_that_is_none_is_not_saved(element: str) -> None:
    [one] = read_outcomes(f'{{"Contacts":[{element}]}}'.encode())
    assert isinstance(one, Refused)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"Contacts":null}', b'{"Contacts":[', b"\xff"])
def test_what_is_no_list_of_verdicts_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(msgspec.MsgspecError):
        read_outcomes(body)


# What the ledger makes of it


def answer(*elements: dict[str, Any]) -> httpx2.Response:
    return httpx2.Response(200, json={"Contacts": elements})


@pytest.mark.parametrize("returned", [0, 1, 3])
async def test_an_answer_that_does_not_fit_is_nobodys(session: XeroSession, xero: sessions.Xero, returned: int) -> None:
    """Results go by position: with one missing they would be of the wrong contacts."""
    xero.answers = [answer(*[LEAST] * returned)]
    with pytest.raises(RemoteUnreachable, match="does not fit"):
        await XeroLedger(session).update([(record(), {Field.PHONE: "1"})] * 2, "r1")


@pytest.mark.parametrize("body", ['{"Contacts": 5}', "[]", "{}", '{"Contacts":['])
async def test_an_answer_that_is_no_list_leaves_the_outcome_unknown(
    session: XeroSession, xero: sessions.Xero, body: str
) -> None:
    xero.answers = [httpx2.Response(200, text=body)]
    with pytest.raises(RemoteUnreachable, match="answer"):
        await XeroLedger(session).create(Contact("Acme"), "XS1", "r1")


async def test_a_group_that_is_refused_as_a_whole_is_halved_under_keys_of_its_own(
    session: XeroSession, xero: sessions.Xero
) -> None:
    """A 400 for all (xero.md 3) is one element's fault; another body under the same key would be refused for that."""
    xero.answers = [sessions.refusal(400, Message="Bad"), answer(LEAST), sessions.refusal(400, Message="Bad")]
    outcomes = await XeroLedger(session).update([(record(), {Field.PHONE: "1"})] * 2, "r1")
    assert outcomes == [Saved(record().contact), Refused("Xero refused (HTTP 400): Bad")]
    keys = [request.headers["idempotency-key"] for request in xero.requests]
    assert keys[0] == "r1" and len(set(keys)) == 3


async def test_a_refusal_that_is_nobodys_fault_is_raised(session: XeroSession, xero: sessions.Xero) -> None:
    xero.answers = [sessions.refusal(412)]
    with pytest.raises(RemoteRefused) as raised:
        await XeroLedger(session).update([(record(), {Field.PHONE: "1"})] * 2, "r1")
    assert (raised.value.status, len(xero.requests)) == (412, 1)


async def test_a_vanished_id_that_fails_a_read_is_found_by_halves(session: XeroSession, xero: sessions.Xero) -> None:
    """Whether Xero answers 404 for all or leaves it out is not sure (engine.md 2.7)."""
    xero.answers = [httpx2.Response(404), answer({**LEAST, "ContactID": "a"}), httpx2.Response(404)]
    found = await XeroLedger(session).read(["a", "gone"])
    assert set(found) == {"a"}
    assert [request.url.params["IDs"] for request in xero.requests] == ["a,gone", "a", "gone"]


async def test_a_path_that_takes_the_marker_for_something_else_finds_nothing(
    session: XeroSession, xero: sessions.Xero
) -> None:
    xero.answers = [answer({**LEAST, "ContactNumber": "other"})]
    assert await XeroLedger(session).marked("XS1") is None
    xero.answers = [answer({**LEAST, "ContactNumber": "XS1"})]
    found = await XeroLedger(session).marked("XS1")
    assert found and found.id == ID
    assert xero.requests[-1].url.path == "/api.xro/2.0/Contacts/XS1"
