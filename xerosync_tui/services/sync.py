"""A run from end to end: the preview that writes nothing, and the sync that does what it showed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Brake, Connection
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.match import Reason
from xerosync_tui.domain.progress import Progress, Report, unwatched
from xerosync_tui.domain.states import RunKind, RunState
from xerosync_tui.engine import sides
from xerosync_tui.engine.decisions import at_work
from xerosync_tui.engine.run import carry_out, look
from xerosync_tui.engine.work import Work
from xerosync_tui.errors import NeedsPerson, QuotaUsedUp, UsageError, XeroSyncError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program, require
from xerosync_tui.remotes.xero.session import XeroSession
from xerosync_tui.store import connections, issues, mirror, plans, runs

_DAY = 24 * 3_600_000  # ms


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run found and did."""

    kind: RunKind
    counts: Counts
    requests: int
    open_issues: int
    failed_records: int
    brake: Brake | None = None


async def preview(program: Program, report: Report = unwatched, *, full: bool = False) -> RunResult:
    """Read both sides and plan; nothing is written to either. The first sync applies what this showed.

    Whatever was confirmed before is not any more. Raises NotConnected, LockHeld, QuotaUsedUp, and what
    reading raises.
    """
    async with at_work(program, "a preview") as work, _running(work, RunKind.PREVIEW, report) as session:
        await program.store.run(_forget_confirmation, work.connection.id)
        found = await look(work, full=full)
        return await _result(work, RunKind.PREVIEW, session, found)


async def sync(
    program: Program,
    report: Report = unwatched,
    *,
    confirmed: bool = False,
    vetoes: Sequence[str] = (),
    full: bool = False,
    approved: str = "",
) -> RunResult:
    """Read both sides, plan and apply. The first sync needs a preview and ``confirmed``.

    Interrupted, the next call first carries the same plan to its end. Once a day, and when ``full``, everything is
    read and looked at. ``approved`` is the digest of what a brake stopped, or a preview showed: its rows may go now.
    Raises NeedsPerson without preview or confirmation, and where a brake stops it; UsageError for a veto that
    names no full match, and a digest of neither; what ``preview`` raises.
    """
    async with at_work(program, "a sync") as work:
        connection = work.connection
        require(connection)
        first = not await program.store.run(runs.first_sync_done, connection.id)
        await program.store.run(_check_confirmed, connection, first, confirmed, vetoes, program.now_ms())
        audit = full or _audit_is_due(program, connection)
        kind = RunKind.INITIAL if first else RunKind.FULL if audit else RunKind.INCREMENTAL
        async with _running(work, kind, report) as session:
            await carry_out(work, first=first, full=kind is RunKind.FULL, approved=approved)
            if first:  # its own reading found little: the preview had read the rest
                work.counts.read = (await program.store.run(mirror.counts, connection.id))[0]
            return await _result(work, kind, session)


def _audit_is_due(program: Program, connection: Connection) -> bool:
    """Increments do not see everything (xero.md 2.3): once a day all is read."""
    # One that seems to lie in the future is due as well: the clock was put back.
    return connection.audited_at is None or not 0 <= program.now_ms() - connection.audited_at < _DAY


def _check_confirmed(
    db: SqliteDatabase, connection: Connection, first: bool, confirmed: bool, vetoes: Sequence[str], now: int
) -> None:
    """Whether the first sync may go: previewed, and a person said so. What is vetoed is held back from here on."""
    if not first:
        if vetoes:
            raise UsageError("A veto is for the first sync, which is done", Hint(Do.VETO_LATE))
        return
    if connection.previewed_at is None:
        raise NeedsPerson("The first sync needs a preview", Hint(Do.PREVIEW))
    if connection.started_at is None and not confirmed:
        raise NeedsPerson("The first sync is not confirmed yet", Hint(Do.START))
    if unknown := plans.not_full_matches(db, connection.id, vetoes):
        raise UsageError(f"Not a full match of the preview: {', '.join(unknown)}")
    for xero_id in vetoes:
        issues.hold(db, connection.id, xero_id, Reason.HELD, now)


def _forget_confirmation(db: SqliteDatabase, connection: int) -> None:
    if runs.first_sync_done(db, connection):
        connections.change(db, connection, plan_run=None)
    else:
        connections.change(db, connection, plan_run=None, previewed_at=None, started_at=None)


@asynccontextmanager
async def _running(work: Work, kind: RunKind, report: Report) -> AsyncIterator[XeroSession]:
    """Both sides open, and the run row, closed with what became of it."""
    program, settings = work.program, work.program.settings
    begun = (work.connection.id, kind, settings.user, settings.login, program.now_ms())
    work.run = await program.store.run(runs.begin, *begun)
    requests, state, said = 0, RunState.FAILED, ""
    work.report = report  # the session tells it when it waits
    try:
        async with sides.ledger(work) as session:
            work.report = _with_requests(report, session)
            try:
                async with sides.karbon(work) as directory:
                    try:
                        yield session
                    finally:
                        work.counts.karbon_requests = directory.requests
                state = RunState.DONE
                if session.requests and work.connection.quota_until:  # Xero answers again
                    await program.store.run(connections.change, work.connection.id, quota_until=None)
            finally:
                requests = session.requests
                # Kept with the run, so that ``status`` costs no request.
                quota = session.quota
                work.counts.add(Counts(day_left=quota.day_left, minute_left=quota.minute_left))
    except asyncio.CancelledError:
        state = RunState.CANCELLED
        raise
    except XeroSyncError as error:
        said = error.what
        if isinstance(error, QuotaUsedUp):
            until = int(error.until.timestamp() * 1000) if error.until else None
            await program.store.run(connections.change, work.connection.id, quota_until=until)
        raise
    finally:
        now, counts = program.now_ms(), work.counts
        await program.store.run(runs.finish, work.run, state, now, requests=requests, counts=counts, error=said)


def _with_requests(report: Report, session: XeroSession) -> Report:
    def tell(progress: Progress) -> None:
        report(replace(progress, requests=session.requests))

    return tell


async def _result(work: Work, kind: RunKind, session: XeroSession, brake: Brake | None = None) -> RunResult:
    store, connection = work.program.store, work.connection.id
    waiting = await store.run(issues.count, connection)
    failed = await store.run(runs.count_failed, connection)
    return RunResult(kind, work.counts, session.requests, waiting, failed, brake)
