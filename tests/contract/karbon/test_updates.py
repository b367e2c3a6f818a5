"""PUT and PATCH of whole records (karbon.md 2.7)."""

from typing import Any

import pytest

from .client import JSON, KEYS, Karbon, KarbonControls, both, refusal
from .rows import row

FIELDS: JSON = {
    "ContactType": "Client",
    "UserDefinedIdentifier": "UPD-1",
    "ClientOwner": "anna@harbour.example",
    "EntityDescription": {"Text": "Birthday on June 23."},
    "AccountingDetail": {"LegalName": "Legal", "FinancialYearEndMonth": 5, "FinancialYearEndDay": 30},
    "ClientTeam": [{"MemberKey": "3Kv7PqZbXw2M", "MemberType": "User", "RoleType": None}],
}
EXPAND = {"Contacts": "BusinessCards,ClientTeam,ClientAccess", "Organizations": "BusinessCards,ClientTeam,Contacts"}
CARDS = [{"EmailAddresses": ["first@update.example"]}, {"EmailAddresses": ["second@update.example"]}]


@pytest.fixture(params=list(KEYS))
def resource(request: pytest.FixtureRequest) -> str:
    """Contacts, then Organizations."""
    return str(request.param)


@pytest.fixture
def key(karbon: Karbon, resource: str) -> str:
    """A record with everything."""
    return karbon.create(resource, **FIELDS, BusinessCards=CARDS)


def stored(karbon: Karbon, resource: str, key: str) -> JSON:
    """The record with all that it can be expanded by, without its time."""
    record = karbon.one(resource, key, EXPAND[resource])
    return {name: value for name, value in record.items() if name != "LastModifiedDateTime"}


@row("2.7 Full update; 204", "2.4 PUT `/v3/Contacts/{key}`", "2.4 GET, PUT, PATCH `/v3/Organizations/{key}`")
def test_a_record_that_was_read_can_be_put_back(karbon: Karbon, resource: str, key: str) -> None:
    before = karbon.one(resource, key, EXPAND[resource])
    answer = karbon.send("PUT", f"/{resource}/{key}", json=before)
    assert (answer.status_code, answer.content) == (204, b"")
    after = karbon.one(resource, key, EXPAND[resource])
    assert after.pop("LastModifiedDateTime") > before.pop("LastModifiedDateTime")
    assert after == before


@row("2.7 Other omitted fields")
@pytest.mark.parametrize("omitted", ["clear", "keep"])
@pytest.mark.parametrize("name", list(FIELDS))
def test_what_a_put_omits_is_cleared_or_kept(
    karbon: Karbon, sandbox: KarbonControls, resource: str, key: str, omitted: str, name: str
) -> None:
    sandbox.karbon_switch(put_omitted=omitted)
    before = stored(karbon, resource, key)
    sent = {field: value for field, value in before.items() if field != name}
    assert karbon.send("PUT", f"/{resource}/{key}", json=sent).status_code == 204
    after = stored(karbon, resource, key)
    assert {field: after[field] for field in sent} == sent
    assert (after[name] == before[name]) is (omitted == "keep")
    if omitted == "clear":
        assert "Client" not in str(after[name]) and "Legal" not in str(after[name])


@row("2.7 Full update; 204")
def test_names_are_replaced_too(karbon: Karbon) -> None:
    key = karbon.create("Contacts", MiddleName="John", Suffix="Jr.")
    karbon.put("Contacts", key, LastName="Other")
    record = karbon.one("Contacts", key)
    assert [record[name] for name in ("FirstName", "MiddleName", "LastName", "Suffix")] == ["Pat", None, "Other", None]


@row("2.7 BusinessCards omitted")
def test_cards_that_a_put_omits_are_not_touched(karbon: Karbon, resource: str, key: str) -> None:
    before = karbon.one(resource, key)["BusinessCards"]
    assert karbon.put(resource, key).status_code == 204
    assert karbon.one(resource, key)["BusinessCards"] == before


@row("2.7 BusinessCards present", "2.7 New card", "2.5 Spec flaw: BusinessCardKey")
def test_a_new_card_comes_by_a_put_of_its_owner(karbon: Karbon, resource: str, key: str) -> None:
    before = karbon.one(resource, key)["BusinessCards"]
    new = {"EmailAddresses": ["third@update.example"]}
    assert karbon.put(resource, key, BusinessCards=[*before, new]).status_code == 204
    *kept, third = karbon.one(resource, key)["BusinessCards"]
    assert kept == before
    assert (third["EmailAddresses"], third["IsPrimaryCard"]) == (new["EmailAddresses"], False)
    assert karbon.send("POST", "/BusinessCards", json=new).status_code == 404


@row("2.7 BusinessCards present")
def test_a_card_is_changed_by_a_put_of_its_owner(karbon: Karbon, resource: str, key: str) -> None:
    first, second = karbon.one(resource, key)["BusinessCards"]
    changed = {**second, "EmailAddresses": ["changed@update.example"]}
    karbon.put(resource, key, BusinessCards=[first, changed])
    assert karbon.one(resource, key)["BusinessCards"] == [first, changed]


@row("2.7 BusinessCards present")
@pytest.mark.parametrize("mode", ["remove", "keep"])
def test_cards_that_are_not_carried_may_be_removed(
    karbon: Karbon, sandbox: KarbonControls, resource: str, key: str, mode: str
) -> None:
    sandbox.karbon_switch(cards_left_out=mode)
    first, second = karbon.one(resource, key)["BusinessCards"]
    karbon.put(resource, key, BusinessCards=[second])
    left = karbon.one(resource, key)["BusinessCards"]
    assert [card["BusinessCardKey"] for card in left] == [
        card["BusinessCardKey"] for card in ([second] if mode == "remove" else [first, second])
    ]
    assert [card["IsPrimaryCard"] for card in left] == [True, *[False] * (len(left) - 1)]
    gone = karbon.send("GET", f"/BusinessCards/{first['BusinessCardKey']}").status_code
    assert gone == (404 if mode == "remove" else 200)


@row("2.7 BusinessCards present")
@pytest.mark.parametrize("name", ["BusinessCardKey", "EntityType", "EntityKey"])
@pytest.mark.parametrize("mode", ["remove", "keep"])
def test_a_card_without_its_three_keys_is_a_new_one(
    karbon: Karbon, sandbox: KarbonControls, resource: str, key: str, name: str, mode: str
) -> None:
    sandbox.karbon_switch(cards_left_out=mode)
    first, second = karbon.one(resource, key)["BusinessCards"]
    partial = {field: value for field, value in first.items() if field != name}
    karbon.put(resource, key, BusinessCards=[partial, second])
    keys = [card["BusinessCardKey"] for card in karbon.one(resource, key)["BusinessCards"]]
    assert (first["BusinessCardKey"] in keys) is (mode == "keep")
    assert (second["BusinessCardKey"] in keys, len(keys)) == (True, 3 if mode == "keep" else 2)


@row("2.7 RestrictionLevel omitted")
def test_a_restriction_level_that_a_put_omits_is_unchanged(
    karbon: Karbon, sandbox: KarbonControls, resource: str, key: str
) -> None:
    sandbox.karbon_edit("update", key=key, record={"RestrictionLevel": "Private"})
    assert karbon.put(resource, key).status_code == 204
    assert karbon.one(resource, key)["RestrictionLevel"] == "Private"


@row("2.7 RegistrationNumbers upsert", "2.5 AccountingDetail")
def test_registration_numbers_are_upserted_and_deleted_by_type(karbon: Karbon, resource: str, key: str) -> None:
    def numbers(*wanted: tuple[str, str | None]) -> dict[str, str]:
        sent = [{"Type": kind, "RegistrationNumber": number} for kind, number in wanted]
        detail = {"RegistrationNumbers": sent, "FinancialYearEndMonth": 0}
        assert karbon.put(resource, key, AccountingDetail=detail).status_code == 204
        stored_detail = karbon.one(resource, key)["AccountingDetail"]
        assert stored_detail["FinancialYearEndMonth"] == 0
        return {one["Type"]: one["RegistrationNumber"] for one in stored_detail["RegistrationNumbers"]}

    one, other = "Tax ID", "VAT Number"
    assert numbers((one, "1"), (other, "2")) == {one: "1", other: "2"}
    assert numbers((one, "3")) == {one: "3", other: "2"}
    assert numbers((one, " "), ("GST Number", None)) == {other: "2"}


@row("2.7 Contact", "2.7 Organization", "2.4 PATCH `/v3/Contacts/{key}`", "2.5 AccountingDetail")
def test_a_patch_changes_names_and_level_and_nothing_else(karbon: Karbon, resource: str, key: str) -> None:
    before = stored(karbon, resource, key)
    names = {"FirstName": "Patched", "Suffix": "Jr."} if resource == "Contacts" else {"FullName": "Patched"}
    answer = karbon.patch(resource, key, **names, RestrictionLevel="Public")
    assert (answer.status_code, answer.json()["AccountingDetail"]) == (200, None)
    assert names.items() <= answer.json().items()
    assert stored(karbon, resource, key) == before | names


@row("2.7 Contact", "2.7 Organization", "2.11 400")
@pytest.mark.parametrize(
    "fields",
    [
        {"ContactType": "Client"},
        {"UserDefinedIdentifier": "X"},
        {"EmailAddress": "a@b.example"},
        {"PhoneNumber": "1"},
        {"BusinessCards": []},
        {"Nonsense": "x"},
        {"RestrictionLevel": "Secret"},
    ],
    ids=str,
)
def test_what_cannot_be_patched(karbon: Karbon, resource: str, key: str, fields: JSON) -> None:
    before = karbon.one(resource, key)
    assert refusal(karbon.patch(resource, key, **fields)) == (400, "4002")
    assert karbon.one(resource, key) == before


@row("2.7 Contact", "2.7 Organization", "2.11 400 #3")
def test_the_other_kinds_names_cannot_be_patched(karbon: Karbon) -> None:
    person, firm = karbon.create("Contacts"), karbon.create("Organizations")
    assert refusal(karbon.patch("Contacts", person, FullName="x")) == (400, "4002")
    assert refusal(karbon.patch("Organizations", firm, FirstName="x")) == (400, "4002")
    assert refusal(karbon.patch("Contacts", person)) == (400, "4005")
    assert refusal(karbon.patch("Organizations", firm, FullName="")) == (400, "4005")


@row("2.7 Prefer")
@pytest.mark.parametrize(("answer", "status"), [("record", 200), ("empty", 204)])
def test_prefer_asks_for_the_record(
    karbon: Karbon, sandbox: KarbonControls, resource: str, key: str, answer: str, status: int
) -> None:
    sandbox.karbon_switch(patch_answer=answer)
    names: dict[str, Any] = {"FirstName": "Q"} if resource == "Contacts" else {"FullName": "Q"}
    assert karbon.patch(resource, key, **names).status_code == status
    headers = {"Prefer": "return=representation"}
    asked = karbon.send("PATCH", f"/{resource}/{key}", json=names, headers=headers)
    assert (asked.status_code, names.items() <= asked.json().items()) == (200, True)


@row("2.11 500", "2.11 404")
@pytest.mark.parametrize(("mode", "status"), [("500", 500), ("404", 404)])
def test_a_write_to_a_key_that_does_not_exist(karbon: Karbon, sandbox: KarbonControls, mode: str, status: int) -> None:
    sandbox.karbon_switch(put_unknown_key=mode)
    card = {"EntityType": "Contact", "EntityKey": "nobody"}
    answers = both(lambda resource: karbon.put(resource, "nobody"))
    answers += both(lambda resource: karbon.patch(resource, "nobody", RestrictionLevel="Public"))
    answers.append(karbon.send("PUT", "/BusinessCards/nobody", json=card))
    assert [answer.status_code for answer in answers] == [status] * 5
    codes = [refusal(answer)[1] for answer in answers]
    assert codes == (["5001"] * 5 if mode == "500" else ["404", "4002", "404", "404", "404"])


@row("2.5 Keys", "2.11 500")
def test_a_put_may_keep_its_identifier_but_not_take_anothers(karbon: Karbon, resource: str, key: str) -> None:
    karbon.create("Contacts", UserDefinedIdentifier="UPD-2")
    assert karbon.put(resource, key, UserDefinedIdentifier="upd-1").status_code == 204
    assert refusal(karbon.put(resource, key, UserDefinedIdentifier="UPD-2")) == (500, "5001")
    karbon.put(resource, key, UserDefinedIdentifier="UPD-3")
    assert karbon.create("Contacts", UserDefinedIdentifier="UPD-1")
