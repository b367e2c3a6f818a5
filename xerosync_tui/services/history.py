"""What was done: runs, and the journal field by field (product.md 3.7)."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.engine.lock import is_held
from xerosync_tui.errors import UsageError
from xerosync_tui.program import Program, active
from xerosync_tui.store import journal, mirror, runs
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
        raise UsageError(f"There is no run {number}", "See `xerosync history`.")
    return found if is_held(program.settings) else runs.of_the_dead(found)


async def steps(
    program: Program, *, run: int = 0, xero_id: str = "", karbon_key: str = "", before: int = 0, limit: int = 200
) -> list[Step]:
    """Journal entries, newest first: of a run, of a contact, or all; ``before``: older than that entry."""
    connection = await active(program)

    def read(db: SqliteDatabase) -> list[Step]:
        about = {"xero_id": xero_id, "karbon_key": karbon_key}
        found = journal.listed(db, connection.id, run=run, before=before, limit=limit, **about)
        return [Step(entry, _name(db, connection.id, entry)) for entry in found]

    return await program.store.read(read)


def _name(db: SqliteDatabase, connection: int, entry: Entry) -> str:
    xero = mirror.xero_contact(db, connection, entry.intent.xero_id)
    if xero:
        return xero.contact.name
    karbon = mirror.karbon_contact(db, connection, entry.intent.karbon_key)
    return karbon.contact.name if karbon else entry.intent.xero_id or entry.intent.karbon_key
