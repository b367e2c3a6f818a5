"""Lists along nextLink: over the sandbox, and over answers that no Karbon should give."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus

import httpx2
import pytest

from tests.unit.remotes import karbon_account
from tests.unit.remotes.karbon_account import Account, card, many, phone
from xerosync_tui.domain.contact import Contact, KarbonContact, Kind
from xerosync_tui.errors import RemoteUnreachable
from xerosync_tui.remotes import http
from xerosync_tui.remotes.karbon import lists
from xerosync_tui.remotes.karbon.session import Credentials, KarbonSession
from xerosync_tui.sandbox.karbon.entity import TICKS

server, store, account = karbon_account.server, karbon_account.store, karbon_account.account

HOST = "https://api.karbonhq.com"
LIST = f"{HOST}/v3/Contacts"
AT = "2026-01-02T03:04:05Z"


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
    assert sorted(await account.port.linked_with_xero("it's-1")) == ["o1", "p1"]
    assert len(account.sent) == 2
    assert await account.port.linked_with_xero("nobody") == ()


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
