"""Odd records of Xero: bad ones are told by name, blank values erase nothing, any name arrives as it is."""

from __future__ import annotations

from typing import Any

import pytest

from xerosync_tui.domain.contact import Address, Contact
from xerosync_tui.services import overview

from .firm import CONTACTS, Firm

EMAIL = "accounts@acme.example"
AWKWARD = [
    "x" * 255,
    "🙂 Café 👩‍👩‍👧",
    "שלום עולם",
    "two\nlines",
    "tab\there",
    "<b>Bold & Co</b>",
    'O\'Brien "Bill" \\',
]


async def test_one_malformed_contact_among_many(firm: Firm) -> None:
    """P16: told by name, the others go on; mended, it is imported, and no longer failed."""
    good = {firm.in_xero(f"Client {n}") for n in range(5)}
    spoiled = firm.in_xero("Spoiled Pty Ltd")
    firm.edit("raw", spoiled, patch={"ContactStatus": "SUSPENDED"})
    done = await firm.first_sync()

    [failure] = await overview.failures(firm.program)
    assert (failure.record, failure.name, failure.side) == (spoiled, "Spoiled Pty Ltd", "xero")
    assert "SUSPENDED" in failure.reason
    assert (done.failed_records, set(await firm.links())) == (1, good)

    firm.edit("raw", spoiled, patch={"ContactStatus": "ACTIVE"})
    firm.edit("update", spoiled, contact={})
    await firm.sync()
    assert set(await firm.links()) == {*good, spoiled}
    assert await overview.failures(firm.program) == []


async def test_an_element_that_is_no_contact_is_forgotten_when_it_is_gone(firm: Firm) -> None:
    ids = {firm.in_xero(f"Client {n}") for n in range(3)}
    firm.xero.fault("malformed_element", CONTACTS)
    await firm.preview()
    [failure] = await overview.failures(firm.program)
    assert failure.record.startswith("element 1")
    await firm.preview(full=True)
    assert await overview.failures(firm.program) == []
    await firm.sync()
    assert set(await firm.links()) == ids


async def test_a_bad_record_counts_once_however_often_it_was_read(firm: Firm) -> None:
    good = {firm.in_xero(f"Client {n}") for n in range(3)}
    spoiled = firm.in_xero("Spoiled Pty Ltd")
    firm.edit("raw", spoiled, patch={"ContactStatus": "SUSPENDED"})
    firm.xero.fault("drop_last", CONTACTS)  # and so it is read twice
    done = await firm.first_sync()
    assert (done.failed_records, set(await firm.links())) == (1, good)


@pytest.mark.parametrize(
    "patch",
    [
        {"EmailAddress": None},
        {"Phones": None, "Addresses": None},
        {"FirstName": None, "IsCustomer": None, "ContactNumber": None},
        {"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": None, "PhoneAreaCode": "", "PhoneCountryCode": None}]},
    ],
)
async def test_nulls_are_no_values(firm: Firm, patch: dict[str, Any]) -> None:
    x = firm.in_xero("Acme", "")
    firm.edit("raw", x, patch=patch)
    await firm.first_sync()
    [record] = (await firm.karbon()).values()
    assert record.contact == Contact("Acme")
    assert await overview.failures(firm.program) == []


@pytest.mark.parametrize("name", AWKWARD)
async def test_awkward_names_arrive_as_they_are(firm: Firm, name: str) -> None:
    full, new = firm.in_xero(name, EMAIL), firm.in_xero(f"{name[:250]} new")
    k = await firm.in_karbon("placeholder", EMAIL)
    await firm.edit_karbon(k, name=name.replace("\n", " ").replace("\t", " "))
    await firm.first_sync()
    links, karbon = await firm.links(), await firm.karbon()
    assert links[full] == k
    assert karbon[links[new]].contact.name == f"{name[:250]} new"
    assert {x.name for x in await clients(firm)} == {karbon[k].contact.name, f"{name[:250]} new"}


async def clients(firm: Firm) -> list[Contact]:
    return [client.contact for client in await overview.clients(firm.program)]


async def test_a_blank_value_of_xero_erases_nothing(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    firm.edit("raw", x, patch={"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": " "}]})
    k = await firm.in_karbon("Acme", EMAIL, "02 5550 1234")
    await firm.first_sync()
    assert (await firm.karbon())[k].contact.phone == "02 5550 1234"


@pytest.mark.parametrize("line", ["", "12 Builder St"])
async def test_a_mere_country_fills_and_replaces_no_address(firm: Firm, line: str) -> None:
    x = firm.in_xero("Acme", EMAIL, Addresses=[{"AddressType": "POBOX", "Country": "Australia"}])
    k = await firm.in_karbon("Acme", EMAIL)
    await firm.edit_karbon(k, line1=line)
    await firm.first_sync()
    assert await firm.links() == {x: k}
    assert (await firm.karbon())[k].contact.address == Address(line1=line)
