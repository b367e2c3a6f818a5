"""Reading the plan that a preview left: its rows, list by list."""

from __future__ import annotations

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.engine.plan import planned_rows
from xerosync_tui.program import Program, active
from xerosync_tui.store import plans

_PAGE = 500


async def rows(program: Program, verdict: Verdict, most: int | None = None) -> list[PlannedRow]:
    """The plan's full matches, or its new contacts, in the order they were read; ``most`` of them.

    Raises NotConnected.
    """
    connection = await active(program)
    found: list[PlannedRow] = []
    place = 0
    while most is None or len(found) < most:
        size = _PAGE if most is None else min(_PAGE, most - len(found))
        page, place = await program.store.read(_page, connection, verdict, place, size)
        found += page
        if not place:
            break
    return found


def _page(
    db: SqliteDatabase, connection: Connection, verdict: Verdict, after: int, size: int
) -> tuple[list[PlannedRow], int]:
    listed = plans.listed(db, connection.id, verdict, after, size)
    planned = planned_rows(db, connection, [(mirror_row, verdict) for _, mirror_row in listed])
    return [planned[row] for _, row in listed if row in planned], listed[-1][0] if len(listed) == size else 0
