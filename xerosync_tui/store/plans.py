"""The plan of a run, a row for each unlinked Xero contact, and what a person saw of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.match import Verdict
from xerosync_tui.store.matching import BEING_MADE, UNLINKED
from xerosync_tui.store.models import PlanRow


@dataclass(frozen=True, slots=True)
class ToKeep:
    """A row of the plan: ``reason`` for conflicts, ``karbon_key`` for full matches, ``digest`` when shown."""

    xero_id: str
    verdict: Verdict
    reason: str = ""
    karbon_key: str = ""
    digest: str = ""
    guess: int = 0  # percent, where what it becomes is a guess


_PUT = (
    "INSERT INTO plan_row (connection_id, xero_id, verdict, reason, karbon_key, shown, guess, run) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (connection_id, xero_id) DO UPDATE SET "
    "verdict = excluded.verdict, reason = excluded.reason, karbon_key = excluded.karbon_key, "
    "run = excluded.run"
)
_PUT_SHOWN = _PUT + ", shown = excluded.shown, guess = excluded.guess"


def put(db: SqliteDatabase, connection: int, rows: Iterable[ToKeep], run: int, *, shown: bool) -> None:
    """Store these rows as planned by ``run``; what was shown of them stays unless it is ``shown`` anew."""
    db.connection().executemany(
        _PUT_SHOWN if shown else _PUT,
        [(connection, r.xero_id, r.verdict.value, r.reason, r.karbon_key, r.digest, r.guess, run) for r in rows],
    )


def show_anew(db: SqliteDatabase, connection: int, xero_id: str, before: str, after: str) -> bool:
    """A person chose what a row becomes: its digest follows, if it still was what they saw. Whether it did."""
    mine = (PlanRow.connection == connection) & (PlanRow.xero_id == xero_id) & (PlanRow.shown == before)
    return bool(PlanRow.update(shown=after, guess=0).where(mine).execute(db))


def finish(db: SqliteDatabase, connection: int, run: int) -> None:
    """The plan of ``run`` is complete: older rows go."""
    PlanRow.delete().where((PlanRow.connection == connection) & (PlanRow.run != run)).execute(db)


_CAN_BE_HELD = (
    f"SELECT 1 FROM plan_row p WHERE p.connection_id = ? AND p.xero_id = ? AND {UNLINKED.format('p')} "
    "AND (p.verdict = ? OR EXISTS (SELECT 1 FROM issue i WHERE i.connection_id = p.connection_id "
    "AND i.xero_id = p.xero_id AND i.held))"
)


def not_full_matches(db: SqliteDatabase, connection: int, xero_ids: Sequence[str]) -> list[str]:
    """Those of these ids that are no full match of the plan (any more), and not one that is held back already."""
    wanted = Verdict.FULL_MATCH.value
    return [x for x in xero_ids if not db.execute_sql(_CAN_BE_HELD, (connection, x, wanted)).fetchone()]


@dataclass(frozen=True, slots=True)
class ToApply:
    """A row to apply: its place in the plan, the mirror row of its Xero contact, its pair, what was shown of it."""

    place: int
    mirror_row: int
    verdict: Verdict
    karbon_key: str
    shown: str


_TO_APPLY = (
    "FROM plan_row p JOIN xero_contact x ON x.connection_id = p.connection_id AND x.xero_id = p.xero_id "
    f"WHERE +p.connection_id = ? AND p.id > ? AND p.verdict IN (?, ?) AND {UNLINKED.format('x')} "
    "AND NOT EXISTS (SELECT 1 FROM issue i WHERE i.connection_id = p.connection_id AND i.xero_id = p.xero_id "
    f"AND i.held) AND NOT {BEING_MADE}"
)
_DOING = (Verdict.FULL_MATCH.value, Verdict.NEW.value)


def to_apply(db: SqliteDatabase, connection: int, after: int, limit: int) -> list[ToApply]:
    """The next rows behind place ``after`` that do something, are not held back and not linked yet."""
    sql = f"SELECT p.id, x.id, p.verdict, p.karbon_key, p.shown {_TO_APPLY} ORDER BY p.id LIMIT ?"
    rows = db.execute_sql(sql, (connection, after, *_DOING, limit))
    return [ToApply(place, row, Verdict(verdict), key, shown) for place, row, verdict, key, shown in rows]


def count_to_apply(db: SqliteDatabase, connection: int) -> int:
    """How many rows ``to_apply`` has in all."""
    return int(db.execute_sql(f"SELECT count(*) {_TO_APPLY}", (connection, 0, *_DOING)).fetchone()[0])


def some_of(db: SqliteDatabase, connection: int, verdict: Verdict, most: int) -> list[str]:
    """ContactIDs of that verdict, from all over the plan."""
    sql = "SELECT xero_id FROM plan_row WHERE connection_id = ? AND verdict = ? ORDER BY xero_id LIMIT ?"
    return [xero_id for (xero_id,) in db.execute_sql(sql, (connection, verdict.value, most))]


def listed(db: SqliteDatabase, connection: int, verdict: Verdict, after: int, limit: int) -> list[tuple[int, int]]:
    """The next rows with that verdict: (place in the plan, mirror row)."""
    rows = db.execute_sql(
        "SELECT p.id, x.id FROM plan_row p JOIN xero_contact x "
        "ON x.connection_id = p.connection_id AND x.xero_id = p.xero_id "
        "WHERE p.connection_id = ? AND p.verdict = ? AND p.id > ? ORDER BY p.id LIMIT ?",
        (connection, verdict.value, after, limit),
    )
    return [(place, mirror_row) for place, mirror_row in rows]


def open_issues(db: SqliteDatabase, connection: int, now: int) -> None:
    """Conflicts of the plan become issues; one that is none any more is closed.

    What a person ignored stays ignored while it is a conflict. Rows are never deleted: an issue keeps its
    number, and what a person held back is remembered while it is archived or left out.
    """
    db.execute_sql(
        "INSERT INTO issue (connection_id, xero_id, reason, state, held, opened_at) "
        "SELECT connection_id, xero_id, reason, 'open', 0, ? FROM plan_row "
        f"WHERE connection_id = ? AND verdict = ? AND {UNLINKED.format('plan_row')} "
        "ON CONFLICT (connection_id, xero_id) DO UPDATE SET reason = excluded.reason, "
        "state = replace(issue.state, 'closed', 'open')",
        (now, connection, Verdict.CONFLICT.value),
    )
    db.execute_sql(
        "UPDATE issue SET state = 'closed' WHERE connection_id = ? AND NOT EXISTS (SELECT 1 FROM plan_row p "
        "WHERE p.connection_id = issue.connection_id AND p.xero_id = issue.xero_id "
        "AND (p.verdict = ? OR issue.held AND p.verdict IN (?, ?)))",
        (connection, Verdict.CONFLICT.value, *_DOING),
    )
