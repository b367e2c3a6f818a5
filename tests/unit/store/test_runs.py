"""Runs: what one of a process that died did is told by the journal."""

from __future__ import annotations

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.states import Action, EntryState, RunKind, RunState, Side
from xerosync_tui.store import journal, runs
from xerosync_tui.store.database import Store
from xerosync_tui.store.journal import Author, Intent, Place, Result


def did(db: SqliteDatabase, connection: int, run: int, state: EntryState, *what: tuple[Action, Side | None]) -> None:
    values = {Field.PHONE: "1"}
    intents = [Intent(action, f"x{n}", f"k{n}", values, values, "", side) for n, (action, side) in enumerate(what)]
    entries = journal.intend(db, Author(Place(connection, "builtin"), "mia", "1001", run), 5, intents)
    journal.settle(db, 6, [Result(entry, state, karbon_key="k") for entry in entries])


async def test_a_run_whose_process_died_counts_what_the_journal_holds_of_it(store: Store, connection: int) -> None:
    run = await store.run(runs.begin, connection, RunKind.INITIAL, "mia", "1001", 1)
    link, create, update = (Action.LINK, None), (Action.CREATE, None), (Action.UPDATE, Side.XERO)
    await store.run(did, connection, run, EntryState.DONE, link, link, create, update)
    await store.run(did, connection, run, EntryState.FAILED, link, (Action.UPDATE, Side.KARBON))
    assert await store.run(runs.interrupt_dead, connection, 9) == 1
    found = await store.run(runs.by_id, connection, run)
    assert found
    assert (found.state, found.finished_at) == (RunState.INTERRUPTED, 9)
    assert found.counts == Counts(linked=2, created=1, changed_in_xero=1)
    assert await store.run(runs.interrupt_dead, connection, 10) == 0


async def test_only_a_run_called_running_is_of_the_dead(store: Store, connection: int) -> None:
    run = await store.run(runs.begin, connection, RunKind.INCREMENTAL, "mia", "1001", 1)
    under_way = await store.run(runs.by_id, connection, run)
    assert under_way and runs.of_the_dead(under_way).state == RunState.INTERRUPTED
    await store.run(runs.finish, run, RunState.DONE, 2, requests=1, counts=Counts())
    over = await store.run(runs.by_id, connection, run)
    assert over and runs.of_the_dead(over) == over
