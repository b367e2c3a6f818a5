"""Reading the plan that a preview left: its rows, list by list."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.services import connect
from xerosync_tui.services.program import Program
from xerosync_tui.services.sync.plan import planned_rows
from xerosync_tui.store import plans

_PAGE = 500


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row of the plan, and whether it was vetoed."""

    planned: PlannedRow
    vetoed: bool


async def rows(program: Program, verdict: Verdict) -> list[PreviewRow]:
    """The plan's full matches, or its new contacts, in the order they were read. Raises NotConnected."""
    connection = await connect.active(program)
    found: list[PreviewRow] = []
    place = 0
    while True:
        page, place = await program.store.run(_page, connection, verdict, place)
        found += page
        if not place:
            return found


def _page(db: SqliteDatabase, connection: Connection, verdict: Verdict, after: int) -> tuple[list[PreviewRow], int]:
    listed = plans.listed(db, connection.id, verdict, after, _PAGE)
    planned = planned_rows(db, connection, [(mirror_row, verdict) for _, mirror_row, _ in listed])
    page = [PreviewRow(planned[row], vetoed) for _, row, vetoed in listed if row in planned]
    return page, listed[-1][0] if len(listed) == _PAGE else 0
