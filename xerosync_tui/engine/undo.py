"""Undo entries of the journal, one or a thousand, each as ``way_back`` says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.decided import Stays
from xerosync_tui.domain.normalise import same_spelling
from xerosync_tui.domain.states import Action, EntryState, RunKind, RunState
from xerosync_tui.engine import sides
from xerosync_tui.engine.carry import bring_to_xero
from xerosync_tui.engine.changes.base import InXero
from xerosync_tui.engine.changes.reversals import EndLink, Forget
from xerosync_tui.engine.plan import make_plan
from xerosync_tui.engine.way_back import Way, is_linked_by, name_of, way_back
from xerosync_tui.engine.work import Work
from xerosync_tui.engine.write import adopt, write
from xerosync_tui.errors import NeedsPerson
from xerosync_tui.remotes.ports import Update
from xerosync_tui.store import connections, issues, journal, links, mirror, plans, runs
from xerosync_tui.store.journal import Entry, Result

_BATCH = 500
_EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True)
class Undoable:
    """An entry, and why it cannot be undone; empty where it can. ``stays``: values of it that cannot even then."""

    entry: Entry
    name: str
    reason: str
    stays: str = ""


def entries_of_run(db: SqliteDatabase, work: Work, run: int) -> list[Entry]:
    """What stands of a run, newest first; the first sync with all the runs that it took."""
    numbers = runs.initial(db, work.connection.id) if is_first(db, work, run) else [run]
    found = [e for number in sorted(numbers, reverse=True) for e in _of_run(db, work, number)]
    return [entry for entry in found if entry.state is EntryState.DONE and entry.intent.action is not Action.SWAP]


def _of_run(db: SqliteDatabase, work: Work, run: int) -> list[Entry]:
    return journal.listed(db, work.place, run=run, limit=_EVERYTHING)


def is_first(db: SqliteDatabase, work: Work, run: int) -> bool:
    """Whether a run is, or is part of, the first sync."""
    found = runs.by_id(db, work.connection.id, run)
    return found is not None and found.kind is RunKind.INITIAL


def is_half_undone(db: SqliteDatabase, work: Work, run: int) -> bool:
    """Whether a run is the first sync, no link is left, and yet nothing led back to its preview: its undo died."""
    found = runs.by_id(db, work.connection.id, run)
    undone = found is not None and found.state is RunState.UNDONE
    return is_first(db, work, run) and not undone and not links.count(db, work.connection.id)


def as_it_stands(db: SqliteDatabase, work: Work, entry: Entry, *, first: bool = False) -> Undoable:
    """Whether an entry can be undone now. ``first``: with the first sync, whose links end whatever stays of them."""
    name = name_of(db, work, entry)
    try:
        way = way_back(db, work, entry, held=not first)
    except NeedsPerson as error:
        if first and is_linked_by(db, work, entry):
            return Undoable(entry, name, "", f"{error.what}; the link ends all the same")
        return Undoable(entry, name, error.what)
    return Undoable(entry, name, "", way.stays)


async def undo_entries(work: Work, entries: Sequence[Entry], *, first: bool = False) -> str:
    """Undo these, in their order, as far as each can be; what stays is in ``work.stays``. Karbon is open.

    Returns what is left for the next sync to bring to Xero, and why, or "".
    """
    travelling: dict[str, None] = {}
    for batch in _batches(entries):
        ways = await work.program.store.run(_ways, work, batch, first=first)
        for undone, travels in await _carry_out(work, ways):
            if travels:
                travelling[undone.intent.xero_id] = None
    return await bring_to_xero(work, list(travelling)) if travelling and work.joined else ""


def _batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Entries that do not rest on each other: of a contact only one, and contact types by themselves."""
    batch: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        about = (entry.intent.xero_id, entry.intent.karbon_key)
        if about in batch or len(batch) == _BATCH or (batch and entry.intent.action is Action.TYPES):
            yield list(batch.values())
            batch = {}
        batch[about] = entry
    if batch:
        yield list(batch.values())


def _ways(db: SqliteDatabase, work: Work, entries: Sequence[Entry], *, first: bool) -> list[tuple[Entry, Way]]:
    """How each of these is undone; what cannot be is listed as staying."""
    found = []
    for entry in entries:
        name = name_of(db, work, entry)
        try:
            way = way_back(db, work, entry, held=not first)
        except NeedsPerson as error:
            ends_all_the_same = first and is_linked_by(db, work, entry)
            work.stays.append(Stays(name, error.what, entry.id, partly=ends_all_the_same))
            if not ends_all_the_same:
                continue
            way = Way((Forget(entry, name),))
        if way.stays:
            work.stays.append(Stays(name, way.stays, entry.id, partly=True))
        found.append((entry, way))
    return found


async def _carry_out(work: Work, ways: Sequence[tuple[Entry, Way]]) -> list[tuple[Entry, bool]]:
    """The entries that were undone, and whether Xero gets their old values. Those of one step go together."""
    done = []
    single = [(entry, way) for entry, way in ways if len(way.changes) == 1]
    for (entry, way), written in zip(single, await write(work, [way.changes[0] for _, way in single]), strict=True):
        if written.done:
            done.append((entry, way.travels))
        else:
            work.stays.append(Stays(written.change.whom(), written.reason, entry.id))
    for entry, way in ways:
        if len(way.changes) > 1 and await _step_by_step(work, entry, way):
            done.append((entry, way.travels))
    return done


async def _step_by_step(work: Work, entry: Entry, way: Way) -> bool:
    async with AsyncExitStack() as opened:
        if any(isinstance(change, InXero) for change in way.changes):
            await opened.enter_async_context(sides.ledger(work))
        for change in way.changes:
            [written] = await write(work, [change])
            if not written.done:
                work.stays.append(Stays(change.whom(), written.reason, entry.id))
                return False
    return True


def finish(db: SqliteDatabase, work: Work, begun: Entry) -> None:
    """An undo of a link that Karbon's API was asked for by a process that died: to its end where Karbon did it.

    Otherwise it is over, and what it was to undo stands.
    """
    entry = journal.by_id(db, work.place, begun.intent.undoes)
    held = mirror.karbon_contact(db, work.connection.id, begun.intent.karbon_key)
    done = held and all(same_spelling(f, held.contact.value(f), value) for f, value in begun.intent.after.items())
    if not (entry and held and done) or entry.state is not EntryState.DONE or not is_linked_by(db, work, entry):
        over = Result(begun.id, EntryState.ABANDONED, "the undo was interrupted")
        journal.settle(db, work.program.now_ms(), [over])
        return
    change = EndLink(entry, name_of(db, work, entry), Update(held.key, held.contact, {}))
    adopt(db, work, change, begun, held)


async def after_the_first_sync(work: Work, run: int) -> None:
    """The first sync was undone: back to its preview where no link is left, else its contacts are planned again."""

    def back(db: SqliteDatabase) -> bool:
        connection = work.connection.id
        if links.count(db, connection):
            return False
        for number in runs.initial(db, connection):
            runs.mark_undone(db, number)
        issues.close_all_not_held(db, connection)
        connections.change(db, connection, started_at=None, plan_run=None, previewed_at=work.program.now_ms())
        return True

    shown = await work.program.store.run(back)
    counts = await make_plan(work, shown=shown)

    def keep(db: SqliteDatabase) -> None:
        connection = work.connection.id
        if not shown:
            plans.open_issues(db, connection, work.program.now_ms())
        elif preview := runs.preview_of(db, connection, work.program.now_ms()):
            counts.read, counts.archived = preview.counts.read, preview.counts.archived
            runs.note(db, preview.id, counts)

    await work.program.store.run(keep)
