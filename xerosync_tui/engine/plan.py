"""The plan: what would be done with every unlinked Xero contact, from the mirrors alone.

The store streams one row a contact, ``domain`` decides from that row, and the decisions are kept, so that
what the first page creates cannot change what the second page was going to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import XeroContact
from xerosync_tui.domain.match import Reason, Verdict, judge, reason_of
from xerosync_tui.domain.plan import PlannedRow, plan_link, plan_new
from xerosync_tui.domain.progress import Progress, Report
from xerosync_tui.program import Program
from xerosync_tui.store import kinds, matching, plans

_PAGE = 1000
_DOES_SOMETHING = (Verdict.FULL_MATCH, Verdict.NEW)


async def make_plan(program: Program, connection: Connection, run: int, report: Report, *, shown: bool) -> Counter[str]:
    """Plan every unlinked contact; ``shown``: a person will look at it (the preview).

    Returns counts: each verdict, ``conflict: <reason>``, and when shown ``overwrite: <field>``,
    ``fill: <field>``, ``only Karbon: <field>``, ``full match: card not read``, ``new: person``,
    ``new: organization``, ``new: guess``.
    """
    counts: Counter[str] = Counter({verdict.value: 0 for verdict in Verdict})
    place = 0
    while True:
        page, place = await program.store.run(_plan_page, connection, run, place, shown=shown)
        counts += page
        report(Progress("Matching", sum(counts[verdict.value] for verdict in Verdict)))
        if not place:
            break
    await program.store.run(plans.finish, connection.id, run)
    return counts


def _plan_page(
    db: SqliteDatabase, connection: Connection, run: int, after: int, *, shown: bool
) -> tuple[Counter[str], int]:
    """Plan the next page; returns its counts and where it ended, 0 at the end."""
    standings = matching.standings(db, connection.id, connection.import_filter, after, _PAGE)
    verdicts = [(standing, judge(standing)) for standing in standings]
    pairs = matching.pairs(db, [s.row for s, verdict in verdicts if verdict is Verdict.FULL_MATCH])
    shown_as: dict[int, PlannedRow] = {}
    counts = Counter(verdict.value for _, verdict in verdicts)
    if shown:
        for row, planned in planned_rows(db, connection, [(s.row, v) for s, v in verdicts]).items():
            shown_as[row] = planned
            counts.update(_details(planned))
    rows = []
    for standing, verdict in verdicts:
        reason = reason_for(db, connection, standing.xero_id, held=standing.held) if verdict is Verdict.CONFLICT else ""
        if reason:
            counts[f"{verdict.value}: {reason}"] += 1
        key, planned_as = pairs.get(standing.row, ""), shown_as.get(standing.row)
        rows.append(_planned(standing.xero_id, verdict, reason, key, planned_as))
    plans.put(db, connection.id, rows, run, shown=shown)
    return counts, standings[-1].row if len(standings) == _PAGE else 0


def _planned(xero_id: str, verdict: Verdict, reason: str, key: str, row: PlannedRow | None) -> plans.Planned:
    """A row for the store; ``row`` is what a person sees of it, when shown."""
    guess = row.guess.percent if row and row.guess else 0
    return plans.Planned(xero_id, verdict, reason, key, row.digest if row else "", guess)


def reason_for(db: SqliteDatabase, connection: Connection, xero_id: str, *, held: bool) -> Reason:
    """Why a contact that is a conflict is one."""
    candidates = matching.candidates(db, connection.id, xero_id, connection.import_filter)
    return reason_of(candidates, matching.rivals(db, connection.id, xero_id), held=held)


def plan_creation(db: SqliteDatabase, connection: Connection, xero: XeroContact) -> PlannedRow:
    """Making a Karbon contact from ``xero``, of the kind that a person chose, if one did."""
    return plan_new(xero, kinds.chosen(db, connection.id, [xero.id]).get(xero.id))


def planned_rows(
    db: SqliteDatabase, connection: Connection, verdicts: Sequence[tuple[int, Verdict]]
) -> dict[int, PlannedRow]:
    """By mirror row, what the plan does there, worked out from the mirrors; rows that do nothing are absent."""
    doing = {row: verdict for row, verdict in verdicts if verdict in _DOES_SOMETHING}
    found = {}
    contacts = matching.contacts_with_pairs(db, list(doing))
    chosen = kinds.chosen(db, connection.id, [x.id for row, (x, _) in contacts.items() if doing[row] is Verdict.NEW])
    for row, (xero, pair) in contacts.items():
        if doing[row] is Verdict.NEW:
            found[row] = plan_new(xero, chosen.get(xero.id))
        elif pair:
            found[row] = plan_link(Verdict.FULL_MATCH, xero, pair, connection.region)
    return found


def _details(row: PlannedRow) -> Mapping[str, int]:
    if row.guess:
        guess = {} if row.guess.certain else {"new: guess": 1}
        return {f"new: {row.guess.kind.value}": 1, **guess}
    if not (row.link and row.karbon):
        return {}
    if not row.karbon.whole:  # what its card holds, nobody knows yet
        return {"full match: card not read": 1}
    found = {f"only Karbon: {field.label}": 1 for field in row.link.only_karbon}
    for field in row.link.karbon_writes:
        filled = bool(row.karbon.contact.value(field))
        found[f"{'overwrite' if filled else 'fill'}: {field.label}"] = 1
    return found
