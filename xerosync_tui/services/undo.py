"""Taking back a decision: Karbon's values from before come back, the link ends, the issue is open again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.remotes.ports import Delete, NotStored, Outcome, Update, Write
from xerosync_tui.services.program import Program
from xerosync_tui.services.sync.plan import reason_for
from xerosync_tui.services.sync.progress import unwatched
from xerosync_tui.services.sync.pull import pull_karbon
from xerosync_tui.services.sync.recovery import at_work
from xerosync_tui.services.sync.run import directory_of
from xerosync_tui.store import issues, journal, links, mirror


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back; ``issue`` is open again."""

    entry: journal.Entry
    name: str
    issue: int


async def undo(program: Program, entry_id: int | None = None) -> Undone:
    """Take back a decision: ``entry_id`` by whomever, or this person's last one.

    Raises UsageError where there is none, or it is a run's; NeedsPerson where a value is no longer what the
    decision wrote (engine.md 2.9); LockHeld.
    """
    async with at_work(program) as connection:
        directory = await directory_of(program, connection)
        await pull_karbon(program, directory, connection, unwatched)
        entry = await program.store.run(_find, connection, entry_id, program.settings.user)
        xero = await program.store.run(mirror.xero_contact, connection.id, entry.intent.xero_id)
        recorder = _UndoRecorder(program, connection, entry)
        if entry.intent.action == "ignore":
            await program.store.run(recorder.reopen_ignored)
        else:
            write = await program.store.run(_reverse, connection, entry)
            await directory.write([write], recorder)
    return Undone(entry, xero.contact.name if xero else entry.intent.xero_id, recorder.issue)


def _find(db: SqliteDatabase, connection: Connection, entry_id: int | None, who: str) -> journal.Entry:
    if entry_id is None:
        entry = journal.last_decision(db, connection.id, who)
        if entry is None:
            raise UsageError(f"{who} has made no decision that stands")
        return entry
    entry = journal.by_id(db, connection.id, entry_id)
    if entry is None or entry.state != "done" or not _is_decision(entry):
        raise UsageError(f"{entry_id} is no decision that stands", "Only what a person decided is undone here.")
    return entry


def _is_decision(entry: journal.Entry) -> bool:
    return entry.run is None and entry.intent.action in journal.DECISIONS


def _reverse(db: SqliteDatabase, connection: Connection, entry: journal.Entry) -> Write:
    """The write that brings back what was, if Karbon still holds what the decision wrote."""
    intent = entry.intent
    held = mirror.karbon_contact(db, connection.id, intent.karbon_key)
    if held is None:
        raise NeedsPerson("The Karbon contact is no longer there, so there is nothing to bring back")
    changed = [f.label for f, value in intent.after.items() if held.contact.value(f) != value]
    if changed or (intent.action == "create" and held.version != entry.version):
        raise NeedsPerson(
            f"{held.contact.name} was edited in Karbon since ({', '.join(changed) or 'other fields'}), "
            "so it stays as it is",
            "Edit the contact instead: `xerosync edit`.",
        )
    if intent.action != "create":
        return Update(held.key, held.contact, intent.before)
    if links.is_used_elsewhere(db, connection.id, held.key):
        raise NeedsPerson(f"{held.contact.name} is linked in another connection too, so it is not deleted")
    return Delete(held.key, held.contact, held.version)


@dataclass(slots=True)
class _UndoRecorder:
    """Records the way back: link and issue in the transaction that acknowledges the write."""

    program: Program
    connection: Connection
    entry: journal.Entry
    issue: int = 0
    journaled: list[int] = field(default_factory=list)

    def intend(self, db: SqliteDatabase) -> None:
        """Journal the undo."""
        was = self.entry.intent
        intent = journal.Intent("undo", was.xero_id, was.karbon_key, was.after, was.before, f"undo {self.entry.id}")
        now, who = self.program.now_ms(), self.program.settings.user
        self.journaled = journal.intend(db, self.connection.id, None, who, now, [intent])

    def settle(self, db: SqliteDatabase, outcomes: Sequence[Outcome]) -> None:
        """End the link and open the issue again."""
        now, connection, was = self.program.now_ms(), self.connection.id, self.entry.intent
        outcome = outcomes[0]
        if isinstance(outcome, NotStored):
            raise NeedsPerson(outcome.reason)  # rolls the whole undo back
        journal.settle(db, now, [journal.Result(self.journaled[0], "done", was.karbon_key)])
        journal.mark_undone(db, self.entry.id)
        links.remove(db, connection, was.xero_id)
        if was.action == "create":
            mirror.mark_gone(db, connection, [was.karbon_key])
        else:
            mirror.put_karbon(db, connection, [outcome.contact])
        reason = reason_for(db, self.connection, was.xero_id, held=True)
        self.issue = issues.hold(db, connection, was.xero_id, reason, now)

    def reopen_ignored(self, db: SqliteDatabase) -> None:
        """An ignored issue is open again; nothing was written, so nothing comes back."""
        if not issues.is_ignored(db, self.connection.id, self.entry.intent.xero_id):
            raise NeedsPerson("Its match issue is no longer ignored: it was decided, or is none any more")
        self.intend(db)
        now, was = self.program.now_ms(), self.entry.intent
        journal.settle(db, now, [journal.Result(self.journaled[0], "done", "")])
        journal.mark_undone(db, self.entry.id)
        issues.set_ignored(db, self.connection.id, was.xero_id, False)
        self.issue = issues.id_of(db, self.connection.id, was.xero_id)
