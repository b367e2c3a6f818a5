"""The link of Karbon's own Xero integration (karbon.md 2.3)."""

import json

import pytest

from xerosync_tui.sandbox.karbon.clients import SHARED_EXTERNAL_KEY

from .client import Karbon, KarbonControls, refusal
from .rows import row

XERO = "8138a266-fb42-49b2-a104-014b7045753d"
BY_XERO = f"ExternalKey eq '{XERO}'"


@row("2.3 `$filter=ExternalKey eq", "2.3 `/v3/Contacts`", "2.3 `/v3/Organizations`")
def test_a_xero_contact_leads_to_the_record_that_is_linked_to_it(karbon: Karbon, sandbox: KarbonControls) -> None:
    xero = {one["ContactID"]: one for one in sandbox.state()["organisations"][0]["contacts"]}
    linked = [(key, record) for record in sandbox.records().values() for key in record["ExternalKeys"] if key in xero]
    assert {record["@odata.type"] for _, record in linked} == {
        "#KarbonService.ContactDTO",
        "#KarbonService.OrganizationDTO",
    }
    for external_key, record in linked[:5]:
        kind = "Contacts" if "ContactKey" in record else "Organizations"
        other = "Organizations" if kind == "Contacts" else "Contacts"
        assert karbon.names(kind, filter=f"ExternalKey eq '{external_key}'") == [record["FullName"]]
        assert karbon.names(other, filter=f"ExternalKey eq '{external_key}'") == []
        assert record["FullName"].casefold().split() == xero[external_key]["Name"].casefold().split()


@row("2.3 Same filter serves XPM")
def test_a_key_may_belong_to_several(karbon: Karbon, sandbox: KarbonControls) -> None:
    text = f"ExternalKey eq '{SHARED_EXTERNAL_KEY}'"
    assert [len(karbon.rows(resource, filter=text)) for resource in ("Contacts", "Organizations")] == [1, 1]
    for name in ("One", "Two"):
        sandbox.karbon_edit("link", key=karbon.create("Contacts", FirstName=name), external_key=XERO)
    assert sorted(karbon.names(filter=BY_XERO)) == ["One Newcomer", "Two Newcomer"]
    assert karbon.names(filter=f"{BY_XERO} and FullName eq 'One Newcomer'") == ["One Newcomer"]


@row("2.3 Announced as `ExternalId`")
@pytest.mark.parametrize("works", [False, True])
def test_the_older_name_may_still_work_on_organizations(karbon: Karbon, sandbox: KarbonControls, works: bool) -> None:
    sandbox.karbon_switch(external_id_works=works)
    sandbox.karbon_edit("link", key=karbon.create("Organizations"), external_key=XERO)
    text = f"ExternalId eq '{XERO}'"
    assert refusal(karbon.listing(filter=text)) == (400, "4002")
    answer = karbon.listing("Organizations", filter=text)
    if works:
        assert [one["FullName"] for one in answer.json()["value"]] == ["New & Co"]
    else:
        assert refusal(answer) == (400, "4002")


@row("2.3 **Filter only.**")
def test_it_can_be_filtered_by_equality_and_nothing_else(karbon: Karbon, sandbox: KarbonControls) -> None:
    key = karbon.create("Contacts")
    sandbox.karbon_edit("link", key=key, external_key=XERO)
    assert XERO not in json.dumps([karbon.rows(filter=BY_XERO), karbon.one("Contacts", key)])
    for name in ("ExternalKey", "ExternalId"):
        assert refusal(karbon.put("Contacts", key, **{name: "x"})) == (400, "4002")
        assert refusal(karbon.patch("Contacts", key, **{name: "x"})) == (400, "4002")
    assert refusal(karbon.listing(filter=f"contains(ExternalKey, '{XERO[:8]}')")) == (400, "4002")
    assert refusal(karbon.listing(orderby="ExternalKey")) == (400, "4002")


@row("2.3 Still answers after an unsync or disconnect?")
@pytest.mark.parametrize("survives", [True, False])
def test_after_an_unsync(karbon: Karbon, sandbox: KarbonControls, survives: bool) -> None:
    sandbox.karbon_switch(external_key_survives_unsync=survives)
    key = karbon.create("Contacts")
    sandbox.karbon_edit("link", key=key, external_key=XERO)
    modified = karbon.one("Contacts", key)["LastModifiedDateTime"]
    sandbox.karbon_edit("unlink", key=key, external_key=XERO)
    assert bool(karbon.rows(filter=BY_XERO)) is survives
    assert karbon.one("Contacts", key)["LastModifiedDateTime"] == modified


def test_a_deleted_record_is_not_found_by_its_link(karbon: Karbon, sandbox: KarbonControls) -> None:
    keys = [karbon.create("Contacts", FirstName=name) for name in ("Gone", "Left")]
    for key in keys:
        sandbox.karbon_edit("link", key=key, external_key=XERO)
    sandbox.karbon_edit("delete", key=keys[0])
    assert karbon.names(filter=BY_XERO) == ["Left Newcomer"]


def test_a_write_leaves_the_link_alone(karbon: Karbon, sandbox: KarbonControls) -> None:
    key = karbon.create("Contacts")
    sandbox.karbon_edit("link", key=key, external_key=XERO)
    karbon.put("Contacts", key, LastName="Renamed")
    assert karbon.names(filter=BY_XERO) == ["Pat Renamed"]


@row("2.7 native Xero sync")
@pytest.mark.parametrize("carries", [False, True])
def test_a_write_to_a_linked_record_may_change_xero(karbon: Karbon, sandbox: KarbonControls, carries: bool) -> None:
    sandbox.karbon_switch(native_sync=carries)
    contact = sandbox.state()["organisations"][0]["contacts"][0]["ContactID"]
    key = karbon.person("old@linked.example", LastName="Linked")
    sandbox.karbon_edit("link", key=key, external_key=contact)
    karbon.put_card(karbon.card_of(key), EmailAddresses=["new@linked.example"])
    stored = {one["ContactID"]: one for one in sandbox.state()["organisations"][0]["contacts"]}[contact]
    assert ((stored["Name"], stored.get("EmailAddress")) == ("Pat Linked", "new@linked.example")) is carries
