"""A session's answers to what Karbon says, shape by shape; the budget; and what no error may show."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator

import httpx2
import pytest

from xerosync_tui.errors import NotConnected, ReconnectNeeded, RemoteRefused, RemoteUnreachable, XeroSyncError
from xerosync_tui.remotes import http
from xerosync_tui.remotes.karbon.budget import A_MINUTE, Budget
from xerosync_tui.remotes.karbon.session import Credentials, KarbonSession

TOKEN, KEY = "0f0e0d0c-1111-4222-8333-abcdefabcdef", "eyJhbGciOiJub25lIn0.eyJ0IjoieCJ9.c2VjcmV0"
OK = httpx2.Response(200, json={})
BUSY = httpx2.Response(429, json={"statusCode": "429", "message": "Rate limit is exceeded."})


class Karbon:
    """Answers from a list, the last for ever; keeps the time, which sleeping moves."""

    def __init__(self) -> None:
        self.answers: list[httpx2.Response | Exception] = [OK]
        self.requests: list[httpx2.Request] = []
        self.at: list[float] = []
        self.time = 1000.0
        self.shown: list[tuple[float, str]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        self.at.append(self.time)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


@pytest.fixture
def karbon() -> Karbon:
    return Karbon()


@pytest.fixture
async def session(karbon: Karbon) -> AsyncIterator[KarbonSession]:
    async with http.new_client(httpx2.MockTransport(karbon)) as client:
        yield over(client, karbon)


def over(client: httpx2.AsyncClient, karbon: Karbon, credentials: Credentials | None = None) -> KarbonSession:
    return KarbonSession(
        client,
        credentials or Credentials(TOKEN, KEY),
        now=lambda: karbon.time,
        sleep=karbon.sleep,
        on_wait=lambda left, why: karbon.shown.append((left, why)),
    )


def refusal(status: int, code: str, message: str = "no", **more: object) -> httpx2.Response:
    return httpx2.Response(status, json={"error": {"code": code, "message": message, **more}})


async def test_both_headers_and_the_address(session: KarbonSession, karbon: Karbon) -> None:
    """karbon.md 2.1."""
    await session.get("/v3/Contacts", {"$orderby": "FullName"})
    await session.send("PUT", "/v3/Contacts/K1", {"a": "Zoë"})
    for request in karbon.requests:
        assert (request.headers["authorization"], request.headers["accesskey"]) == (f"Bearer {TOKEN}", KEY)
        assert request.headers["accept"] == "application/json"
        assert "gzip" in request.headers["accept-encoding"]
    assert str(karbon.requests[0].url) == "https://api.karbonhq.com/v3/Contacts?%24orderby=FullName"
    assert karbon.requests[1].content == '{"a":"Zoë"}'.encode()
    assert karbon.requests[1].headers["prefer"] == "return=representation"
    assert session.requests == 2


async def test_swapped_keys_are_named(karbon: Karbon) -> None:
    karbon.answers = [httpx2.Response(401, json={"error": {"statusCode": "401", "message": "JWT not present."}})]
    async with http.new_client(httpx2.MockTransport(karbon)) as client:
        with pytest.raises(ReconnectNeeded, match=r"swapped \(HTTP 401\): JWT not present\.") as raised:
            await over(client, karbon, Credentials(KEY, TOKEN)).get("/v3/Contacts")
    assert "API Applications" in raised.value.next_step


@pytest.mark.parametrize(
    "body",
    [{"statusCode": "401", "message": "Unauthorized."}, {"error": {"statusCode": "401", "message": "Unauthorized."}}],
)
async def test_a_wrong_key_in_both_shapes(session: KarbonSession, karbon: Karbon, body: object) -> None:
    karbon.answers = [httpx2.Response(401, json=body)]
    with pytest.raises(ReconnectNeeded, match=r"refuses the token or the access key \(HTTP 401\): Unauthorized\.$"):
        await session.get("/v3/Contacts")


async def test_a_missing_permission_or_plan_is_told_in_words(session: KarbonSession, karbon: Karbon) -> None:
    karbon.answers = [httpx2.Response(403, json={"statusCode": "403", "message": "Forbidden"})]
    with pytest.raises(RemoteRefused, match="does not allow this to the API application") as raised:
        await session.get("/v3/Contacts")
    assert raised.value.status == 403
    assert "Business or Enterprise plan" in raised.value.next_step


async def test_a_restriction_level_is_no_missing_endpoint(session: KarbonSession, karbon: Karbon) -> None:
    karbon.answers = [refusal(403, "4021", "Private needs IncludePrivate")]
    with pytest.raises(RemoteRefused, match=r"^Karbon refused \(HTTP 403\): Private needs IncludePrivate"):
        await session.send("PUT", "/v3/Contacts/K1", {})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"code": "4002", "message": "Too\nlong"}}, ": Too long"),
        ({"error": {"code": "4003", "message": "a", "details": [{"message": "b"}, 3]}}, ": a; b"),
        ({"error": {"code": "4003", "message": "a", "details": {"message": "b"}}}, ": a; b"),
        ({"statusCode": "400", "message": "flat"}, ": flat"),
        ({"error": "text"}, ""),
        ({"error": {"code": 4, "message": None}}, ""),
        ([1], ""),
        ("x", ""),
    ],
)
async def test_refusals_in_both_shapes(session: KarbonSession, karbon: Karbon, body: object, words: str) -> None:
    """karbon.md 2.11."""
    karbon.answers = [httpx2.Response(400, json=body)]
    with pytest.raises(RemoteRefused) as raised:
        await session.get("/v3/Contacts")
    assert raised.value.what == f"Karbon refused (HTTP 400){words}"


@pytest.mark.parametrize("body", [b"", b"no json", b"[" * 100_000])
async def test_a_refusal_that_is_no_json(session: KarbonSession, karbon: Karbon, body: bytes) -> None:
    karbon.answers = [httpx2.Response(404, content=body)]
    with pytest.raises(RemoteRefused, match=r"does not know what was asked for \(HTTP 404\)$"):
        await session.get("/v3/Contacts/K1")


async def test_endless_words_are_cut(session: KarbonSession, karbon: Karbon) -> None:
    karbon.answers = [refusal(400, "4002", "x" * 100_000)]
    with pytest.raises(RemoteRefused) as raised:
        await session.get("/v3/Contacts")
    assert len(raised.value.what) < 400


async def test_a_mistake_of_ours_is_refused_and_not_repeated(session: KarbonSession, karbon: Karbon) -> None:
    """karbon.md 2.11: blind retry of a 500 with code 5001 is wrong."""
    karbon.answers = [refusal(500, "5001", "already in use")]
    with pytest.raises(RemoteRefused, match=r"\(HTTP 500\): already in use") as raised:
        await session.send("PUT", "/v3/Contacts/K1", {})
    assert raised.value.status == 500
    assert len(karbon.requests) == 1


@pytest.mark.parametrize("answer", [refusal(503, "5001"), httpx2.Response(500, content=b"oops"), httpx2.ReadError("x")])
async def test_a_write_is_never_repeated(
    session: KarbonSession, karbon: Karbon, answer: httpx2.Response | Exception
) -> None:
    karbon.answers = [answer]
    with pytest.raises(RemoteUnreachable):
        await session.send("POST", "/v3/Contacts", {})
    assert len(karbon.requests) == 1


@pytest.mark.parametrize("answer", [refusal(500, "5001"), httpx2.Response(200, content=b"{"), httpx2.ReadError("x")])
async def test_a_read_is_tried_again(
    session: KarbonSession, karbon: Karbon, answer: httpx2.Response | Exception
) -> None:
    karbon.answers = [answer, answer, OK]
    assert (await session.get("/v3/Contacts")).status == 200


async def test_a_sign_in_page_is_not_karbon(session: KarbonSession, karbon: Karbon) -> None:
    karbon.answers = [httpx2.Response(200, content=b"<html>Sign in")]
    with pytest.raises(RemoteUnreachable, match="not the API"):
        await session.get("/v3/Contacts")


async def test_retry_after_is_waited_out_by_reads_and_writes(session: KarbonSession, karbon: Karbon) -> None:
    busy = httpx2.Response(429, json={"statusCode": "429", "message": "Rate"}, headers={"Retry-After": "10"})
    karbon.answers = [busy, OK]
    await session.get("/v3/Contacts")
    karbon.answers = [busy, OK]
    await session.send("POST", "/v3/Contacts", {})
    assert karbon.at == [1000.0, 1010.0, 1010.0, 1020.0]
    assert karbon.shown[0] == (10.0, "Karbon's minute limit")
    assert karbon.shown[-1] == (0.0, "Karbon's minute limit")


async def test_without_retry_after_the_pauses_grow_and_end(session: KarbonSession, karbon: Karbon) -> None:
    karbon.answers = [BUSY]
    with pytest.raises(RemoteUnreachable, match="stays busy"):
        await session.get("/v3/Contacts")
    assert [later - before for before, later in zip(karbon.at, karbon.at[1:], strict=False)] == [
        1, 2, 4, 8, 16, 32, 64,
    ]  # fmt: skip


async def test_a_pause_of_hours_is_not_waited_out(session: KarbonSession, karbon: Karbon) -> None:
    karbon.answers = [httpx2.Response(429, json={}, headers={"Retry-After": "86400"})]
    with pytest.raises(RemoteUnreachable, match="86400 seconds"):
        await session.get("/v3/Contacts")
    assert karbon.time == 1000.0


async def test_no_more_than_120_in_any_minute(session: KarbonSession, karbon: Karbon) -> None:
    """karbon.md 2.2; the requests come together, and at the worst moment."""
    await asyncio.gather(*(session.get("/v3/Contacts") for _ in range(50)))
    karbon.time += 40
    await asyncio.gather(*(session.get("/v3/Contacts") for _ in range(270)))
    assert len(karbon.at) == 320
    for start in range(len(karbon.at) - A_MINUTE):
        assert karbon.at[start + A_MINUTE] - karbon.at[start] > 60
    assert karbon.at[-1] - karbon.at[0] < 200  # and no slower than that


async def test_a_clock_set_back_makes_nobody_wait_for_hours() -> None:
    world = Karbon()
    budget = Budget(lambda: world.time, world.sleep)
    for _ in range(A_MINUTE):
        await budget.turn()
    world.time -= 7200
    await budget.turn()
    assert world.time <= 1000 - 7200 + 61


@pytest.mark.parametrize("value", ["", "two words", "new\nline", "naïve-ключ", "tab\t"])
async def test_what_no_header_can_hold_is_refused_without_showing_it(value: str) -> None:
    for token, key in ((value, KEY), (TOKEN, value)):
        with pytest.raises(NotConnected) as raised:
            Credentials(token, key)
        assert not value or value not in f"{raised.value!r}{raised.value.next_step}"


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(401, json={"error": {"message": f"Bearer {TOKEN} with {KEY}: no"}}),
        httpx2.Response(403, json={"message": f"{TOKEN} {KEY}"}),
        refusal(400, "4002", f"{TOKEN} {KEY}"),
        refusal(500, "5001", TOKEN),
        httpx2.Response(404, json={"message": KEY}),
        httpx2.LocalProtocolError(f"Illegal header value {TOKEN} {KEY}"),
        httpx2.ReadError(TOKEN),
    ],
)
async def test_no_secret_in_any_error_repr_or_log(
    session: KarbonSession, karbon: Karbon, caplog: pytest.LogCaptureFixture, answer: httpx2.Response | Exception
) -> None:
    """P19."""
    caplog.set_level(logging.DEBUG)
    karbon.answers = [answer]
    with pytest.raises(XeroSyncError) as raised:
        await session.send("PUT", "/v3/Contacts/K1", {})
    told = f"{raised.value!r} {raised.value} {raised.value.next_step} {caplog.text}"
    told += f"{session!r} {Credentials(TOKEN, KEY)!r}"
    told += "".join(traceback.format_exception(raised.value))
    assert TOKEN not in told
    assert KEY not in told
