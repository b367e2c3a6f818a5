"""Runs: what one of a process that died did is told by the journal."""

from __future__ import annotations

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Field
from xerosync_tui.store import journal, runs
from xerosync_tui.store.database import Store
from xerosync_tui.store.journal import Intent, Result


def did(db: SqliteDatabase, connection: int, run: int, state: str, *what: tuple[str, str]) -> None:
    values = {Field.PHONE: "1"}
    intents = [Intent(action, f"x{n}", f"k{n}", values, values, "", side) for n, (action, side) in enumerate(what)]
    entries = journal.intend(db, connection, run, "mia", 5, intents)
    journal.settle(db, 6, [Result(entry, state, "k") for entry in entries])


async def test_a_run_whose_process_died_counts_what_the_journal_holds_of_it(store: Store, connection: int) -> None:
    run = await store.run(runs.begin, connection, "initial", "mia", 1)
    await store.run(did, connection, run, "done", ("link", ""), ("link", ""), ("create", ""), ("update", "xero"))
    await store.run(did, connection, run, "failed", ("link", ""), ("update", "karbon"))
    assert await store.run(runs.interrupt_dead, connection, 9) == 1
    found = await store.run(runs.by_id, connection, run)
    assert found
    assert (found.state, found.finished_at) == ("interrupted", 9)
    assert found.counts == {"linked": 2, "created": 1, "changed in Xero": 1}
    assert await store.run(runs.interrupt_dead, connection, 10) == 0


async def test_only_a_run_called_running_is_of_the_dead(store: Store, connection: int) -> None:
    run = await store.run(runs.begin, connection, "incremental", "mia", 1)
    under_way = await store.run(runs.by_id, connection, run)
    assert under_way and runs.of_the_dead(under_way).state == "interrupted"
    await store.run(runs.finish, run, "done", 2, requests=1, counts={})
    over = await store.run(runs.by_id, connection, run)
    assert over and runs.of_the_dead(over) == over
