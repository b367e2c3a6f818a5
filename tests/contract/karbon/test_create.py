"""POST, and what a record is found by afterwards (karbon.md 2.4, 2.5, 2.7, 2.8)."""

import pytest

from .client import JSON, KEYS, Karbon, KarbonControls, both, refusal
from .rows import row

NAMED: dict[str, JSON] = {"Contacts": {"FirstName": "Pat", "LastName": "New"}, "Organizations": {"FullName": "New"}}


def post(karbon: Karbon, resource: str, **fields: object) -> tuple[int, str]:
    """Status of a POST and the code of its refusal, if it is one."""
    answer = karbon.send("POST", f"/{resource}", json=NAMED[resource] | fields)
    return (201, "") if answer.status_code == 201 else refusal(answer)


@row("2.4 POST `/v3/Contacts`", "2.4 GET, POST `/v3/Organizations`", "2.5 Spec flaw: BusinessCardKey")
def test_a_new_record_and_where_it_is(karbon: Karbon) -> None:
    card = {"EmailAddresses": ["new@create.example"]}
    for resource, names in NAMED.items():
        answer = karbon.send("POST", f"/{resource}", json=names | {"BusinessCards": [card]})
        body = answer.json()
        key, kind = body[KEYS[resource]], resource[:-1]
        assert (answer.status_code, names.items() <= body.items()) == (201, True)
        assert answer.headers["location"].endswith(f"/v3/{resource}('{key}')/KarbonService.{kind}DTO")
        read = karbon.one(resource, key)
        assert (read["BusinessCards"][0]["EmailAddresses"], read["RestrictionLevel"]) == (
            ["new@create.example"],
            "Public",
        )
        assert key in [one[KEYS[resource]] for one in karbon.rows(resource, orderby="LastModifiedDateTime desc")][:1]


@row("2.4 POST `/v3/Contacts`", "2.4 GET, POST `/v3/Organizations`", "2.11 400 #3")
@pytest.mark.parametrize(
    ("resource", "body"),
    [
        ("Contacts", {"FirstName": "Pat"}),
        ("Contacts", {"LastName": "New"}),
        ("Contacts", {"FirstName": "", "LastName": "New"}),
        ("Contacts", {"FirstName": "Pat", "LastName": None}),
        ("Organizations", {"ContactType": "Client"}),
        ("Organizations", {"FullName": ""}),
        ("Contacts", {}),
        ("Contacts", []),
        ("Contacts", None),
    ],
)
def test_what_is_required(karbon: Karbon, resource: str, body: object) -> None:
    assert refusal(karbon.send("POST", f"/{resource}", json=body)) == (400, "4005")


@row("2.14 6 LastName empty")
@pytest.mark.parametrize("allowed", [False, True])
def test_a_last_name_may_be_empty_or_not(karbon: Karbon, sandbox: KarbonControls, allowed: bool) -> None:
    sandbox.karbon_switch(empty_last_name=allowed)
    assert post(karbon, "Contacts", LastName="") == ((201, "") if allowed else (400, "4005"))
    key = karbon.create("Contacts", FirstName="Cher")
    assert karbon.put("Contacts", key, FirstName="Cher", LastName="").status_code == (204 if allowed else 400)
    assert karbon.patch("Contacts", key, LastName="").status_code == (200 if allowed else 400)
    assert bool(karbon.names(filter="FullName eq 'Cher'")) is allowed


@row("2.11 400")
@pytest.mark.parametrize(
    "fields",
    [
        {"Nonsense": 1},
        {"EmailAddress": "a@b.example"},
        {"Address": "x"},
        {"ContactType": 7},
        {"BusinessCards": {}},
        {"BusinessCards": ["x"]},
        {"BusinessCards": [{"EntityType": "ClientGroup"}]},
        {"EntityDescription": "x"},
        {"AccountingDetail": []},
        {"ClientTeam": "x"},
        {"ClientTeam": ["x"]},
        {"EntityDescription": {"Text": 1}},
        {"AccountingDetail": {"RegistrationNumbers": [{"RegistrationNumber": "1"}]}},
    ],
    ids=str,
)
def test_what_a_record_does_not_have_is_refused(karbon: Karbon, fields: JSON) -> None:
    assert both(lambda resource: post(karbon, resource, **fields)) == [(400, "4002")] * 2


@row("2.4 POST `/v3/Contacts`", "2.7 New card")
@pytest.mark.parametrize(("made", "cards"), [(False, 0), (True, 1)])
def test_a_record_without_card_may_get_one(karbon: Karbon, sandbox: KarbonControls, made: bool, cards: int) -> None:
    sandbox.karbon_switch(card_on_create=made)
    for resource in KEYS:
        record = karbon.one(resource, karbon.create(resource))
        assert len(record["BusinessCards"]) == cards
        assert all(card["EmailAddresses"] == [] for card in record["BusinessCards"])


@row("2.5 Keys", "2.11 500")
@pytest.mark.parametrize("scope", ["all", "kind"])
def test_an_identifier_is_used_once(karbon: Karbon, sandbox: KarbonControls, scope: str) -> None:
    sandbox.karbon_switch(identifier_scope=scope)
    karbon.create("Contacts", UserDefinedIdentifier="Once-1")
    assert post(karbon, "Contacts", UserDefinedIdentifier="ONCE-1") == (500, "5001")
    across = post(karbon, "Organizations", UserDefinedIdentifier="once-1")
    assert across == ((500, "5001") if scope == "all" else (201, ""))
    assert post(karbon, "Contacts", UserDefinedIdentifier="Once-2") == (201, "")
    taken = karbon.send("POST", "/Contacts", json=NAMED["Contacts"] | {"UserDefinedIdentifier": "Once-2"})
    assert taken.json()["error"]["message"] == "User defined identifier already in use"


@row(
    "2.4 GET `/v3/Contacts/GetContactByUserDefinedIdentifier",
    "2.4 GET `/v3/Organizations/GetOrganizationByUserDefinedIdentifier",
    "2.4 the lookup has no prefix",
)
def test_a_record_by_its_identifier(karbon: Karbon) -> None:
    for resource, kind in (("Contacts", "Contact"), ("Organizations", "Organization")):
        for identifier, asked in (("It's/1", "it''s/1"), ("Plain", "PLAIN")):
            key = karbon.create(resource, UserDefinedIdentifier=f"{identifier} {kind}")
            function = f"Get{kind}ByUserDefinedIdentifier(UserDefinedIdentifier='{asked} {kind}')"
            found = karbon.send("GET", f"/{resource}/{function}", params={"$expand": "BusinessCards"})
            assert (found.status_code, found.json()[KEYS[resource]], found.json()["BusinessCards"]) == (200, key, [])
            assert "BusinessCards" not in karbon.send("GET", f"/{resource}/{function}").json()
            assert karbon.send("GET", f"/{resource}/KarbonService.{function}").status_code == 404


@row("2.4 GET `/v3/Contacts/GetContactByUserDefinedIdentifier", "2.11 404", "2.11 400")
def test_an_identifier_that_nobody_has_or_that_is_empty(karbon: Karbon) -> None:
    karbon.create("Organizations", UserDefinedIdentifier="Theirs")
    for asked, expected in (("nobody", (404, "4004")), ("Theirs", (404, "4004")), ("", (400, "4002"))):
        function = f"GetContactByUserDefinedIdentifier(UserDefinedIdentifier='{asked}')"
        assert refusal(karbon.send("GET", f"/Contacts/{function}")) == expected


@row("2.8 Contacts carry the contact type **by Name**", "2.8 No endpoint creates or edits contact types")
@pytest.mark.parametrize(("mode", "status"), [("refuse", 400), ("error", 500), ("blank", 201)])
def test_a_contact_type_that_does_not_exist(karbon: Karbon, sandbox: KarbonControls, mode: str, status: int) -> None:
    sandbox.karbon_switch(unknown_contact_type=mode)
    types = karbon.send("GET", "/TenantSettings").json()["ContactTypes"]
    for name in ("Friend", "client", types[0]["ContactTypeKey"]):
        answer = karbon.send("POST", "/Contacts", json=NAMED["Contacts"] | {"ContactType": name})
        assert answer.status_code == status
        assert answer.json().get("ContactType") is None
    assert karbon.one("Contacts", karbon.create("Contacts", ContactType="Supplier"))["ContactType"] == "Supplier"
    assert karbon.send("GET", "/TenantSettings").json()["ContactTypes"] == types
    assert karbon.send("POST", "/TenantSettings", json={"Name": "Friend"}).status_code == 404


@row("2.7 ClientOwner", "2.11 500")
def test_an_owner_is_a_colleague_by_email_or_key(karbon: Karbon) -> None:
    key = karbon.create("Contacts", ClientOwner="3Kv7PqZbXw2M", ClientManager="Ben@Harbour.example")
    record = karbon.one("Contacts", key)
    assert (record["ClientOwner"], record["ClientManager"]) == ("anna@harbour.example", "ben@harbour.example")
    assert both(lambda resource: post(karbon, resource, ClientOwner="no@body.example")) == [(500, "5001")] * 2


@row("2.7 RestrictionLevel", "2.11 403")
@pytest.mark.parametrize("level", ["Private", "Hidden"])
def test_restriction_levels_need_a_permission_each(karbon: Karbon, sandbox: KarbonControls, level: str) -> None:
    assert both(lambda resource: post(karbon, resource, RestrictionLevel=level)) == [(403, "4021")] * 2
    key = karbon.create("Contacts")
    assert refusal(karbon.put("Contacts", key, RestrictionLevel=level)) == (403, "4021")
    assert refusal(karbon.patch("Contacts", key, RestrictionLevel=level)) == (403, "4021")
    sandbox.karbon_switch(**{"include_private": level == "Private", "include_hidden": level == "Hidden"})
    other = "Hidden" if level == "Private" else "Private"
    assert both(lambda resource: post(karbon, resource, RestrictionLevel=level)) == [(201, "")] * 2
    assert post(karbon, "Contacts", RestrictionLevel=other) == (403, "4021")
    assert post(karbon, "Contacts", RestrictionLevel="Secret") == (400, "4002")


@row("2.3 Private/hidden contacts in lists")
@pytest.mark.parametrize("shows", [True, False])
def test_lists_show_restricted_records_or_not(karbon: Karbon, sandbox: KarbonControls, shows: bool) -> None:
    sandbox.karbon_switch(lists_show_restricted=shows)
    for level in ("Private", "Hidden", "Public"):
        record = {"FirstName": level, "LastName": "Restricted", "RestrictionLevel": level}
        sandbox.karbon_edit("create", kind="Contact", record=record)
    names = karbon.names(filter="contains(FullName, 'Restricted')")
    assert len(names) == (3 if shows else 1)
    sandbox.karbon_switch(include_private=True)
    assert len(karbon.names(filter="contains(FullName, 'Restricted')")) == (3 if shows else 2)
