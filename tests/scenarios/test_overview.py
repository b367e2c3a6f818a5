"""How things stand, as `status` tells it."""

from __future__ import annotations

from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.states import RunKind, RunState
from xerosync_tui.engine.lock import sync_lock
from xerosync_tui.program import active
from xerosync_tui.services import overview
from xerosync_tui.store import connections, runs

from .firm import Firm


async def test_a_run_whose_process_died_is_called_interrupted(firm: Firm) -> None:
    connection = await active(firm.program)
    await firm.program.store.run(runs.begin, connection.id, RunKind.INCREMENTAL, "ann", "", 0)
    async with sync_lock(firm.program.settings):
        at_work = await overview.status(firm.program)
    died = await overview.status(firm.program)
    assert at_work.at_work and at_work.last_run and at_work.last_run.state == "running"
    assert not died.at_work and died.last_run and died.last_run.state == "interrupted"
    assert died.ended_run == died.last_run


async def test_the_run_before_is_told_while_one_is_at_work(firm: Firm) -> None:
    connection = await active(firm.program)
    async with sync_lock(firm.program.settings):
        first = await firm.program.store.run(runs.begin, connection.id, RunKind.INCREMENTAL, "ann", "", 0)
        assert (await overview.status(firm.program)).ended_run is None
        await firm.program.store.run(runs.finish, first, RunState.DONE, 0, requests=1, counts=Counts())
        await firm.program.store.run(runs.begin, connection.id, RunKind.INCREMENTAL, "ann", "", 0)
        found = await overview.status(firm.program)
    assert found.last_run and found.ended_run and found.ended_run.id == first < found.last_run.id


async def test_what_xero_said_is_left_outlasts_runs_to_which_it_said_nothing(firm: Firm) -> None:
    connection, now = await active(firm.program), firm.program.now_ms()
    left = Counts(day_left=990, minute_left=57)
    told = await firm.program.store.run(runs.begin, connection.id, RunKind.INCREMENTAL, "ann", "", now)
    await firm.program.store.run(runs.finish, told, RunState.DONE, now, requests=1, counts=left)
    offline = await firm.program.store.run(runs.begin, connection.id, RunKind.INCREMENTAL, "ann", "", now)
    assert (await overview.status(firm.program)).quota == left
    await firm.program.store.run(runs.finish, offline, RunState.FAILED, now, requests=0, counts=Counts())
    assert (await overview.status(firm.program)).quota == left


async def test_another_filter_asks_again_before_the_first_sync(firm: Firm) -> None:
    connection = await active(firm.program)
    confirmed = {"previewed_at": 1, "started_at": 2, "plan_run": 3}
    await firm.program.store.run(connections.change, connection.id, **confirmed)
    same = await overview.change_settings(firm.program, {"filter": connection.import_filter.value})
    assert (same.previewed_at, same.started_at, same.plan_run) == (1, 2, 3)
    other = next(choice for choice in ImportFilter if choice is not connection.import_filter)
    changed = await overview.change_settings(firm.program, {"filter": other.value})
    assert (changed.previewed_at, changed.started_at, changed.plan_run) == (None, None, None)
