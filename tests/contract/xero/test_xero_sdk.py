"""Xero's own SDK as a second client: what it does against Xero, it does against the sandbox."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from xero_python.accounting import AccountingApi, Address, Contact, Contacts, Phone
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token
from xero_python.exceptions import BadRequestException, NotFoundException, RateLimitException
from xero_python.identity import IdentityApi

from xerosync_tui.sandbox import SandboxServer

from .client import API, Controls, Xero
from .rows import row

TAKEN = "The contact name must be unique across all active contacts."


@pytest.fixture
def client(xero: Xero) -> Iterator[ApiClient]:
    """The SDK's client with a token from the sandbox's own flow."""
    made = ApiClient(
        Configuration(oauth2_token=OAuth2Token()),
        oauth2_token_getter=lambda: xero.token,
        oauth2_token_saver=lambda token: None,
    )
    yield made
    made.rest_client.pool_manager.clear()


@pytest.fixture
def accounting(client: ApiClient, server: SandboxServer) -> AccountingApi:
    """The SDK's Accounting API, pointed to loopback."""
    return AccountingApi(client, base_url=server.url + API)


def one(contact: Contact) -> Contacts:
    """A body of one contact."""
    return Contacts(contacts=[contact])


def test_lists_connections(client: ApiClient, server: SandboxServer, xero: Xero) -> None:
    listed = IdentityApi(client, base_url=server.url).get_connections()
    assert xero.tenant in {connection.tenant_id for connection in listed}
    assert {connection.tenant_type for connection in listed} <= {"ORGANISATION", "PRACTICE"}
    assert all(isinstance(connection.created_date_utc, datetime) for connection in listed)


def test_reads_the_organisation(accounting: AccountingApi, xero: Xero) -> None:
    (organisation,) = accounting.get_organisations(xero.tenant).organisations
    assert organisation.short_code.startswith("!")
    assert organisation.country_code
    assert organisation.base_currency


def test_lists(accounting: AccountingApi, xero: Xero) -> None:
    listed = accounting.get_contacts(xero.tenant).contacts
    assert len(listed) > 10
    assert all(contact.contact_id and contact.name for contact in listed)
    assert all(isinstance(contact.updated_date_utc, datetime) for contact in listed)


@row("2.2 includeArchived", "2.2 pagination (response)")
def test_pages(accounting: AccountingApi, xero: Xero) -> None:
    pages = [accounting.get_contacts(xero.tenant, page=number, page_size=9) for number in (1, 2)]
    assert [page.pagination.page for page in pages] == [1, 2]
    found = {contact.contact_id for page in pages for contact in page.contacts}
    assert len(found) == 18
    everything = accounting.get_contacts(xero.tenant, page=1, page_size=1000, include_archived=True)
    assert everything.pagination.item_count >= pages[0].pagination.item_count


def test_filters(accounting: AccountingApi, xero: Xero) -> None:
    created = [xero.create(name) for name in ("Filtered A", "Filtered B")]
    by_id = accounting.get_contacts(xero.tenant, i_ds=created, page=1).contacts
    assert {contact.contact_id for contact in by_id} == set(created)
    (named,) = accounting.get_contacts(xero.tenant, where='Name=="Filtered B"').contacts
    assert named.contact_id == created[1]
    found = accounting.get_contacts(xero.tenant, search_term="filtered", order="Name DESC", page=1).contacts
    assert [contact.name for contact in found] == ["Filtered B", "Filtered A"]
    assert accounting.get_contacts(xero.tenant, summary_only=True).pagination.page == 1


def test_creates_and_reads(accounting: AccountingApi, xero: Xero) -> None:
    contact = Contact(
        name="From the SDK",
        email_address="sdk@example.com",
        contact_number="sdk-1",
        phones=[Phone(phone_type="DEFAULT", phone_number="555 0100", phone_area_code="3")],
        addresses=[Address(address_type="POBOX", address_line1="PO Box 1", city="Timaru")],
    )
    (created,) = accounting.create_contacts(xero.tenant, one(contact)).contacts
    for key in (created.contact_id, "sdk-1"):
        (read,) = accounting.get_contact(xero.tenant, key).contacts
        assert (read.name, read.email_address) == ("From the SDK", "sdk@example.com")
        assert {p.phone_type: p.phone_number for p in read.phones}["DEFAULT"] == "555 0100"
        assert {a.address_type: a.city for a in read.addresses}["POBOX"] == "Timaru"


@row("2.5 update needs Name?")
def test_updates(accounting: AccountingApi, xero: Xero) -> None:
    created = xero.create("Updated by the SDK", FirstName="Ann")
    change = one(Contact(email_address="new@example.com"))
    (updated,) = accounting.update_contact(xero.tenant, created, change).contacts
    assert (updated.email_address, updated.first_name) == ("new@example.com", "Ann")
    change = one(Contact(contact_id=created, last_name="Archer"))
    (updated,) = accounting.update_or_create_contacts(xero.tenant, change).contacts
    assert (updated.last_name, updated.name) == ("Archer", "Updated by the SDK")


@row("3 with false")
def test_batches(accounting: AccountingApi, xero: Xero) -> None:
    sent = Contacts(contacts=[Contact(name="Good"), Contact(name="Bad", email_address="nonsense")])
    good, bad = accounting.create_contacts(xero.tenant, sent, summarize_errors=False).contacts
    assert (good.status_attribute_string, bad.status_attribute_string) == ("OK", "ERROR")
    assert bad.has_validation_errors is True
    assert [error.message for error in bad.validation_errors] == ["Email address must be valid."]
    good.email_address, sent.contacts[1].email_address = "good@example.com", "bad@example.com"
    changes = Contacts(contacts=[Contact(contact_id=good.contact_id, last_name="L"), sent.contacts[1]])
    results = accounting.update_or_create_contacts(xero.tenant, changes, summarize_errors=False).contacts
    assert [result.status_attribute_string for result in results] == ["OK", "OK"]


@row("3 summarizeErrors", "3 duplicate name")
def test_is_refused_a_duplicate_name(accounting: AccountingApi, xero: Xero) -> None:
    xero.create("Taken")
    with pytest.raises(BadRequestException) as refused:
        accounting.create_contacts(xero.tenant, one(Contact(name="Taken")))
    body = refused.value.error_data
    assert body["ErrorNumber"] == 10
    assert TAKEN in body["Elements"][0]["ValidationErrors"][0]["Message"]


@row("2.5 archive")
def test_archives(accounting: AccountingApi, xero: Xero) -> None:
    created = xero.create("Archived by the SDK")
    change = one(Contact(contact_status="ARCHIVED"))
    (archived,) = accounting.update_contact(xero.tenant, created, change).contacts
    assert archived.contact_status == "ARCHIVED"
    with pytest.raises(BadRequestException):
        accounting.update_contact(xero.tenant, created, one(Contact(first_name="Edited")))


@row("2.2 If-Modified-Since (header)")
def test_reads_what_was_modified_since(accounting: AccountingApi, xero: Xero, sandbox: Controls) -> None:
    sandbox.advance(minutes=20)
    since = datetime.now(UTC) + timedelta(minutes=10)
    assert accounting.get_contacts(xero.tenant, if_modified_since=since, page=1).contacts == []
    created = xero.create("Fresh")
    (fresh,) = accounting.get_contacts(xero.tenant, if_modified_since=since, page=1).contacts
    assert fresh.contact_id == created
    assert fresh.updated_date_utc > since


@row("3 Idempotency-Key")
def test_repeats_with_an_idempotency_key(accounting: AccountingApi, xero: Xero) -> None:
    body = one(Contact(name="Once"))
    twice = [accounting.create_contacts(xero.tenant, body, idempotency_key="sdk-key") for _ in range(2)]
    assert twice[0].contacts[0].contact_id == twice[1].contacts[0].contact_id


@row("2.6 404", "2.6 429")
def test_meets_404_and_429(accounting: AccountingApi, xero: Xero, sandbox: Controls) -> None:
    with pytest.raises(NotFoundException):
        accounting.get_contact(xero.tenant, "00000000-0000-0000-0000-000000000001")
    sandbox.fault("rate_concurrent")  # with a Retry-After the SDK's urllib3 would sit it out
    with pytest.raises(RateLimitException):
        accounting.get_contacts(xero.tenant)
