"""Every state that Connected Apps can be in, looked at in a small, a usual and a large window."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import pytest
from peewee import SqliteDatabase

from tests.scenarios.crashing import Crash, CrashingStore
from tests.tui.conftest import Desk
from tests.tui.driving import Screens, opened
from tests.tui.snapshot import check
from tests.tui.test_snapshots import SIZES
from xerosync_tui.domain.connection import Brake, ConnectionState
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.states import FailedSide, RunKind, RunState
from xerosync_tui.engine.lock import sync_lock
from xerosync_tui.errors import RemoteUnreachable
from xerosync_tui.program import Program
from xerosync_tui.services import sync as run
from xerosync_tui.store import connections, plans, processes, runs
from xerosync_tui.store.database import Store
from xerosync_tui.store.processes import AtWork
from xerosync_tui.tui.app import XeroSyncApp

P = ParamSpec("P")
T = TypeVar("T")
LARGE = (200, 60)
Make = Callable[[Desk, Program], Awaitable[None]]
sizes = pytest.mark.parametrize("size", [*SIZES, LARGE], ids=lambda size: f"{size[0]}x{size[1]}")


async def as_it_is(desk: Desk, program: Program) -> None:
    """Nothing happened."""


async def offline(desk: Desk, program: Program) -> None:
    nobody_there = replace(program.settings, xero_api_url="http://127.0.0.1:1")
    with pytest.raises(RemoteUnreachable):
        await run.sync(replace(program, settings=nobody_there))


async def a_day(desk: Desk, program: Program) -> None:
    """Syncs of today, the last of them after a long sleep of everybody; one record failed."""

    def write(db: SqliteDatabase) -> None:
        now = program.now_ms()
        for changed in (0, 2, 0, 0, 1, 9, 0, 3, 0, 0, 1, 0):
            number = runs.begin(db, 1, RunKind.INCREMENTAL, "anna", "anna", now)
            counts = Counts(changed_in_karbon=changed, day_left=3212, minute_left=48)
            runs.finish(db, number, RunState.DONE, now, requests=4, counts=counts)
        runs.put_failed(
            db, 1, FailedSide.TO_XERO, [("k", "Northcote Super Fund", "Xero refused the email address")], now
        )

    await program.store.run(write)


async def reconnect(desk: Desk, program: Program) -> None:
    reason = "Xero refused the refresh token: the consent is 60 days old"
    changes = {"state": ConnectionState.RECONNECT.value, "state_reason": reason}
    await program.store.run(lambda db: connections.change(db, 1, **changes))


async def braked(desk: Desk, program: Program) -> None:
    brake = Brake("0" * 16, "It would overwrite 25 and end 3 of 48 links", program.now_ms())
    await program.store.run(connections.set_brake, 1, brake)


async def interrupted(desk: Desk, program: Program) -> None:
    store = CrashingStore.open(program.settings.database)
    assert isinstance(store, CrashingStore)
    store.before = plans.count_to_apply
    with pytest.raises(Crash):
        await run.sync(replace(program, store=store))
    store.close()


STATES: dict[str, tuple[str, Make]] = {
    "state-first-run": ("empty", as_it_is),
    "state-day": ("synced", a_day),
    "state-offline": ("synced", offline),
    "state-reconnect": ("synced", reconnect),
    "state-brake": ("synced", braked),
    "state-interrupted": ("synced", interrupted),
}


@sizes
@pytest.mark.parametrize("name", STATES)
async def test_state(desk: Desk, name: str, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    stage, make = STATES[name]
    async with desk.program(stage) as program:
        await make(desk, program)
        async with opened(program, size) as screens:
            await settled(screens)
            check(screens, name, request)


class Waiting(Store):
    """Answers no question before the gate is open."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.gate = asyncio.Event()

    async def read(self, work: Callable[Concatenate[SqliteDatabase, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        await self.gate.wait()
        return await super().read(work, *args, **kwargs)


@sizes
async def test_reading(desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    """Before the database has answered."""
    async with desk.program("synced") as program:
        store = Waiting.open(program.settings.database)
        app = XeroSyncApp(replace(program, store=store))
        async with app.run_test(size=size, notifications=True) as pilot:
            screens = Screens(app, pilot)
            await screens.until("Reading")
            check(screens, "state-reading", request)
            assert isinstance(store, Waiting)
            store.gate.set()
            await screens.settled()
            await screens.until("match issues")
        store.close()


@sizes
async def test_a_run_in_another_process(desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    async with desk.program("synced") as program, sync_lock(program.settings):
        since = program.now_ms() - 95_000
        await program.store.run(processes.take, AtWork(4242, "ben", "a sync", since, program.now_ms()))
        async with opened(program, size) as screens:
            await settled(screens)
            check(screens, "state-elsewhere", request)


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own time is UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@sizes
async def test_quota_used_up(desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest, utc: None) -> None:
    """At a moment of its own, since it says a time of day."""
    noon = 1_795_608_000  # a Wednesday

    def write(db: SqliteDatabase) -> None:
        before = (noon - 3_600) * 1000
        db.execute_sql("UPDATE run SET started_at = ?, finished_at = ?", (before, before))
        number = runs.begin(db, 1, RunKind.INCREMENTAL, "anna", "anna", noon * 1000 - 60_000)
        counts = Counts(day_left=0, minute_left=60)
        said = "Xero's day limit for this organisation is used up until 2026-11-26 00:00 UTC"
        runs.finish(db, number, RunState.FAILED, noon * 1000, requests=1, counts=counts, error=said)
        connections.change(db, 1, connected_at=before, quota_until=(noon + 12 * 3_600) * 1000)

    async with desk.program("synced") as plain:
        await plain.store.run(write)
        async with opened(replace(plain, now=lambda: noon), size) as screens:
            await settled(screens)
            check(screens, "state-quota", request)


async def settled(screens: Screens) -> None:
    await screens.app.read_status()
    await screens.settled()


@pytest.mark.parametrize("size", [(60, 15), (78, 24), (200, 22)], ids=str)
async def test_too_small(desk: Desk, size: tuple[int, int], request: pytest.FixtureRequest) -> None:
    async with desk.at("synced", size) as screens:
        await screens.until("XeroSync needs")
        await settled(screens)
        check(screens, "too-small", request)
