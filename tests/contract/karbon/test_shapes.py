"""Shapes of rows and single records (karbon.md 2.5, 2.6, 2.8)."""

import re
from typing import Any

import pytest

from .client import JSON, KEYS, Karbon, KarbonControls
from .rows import row

ROW = {
    "Contacts": {
        "@odata.type", "ContactKey", "FullName", "PreferredName", "Salutation", "ClientOwner", "ClientManager",
        "Address", "EmailAddress", "PhoneNumber", "RoleOrTitle", "ContactType", "UserDefinedIdentifier",
        "LastModifiedDateTime",
    },
    "Organizations": {
        "@odata.type", "OrganizationKey", "FullName", "EmailAddress", "PhoneNumber", "Website", "ContactType",
        "UserDefinedIdentifier", "LastModifiedDateTime",
    },
}  # fmt: skip
COMMON = {
    "@odata.context", "@odata.type", "ClientOwner", "ClientManager", "ContactType", "UserDefinedIdentifier",
    "RestrictionLevel", "LastModifiedDateTime", "EntityDescription", "AccountingDetail",
}  # fmt: skip
SINGLE = {
    "Contacts": COMMON
    | {"ContactKey", "FirstName", "MiddleName", "LastName", "PreferredName", "Salutation", "Suffix", "AvatarUrl"},
    "Organizations": COMMON | {"OrganizationKey", "FullName"},
}


def listed(karbon: Karbon, resource: str, key: str) -> JSON:
    """The row of one record."""
    (found,) = [one for page in karbon.pages(resource) for one in page if one[KEYS[resource]] == key]
    return found


def names_in(value: Any) -> set[str]:
    """The names of all properties, however deep."""
    if isinstance(value, dict):
        return set(value).union(*map(names_in, value.values()))
    return set().union(*map(names_in, value)) if isinstance(value, list) else set()


@row("2.5 ContactKey", "2.5 list rows have no cards", "2.5 RoleOrTitle, ClientOwner, ClientManager")
def test_the_names_of_a_row(karbon: Karbon) -> None:
    for resource, names in ROW.items():
        assert {tuple(sorted(one)) for one in karbon.rows(resource)} == {tuple(sorted(names))}


@row("2.5 Person, single", "2.5 Organization, single", "2.6 Contact Name", "2.4 GET `/v3/Contacts/{key}`")
def test_the_names_of_a_single_record(karbon: Karbon) -> None:
    for resource, names in SINGLE.items():
        key = karbon.rows(resource)[0][KEYS[resource]]
        assert karbon.one(resource, key, expand="").keys() == names
        assert karbon.one(resource, key).keys() == names | {"BusinessCards"}


@row("2.6 Billing Email", "2.6 Primary Phone Number", "2.6 Billing Address")
def test_nothing_tells_what_the_billing_picks_are(karbon: Karbon) -> None:
    for resource, key in KEYS.items():
        names = names_in([karbon.rows(resource), karbon.one(resource, karbon.rows(resource)[0][key])])
        assert {name for name in names if re.search("billing|primary", name, re.IGNORECASE)} == {"IsPrimaryCard"}


@row("2.5 FullName, PreferredName, Salutation", "2.6 Contact Name")
def test_a_persons_full_name_is_put_together_in_lists_only(karbon: Karbon) -> None:
    parts = {"Salutation": "Mr", "FirstName": "William", "MiddleName": "John", "LastName": "Connor", "Suffix": "Jr."}
    key = karbon.create("Contacts", **parts, PreferredName="Bill")
    shown = listed(karbon, "Contacts", key)
    assert (shown["FullName"], shown["PreferredName"], shown["Salutation"]) == ("William John Connor", "Bill", "Mr")
    single = karbon.one("Contacts", key)
    assert {name: single[name] for name in parts} == parts
    assert "FullName" not in single


@row("2.5 EmailAddress (one)", "2.5 PhoneNumber (one, string or null)", "2.5 Order of EmailAddresses as primacy")
@pytest.mark.parametrize(("shows", "place"), [("first", 0), ("last", -1)])
def test_a_row_shows_one_email_and_phone_of_several(
    karbon: Karbon, sandbox: KarbonControls, shows: str, place: int
) -> None:
    sandbox.karbon_switch(row_shows=shows)
    emails, numbers = ["a@rows.example", "b@rows.example", "c@rows.example"], ["111", "222"]
    phones = [{"Number": number, "Label": "Work"} for number in numbers]
    card = {"EmailAddresses": emails, "PhoneNumbers": phones}
    for resource in KEYS:
        key = karbon.create(resource, BusinessCards=[card, {"EmailAddresses": ["z@rows.example"]}])
        shown = listed(karbon, resource, key)
        assert (shown["EmailAddress"], shown["PhoneNumber"]) == (emails[place], numbers[place])
        assert karbon.card_of(key, resource)["EmailAddresses"] == emails


@row("2.5 Address (one string or null)", "2.5 PhoneNumber (one, string or null)")
def test_a_row_shows_the_address_of_a_person_as_one_string(karbon: Karbon) -> None:
    address = {"AddressLines": "42 Galaxy Way", "City": "London", "Label": "Physical"}
    with_one = karbon.create("Contacts", BusinessCards=[{"Addresses": [address], "RoleOrTitle": "COO"}])
    shown = listed(karbon, "Contacts", with_one)
    assert (shown["Address"], shown["RoleOrTitle"]) == ("42 Galaxy Way, London", "COO")
    without = listed(karbon, "Contacts", karbon.create("Contacts"))
    assert (without["Address"], without["PhoneNumber"], without["EmailAddress"]) == (None, None, None)


@row("2.5 ContactType, UserDefinedIdentifier", "2.5 RoleOrTitle, ClientOwner, ClientManager", "2.7 ClientOwner")
def test_type_identifier_and_owner_in_row_and_record(karbon: Karbon) -> None:
    fields = {"ContactType": "Prospect", "UserDefinedIdentifier": "ROW-1", "ClientOwner": "anna@harbour.example"}
    for resource, identifier in (("Contacts", "ROW-1"), ("Organizations", "ROW-2")):
        fields["UserDefinedIdentifier"] = identifier
        key = karbon.create(resource, **fields)
        assert {name: karbon.one(resource, key)[name] for name in fields} == fields
        shown = listed(karbon, resource, key)
        assert {name: shown[name] for name in fields if name in shown}.items() <= fields.items()
        assert (shown["ContactType"], shown["UserDefinedIdentifier"]) == ("Prospect", identifier)


@row("2.5 LastModifiedDateTime", "2.3 Does editing only a business card move")
def test_a_row_shows_seconds_and_a_single_record_seven_decimals(karbon: Karbon) -> None:
    for resource, key in KEYS.items():
        for shown in karbon.rows(resource)[:5]:
            single = karbon.one(resource, shown[key])["LastModifiedDateTime"]
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z", single)
            assert shown["LastModifiedDateTime"] == f"{single[:19]}Z"


@row("2.5 PhoneNumber (one, string or null)", "2.5 RoleOrTitle")
@pytest.mark.parametrize(("style", "unset"), [("null", None), ("empty", ""), ("missing", "absent")])
def test_a_text_that_nobody_set(karbon: Karbon, sandbox: KarbonControls, style: str, unset: Any) -> None:
    sandbox.karbon_switch(unset_text=style, empty_last_name=True)
    key = karbon.create("Contacts", LastName="", BusinessCards=[{"EmailAddresses": ["one@unset.example"]}])
    record, shown = karbon.one("Contacts", key), listed(karbon, "Contacts", key)
    found = [record.get("ContactType", "absent"), record["BusinessCards"][0].get("RoleOrTitle", "absent")]
    found += [shown.get(name, "absent") for name in ("PhoneNumber", "Address", "ContactType", "PreferredName")]
    assert found == [unset] * 6
    assert record["LastName"] == ""
    assert record["UserDefinedIdentifier"] == ("" if style != "null" else None)


@row("2.8 Returns", "2.8 Guide shows ContactTypes as plain strings", "2.8 Types are tenant-defined")
def test_the_tenants_contact_types_are_objects_of_its_own(karbon: Karbon) -> None:
    settings = karbon.send("GET", "/TenantSettings").json()
    assert {"TenantKey", "ClientAccessActivated", "WorkStatuses", "WorkTypes", "ServiceTypes"} < settings.keys()
    assert all(one.keys() == {"Name", "ContactTypeKey"} for one in settings["ContactTypes"])
    names = {one["Name"] for one in settings["ContactTypes"]}
    assert {"Client", "Client-VIP", "Prospect", "Supplier", "Inactive"} == names
    assert {one["ContactType"] for one in karbon.rows()} <= names


@row("2.5 Keys")
def test_keys_are_opaque_text_and_one_keyspace(karbon: Karbon, sandbox: KarbonControls) -> None:
    keys = list(sandbox.records())
    assert len(set(keys)) == len(keys) > 100
    assert all(re.fullmatch(r"[A-Za-z0-9]{10,12}", key) for key in keys)
    contact = karbon.rows()[0]["ContactKey"]
    assert karbon.send("GET", f"/Organizations/{contact}").status_code == 404
