"""What a run does once everybody it needs is there: recover, read, plan, brake, carry out (engine.md section 1)."""

from __future__ import annotations

from dataclasses import replace

from peewee import SqliteDatabase

from xerosync_tui.domain.brake import brake
from xerosync_tui.domain.connection import Brake
from xerosync_tui.domain.counts import Counts
from xerosync_tui.engine import settle, undo
from xerosync_tui.engine.cards import read_all, read_some
from xerosync_tui.engine.carry import carry_over
from xerosync_tui.engine.link import apply_plan
from xerosync_tui.engine.native import sample
from xerosync_tui.engine.plan import LinkPlan, keep_stopped, make_plan, plan_links
from xerosync_tui.engine.pull import pull_karbon, pull_xero
from xerosync_tui.engine.sides import look_at_account
from xerosync_tui.engine.work import Work
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.store import brakes, cards, connections, mirror, plans, runs
from xerosync_tui.store.brakes import Approved


async def look(work: Work, *, full: bool) -> Brake | None:
    """Read both sides and plan, for a person to look at; the brake that would stop the run, if any.

    Where cards take a request each, a provisional plan stands before the first is read, and fills in.
    """
    await _read(work, full=full)
    approved = await _approved(work, "")
    plan = await _show(work, approved)
    if work.directory.has_cards:
        await sample(work)

        async def show() -> None:
            await _show(work, approved)

        try:
            await read_all(work, show)
        finally:  # stopped too: what was read by then can be confirmed
            plan = await _show(work, approved)
    found = _brake_of(work, plan)
    await work.program.store.run(_keep_shown, work, found)
    return found


async def _show(work: Work, approved: Approved) -> LinkPlan:
    """Plan, and keep with the run what was found so far: from here on a person can confirm it."""
    work.counts = Counts(read=work.counts.read, archived=work.counts.archived)
    work.counts.add(await make_plan(work, shown=True))
    plan = await plan_links(work, approved)
    work.counts.add(plan.counts)

    def keep(db: SqliteDatabase) -> None:
        runs.note(db, work.run or 0, work.counts)
        connections.change(db, work.connection.id, previewed_at=work.program.now_ms())

    await work.program.store.run(keep)
    return plan


async def carry_out(work: Work, *, first: bool, full: bool, approved: str) -> None:
    """Read both sides, plan and apply; what was interrupted is carried to its end before.

    ``approved`` is the digest of what a brake stopped, or of what a preview showed: its rows may go. Raises NeedsPerson
    where a brake stops it, UsageError for another digest, and what the remotes raise.
    """
    allowed = await _approved(work, approved)
    await settle.recover(work)
    unfinished = work.connection.plan_run is not None
    if unfinished:
        await _apply(work, only_shown=first)
    if first and unfinished:
        return
    await _read(work, full=full)
    if not first:  # the preview read what the first sync does
        await read_some(work)
    work.counts.add(await make_plan(work, shown=False))
    if not first:
        await _check_brake(work, await plan_links(work, allowed), allowed)
    await work.program.store.run(_begin, work)
    if not first:
        await carry_over(work)
        await work.program.store.run(_release, work)
    await _apply(work, only_shown=first)


async def _approved(work: Work, digest: str) -> Approved:
    """The rows that a person approved; ``digest``: now, else before. Raises UsageError for another digest."""

    def read(db: SqliteDatabase) -> Approved:
        shown = connections.by_id(db, work.connection.id).shown_brake
        if digest and (shown is None or shown.digest != digest):
            raise UsageError(f"{digest} is not the code of a sync that was stopped", Hint(Do.SEE_BRAKE))
        if shown and digest:
            shown = replace(shown, approved=True)
            connections.set_brake(db, work.connection.id, shown)
        return brakes.rows(db, work.connection.id) if shown and shown.approved else {}

    return await work.program.store.run(read)


def _keep_shown(db: SqliteDatabase, work: Work, found: Brake | None) -> None:
    """What a preview shows that a brake would stop can be approved like what was stopped."""
    before = connections.by_id(db, work.connection.id)
    if found:
        connections.set_brake(db, before.id, replace(found, previewed=before.brake is None))
        keep_stopped(db, work)
    elif before.brake is None:
        _release(db, work)


async def _check_brake(work: Work, plan: LinkPlan, allowed: Approved) -> None:
    """Nothing is applied where far more would change than anybody may have meant (engine.md 2.8).

    What a person approved, and still holds, is no part of that, and goes either way.
    """
    found = _brake_of(work, plan)
    if found is None:
        return
    if allowed:
        await carry_over(work, allowed)

    def stop(db: SqliteDatabase) -> None:
        connections.set_brake(db, work.connection.id, found)
        keep_stopped(db, work)

    await work.program.store.run(stop)
    did = "before it changed anything else" if allowed else "before it changed anything"
    raise NeedsPerson(f"The sync was stopped {did}. {found.reason}", Hint(Do.APPROVE, found.digest))


def _brake_of(work: Work, plan: LinkPlan) -> Brake | None:
    reason = brake(plan.impact)
    return Brake(plan.digest, reason, work.program.now_ms()) if reason else None


def _release(db: SqliteDatabase, work: Work) -> None:
    connections.set_brake(db, work.connection.id, None)
    brakes.clear(db, work.connection.id)


def _begin(db: SqliteDatabase, work: Work) -> None:
    """The plan of this run is what is carried out from here on, whatever happens to this process."""
    it = work.connection
    connections.change(db, it.id, plan_run=work.run, started_at=it.started_at or work.program.now_ms())


async def _apply(work: Work, *, only_shown: bool) -> None:
    await apply_plan(work, only_shown=only_shown)

    def end(db: SqliteDatabase) -> None:
        plans.open_issues(db, work.connection.id, work.program.now_ms())
        connections.change(db, work.connection.id, plan_run=None)

    await work.program.store.run(end)


async def _read(work: Work, *, full: bool) -> None:
    store, connection = work.program.store, work.connection.id
    work.counts.read = await pull_xero(work, full=full)
    if full and work.directory.has_cards:
        await look_at_account(work)
        await store.run(cards.try_failed_again, connection)
    await pull_karbon(work)
    for begun in await settle.settle_unknown(work):
        await store.run(undo.finish, work, begun)
    work.counts.archived = await store.run(mirror.count_archived, connection)
