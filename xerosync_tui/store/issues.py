"""Match issues: contacts that wait for a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import XeroContact
from xerosync_tui.domain.match import Reason
from xerosync_tui.domain.states import IssueState
from xerosync_tui.store.mirror import XERO_FIELDS, xero_from_row
from xerosync_tui.store.models import Issue


@dataclass(frozen=True, slots=True)
class MatchIssue:
    """An open or ignored issue and its Xero contact."""

    id: int
    reason: Reason
    ignored: bool
    opened_at: int
    xero: XeroContact


_SELECT = (
    f"SELECT i.id, i.reason, i.state, i.opened_at, {XERO_FIELDS.format('x')} FROM issue i "
    "JOIN xero_contact x ON x.connection_id = i.connection_id AND x.xero_id = i.xero_id "
    "WHERE i.connection_id = ? AND i.state <> 'closed'"
)


def listed(db: SqliteDatabase, connection: int, *, ignored: bool = False) -> list[MatchIssue]:
    """Open issues by name; with ``ignored`` the ignored ones too."""
    sql = _SELECT + ("" if ignored else " AND i.state = 'open'") + " ORDER BY x.name_key, i.id"
    return [_from_row(row) for row in db.execute_sql(sql, (connection,))]


def by_id(db: SqliteDatabase, connection: int, issue: int) -> MatchIssue | None:
    """The issue with that id."""
    row = db.execute_sql(_SELECT + " AND i.id = ?", (connection, issue)).fetchone()
    return _from_row(row) if row else None


def xero_id_of(db: SqliteDatabase, connection: int, issue: int) -> str | None:
    """The contact of an issue, also of one that is closed; None where there never was one with that id."""
    mine = (Issue.connection == connection) & (Issue.id == issue)
    found: str | None = Issue.select(Issue.xero_id).where(mine).scalar(db)
    return found


def _from_row(row: tuple[object, ...]) -> MatchIssue:
    number, reason, state, opened_at = row[:4]
    return MatchIssue(
        int(str(number)), Reason(str(reason)), state == IssueState.IGNORED, int(str(opened_at)), xero_from_row(row[4:])
    )


def count(db: SqliteDatabase, connection: int) -> int:
    """Open issues."""
    return int(Issue.select().where((Issue.connection == connection) & (Issue.state == IssueState.OPEN)).count(db))


def set_ignored(db: SqliteDatabase, connection: int, xero_id: str, ignored: bool) -> None:
    """Ignore an issue, or not any more."""
    mine = (Issue.connection == connection) & (Issue.xero_id == xero_id)
    Issue.update(state=IssueState.IGNORED if ignored else IssueState.OPEN).where(mine).execute(db)


def is_ignored(db: SqliteDatabase, connection: int, xero_id: str) -> bool:
    """Whether the contact has an issue that is ignored now."""
    mine = (Issue.connection == connection) & (Issue.xero_id == xero_id) & (Issue.state == IssueState.IGNORED)
    return bool(Issue.select().where(mine).exists(db))


def close_all(db: SqliteDatabase, connection: int, xero_ids: Iterable[str]) -> None:
    """These contacts wait no more. The rows stay: an issue that is open again has its number again."""
    db.connection().executemany(
        "UPDATE issue SET state = 'closed' WHERE connection_id = ? AND xero_id = ?",
        [(connection, xero_id) for xero_id in xero_ids],
    )


def close_all_not_held(db: SqliteDatabase, connection: int) -> None:
    """Nothing waits any more but what a person held back."""
    mine = (Issue.connection == connection) & ~Issue.held
    Issue.update(state=IssueState.CLOSED).where(mine).execute(db)


def hold(db: SqliteDatabase, connection: int, xero_id: str, reason: Reason, now: int) -> int:
    """The contact waits for a person, held back from automatic matching; returns the issue's id."""
    values = {"reason": reason, "state": IssueState.OPEN, "held": True, "opened_at": now}
    Issue.insert(connection=connection, xero_id=xero_id, **values).on_conflict(
        conflict_target=[Issue.connection, Issue.xero_id], update=values
    ).execute(db)
    return id_of(db, connection, xero_id)


def id_of(db: SqliteDatabase, connection: int, xero_id: str) -> int:
    """The id of the contact's issue, which exists."""
    mine = (Issue.connection == connection) & (Issue.xero_id == xero_id)
    return int(Issue.select(Issue.id).where(mine).scalar(db))
