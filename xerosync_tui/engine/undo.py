"""Taking back what the journal holds: a decision, a link, a change that went over, a whole run (engine.md 2.9).

A link that is taken back ends, Karbon has its values from before, the issue is open again. A change that is
taken back is an edit of Karbon that goes over to Xero like any other; so both sides have the old value, also when
Xero is out of reach just now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import peewee
from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Field, Value
from xerosync_tui.domain.merge import Linked, end_of
from xerosync_tui.domain.normalise import same_spelling
from xerosync_tui.engine.changes import TO_KARBON, TO_XERO
from xerosync_tui.engine.decisions import decide, decision
from xerosync_tui.engine.plan import reason_for
from xerosync_tui.engine.sides import karbon_now
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.program import Program, active
from xerosync_tui.remotes.ports import Delete, Directory, NotStored, Outcome, Stored, Update, Write
from xerosync_tui.store import changes, issues, journal, links, mirror, runs

_NO_WAY_BACK = {
    "create in Xero": "Xero has no way to delete a contact; archive it there, or unsync it",
    "archive": "only Xero's own web page brings an archived contact back",
    "undo": "it is the undo of something; decide or edit again instead",
    "add": "Karbon's API cannot delete a contact; delete it in Karbon",
    "type": "the contact type is not synced; edit it back instead",
    "swap": "it is one step of a change of names; take back the change itself",
}


_NOW = {  # what it is after its undo, by what was taken back
    "link": "it is under Unsynced again",
    "create": "it is under Unsynced again",
    "unlink": "it is synced again",
    "choose": "both values wait for you again",
    "ignore": "it is open again",
}


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back; ``issue`` is open again (0: none). ``later``: what has still to go to Xero."""

    entry: journal.Entry
    name: str
    issue: int
    later: str = ""

    @property
    def sentence(self) -> str:
        """What it is now."""
        action, before = self.entry.intent.action, self.entry.intent.before
        if self.issue:
            return f"{self.name}: taken back; it waits for you again under Conflicts."
        if action == "update":
            old = ", ".join(f"{f.label} {value or '-'}" for f, value in before.items())
            return f"{self.name}: taken back; both sides get {old}. {self.later}".rstrip()
        return f"{self.name}: taken back; {_NOW[action]}."


@dataclass(frozen=True, slots=True)
class Undoable:
    """An entry, and why it cannot be taken back; empty when it can. ``stays``: values of it that cannot even then."""

    entry: journal.Entry
    name: str
    reason: str
    stays: str = ""


async def undo(program: Program, entry_id: int | None = None) -> Undone:
    """Take back an entry by whomever, or this person's last decision.

    Raises UsageError where there is none; NeedsPerson where a value is no longer what was written, or nothing
    leads back; LockHeld.
    """
    return await decide(program, _undo, entry_id=entry_id)


@decision(Undone)
async def _undo(program: Program, connection: Connection, entry_id: int | None) -> Undone:
    entry = await program.store.run(_find, connection, entry_id, program.settings.user)
    key = entry.intent.karbon_key
    async with karbon_now(program, connection, *([key] if key else [])) as directory:
        undone = await _take_back(program, directory, connection, entry)
    return replace(undone, later=await _carried_over(program, connection, [entry]))


async def last(program: Program) -> int:
    """The entry of this person's last decision that stands. Raises UsageError where there is none."""
    connection = await active(program)
    return (await program.store.read(_find, connection, None, program.settings.user)).id


async def undo_all(program: Program, entries: Sequence[int]) -> list[Undoable]:
    """Take back all of these that stand and can be, the last first; returns what became of each. LockHeld."""
    return await decide(program, _undo_all, entries=list(entries))


@decision(list[Undoable])
async def _undo_all(program: Program, connection: Connection, entries: Sequence[int]) -> list[Undoable]:
    def found(db: SqliteDatabase) -> list[Undoable]:
        rows = (journal.by_id(db, connection.id, number) for number in reversed(entries))
        return [_as_it_stands(db, connection, row) for row in rows if row and row.state == "done"]

    return await _take_back_each(program, connection, await program.store.run(found))


async def plan_undo(program: Program, entry_id: int) -> Undoable:
    """Whether an entry can be taken back as things stand. Raises UsageError where nothing of that id stands."""

    def read(db: SqliteDatabase, connection: Connection) -> Undoable:
        return _as_it_stands(db, connection, _find(db, connection, entry_id, ""))

    return await program.store.read(read, await active(program))


async def plan_undo_run(program: Program, run: int) -> list[Undoable]:
    """What taking back a run would do, newest entry first. Raises UsageError where it did nothing."""
    return await program.store.read(_of_run, await active(program), run)


async def undo_run(program: Program, run: int) -> list[Undoable]:
    """Take back all of a run that can be, newest first; returns what became of each entry. Raises as ``undo``."""
    return await decide(program, _undo_run, run=run)


@decision(list[Undoable])
async def _undo_run(program: Program, connection: Connection, run: int) -> list[Undoable]:
    return await _take_back_each(program, connection, await program.store.run(_of_run, connection, run))


async def _take_back_each(program: Program, connection: Connection, each: Sequence[Undoable]) -> list[Undoable]:
    found = []
    async with karbon_now(program, connection) as directory:
        for one in each:
            reason = one.reason
            if not reason:
                try:
                    await _take_back(program, directory, connection, one.entry)
                except (NeedsPerson, UsageError) as error:
                    reason = error.what
            found.append(Undoable(one.entry, one.name, reason, one.stays))
    await _carried_over(program, connection, [one.entry for one in found if not one.reason])
    return found


def _of_run(db: SqliteDatabase, connection: Connection, run: int) -> list[Undoable]:
    entries = journal.listed(db, connection.id, run=run, limit=1_000_000)
    if not entries:
        raise UsageError(f"Run {run} did nothing that could be taken back", "See `xerosync history`.")
    return [
        _as_it_stands(db, connection, entry)
        for entry in entries
        if entry.state == "done" and entry.intent.action != "swap"
    ]


def _as_it_stands(db: SqliteDatabase, connection: Connection, entry: journal.Entry) -> Undoable:
    reason, stays = _why_not(db, connection, entry), ""
    if not reason and entry.intent.action == "update":
        _, _, changed = _old_values(db, connection, entry)
        stays = f"{', '.join(changed)} changed since, so it stays" if changed else ""
    return Undoable(entry, _name(db, connection, entry), reason, stays)


def _find(db: SqliteDatabase, connection: Connection, entry_id: int | None, who: str) -> journal.Entry:
    if entry_id is None:
        entry = journal.last_decision(db, connection.id, who)
        if entry is None:
            raise UsageError(f"{who} has made no decision that stands")
        return entry
    entry = journal.by_id(db, connection.id, entry_id)
    if entry is None or entry.state != "done":
        raise UsageError(f"{entry_id} is nothing that was done and stands", "See `xerosync history`.")
    return entry


def _name(db: SqliteDatabase, connection: Connection, entry: journal.Entry) -> str:
    xero = mirror.xero_contact(db, connection.id, entry.intent.xero_id)
    return xero.contact.name if xero else entry.intent.xero_id


def _why_not(db: SqliteDatabase, connection: Connection, entry: journal.Entry) -> str:
    """Why an entry cannot be taken back now; empty when it can."""
    action = entry.intent.action
    if action in _NO_WAY_BACK:
        return _NO_WAY_BACK[action]
    try:
        if action == "ignore":
            _check_ignored(db, connection, entry)
        elif action == "unlink":
            _check_ended(db, connection, entry)
        elif action == "update":
            _old_values(db, connection, entry)
        elif action == "choose":
            from xerosync_tui.engine.restoring import chosen_away

            chosen_away(db, connection, entry)
        elif action in ("link", "create"):
            _reverse(db, connection, entry)
    except NeedsPerson as error:
        return error.what
    return ""


async def _take_back(program: Program, directory: Directory, connection: Connection, entry: journal.Entry) -> Undone:
    action = entry.intent.action
    if action in _NO_WAY_BACK:
        raise NeedsPerson(f"This cannot be taken back: {_NO_WAY_BACK[action]}")
    recorder = _UndoRecorder(program, connection, entry)
    name = await program.store.run(_name, connection, entry)
    if action == "ignore":
        await program.store.run(recorder.reopen_ignored)
    elif action == "unlink":
        await program.store.run(recorder.link_again)
    elif action == "update":
        await _undo_change(program, directory, connection, entry)
    elif action == "choose":
        from xerosync_tui.engine.restoring import undo_choice  # the network's libraries again

        await undo_choice(program, directory, connection, entry)
    else:
        await program.store.run(_reverse, connection, entry)  # raises before anything is done
        if await program.store.run(journal.carried_out, connection.id, entry.id):
            from xerosync_tui.engine.restoring import restore_in_xero

            await restore_in_xero(program, connection, entry)
        write = await program.store.run(_reverse, connection, entry)
        await directory.write([write], recorder)
    return Undone(entry, name, recorder.issue)


def finish(db: SqliteDatabase, program: Program, connection: Connection, begun: journal.Entry) -> None:
    """An undo of a link that Karbon's API was asked for by a process that died: to its end where Karbon did it.

    Otherwise it is over, and what it was to take back stands.
    """
    entry = journal.by_id(db, connection.id, journal.undone_by(begun.intent))
    held = mirror.karbon_contact(db, connection.id, begun.intent.karbon_key)
    done = held and all(same_spelling(f, held.contact.value(f), value) for f, value in begun.intent.after.items())
    if not (entry and held and done) or entry.state != "done" or not _is_linked_with(db, connection, entry.intent):
        journal.settle_keeping_keys(
            db, program.now_ms(), [journal.Result(begun.id, journal.ABANDONED, "", "the undo was interrupted")]
        )
        return
    _UndoRecorder(program, connection, entry, journaled=[begun.id]).settle(db, [Stored(held)])


def _reverse(db: SqliteDatabase, connection: Connection, entry: journal.Entry) -> Write:
    """The write that brings back what was, if Karbon still holds what the decision wrote."""
    intent = entry.intent
    held = mirror.karbon_contact(db, connection.id, intent.karbon_key)
    if held is None:
        raise NeedsPerson("The Karbon contact is no longer there, so there is nothing to bring back")
    if not _is_linked_with(db, connection, intent) or journal.decided_after(db, connection.id, entry):
        raise NeedsPerson(f"{held.contact.name} is not linked by it any more")
    changed = [f.label for f, value in intent.after.items() if held.contact.value(f) != value]
    if changed or (intent.action == "create" and held.version != entry.version):
        raise NeedsPerson(
            f"{held.contact.name} was edited in Karbon since ({', '.join(changed) or 'other fields'}), "
            "so it stays as it is",
            "Edit the contact instead: `xerosync edit`.",
        )
    if intent.action != "create":
        return Update(held.key, held.contact, intent.before)
    if connection.uses_api:
        raise NeedsPerson("Karbon's API cannot delete what was made", "Unsync the client, or delete it in Karbon.")
    if links.is_used_elsewhere(db, connection.id, held.key):
        raise NeedsPerson(f"{held.contact.name} is linked in another connection too, so it is not deleted")
    return Delete(held.key, held.contact, held.version)


def _check_ended(db: SqliteDatabase, connection: Connection, entry: journal.Entry) -> None:
    """Raises NeedsPerson unless the link that this entry ended can be taken up again."""
    was = entry.intent
    pair = changes.pair(db, connection.id, was.xero_id)
    if pair is None or pair.synced or pair.linked is None or pair.linked.karbon.key != was.karbon_key:
        raise NeedsPerson("It was linked anew since, so there is nothing to take up again")
    if reason := end_of(pair.xero, gone=pair.gone):
        raise NeedsPerson(f"{pair.xero.contact.name} is {reason}, so it cannot be synced")


def _check_ignored(db: SqliteDatabase, connection: Connection, entry: journal.Entry) -> None:
    """Raises NeedsPerson unless its issue is ignored still."""
    if not issues.is_ignored(db, connection.id, entry.intent.xero_id):
        raise NeedsPerson("Its match issue is no longer ignored: it was decided, or is none any more")


def _is_linked_with(db: SqliteDatabase, connection: Connection, intent: journal.Intent) -> bool:
    pair = changes.pair(db, connection.id, intent.xero_id)
    return bool(pair and pair.linked and pair.linked.karbon.key == intent.karbon_key)


# A change that went over


def _old_values(
    db: SqliteDatabase, connection: Connection, entry: journal.Entry
) -> tuple[Linked, dict[Field, Value], list[str]]:
    """The pair, the values that come back, and what changed since. Raises NeedsPerson where that is all of them."""
    intent = entry.intent
    pair = changes.linked(db, connection.id, intent.xero_id)
    if pair is None or pair.karbon.key != intent.karbon_key:
        raise NeedsPerson("The two are not linked any more, so nothing is brought back")
    later = journal.written_after(db, connection.id, entry)
    old, changed = {}, []
    for one, value in intent.before.items():
        sides = (pair.xero.contact, pair.xero_base), (pair.karbon.contact, pair.karbon_base)
        touched = any(not same_spelling(one, now.value(one), base.value(one)) for now, base in sides)
        if one in later or touched:
            changed.append(one.label)
        else:
            old[one] = value
    if not old:
        raise NeedsPerson(
            f"{pair.karbon.contact.name}: {', '.join(changed)} changed since, so it stays as it is",
            "Edit the contact instead: `xerosync edit`.",
        )
    return pair, old, changed


async def _undo_change(program: Program, directory: Directory, connection: Connection, entry: journal.Entry) -> None:
    """Write the old values to Karbon, as an edit that has still to go over."""
    pair, old, _ = await program.store.run(_old_values, connection, entry)
    recorder = _EditRecorder(program, connection, entry, pair, old)
    await directory.write([Update(pair.karbon.key, pair.karbon.contact, old)], recorder)


async def _carried_over(program: Program, connection: Connection, entries: Sequence[journal.Entry]) -> str:
    """Bring to Xero what these undone changes left in Karbon, all at once: names may go round in a ring.

    Returns what is left for the next sync, or "".
    """
    xero_ids = dict.fromkeys(entry.intent.xero_id for entry in entries if entry.intent.action == "update")
    if not xero_ids:
        return ""
    from xerosync_tui.services.clients import carry_over  # needs the network's libraries; most undos do not

    return await carry_over(program, connection, list(xero_ids))


@dataclass(slots=True)
class _EditRecorder:
    """Records an edit of Karbon that takes a change back. The base stays: the edit goes over to Xero."""

    program: Program
    connection: Connection
    entry: journal.Entry
    pair: Linked
    values: Mapping[Field, Value]
    journaled: list[int] = field(default_factory=list)

    def intend(self, db: SqliteDatabase) -> None:
        """Journal the edit."""
        before = {f: self.pair.karbon.contact.value(f) for f in self.values}
        why = f"undo {self.entry.id}"
        intent = journal.Intent("update", self.pair.xero.id, self.pair.karbon.key, before, self.values, why, "karbon")
        now, who = self.program.now_ms(), self.program.settings.user
        self.journaled = journal.intend(db, self.connection.id, None, who, now, [intent])

    def settle(self, db: SqliteDatabase, outcomes: Sequence[Outcome]) -> None:
        """Mirror it, so that the merge finds it."""
        outcome, now = outcomes[0], self.program.now_ms()
        if not isinstance(outcome, Stored):
            raise NeedsPerson(outcome.reason)  # rolls the whole undo back
        journal.settle(db, now, [journal.Result(self.journaled[0], "done", self.pair.karbon.key)])
        journal.mark_undone(db, self.entry.id)
        mirror.put_karbon(db, self.connection.id, [outcome.contact])
        changes.look_at(db, self.connection.id, [self.pair.xero.id])


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
        self._journal(db, intent)

    def _journal(self, db: SqliteDatabase, intent: journal.Intent) -> None:
        now, who = self.program.now_ms(), self.program.settings.user
        self.journaled = journal.intend(db, self.connection.id, None, who, now, [intent])

    def settle(self, db: SqliteDatabase, outcomes: Sequence[Outcome]) -> None:
        """End the link and open the issue again."""
        now, connection, was = self.program.now_ms(), self.connection.id, self.entry.intent
        outcome = outcomes[0]
        if isinstance(outcome, NotStored):
            raise NeedsPerson(outcome.reason)  # rolls the whole undo back
        self._done(db, was.karbon_key)
        changes.put_conflicts(db, connection, {was.xero_id: ()}, now)
        for side in (TO_XERO, TO_KARBON):
            runs.clear_failed(db, connection, side, [was.xero_id])
        if was.action == "create":
            mirror.mark_gone(db, connection, [was.karbon_key])
        else:
            mirror.put_karbon(db, connection, [outcome.contact])
        if ended := journal.ended_before(db, connection, self.entry):
            self._back_to_unsynced(db, ended, now)
            return
        links.remove(db, connection, was.xero_id)
        reason = reason_for(db, self.connection, was.xero_id, held=True)
        self.issue = issues.hold(db, connection, was.xero_id, reason, now)

    def _back_to_unsynced(self, db: SqliteDatabase, ended: journal.Entry, now: int) -> None:
        """It was linked anew in the place of a link that had ended: that one is listed again."""
        was, connection = ended.intent, self.connection.id
        xero, karbon = (
            mirror.xero_contact(db, connection, was.xero_id),
            mirror.karbon_contact(db, connection, was.karbon_key),
        )
        if xero:
            base = karbon.contact if karbon else xero.contact
            links.put_ended(db, connection, links.NewLink(xero.id, was.karbon_key, was.why, xero.contact, base), now)

    def _done(self, db: SqliteDatabase, karbon_key: str) -> None:
        journal.settle(db, self.program.now_ms(), [journal.Result(self.journaled[0], "done", karbon_key)])
        journal.mark_undone(db, self.entry.id)

    def link_again(self, db: SqliteDatabase) -> None:
        """A link that ended goes on with its base: what was edited meanwhile is merged. Raises NeedsPerson."""
        was = self.entry.intent
        _check_ended(db, self.connection, self.entry)
        self._journal(db, journal.Intent("link", was.xero_id, was.karbon_key, {}, {}, f"undo {self.entry.id}"))
        try:
            links.resume(db, self.connection.id, was.xero_id, f"taken up again by {self.program.settings.user}")
        except peewee.IntegrityError:
            raise NeedsPerson("Its Karbon contact is linked with another Xero contact now") from None
        self._done(db, was.karbon_key)

    def reopen_ignored(self, db: SqliteDatabase) -> None:
        """An ignored issue is open again; nothing was written, so nothing comes back."""
        _check_ignored(db, self.connection, self.entry)
        self.intend(db)
        self._done(db, "")
        issues.set_ignored(db, self.connection.id, self.entry.intent.xero_id, False)
        self.issue = issues.id_of(db, self.connection.id, self.entry.intent.xero_id)
