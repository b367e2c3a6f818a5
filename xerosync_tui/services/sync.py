"""A run from end to end: the preview that writes nothing, and the sync that does what it showed."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Brake, Connection
from xerosync_tui.domain.match import Reason
from xerosync_tui.domain.progress import Report, unwatched, waiting
from xerosync_tui.engine import sessions
from xerosync_tui.engine.recovery import at_work
from xerosync_tui.engine.run import Round, carry_out, look
from xerosync_tui.engine.sides import directory_of
from xerosync_tui.errors import NeedsPerson, QuotaUsedUp, UsageError, XeroSyncError
from xerosync_tui.program import Program, require
from xerosync_tui.remotes.xero.api import XeroLedger
from xerosync_tui.remotes.xero.session import XeroSession
from xerosync_tui.store import connections, issues, mirror, plans, runs

_DAY = 24 * 3_600_000  # ms
TO_KARBON = "requests to Karbon"  # a count of a run, where the directory is Karbon's API


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run found and did; counts as ``make_plan`` and ``apply_plan`` name them."""

    kind: str
    counts: Mapping[str, int]
    requests: int
    open_issues: int
    failed_records: int
    brake: Brake | None = None


async def preview(program: Program, report: Report = unwatched, *, full: bool = False) -> RunResult:
    """Read both sides and plan; nothing is written to either. The first sync applies what this showed.

    Whatever was confirmed before is not any more. Raises NotConnected, LockHeld, QuotaUsedUp, and what
    reading raises.
    """
    async with at_work(program, "a preview") as connection, _running(program, connection, "preview", report) as now:
        await program.store.run(_forget_confirmation, connection.id)
        found = await look(program, now.round, full=full)
        return await _result(program, "preview", now, found)


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
    read and looked at. ``approved`` is the digest of a run that was stopped by a brake and may go now.
    Raises NeedsPerson without preview or confirmation, and where a brake stops it; UsageError for a veto that
    names no full match; what ``preview`` raises.
    """
    async with at_work(program, "a sync") as connection:
        require(connection)
        first = not await program.store.run(runs.first_sync_done, connection.id)
        await program.store.run(_check_word, connection, first, confirmed, vetoes, program.now_ms())
        kind = "initial" if first else "full" if full or _audit_is_due(program, connection) else "incremental"
        async with _running(program, connection, kind, report) as now:
            await carry_out(program, now.round, first=first, full=kind == "full", approved=approved)
            if first:  # its own reading found little: the preview had read the rest
                now.round.counts["read"] = (await program.store.run(mirror.counts, connection.id))[0]
            return await _result(program, kind, now)


def _audit_is_due(program: Program, connection: Connection) -> bool:
    """Increments do not see everything (xero.md 2.3): once a day all is read."""
    # One that seems to lie in the future is due as well: the clock was put back.
    return connection.audited_at is None or not 0 <= program.now_ms() - connection.audited_at < _DAY


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


@dataclass(frozen=True, slots=True)
class _Open:
    """A run that has begun, and the session it spends requests of."""

    round: Round
    session: XeroSession


@asynccontextmanager
async def _running(program: Program, connection: Connection, kind: str, report: Report) -> AsyncIterator[_Open]:
    """The session and the run row, closed with what became of it."""
    run = await program.store.run(runs.begin, connection.id, kind, program.settings.user, program.now_ms())
    counts: Counter[str] = Counter()
    requests, state, said = 0, "failed", ""
    try:
        async with sessions.xero(program, connection, on_wait=waiting(report)) as session:
            try:
                telling = _with_requests(report, session)
                async with directory_of(program, connection, report) as directory:
                    try:
                        yield _Open(Round(connection, XeroLedger(session), directory, run, counts, telling), session)
                    finally:
                        counts[TO_KARBON] = directory.requests
                state = "done"
                if session.requests and connection.quota_until:  # Xero answers again
                    await program.store.run(connections.change, connection.id, quota_until=None)
            finally:
                requests = session.requests
                _keep_quota(counts, session)
    except asyncio.CancelledError:
        state = "cancelled"
        raise
    except XeroSyncError as error:
        said = error.what
        if isinstance(error, QuotaUsedUp):
            await program.store.run(_keep_quota_until, connection.id, error)
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


def _keep_quota_until(db: SqliteDatabase, connection: int, error: QuotaUsedUp) -> None:
    until = int(error.until.timestamp() * 1000) if error.until else None
    connections.change(db, connection, quota_until=until)


async def _result(program: Program, kind: str, now: _Open, brake: Brake | None = None) -> RunResult:
    connection = now.round.connection.id
    waiting = await program.store.run(issues.count, connection)
    failed = await program.store.run(runs.count_failed, connection)
    counts = {name: count for name, count in now.round.counts.items() if count}
    return RunResult(kind, counts, now.session.requests, waiting, failed, brake)
