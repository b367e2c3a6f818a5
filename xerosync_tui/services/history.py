"""What was done: runs, and the journal field by field (product.md 3.7)."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.engine.lock import is_held
from xerosync_tui.engine.way_back import name_of
from xerosync_tui.engine.work import at_hand
from xerosync_tui.errors import UsageError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program, active
from xerosync_tui.store import changes, journal, runs
from xerosync_tui.store.journal import Entry as Entry  # words of this module for cli and tui
from xerosync_tui.store.runs import RunRecord as RunRecord


@dataclass(frozen=True, slots=True)
class Step:
    """A journal entry, with the contact's name as it is known now."""

    entry: Entry
    name: str


async def listed_runs(program: Program, limit: int = 200, *, busy: bool = False) -> list[RunRecord]:
    """The newest runs first; ``busy``: only those that did something, or failed. Raises NotConnected."""
    connection = await active(program)
    found = await program.store.read(lambda db: runs.listed(db, connection.id, limit, busy=busy))
    return found if is_held(program.settings) else [runs.of_the_dead(run) for run in found]


async def run(program: Program, number: int) -> RunRecord:
    """One run. Raises UsageError where there is none with that number."""
    found = await program.store.read(runs.by_id, (await active(program)).id, number)
    if found is None:
        raise UsageError(f"There is no run {number}", Hint(Do.HISTORY))
    return found if is_held(program.settings) else runs.of_the_dead(found)


async def steps(
    program: Program,
    *,
    run: int = 0,
    decision: int = 0,
    xero_id: str = "",
    karbon_key: str = "",
    before: int = 0,
    limit: int = 200,
) -> list[Step]:
    """Journal entries, newest first: of a run, a decision, a contact, or all; ``before``: older than that entry.

    About a Xero contact also what was done by hand to the Karbon contact that it is, or was, linked with.
    """

    def read(db: SqliteDatabase) -> list[Step]:
        work = at_hand(db, program)
        pair = changes.pair(db, work.joined.id, xero_id) if work.joined and xero_id else None
        about = {"xero_id": xero_id, "karbon_key": pair.karbon_key if pair else karbon_key}
        found = journal.listed(db, work.place, run=run, decision=decision, before=before, limit=limit, **about)
        return [Step(entry, name_of(db, work, entry)) for entry in found]

    return await program.store.read(read)
