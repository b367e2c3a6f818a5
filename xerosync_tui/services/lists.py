"""The lists that screens page through: a snapshot of ids, and the rows in sight at once."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Generic, TypeVar

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import XeroContact
from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.engine.lock import is_held
from xerosync_tui.engine.plan import planned_rows
from xerosync_tui.engine.way_back import name_of
from xerosync_tui.engine.work import at_hand
from xerosync_tui.program import Program
from xerosync_tui.services.history import Step
from xerosync_tui.store import accounts, past, queues, snapshots
from xerosync_tui.store.lists import Client as Client  # words of this module for the screens
from xerosync_tui.store.queues import EndedLink as EndedLink
from xerosync_tui.store.queues import FieldConflict as FieldConflict
from xerosync_tui.store.runs import Failure as Failure
from xerosync_tui.store.runs import RunRecord as RunRecord
from xerosync_tui.store.snapshots import IssueRow as IssueRow
from xerosync_tui.store.snapshots import KarbonRow as KarbonRow
from xerosync_tui.store.snapshots import Query

Row = TypeVar("Row")


class Listing(Generic[Row]):
    """A list; ``orders`` names the ways it can be sorted, the first being the default. All raise MachineError."""

    def __init__(self, program: Program, query: Query[Row]) -> None:
        self._store, self._query = program.store, query
        self.orders = tuple(query.orders)

    def first(self, search: str, order: str, most: int = 200) -> array[int]:
        """The first ids, read at once on this thread."""
        return self._store.look(self._query.ids, search, order, most)

    async def ids(self, search: str, order: str) -> array[int]:
        """All ids, read in the background."""
        return await self._store.read(self._query.ids, search, order)

    def rows(self, ids: Sequence[int]) -> dict[int, Row]:
        """The rows of these ids that are still there, read at once on this thread."""
        return self._store.look(self._query.rows, ids)

    async def found(self, search: str, most: int) -> list[Row]:
        """The first rows that hold ``search``, read in the background."""
        ids = await self._store.read(self._query.ids, search, self.orders[0], most)
        rows = await self._store.read(self._query.rows, ids)
        return [rows[row] for row in ids if row in rows]


def clients(program: Program, connection: Connection | None) -> Listing[Client]:
    """The synced clients; none without a connection."""
    return Listing(program, snapshots.clients(connection.id if connection else 0))


def contacts(
    program: Program,
    connection: Connection | None,
    *,
    unlinked: bool = False,
    free: bool = False,
    guesses: bool = False,
) -> Listing[KarbonRow]:
    """The Karbon contacts; ``unlinked``: without those that have, or had, a link in this connection.

    ``free``: without those that are synced in it; ``guesses``: whose kind is a guess that nobody has looked at. Of
    Karbon's API: as last read, none without a connection.
    """
    query = snapshots.mirrored_contacts if program.store.look(accounts.active) else snapshots.contacts
    place = connection.id if connection else 0
    return Listing(program, query(place, unlinked=unlinked, free=free, guesses=guesses))


def issues(program: Program, connection: Connection | None, *, ignored: bool = False) -> Listing[IssueRow]:
    """Open match issues; ``ignored``: those too; none without a connection."""
    return Listing(program, snapshots.issues(connection.id if connection else 0, ignored=ignored))


def field_conflicts(program: Program, connection: Connection | None) -> Listing[FieldConflict]:
    """Fields that both sides changed; none without a connection."""
    return Listing(program, queues.field_conflicts(connection.id if connection else 0))


def unsynced(program: Program, connection: Connection | None) -> Listing[EndedLink]:
    """Links that ended; none without a connection."""
    return Listing(program, queues.unsynced(connection.id if connection else 0))


def failures(program: Program, connection: Connection | None) -> Listing[Failure]:
    """Records that could not be read or written; none without a connection."""
    return Listing(program, queues.failures(connection.id if connection else 0))


def activity(program: Program, connection: Connection | None, *, busy: bool = False) -> Listing[RunRecord]:
    """The runs, newest first; ``busy``: only those that did, or failed at, something."""
    return Listing(program, past.runs(connection.id if connection else 0, busy=busy, at_work=is_held(program.settings)))


def steps(program: Program, *, run: int = 0, xero_id: str = "", karbon_key: str = "") -> Listing[Step]:
    """Journal entries, newest first: of a run, of a contact (what was done by hand to its Karbon side too), or all."""
    work = program.store.look(at_hand, program)

    def rows(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, Step]:
        return {entry.id: Step(entry, name_of(db, work, entry)) for entry in past.entries(db, ids)}

    return Listing(program, past.steps(work.place, rows, run=run, xero_id=xero_id, karbon_key=karbon_key))


def left_out(program: Program, connection: Connection) -> Listing[XeroContact]:
    """Xero contacts outside the import filter."""
    return Listing(program, snapshots.left_out(connection.id, connection.import_filter))


def doing(program: Program, connection: Connection, verdict: Verdict) -> Listing[PlannedRow]:
    """What the plan would do: its full matches, or its new contacts."""

    def rows(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, PlannedRow]:
        mirrored = snapshots.mirror_rows(db, ids)
        planned = planned_rows(db, connection, [(row, verdict) for row in mirrored.values()])
        return {place: planned[row] for place, row in mirrored.items() if row in planned}

    return Listing(program, snapshots.planned(connection.id, verdict, rows))


def waiting(program: Program, connection: Connection, verdict: Verdict) -> Listing[IssueRow]:
    """What the plan would not do: its conflicts, or the contacts left out."""
    return Listing(program, snapshots.planned(connection.id, verdict, snapshots.waiting))
