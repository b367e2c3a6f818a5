"""Carrying out the plan of contacts without a link: full matches are linked, new contacts made in Karbon and linked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.domain.progress import Progress
from xerosync_tui.engine.changes.karbon import Link
from xerosync_tui.engine.plan import planned_rows
from xerosync_tui.engine.work import Work
from xerosync_tui.engine.write import Written, write
from xerosync_tui.store import cards, links, matching, plans


async def apply_plan(work: Work, *, only_shown: bool) -> None:
    """Carry out the plan, page by page; a cancel falls between two pages. Adds to the counts of the work.

    ``only_shown``: the first sync, which does exactly what the preview showed.
    """
    total = await work.program.store.run(plans.count_to_apply, work.connection.id)
    place, done = 0, 0
    while True:
        async with work.program.turn:
            page = await work.program.store.run(_next_rows, work, place, only_shown=only_shown)
            if not page.last:
                return
            place = page.last
            work.counts.left_for_next_run += page.left
            work.counts.waits_for_card += page.waiting
            await link_rows(work, page.rows)
        done += len(page.rows) + page.left + page.waiting
        work.report(Progress("Linking", done, total, counts=work.counts))


async def link_rows(work: Work, rows: Sequence[PlannedRow]) -> list[Written]:
    """Write what these rows say to Karbon, and link them."""
    return await write(work, [Link(row, work.connection.contact_type) for row in rows])


@dataclass(frozen=True, slots=True)
class _Page:
    """Rows to carry out, how many are not as they were shown, how many wait for a card, the last's place (0: end)."""

    rows: list[PlannedRow]
    left: int
    waiting: int
    last: int


def _next_rows(db: SqliteDatabase, work: Work, after: int, *, only_shown: bool) -> _Page:
    """The next page of the plan, worked out from the mirrors and held against what the preview showed."""
    connection = work.connection
    found = plans.to_apply(db, connection.id, after, work.directory.batch)
    if not found:
        return _Page([], 0, 0, 0)
    all_read = not cards.counted(db, connection.id).never
    planned = planned_rows(db, connection, [(row.mirror_row, row.verdict) for row in found])
    taken = links.taken(db, connection.id, [row.karbon_key for row in found if row.karbon_key])
    # What was mirrored since an unfinished plan was made is no stranger to the directory any more.
    new = [row.mirror_row for row in found if row.verdict is Verdict.NEW]
    strangers = matching.with_strangers(db, new) if work.directory.has_cards else set()
    rows = []
    waiting = 0
    for row in found:
        now = planned.get(row.mirror_row)
        same_pair = now and (now.karbon.key if now.karbon else "") == row.karbon_key
        if now and not (now.karbon.whole if now.karbon else all_read):
            waiting += 1  # it may be another one's billing email; nobody is made who may be there
        elif row.mirror_row in strangers or row.karbon_key in taken:
            continue
        elif now and same_pair and (not only_shown or now.digest == row.shown):
            rows.append(now)
    return _Page(rows, len(found) - len(rows) - waiting, waiting, found[-1].place)
