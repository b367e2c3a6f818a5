"""If-Modified-Since: its form, what it sees and what it does not (xero.md 2.2, 2.3)."""

from datetime import datetime, timedelta

import pytest

from .client import JSON, Controls, Xero, contacts, ids, moment, since_header
from .rows import row

STREET = [{"AddressType": "POBOX", "City": "Timaru"}]
DEFAULT = [{"PhoneType": "DEFAULT", "PhoneNumber": "555 0199"}]


def later(xero: Xero, sandbox: Controls) -> datetime:
    """A moment after every modification so far."""
    last = moment(xero.page(pageSize=1000, includeArchived="true")[-1]["UpdatedDateUTC"])
    sandbox.advance(minutes=10)
    return last + timedelta(minutes=5)


@row("2.3 name, email, phone, address, archive, merge loser", "2.2 If-Modified-Since (header)")
@pytest.mark.parametrize(
    "change",
    [
        {"Name": "Renamed Since"},
        {"EmailAddress": "since@example.com"},
        {"Phones": DEFAULT},
        {"Addresses": STREET},
        {"ContactStatus": "ARCHIVED"},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("by", ["api", "web app"])
def test_changes_are_seen(xero: Xero, sandbox: Controls, change: JSON, by: str) -> None:
    changed = xero.create("Changeable")
    since = later(xero, sandbox)
    assert xero.since(since) == []
    if by == "api":
        xero.update(changed, **change)
    elif "ContactStatus" in change:
        sandbox.edit("archive", id=changed)
    else:
        sandbox.edit("update", id=changed, contact=change)
    assert ids(xero.since(since)) == [changed]
    assert moment(xero.one(changed)["UpdatedDateUTC"]) >= since


@row("2.3 name, email, phone, address, archive, merge loser")
def test_an_archived_contact_needs_include_archived(xero: Xero, sandbox: Controls) -> None:
    archived = xero.create("Soon Gone")
    since = later(xero, sandbox)
    xero.update(archived, ContactStatus="ARCHIVED")
    assert xero.since(since, includeArchived="false") == []
    assert ids(xero.since(since)) == [archived]


@row("2.3 name, email, phone, address, archive, merge loser", "2.4 MergedToContactID", "2.1 merge")
def test_the_loser_of_a_merge_is_seen_as_archived(xero: Xero, sandbox: Controls) -> None:
    loser, survivor = xero.create("Twin A"), xero.create("Twin B")
    since = later(xero, sandbox)
    sandbox.edit("merge", loser=loser, survivor=survivor)
    seen = {contact["ContactID"]: contact for contact in xero.since(since)}
    assert (seen[loser]["ContactStatus"], seen[loser]["MergedToContactID"]) == ("ARCHIVED", survivor)
    assert xero.one(survivor)["ContactStatus"] == "ACTIVE"


@row("2.3 Balances, IsCustomer, IsSupplier")
@pytest.mark.parametrize(("op", "field"), [("customer", "IsCustomer"), ("supplier", "IsSupplier")])
def test_becoming_a_customer_or_supplier_is_not_seen(xero: Xero, sandbox: Controls, op: str, field: str) -> None:
    contact = xero.create("Blind Spot")
    before = xero.one(contact)
    since = later(xero, sandbox)
    sandbox.edit(op, id=contact, value=True)
    after = xero.one(contact)
    assert (before[field], after[field]) == (False, True)
    assert before["UpdatedDateUTC"] == after["UpdatedDateUTC"]
    assert xero.since(since) == []


@row("2.3 Balances, IsCustomer, IsSupplier")
def test_a_changed_balance_is_not_seen(xero: Xero, sandbox: Controls) -> None:
    """A raw patch of a field that has no part in UpdatedDateUTC must not move it either."""
    contact = xero.create("Blind Spot")
    since = later(xero, sandbox)
    balances = {"AccountsReceivable": {"Outstanding": 12.5, "Overdue": 0.0}}
    sandbox.edit("raw", id=contact, patch={"Balances": balances})
    assert xero.one(contact)["Balances"] == balances
    assert xero.since(since) == []


@row("2.3 answer when nothing changed (200 with empty list, or 304)")
@pytest.mark.parametrize(("value", "status"), [("empty", 200), ("304", 304)])
def test_nothing_changed(xero: Xero, sandbox: Controls, value: str, status: int) -> None:
    sandbox.switch(not_modified=value)
    since = since_header(later(xero, sandbox))
    answer = xero.get(page=1, headers=since)
    assert answer.status_code == status
    assert answer.content == b"" if status == 304 else answer.json()["Contacts"] == []


@row("2.3 boundary second inclusive?", "2.2 If-Modified-Since (header)")
@pytest.mark.parametrize("inclusive", [True, False])
def test_the_boundary_second(xero: Xero, sandbox: Controls, inclusive: bool) -> None:
    sandbox.switch(since_inclusive=inclusive)
    later(xero, sandbox)
    contact = xero.create("On the Second")
    second = moment(xero.one(contact)["UpdatedDateUTC"]).replace(microsecond=0)
    assert (ids(xero.since(second)) == [contact]) is inclusive
    assert ids(xero.since(second - timedelta(seconds=1))) == [contact]
    assert xero.since(second + timedelta(seconds=1)) == []


@row("2.2 If-Modified-Since (header)")
@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S+00:00", "%Y-%m-%dT%H:%M:%S.999"])
def test_the_header_is_utc_and_accurate_to_the_second(xero: Xero, sandbox: Controls, form: str) -> None:
    sandbox.switch(since_inclusive=True)
    later(xero, sandbox)
    contact = xero.create("Accurate")
    second = moment(xero.one(contact)["UpdatedDateUTC"])
    answer = xero.get(page=1, headers={"If-Modified-Since": second.strftime(form)})
    assert ids(contacts(answer)) == [contact]


@row("2.2 If-Modified-Since (header)")
def test_it_holds_for_unpaged_lists_too(xero: Xero, sandbox: Controls) -> None:
    since = later(xero, sandbox)
    contact = xero.create("Unpaged")
    assert ids(contacts(xero.get(headers=since_header(since)))) == [contact]


@row("3 412")
def test_a_header_that_is_no_date_is_412(xero: Xero) -> None:
    assert xero.get(page=1, headers={"If-Modified-Since": "yesterday"}).status_code == 412
