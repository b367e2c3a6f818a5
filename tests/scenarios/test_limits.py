"""Xero's limits and its troubles, as a reading session meets them."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import UTC, datetime

import pytest

from xerosync_tui.domain.connection import Connection
from xerosync_tui.engine import sessions
from xerosync_tui.errors import QuotaUsedUp, RemoteRefused, RemoteUnreachable
from xerosync_tui.program import Program
from xerosync_tui.remotes.xero.session import Quota, XeroSession
from xerosync_tui.settings import Settings

from .sandboxed import Xero, program_over

CONTACTS = "/api.xro/2.0/Contacts"
ONE_PAGE = {"page": "1", "pageSize": "5"}


async def page(session: XeroSession) -> int:
    return (await session.get("/Contacts", ONE_PAGE)).status


async def test_a_minute_limit_is_counted_down_and_the_work_goes_on(
    program: Program, connection: Connection, xero: Xero
) -> None:
    shown: list[tuple[float, str]] = []
    xero.fault("rate_minute", CONTACTS, value=3)
    async with sessions.xero(program, on_wait=lambda left, why: shown.append((left, why))) as session:
        assert await page(session) == 200
        assert session.requests == 2
    assert shown == [(left, "minute limit") for left in (3.0, 2.0, 1.0, 0.0)]


async def test_no_more_is_sent_than_the_minute_allows(program: Program, connection: Connection, xero: Xero) -> None:
    waits: list[float] = []
    async with sessions.xero(program, on_wait=lambda left, why: waits.append(left)) as session:
        replies = await asyncio.gather(*(page(session) for _ in range(70)))
        assert session.quota.minute_left is not None
    assert replies == [200] * 70
    assert 429 not in xero.statuses()
    assert max(waits) <= 61


async def test_a_minute_that_others_used_up_is_waited_for(program: Program, connection: Connection, xero: Xero) -> None:
    xero.control("limits", minute=1)  # asking for the organisation's details was a call as well
    async with sessions.xero(program) as session:
        assert await page(session) == 200
    assert 429 in xero.statuses()


async def test_too_many_at_once_is_tried_again_shortly(program: Program, connection: Connection, xero: Xero) -> None:
    xero.fault("rate_concurrent", CONTACTS, times=2)
    async with sessions.xero(program) as session:
        assert await page(session) == 200
    assert sum(xero.slept) <= 4


async def test_the_day_quota_ends_the_job_and_says_until_when(
    program: Program, connection: Connection, xero: Xero
) -> None:
    xero.fault("rate_day", CONTACTS, value=7200)
    async with sessions.xero(program) as session:
        with pytest.raises(QuotaUsedUp) as raised:
            await page(session)
    until = raised.value.until
    assert until is not None
    assert abs((until - datetime.fromtimestamp(xero.now(), UTC)).total_seconds() - 7200) < 5
    assert f"{until:%H:%M} UTC" in raised.value.what
    assert raised.value.exit_code == 7


async def test_the_quota_is_what_xero_says(program: Program, connection: Connection, xero: Xero) -> None:
    xero.control("limits", minute=30, day=500)
    async with sessions.xero(program) as session:
        assert session.quota == Quota()
        await page(session)
        assert session.quota == Quota(28, 498)


@pytest.mark.parametrize(
    "fault", ["refuse", "lost_reply", "server_error", "unavailable", "empty_body", "malformed_json"]
)
async def test_a_read_is_tried_again(program: Program, connection: Connection, xero: Xero, fault: str) -> None:
    xero.fault(fault, CONTACTS, times=2)
    async with sessions.xero(program) as session:
        assert await page(session) == 200
        assert session.requests == 3
    assert xero.slept == [1.0, 2.0]


@pytest.mark.parametrize(
    ("fault", "words"),
    [("unavailable", "is in trouble"), ("refuse", "broke off"), ("empty_body", "empty"), ("malformed_json", "cut off")],
)
async def test_after_three_tries_the_trouble_is_named(
    program: Program, connection: Connection, xero: Xero, fault: str, words: str
) -> None:
    xero.fault(fault, CONTACTS, times=3)
    async with sessions.xero(program) as session:
        with pytest.raises(RemoteUnreachable, match=words) as raised:
            await page(session)
    assert "127.0.0.1" in raised.value.what
    assert raised.value.next_step


async def test_a_proxys_page_is_not_taken_for_xero(program: Program, connection: Connection, xero: Xero) -> None:
    xero.fault("html", CONTACTS)
    async with sessions.xero(program) as session:
        with pytest.raises(RemoteUnreachable, match="answered in its place") as raised:
            await page(session)
    assert "proxy" in raised.value.next_step


async def test_refusals_carry_their_status(program: Program, connection: Connection, xero: Xero) -> None:
    async with sessions.xero(program) as session:
        with pytest.raises(RemoteRefused) as unknown:
            await session.get("/Contacts/00000000-1111-2222-3333-444444444444")
        with pytest.raises(RemoteRefused) as garbled:
            await session.get("/Contacts", {"where": "Name=="})
    assert unknown.value.status == 404
    assert garbled.value.status == 400
    assert len(garbled.value.what) > len("Xero refused (HTTP 400)")


@pytest.mark.parametrize(
    ("scheme", "words"), [("https", "does not speak TLS"), ("http", "refuses the connection")], ids=["tls", "refused"]
)
async def test_an_address_where_no_xero_is(
    settings: Settings, xero: Xero, connection: Connection, scheme: str, words: str
) -> None:
    place = xero.url.removeprefix("http://") if scheme == "https" else "127.0.0.1:9"
    nowhere = dataclasses.replace(settings, xero_api_url=f"{scheme}://{place}")
    async with program_over(nowhere, xero) as program, sessions.xero(program) as session:
        with pytest.raises(RemoteUnreachable, match=words) as raised:
            await page(session)
    assert place in raised.value.what
    assert raised.value.exit_code == 5
