"""GET /Contacts and GET /Contacts/{id}: pages, archived contacts, order (xero.md 2.1, 2.2)."""

import math

import pytest

from .client import Controls, Xero, contacts, ids, moment
from .rows import row

PAGED_ONLY = {  # those of 2.2's closing paragraph that every contact has
    "ContactPersons",
    "ContactGroups",
    "HasAttachments",
}
PAGED_SOME = {"MergedToContactID", "Website", "BatchPayments", "Discount", "Balances", "PaymentTerms"}


@row("2.1 GET /Contacts")
def test_a_list_holds_no_archived_contacts(xero: Xero) -> None:
    listed = contacts(xero.get())
    assert len(listed) > 10
    assert "ARCHIVED" not in {contact["ContactStatus"] for contact in listed}


@row("2.1 GET /Contacts/{ContactID or ContactNumber}")
def test_one_contact_by_id_or_number_comes_in_a_list(xero: Xero) -> None:
    created = xero.create("By Number", ContactNumber="code-7")
    for key in (created, created.upper(), "code-7"):
        answer = contacts(xero.send("GET", f"/Contacts/{key}"))
        assert ids(answer) == [created]
        assert answer[0].keys() >= PAGED_ONLY


@row("1.1 accounting base", "1.2 `xero-tenant-id`")
def test_organisations_are_separate(xero: Xero, other: Xero) -> None:
    created = xero.create("Only in the first")
    assert other.send("GET", f"/Contacts/{created}").status_code == 404
    assert set(ids(contacts(xero.get()))).isdisjoint(ids(contacts(other.get())))


@row("2 XML by default")
def test_without_an_accept_header_the_answer_is_xml(xero: Xero) -> None:
    answer = xero.get(page=1, pageSize=2, headers={"Accept": "*/*"}, unchecked="XML is wanted")
    assert answer.status_code == 200
    assert "xml" in answer.headers["content-type"]
    assert answer.text.lstrip().startswith("<")


@row("2.2 page", "2.2 fields only when paged")
def test_a_list_without_page_is_whole_and_lacks_fields(xero: Xero) -> None:
    whole = xero.get()
    assert "pagination" not in whole.json()
    assert all(contact.keys().isdisjoint(PAGED_ONLY | PAGED_SOME) for contact in contacts(whole))
    paged = xero.page(pageSize=1000)
    assert sorted(ids(paged)) == sorted(ids(contacts(whole)))
    assert all(contact.keys() >= PAGED_ONLY for contact in paged)


@row("2.2 page")
def test_pages_count_from_one_and_do_not_overlap(xero: Xero) -> None:
    everything = ids(xero.page(pageSize=1000))
    pages = [one for number in (1, 2, 3) for one in ids(xero.page(page=number, pageSize=7))]
    assert pages == everything[:21]


@row("2.2 page")
def test_a_page_after_the_last_is_empty(xero: Xero) -> None:
    assert xero.page(page=99, pageSize=1000) == []


@row("2.2 pageSize")
def test_2_2_page_size_defaults_to_100(xero: Xero, sandbox: Controls) -> None:
    xero.put(*({"Name": f"Filler {number}"} for number in range(60)), summarizeErrors="false")
    answer = xero.get(page=1)
    assert answer.json()["pagination"]["pageSize"] == 100
    assert len(contacts(answer)) == 100


@row("2.2 pageSize")
@pytest.mark.parametrize(("asked", "given"), [("5000", 1000), ("1001", 1000), ("0", 1), ("-3", 1)])
def test_2_2_page_size_is_clamped(xero: Xero, asked: str, given: int) -> None:
    answer = xero.get(page=1, pageSize=asked)
    assert answer.json()["pagination"]["pageSize"] == given


@row("2.2 pagination (response)")
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_pagination_counts_items_and_pages(xero: Xero, size: int) -> None:
    count = len(contacts(xero.get()))
    expected = {"page": 1, "pageSize": size, "pageCount": math.ceil(count / size), "itemCount": count}
    assert xero.get(page=1, pageSize=size).json()["pagination"] == expected


@row("2.2 pagination (response)")
def test_pagination_counts_what_the_filter_lets_through(xero: Xero) -> None:
    xero.create("Countable Quagga")
    pagination = xero.get(page=1, searchTerm="quagga").json()["pagination"]
    assert (pagination["itemCount"], pagination["pageCount"]) == (1, 1)


@row("2.2 includeArchived", "2.5 archive")
def test_archived_contacts_are_absent_unless_asked_for(xero: Xero) -> None:
    archived = xero.create("Soon Gone")
    xero.update(archived, ContactStatus="ARCHIVED")
    assert archived not in ids(xero.page())
    assert archived not in ids(xero.page(includeArchived="false"))
    for spelling in ("true", "True"):
        assert archived in ids(xero.page(includeArchived=spelling))
    assert xero.one(archived)["ContactStatus"] == "ARCHIVED"


@row("2.2 order")
def test_the_default_order_is_by_modification_then_id(xero: Xero) -> None:
    first = ids(xero.page())[0]
    xero.update(first, FirstName="Moved")
    listed = xero.page(pageSize=1000, includeArchived="true")
    keys = [(moment(contact["UpdatedDateUTC"]), contact["ContactID"]) for contact in listed]
    assert keys == sorted(keys)
    assert listed[-1]["ContactID"] == first


@row("2.2 order")
def test_order_by_name_both_ways(xero: Xero) -> None:
    for name in ("Ordinal B", "Ordinal C", "Ordinal A"):
        xero.create(name)
    found = [c["Name"] for c in xero.page(searchTerm="ordinal", order="Name")]
    assert found == ["Ordinal A", "Ordinal B", "Ordinal C"]
    assert [c["Name"] for c in xero.page(searchTerm="ordinal", order="Name ASC")] == found
    assert [c["Name"] for c in xero.page(searchTerm="ordinal", order="Name DESC")] == found[::-1]


@row("2.2 order")
def test_order_by_id_and_by_modification(xero: Xero) -> None:
    by_id = ids(xero.page(order="ContactID", pageSize=1000))
    assert by_id == sorted(by_id)
    dates = [moment(c["UpdatedDateUTC"]) for c in xero.page(order="UpdatedDateUTC DESC", pageSize=1000)]
    assert dates == sorted(dates, reverse=True)


@row("2.2 order")
def test_the_id_breaks_ties(xero: Xero) -> None:
    for _ in range(5):  # archived contacts may share a name
        xero.update(xero.create("Namesake"), ContactStatus="ARCHIVED")
    tied = ids(xero.page(where='Name=="Namesake"', order="Name", includeArchived="true"))
    assert len(tied) == 5
    assert tied == sorted(tied)


@row("2.2 IDs")
def test_ids_select_contacts(xero: Xero) -> None:
    wanted = ids(xero.page(pageSize=1000))[3:43]
    assert sorted(ids(xero.page(IDs=",".join(wanted)))) == sorted(wanted)


@row("2.2 IDs")
def test_archived_contacts_are_selected_by_id_when_asked_for(xero: Xero) -> None:
    archived = xero.create("Soon Gone")
    xero.update(archived, ContactStatus="ARCHIVED")
    assert xero.page(IDs=archived) == []
    assert ids(xero.page(IDs=archived, includeArchived="true")) == [archived]


@row("2.2 IDs", "3 404")
@pytest.mark.parametrize(("count", "status"), [(52, 200), (53, 404)])
def test_more_than_52_ids_make_the_url_too_long(xero: Xero, count: int, status: int) -> None:
    some = ids(xero.page(pageSize=1000))[:count]
    assert len(some) == count, "the sandbox has too few contacts for this test"
    answer = xero.get(page=1, IDs=",".join(some))
    assert answer.status_code == status


@row("3 404", "2.6 404")
@pytest.mark.parametrize("key", ["0c6a5b8e-2f0e-4f6d-9a53-0d6a1c5c7a11", "no-such-number"])
def test_an_unknown_contact_is_404_with_an_empty_html_body(xero: Xero, key: str) -> None:
    answer = xero.send("GET", f"/Contacts/{key}")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.content == b""
