"""The plan of a run, a row for each unlinked Xero contact, and what a person saw and vetoed of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.match import Reason, Verdict
from xerosync_tui.store.matching import UNLINKED
from xerosync_tui.store.models import PlanRow


@dataclass(frozen=True, slots=True)
class Planned:
    """A row of the plan: ``reason`` for conflicts, ``karbon_key`` for full matches, ``digest`` when shown."""

    xero_id: str
    verdict: Verdict
    reason: str = ""
    karbon_key: str = ""
    digest: str = ""


_PUT = (
    "INSERT INTO plan_row (connection_id, xero_id, verdict, reason, karbon_key, shown, vetoed, run) "
    "VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (connection_id, xero_id) DO UPDATE SET "
    # A veto is of a pair: it falls when the pair changes.
    "vetoed = plan_row.vetoed AND plan_row.karbon_key = excluded.karbon_key, "
    "verdict = excluded.verdict, reason = excluded.reason, karbon_key = excluded.karbon_key, "
    "run = excluded.run"
)
_PUT_SHOWN = _PUT + ", shown = excluded.shown"


def put(db: SqliteDatabase, connection: int, rows: Iterable[Planned], run: int, *, shown: bool) -> None:
    """Store these rows as planned by ``run``; vetoes stay, and what was shown unless ``shown`` anew."""
    db.connection().executemany(
        _PUT_SHOWN if shown else _PUT,
        [(connection, r.xero_id, r.verdict.value, r.reason, r.karbon_key, r.digest, run) for r in rows],
    )


def finish(db: SqliteDatabase, connection: int, run: int) -> None:
    """The plan of ``run`` is complete: older rows go."""
    PlanRow.delete().where((PlanRow.connection == connection) & (PlanRow.run != run)).execute(db)


def veto(db: SqliteDatabase, connection: int, xero_ids: Sequence[str]) -> list[str]:
    """Veto these full matches; returns the ids that are none, and vetoes nothing if there are any."""
    matches = (PlanRow.connection == connection) & (PlanRow.verdict == Verdict.FULL_MATCH.value)
    unknown = [
        xero_id for xero_id in xero_ids if not PlanRow.select().where(matches & (PlanRow.xero_id == xero_id)).exists(db)
    ]
    for xero_id in () if unknown else xero_ids:
        PlanRow.update(vetoed=True).where(matches & (PlanRow.xero_id == xero_id)).execute(db)
    return unknown


@dataclass(frozen=True, slots=True)
class ToApply:
    """A row to apply: its place in the plan, the mirror row of its Xero contact, what was shown of it."""

    place: int
    mirror_row: int
    verdict: Verdict
    shown: str


def to_apply(db: SqliteDatabase, connection: int, after: int, limit: int) -> list[ToApply]:
    """The next rows behind place ``after`` that do something, are not vetoed and not linked yet."""
    rows = db.execute_sql(
        "SELECT p.id, x.id, p.verdict, p.shown FROM plan_row p "
        "JOIN xero_contact x ON x.connection_id = p.connection_id AND x.xero_id = p.xero_id "
        "WHERE +p.connection_id = ? AND p.id > ? AND p.verdict IN (?, ?) AND p.vetoed = 0 "
        f"AND {UNLINKED.format('x')} ORDER BY p.id LIMIT ?",
        (connection, after, Verdict.FULL_MATCH.value, Verdict.NEW.value, limit),
    )
    return [ToApply(place, mirror_row, Verdict(verdict), shown) for place, mirror_row, verdict, shown in rows]


def count_to_apply(db: SqliteDatabase, connection: int) -> int:
    """How many rows the plan would link or create."""
    return int(
        db.execute_sql(
            "SELECT count(*) FROM plan_row WHERE connection_id = ? AND verdict IN (?, ?) AND vetoed = 0",
            (connection, Verdict.FULL_MATCH.value, Verdict.NEW.value),
        ).fetchone()[0]
    )


def listed(
    db: SqliteDatabase, connection: int, verdict: Verdict, after: int, limit: int
) -> list[tuple[int, int, bool]]:
    """The next rows with that verdict: (place in the plan, mirror row, vetoed)."""
    rows = db.execute_sql(
        "SELECT p.id, x.id, p.vetoed FROM plan_row p JOIN xero_contact x "
        "ON x.connection_id = p.connection_id AND x.xero_id = p.xero_id "
        "WHERE p.connection_id = ? AND p.verdict = ? AND p.id > ? ORDER BY p.id LIMIT ?",
        (connection, verdict.value, after, limit),
    )
    return [(place, mirror, bool(vetoed)) for place, mirror, vetoed in rows]


def open_issues(db: SqliteDatabase, connection: int, now: int) -> None:
    """Conflicts and vetoed matches of the plan become issues; one that is none any more is closed.

    What a person ignored stays ignored while it is a conflict. Rows are never deleted: an issue keeps its
    number, and what a person held back is remembered while it is archived or left out.
    """
    db.execute_sql(
        "INSERT INTO issue (connection_id, xero_id, reason, state, held, opened_at) "
        "SELECT connection_id, xero_id, CASE WHEN vetoed THEN ? ELSE reason END, 'open', vetoed, ? "
        "FROM plan_row WHERE connection_id = ? AND (verdict = ? OR vetoed) "
        "ON CONFLICT (connection_id, xero_id) DO UPDATE SET reason = excluded.reason, "
        "held = issue.held OR excluded.held, state = replace(issue.state, 'closed', 'open')",
        (Reason.HELD.value, now, connection, Verdict.CONFLICT.value),
    )
    db.execute_sql(
        "UPDATE issue SET state = 'closed' WHERE connection_id = ? AND NOT EXISTS (SELECT 1 FROM plan_row p "
        "WHERE p.connection_id = issue.connection_id AND p.xero_id = issue.xero_id "
        "AND (p.verdict = ? OR p.vetoed))",
        (connection, Verdict.CONFLICT.value),
    )
