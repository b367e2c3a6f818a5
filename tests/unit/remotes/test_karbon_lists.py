"""Lists along nextLink, and what changed since: over the sandbox, and over answers that no Karbon should give."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

import httpx2
import pytest

from tests.unit.remotes import karbon_account
from tests.unit.remotes.karbon_account import Account, card
from xerosync_tui.domain.contact import Contact, Kind
from xerosync_tui.errors import RemoteRefused, RemoteUnreachable
from xerosync_tui.remotes import http
from xerosync_tui.remotes.karbon import lists
from xerosync_tui.remotes.karbon.session import Credentials, KarbonSession
from xerosync_tui.remotes.ports import Create, NotStored
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


async def test_rows_come_by_the_hundred_without_a_request_for_each(account: Account) -> None:
    many(account, 250)
    account.person("p1", card(EmailAddresses=["jane@x.example"]), FirstName="Jane", LastName="Doe")
    told = await account.port.rows()
    assert len(told.rows) == 251
    assert len(account.sent) == 3 + 1 + 2  # pages of both, and the top of both once more
    [jane] = [row for row in told.rows if row.kind is Kind.PERSON]
    assert (jane.key, jane.name, jane.email) == ("p1", "Jane Doe", "jane@x.example")


@pytest.mark.parametrize("keeps", [True, False])
async def test_the_order_is_asked_for_on_every_page(account: Account, keeps: bool) -> None:
    """karbon.md 2.3: whether nextLink keeps the query is unknown."""
    many(account, 250)
    account.switch(next_link_keeps_query=keeps)
    assert len((await account.port.rows()).rows) == 250
    for asked in account.asked():
        assert "$orderby=LastModifiedDateTime desc" in unquote_plus(asked)
        assert "$top" not in unquote_plus(asked)


async def test_a_list_that_moves_while_it_is_read_is_complete(account: Account) -> None:
    """What is edited moves to the top, which is read once more."""
    many(account, 250)
    account.fault("touch", "/v3/Organizations", times=2)
    told = await account.port.rows()
    assert len({row.key for row in told.rows}) == 250
    newest = {one.key: one.modified // TICKS for one in account.tenant.entities.values()}
    assert {row.key: row.modified // TICKS for row in told.rows} == newest


async def test_a_row_that_is_missing_once_is_read_again(account: Account) -> None:
    many(account, 250)
    account.fault("drop_last", "/v3/Organizations")
    assert len((await account.port.rows()).rows) == 250


async def test_a_list_that_never_fits_is_no_list(account: Account) -> None:
    """P11."""
    many(account, 250)
    account.fault("drop_last", "/v3/Organizations", times=1000)
    with pytest.raises(RemoteUnreachable, match="did not fit together"):
        await account.port.rows()
    assert len(account.sent) < 50


async def test_one_bad_row_is_told_and_the_others_go_on(account: Account) -> None:
    many(account, 3)
    account.serves("k1", FullName=["x"])
    told = await account.port.rows()
    assert {row.key for row in told.rows} == {"k0", "k2"}
    assert [bad.record for bad in told.bad] == ["k1"]
    contacts, gone, bad = await account.told()
    assert (set(contacts), gone, [one.record for one in bad]) == ({"k0", "k2"}, [], ["k1"])


async def test_one_bad_record_is_told_and_the_others_go_on(account: Account) -> None:
    """Its row is sound, and the record is not."""
    many(account, 2)
    account.person("p1", FirstName="Jane", LastName="Doe")
    account.serves("p1", FirstName=3)
    contacts, gone, bad = await account.told()
    assert (set(contacts), gone) == ({"k0", "k1"}, [])
    assert [(one.record, one.name) for one in bad] == [("p1", "Jane Doe")]
    assert bad[0].reason.startswith("Karbon sent a contact that cannot be read: ")


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
    assert len([one for one in account.asked() if "/Organizations/" in one]) <= 2  # and the newest of before


async def test_a_later_change_within_the_same_second_is_told(account: Account) -> None:
    """karbon.md 2.3: lists tell seconds only."""
    account.organization("k1", "Before")
    at = account.tenant.entities["k1"].modified // TICKS * TICKS
    account.tenant.put(replace(account.tenant.entities["k1"], modified=at))
    account.planned()
    account.tenant.put(replace(account.tenant.entities["k1"], text={"FullName": "After"}, modified=at + 1))
    contacts, *_ = await account.told(at)
    assert contacts["k1"].contact.name == "After"


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
        assert {key for key, version in versions.items() if version <= page.version} == told
    assert len(told) == 170


async def test_a_deletion_shows_in_the_count(account: Account) -> None:
    many(account, 150)
    account.planned()
    version = account.newest()
    account.tenant.remove("k149")
    account.organization("new", "New", second=1)
    contacts, gone, _ = await account.told(version)
    assert (set(contacts), gone) == ({"new"}, ["k149"])


async def test_without_a_deletion_not_everything_is_listed(account: Account) -> None:
    many(account, 150)
    account.planned()
    account.sent.clear()
    assert await account.told(account.newest()) == ({}, [], [])
    assert len([one for one in account.asked() if "orderby" in one]) == 2


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


async def test_a_card_edit_that_moves_no_time_is_told_by_a_full_read(account: Account) -> None:
    """karbon.md 2.3: whether it moves is unknown."""
    account.organization("k1", "Acme", card(EmailAddresses=["a@x.example"]))
    account.planned()
    entity = account.tenant.entities["k1"]
    account.tenant.put(replace(entity, cards=(card(EmailAddresses=["b@x.example"]),)))
    contacts, *_ = await account.told(0)
    assert contacts["k1"].contact == Contact("Acme", "b@x.example")


async def test_what_was_edited_while_all_was_read_hides_no_stranger(account: Account) -> None:
    """A full read takes an hour (karbon.md 2.2): what it read last may be newer than what it never listed."""
    account.organization("k1", "First", second=-9000)
    account.organization("k2", "Second", second=-8000)
    account.planned()

    def edit_meanwhile() -> None:
        account.touched("k2", -100, FullName="Second, edited")
        account.organization("k3", "Acme", second=-4000)

    account.when(lambda request: request.url.path.endswith("/k1"), edit_meanwhile)
    told = [page async for page in account.port.changes(0)]
    assert [contact.key for page in told for contact in page.contacts] == ["k1", "k2"]
    [outcome] = await account.write(Create(Kind.ORGANIZATION, "", Contact("Acme"), ""))
    assert outcome == NotStored("Acme was added or changed in Karbon meanwhile.", deferred=True)
    contacts, *_ = await account.told(told[-1].version)
    assert set(contacts) == {"k2", "k3"}


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
