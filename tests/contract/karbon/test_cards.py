"""Business cards: what they hold, and how they are written (karbon.md 2.5, 2.7)."""

import pytest

from .client import JSON, Karbon, KarbonControls, refusal
from .rows import row

PHONE = {"Number": "02 5550 0000", "CountryCode": "AU", "Label": "Work"}
ADDRESS = {
    "AddressLines": "45 Sample Street",
    "City": "Alexandria",
    "StateProvinceCounty": "NSW",
    "ZipCode": "2015",
    "CountryCode": "AU",
    "Label": "Physical",
}
LINKS = {"FacebookLink": "f/1", "LinkedInLink": "l/1", "TwitterLink": "t/1", "SkypeLink": "s/1"}
FULL = {
    "EmailAddresses": ["one@card.example", "two@card.example"],
    "WebSites": ["www.one.example", "www.two.example"],
    "PhoneNumbers": [PHONE, {**PHONE, "Label": "Mobile"}],
    "Addresses": [ADDRESS, {**ADDRESS, "Label": "Mailing"}],
    "RoleOrTitle": "COO",
    **LINKS,
}
LISTS = ("EmailAddresses", "WebSites", "PhoneNumbers", "Addresses")


@pytest.fixture
def key(karbon: Karbon) -> str:
    """A person with one full card."""
    return karbon.create("Contacts", BusinessCards=[FULL])


def without_keys(items: list[JSON]) -> list[JSON]:
    """Phones or addresses as they were sent."""
    return [{name: value for name, value in item.items() if not name.endswith("Key")} for item in items]


@row(
    "2.5 BusinessCardKey", "2.5 EntityType", "2.5 EntityKey", "2.5 IsPrimaryCard", "2.5 EmailAddresses", "2.5 WebSites",
    "2.5 PhoneNumbers[]", "2.5 Addresses[]", "2.5 FacebookLink, LinkedInLink, TwitterLink, SkypeLink",
    "2.4 GET, PUT `/v3/BusinessCards/{key}`", "2.5 RoleOrTitle",
)  # fmt: skip
def test_what_a_card_holds(karbon: Karbon, key: str) -> None:
    card = karbon.card_of(key)
    assert (card["EntityType"], card["EntityKey"], card["IsPrimaryCard"]) == ("Contact", key, True)
    assert {name: card[name] for name in FULL if name not in LISTS[2:]} == {
        name: value for name, value in FULL.items() if name not in LISTS[2:]
    }
    for name, part_key in (("PhoneNumbers", "PhoneNumberKey"), ("Addresses", "AddressKey")):
        assert without_keys(card[name]) == FULL[name]
        assert len({item[part_key] for item in card[name]}) == 2
    alone = karbon.send("GET", f"/BusinessCards/{card['BusinessCardKey']}").json()
    assert {name: value for name, value in alone.items() if name != "@odata.context"} == card


@row("2.5 PhoneNumbers[]", "2.5 EmailAddresses")
def test_there_is_no_flag_for_the_primary_phone_or_email(karbon: Karbon, key: str) -> None:
    card = karbon.card_of(key)
    assert all(item.keys() == {"PhoneNumberKey", "Number", "CountryCode", "Label"} for item in card["PhoneNumbers"])
    assert all(isinstance(email, str) for email in card["EmailAddresses"])


@row("2.7 Replaces the card", "2.7 This is the way to change", "2.4 GET, PUT `/v3/BusinessCards/{key}`")
def test_a_put_replaces_the_card_and_clears_what_it_leaves_out(karbon: Karbon, key: str) -> None:
    card = karbon.card_of(key)
    assert karbon.put_card(card, EmailAddresses=["new@card.example"]).status_code == 204
    assert karbon.card_of(key) == {**card, "EmailAddresses": ["new@card.example"]}
    bare = {name: card[name] for name in ("BusinessCardKey", "EntityType", "EntityKey")}
    answer = karbon.put_card(bare, RoleOrTitle="CEO")
    assert (answer.status_code, answer.content) == (204, b"")
    after = karbon.card_of(key)
    assert [after[name] for name in LISTS] == [[], [], [], []]
    assert [after[name] for name in (*LINKS, "RoleOrTitle")] == [None] * 4 + ["CEO"]


@row("2.7 Replaces the card", "2.11 400 #3")
@pytest.mark.parametrize("name", ["EntityType", "EntityKey"])
def test_entity_type_and_key_must_be_sent(karbon: Karbon, key: str, name: str) -> None:
    card = karbon.card_of(key)
    body = {field: value for field, value in card.items() if field != name}
    assert refusal(karbon.send("PUT", f"/BusinessCards/{card['BusinessCardKey']}", json=body)) == (400, "4005")
    assert karbon.card_of(key) == card


@row("2.5 EntityType", "2.5 EntityKey")
@pytest.mark.parametrize(
    "changes",
    [{"EntityType": "Organization"}, {"EntityType": "Person"}, {"EntityKey": "nobody"}, {"BusinessCardKey": "other"}],
    ids=str,
)
def test_they_must_be_the_owners(karbon: Karbon, key: str, changes: JSON) -> None:
    card = karbon.card_of(key)
    answer = karbon.send("PUT", f"/BusinessCards/{card['BusinessCardKey']}", json=card | changes)
    assert refusal(answer) == (400, "4002")
    assert karbon.card_of(key) == card


@row("2.5 IsPrimaryCard")
def test_the_primary_card_cannot_be_chosen(karbon: Karbon) -> None:
    key = karbon.create("Contacts", BusinessCards=[FULL, {"EmailAddresses": ["second@card.example"]}])
    first, second = karbon.one("Contacts", key)["BusinessCards"]
    assert (first["IsPrimaryCard"], second["IsPrimaryCard"]) == (True, False)
    assert karbon.put_card(second, IsPrimaryCard=True).status_code == 204
    assert karbon.put_card(first, IsPrimaryCard=False).status_code == 204
    assert karbon.one("Contacts", key)["BusinessCards"] == [first, second]


@row("2.5 OrganizationKey", "2.4 expand of organizations is BusinessCards")
def test_a_persons_card_may_name_an_organization(karbon: Karbon) -> None:
    firm = karbon.create("Organizations", BusinessCards=[{"EmailAddresses": ["firm@card.example"]}])
    key = karbon.create("Contacts", BusinessCards=[{"OrganizationKey": firm, "RoleOrTitle": "Director"}])
    assert karbon.card_of(key)["OrganizationKey"] == firm
    (person,) = karbon.one("Organizations", firm, "BusinessCards,Contacts")["Contacts"]
    assert (person["ContactKey"], person["FullName"]) == (key, "Pat Newcomer")
    card = karbon.card_of(firm, "Organizations")
    assert karbon.put_card(card, OrganizationKey=firm).status_code == 204
    assert karbon.card_of(firm, "Organizations")["OrganizationKey"] is None
    assert refusal(karbon.put_card(karbon.card_of(key), OrganizationKey="nobody")) == (400, "4002")


@row("2.5 PhoneNumbers[]", "2.5 Addresses[]")
@pytest.mark.parametrize(
    ("name", "part", "longest"),
    [("PhoneNumbers", "Number", 20), ("Addresses", "AddressLines", 200), ("Addresses", "City", 100),
     ("Addresses", "StateProvinceCounty", 100), ("Addresses", "ZipCode", 20)],
)  # fmt: skip
def test_the_longest_texts(karbon: Karbon, key: str, name: str, part: str, longest: int) -> None:
    card = karbon.card_of(key)
    whole = PHONE if name == "PhoneNumbers" else ADDRESS
    assert karbon.put_card(card, **{name: [{**whole, part: "9" * longest}]}).status_code == 204
    assert refusal(karbon.put_card(card, **{name: [{**whole, part: "9" * (longest + 1)}]})) == (400, "4002")


@row("2.5 Phone CountryCode", "2.5 PhoneNumbers[]", "2.5 Addresses[]")
@pytest.mark.parametrize("strict", [False, True])
def test_labels_and_country_codes_are_validated_or_not(
    karbon: Karbon, sandbox: KarbonControls, key: str, strict: bool
) -> None:
    sandbox.karbon_switch(card_strict=strict)
    card = karbon.card_of(key)
    odd: list[JSON] = [
        {"PhoneNumbers": [{**PHONE, "CountryCode": "+61"}]},
        {"PhoneNumbers": [{**PHONE, "Label": "Reception"}]},
        {"Addresses": [{**ADDRESS, "Label": "Billing"}]},
        {"Addresses": [{**ADDRESS, "CountryCode": "Australia"}]},
        {"Addresses": [{**ADDRESS, "CountryCode": "au"}]},
    ]
    free = "the label is not one of the documented ones"
    for changes in odd:
        assert karbon.put_card(card, **changes).status_code == (400 if strict else 204)
        sent = karbon.send("GET", f"/BusinessCards/{card['BusinessCardKey']}", unchecked=free).json()
        (name,) = changes
        assert (without_keys(sent[name]) == changes[name]) is not strict
    assert karbon.put_card(card, PhoneNumbers=[PHONE], Addresses=[ADDRESS]).status_code == 204


@row("2.5 Order of EmailAddresses as primacy")
@pytest.mark.parametrize("unique", [False, True])
def test_an_email_may_be_on_several_records(karbon: Karbon, sandbox: KarbonControls, key: str, unique: bool) -> None:
    sandbox.karbon_switch(unique_emails=unique)
    card = karbon.card_of(key)
    assert karbon.put_card(card, EmailAddresses=["ONE@card.example"]).status_code == 204
    body = {"FullName": "Another", "BusinessCards": [{"EmailAddresses": ["one@card.example"]}]}
    answer = karbon.send("POST", "/Organizations", json=body)
    assert answer.status_code == (400 if unique else 201)


@row("2.3 Does editing only a business card move")
@pytest.mark.parametrize("moves", [True, False])
def test_a_card_alone_may_move_its_owners_time(karbon: Karbon, sandbox: KarbonControls, key: str, moves: bool) -> None:
    sandbox.karbon_switch(card_moves_modified=moves)
    card, before = karbon.card_of(key), karbon.one("Contacts", key)["LastModifiedDateTime"]
    sandbox.advance(seconds=5)
    karbon.put_card(card, RoleOrTitle="By API")
    by_api = karbon.one("Contacts", key)
    sandbox.advance(seconds=5)
    sandbox.karbon_edit("card", key=card["BusinessCardKey"], card={"RoleOrTitle": "By Hand"})
    by_hand = karbon.one("Contacts", key)
    times = [before, by_api["LastModifiedDateTime"], by_hand["LastModifiedDateTime"]]
    assert [one["BusinessCards"][0]["RoleOrTitle"] for one in (by_api, by_hand)] == ["By API", "By Hand"]
    assert len(set(times)) == (3 if moves else 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"EmailAddress": "one@card.example"},
        {"EmailAddresses": "one@card.example"},
        {"EmailAddresses": [1]},
        {"PhoneNumbers": ["1"]},
        {"PhoneNumbers": [{"Phone": "1"}]},
        {"PhoneNumbers": [{"Number": 1}]},
        {"Addresses": {}},
        {"RoleOrTitle": 1},
    ],
    ids=str,
)
def test_a_card_of_a_wrong_form_is_refused(karbon: Karbon, key: str, changes: JSON) -> None:
    card = karbon.card_of(key)
    assert refusal(karbon.put_card(card, **changes)) == (400, "4002")
    assert karbon.card_of(key) == card
