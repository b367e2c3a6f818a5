"""Several admins and a watch on one database: one at a time pulls and applies, nobody's decision waits (2.10)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.states import Side
from xerosync_tui.engine.decisions import at_work
from xerosync_tui.engine.lock import is_held, sync_lock
from xerosync_tui.errors import LockHeld, NeedsPerson, UsageError
from xerosync_tui.program import Program
from xerosync_tui.services import clients, fields, triage, watch
from xerosync_tui.services import sync as runs
from xerosync_tui.services.undo import undo
from xerosync_tui.store import processes

from .firm import CONTACTS, Case, Firm
from .linked import NEW_PHONE, OLD_PHONE, OTHER_PHONE, came_to_rest, later, linked
from .sandboxed import program_over


@pytest.fixture
async def noa(firm: Firm) -> AsyncIterator[Program]:
    """Another admin's process on the same database."""
    async with program_over(replace(firm.program.settings, user="noa"), firm.xero) as program:
        yield program


async def who_did(firm: Firm) -> list[tuple[str, str]]:
    decided = "SELECT who, action FROM journal WHERE run_id IS NULL AND connection_id IS NOT NULL"
    return await firm.rows(f"{decided} ORDER BY id")


async def test_a_decision_during_a_sync_is_carried_out_in_the_askers_name(firm: Firm, noa: Program) -> None:
    """P14, P17: by the process that syncs, between two of its steps; the sync then goes by it."""
    one, other = await linked(firm, "Acme", "Bravo")
    one.phone_in_xero(NEW_PHONE)
    other.phone_in_xero(NEW_PHONE)
    firm.xero.fault("slow", CONTACTS, value=1.5)
    result, ended = await asyncio.gather(firm.sync(), clients.unsync(noa, [one.id]))
    assert (ended.names, await who_did(firm)) == (("Acme",), [("noa", "unlink")])
    assert result.counts.changed_in_karbon == 1
    assert await one.both(Field.PHONE) == (NEW_PHONE, OLD_PHONE)
    assert await other.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    await undo(noa)  # and it is hers to take back
    assert one.id in await firm.links()


async def test_a_refusal_comes_back_as_it_would_from_ones_own_process(firm: Firm, noa: Program) -> None:
    """P14: its kind, its words, and what to do next."""
    [client] = await linked(firm, "Acme")
    with pytest.raises(UsageError) as here:
        await clients.unsync(noa, ["nobody"])
    async with at_work(firm.program, "a sync"):
        with pytest.raises(UsageError) as there:
            await clients.unsync(noa, ["nobody"])
        with pytest.raises(UsageError, match="not in conflict"):
            await fields.take(noa, client.id, {Field.PHONE: Side.XERO})
        with pytest.raises(NeedsPerson, match="already"):
            await clients.create_in_xero(noa, await firm.in_karbon("Acme"))
    assert (here.value.what, here.value.next_step) == (there.value.what, there.value.next_step)
    assert await firm.rows("SELECT * FROM asked") == []


async def test_every_kind_of_answer_survives_the_way_through_another_process(firm: Firm, noa: Program) -> None:
    """P14."""
    [client] = await linked(firm, "Acme")
    issue = firm.in_xero("Bravo", "new@bravo.example")
    key = await firm.in_karbon("Bravo", "old@bravo.example")
    await firm.sync()
    client.phone_in_xero(NEW_PHONE)
    await client.in_karbon(phone=OTHER_PHONE)
    await firm.sync()
    async with at_work(firm.program, "a sync"):
        row = await triage.plan_match(noa, issue, None)
        assert row.karbon and row.link
        confirmed = await triage.confirm(noa, issue)
        taken = await fields.take(noa, client.id, {Field.PHONE: Side.KARBON})
        undone = await undo(noa, confirmed.entry)
    assert (row.karbon.key, confirmed.karbon_key, undone.issue) == (key, key, (await firm.issues())[issue].id)
    assert (taken.fields_in(Side.XERO), taken.later) == ((Field.PHONE,), "")
    assert await client.both(Field.PHONE) == (OTHER_PHONE, OTHER_PHONE)


async def test_two_admins_at_the_same_issue_the_second_is_told_who_was_first(
    firm: Firm, case: Case, noa: Program
) -> None:
    """P1."""
    target = await case.target()
    await triage.confirm(firm.program, target)
    with pytest.raises(UsageError, match="any more: Acme Pty Ltd is linked already, by mia"):
        await triage.confirm(noa, target)


async def test_two_admins_at_the_same_moment_one_decides_and_one_is_told(firm: Firm, case: Case, noa: Program) -> None:
    """P1, P14: whoever comes first; what was done is done once."""
    target = await case.target()
    done = await asyncio.gather(
        triage.confirm(firm.program, target), triage.create_new(noa, target), return_exceptions=True
    )
    [refused] = [one for one in done if isinstance(one, BaseException)]
    assert isinstance(refused, UsageError)
    assert "linked already, by" in refused.what
    assert len(await firm.links()) == len(await who_did(firm)) == 1


async def test_only_one_process_syncs(firm: Firm, noa: Program) -> None:
    """P14."""
    await linked(firm, "Acme")
    async with at_work(firm.program, "a sync"):
        for work in (runs.sync(noa), runs.preview(noa)):
            with pytest.raises(LockHeld):
                await work
    await runs.sync(noa)


async def test_a_silent_holder_is_named_and_nothing_stays_asked(firm: Firm, noa: Program) -> None:
    """P14: a suspended process; what was asked of it is not done behind one's back later."""
    [client] = await linked(firm, "Acme")
    long_ago = firm.program.now_ms() - 60_000
    async with sync_lock(firm.program.settings):
        at_work_once = processes.AtWork(4711, "mia", "a sync", long_ago, long_ago)
        await firm.program.store.run(processes.take, at_work_once)
        with pytest.raises(LockHeld, match=r"mia's process 4711, with a sync, is at work .* does not answer"):
            await clients.unsync(noa, [client.id])
    await firm.sync()
    assert client.id in await firm.links()
    assert await firm.rows("SELECT * FROM asked") == []


async def test_who_gives_up_waiting_has_asked_for_nothing(firm: Firm, noa: Program) -> None:
    """P14: cancelled before the holder came to it."""
    [client] = await linked(firm, "Acme")
    async with sync_lock(firm.program.settings):
        asking = asyncio.create_task(clients.unsync(noa, [client.id]))
        while not await firm.rows("SELECT * FROM asked"):
            await asyncio.sleep(0)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
    await firm.sync()
    assert client.id in await firm.links()


@asynccontextmanager
async def syncing(firm: Firm) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process that syncs, and has come to a request that Xero takes its time for."""
    firm.xero.fault("slow", CONTACTS, value=20)
    environment = {**os.environ, **firm.xero.environment(firm.program.settings), "XEROSYNC_USER": "ops"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "xerosync_tui", "sync", env=environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while firm.xero.state()["faults_left"]:
            assert process.returncode is None
            await asyncio.sleep(0.01)
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_a_killed_holder_frees_the_lock_and_what_was_asked_of_it_is_done(firm: Firm) -> None:
    """P14: a real process, SIGKILL while it syncs; its run is called interrupted."""
    [client] = await linked(firm, "Acme")
    async with syncing(firm) as process:
        assert is_held(firm.program.settings)
        await firm.program.store.run(processes.beat, 0)  # it has its hands full
        asking = asyncio.create_task(clients.unsync(firm.program, [client.id]))
        process.send_signal(signal.SIGSTOP)
        while not await firm.rows("SELECT * FROM asked") and not asking.done():
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        ended = await asking
    assert (ended.names, await who_did(firm)) == (("Acme",), [("mia", "unlink")])
    assert not is_held(firm.program.settings)
    assert (await firm.rows("SELECT state, who FROM run ORDER BY id DESC LIMIT 1")) == [("interrupted", "ops")]
    assert await firm.rows("SELECT * FROM holder") == await firm.rows("SELECT * FROM asked") == []


async def test_a_real_process_that_syncs_answers_another(firm: Firm) -> None:
    """P14: across processes, under the asker's name; and it shows who is at work."""
    [client] = await linked(firm, "Acme")
    issue = firm.in_xero("Bravo", "new@bravo.example")
    await firm.in_karbon("Bravo", "old@bravo.example")
    await firm.sync()
    async with syncing(firm) as process:
        holder = await firm.program.store.read(processes.holder)
        assert holder and (holder.pid, holder.who, holder.doing) == (process.pid, "ops", "a sync")
        await clients.unsync(firm.program, [client.id])
        await triage.create_new(firm.program, issue)  # whatever of the program it has loaded for itself
        await undo(firm.program)
        assert is_held(firm.program.settings)
    assert await who_did(firm) == [("mia", "unlink"), ("mia", "create"), ("mia", "undo")]


async def last_run(firm: Firm) -> int:
    return int((await firm.rows("SELECT max(started_at) FROM run"))[0][0])


async def test_runs_are_due_as_the_day_quota_allows(firm: Firm) -> None:
    """P14: what is left of the day lasts for a whole one, with a reserve for people (2.6)."""
    assert (await watch.due(firm.program)).at is None  # the first sync was not confirmed
    await linked(firm, "Acme")
    later(firm, 86_400)
    for asked, (left, seconds) in enumerate(((1000, 96), (300, 432), (105, 17_280), (50, 3600)), 1):
        firm.xero.control("limits", day=left + asked)
        await firm.sync()
        found = await watch.due(firm.program, 60)
        assert found.at
        assert (found.at - await last_run(firm)) // 1000 == seconds
        assert found.reason == f"{left:,} requests left today"
    firm.xero.control("limits", day=5000)
    await firm.sync()
    assert await watch.due(firm.program, 60) == watch.Due(await last_run(firm) + 60_000)


async def test_a_clock_that_was_put_back_stops_neither_runs_nor_audits(firm: Firm) -> None:
    """2.6: a run that seems to lie in the future says nothing about when the next one is due."""
    await linked(firm, "Acme")
    firm.xero.offset += 3 * 86_400  # ours alone, and wrong
    assert (await firm.sync()).kind == "full"
    firm.xero.offset -= 3 * 86_400
    found = await watch.due(firm.program, 60)
    assert found.at is not None and found.at <= firm.program.now_ms()
    assert (await firm.sync()).kind == "full"
    assert (await firm.sync()).kind == "incremental"
    again = await watch.due(firm.program, 600)
    assert again.at is not None and again.at > firm.program.now_ms()


async def test_the_day_limit_stops_a_watch_politely_and_it_goes_on_afterwards(firm: Firm) -> None:
    """2.6: not one request before the limit is over."""
    [client] = await linked(firm, "Acme")
    client.phone_in_xero(NEW_PHONE)
    firm.xero.fault("rate_day", CONTACTS, value=400)
    stop, told = asyncio.Event(), list[str]()

    def tell(line: str) -> None:
        told.append(line)
        if "changed in Karbon" in line:
            stop.set()

    later(firm, 600)
    began, asked = firm.xero.now(), len(firm.asked())
    await watch.watch(firm.program, tell, stop, 60)
    assert 400 <= firm.xero.now() - began < 430
    assert len(firm.asked()) - asked == 2
    assert "day limit" in told[0] and len(told) == 2
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    await came_to_rest(firm)


async def test_a_second_watch_is_refused_and_the_first_goes_on(firm: Firm, noa: Program) -> None:
    """P14."""
    await linked(firm, "Acme")
    stop, at_once = asyncio.Event(), asyncio.Event()
    at_once.set()  # so that a second one that is not refused ends all the same
    first = asyncio.create_task(watch.watch(firm.program, print, stop, 60))
    while not watch.is_watched(firm.program.settings):
        await asyncio.sleep(0)
    with pytest.raises(LockHeld, match="Another `xerosync watch`"):
        await watch.watch(noa, print, at_once, 60)
    assert not first.done()
    stop.set()
    await first
    assert not watch.is_watched(noa.settings)
