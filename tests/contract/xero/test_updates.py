"""POST: what an update changes, keeps and refuses (xero.md 2.1, 2.5)."""

from typing import Any
from uuid import uuid4

import pytest

from .client import JSON, Controls, Xero, address, contacts, ids, messages, phone, refusals
from .rows import row

ARCHIVED = (
    "The specified contact details matched an archived contact. "
    "Archived contacts cannot currently be edited via the API."
)
FILLED: JSON = {
    "FirstName": "Ann",
    "LastName": "Archer",
    "EmailAddress": "ann@example.com",
    "TaxNumber": "12-345",
    "Phones": [
        {"PhoneType": "DEFAULT", "PhoneNumber": "555 0100", "PhoneAreaCode": "3", "PhoneCountryCode": "64"},
        {"PhoneType": "MOBILE", "PhoneNumber": "555 0101"},
    ],
    "Addresses": [
        {"AddressType": "POBOX", "AddressLine1": "PO Box 1", "City": "Timaru"},
        {"AddressType": "STREET", "AddressLine1": "1 High St", "City": "Timaru"},
    ],
    "ContactPersons": [{"FirstName": "Bo", "LastName": "B", "EmailAddress": "bo@example.com"}],
}


@pytest.fixture
def filled(xero: Xero) -> str:
    """A contact with everything in it."""
    return xero.create("Filled", **FILLED)


def without_date(contact: JSON) -> JSON:
    """The contact without what every write changes."""
    return {key: value for key, value in contact.items() if key != "UpdatedDateUTC"}


@row("2.5 field omitted", "2.5 `Phones` or `Addresses` omitted", "2.5 update needs Name?")
def test_what_is_omitted_is_kept(xero: Xero, filled: str) -> None:
    before = without_date(xero.one(filled))
    after = without_date(xero.update(filled, EmailAddress="new@example.com"))
    assert after == before | {"EmailAddress": "new@example.com"}


@row("2.5 update needs Name?")
def test_an_element_without_id_and_name_is_refused(xero: Xero) -> None:
    (message,) = refusals(xero.post({"EmailAddress": "new@example.com"}))
    assert "name" in message.lower()


@row("2.5 `Phones` sent with only some types")
@pytest.mark.parametrize("value", ["keep", "clear"])
def test_slots_that_are_not_sent(xero: Xero, sandbox: Controls, filled: str, value: str) -> None:
    sandbox.switch(partial_slots=value)
    after = xero.update(
        filled,
        Phones=[{"PhoneType": "DDI", "PhoneNumber": "555 0102"}],
        Addresses=[{"AddressType": "POBOX", "City": "Oamaru"}],
    )
    assert phone(after, "DDI")[0] == "555 0102"
    assert phone(after, "MOBILE")[0] == ("555 0101" if value == "keep" else "")
    assert address(after, "POBOX")["City"] == "Oamaru"
    assert address(after, "STREET").get("City") == ("Timaru" if value == "keep" else None)


@row("2.5 `Phones` sent with only some types")
@pytest.mark.parametrize("value", ["keep", "clear"])
def test_all_four_slots_are_written_either_way(xero: Xero, sandbox: Controls, filled: str, value: str) -> None:
    sandbox.switch(partial_slots=value)
    before = xero.one(filled)
    after = xero.update(filled, Phones=before["Phones"], Addresses=before["Addresses"])
    assert without_date(after) == without_date(before)


@row("2.5 clear one phone")
def test_empty_strings_clear_a_phone(xero: Xero, filled: str) -> None:
    empty = {"PhoneType": "DEFAULT", "PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""}
    after = xero.update(filled, Phones=[empty])
    assert phone(after, "DEFAULT") == ("", "", "")
    assert phone(after, "MOBILE")[0] == "555 0101"


@row("2.5 clear one phone", "2.6 omitted names")
def test_an_empty_string_clears_a_field(xero: Xero, filled: str) -> None:
    assert not xero.update(filled, EmailAddress="").get("EmailAddress")


@row("2.5 JSON null")
@pytest.mark.parametrize("value", ["clear", "keep"])
def test_json_null(xero: Xero, sandbox: Controls, filled: str, value: str) -> None:
    sandbox.switch(json_null=value)
    phones = [{"PhoneType": "DEFAULT", "PhoneNumber": None}]
    after = xero.update(filled, EmailAddress=None, Phones=phones)
    kept = (after.get("EmailAddress") or "", phone(after, "DEFAULT")[0])
    assert kept == (("", "") if value == "clear" else ("ann@example.com", "555 0100"))
    assert after["Name"] == "Filled"


@row("2.5 `ContactPersons` sent")
def test_contact_persons_are_replaced_as_a_whole(xero: Xero, filled: str) -> None:
    after = xero.update(filled, ContactPersons=[{"FirstName": "Cy", "LastName": "C"}])
    assert [person["FirstName"] for person in after["ContactPersons"]] == ["Cy"]


@row("2.5 `ContactPersons: []`")
def test_an_empty_list_does_not_clear_contact_persons(xero: Xero, filled: str) -> None:
    assert [p["FirstName"] for p in xero.update(filled, ContactPersons=[])["ContactPersons"]] == ["Bo"]


@row("2.5 archive")
def test_archiving_is_an_update(xero: Xero, filled: str) -> None:
    before = without_date(xero.one(filled))
    assert without_date(xero.update(filled, ContactStatus="ARCHIVED")) == before | {"ContactStatus": "ARCHIVED"}


@row("2.5 edit or re-archive an archived contact", "2.5 un-archive (ContactStatus ACTIVE)")
@pytest.mark.parametrize("fields", [{"FirstName": "Edited"}, {"ContactStatus": "ARCHIVED"}])
def test_an_archived_contact_cannot_be_edited(xero: Xero, filled: str, fields: JSON) -> None:
    before = xero.update(filled, ContactStatus="ARCHIVED")
    assert refusals(xero.post({"ContactID": filled, **fields})) == [ARCHIVED]
    assert xero.one(filled) == before


@row("2.5 un-archive (ContactStatus ACTIVE)")
def test_only_the_web_app_restores(xero: Xero, sandbox: Controls, filled: str) -> None:
    xero.update(filled, ContactStatus="ARCHIVED")
    assert refusals(xero.post({"ContactID": filled, "ContactStatus": "ACTIVE"})) == [ARCHIVED]
    sandbox.edit("restore", id=filled)
    assert xero.one(filled)["ContactStatus"] == "ACTIVE"


@row("2.5 reuse the name of an archived contact")
def test_the_name_of_an_archived_contact_is_free(xero: Xero, filled: str) -> None:
    xero.update(filled, ContactStatus="ARCHIVED")
    renamed = xero.create("Other")
    assert xero.update(renamed, Name="Filled")["Name"] == "Filled"
    xero.update(renamed, ContactStatus="ARCHIVED")
    assert xero.create("Filled") not in (filled, renamed)


@row("2.5 ContactID that does not exist", "3 404")
@pytest.mark.parametrize("value", ["404", "element"])
def test_an_unknown_id(xero: Xero, sandbox: Controls, filled: str, value: str) -> None:
    sandbox.switch(unknown_id=value)
    sent = [{"ContactID": filled, "FirstName": "Bea"}, {"ContactID": str(uuid4()), "FirstName": "X"}]
    answer = xero.post(*sent, summarizeErrors="false")
    if value == "404":
        assert (answer.status_code, answer.content) == (404, b"")
    else:
        good, bad = contacts(answer)
        assert (good["StatusAttributeString"], bad["StatusAttributeString"]) == ("OK", "ERROR")
        assert messages(bad)
    assert xero.one(filled)["FirstName"] == ("Ann" if value == "404" else "Bea")


@row("2.5 GDPRREQUEST")
def test_a_contact_under_an_erasure_request_says_so(xero: Xero, sandbox: Controls, filled: str) -> None:
    sandbox.edit("gdpr", id=filled)
    assert xero.one(filled)["ContactStatus"] == "GDPRREQUEST"


@row("2.1 POST /Contacts")
def test_post_creates_and_updates(xero: Xero, filled: str) -> None:
    updated, created = contacts(xero.post({"ContactID": filled, "FirstName": "Bea"}, {"Name": "Brand New"}))
    assert (updated["ContactID"], updated["FirstName"]) == (filled, "Bea")
    assert xero.one(created["ContactID"])["Name"] == "Brand New"


@row("2.1 POST /Contacts")
@pytest.mark.parametrize("key", [{"Name": "Filled"}, {"Name": "New Name", "ContactNumber": "code-1"}])
@pytest.mark.parametrize("value", ["update", "refuse"])
def test_post_without_id_of_a_known_contact(xero: Xero, sandbox: Controls, filled: str, key: JSON, value: str) -> None:
    xero.update(filled, ContactNumber="code-1")
    sandbox.switch(post_without_id=value)
    answer = xero.post(key | {"FirstName": "Bea"})
    if value == "update":
        assert ids(contacts(answer)) == [filled]
    else:
        assert refusals(answer)
    assert xero.one(filled)["FirstName"] == ("Bea" if value == "update" else "Ann")


@row("2.1 POST /Contacts/{ContactID}")
def test_post_to_one_contact(xero: Xero, filled: str) -> None:
    body = {"Contacts": [{"FirstName": "Bea"}]}
    (updated,) = contacts(xero.send("POST", f"/Contacts/{filled}", json=body))
    assert (updated["ContactID"], updated["FirstName"]) == (filled, "Bea")
    assert xero.send("POST", f"/Contacts/{uuid4()}", json=body).status_code == 404


@row("2.1 body forms accepted")
@pytest.mark.parametrize("wrap", [lambda one: one, lambda one: {"Contacts": [one]}], ids=["bare", "list"])
def test_one_contact_may_come_bare(xero: Xero, filled: str, wrap: Any) -> None:
    assert contacts(xero.send("PUT", "/Contacts", json=wrap({"Name": "Bare"})))[0]["Name"] == "Bare"
    sent = wrap({"ContactID": filled, "FirstName": "Bea"})
    assert contacts(xero.send("POST", "/Contacts", json=sent))[0]["FirstName"] == "Bea"


@row("2.1 DELETE", "3 501")
@pytest.mark.parametrize("path", ["/Contacts", "/Contacts/{id}"])
def test_there_is_no_delete(xero: Xero, filled: str, path: str) -> None:
    assert xero.send("DELETE", path.replace("{id}", filled)).status_code == 501
    assert xero.one(filled)["ContactStatus"] == "ACTIVE"
