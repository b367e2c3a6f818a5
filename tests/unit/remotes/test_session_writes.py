"""Writes: sent under an Idempotency-Key, and the same request again when nobody knows what became of it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import httpx2
import pytest

from tests.unit.remotes import test_session as sessions
from xerosync_tui.errors import QuotaUsedUp, ReconnectNeeded, RemoteRefused, RemoteUnreachable
from xerosync_tui.remotes.http import Reply
from xerosync_tui.remotes.xero.session import XeroSession

session = sessions.session  # a fixture, over the Xero below

DONE = httpx2.Response(200, json={"Contacts": []})
LOST = httpx2.ReadError("broken off")
DOCUMENT = {"Contacts": [{"Name": "Zoë 🙂"}]}


class Xero(sessions.Xero):
    """One whose answers can be lost on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.script: list[httpx2.Response | Exception] = []
        self.connections = list(sessions.CONNECTIONS)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/connect/token":
            return super().__call__(request)
        self.requests.append(request)
        if request.url.path == "/connections":
            return httpx2.Response(200, json=self.connections)
        answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def writes(self) -> list[tuple[str, str, str, bytes]]:
        """Method, address, key and body of everything sent to the API."""
        return [
            (request.method, str(request.url), request.headers.get("idempotency-key", ""), request.content)
            for request in self.requests
            if request.url.path.startswith("/api.xro")
        ]


@pytest.fixture
def xero() -> Xero:
    return Xero()


async def send(session: XeroSession, method: str = "POST") -> Reply:
    return await session.send(method, "/Contacts", {"summarizeErrors": "false"}, DOCUMENT, "key-1")


def script(xero: Xero, *answers: httpx2.Response | Exception) -> None:
    xero.script = list(answers)


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_a_write_carries_its_key_and_says_what_it_is(session: XeroSession, xero: Xero, method: str) -> None:
    script(xero, DONE)
    assert (await send(session, method)).status == 200
    [request] = xero.requests
    assert request.method == method
    assert str(request.url) == "https://api.xero.com/api.xro/2.0/Contacts?summarizeErrors=false"
    assert request.headers["idempotency-key"] == "key-1"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "application/json"
    assert request.headers["xero-tenant-id"] == "T1"
    assert request.headers["authorization"] == "Bearer A0"
    assert json.loads(request.content) == DOCUMENT


@pytest.mark.parametrize(
    "lost",
    [
        [LOST],
        [LOST, LOST],
        [httpx2.ConnectTimeout("no answer"), httpx2.RemoteProtocolError("cut")],
        [httpx2.Response(503, text="The organisation is offline"), httpx2.Response(500)],
    ],
)
async def test_a_lost_answer_is_asked_for_again_with_the_same_key(
    session: XeroSession, xero: Xero, lost: Sequence[httpx2.Response | Exception]
) -> None:
    script(xero, *lost, DONE)
    assert (await send(session)).status == 200
    writes = xero.writes()
    assert len(writes) == len(lost) + 1 == session.requests
    assert len(set(writes)) == 1
    assert xero.slept == [1.0, 2.0][: len(lost)]


async def test_when_every_answer_is_lost_nobody_knows(session: XeroSession, xero: Xero) -> None:
    script(xero, LOST)
    with pytest.raises(RemoteUnreachable):
        await send(session)
    assert len(xero.writes()) == 3 and len(set(xero.writes())) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_that_stays_leaves_the_outcome_unknown(
    session: XeroSession, xero: Xero, status: int
) -> None:
    """Errors are cached under the key too (xero.md 3): it is never a refusal, for half of it may be done."""
    script(xero, httpx2.Response(status))
    with pytest.raises(RemoteUnreachable, match=f"HTTP {status}"):
        await send(session)
    assert len(set(xero.writes())) == 1


@pytest.mark.parametrize("body", ["<html>Sign in to this network", "<!DOCTYPE html><p>Sign in"])
async def test_what_something_else_answered_is_not_sent_again(session: XeroSession, xero: Xero, body: str) -> None:
    script(xero, httpx2.Response(200, text=body))
    with pytest.raises(RemoteUnreachable, match="in its place"):
        await send(session)
    assert len(xero.writes()) == 1


@pytest.mark.parametrize("headers", [{"Retry-After": "2", "X-Rate-Limit-Problem": "minute"}, {}])
async def test_a_limit_is_waited_out_and_the_same_request_sent(
    session: XeroSession, xero: Xero, headers: dict[str, str]
) -> None:
    script(xero, httpx2.Response(429, headers=headers), DONE)
    assert (await send(session)).status == 200
    assert len(xero.writes()) == 2 and len(set(xero.writes())) == 1
    assert sum(xero.slept) == int(headers.get("Retry-After", "1"))


async def test_a_limit_between_two_lost_answers_changes_nothing(session: XeroSession, xero: Xero) -> None:
    script(xero, LOST, httpx2.Response(429, headers={"Retry-After": "1"}), LOST, DONE)
    assert (await send(session)).status == 200
    assert len(xero.writes()) == 4 and len(set(xero.writes())) == 1


async def test_the_days_limit_ends_the_job_and_nothing_is_sent_again(session: XeroSession, xero: Xero) -> None:
    script(xero, httpx2.Response(429, headers={"X-Rate-Limit-Problem": "day", "Retry-After": "66975"}))
    with pytest.raises(QuotaUsedUp):
        await send(session)
    assert len(xero.writes()) == 1


async def test_an_expired_token_is_renewed_and_the_same_request_sent(session: XeroSession, xero: Xero) -> None:
    script(xero, sessions.refusal(401, Detail="TokenExpired: token expired"), DONE)
    assert (await send(session)).status == 200
    assert len(set(xero.writes())) == 1
    assert [request.headers["authorization"] for request in xero.requests] == ["Bearer A0", "Bearer A1"]
    assert xero.renewals == 1


async def test_a_consent_that_may_only_read_is_told_and_not_renewed(session: XeroSession, xero: Xero) -> None:
    script(xero, httpx2.Response(401, json={}, headers={"WWW-Authenticate": 'Bearer error="insufficent_scope"'}))
    with pytest.raises(ReconnectNeeded, match="scope"):
        await send(session)
    assert (len(xero.writes()), xero.renewals) == (1, 0)


async def test_a_forbidden_write_to_a_connected_organisation_is_refused(session: XeroSession, xero: Xero) -> None:
    script(xero, sessions.refusal(403, Title="Forbidden", Detail="AuthenticationUnsuccessful"))
    with pytest.raises(RemoteRefused, match="AuthenticationUnsuccessful") as raised:
        await send(session)
    assert (raised.value.status, len(xero.writes()), xero.reasons) == (403, 1, [])


async def test_a_forbidden_write_to_one_that_is_gone_needs_a_new_consent(session: XeroSession, xero: Xero) -> None:
    del xero.connections[0]
    script(xero, sessions.refusal(403))
    with pytest.raises(ReconnectNeeded, match="Alpha Ltd is no longer connected"):
        await send(session)
    assert len(xero.writes()) == 1 and len(xero.reasons) == 1


async def test_a_refused_write_is_told_in_xeros_words_and_not_repeated(session: XeroSession, xero: Xero) -> None:
    elements = [{"ValidationErrors": [{"Message": "Email address must be valid."}]}]
    script(xero, sessions.refusal(400, ErrorNumber=10, Message="A validation exception occurred", Elements=elements))
    with pytest.raises(RemoteRefused, match=r"HTTP 400\): Email address must be valid.") as raised:
        await send(session)
    assert (raised.value.status, len(xero.writes())) == (400, 1)
