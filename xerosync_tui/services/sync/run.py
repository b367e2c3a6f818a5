"""A run from end to end: the preview that writes nothing, and the sync that does what it showed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.match import Reason
from xerosync_tui.errors import NeedsPerson, UsageError, XeroSyncError
from xerosync_tui.remotes.builtin import BuiltinDirectory
from xerosync_tui.remotes.ports import Directory
from xerosync_tui.remotes.xero.api import XeroLedger
from xerosync_tui.remotes.xero.session import XeroSession
from xerosync_tui.services import connect
from xerosync_tui.services.program import Program
from xerosync_tui.services.sync.apply import apply_plan
from xerosync_tui.services.sync.plan import make_plan
from xerosync_tui.services.sync.progress import Progress, Report, unwatched
from xerosync_tui.services.sync.pull import pull_karbon, pull_xero
from xerosync_tui.services.sync.recovery import at_work
from xerosync_tui.store import connections, issues, journal, mirror, plans, runs


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run found and did; counts as ``make_plan`` and ``apply_plan`` name them."""

    kind: str
    counts: Mapping[str, int]
    requests: int
    open_issues: int
    failed_records: int


@dataclass(slots=True)
class _Running:
    connection: Connection
    session: XeroSession
    directory: Directory
    run: int
    counts: Counter[str]
    report: Report


async def directory_of(program: Program, connection: Connection) -> BuiltinDirectory:
    """The Karbon side of a connection."""
    known = connection.directory_version
    ours = await program.store.run(journal.versions_after, connection.id, known)
    return BuiltinDirectory(program.store, lambda: program.new_id()[:12], known, ours)


async def preview(program: Program, report: Report = unwatched, *, full: bool = False) -> RunResult:
    """Read both sides and plan; nothing is written to either. The first sync applies what this showed.

    Whatever was confirmed before is not any more. Raises NotConnected, LockHeld, QuotaUsedUp, and what
    reading raises.
    """
    async with at_work(program) as connection, _running(program, connection, "preview", report) as now:
        await program.store.run(_forget_confirmation, connection.id)
        await _read_and_plan(program, now, shown=True, full=full)
        await program.store.run(connections.change, connection.id, previewed_at=program.now_ms())
        return await _result(program, "preview", now)


async def sync(
    program: Program,
    report: Report = unwatched,
    *,
    confirmed: bool = False,
    vetoes: Sequence[str] = (),
    full: bool = False,
) -> RunResult:
    """Read both sides, plan and apply. The first sync needs a preview and ``confirmed``.

    Interrupted, the next call first carries the same plan to its end. Raises NeedsPerson without preview or
    confirmation, UsageError for a veto that names no full match, and what ``preview`` raises.
    """
    async with at_work(program) as connection:
        connect.require(connection)
        first = not await program.store.run(runs.first_sync_done, connection.id)
        await program.store.run(_check_word, connection, first, confirmed, vetoes, program.now_ms())
        kind = "initial" if first else "incremental"
        async with _running(program, connection, kind, report) as now:
            unfinished = connection.plan_run is not None
            if unfinished:
                await _apply(program, now, only_shown=first)
            if not (first and unfinished):
                await _read_and_plan(program, now, shown=False, full=full)
                await program.store.run(_begin, connection, now.run, program.now_ms())
                await _apply(program, now, only_shown=first)
            return await _result(program, kind, now)


def _check_word(
    db: SqliteDatabase, connection: Connection, first: bool, confirmed: bool, vetoes: Sequence[str], now: int
) -> None:
    """Whether the first sync may go: previewed, and a person said so. What is vetoed is held back from here on."""
    if not first:
        if vetoes:
            raise UsageError("A veto is for the first sync, which is done", "Use `xerosync issues` instead.")
        return
    if connection.previewed_at is None:
        raise NeedsPerson("The first sync needs a preview", "Run `xerosync sync --preview` first.")
    if connection.started_at is None and not confirmed:
        raise NeedsPerson(
            "The first sync waits for your word", "Run `xerosync sync --yes` to do what the preview showed."
        )
    if unknown := plans.not_full_matches(db, connection.id, vetoes):
        raise UsageError(f"Not a full match of the preview: {', '.join(unknown)}")
    for xero_id in vetoes:
        issues.hold(db, connection.id, xero_id, Reason.HELD, now)


def _forget_confirmation(db: SqliteDatabase, connection: int) -> None:
    if runs.first_sync_done(db, connection):
        connections.change(db, connection, plan_run=None)
    else:
        connections.change(db, connection, plan_run=None, previewed_at=None, started_at=None)


def _begin(db: SqliteDatabase, connection: Connection, run: int, now: int) -> None:
    """The plan of this run is what is carried out from here on, whatever happens to this process."""
    connections.change(db, connection.id, plan_run=run, started_at=connection.started_at or now)


async def _apply(program: Program, now: _Running, *, only_shown: bool) -> None:
    await apply_plan(program, now.directory, now.connection, now.run, now.counts, now.report, only_shown=only_shown)

    def end(db: SqliteDatabase) -> None:
        plans.open_issues(db, now.connection.id, program.now_ms())
        connections.change(db, now.connection.id, plan_run=None)

    await program.store.run(end)


async def _read_and_plan(program: Program, now: _Running, *, shown: bool, full: bool) -> None:
    ledger = XeroLedger(now.session)
    now.counts["read"] = await pull_xero(program, ledger, now.connection, now.run, now.report, full=full)
    await pull_karbon(program, now.directory, now.connection, now.report)
    now.counts["archived"] = await program.store.run(mirror.count_archived, now.connection.id)
    now.counts += await make_plan(program, now.connection, now.run, now.report, shown=shown)


@asynccontextmanager
async def _running(program: Program, connection: Connection, kind: str, report: Report) -> AsyncIterator[_Running]:
    """The session and the run row, closed with what became of it."""
    run = await program.store.run(runs.begin, connection.id, kind, program.settings.user, program.now_ms())
    counts: Counter[str] = Counter()
    requests, state, said = 0, "failed", ""
    try:
        async with connect.session(program, connection, on_wait=_waiting(report)) as session:
            try:
                telling = _with_requests(report, session)
                yield _Running(connection, session, await directory_of(program, connection), run, counts, telling)
                state = "done"
            finally:
                requests = session.requests
                _keep_quota(counts, session)
    except asyncio.CancelledError:
        state = "cancelled"
        raise
    except XeroSyncError as error:
        said = error.what
        raise
    finally:
        await program.store.run(runs.finish, run, state, program.now_ms(), requests=requests, counts=counts, error=said)


def _with_requests(report: Report, session: XeroSession) -> Report:
    return lambda progress: report(replace(progress, requests=session.requests))


def _keep_quota(counts: Counter[str], session: XeroSession) -> None:
    """What Xero last said is left of the limits, kept with the run so that ``status`` costs no request."""
    for name, left in (("day quota left", session.quota.day_left), ("minute quota left", session.quota.minute_left)):
        if left is not None:
            counts[name] = left


def _waiting(report: Report) -> Callable[[float, str], None]:
    def wait(seconds: float, reason: str) -> None:
        report(Progress(reason, wait=seconds))

    return wait


async def _result(program: Program, kind: str, now: _Running) -> RunResult:
    waiting = await program.store.run(issues.count, now.connection.id)
    failed = await program.store.run(runs.failures, now.connection.id)
    return RunResult(kind, dict(now.counts), now.session.requests, waiting, len(failed))
