"""Reading: the whole list in pages, what changed since, and single contacts as they are now."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from tests.records import ADDRESS
from xerosync_tui.domain.contact import Contact, XeroContact, XeroStatus
from xerosync_tui.remotes.ports import GROUP, LedgerPage
from xerosync_tui.sandbox import contact as stored

from .subject import OverHttp, Subject

ACME = Contact("Acme Pty Ltd", "accounts@acme.example", "02 5550 1234", ADDRESS)
AWKWARD = ["x" * 255, "two\nlines", "🙂👩‍👩‍👧", "שלום עולם", 'O\'Brien & "Söhne"; --', "a,b", "<b>&amp;"]


async def pages(subject: Subject, modified_since: int | None = None) -> list[LedgerPage]:
    """All pages of a list."""
    found = [await subject.port.page(1, modified_since=modified_since)]
    while len(found) < found[0].page_count:
        found.append(await subject.port.page(len(found) + 1, modified_since=modified_since))
    return found


async def listed(subject: Subject, modified_since: int | None = None) -> list[XeroContact]:
    return [contact for page in await pages(subject, modified_since) for contact in page.contacts]


async def test_an_empty_ledger_tells_nothing(subject: Subject) -> None:
    """xero.md 2.2 pagination, 2.6 envelope."""
    page = await subject.port.page(1)
    assert (page.contacts, page.bad, page.item_count) == ((), (), 0)


async def test_everything_is_told_as_it_is_archived_ones_too(subject: Subject) -> None:
    """xero.md 2.2 includeArchived, fields only when paged; 2.4 ContactNumber, ContactStatus."""
    first, second = subject.made(ACME, "C-1"), subject.made(Contact("Beta"))
    subject.set_to(first, XeroStatus.ARCHIVED)
    found = {contact.id: contact for contact in await listed(subject)}
    assert set(found) == {first, second}
    assert (found[first].contact, found[first].contact_number) == (ACME, "C-1")
    assert [found[id].status for id in (first, second)] == [XeroStatus.ARCHIVED, XeroStatus.ACTIVE]
    assert found[second].contact == Contact("Beta")


async def test_the_oldest_change_comes_first(subject: Subject) -> None:
    """xero.md 2.2 order."""
    a, b, c = (subject.made(Contact(name)) for name in "ABC")
    subject.edited(a, phone="1")
    assert [contact.id for contact in await listed(subject)] == [b, c, a]


async def test_more_than_a_page_is_told_once_and_counted(subject: Subject) -> None:
    """xero.md 2.2 page, pageSize, pagination."""
    names = [f"Acme {number}" for number in range(1001)]
    subject.many(names)
    found = await pages(subject)
    assert len(found) > 1
    assert {page.item_count for page in found} == {1001}
    assert [contact.contact.name for page in found for contact in page.contacts] == names


async def test_only_what_changed_since_is_told_to_the_second(subject: Subject) -> None:
    """xero.md 2.2 If-Modified-Since, 2.3 name, email, phone, address, archive."""
    a, b, c, _ = (subject.made(Contact(name)) for name in "ABCD")
    subject.edited(a, phone="1")
    subject.set_to(b, XeroStatus.ARCHIVED)
    moved = {contact.id: contact.updated for contact in await listed(subject)}
    since = moved[a] // 1000 * 1000
    assert [contact.id for contact in await listed(subject, since)] == [a, b]
    assert [contact.id for contact in await listed(subject, since + 999)] == [a, b]
    assert [contact.id for contact in await listed(subject, since + 1000)] == [b]
    assert c in [contact.id for contact in await listed(subject, moved[c])]


async def test_nothing_changed_since_is_an_empty_list(subject: Subject) -> None:
    """xero.md 2.3 answer when nothing changed."""
    subject.made(ACME)
    [contact] = await listed(subject)
    assert await listed(subject, contact.updated + 1000) == []


@pytest.mark.parametrize("answer", ["empty", "304"])
async def test_nothing_changed_however_xero_says_it(xero: OverHttp, answer: str) -> None:
    """xero.md 2.3 answer when nothing changed: unknown which."""
    xero.xero.control("switches", not_modified=answer)
    xero.made(ACME)
    [contact] = await listed(xero)
    assert await listed(xero, contact.updated + 2000) == []


async def test_the_ledgers_own_clock_is_told(xero: OverHttp) -> None:
    """xero.md 2.6 envelope, dates: engine.md 2.6 takes no local clock."""
    before = (await xero.port.page(1)).told_at
    xero.passes(7200)
    assert 7_200_000 <= (await xero.port.page(1)).told_at - before < 7_260_000


@pytest.mark.parametrize("text", AWKWARD)
async def test_any_name_is_told_and_read(subject: Subject, text: str) -> None:
    """xero.md 2.4 Name."""
    id = subject.made(Contact(text))
    assert [contact.contact.name for contact in await listed(subject)] == [text]
    assert (await subject.port.read([id]))[id].contact.contact.name == text


async def test_contacts_are_read_as_they_are_now(subject: Subject) -> None:
    """xero.md 2.2 IDs, includeArchived: all fields, archived ones too."""
    first, second, third = subject.made(ACME, "C-1"), subject.made(Contact("Beta")), subject.made(Contact("Gamma"))
    subject.set_to(second, XeroStatus.ARCHIVED)
    subject.edited(first, email="new@acme.example")
    found = await subject.port.read([second, first])
    assert set(found) == {first, second}
    assert found[first].contact.contact == replace(ACME, email="new@acme.example")
    assert found[first].contact.contact_number == "C-1"
    assert found[second].contact.status is XeroStatus.ARCHIVED
    assert third not in found


async def test_what_is_read_is_what_the_list_tells(subject: Subject) -> None:
    """xero.md 2.2 fields only when paged: the premise of a write compares the two."""
    ids = [subject.made(ACME, "C-1"), subject.made(Contact("Beta")), subject.made(Contact("Gamma", phone="1"))]
    subject.set_to(ids[1], XeroStatus.ARCHIVED)
    read = await subject.port.read(ids)
    assert {record.contact for record in read.values()} == set(await listed(subject))


async def test_a_read_tells_what_only_pages_tell(xero: OverHttp) -> None:
    """xero.md 2.2 fields only when paged: without MergedToContactID a merge would look like an archiving."""
    loser, survivor = xero.made(ACME), xero.made(Contact("Beta"))
    xero.firm.edit("merge", loser=loser, survivor=survivor)
    record = (await xero.port.read([loser]))[loser]
    assert (record.contact.status, record.contact.merged_to) == (XeroStatus.ARCHIVED, survivor)
    assert [contact.merged_to for contact in await listed(xero) if contact.id == loser] == [survivor]


async def test_nothing_is_read_where_nothing_is_asked(subject: Subject) -> None:
    """xero.md 2.2 IDs: an empty list would mean all."""
    subject.made(ACME)
    assert await subject.port.read([]) == {}


async def test_ids_that_are_not_there_are_absent(subject: Subject) -> None:
    """xero.md 2.2 IDs. Of more ids than fit a request, one that vanished does not take the others with it."""
    ids = [subject.made(Contact(f"Acme {number}")) for number in range(2 * GROUP + 5)]
    subject.vanished(ids[3])
    subject.vanished(ids[-1])
    found = await subject.port.read([*ids, str(uuid4())])
    assert set(found) == set(ids) - {ids[3], ids[-1]}
    assert all(found[id].contact.id == id for id in found)


async def test_a_group_that_is_not_found_is_halved_until_the_others_are_read(xero: OverHttp) -> None:
    """xero.md 2.2 IDs, engine.md 2.7, P13: should one vanished id be a 404 for all of them."""
    xero.xero.control("switches", vanished_id="404")
    ids = [xero.made(Contact(f"Acme {number}")) for number in range(GROUP)]
    xero.vanished(ids[3])
    before = len(xero.sent("GET"))
    assert set(await xero.port.read(ids)) == {*ids} - {ids[3]}
    assert len(xero.sent("GET")) - before < 15


async def test_no_request_asks_for_more_than_xero_answers(xero: OverHttp) -> None:
    """xero.md 2.2 IDs: batches of 40; more than 52 are a 404, which would be bisected in many requests."""
    ids = [xero.made(Contact(f"Acme {number}")) for number in range(2 * GROUP)]
    before = len(xero.sent("GET"))
    assert len(await xero.port.read(ids)) == 2 * GROUP
    assert xero.sent("GET")[before:] == [200, 200]


async def test_one_that_cannot_be_read_is_absent_and_told_by_the_list(xero: OverHttp) -> None:
    """xero.md 2.4 ContactStatus, promise P16: not one of the others is lost."""
    good, bad = xero.made(ACME), xero.made(Contact("Beta"))
    xero.firm.edit("raw", bad, patch={"ContactStatus": "SUSPENDED"})
    assert set(await xero.port.read([good, bad])) == {good}
    page = await xero.port.page(1)
    assert [contact.id for contact in page.contacts] == [good]
    assert [(record.record, record.name) for record in page.bad] == [(bad, "Beta")]


@pytest.mark.parametrize("first", ["0", "1"])
async def test_unset_values_are_one_however_they_are_served(xero: OverHttp, first: str) -> None:
    """xero.md 2.6 slots, order of slots: keys missing on some contacts, empty on others."""
    id = f"{first}{str(uuid4())[1:]}"
    xero.keep(stored.Contact(id, 1_600_000_000_000, {"Name": "Acme"}, {"MOBILE": {"PhoneNumber": "0400"}}))
    record = (await xero.port.read([id]))[id]
    assert (b'"PhoneNumber":""' in record.raw) is (first == "0")
    assert record.contact.contact == Contact("Acme")
