"""What was done, as lists of any length: runs, and journal entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from peewee import SqliteDatabase

from xerosync_tui.store.journal import Entry, Place, entry_from_row
from xerosync_tui.store.models import JournalRow, Run
from xerosync_tui.store.runs import RunRecord, of_the_dead, run_from_row
from xerosync_tui.store.snapshots import Query

Row = TypeVar("Row")

_DID_SOMETHING = "(r.state <> 'done' OR EXISTS (SELECT 1 FROM journal j WHERE j.run_id = r.id))"


def runs(connection: int, *, busy: bool = False, at_work: bool = True) -> Query[RunRecord]:
    """The runs, newest first; ``busy``: only those that did, or failed at, something; ``at_work``: somebody is."""

    def rows(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, RunRecord]:
        wanted = Run.select().where(Run.id.in_(list(ids)))
        found = {row.id: run_from_row(row) for row in wanted.execute(db)}
        return found if at_work else {number: of_the_dead(run) for number, run in found.items()}

    return Query(
        "r.id",
        f"run r WHERE r.connection_id = ?{f' AND {_DID_SOMETHING}' if busy else ''}",
        (connection,),
        ("r.kind", "r.who", "r.state", "r.error"),
        {"newest": "r.id DESC"},
        rows,
    )


def steps(
    place: Place,
    rows: Callable[[SqliteDatabase, Sequence[int]], dict[int, Row]],
    *,
    run: int = 0,
    xero_id: str = "",
    karbon_key: str = "",
) -> Query[Row]:
    """Journal entries, newest first: of a run, of a contact, or all; ``rows`` works them out.

    With both ids: what is about either, of the Karbon contact what belongs to the directory.
    """
    wanted, values = "(j.connection_id = ? OR (j.connection_id IS NULL AND j.directory = ?))", [*place]
    if run:
        wanted, values = f"{wanted} AND j.run_id = ?", [*values, run]
    if xero_id:
        wanted += " AND (j.xero_id = ? OR (j.xero_id = '' AND j.karbon_key <> '' AND j.karbon_key = ?))"
        values += [xero_id, karbon_key]
    elif karbon_key:
        wanted, values = f"{wanted} AND j.karbon_key = ?", [*values, karbon_key]
    searched = ("x.name_key", "k.name_key", "j.who")
    # Names are those of the connection, whichever wrote the entry.
    table = _NAMED.format(connection=place.connection) + f" WHERE {wanted}"
    return Query("j.id", table, tuple(values), searched, {"newest": "j.id DESC"}, rows)


_NAMED = (
    "journal j LEFT JOIN xero_contact x ON x.connection_id = j.connection_id AND x.xero_id = j.xero_id "
    "LEFT JOIN karbon_contact k ON k.connection_id = {connection} AND k.key = j.karbon_key"
)


def entries(db: SqliteDatabase, ids: Sequence[int]) -> list[Entry]:
    """The entries with these ids."""
    return [entry_from_row(row) for row in JournalRow.select().where(JournalRow.id.in_(list(ids))).execute(db)]
