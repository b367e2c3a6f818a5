"""What was done, as lists of any length: runs, and journal entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from peewee import SqliteDatabase

from xerosync_tui.store.journal import Entry, entry_from_row
from xerosync_tui.store.models import Journal, Run
from xerosync_tui.store.runs import RunRecord, of_the_dead, run_from_row
from xerosync_tui.store.snapshots import Query, marks

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
    connection: int, rows: Callable[[SqliteDatabase, Sequence[int]], dict[int, Row]], *, run: int = 0, xero_id: str = ""
) -> Query[Row]:
    """Journal entries, newest first: of a run, of a Xero contact, or all; ``rows`` works them out."""
    narrower = [(column, value) for column, value in (("j.run_id", run), ("j.xero_id", xero_id)) if value]
    table = f"{_NAMED} WHERE j.connection_id = ?{''.join(f' AND {column} = ?' for column, _ in narrower)}"
    values = (connection, *(value for _, value in narrower))
    return Query("j.id", table, values, ("x.name_key", "j.who"), {"newest": "j.id DESC"}, rows)


_NAMED = (
    "journal j LEFT JOIN xero_contact x ON x.connection_id = j.connection_id AND x.xero_id = j.xero_id "
    "LEFT JOIN karbon_contact k ON k.connection_id = j.connection_id AND k.key = j.karbon_key"
)


def named_entries(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, tuple[Entry, str]]:
    """The entries with these ids, each with the contact's name as it is known now."""
    sql = (
        "SELECT j.id, coalesce(x.name, k.name, nullif(j.xero_id, ''), j.karbon_key) "
        f"FROM {_NAMED} WHERE j.id IN ({marks(ids)})"
    )
    names = dict(db.execute_sql(sql, tuple(ids)).fetchall())
    wanted = Journal.select().where(Journal.id.in_(list(ids)))
    return {row.id: (entry_from_row(row), names[row.id]) for row in wanted.execute(db) if row.id in names}
