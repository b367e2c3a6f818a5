"""What a run does once everybody it needs is there: recover, read, plan, brake, apply (engine.md section 1)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.brake import brake
from xerosync_tui.domain.connection import Brake, Connection
from xerosync_tui.domain.progress import Report
from xerosync_tui.engine.apply import apply_plan
from xerosync_tui.engine.cards import read_all, read_some
from xerosync_tui.engine.changes import ChangePlan, apply_changes, plan_changes
from xerosync_tui.engine.native import sample
from xerosync_tui.engine.plan import make_plan
from xerosync_tui.engine.pull import pull_karbon, pull_xero
from xerosync_tui.engine.push import Push
from xerosync_tui.engine.recovery import recover_in_karbon, recover_in_xero, settle_unknown
from xerosync_tui.engine.sides import look_at_account
from xerosync_tui.errors import NeedsPerson
from xerosync_tui.program import Program
from xerosync_tui.remotes.ports import Directory, Ledger
from xerosync_tui.store import cards, connections, mirror, plans, runs


@dataclass(slots=True)
class Round:
    """Who takes part in a run, and what it counts; counts as ``make_plan``, ``apply_plan`` and ``Push`` name them."""

    connection: Connection
    ledger: Ledger
    directory: Directory
    run: int
    counts: Counter[str]
    report: Report


async def look(program: Program, now: Round, *, full: bool) -> Brake | None:
    """Read both sides and plan, for a person to look at; the brake that would stop the run, if any.

    Where cards take a request each, a provisional plan stands before the first is read, and fills in.
    """
    await _read(program, now, full=full)
    plan = await _show(program, now)
    if now.connection.uses_api:
        await sample(program, now.directory, now.connection)

        async def show() -> None:
            await _show(program, now)

        try:
            await read_all(program, now.directory, now.connection, now.report, show)
        finally:  # stopped too: what was read by then can be confirmed
            plan = await _show(program, now)
    return _brake_of(program, plan)


async def _show(program: Program, now: Round) -> ChangePlan:
    """Plan, and keep with the run what was found so far: from here on a person can confirm it."""
    for name in now.counts.keys() - {"read", "archived"}:
        del now.counts[name]
    plan = await _plan(program, now, shown=True)
    now.counts += plan.counts
    await program.store.run(_previewed, now, program.now_ms())
    return plan


def _previewed(db: SqliteDatabase, now: Round, moment: int) -> None:
    runs.note(db, now.run, now.counts)
    connections.change(db, now.connection.id, previewed_at=moment)


async def carry_out(program: Program, now: Round, *, first: bool, full: bool, approved: str) -> None:
    """Read both sides, plan and apply; what was interrupted is carried to its end before.

    Raises NeedsPerson where a brake stops it, and what the ledger raises.
    """
    now.counts += await recover_in_xero(program, now.ledger, now.connection)
    now.counts += await recover_in_karbon(program, now.directory, now.connection, now.report)
    unfinished = now.connection.plan_run is not None
    if unfinished:
        await _apply(program, now, only_shown=first)
    if first and unfinished:
        return
    await _read(program, now, full=full)
    if not first:  # the preview read what the first sync does
        await read_some(program, now.directory, now.connection, now.report)
    plan = await _plan(program, now, shown=False)
    if not first:
        await _check_brake(program, now, plan, approved)
    await program.store.run(_begin, now.connection, now.run, program.now_ms())
    if not first:
        await _carry_over(program, now)
    await _apply(program, now, only_shown=first)


async def _check_brake(program: Program, now: Round, plan: ChangePlan, approved: str) -> None:
    """Nothing is applied where far more would change than anybody may have meant (engine.md 2.8)."""
    found = _brake_of(program, plan)
    if found and found.digest == approved:
        found = None
    await program.store.run(connections.set_brake, now.connection.id, found)
    if found:
        raise NeedsPerson(
            f"The sync was stopped before it changed anything. {found.reason}",
            f"See `xerosync sync --preview`; if it is right, `xerosync sync --approve {found.digest}`.",
        )


def _brake_of(program: Program, plan: ChangePlan) -> Brake | None:
    reason = brake(plan.impact)
    return Brake(plan.digest, reason, program.now_ms()) if reason else None


async def _carry_over(program: Program, now: Round) -> None:
    """What changed on one side goes to the other: first to Karbon, then to Xero."""
    links = await apply_changes(program, now.directory, now.connection, now.run, now.counts, now.report)
    if links:
        await Push(program, now.ledger, now.connection, now.run, now.counts).links(links, now.report)


def _begin(db: SqliteDatabase, connection: Connection, run: int, now: int) -> None:
    """The plan of this run is what is carried out from here on, whatever happens to this process."""
    connections.change(db, connection.id, plan_run=run, started_at=connection.started_at or now)


async def _apply(program: Program, now: Round, *, only_shown: bool) -> None:
    await apply_plan(program, now.directory, now.connection, now.run, now.counts, now.report, only_shown=only_shown)

    def end(db: SqliteDatabase) -> None:
        plans.open_issues(db, now.connection.id, program.now_ms())
        connections.change(db, now.connection.id, plan_run=None)

    await program.store.run(end)


async def _read(program: Program, now: Round, *, full: bool) -> None:
    now.counts["read"] = await pull_xero(program, now.ledger, now.connection, now.run, now.report, full=full)
    if full and now.connection.uses_api:
        await look_at_account(program, now.connection)
        await program.store.run(cards.try_failed_again, now.connection.id)
    await pull_karbon(program, now.directory, now.connection, now.report)
    await settle_unknown(program, now.directory, now.connection)
    now.counts["archived"] = await program.store.run(mirror.count_archived, now.connection.id)


async def _plan(program: Program, now: Round, *, shown: bool) -> ChangePlan:
    now.counts += await make_plan(program, now.connection, now.run, now.report, shown=shown)
    return await plan_changes(program, now.connection, now.report)
