"""GET /Contacts: where, searchTerm, summaryOnly, the high-volume guard (xero.md 2.2)."""

import httpx2
import pytest

from .client import Controls, Xero, contacts, ids
from .conftest import organisations
from .rows import row
from .signin import sign_in


@pytest.fixture
def elodie(xero: Xero) -> str:
    """A contact with every field that can be searched."""
    return xero.create(
        "Élodie Quagga Ltd",
        FirstName="Zebulon",
        LastName="Thistlewood",
        ContactNumber="num-4711",
        AccountNumber="ACC-0815",
        CompanyNumber="reg-1234",
        EmailAddress="Elodie@quagga.example",
    )


@row("2.2 where")
@pytest.mark.parametrize(
    "where",
    [
        'Name=="Élodie Quagga Ltd"',
        'Name="Élodie Quagga Ltd"',
        'Name == "élodie quagga ltd"',
        'Name=="elodie quagga ltd"',
        'EmailAddress=="elodie@QUAGGA.example"',
        'AccountNumber=="acc-0815"',
        'Name=="elodie quagga ltd" AND AccountNumber=="ACC-0815"',
        'Name=="elodie quagga ltd" AND EmailAddress="elodie@quagga.example" AND AccountNumber="ACC-0815"',
    ],
)
def test_where_compares_without_case_and_accents(xero: Xero, elodie: str, where: str) -> None:
    assert ids(xero.page(where=where)) == [elodie]


@row("2.2 where")
@pytest.mark.parametrize("where", ['Name=="Quagga"', 'Name=="elodie quagga ltd" AND AccountNumber=="other"'])
def test_where_compares_the_whole_value_and_all_terms(xero: Xero, elodie: str, where: str) -> None:
    assert xero.page(where=where) == []


@row("2.2 where", "2.2 order", "2.2 high-volume guard")
@pytest.mark.parametrize(
    "parameters",
    [
        {"where": 'FirstName=="Zebulon"'},
        {"where": 'ContactStatus=="ACTIVE" AND LastName=="thistlewood"'},
        {"order": "EmailAddress", "where": 'Name=="Élodie Quagga Ltd"'},
    ],
    ids=str,
)
def test_few_contacts_may_be_filtered_and_ordered_without_an_index(
    xero: Xero, elodie: str, parameters: dict[str, str]
) -> None:
    assert ids(xero.page(**parameters)) == [elodie]


@row("2.2 where", "3 400")
@pytest.mark.parametrize("where", ['Nonsense=="x"', "Name=="])
def test_a_where_that_cannot_be_parsed_is_refused(xero: Xero, where: str) -> None:
    answer = xero.get(page=1, where=where)
    assert answer.status_code == 400
    assert answer.json()["ErrorNumber"] == 16


@row("2.2 searchTerm")
@pytest.mark.parametrize("term", ["QUAGGA", "zebul", "thistle", "NUM-47", "REG-12", "elodie@quagga"])
def test_search_looks_into_six_fields(xero: Xero, elodie: str, term: str) -> None:
    assert ids(xero.page(searchTerm=term)) == [elodie]


@row("2.2 searchTerm")
def test_search_does_not_look_into_other_fields(xero: Xero, elodie: str) -> None:
    assert xero.page(searchTerm="ACC-0815") == []


@row("2.2 searchTerm")
def test_search_keeps_archived_contacts_out(xero: Xero, elodie: str) -> None:
    xero.update(elodie, ContactStatus="ARCHIVED")
    assert xero.page(searchTerm="quagga") == []
    assert ids(xero.page(searchTerm="quagga", includeArchived="true")) == [elodie]


@row("2.2 summaryOnly")
def test_a_summary_is_paged_and_lacks_the_heavy_fields(xero: Xero, elodie: str) -> None:
    answer = xero.get(summaryOnly="true")
    assert answer.json()["pagination"]["page"] == 1
    summaries = contacts(answer)
    dropped = {
        "Addresses",
        "Balances",
        "ContactGroups",
        "ContactPersons",
        "IsCustomer",
        "IsSupplier",
        "SalesDefaultAccountCode",
        "PurchasesDefaultAccountCode",
        "SalesTrackingCategories",
        "PurchasesTrackingCategories",
    }
    assert all(summary.keys().isdisjoint(dropped) for summary in summaries)
    assert "Élodie Quagga Ltd" in {summary["Name"] for summary in summaries}


@row("2.2 high-volume guard", "3 400")
def test_more_than_100000_contacts_must_be_paged_and_ordered_by_an_index(
    sandbox: Controls, http: httpx2.Client
) -> None:
    sandbox.reset(seed=1, size=112_000)
    token = sign_in(http)
    xero = Xero(http, token, organisations(http, token)[0])
    page = xero.get(page=1, pageSize=20)
    assert page.json()["pagination"]["itemCount"] > 100_000
    for parameters in ({}, {"page": 1, "order": "EmailAddress"}, {"page": 1, "where": 'FirstName=="Ann"'}):
        answer = xero.get(**parameters)
        assert answer.status_code == 400
        assert answer.json()["ErrorNumber"] == 51
        assert "HighVolume" in answer.json()["Type"]
    assert len(xero.page(pageSize=20, order="Name")) == 20
