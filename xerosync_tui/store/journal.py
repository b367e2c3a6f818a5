"""The journal: what was intended, done or failed, with before, after, who and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Field, Value
from xerosync_tui.store.models import Journal
from xerosync_tui.store.values import values_from_json, values_to_json

DECISIONS = ("link", "create", "ignore")  # what a person can take back


@dataclass(frozen=True, slots=True)
class Intent:
    """Something about to be done to a pair. ``before`` holds Karbon's values that ``after`` replaces."""

    action: str  # link | create | ignore | unlink | undo
    xero_id: str
    karbon_key: str
    before: Mapping[Field, Value]
    after: Mapping[Field, Value]
    why: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal row as it stands. ``at`` is milliseconds since the epoch."""

    id: int
    at: int
    who: str
    state: str
    run: int | None
    version: int
    intent: Intent


def intend(
    db: SqliteDatabase, connection: int, run: int | None, who: str, now: int, intents: Sequence[Intent]
) -> list[int]:
    """Write these down before they are done; returns their ids in order."""
    # The caller's transaction holds the write lock, so the next ids are ours to give.
    first = db.execute_sql("SELECT coalesce(max(id), 0) + 1 FROM journal").fetchone()[0]
    db.connection().executemany(
        "INSERT INTO journal (id, connection_id, run_id, at, who, action, state, xero_id, karbon_key, before, "
        "after, why, error) VALUES (?, ?, ?, ?, ?, ?, 'intended', ?, ?, ?, ?, ?, '')",
        [
            (first + n, connection, run, now, who, i.action, i.xero_id, i.karbon_key,
             values_to_json(i.before), values_to_json(i.after), i.why)
            for n, i in enumerate(intents)
        ],
    )  # fmt: skip
    return list(range(first, first + len(intents)))


class Result(NamedTuple):
    """What became of an intent; ``version`` is that of the Karbon contact as it was stored."""

    entry: int
    state: str
    karbon_key: str
    error: str = ""
    version: int = 0


def settle(db: SqliteDatabase, now: int, results: Iterable[Result]) -> None:
    """Close intents."""
    db.connection().executemany(
        "UPDATE journal SET state = ?, karbon_key = ?, error = ?, version = ?, finished_at = ? WHERE id = ?",
        [(r.state, r.karbon_key, r.error, r.version, now, r.entry) for r in results],
    )


def open_intents(db: SqliteDatabase, connection: int) -> list[Entry]:
    """Intents of a run that died."""
    rows = Journal.select().where((Journal.connection == connection) & (Journal.state == "intended"))
    return [_from_row(row) for row in rows.execute(db)]


def versions_after(db: SqliteDatabase, connection: int, version: int) -> list[int]:
    """Versions of Karbon contacts after ``version`` that our writes took."""
    newer = (Journal.connection == connection) & (Journal.version > version)
    return [row.version for row in Journal.select(Journal.version).where(newer).execute(db)]


def by_id(db: SqliteDatabase, connection: int, entry: int) -> Entry | None:
    """The entry with that id."""
    row = Journal.select().where((Journal.connection == connection) & (Journal.id == entry)).first(db)
    return _from_row(row) if row else None


def latest(db: SqliteDatabase, connection: int, xero_id: str) -> Entry | None:
    """The newest entry about a Xero contact."""
    mine = (Journal.connection == connection) & (Journal.xero_id == xero_id)
    row = Journal.select().where(mine).order_by(Journal.id.desc()).first(db)
    return _from_row(row) if row else None


def mark_undone(db: SqliteDatabase, entry: int) -> None:
    """This entry was taken back by a later one."""
    Journal.update(state="undone").where(Journal.id == entry).execute(db)


def last_decision(db: SqliteDatabase, connection: int, who: str) -> Entry | None:
    """This person's newest decision that stands: made by hand, not by a run."""
    row = (
        Journal.select()
        .where(
            (Journal.connection == connection)
            & (Journal.who == who)
            & Journal.run.is_null()
            & (Journal.state == "done")
            & (Journal.action.in_(DECISIONS))
        )
        .order_by(Journal.id.desc())
        .first(db)
    )
    return _from_row(row) if row else None


def _from_row(row: Any) -> Entry:
    before, after = values_from_json(row.before), values_from_json(row.after)
    intent = Intent(row.action, row.xero_id, row.karbon_key, before, after, row.why)
    return Entry(row.id, row.at, row.who, row.state, row.run_id, row.version, intent)
