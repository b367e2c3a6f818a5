"""Token renewal: by itself, once, durable before use, and through lost answers and crashes (promise P15)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process

import pytest

from xerosync_tui.domain.connection import Connection, ConnectionState
from xerosync_tui.engine import sessions
from xerosync_tui.errors import ReconnectNeeded, RemoteUnreachable
from xerosync_tui.program import Program, active
from xerosync_tui.settings import Settings

from .sandboxed import Xero, program_over

TOKEN, CONTACTS = "/connect/token", "/api.xro/2.0/Contacts"
RENEWALS = "POST /connect/token"  # the first is the consent's own exchange

CHILD = """
import asyncio, os, signal, sys, time
from xerosync_tui import program
from xerosync_tui.engine import sessions
from xerosync_tui.settings import load_settings
from xerosync_tui.store.database import Store

async def die(seconds):
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    settings = load_settings()
    store = Store.open(settings.database)
    sleep = die if "die" in sys.argv else asyncio.sleep
    one = program.Program(settings, store, sleep=sleep)
    print("ready", flush=True)
    sys.stdin.readline()
    async with sessions.xero(one) as session:
        print((await session.get("/Contacts", {"page": "1"})).status, flush=True)
    store.close()

asyncio.run(main())
"""


async def read(program: Program) -> int:
    async with sessions.xero(program) as session:
        return (await session.get("/Contacts", {"page": "1", "pageSize": "5"})).status


async def child(settings: Settings, xero: Xero, *words: str) -> Process:
    """A process of its own that reads Xero once it is told to go."""
    environment = {**os.environ, **xero.environment(settings)}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, *words, stdin=PIPE, stdout=PIPE, env=environment
    )
    assert process.stdout and await process.stdout.readline() == b"ready\n"
    return process


async def test_a_token_is_renewed_when_its_time_is_up(program: Program, connection: Connection, xero: Xero) -> None:
    xero.advance(1800)
    assert await read(program) == 200
    assert await read(program) == 200
    assert xero.count(RENEWALS) == 2
    assert 401 not in xero.statuses()


async def test_a_token_refused_early_is_renewed_once(program: Program, connection: Connection, xero: Xero) -> None:
    xero.fault("unauthorized_expired", CONTACTS)
    assert await read(program) == 200
    assert xero.statuses()[-2:] == [401, 200]
    assert xero.count(RENEWALS) == 2


async def test_many_requests_share_one_renewal(program: Program, connection: Connection, xero: Xero) -> None:
    """P15: one refresh in flight."""
    xero.advance(1800)
    async with sessions.xero(program) as session:
        replies = await asyncio.gather(*(session.get("/Contacts", {"page": "1"}) for _ in range(12)))
    assert [reply.status for reply in replies] == [200] * 12
    assert xero.count(RENEWALS) == 2


async def test_two_sessions_of_one_process_share_one_renewal(
    program: Program, connection: Connection, xero: Xero
) -> None:
    xero.advance(1800)
    assert await asyncio.gather(read(program), read(program)) == [200, 200]
    assert xero.count(RENEWALS) == 2


async def test_two_processes_share_one_renewal(
    program: Program, settings: Settings, connection: Connection, xero: Xero
) -> None:
    xero.control("clock", advance=1801)  # Xero's clock only: both processes meet the 401
    both = await asyncio.gather(child(settings, xero), child(settings, xero))
    answers = await asyncio.gather(*(process.communicate(b"go\n") for process in both))
    assert [out for out, _ in answers] == [b"200\n", b"200\n"]
    assert xero.count(RENEWALS) == 2


async def test_a_lost_answer_is_asked_for_again(program: Program, connection: Connection, xero: Xero) -> None:
    xero.advance(1800)
    xero.fault("lost_reply", TOKEN, times=2)
    assert await read(program) == 200
    assert xero.slept == [1.0, 2.0]
    assert xero.count(RENEWALS) == 4


@pytest.mark.parametrize("fault", ["empty_body", "malformed_json", "unavailable", "refuse"])
async def test_a_spoilt_answer_counts_as_lost(program: Program, connection: Connection, xero: Xero, fault: str) -> None:
    xero.advance(1800)
    xero.fault(fault, TOKEN)
    assert await read(program) == 200


async def test_a_lost_answer_outlives_the_program(
    program: Program, settings: Settings, connection: Connection, xero: Xero
) -> None:
    xero.advance(1800)
    xero.fault("lost_reply", TOKEN, times=4)
    with pytest.raises(RemoteUnreachable, match="broke off"):
        await read(program)
    xero.advance(1200)
    async with program_over(settings, xero) as later:
        assert await read(later) == 200


async def test_out_of_grace_the_reason_says_when(program: Program, connection: Connection, xero: Xero) -> None:
    xero.advance(1800)
    xero.fault("lost_reply", TOKEN, times=4)
    with pytest.raises(RemoteUnreachable):
        await read(program)
    xero.advance(1801)
    with pytest.raises(ReconnectNeeded, match=r"begun at \d{4}-\d\d-\d\d \d\d:\d\d UTC got no answer"):
        await read(program)
    after = await active(program)
    assert after.state is ConnectionState.RECONNECT
    assert "got no answer" in after.state_reason


async def test_sixty_days_unused_need_a_new_consent(program: Program, connection: Connection, xero: Xero) -> None:
    xero.advance(61 * 86_400)
    with pytest.raises(ReconnectNeeded, match="not used for 60 days"):
        await read(program)


async def test_a_page_in_place_of_the_token_is_not_taken_for_xero(
    program: Program, connection: Connection, xero: Xero
) -> None:
    xero.advance(1800)
    xero.fault("html", TOKEN)
    with pytest.raises(RemoteUnreachable, match="answered in its place"):
        await read(program)
    assert (await active(program)).state is ConnectionState.CONNECTED


async def test_killed_while_the_answer_was_lost(
    program: Program, settings: Settings, connection: Connection, xero: Xero
) -> None:
    xero.control("clock", advance=1801)
    xero.fault("lost_reply", TOKEN)
    process = await child(settings, xero, "die")  # its back-off is its death
    await process.communicate(b"go\n")
    assert process.returncode == -signal.SIGKILL
    assert await read(program) == 200
    assert xero.count(RENEWALS) == 3


async def test_killed_at_the_first_use_the_new_token_is_stored_already(
    program: Program, settings: Settings, connection: Connection, xero: Xero
) -> None:
    """P15: durable before it is used."""
    xero.control("clock", advance=1801)
    xero.fault("slow", CONTACTS, skip=1, value=60)  # the first is the 401, the second carries the new token
    process = await child(settings, xero)
    assert process.stdin
    process.stdin.write(b"go\n")
    await process.stdin.drain()
    while xero.count("GET /Contacts") < 2:
        assert process.returncode is None
        await asyncio.sleep(0.02)
    process.kill()
    await process.communicate()

    assert await read(program) == 200
    assert xero.count(RENEWALS) == 2
