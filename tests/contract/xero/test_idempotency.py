"""The Idempotency-Key header (xero.md 3)."""

import httpx2
import pytest

from .client import Controls, Xero, contacts, ids, refusals
from .rows import row

KEY = {"Idempotency-Key": "a-key"}
BODY = {"Name": "Once Only"}
IDEMPOTENCY = row("3 Idempotency-Key")


@IDEMPOTENCY
def test_the_same_request_is_answered_again_and_done_once(xero: Xero) -> None:
    first, second = xero.put(BODY, headers=KEY), xero.put(BODY, headers=KEY)
    assert ids(contacts(first)) == ids(contacts(second))
    assert len(xero.page(where='Name=="Once Only"')) == 1


@IDEMPOTENCY
def test_without_a_key_the_same_request_is_done_again(xero: Xero) -> None:
    contacts(xero.put(BODY))
    assert refusals(xero.put(BODY))


@IDEMPOTENCY
def test_a_key_works_for_updates(xero: Xero) -> None:
    contact = xero.create("Updated Once")
    change = {"ContactID": contact, "FirstName": "One"}
    contacts(xero.post(change, headers=KEY))
    xero.update(contact, FirstName="Two")
    contacts(xero.post(change, headers=KEY))
    assert xero.one(contact)["FirstName"] == "Two"


@IDEMPOTENCY
def test_another_body_method_or_url_under_the_same_key_is_400(xero: Xero) -> None:
    created = ids(contacts(xero.put(BODY, headers=KEY)))[0]
    assert xero.put({"Name": "Other"}, headers=KEY).status_code == 400
    assert xero.post(BODY, headers=KEY).status_code == 400
    assert xero.put(BODY, headers=KEY, summarizeErrors="false").status_code == 400
    path = f"/Contacts/{created}"
    assert xero.send("POST", path, json={"Contacts": [BODY]}, headers=KEY).status_code == 400
    assert xero.page(where='Name=="Other"') == []


@IDEMPOTENCY
def test_keys_are_kept_about_six_minutes(xero: Xero, sandbox: Controls) -> None:
    contacts(xero.put(BODY, headers=KEY))
    sandbox.advance(minutes=5)
    assert xero.put(BODY, headers=KEY).status_code == 200
    sandbox.advance(minutes=8)
    assert refusals(xero.put(BODY, headers=KEY))


@IDEMPOTENCY
def test_errors_are_kept_too(xero: Xero) -> None:
    holder = xero.create("Once Only")
    refused = refusals(xero.put(BODY, headers=KEY))
    xero.update(holder, Name="Out of the Way")
    assert refusals(xero.put(BODY, headers=KEY)) == refused
    assert xero.page(where='Name=="Once Only"') == []


@IDEMPOTENCY
@pytest.mark.parametrize(("length", "status"), [(128, 200), (129, 400)])
def test_a_key_has_at_most_128_characters(xero: Xero, length: int, status: int) -> None:
    assert xero.put(BODY, headers={"Idempotency-Key": "k" * length}).status_code == status


@IDEMPOTENCY
def test_a_key_is_ignored_on_reads(xero: Xero) -> None:
    before = ids(contacts(xero.get(headers=KEY)))
    created = xero.create("In Between")
    assert set(ids(contacts(xero.get(headers=KEY)))) == {*before, created}
    assert xero.put({"Name": "After a Read"}, headers=KEY).status_code == 200


@IDEMPOTENCY
def test_a_key_belongs_to_one_organisation(xero: Xero, other: Xero) -> None:
    first, second = xero.put(BODY, headers=KEY), other.put(BODY, headers=KEY)
    assert (first.status_code, second.status_code) == (200, 200)
    assert ids(contacts(first)) != ids(contacts(second))


@IDEMPOTENCY
def test_a_lost_reply_can_be_fetched_with_the_key(xero: Xero, sandbox: Controls) -> None:
    sandbox.fault("lost_reply", method="PUT", path="/api.xro/2.0/Contacts")
    with pytest.raises(httpx2.TransportError):
        xero.put(BODY, headers=KEY)
    again = contacts(xero.put(BODY, headers=KEY))
    assert ids(again) == ids(xero.page(where='Name=="Once Only"'))
