"""Undo as a person asks for it: the last decision, a decision, an entry, or a whole run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.decided import Decided
from xerosync_tui.domain.states import Action, EntryState
from xerosync_tui.engine import sides
from xerosync_tui.engine import undo as engine
from xerosync_tui.engine.decisions import decide, decision
from xerosync_tui.engine.undo import Undoable as Undoable  # a word of this module for cli and tui
from xerosync_tui.engine.work import Work, at_hand
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program
from xerosync_tui.store import decisions, journal, runs
from xerosync_tui.store.decisions import DecisionRow
from xerosync_tui.store.journal import Entry

_LOOKED_AT = 100  # entries of a decision, before it is offered: an import may have brought thousands


@dataclass(frozen=True, slots=True)
class CanUndo:
    """A decision that can be undone: its number, what it did (``kind``) and to whom (``name``, and how many).

    ``partly``: some of it was undone already, or stays.
    """

    decision: int
    kind: Action
    name: str
    records: int
    partly: bool = False


@dataclass(frozen=True, slots=True)
class CannotUndo:
    """A decision that cannot be undone, and why."""

    decision: int
    kind: Action
    name: str
    records: int
    reason: str


@dataclass(frozen=True, slots=True)
class Last:
    """This person's newest decision that can be undone (None: there is none), and newer ones that cannot be."""

    offer: CanUndo | None
    refused: tuple[CannotUndo, ...] = ()


def look(program: Program) -> Last:
    """The same as ``last``, at once on this thread: for a paint."""
    return program.store.look(_last, program)


async def last(program: Program) -> Last:
    """What ``undo`` without a number takes: the last decision of the same login and name, also after a restart."""
    return await program.store.read(_last, program)


def _last(db: SqliteDatabase, program: Program) -> Last:
    work = at_hand(db, program)
    refused: list[CannotUndo] = []
    settings = program.settings
    for row in decisions.of_person(db, work.place, settings.user, settings.login):
        found = _offer(db, work, row)
        if isinstance(found, CanUndo):
            return Last(found, tuple(refused))
        if found:
            refused.append(found)
    return Last(None, tuple(refused))


def _offer(db: SqliteDatabase, work: Work, row: DecisionRow) -> CanUndo | CannotUndo | None:
    """Whether a decision can be undone: one of its newest entries can. None where nothing of it stands."""
    standing = decisions.count_standing(db, work.place, row.id)
    reasons: list[str] = []
    name = ""
    for entry in decisions.standing(db, work.place, row.id, _LOOKED_AT):
        found = engine.as_it_stands(db, work, entry)
        name = name or found.name
        if not found.reason:
            partly = bool(reasons) or decisions.is_partly_undone(db, row.id)
            return CanUndo(row.id, row.kind, name, standing, partly)
        reasons.append(found.reason)
    return CannotUndo(row.id, row.kind, name, standing, reasons[0]) if reasons else None


async def offer(program: Program, number: int) -> CanUndo | CannotUndo:
    """Whether that decision can be undone. Raises UsageError where nothing of it stands."""

    def read(db: SqliteDatabase) -> CanUndo | CannotUndo:
        work = at_hand(db, program)
        row = decisions.by_id(db, work.place, number)
        found = _offer(db, work, row) if row else None
        if found is None:
            raise _nothing(f"d{number}")
        return found

    return await program.store.read(read)


def _nothing(word: str) -> UsageError:
    return UsageError(f"{word} is nothing that was done and stands", Hint(Do.HISTORY))


async def undo(program: Program, entry: int | None = None) -> Decided:
    """Undo an entry by whomever, or this person's last decision.

    Raises UsageError where there is none; NeedsPerson where nothing of it can be undone; LockHeld.
    """
    if entry is not None:
        return _unless_all_stays(await decide(program, _undo_entry, connected=False, entry=entry))
    found = await last(program)
    if found.offer is None:
        if found.refused:
            raise NeedsPerson(f"{found.refused[0].name}: {found.refused[0].reason}")
        raise UsageError(f"{program.settings.user} has made no decision that stands")
    return await undo_decision(program, found.offer.decision)


async def undo_decision(program: Program, number: int) -> Decided:
    """Undo what can be of a decision by whomever, as one. Raises as ``undo``."""
    return _unless_all_stays(await decide(program, _undo_decision, connected=False, number=number))


async def undo_run(program: Program, run: int) -> Decided:
    """Undo all of a run that can be, newest first. Raises UsageError where it did nothing, NotConnected, LockHeld."""
    return await decide(program, _undo_run, run=run)


def _unless_all_stays(decided: Decided) -> Decided:
    if not decided.done and decided.stays:
        raise NeedsPerson(decided.stays[0].in_words)
    return decided


@decision
async def _undo_entry(work: Work, entry: int) -> Decided:
    def read(db: SqliteDatabase) -> list[Entry]:
        found = journal.by_id(db, work.place, entry)
        if found is None or found.state is not EntryState.DONE:
            raise _nothing(str(entry))
        return [found]

    return await _undo(work, await work.program.store.run(read))


@decision
async def _undo_decision(work: Work, number: int) -> Decided:
    entries = await work.program.store.run(decisions.standing, work.place, number)
    if not entries:
        raise _nothing(f"d{number}")
    return await _undo(work, entries)


@decision
async def _undo_run(work: Work, run: int) -> Decided:
    entries = await work.program.store.run(_of_run, work, run)
    first = await work.program.store.run(engine.is_first, work, run)
    decided = await _undo(work, entries, first=first)
    if first:
        await engine.after_the_first_sync(work, run)
    return decided


def _of_run(db: SqliteDatabase, work: Work, run: int) -> list[Entry]:
    entries = engine.entries_of_run(db, work, run)
    if not entries and not engine.is_half_undone(db, work, run):
        raise UsageError(f"Run {run} did nothing that could be undone", Hint(Do.HISTORY))
    return entries


async def _undo(work: Work, entries: Sequence[Entry], *, first: bool = False) -> Decided:
    work.kind = Action.UNDO
    keys = [key for entry in entries if (key := entry.intent.karbon_key)]
    async with sides.karbon_now(work, *(keys if len(entries) == 1 else ())):
        later = await engine.undo_entries(work, entries, first=first)
    return work.decided(later)


# What it would do


async def plan(program: Program, entry: int) -> list[Undoable]:
    """Whether an entry can be undone as things stand. Raises UsageError where nothing of that number stands."""

    def read(db: SqliteDatabase) -> list[Undoable]:
        work = at_hand(db, program)
        found = journal.by_id(db, work.place, entry)
        if found is None or found.state is not EntryState.DONE:
            raise _nothing(str(entry))
        return [engine.as_it_stands(db, work, found)]

    return await program.store.read(read)


async def plan_decision(program: Program, number: int) -> list[Undoable]:
    """The same of a decision, entry by entry."""

    def read(db: SqliteDatabase) -> list[Undoable]:
        work = at_hand(db, program)
        entries = decisions.standing(db, work.place, number)
        if not entries:
            raise _nothing(f"d{number}")
        return [engine.as_it_stands(db, work, entry) for entry in entries]

    return await program.store.read(read)


async def plan_run(program: Program, run: int) -> list[Undoable]:
    """What the undo of a run would do, newest entry first. Raises UsageError where it did nothing, NotConnected."""

    def read(db: SqliteDatabase) -> list[Undoable]:
        work = at_hand(db, program)
        _ = work.connection
        first = engine.is_first(db, work, run)
        return [engine.as_it_stands(db, work, entry, first=first) for entry in _of_run(db, work, run)]

    return await program.store.read(read)


async def is_first_sync(program: Program, run: int) -> bool:
    """Whether a run is the first sync, whose undo leads back to its preview."""

    def read(db: SqliteDatabase) -> bool:
        work = at_hand(db, program)
        found = runs.by_id(db, work.place.connection, run)
        return found is not None and engine.is_first(db, work, run)

    return await program.store.read(read)
