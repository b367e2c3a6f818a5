"""A contact's fields: lengths, uniqueness, enumerations, what cannot be written (xero.md 2.4)."""

from uuid import UUID

import pytest

from .client import JSON, Controls, Xero, contacts, ids, refusals
from .rows import row


@row("2.4 ContactID")
def test_contact_ids_are_unique_uuids(xero: Xero) -> None:
    listed = ids(xero.page(pageSize=1000, includeArchived="true"))
    assert len(set(listed)) == len(listed)
    assert [str(UUID(one)) for one in listed] == listed


@row(
    "2.4 ContactNumber",
    "2.4 AccountNumber",
    "2.4 Name",
    "2.4 FirstName, LastName",
    "2.4 EmailAddress",
    "2.4 CompanyNumber",
    "2.4 TaxNumber",
)
@pytest.mark.parametrize(
    ("field", "longest"),
    [
        ("ContactNumber", "n" * 50),
        ("AccountNumber", "n" * 50),
        ("Name", "é" * 255),
        ("FirstName", "f" * 255),
        ("LastName", "l" * 255),
        ("EmailAddress", "e" * 60 + "@" + ".".join(["d" * 47] * 4) + ".ex"),
        ("CompanyNumber", "n" * 50),
        ("TaxNumber", "n" * 50),
    ],
)
def test_a_text_may_have_its_maximum_and_no_more(xero: Xero, field: str, longest: str) -> None:
    created = xero.create(**{"name": "Length", field: longest} if field != "Name" else {"name": longest})
    assert xero.one(created)[field] == longest
    assert refusals(xero.put({"Name": "Too Long"} | {field: longest + "x"}))


@row("2.4 ContactNumber")
def test_a_contact_number_in_use_is_refused(xero: Xero) -> None:
    xero.create("Holder", ContactNumber="marker-1")
    assert refusals(xero.put({"Name": "Second", "ContactNumber": "marker-1"}))
    assert xero.page(where='Name=="Second"') == []


@row("2.4 AccountNumber")
def test_an_account_number_in_use_is_refused(xero: Xero) -> None:
    xero.create("Holder", AccountNumber="A-1")
    second = xero.create("Second")
    for answer in (
        xero.put({"Name": "Third", "AccountNumber": "A-1"}),
        xero.post({"ContactID": second, "AccountNumber": "A-1"}),
    ):
        (message,) = refusals(answer)
        assert message.startswith("The Account Number already exists")


@row("2.4 Name")
@pytest.mark.parametrize("contact", [{}, {"Name": ""}, {"EmailAddress": "a@example.com"}])
def test_a_name_is_required_on_create(xero: Xero, contact: JSON) -> None:
    (message,) = refusals(xero.put(contact))
    assert "name" in message.lower()


@row("2.4 Name")
def test_a_name_is_unique_among_active_contacts_on_update_too(xero: Xero) -> None:
    xero.create("Taken Name")
    second = xero.create("Second")
    (message,) = refusals(xero.post({"ContactID": second, "Name": "Taken Name"}))
    assert "must be unique across all active contacts" in message
    assert xero.update(second, Name="Second")["Name"] == "Second"


@row("2.4 Name")
@pytest.mark.parametrize("insensitive", [True, False])
def test_whether_uniqueness_sees_case(xero: Xero, sandbox: Controls, insensitive: bool) -> None:
    sandbox.switch(name_case_insensitive=insensitive)
    xero.create("Macdonald & Sons")
    answer = xero.put({"Name": "MacDonald & Sons"})
    assert (answer.status_code == 400) is insensitive


@row("2.4 Name")
@pytest.mark.parametrize("name", ["a < b", "a > b", " leading", "trailing ", "two  spaces"])
@pytest.mark.parametrize("strict", [True, False])
def test_whether_names_are_checked_strictly(xero: Xero, sandbox: Controls, name: str, strict: bool) -> None:
    sandbox.switch(name_strict=strict)
    assert (xero.put({"Name": name}).status_code == 400) is strict


@row("2.4 EmailAddress")
@pytest.mark.parametrize("email", ["nonsense", "a@", "müller@example.com", "a@x.de b@x.de"])
def test_an_invalid_email_address_is_refused(xero: Xero, email: str) -> None:
    assert refusals(xero.put({"Name": "Mail", "EmailAddress": email})) == ["Email address must be valid."]


@row("2.4 EmailAddress")
@pytest.mark.parametrize("email", ["ann+tax@example.com", "a..b@example.com", ".a@example.com"])
@pytest.mark.parametrize("strict", [True, False])
def test_whether_the_email_grammar_is_narrow(xero: Xero, sandbox: Controls, email: str, strict: bool) -> None:
    sandbox.switch(email_strict=strict)
    assert (xero.put({"Name": "Mail", "EmailAddress": email}).status_code == 400) is strict


@row("2.4 Name")
@pytest.mark.parametrize("cleaned", [True, False])
def test_whether_names_are_mended_silently(xero: Xero, sandbox: Controls, cleaned: bool) -> None:
    sandbox.switch(name_cleaned=cleaned)
    created = xero.create(" Ann  <Archer> ")
    assert xero.one(created)["Name"] == ("Ann Archer" if cleaned else " Ann  <Archer> ")


@row("2.4 BankAccountDetails", "2.4 ContactPersons[]")
@pytest.mark.parametrize("contact", [{"BankAccountDetails": "9" * 61}, {"ContactPersons": [{"LastName": "l" * 61}]}])
@pytest.mark.parametrize("longest", [60, None])
def test_lengths_nobody_documented(xero: Xero, sandbox: Controls, contact: JSON, longest: int | None) -> None:
    sandbox.switch(unstated_max=longest)
    assert (xero.put({"Name": "Long"} | contact).status_code == 400) is (longest is not None)


@row("2.4 TaxNumberType")
def test_the_tax_number_type_is_an_enumeration(xero: Xero) -> None:
    created = xero.create("Taxed", TaxNumber="12", TaxNumberType="EIN")
    assert xero.one(created)["TaxNumberType"] == "EIN"
    assert xero.put({"Name": "Wrong", "TaxNumberType": "ABN"}).status_code == 400


@row("2.4 BankAccountDetails", "2.4 DefaultCurrency")
def test_bank_account_and_currency_are_kept(xero: Xero) -> None:
    created = xero.create("Banked", BankAccountDetails="12-3456-7890123-00", DefaultCurrency="NZD")
    read = xero.one(created)
    assert (read["BankAccountDetails"], read["DefaultCurrency"]) == ("12-3456-7890123-00", "NZD")


@row("2.4 Website, Discount, UpdatedDateUTC, Balances", "2.4 IsCustomer, IsSupplier")
def test_read_only_fields_are_ignored_without_error(xero: Xero) -> None:
    created = xero.create("Read Only")
    before = xero.one(created)
    sent = {
        "Website": "https://example.com",
        "Discount": 5.0,
        "UpdatedDateUTC": "/Date(0+0000)/",
        "Balances": {"AccountsPayable": {"Outstanding": 1.0, "Overdue": 1.0}},
        "IsCustomer": True,
        "IsSupplier": True,
    }
    after = xero.update(created, FirstName="Written", **sent)
    assert after["FirstName"] == "Written"
    assert after["UpdatedDateUTC"] not in (sent["UpdatedDateUTC"], None)
    unchanged = sent.keys() - {"UpdatedDateUTC"}
    assert {key: after.get(key) for key in unchanged} == {key: before.get(key) for key in unchanged}


@row("2.4 IsCustomer, IsSupplier")
def test_a_refused_element_echoes_what_was_sent(xero: Xero) -> None:
    answer = xero.put({"Name": "Echo", "IsCustomer": True, "EmailAddress": "nonsense"})
    assert answer.json()["Elements"][0]["IsCustomer"] is True


@row("2.4 ContactStatus")
def test_the_status_is_an_enumeration(xero: Xero) -> None:
    created = xero.create("Status")
    assert xero.one(created)["ContactStatus"] == "ACTIVE"
    assert xero.post({"ContactID": created, "ContactStatus": "DELETED"}).status_code == 400


@row("2.4 MergedToContactID")
def test_a_merge_cannot_be_written_and_lists_without_page_do_not_show_it(xero: Xero, sandbox: Controls) -> None:
    loser, survivor = xero.create("Twin A"), xero.create("Twin B")
    assert "MergedToContactID" not in xero.update(loser, MergedToContactID=survivor)
    sandbox.edit("merge", loser=loser, survivor=survivor)
    assert xero.one(loser)["MergedToContactID"] == survivor
    (unpaged,) = contacts(xero.get(IDs=loser, includeArchived="true"))
    assert "MergedToContactID" not in unpaged


@row("2.4 HasAttachments")
def test_has_attachments_is_in_reads_and_not_in_write_replies(xero: Xero) -> None:
    (created,) = contacts(xero.put({"Name": "Attached"}))
    (updated,) = contacts(xero.post({"ContactID": created["ContactID"], "FirstName": "A"}))
    assert "HasAttachments" not in created
    assert "HasAttachments" not in updated
    assert xero.one(created["ContactID"])["HasAttachments"] is False


@row("2.4 ContactPersons[]")
def test_at_most_five_contact_persons(xero: Xero) -> None:
    persons = [
        {"FirstName": f"P{number}", "LastName": "Q", "EmailAddress": "p@example.com", "IncludeInEmails": True}
        for number in range(6)
    ]
    created = xero.create("Five", ContactPersons=persons[:5])
    assert xero.one(created)["ContactPersons"] == persons[:5]
    assert refusals(xero.put({"Name": "Six", "ContactPersons": persons}))


@row("2.1 PUT /Contacts")
def test_put_only_creates(xero: Xero) -> None:
    created = xero.create("Created Once", ContactNumber="once-1")
    for same in ({"Name": "Created Once"}, {"Name": "Other", "ContactNumber": "once-1"}):
        assert refusals(xero.put(same | {"FirstName": "Overwritten"}))
    assert "FirstName" not in xero.one(created)
