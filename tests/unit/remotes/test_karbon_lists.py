"""Lists along nextLink, and what changed since: over the sandbox, and over answers that no Karbon should give."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

import httpx2
import pytest

from tests.unit.remotes import karbon_account
from tests.unit.remotes.karbon_account import Account, card, phone
from xerosync_tui.domain.contact import Contact, KarbonContact, Kind
from xerosync_tui.errors import RemoteRefused, RemoteUnreachable
from xerosync_tui.remotes import http
from xerosync_tui.remotes.karbon import lists
from xerosync_tui.remotes.karbon.session import Credentials, KarbonSession
from xerosync_tui.remotes.ports import Create, NotStored, Stored
from xerosync_tui.sandbox.karbon.entity import TICKS

server, store, account = karbon_account.server, karbon_account.store, karbon_account.account

HOST = "https://api.karbonhq.com"
LIST = f"{HOST}/v3/Contacts"
AT = "2026-01-02T03:04:05Z"


def many(account: Account, number: int, *, second: float = -1000) -> None:
    for n in range(number):
        account.organization(
            f"k{n}", f"Acme {n}", card(f"card{n}", EmailAddresses=[f"{n}@x.example"]), second=second - n
        )


async def test_contacts_come_by_the_hundred_without_a_request_for_each(account: Account) -> None:
    """karbon.md 2.2: 120 requests a minute."""
    many(account, 250)
    for n in range(250):
        account.person(f"p{n}", FirstName="Jane", LastName=f"Doe {n}", second=-1000 - n)
    contacts, gone, bad = await account.told()
    assert (len(contacts), gone, bad) == (500, [], [])
    for resource in ("/Contacts?", "/Organizations?"):
        assert len([one for one in account.asked() if resource in one]) == 3 + 1  # pages, and the top once more
    assert len(account.sent) == 8


async def test_what_a_list_tells_is_not_whole(account: Account) -> None:
    """karbon.md 2.5: which of several emails it is, and whether the phone is the synced one, is unknown."""
    on_card = card(EmailAddresses=["jane@x.example", "other@x.example"], PhoneNumbers=[phone("1")])
    account.person("p1", on_card, FirstName="Jane", LastName="Doe", ContactType="Client", UserDefinedIdentifier="C1")
    account.organization("k1", "Acme")
    contacts, *_ = await account.told()
    at = {key: one.modified // TICKS * TICKS for key, one in account.tenant.entities.items()}
    jane = KarbonContact("p1", Kind.PERSON, Contact("Jane Doe", "jane@x.example"), "Client", "C1", at["p1"], False)
    acme = KarbonContact("k1", Kind.ORGANIZATION, Contact("Acme"), version=at["k1"], whole=False)
    assert contacts == {"p1": jane, "k1": acme}
    assert account.records_asked() == []
    whole = await account.whole()
    assert whole["p1"] == replace(
        jane,
        contact=replace(jane.contact, phone="1"),
        version=account.tenant.entities["p1"].modified,
        whole=True,
    )


@pytest.mark.parametrize("keeps", [True, False])
async def test_the_order_is_asked_for_on_every_page(account: Account, keeps: bool) -> None:
    """karbon.md 2.3: whether nextLink keeps the query is unknown."""
    many(account, 250)
    account.switch(next_link_keeps_query=keeps)
    assert len((await account.told())[0]) == 250
    for asked in account.asked():
        assert "$orderby=LastModifiedDateTime desc" in unquote_plus(asked)
        assert "$top" not in unquote_plus(asked)


async def test_a_list_that_moves_while_it_is_read_is_complete(account: Account) -> None:
    """What is edited moves to the top, which is read once more."""
    many(account, 250)
    account.fault("touch", "/v3/Organizations", times=2)
    contacts, *_ = await account.told()
    newest = {one.key: one.modified // TICKS for one in account.tenant.entities.values()}
    assert {key: contact.version // TICKS for key, contact in contacts.items()} == newest


async def test_a_row_that_is_missing_once_is_read_again(account: Account) -> None:
    many(account, 250)
    account.fault("drop_last", "/v3/Organizations")
    assert len((await account.told())[0]) == 250


async def test_a_list_that_never_fits_is_no_list(account: Account) -> None:
    """P11."""
    many(account, 250)
    account.fault("drop_last", "/v3/Organizations", times=1000)
    with pytest.raises(RemoteUnreachable, match="did not fit together"):
        await account.told()
    assert len(account.sent) < 50


async def test_one_bad_row_is_told_and_the_others_go_on(account: Account) -> None:
    many(account, 3)
    account.serves("k1", FullName=["x"])
    contacts, gone, bad = await account.told()
    assert (set(contacts), gone, [one.record for one in bad]) == ({"k0", "k2"}, [], ["k1"])


async def test_one_bad_record_is_told_and_the_others_go_on(account: Account) -> None:
    """Its row is sound, and the record is not."""
    many(account, 2)
    account.person("p1", FirstName="Jane", LastName="Doe")
    account.serves("p1", FirstName=3)
    contacts, gone, bad = await account.told()
    assert (set(contacts), gone, bad) == ({"k0", "k1", "p1"}, [], [])
    found = await account.port.read(["k0", "p1", "k1"])
    assert ([contact.key for contact in found.contacts], found.gone) == (["k0", "k1"], ())
    assert [one.record for one in found.bad] == ["p1"]
    assert found.bad[0].reason.startswith("Karbon sent a contact that cannot be read: ")
    _, _, bad = await account.told(contacts["p1"].version)  # within the second that was reached
    assert [(one.record, one.name) for one in bad] == [("p1", "Jane Doe")]


async def test_when_karbon_goes_away_nothing_is_gone(account: Account) -> None:
    many(account, 3)
    account.fault("unavailable", "/v3/Organizations/k1", times=99)
    with pytest.raises(RemoteUnreachable):
        await account.port.read(["k0", "k1"])


@pytest.mark.parametrize("row_is_bad", [True, False])
async def test_what_cannot_be_read_is_no_reason_to_list_all_each_time(account: Account, row_is_bad: bool) -> None:
    """It is counted, and never known."""
    many(account, 150)
    account.serves("k149", **({"FullName": ["x"]} if row_is_bad else {"BusinessCards": 3}))
    account.port = account.directory(unreadable={"k149"})
    for _ in range(2):
        account.sent.clear()
        contacts, gone, _ = await account.told(account.newest())
        assert (contacts, gone) == ({}, [])
        assert len(account.lists_asked()) == 2


async def test_a_row_that_can_be_read_again_is_told(account: Account) -> None:
    many(account, 3)
    account.port = account.directory(unreadable={"k1"})
    version = account.newest()
    account.touched("k1", 5)
    account.sent.clear()
    contacts, gone, bad = await account.told(version)
    assert (set(contacts), gone, bad) == ({"k1"}, [], [])
    assert len(account.lists_asked()) == 2


async def test_bad_rows_are_told_on_the_first_page(account: Account) -> None:
    """P10: who stops behind it goes on from a time that may be later than theirs."""
    many(account, 130)
    account.serves("k5", FullName=["x"])
    first, second = [page async for page in account.port.changes(0)]
    assert [bad.record for bad in first.bad] == ["k5"]
    assert second.bad == ()


async def test_linked_with_xero_takes_two_requests(account: Account) -> None:
    """karbon.md 2.3, ExternalKey: both kinds, and not unique."""
    account.organization("o1", "Acme")
    account.person("p1", FirstName="Jane", LastName="Doe")
    account.organization("o2", "Other")
    for key in ("o1", "p1"):
        account.tenant.put(replace(account.tenant.entities[key], external_keys=frozenset({"it's-1"})))
    assert {row.key for row in await account.port.linked_with_xero("it's-1")} == {"o1", "p1"}
    assert len(account.sent) == 2
    assert await account.port.linked_with_xero("nobody") == ()


async def test_an_increment_reads_until_known_ground(account: Account) -> None:
    many(account, 250)
    account.planned()
    version = account.newest()
    account.touched("k200", 5, FullName="New name")
    account.sent.clear()
    contacts, gone, bad = await account.told(version)
    assert {key: one.contact.name for key, one in contacts.items()} == {"k200": "New name"}
    assert (gone, bad) == ([], [])
    assert len([one for one in account.asked() if "/Organizations?" in one]) == 1
    assert len(account.records_asked()) <= 1  # the newest of before


async def test_a_later_change_within_the_same_second_is_told(account: Account) -> None:
    """karbon.md 2.3: lists tell seconds only."""
    account.organization("k1", "Before")
    at = account.tenant.entities["k1"].modified // TICKS * TICKS
    account.tenant.put(replace(account.tenant.entities["k1"], modified=at))
    account.planned()
    account.tenant.put(replace(account.tenant.entities["k1"], text={"FullName": "After"}, modified=at + 1))
    contacts, *_ = await account.told(at)
    assert contacts["k1"].contact.name == "After"


async def test_what_is_known_within_the_newest_second_is_read_until_it_is_no_news(account: Account) -> None:
    """What a list told of it is known by its second only: its own time is told once, and then nothing."""
    many(account, 2)
    contacts, *_ = await account.told()
    version = contacts["k0"].version
    assert version == account.newest() // TICKS * TICKS
    account.sent.clear()
    pages = [page async for page in account.port.changes(version)]
    [told] = [contact for page in pages for contact in page.contacts]
    assert (told.key, told.whole, told.version) == ("k0", True, account.newest())
    assert len(account.records_asked()) == 1
    assert [page async for page in account.port.changes(pages[-1].version)] == []


async def test_what_is_new_within_the_second_that_was_reached_is_told(account: Account) -> None:
    """Also where its time is earlier than the one that was reached."""
    account.organization("k1", "Acme")
    at = account.tenant.entities["k1"].modified // TICKS * TICKS
    account.tenant.put(replace(account.tenant.entities["k1"], modified=at + 7))
    account.planned()
    account.organization("k2", "Beta", card(PhoneNumbers=[phone("1")]))
    account.tenant.put(replace(account.tenant.entities["k2"], modified=at + 3))
    contacts, *_ = await account.told(at + 7)
    assert {key: contact.whole for key, contact in contacts.items()} == {"k2": False}
    contacts, *_ = await account.told(at + 7)
    assert {key: (contact.whole, contact.contact.phone) for key, contact in contacts.items()} == {"k2": (True, "1")}
    assert (await account.told(at + 7))[0] == {}


async def test_what_shows_late_with_an_earlier_time_is_told(account: Account) -> None:
    account.organization("k1", "Early bird")
    account.planned()
    version = account.tenant.entities["k1"].modified
    account.organization("k2", "Latecomer", second=-30)
    contacts, *_ = await account.told(version)
    assert set(contacts) == {"k2"}


async def test_pages_can_be_gone_on_from(account: Account) -> None:
    """Who stops behind any page has all up to its version."""
    many(account, 130)
    for n in range(40):  # and a second that many share, across the end of a page, the newest of them by key first
        account.organization(f"a{99 - n}", f"Same {n}", second=-1031)
    versions = {key: known.version for key, known in account.known().items()}
    pages = [page async for page in account.port.changes(0)]
    assert len(pages) == 2
    told: set[str] = set()
    for page in pages:
        told |= {contact.key for contact in page.contacts}
        assert {key for key, version in versions.items() if version // TICKS <= page.version // TICKS} == told
    assert len(told) == 170


async def test_a_deletion_shows_in_the_count(account: Account) -> None:
    many(account, 150)
    account.planned()
    version = account.newest()
    account.tenant.remove("k149")
    account.organization("new", "New", second=1)
    contacts, gone, _ = await account.told(version)
    assert (set(contacts), gone) == ({"new"}, ["k149"])


async def test_what_a_read_found_deleted_is_no_reason_to_list_all(account: Account) -> None:
    """It was told; a complete read tells it again."""
    many(account, 150)
    account.planned()
    version = account.newest()
    account.tenant.remove("k149")
    assert (await account.port.read(["k149"])).gone == ("k149",)
    account.sent.clear()
    assert await account.told(version) == ({}, [], [])
    assert len(account.lists_asked()) == 2
    assert (await account.told(0))[1] == ["k149"]


async def test_without_a_deletion_not_everything_is_listed(account: Account) -> None:
    many(account, 150)
    account.planned()
    account.sent.clear()
    assert await account.told(account.newest()) == ({}, [], [])
    assert len(account.lists_asked()) == 2


async def test_what_a_list_only_hides_is_not_gone(account: Account) -> None:
    """karbon.md 2.3: whether lists hold Private and Hidden records is unknown."""
    many(account, 3)
    account.planned()
    version = account.newest()
    account.tenant.put(replace(account.tenant.entities["k1"], level="Hidden"))
    account.switch(lists_show_restricted=False)
    assert (await account.told(version))[1] == []
    assert (await account.told(0))[1] == []


async def test_an_account_that_is_empty_all_at_once_plans_nothing(account: Account) -> None:
    """P11."""
    many(account, 2)
    account.planned()
    for key in ("k0", "k1"):
        account.tenant.remove(key)
    for since in (0, 1):
        with pytest.raises(RemoteRefused, match="no contacts at all although 2 are known"):
            await account.told(since)


async def test_a_card_edit_that_moves_no_time_is_told_by_a_read(account: Account) -> None:
    """karbon.md 2.3: whether it moves is unknown."""
    account.organization("k1", "Acme", card(EmailAddresses=["a@x.example"]))
    account.planned()
    entity = account.tenant.entities["k1"]
    account.tenant.put(replace(entity, cards=(card(EmailAddresses=["b@x.example"], PhoneNumbers=[phone("1")]),)))
    assert await account.told(account.newest()) == ({}, [], [])
    [found] = (await account.port.read(["k1"])).contacts
    assert found.contact == Contact("Acme", "b@x.example", "1")


async def test_what_was_edited_while_all_was_read_hides_no_stranger(account: Account) -> None:
    """To read all cards takes hours (karbon.md 2.2): what is read last may be newer than what was never listed."""
    account.organization("k1", "First", second=-9000)
    account.organization("k2", "Second", second=-8000)
    account.planned()

    def edit_meanwhile() -> None:
        account.touched("k2", -100, FullName="Second, edited")
        account.organization("k3", "Acme", second=-4000)

    told = [page async for page in account.port.changes(0)]
    account.when(lambda request: request.url.path.endswith("/k1"), edit_meanwhile)
    found = await account.port.read(["k1", "k2"])
    assert [contact.contact.name for contact in found.contacts] == ["First", "Second, edited"]
    [outcome] = await account.write(Create(Kind.ORGANIZATION, "", Contact("Acme"), ""))
    assert outcome == NotStored("Acme was added or changed in Karbon meanwhile.", deferred=True)
    contacts, *_ = await account.told(told[-1].version)
    assert set(contacts) == {"k2", "k3"}


async def test_a_plan_rests_on_what_was_read(account: Account) -> None:
    """Edited behind the list, and read before the plan: nobody came in between."""
    account.organization("k1", "Before")
    assert (await account.told())[0]["k1"].contact.name == "Before"
    account.touched("k1", 5, FullName="Acme")
    [found] = (await account.port.read(["k1"])).contacts
    assert found.contact.name == "Acme"
    [outcome] = await account.write(Create(Kind.ORGANIZATION, "", Contact("Acme"), ""))
    assert isinstance(outcome, Stored)


class Pages:
    """Answers of a Karbon that is not as it should be, by the address."""

    def __init__(self) -> None:
        self.answer: Callable[[httpx2.Request], Any] = lambda request: {}
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        assert len(self.asked) < 50, "it goes on for ever"
        return httpx2.Response(200, json=self.answer(request))


def rows(*keys: str, at: str = AT) -> list[dict[str, str]]:
    return [{"ContactKey": key, "FullName": key, "LastModifiedDateTime": at} for key in keys]


@pytest.fixture
async def odd() -> AsyncIterator[tuple[KarbonSession, Pages]]:
    async def no_sleep(seconds: float) -> None:
        raise AssertionError("nothing to wait for")

    pages = Pages()
    async with http.new_client(httpx2.MockTransport(pages)) as client:
        credentials = Credentials("0f0e0d0c-1111-4222-8333-abcdefabcdef", "eyJa.b.c")
        yield KarbonSession(client, credentials, HOST, now=lambda: 0.0, sleep=no_sleep), pages


Odd = tuple[KarbonSession, Pages]


async def test_a_circle_ends_in_an_error(odd: Odd) -> None:
    session, pages = odd

    def answer(request: httpx2.Request) -> Any:
        n = len(pages.asked)
        return {"@odata.count": 9, "value": rows(f"k{n}"), "@odata.nextLink": f"{LIST}?$skip={n % 2}"}

    pages.answer = answer
    with pytest.raises(RemoteUnreachable, match="circle"):
        await lists.complete(session, Kind.PERSON)


async def test_the_same_page_again_ends_in_an_error(odd: Odd) -> None:
    session, pages = odd

    def answer(request: httpx2.Request) -> Any:
        n = len(pages.asked)
        return {"@odata.count": 9, "value": rows("k1", "k2"), "@odata.nextLink": f"{LIST}?$skip={n}"}

    pages.answer = answer
    with pytest.raises(RemoteUnreachable, match="same page again"):
        await lists.complete(session, Kind.PERSON)
    assert len(pages.asked) == 2


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/v3/Contacts?$skip=100",
        "http://api.karbonhq.com/v3/Contacts?$skip=100",
        "https://api.karbonhq.com.evil.example/v3/Contacts?$skip=100",
        "https://api.karbonhq.com@evil.example/v3/Contacts?$skip=100",
        "//evil.example/v3/Contacts",
        "/v3/Users?$skip=100",
        f"{LIST}?$skip=100&$orderby=FullName",
    ],
)
async def test_a_link_that_leads_elsewhere_is_not_followed(odd: Odd, link: str) -> None:
    """The credentials go nowhere else."""
    session, pages = odd
    pages.answer = lambda request: {"@odata.count": 2, "value": rows("k1"), "@odata.nextLink": link}
    with pytest.raises(RemoteUnreachable, match="leads to another one"):
        await lists.complete(session, Kind.PERSON)
    assert len(pages.asked) == 1


@pytest.mark.parametrize("link", ["Contacts?$skip=1", "/v3/Contacts?$skip=1&novel=%20x", "?$skip=1", f"{LIST}?$skip=1"])
async def test_a_link_is_followed_as_it_was_given(odd: Odd, link: str) -> None:
    session, pages = odd

    def answer(request: httpx2.Request) -> Any:
        if "skip" in str(request.url):
            return {"@odata.count": 2, "value": rows("k2")}
        return {"@odata.count": 2, "value": rows("k1"), "@odata.nextLink": link}

    pages.answer = answer
    listed = await lists.complete(session, Kind.PERSON)
    assert set(listed.rows) == {"k1", "k2"}
    second = pages.asked[1].url
    assert link.partition("?")[2] in str(second).replace("%24", "$")
    assert second.params["$orderby"] == "LastModifiedDateTime desc"


async def test_a_list_in_another_order_is_told(odd: Odd) -> None:
    session, pages = odd
    value = rows("k1") + rows("k2", at="2026-01-02T03:04:06Z")
    pages.answer = lambda request: {"@odata.count": 2, "value": value}
    with pytest.raises(RemoteUnreachable, match="not in the order"):
        await lists.since(session, Kind.PERSON, 0)


async def test_what_is_no_list(odd: Odd) -> None:
    session, pages = odd
    pages.answer = lambda request: {"value": 3}
    with pytest.raises(RemoteUnreachable, match="no list"):
        await lists.complete(session, Kind.PERSON)
