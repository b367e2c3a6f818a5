"""Runs, and the records that failed in them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from peewee import SQL, SqliteDatabase, fn

from xerosync_tui.store.models import FailedRecord, Journal, Run


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as it stands; ``counts`` by what happened."""

    id: int
    kind: str
    state: str
    who: str
    started_at: int
    finished_at: int | None
    requests: int
    counts: Mapping[str, int]
    error: str


def begin(db: SqliteDatabase, connection: int, kind: str, who: str, now: int) -> int:
    """A new run; returns its id."""
    run = Run.insert(connection=connection, kind=kind, state="running", who=who, started_at=now)
    return int(run.execute(db))


def finish(
    db: SqliteDatabase,
    run: int,
    state: str,
    now: int,
    *,
    requests: int,
    counts: Mapping[str, int],
    error: str = "",
) -> None:
    """Close a run."""
    values = {"state": state, "finished_at": now, "requests": requests, "error": error}
    Run.update(counts=json.dumps(counts), **values).where(Run.id == run).execute(db)


def note(db: SqliteDatabase, run: int, counts: Mapping[str, int]) -> None:
    """What a run has found so far."""
    Run.update(counts=json.dumps(counts)).where(Run.id == run).execute(db)


def recount(db: SqliteDatabase, run: int, moved: Mapping[str, int]) -> None:
    """A person changed what a preview showed: its counts follow."""
    row = Run.select().where(Run.id == run).get(db)
    counts = json.loads(row.counts)
    note(db, run, {name: counts.get(name, 0) + moved.get(name, 0) for name in {**counts, **moved}})


def interrupt_dead(db: SqliteDatabase, connection: int, now: int) -> int:
    """Runs still called running belong to a process that died (the caller holds the lock). How many."""
    dead = (Run.connection == connection) & (Run.state == "running")
    found = [row.id for row in Run.select(Run.id).where(dead).execute(db)]
    for run in found:
        values = {"state": "interrupted", "finished_at": now, "counts": json.dumps(_journaled(db, run))}
        Run.update(**values).where(Run.id == run).execute(db)
    return len(found)


_COUNTED = {  # what the journal calls it, and the side: what a run counts it as
    ("link", ""): "linked",
    ("create", ""): "created",
    ("unlink", ""): "ended",
    ("create in Xero", "xero"): "created in Xero",
    ("update", "karbon"): "changed in Karbon",
    ("update", "xero"): "changed in Xero",
}


def _journaled(db: SqliteDatabase, run: int) -> dict[str, int]:
    """What a run did that could not say so itself."""
    sql = "SELECT action, side, count(*) FROM journal WHERE run_id = ? AND state = 'done' GROUP BY action, side"
    rows = db.execute_sql(sql, (run,)).fetchall()
    return {_COUNTED[action, side]: count for action, side, count in rows if (action, side) in _COUNTED}


def of_the_dead(run: RunRecord) -> RunRecord:
    """A run still called running that nobody is at work on: its process died, and the next run will say so too."""
    return replace(run, state="interrupted") if run.state == "running" else run


def first_sync_done(db: SqliteDatabase, connection: int) -> bool:
    """Whether an initial run has ended well; until then each is the first sync, gone on with."""
    done = (Run.connection == connection) & (Run.kind == "initial") & (Run.state == "done")
    return bool(Run.select().where(done).exists(db))


def latest(db: SqliteDatabase, connection: int) -> RunRecord | None:
    """The newest run."""
    row = Run.select().where(Run.connection == connection).order_by(Run.id.desc()).first(db)
    return run_from_row(row) if row else None


def latest_ended(db: SqliteDatabase, connection: int) -> RunRecord | None:
    """The newest run that is not called running."""
    ended = (Run.connection == connection) & (Run.state != "running")
    row = Run.select().where(ended).order_by(Run.id.desc()).first(db)
    return run_from_row(row) if row else None


def preview_of(db: SqliteDatabase, connection: int, previewed_at: int) -> RunRecord | None:
    """The preview that stood then: it may read on, or have been left while it did."""
    wanted = (Run.connection == connection) & (Run.kind == "preview") & (Run.started_at <= previewed_at)
    row = Run.select().where(wanted).order_by(Run.id.desc()).first(db)
    return run_from_row(row) if row else None


def listed(db: SqliteDatabase, connection: int, limit: int, *, busy: bool = False) -> list[RunRecord]:
    """The newest runs first; ``busy``: only those that did, or failed at, something."""
    rows = Run.select().where(Run.connection == connection).order_by(Run.id.desc())
    if busy:
        rows = rows.where((Run.state != "done") | fn.EXISTS(_entries()))
    return [run_from_row(row) for row in rows.limit(limit).execute(db)]


def since(db: SqliteDatabase, connection: int, moment: int) -> list[RunRecord]:
    """The runs that began at that moment or later, newest first; it reads no further back than that."""
    rows = Run.select().where(Run.connection == connection).order_by(Run.id.desc()).iterator(db)
    return [run_from_row(row) for row in takewhile(lambda row: row.started_at >= moment, rows)]


def _entries() -> Any:
    return Journal.select(SQL("1")).where(Journal.run == Run.id)


def by_id(db: SqliteDatabase, connection: int, run: int) -> RunRecord | None:
    """The run with that id."""
    row = Run.select().where((Run.connection == connection) & (Run.id == run)).first(db)
    return run_from_row(row) if row else None


def run_from_row(row: Any) -> RunRecord:
    """From a row of the table."""
    return RunRecord(
        row.id,
        row.kind,
        row.state,
        row.who,
        row.started_at,
        row.finished_at,
        row.requests,
        json.loads(row.counts),
        row.error,
    )


DECISION = "decision"  # the side of a decision about a match issue that was refused


def put_failed(
    db: SqliteDatabase, connection: int, side: str, records: Iterable[tuple[str, str, str]], now: int
) -> None:
    """Keep failed records: (id, name, reason) each. A later failure of the same one replaces it."""
    db.connection().executemany(
        "INSERT INTO failed_record (connection_id, side, record, name, reason, at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (connection_id, side, record) DO UPDATE SET name = excluded.name, "
        "reason = excluded.reason, at = excluded.at",
        [(connection, side, record, name, reason, now) for record, name, reason in records],
    )


def clear_failed(db: SqliteDatabase, connection: int, side: str, records: Iterable[str]) -> None:
    """These were read or written well since."""
    db.connection().executemany(
        "DELETE FROM failed_record WHERE connection_id = ? AND side = ? AND record = ?",
        [(connection, side, record) for record in records],
    )


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed record as listed."""

    id: int
    side: str
    record: str
    name: str
    reason: str
    at: int


def refused_edit(db: SqliteDatabase, connection: int, xero_id: str) -> str:
    """Why an edit of this linked contact was refused; empty when none was."""
    mine = (FailedRecord.connection == connection) & (FailedRecord.record == xero_id)
    row = FailedRecord.select().where(mine & FailedRecord.side.in_(("to_xero", "to_karbon"))).first(db)
    return str(row.reason) if row else ""


def why_failed(db: SqliteDatabase, connection: int, side: str, record: str) -> str:
    """Why this record failed; empty when it did not."""
    mine = (FailedRecord.connection == connection) & (FailedRecord.side == side) & (FailedRecord.record == record)
    row = FailedRecord.select().where(mine).first(db)
    return str(row.reason) if row else ""


def count_failed(db: SqliteDatabase, connection: int) -> int:
    """How many failed records there are."""
    return int(FailedRecord.select().where(FailedRecord.connection == connection).count(db))


def failure(db: SqliteDatabase, connection: int, number: int) -> Failure | None:
    """The failed record with that id."""
    return next((one for one in failures(db, connection) if one.id == number), None)


def first_failure(db: SqliteDatabase, connection: int) -> Failure | None:
    """The oldest failed record."""
    row = FailedRecord.select().where(FailedRecord.connection == connection).order_by(FailedRecord.id).first(db)
    return failure_from_row(row) if row else None


def failures(db: SqliteDatabase, connection: int) -> list[Failure]:
    """All failed records, oldest first."""
    rows = FailedRecord.select().where(FailedRecord.connection == connection).order_by(FailedRecord.id)
    return [failure_from_row(row) for row in rows.execute(db)]


def failure_from_row(row: Any) -> Failure:
    """From a row of the table."""
    return Failure(row.id, row.side, row.record, row.name, row.reason, row.at)
