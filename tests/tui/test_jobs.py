"""Jobs run in the background: the screens stay usable, one at a time, a failure is told and ends nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

import xerosync_tui.tui
from tests.tui.conftest import Desk
from tests.tui.driving import Screens, opened
from xerosync_tui.domain.progress import Progress, Report
from xerosync_tui.engine.lock import sync_lock
from xerosync_tui.tui.app import XeroSyncApp


def gated(screens: Screens) -> tuple[asyncio.Event, list[object], Callable[[], None]]:
    """A run that goes on until its gate is opened; what it returned; and its start."""
    gate, done = asyncio.Event(), list[object]()

    async def work(report: Report) -> str:
        report(Progress("Reading", 7, 20))
        await gate.wait()
        return "done"

    return gate, done, lambda: screens.app.jobs.start("sync", work, done.append)


async def test_a_run_shows_its_progress_while_the_screens_stay_usable(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        gate, done, start = gated(screens)
        start()
        await screens.until("7 of 20")
        await screens.press("2")
        await screens.until("Billing email")
        assert "7 of 20" in screens.text() and not done
        gate.set()
        await screens.until(lambda: done)
        await screens.until_gone("7 of 20")


async def test_a_second_run_is_refused_in_words(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        gate, _, start = gated(screens)
        start()
        await screens.press("s")
        await screens.until("A sync is running")
        gate.set()


async def test_x_stops_the_run(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        _, done, start = gated(screens)
        start()
        await screens.until("7 of 20")
        await screens.press("x")
        await screens.until("Stopped")
        await screens.until(lambda: not screens.app.jobs.kind)
        assert not done
        await screens.press("x")
        await screens.until("No run of this program")


async def test_a_failure_is_told_and_the_program_lives(desk: Desk) -> None:
    async with desk.at("synced") as screens:

        async def work(report: Report) -> None:
            raise ValueError("an accident")

        screens.app.jobs.start("sync", work, lambda _: None)
        await screens.until("Unexpected error")
        assert "ValueError" in screens.text() and "an accident" not in screens.text()
        await screens.press("escape")
        await screens.press("2")
        await screens.until("Billing email")


async def test_decisions_do_not_wait_for_a_run_and_keep_their_order(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        gate, over, start = gated(screens)
        start()
        await screens.until("7 of 20")
        first, done = asyncio.Event(), list[str]()

        async def slow() -> str:
            await first.wait()
            return "first"

        async def quick() -> str:
            return "second"

        screens.app.jobs.decide(slow, done.append)
        screens.app.jobs.decide(quick, done.append)
        await screens.until(lambda: screens.app.jobs.waiting == 2)
        first.set()
        await screens.until(lambda: done == ["first", "second"])
        assert not over
        gate.set()


async def test_a_run_waits_for_the_decisions_that_were_made_before_it(desk: Desk) -> None:
    """They hold the lock that it needs."""
    async with desk.at("synced") as screens:
        made, done = asyncio.Event(), list[str]()

        async def decision() -> str:
            await made.wait()
            return "decision"

        async def run(report: Report) -> str:
            return "run"

        screens.app.jobs.decide(decision, done.append)
        screens.app.jobs.start("sync", run, done.append)
        await screens.until("◐ sync")
        assert done == []
        made.set()
        await screens.until(lambda: done == ["decision", "run"])


async def test_another_process_at_work_is_said_and_nothing_freezes(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        async with sync_lock(screens.app.program.settings):
            await screens.press("s")
            await screens.until("Another XeroSync is at work")
        await screens.press("escape")
        await screens.until_gone("Another XeroSync")


async def test_a_sync_by_its_key(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("s")
        await screens.until("Synced:")
        await screens.until("incremental")


@pytest.mark.parametrize("twice", [False, True])
async def test_quitting_waits_for_what_was_decided_unless_asked_twice(desk: Desk, twice: bool) -> None:
    async with desk.at("synced") as screens:
        made, done = asyncio.Event(), list[str]()

        async def decision() -> str:
            await made.wait()
            return "decision"

        screens.app.jobs.decide(decision, done.append)
        await screens.press("q")
        await screens.until("then it quits")
        assert not done
        if twice:
            await screens.press("q")
        else:
            made.set()
        await screens.until(lambda: not screens.app.is_running)
        assert bool(done) is not twice


class Suspending(XeroSyncApp):
    """Notes what it would do in a terminal of its own: stand still."""

    CSS_PATH = Path(xerosync_tui.tui.__file__).with_name("app.tcss")
    stands_still = False

    def action_suspend_process(self) -> None:
        self.stands_still = True


async def test_suspending_waits_for_all_that_was_decided(desk: Desk) -> None:
    """A process that stands still in the middle would keep the lock from everybody else."""
    async with desk.program("synced") as program, opened(program, app=Suspending) as screens:
        app, made, done = screens.app, asyncio.Event(), list[str]()
        assert isinstance(app, Suspending)

        async def decision() -> str:
            await made.wait()
            return "decision"

        app.jobs.decide(decision, done.append)
        app.jobs.decide(decision, done.append)
        await screens.press("ctrl+z")
        await screens.until("then it goes to the background")
        await screens.press("2")
        await screens.until("Billing email")
        assert not app.stands_still
        made.set()
        await screens.until(lambda: app.stands_still)
        assert done == ["decision", "decision"]
