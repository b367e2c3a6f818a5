"""Runs, and the records that failed in them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any

from peewee import SQL, SqliteDatabase, fn

from xerosync_tui.domain.counts import Counts, counts_from
from xerosync_tui.domain.states import Action, FailedSide, RunKind, RunState, Side
from xerosync_tui.store.models import FailedRecord, JournalRow, Run

_LENGTH_OF_ID = 36  # of a ContactID


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as it stands."""

    id: int
    kind: RunKind
    state: RunState
    who: str
    started_at: int
    finished_at: int | None
    requests: int
    counts: Counts
    error: str


def begin(db: SqliteDatabase, connection: int, kind: RunKind, who: str, login: str, now: int) -> int:
    """A new run; returns its id."""
    values = {"kind": kind, "state": RunState.RUNNING, "who": who, "login": login, "started_at": now}
    return int(Run.insert(connection=connection, **values).execute(db))


def finish(
    db: SqliteDatabase,
    run: int,
    state: RunState,
    now: int,
    *,
    requests: int,
    counts: Counts,
    error: str = "",
) -> None:
    """Close a run."""
    values = {"state": state, "finished_at": now, "requests": requests, "error": error}
    Run.update(counts=json.dumps(counts.as_dict()), **values).where(Run.id == run).execute(db)


def note(db: SqliteDatabase, run: int, counts: Counts) -> None:
    """What a run has found so far."""
    Run.update(counts=json.dumps(counts.as_dict())).where(Run.id == run).execute(db)


def recount(db: SqliteDatabase, run: int, moved: Counts) -> None:
    """A person changed what a preview showed: its counts follow."""
    counts = run_from_row(Run.select().where(Run.id == run).get(db)).counts
    counts.add(moved)
    note(db, run, counts)


def mark_undone(db: SqliteDatabase, run: int) -> None:
    """Nothing is left of a first sync: the next one is the first again."""
    Run.update(state=RunState.UNDONE).where(Run.id == run).execute(db)


def interrupt_dead(db: SqliteDatabase, connection: int, now: int) -> int:
    """Runs still called running belong to a process that died (the caller holds the lock). How many."""
    dead = (Run.connection == connection) & (Run.state == RunState.RUNNING)
    found = [row.id for row in Run.select(Run.id).where(dead).execute(db)]
    for run in found:
        counts = json.dumps(_journaled(db, run).as_dict())
        values = {"state": RunState.INTERRUPTED, "finished_at": now, "counts": counts}
        Run.update(**values).where(Run.id == run).execute(db)
    return len(found)


_COUNTED = {  # by action and side: the count of a run that it belongs to
    (Action.LINK, ""): "linked",
    (Action.CREATE, ""): "created",
    (Action.UNLINK, ""): "ended",
    (Action.CREATE_IN_XERO, Side.XERO): "created_in_xero",
    (Action.UPDATE, Side.KARBON): "changed_in_karbon",
    (Action.UPDATE, Side.XERO): "changed_in_xero",
}


def _journaled(db: SqliteDatabase, run: int) -> Counts:
    """What a run did that could not say so itself."""
    sql = "SELECT action, side, count(*) FROM journal WHERE run_id = ? AND state = 'done' GROUP BY action, side"
    rows = db.execute_sql(sql, (run,)).fetchall()
    return counts_from({_COUNTED[action, side]: count for action, side, count in rows if (action, side) in _COUNTED})


def of_the_dead(run: RunRecord) -> RunRecord:
    """A run still called running that nobody is at work on: its process died, and the next run will say so too."""
    return replace(run, state=RunState.INTERRUPTED) if run.state is RunState.RUNNING else run


def first_sync_done(db: SqliteDatabase, connection: int) -> bool:
    """Whether an initial run has ended well; until then each is the first sync, gone on with."""
    done = (Run.connection == connection) & (Run.kind == RunKind.INITIAL) & (Run.state == RunState.DONE)
    return bool(Run.select().where(done).exists(db))


def initial(db: SqliteDatabase, connection: int) -> list[int]:
    """The runs that the first sync took."""
    mine = (Run.connection == connection) & (Run.kind == RunKind.INITIAL) & (Run.state != RunState.UNDONE)
    return [row.id for row in Run.select(Run.id).where(mine).order_by(Run.id).execute(db)]


def latest(db: SqliteDatabase, connection: int) -> RunRecord | None:
    """The newest run."""
    row = Run.select().where(Run.connection == connection).order_by(Run.id.desc()).first(db)
    return run_from_row(row) if row else None


def latest_ended(db: SqliteDatabase, connection: int) -> RunRecord | None:
    """The newest run that is not called running."""
    ended = (Run.connection == connection) & (Run.state != RunState.RUNNING)
    row = Run.select().where(ended).order_by(Run.id.desc()).first(db)
    return run_from_row(row) if row else None


def preview_of(db: SqliteDatabase, connection: int, previewed_at: int) -> RunRecord | None:
    """The preview that stood then: it may read on, or have been left while it did."""
    wanted = (Run.connection == connection) & (Run.kind == RunKind.PREVIEW) & (Run.started_at <= previewed_at)
    row = Run.select().where(wanted).order_by(Run.id.desc()).first(db)
    return run_from_row(row) if row else None


def listed(db: SqliteDatabase, connection: int, limit: int, *, busy: bool = False) -> list[RunRecord]:
    """The newest runs first; ``busy``: only those that did, or failed at, something."""
    rows = Run.select().where(Run.connection == connection).order_by(Run.id.desc())
    if busy:
        rows = rows.where((Run.state != RunState.DONE) | fn.EXISTS(_entries()))
    return [run_from_row(row) for row in rows.limit(limit).execute(db)]


def since(db: SqliteDatabase, connection: int, moment: int) -> list[RunRecord]:
    """The runs that began at that moment or later, newest first; it reads no further back than that."""
    rows = Run.select().where(Run.connection == connection).order_by(Run.id.desc()).iterator(db)
    return [run_from_row(row) for row in takewhile(lambda row: row.started_at >= moment, rows)]


def _entries() -> Any:
    return JournalRow.select(SQL("1")).where(JournalRow.run == Run.id)


def by_id(db: SqliteDatabase, connection: int, run: int) -> RunRecord | None:
    """The run with that id."""
    row = Run.select().where((Run.connection == connection) & (Run.id == run)).first(db)
    return run_from_row(row) if row else None


def run_from_row(row: Any) -> RunRecord:
    """From a row of the table."""
    return RunRecord(
        row.id,
        RunKind(row.kind),
        RunState(row.state),
        row.who,
        row.started_at,
        row.finished_at,
        row.requests,
        counts_from(json.loads(row.counts)),
        row.error,
    )


def put_failed(
    db: SqliteDatabase, connection: int, side: FailedSide, records: Iterable[tuple[str, str, str]], now: int
) -> None:
    """Keep failed records: (id, name, reason) each. A later failure of the same one replaces it."""
    db.connection().executemany(
        "INSERT INTO failed_record (connection_id, side, record, name, reason, at) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (connection_id, side, record) DO UPDATE SET name = excluded.name, "
        "reason = excluded.reason, at = excluded.at",
        [(connection, side, record, name, reason, now) for record, name, reason in records],
    )


def clear_failed(db: SqliteDatabase, connection: int, side: FailedSide, records: Iterable[str]) -> None:
    """These were read or written well since."""
    db.connection().executemany(
        "DELETE FROM failed_record WHERE connection_id = ? AND side = ? AND record = ?",
        [(connection, side, record) for record in records],
    )


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed record as listed."""

    id: int
    side: FailedSide
    record: str
    name: str
    reason: str
    at: int

    @property
    def xero_id(self) -> str:
        """The ContactID; empty where the record is none of Xero's, or has none that can be read."""
        in_xero = self.side not in (FailedSide.READ_KARBON, FailedSide.CREATE_IN_XERO)
        return self.record if in_xero and len(self.record) == _LENGTH_OF_ID else ""

    @property
    def at_once(self) -> bool:
        """Whether it can be tried by itself; else a decision or a full sync tries it."""
        if self.side is FailedSide.READ_KARBON:
            return True
        return self.side in (FailedSide.READ_XERO, FailedSide.TO_XERO, FailedSide.TO_KARBON) and bool(self.xero_id)


def refused_edit(db: SqliteDatabase, connection: int, xero_id: str) -> str:
    """Why an edit of this linked contact was refused; empty when none was."""
    mine = (FailedRecord.connection == connection) & (FailedRecord.record == xero_id)
    row = (
        FailedRecord.select().where(mine & FailedRecord.side.in_((FailedSide.TO_XERO, FailedSide.TO_KARBON))).first(db)
    )
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
    return Failure(row.id, FailedSide(row.side), row.record, row.name, row.reason, row.at)
