"""The sync that runs by itself, what it leaves to a person, and decisions while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from tests.scenarios.conftest import directory as directory  # fixtures
from tests.scenarios.conftest import firm as firm
from tests.scenarios.conftest import size as size
from tests.scenarios.firm import CONTACTS, Firm
from tests.scenarios.linked import NEW_PHONE, OLD_PHONE, Client, linked
from tests.tui.driving import Screens, opened
from tests.tui.firms import counted, screens_over
from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.states import FailedSide
from xerosync_tui.engine.decisions import at_work
from xerosync_tui.engine.lock import is_held
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.services import timing, triage
from xerosync_tui.store import runs
from xerosync_tui.tui.screens.base import Dialog

_INTERVAL = 301  # seconds, a moment more than the setting


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxOptions(size=0)) as server:
        yield server


async def runs_so_far(firm: Firm) -> int:
    return int((await firm.rows("SELECT count(*) FROM run"))[0][0])


async def three_looks(screens: Screens) -> None:
    """The program's clock has come round three times."""
    seen = screens.app._ticks
    await screens.until(lambda: screens.app._ticks >= seen + 3)


# By itself


async def test_an_edit_in_xero_arrives_by_itself_when_a_run_is_due(firm: Firm) -> None:
    [client] = await linked(firm, "Acme")
    async with screens_over(firm) as screens:
        client.phone_in_xero(NEW_PHONE)
        before = await runs_so_far(firm)
        await three_looks(screens)
        assert await runs_so_far(firm) == before and "in 4 min" in screens.text()
        firm.xero.advance(_INTERVAL)
        await screens.until("1 changed in Karbon")
        await three_looks(screens)
        assert await runs_so_far(firm) == before + 1  # once, and then it is not due for a while
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)


async def test_nothing_runs_by_itself_before_the_first_sync(firm: Firm) -> None:
    firm.in_xero("Acme")
    await firm.preview()
    async with screens_over(firm) as screens:
        before = await runs_so_far(firm)
        firm.xero.advance(_INTERVAL)
        await three_looks(screens)
        assert await runs_so_far(firm) == before
        assert "the first sync has not been started" in screens.text()


async def test_a_watch_does_it_instead(firm: Firm) -> None:
    await linked(firm, "Acme")
    lock = timing.watch_lock(firm.program.settings)
    with lock:
        async with screens_over(firm, until="by `xerosync watch`") as screens:
            before = await runs_so_far(firm)
            firm.xero.advance(_INTERVAL)
            await three_looks(screens)
            assert await runs_so_far(firm) == before
            lock.release()
            await screens.until("by itself, while this is open")
            assert await runs_so_far(firm) == before + 1


async def test_an_unreachable_xero_is_told_in_the_last_run_and_not_in_the_way(firm: Firm) -> None:
    await linked(firm, "Acme")
    async with screens_over(firm) as screens:
        firm.xero.fault("html", CONTACTS, times=20)
        firm.xero.advance(_INTERVAL)
        await screens.until("failed")
        await three_looks(screens)
        assert not isinstance(screens.app.screen, Dialog)


async def test_a_run_of_another_process_is_not_disturbed(firm: Firm) -> None:
    await linked(firm, "Acme")
    async with screens_over(firm) as screens:
        async with at_work(firm.program, "a sync"):
            await screens.until("at work elsewhere")
            before = await runs_so_far(firm)
            firm.xero.advance(_INTERVAL)
            await three_looks(screens)
            assert await runs_so_far(firm) == before
            assert "at work elsewhere" in screens.text() and not isinstance(screens.app.screen, Dialog)
        await screens.until(lambda: screens.app.status and not screens.app.status.at_work)


# What it leaves to a person


async def all_changed(firm: Firm) -> list[Client]:
    """Every client has another phone in Xero: more than anybody may have meant."""
    clients = await linked(firm, *(f"Client {number}" for number in range(5)))
    for client in clients:
        client.phone_in_xero(NEW_PHONE)
    return clients


async def test_a_brake_waits_under_needs_you_and_is_approved_by_its_numbers(firm: Firm) -> None:
    clients = await all_changed(firm)
    async with screens_over(firm) as screens:
        firm.xero.advance(_INTERVAL)
        await screens.until("A sync was stopped")
        assert not isinstance(screens.app.screen, Dialog)
        assert await clients[0].both(Field.PHONE) == (NEW_PHONE, OLD_PHONE)
        await screens.press("a")
        await screens.until("Do it all the same?")
        assert "every one of the 5 links" in screens.text()
        await screens.press("escape")
        await screens.settled()
        assert await clients[0].both(Field.PHONE) == (NEW_PHONE, OLD_PHONE)
        await screens.press("a")
        await screens.until("Do it all the same?")
        await screens.press("y")
        await screens.until_gone("A sync was stopped")
    for client in clients:
        assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)


async def test_an_approval_is_for_what_was_stopped_and_nothing_else(firm: Firm) -> None:
    clients = await all_changed(firm)
    async with screens_over(firm) as screens:
        firm.xero.advance(_INTERVAL)
        await screens.until("A sync was stopped")
        for client in clients:  # what was shown is not what would be done now
            client.phone_in_xero("02 5550 9999")
        await screens.press("a")
        await screens.until("Do it all the same?")
        await screens.press("y")
        await screens.until("Stopped, to ask you first")
    for client in clients:
        assert await client.both(Field.PHONE) == ("02 5550 9999", OLD_PHONE)


async def test_every_need_leads_to_its_tab(firm: Firm) -> None:
    [client] = await linked(firm, "Acme")
    await firm.in_karbon("Zoe Hall", "zoe@hall.example")
    firm.in_xero("Zoe Hall", "other@hall.example")
    client.phone_in_xero(NEW_PHONE)
    await client.in_karbon(phone="02 5550 9999")
    await firm.sync()
    record = ("x1", "Northcote", "EmailAddress is not text")
    await firm.program.store.run(
        lambda db: runs.put_failed(db, 1, FailedSide.READ_XERO, [record], firm.program.now_ms())
    )
    async with screens_over(firm, until="1 field conflict") as screens:
        for row, tab in enumerate(("Confirm would", "last agreed", "Northcote")):
            await screens.press("1", "home", *["down"] * row, "enter")
            await screens.until(tab)
        assert "3 Issues 3" in screens.text()


# Decisions while it runs


@asynccontextmanager
async def during_a_sync(firm: Firm, *keys: str, until: str) -> AsyncIterator[Screens]:
    """The screens while a sync waits for Xero's minute limit, which does not end before they are left."""
    gate = asyncio.Event()

    async def sleep(seconds: float) -> None:
        await gate.wait()

    async with opened(replace(firm.program, sleep=sleep)) as screens:
        await screens.press(*keys)
        await screens.until(until)
        firm.xero.fault("rate_minute", CONTACTS)
        await screens.press("s")
        await screens.until("waits")
        assert is_held(firm.program.settings)
        yield screens
        gate.set()


async def test_decisions_are_carried_out_while_a_sync_runs_and_in_their_order(firm: Firm) -> None:
    for name in ("Acme", "Bravo"):
        await firm.in_karbon(name, f"{name}@karbon.example")
        firm.in_xero(name, f"{name}@xero.example")
    await linked(firm, "Carla")
    async with during_a_sync(firm, "3", until="Confirm would") as screens:
        await screens.press("c")
        await screens.until("Conflicts 1")
        await screens.until("Same name")
        await screens.until(lambda: screens.app.screen.in_hand)
        await screens.press("n")
        await screens.until("z undoes: Bravo: created in Karbon")
        assert await triage.listed(firm.program) == [] and screens.app.jobs.kind == "sync"
        await screens.press("z")
        await screens.until("Bravo: undone")
        assert [view.xero.contact.name for view in await triage.listed(firm.program)] == ["Bravo"]
        assert screens.app.jobs.kind == "sync"


async def test_unsync_holds_at_once_while_a_sync_runs(firm: Firm) -> None:
    await linked(firm, "Acme")
    async with during_a_sync(firm, "2", until="Acme") as screens:
        await screens.press("u")
        await screens.until("Both records stay")
        await screens.press("y")
        await screens.until("unsynced. z")
        assert await counted(firm) == 1 and screens.app.jobs.kind == "sync"


async def test_suspending_stops_the_run_and_lets_go_of_the_lock(firm: Firm) -> None:
    await linked(firm, "Acme")
    async with during_a_sync(firm, until="Last run") as screens:
        await screens.press("ctrl+z")
        await screens.until(lambda: not screens.app.jobs.kind)
        assert not is_held(firm.program.settings)
        await screens.until("cancelled")


async def test_the_top_line_says_who_else_is_at_work(firm: Firm) -> None:
    await linked(firm, "Acme")
    async with during_a_sync(firm, until="Last run"), screens_over(firm) as other:
        await other.until("at work elsewhere")
        assert "mia: a sync" in other.text()
