"""Karbon's controls, as far as the other tests rely on them, and the world that a sandbox starts with."""

import json
import time
from collections import Counter

import httpx2
import pytest

from xerosync_tui.sandbox import Limits, SandboxOptions, SandboxServer
from xerosync_tui.sandbox.cast import cast

from .client import KEYS, Karbon, KarbonControls
from .conftest import SIZE


def test_the_tenant_holds_the_practices_contacts(sandbox: KarbonControls) -> None:
    cards = {card.identifier: card for card in cast(1, SIZE).cards}
    records = {one["UserDefinedIdentifier"]: one for one in sandbox.records().values()}
    assert records.keys() == cards.keys()
    for identifier, card in cards.items():
        record = records[identifier]
        assert ("ContactKey" in record) is (card.kind == "Person")
        assert (record["FullName"], record["ContactType"]) == (card.name, card.contact_type)
        (first, *_) = record["BusinessCards"]
        assert first["EmailAddresses"][:1] == [card.email][: bool(card.email)]
        phones = [one["Number"] for one in first["PhoneNumbers"]]
        assert not card.phone or phones[0] == card.phone
        assert {one["AddressLines"] for one in first["Addresses"]} == ({card.line_1} if card.line_1 else set())


def test_the_world_has_what_a_firm_has(sandbox: KarbonControls) -> None:
    """Several emails, phones, addresses and cards, people with a place in an organization, linked and unlinked."""
    records = list(sandbox.records().values())
    cards = [card for one in records for card in one["BusinessCards"]]
    for name in ("EmailAddresses", "PhoneNumbers", "Addresses"):
        assert {0, 1, 2} <= {len(card[name]) for card in cards}
    assert {len(one["BusinessCards"]) for one in records} == {1, 2}
    assert any(card["OrganizationKey"] for card in cards)
    labels = Counter(phone["Label"] for card in cards for phone in card["PhoneNumbers"])
    assert labels.keys() >= {"Work", "Mobile", "Fax"}
    linked = sum(bool(one["ExternalKeys"]) for one in records)
    assert len(records) / 20 < linked < len(records) / 2


def test_a_reset_is_reproducible_and_starts_anew(karbon: Karbon, sandbox: KarbonControls) -> None:
    before = sandbox.records()
    sandbox.karbon_switch(unset_text="empty")
    karbon.create("Contacts")
    sandbox.reset()
    assert sandbox.records() == before
    sandbox.reset(seed=2)
    assert sandbox.records().keys().isdisjoint(before)


def test_edits_of_the_web_app(karbon: Karbon, sandbox: KarbonControls) -> None:
    record = {"FirstName": "By", "LastName": "Hand", "BusinessCards": [{"EmailAddresses": ["by@hand.example"]}]}
    made = sandbox.karbon_edit("create", kind="Contact", record=record)
    key, (card,) = made["key"], made["cards"]
    read = karbon.one("Contacts", key)
    assert (read["LastName"], read["BusinessCards"][0]["BusinessCardKey"]) == ("Hand", card)
    sandbox.karbon_edit("update", key=key, record={"LastName": "Other Hand", "RestrictionLevel": "Hidden"})
    sandbox.karbon_edit("card", key=card, card={"PhoneNumbers": [{"Number": "1", "Label": "Work"}]})
    after = karbon.one("Contacts", key)
    assert (after["FirstName"], after["LastName"], after["RestrictionLevel"]) == ("By", "Other Hand", "Hidden")
    assert after["BusinessCards"][0]["EmailAddresses"] == ["by@hand.example"]
    assert after["BusinessCards"][0]["PhoneNumbers"][0]["Number"] == "1"
    assert after["LastModifiedDateTime"] > read["LastModifiedDateTime"]
    sandbox.karbon_edit("delete", key=key)
    assert karbon.send("GET", f"/Contacts/{key}").status_code == 404
    assert karbon.send("GET", f"/BusinessCards/{card}").status_code == 404
    assert key not in sandbox.records()


def test_a_deleted_organization_leaves_its_people(karbon: Karbon, sandbox: KarbonControls) -> None:
    firm = karbon.create("Organizations")
    key = karbon.create("Contacts", BusinessCards=[{"OrganizationKey": firm, "RoleOrTitle": "Director"}])
    sandbox.karbon_edit("delete", key=firm)
    assert (karbon.card_of(key)["OrganizationKey"], karbon.card_of(key)["RoleOrTitle"]) == (None, "Director")


def test_an_edit_can_be_dated(karbon: Karbon, sandbox: KarbonControls) -> None:
    key = karbon.create("Contacts")
    sandbox.karbon_edit("update", key=key, record={"Suffix": "Jr."}, modified="2026-01-02T03:04:05")
    assert karbon.one("Contacts", key)["LastModifiedDateTime"] == "2026-01-02T03:04:05.0000000Z"


def test_raw_values_are_served_as_they_are(karbon: Karbon, sandbox: KarbonControls) -> None:
    key = karbon.rows()[0]["ContactKey"]
    sandbox.karbon_edit("raw", key=key, patch={"FullName": ["x"], "ContactType": 7})
    served = karbon.send("GET", "/Contacts", unchecked="wrong on purpose").json()["value"][0]
    assert (served["ContactKey"], served["FullName"], served["ContactType"]) == (key, ["x"], 7)


@pytest.mark.parametrize(
    ("edit", "status"),
    [
        ({"op": "delete", "key": "nobody"}, 404),
        ({"op": "card", "key": "nobody", "card": {}}, 404),
        ({"op": "nonsense"}, 400),
        ({"op": "create", "kind": "ClientGroup", "record": {}}, 400),
        ({"op": "create", "kind": "Contact", "record": {"Nonsense": 1}}, 400),
        ({"op": "create", "kind": "Contact", "record": {"RestrictionLevel": "Secret"}}, 400),
    ],
    ids=str,
)
def test_an_edit_that_cannot_be_done(http: httpx2.Client, edit: dict[str, object], status: int) -> None:
    assert http.post("/_sandbox/karbon-edit", json=edit).status_code == status


@pytest.mark.parametrize("switches", [{"nonsense": True}, {"put_omitted": "x"}, {"native_sync": "yes"}], ids=str)
def test_a_switch_that_does_not_exist_is_refused(http: httpx2.Client, switches: dict[str, object]) -> None:
    assert http.post("/_sandbox/karbon-switches", json=switches).status_code == 400


def test_the_state_counts_requests_by_kind_and_holds_no_credential(karbon: Karbon, sandbox: KarbonControls) -> None:
    key = karbon.person("count@controls.example", UserDefinedIdentifier="COUNT-1")
    karbon.put_card(karbon.card_of(key), RoleOrTitle="x")
    for _ in range(2):
        karbon.send("GET", "/Contacts/GetContactByUserDefinedIdentifier(UserDefinedIdentifier='COUNT-1')")
    karbon.listing("Organizations")
    state = sandbox.state()
    assert state["requests"] == {
        "POST /v3/Contacts": 1,
        "GET /v3/Contacts/{key}": 1,
        "PUT /v3/BusinessCards/{key}": 1,
        "GET /v3/Contacts/GetContactByUserDefinedIdentifier": 2,
        "GET /v3/Organizations": 1,
    }
    assert [one["status"] for one in state["log"]] == [201, 200, 204, 200, 200, 200]
    text = json.dumps(state)
    assert karbon.headers["AccessKey"] not in text
    assert karbon.headers["Authorization"].partition(" ")[2] not in text
    assert "records" not in sandbox.state(contacts="0")["karbon"]


def test_without_the_option_there_is_no_karbon() -> None:
    with SandboxServer(SandboxOptions(size=1)) as server, httpx2.Client(base_url=server.url, trust_env=False) as http:
        assert not any("KARBON" in name for name in server.environment())
        assert http.get("/v3/Contacts").status_code == 404
        assert "karbon" not in http.get("/_sandbox/state").json()
        assert http.post("/_sandbox/karbon-edit", json={"op": "delete", "key": "x"}).status_code == 404
        assert http.post("/_sandbox/karbon-switches", json={}).status_code == 400


def test_ten_thousand_contacts_are_listed_quickly() -> None:
    """About 80 pages: a sandbox that made everything anew for each of them would take many times as long."""
    options = SandboxOptions(size=10_000, karbon=True, limits=Limits(karbon_minute=None))
    with SandboxServer(options) as server, httpx2.Client(base_url=server.url, trust_env=False) as http:
        environment = server.environment()
        karbon = Karbon(http, environment["XEROSYNC_KARBON_TOKEN"], environment["XEROSYNC_KARBON_ACCESS_KEY"])
        began = time.monotonic()
        listed = [
            one[key] for resource, key in KEYS.items() for page in karbon.pages(resource, orderby="FullName")
            for one in page
        ]  # fmt: skip
        assert time.monotonic() - began < 5
        assert len(set(listed)) == len(listed) > 7_000
