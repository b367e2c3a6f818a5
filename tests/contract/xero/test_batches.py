"""Several contacts in one request, and how errors are told (xero.md 3)."""

import pytest

from .client import JSON, Controls, Xero, contacts, ids, messages, refusals
from .rows import row

NOBODY = "00000000-0000-0000-0000-000000000000"
MIXED: tuple[JSON, ...] = (
    {"Name": "Batch One"},
    {"Name": "Batch Two", "EmailAddress": "nonsense", "ContactNumber": "key-2"},
    {"Name": "Batch Three"},
)


def taken(name: str) -> str:
    """Xero's words for a name that is in use."""
    return (
        f"The contact name {name} is already assigned to another contact. "
        "The contact name must be unique across all active contacts."
    )


@row("3 batch size")
def test_there_is_no_cap_on_elements(xero: Xero) -> None:
    sent = [{"Name": f"Many {number:03}"} for number in range(200)]
    assert [contact["Name"] for contact in contacts(xero.put(*sent))] == [one["Name"] for one in sent]


@row("3 batch size")
def test_a_request_has_at_most_3_5_megabytes(xero: Xero) -> None:
    filler = {"AddressType": "POBOX", "AddressLine1": "a" * 500}
    sent = [{"Name": f"Big {number}", "Addresses": [filler]} for number in range(7000)]
    answer = xero.put(*sent, unchecked="the reference does not say how it is refused")
    assert 400 <= answer.status_code < 500
    assert xero.page(where='Name=="Big 0"') == []


@row("3 summarizeErrors", "3 without", "3 400")
@pytest.mark.parametrize("parameters", [{}, {"summarizeErrors": "true"}, {"summarizeErrors": "True"}])
def test_by_default_one_refusal_refuses_the_request(xero: Xero, parameters: dict[str, str]) -> None:
    answer = xero.put(*MIXED, **parameters)
    assert refusals(answer) == ["Email address must be valid."]
    assert answer.json()["Message"] == "A validation exception occurred"
    (element,) = answer.json()["Elements"]
    assert (element["ContactID"], element["HasValidationErrors"]) == (NOBODY, True)
    assert {key: element[key] for key in MIXED[1]} == MIXED[1]


@row("3 summarizeErrors")
@pytest.mark.parametrize(("default", "status"), [(True, 400), (False, 200)])
def test_what_a_missing_parameter_means(xero: Xero, sandbox: Controls, default: bool, status: int) -> None:
    sandbox.switch(summarize_default=default)
    assert xero.put(*MIXED).status_code == status


@row("3 without")
@pytest.mark.parametrize("atomic", [True, False])
def test_whether_valid_siblings_of_a_refused_request_are_saved(xero: Xero, sandbox: Controls, atomic: bool) -> None:
    sandbox.switch(batch_atomic=atomic)
    refusals(xero.put(*MIXED))
    saved = sorted(contact["Name"] for contact in xero.page(searchTerm="Batch"))
    assert saved == ([] if atomic else ["Batch One", "Batch Three"])


@row("3 without")
@pytest.mark.parametrize("atomic", [True, False])
def test_whether_valid_siblings_of_a_refused_update_are_saved(xero: Xero, sandbox: Controls, atomic: bool) -> None:
    first, second = xero.create("First"), xero.create("Second")
    sandbox.switch(batch_atomic=atomic)
    refusals(xero.post({"ContactID": first, "LastName": "Saved"}, {"ContactID": second, "EmailAddress": "nonsense"}))
    assert xero.one(first).get("LastName") == (None if atomic else "Saved")


@row("3 with false", "3 matching results to inputs")
@pytest.mark.parametrize("spelling", ["false", "False"])
def test_with_false_each_element_has_its_own_result(xero: Xero, spelling: str) -> None:
    answer = xero.put(*MIXED, summarizeErrors=spelling)
    results = contacts(answer)
    assert [one["Name"] for one in results] == [one["Name"] for one in MIXED]
    assert [one["StatusAttributeString"] for one in results] == ["OK", "ERROR", "OK"]
    assert [bool(one.get("HasValidationErrors")) for one in results] == [False, True, False]
    assert [messages(one) for one in results] == [[], ["Email address must be valid."], []]
    assert results[1]["ContactNumber"] == "key-2"
    saved = {contact["Name"]: contact["ContactID"] for contact in xero.page(searchTerm="Batch")}
    assert saved == {one["Name"]: one["ContactID"] for one in (results[0], results[2])}


@row("3 matching results to inputs")
def test_updates_answer_in_the_order_sent(xero: Xero) -> None:
    order = ids(xero.page(pageSize=30))[::-1]
    answer = xero.post(*({"ContactID": one, "LastName": "Same"} for one in order), summarizeErrors="false")
    assert ids(contacts(answer)) == order


@row("3 duplicate name")
def test_a_duplicate_name(xero: Xero) -> None:
    xero.create("Buzz Lightyear")
    assert refusals(xero.put({"Name": "Buzz Lightyear"})) == [taken("Buzz Lightyear")]


@row("3 duplicate name")
def test_a_duplicate_name_within_the_batch(xero: Xero) -> None:
    first, second = contacts(xero.put({"Name": "Twin"}, {"Name": "Twin"}, summarizeErrors="false"))
    assert (first["StatusAttributeString"], second["StatusAttributeString"]) == ("OK", "ERROR")
    assert messages(second) == [taken("Twin")]


@row("3 duplicate name")
def test_names_cannot_be_swapped_in_one_request(xero: Xero) -> None:
    left, right = xero.create("Left"), xero.create("Right")
    swap = ({"ContactID": left, "Name": "Right"}, {"ContactID": right, "Name": "Left"})
    results = contacts(xero.post(*swap, summarizeErrors="false"))
    assert [one["StatusAttributeString"] for one in results] == ["ERROR", "ERROR"]
    assert (xero.one(left)["Name"], xero.one(right)["Name"]) == ("Left", "Right")


@row("3 nested errors")
@pytest.mark.parametrize(
    ("key", "slot"),
    [
        ("Phones", {"PhoneType": "MOBILE", "PhoneNumber": "1" * 51}),
        ("Addresses", {"AddressType": "STREET", "City": "c" * 256}),
    ],
)
def test_errors_of_a_slot_are_listed_in_the_slot(xero: Xero, key: str, slot: JSON) -> None:
    answer = xero.put({"Name": "Nested", key: [slot]})
    assert len(refusals(answer)) >= 1
    (element,) = answer.json()["Elements"]
    nested = [error for part in element[key] for error in part["ValidationErrors"]]
    assert nested
    assert element["HasValidationErrors"] is True


@row("3 400")
@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b'{"Contacts": 5}'])
def test_a_body_that_is_no_contact_is_400(xero: Xero, body: bytes) -> None:
    headers = xero.headers | {"Content-Type": "application/json"}
    answer = xero.http.put("/api.xro/2.0/Contacts", content=body, headers=headers)
    assert answer.status_code == 400


@row("3 501")
def test_a_method_that_is_not_implemented_is_501(xero: Xero) -> None:
    assert xero.send("PATCH", "/Contacts", json={}).status_code == 501
