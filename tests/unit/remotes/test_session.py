"""A session's answers to what Xero says, shape by shape; the whole way is in tests/scenarios."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from xerosync_tui.domain.connection import Organisation
from xerosync_tui.errors import QuotaUsedUp, ReconnectNeeded, RemoteRefused, RemoteUnreachable
from xerosync_tui.remotes import http
from xerosync_tui.remotes.xero import tokens
from xerosync_tui.remotes.xero.oauth import Token, XeroOAuth
from xerosync_tui.remotes.xero.session import XeroSession
from xerosync_tui.remotes.xero.tokens import TokenKeeper
from xerosync_tui.settings import load_settings
from xerosync_tui.store.database import Store
from xerosync_tui.store.vault import Vault

ALPHA = Organisation("T1", "Alpha Ltd", "C1")
CONNECTIONS = [
    {"id": "C1", "tenantId": "T1", "tenantType": "ORGANISATION", "tenantName": "Alpha Ltd"},
    {"id": "C2", "tenantId": "T2", "tenantType": "ORGANISATION", "tenantName": None},
    {"id": "C3", "tenantId": "T3", "tenantType": "PRACTICE", "tenantName": "The practice"},
]


class Xero:
    """Answers one path from a list, the last for ever; tokens and connections as usual."""

    def __init__(self) -> None:
        self.answers: list[httpx2.Response] = [httpx2.Response(200, json={})]
        self.requests: list[httpx2.Request] = []
        self.slept: list[float] = []
        self.shown: list[tuple[float, str]] = []
        self.reasons: list[str] = []
        self.renewals = 0

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/connect/token":
            self.renewals += 1
            return httpx2.Response(200, json={"access_token": f"A{self.renewals}", "refresh_token": "R"})
        self.requests.append(request)
        if request.url.path == "/connections":
            return httpx2.Response(200, json=CONNECTIONS)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    async def told(self, error: ReconnectNeeded) -> None:
        self.reasons.append(error.what)


@pytest.fixture
def xero() -> Xero:
    return Xero()


@pytest.fixture
async def session(xero: Xero, tmp_path: Path) -> AsyncIterator[XeroSession]:
    settings = load_settings({"XEROSYNC_HOME": str(tmp_path), "XEROSYNC_XERO_CLIENT_ID": "X"})
    store, vault, transport = Store.open(settings.database), Vault(settings.key_file), httpx2.MockTransport(xero)
    await store.run(tokens.save, vault, tokens.ACTIVE, Token("A0", "R", 2000.0), 0)
    oauth = XeroOAuth(settings, now, transport)
    keeper = TokenKeeper(store, vault, oauth, now=now, sleep=xero.sleep)
    async with http.new_client(transport) as client:
        yield XeroSession(
            client,
            keeper,
            "https://api.xero.com",
            ALPHA,
            now=now,
            sleep=xero.sleep,
            on_wait=lambda left, why: xero.shown.append((left, why)),
            on_reconnect=xero.told,
        )
    store.close()


def now() -> float:
    return 1000.0


def refusal(status: int, **body: object) -> httpx2.Response:
    return httpx2.Response(status, json=body)


async def test_a_request_is_for_one_organisation_with_its_token(session: XeroSession, xero: Xero) -> None:
    reply = await session.get("/Contacts", {"page": "2"}, {"If-Modified-Since": "2026-11-22T10:00:00+00:00"})
    (request,) = xero.requests
    assert reply.status == 200
    assert str(request.url) == "https://api.xero.com/api.xro/2.0/Contacts?page=2"
    assert request.headers["xero-tenant-id"] == "T1"
    assert request.headers["authorization"] == "Bearer A0"
    assert request.headers["accept"] == "application/json"
    assert request.headers["if-modified-since"] == "2026-11-22T10:00:00+00:00"
    assert session.requests == 1


async def test_not_modified_is_an_answer(session: XeroSession, xero: Xero) -> None:
    xero.answers = [httpx2.Response(304)]
    assert (await session.get("/Contacts")).status == 304


async def test_a_forbidden_request_of_a_connected_organisation_is_only_refused(
    session: XeroSession, xero: Xero
) -> None:
    xero.answers = [refusal(403, Title="Forbidden", Detail="AuthenticationUnsuccessful")]
    with pytest.raises(RemoteRefused, match="AuthenticationUnsuccessful") as raised:
        await session.get("/Contacts")
    assert raised.value.status == 403
    assert xero.reasons == []


async def test_a_token_refused_twice_ends_the_consent(session: XeroSession, xero: Xero) -> None:
    xero.answers = [refusal(401, Detail="AuthenticationUnsuccessful")]
    with pytest.raises(ReconnectNeeded, match="also with a new token"):
        await session.get("/Contacts")
    assert [request.headers["authorization"] for request in xero.requests] == ["Bearer A0", "Bearer A1"]
    assert xero.reasons == ["Xero refuses the consent, also with a new token"]


@pytest.mark.parametrize("word", ["insufficent_scope", "insufficient_scope"])
async def test_a_scope_that_is_missing_is_not_renewed(session: XeroSession, xero: Xero, word: str) -> None:
    xero.answers = [httpx2.Response(401, json={}, headers={"WWW-Authenticate": f'Bearer error="{word}"'})]
    with pytest.raises(ReconnectNeeded, match="scope"):
        await session.get("/Contacts")
    assert xero.renewals == 0


async def test_validation_messages_are_quoted(session: XeroSession, xero: Xero) -> None:
    elements = [{"ValidationErrors": [{"Message": "Too\nlong"}, {"Message": "Bad email"}]}, {"ValidationErrors": None}]
    xero.answers = [refusal(400, ErrorNumber=10, Message="A validation exception occurred", Elements=elements)]
    with pytest.raises(RemoteRefused, match=r"Xero refused \(HTTP 400\): Too long; Bad email") as raised:
        await session.get("/Contacts")
    assert raised.value.status == 400


@pytest.mark.parametrize("body", [b"", b"no json", b'{"Elements": 3}', b'{"Message": null, "Elements": null}'])
async def test_a_refusal_without_words_is_still_told(session: XeroSession, xero: Xero, body: bytes) -> None:
    xero.answers = [httpx2.Response(412, content=body)]
    with pytest.raises(RemoteRefused, match=r"Xero refused \(HTTP 412\)$"):
        await session.get("/Contacts")


@pytest.mark.parametrize("problem", ["minute", "AppMinute", "novel"])
async def test_a_limit_is_waited_out_in_steps_of_a_second(session: XeroSession, xero: Xero, problem: str) -> None:
    busy = httpx2.Response(429, headers={"X-Rate-Limit-Problem": problem, "Retry-After": "2"})
    xero.answers = [busy, httpx2.Response(200, json={})]
    assert (await session.get("/Contacts")).status == 200
    assert xero.shown == [(left, f"{problem.casefold()} limit") for left in (2.0, 1.0, 0.0)]
    assert session.requests == 2


async def test_without_a_time_the_wait_grows_and_ends(session: XeroSession, xero: Xero) -> None:
    xero.answers = [httpx2.Response(429, headers={"X-Rate-Limit-Problem": "concurrent"})]
    with pytest.raises(RemoteUnreachable, match="stays busy"):
        await session.get("/Contacts")
    assert xero.slept.count(1.0) == 1 + 2 + 4 + 4 * 8


@pytest.mark.parametrize(
    "headers", [{"X-Rate-Limit-Problem": "Day"}, {"X-Rate-Limit-Problem": "novel", "Retry-After": "66975"}]
)
async def test_a_wait_of_hours_ends_the_job(session: XeroSession, xero: Xero, headers: dict[str, str]) -> None:
    xero.answers = [httpx2.Response(429, headers=headers)]
    with pytest.raises(QuotaUsedUp) as raised:
        await session.get("/Contacts")
    until = raised.value.until
    assert (until.timestamp() if until else None) == (67975.0 if "Retry-After" in headers else None)
    assert xero.slept == []


async def test_practices_are_no_organisations(session: XeroSession) -> None:
    assert await session.connections() == [ALPHA, Organisation("T2", "T2", "C2")]
    assert len(await session.tenants()) == 3


async def test_an_organisations_details(session: XeroSession, xero: Xero) -> None:
    details = {"Name": "Beta Pty Ltd", "ShortCode": "!Qj35V", "CountryCode": "AU", "Other": [1]}
    xero.answers = [httpx2.Response(200, json={"Organisations": [details]})]
    other = Organisation("T2", "Beta", "C2")
    assert await session.organisation(other) == Organisation("T2", "Beta Pty Ltd", "C2", "!Qj35V", "AU")
    assert xero.requests[-1].headers["xero-tenant-id"] == "T2"


@pytest.mark.parametrize("body", ['{"Organisations": []}', '{"Organisations": [{"Name": 5}]}', "[]"])
async def test_details_that_make_no_sense(session: XeroSession, xero: Xero, body: str) -> None:
    xero.answers = [httpx2.Response(200, text=body)]
    with pytest.raises(RemoteUnreachable):
        await session.organisation(ALPHA)


@pytest.mark.parametrize("status", [204, 404])
async def test_a_connection_that_is_gone_is_removed(session: XeroSession, xero: Xero, status: int) -> None:
    xero.answers = [httpx2.Response(status)]
    await session.remove_connection("C1")
    assert (xero.requests[0].method, xero.requests[0].url.path) == ("DELETE", "/connections/C1")


async def test_a_removal_is_not_tried_twice(session: XeroSession, xero: Xero) -> None:
    xero.answers = [httpx2.Response(503)]
    with pytest.raises(RemoteUnreachable):
        await session.remove_connection("C1")
    assert len(xero.requests) == 1
