"""Contacts in Karbon's API as a person edits them here: journaled, held against what was seen, then mirrored.

What the API cannot do, or cannot do without touching more than is synced, is said and left to Karbon itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import ADDRESS_PARTS, NO_CONTACT, Field, KarbonContact, Kind, Value
from xerosync_tui.domain.directory import DirectoryRecord, EditError, as_record
from xerosync_tui.engine.decisions import decide, decision
from xerosync_tui.engine.sides import karbon_now
from xerosync_tui.errors import NeedsPerson, RemoteRefused, UsageError
from xerosync_tui.program import Program
from xerosync_tui.remotes.ports import Create, Outcome, Stored, Update
from xerosync_tui.store import accounts, changes, journal, links, mirror

if TYPE_CHECKING:
    from xerosync_tui.remotes.karbon.api import KarbonDirectory

_PARTS = ("first_name", "middle_name", "last_name")
_WRITTEN = {"name", *_PARTS, "email", "phone", *ADDRESS_PARTS, "contact_type"}
_IN_KARBON = "Do it in Karbon itself."


def cannot_delete(name: str) -> UsageError:
    """What is said instead of deleting (karbon.md 2.13)."""
    return UsageError(
        f"{name} stays: Karbon's API can neither delete nor archive a contact",
        "Delete it in Karbon, or give it another type: `xerosync edit KEY contact_type=Inactive`.",
    )


async def add(program: Program, kind: Kind, given: Mapping[str, str]) -> DirectoryRecord:
    """The contact that was made. Raises UsageError, RemoteRefused in Karbon's words, RemoteUnreachable, LockHeld."""
    return await decide(program, _add, kind=kind.value, given=dict(given))


@decision(DirectoryRecord)
async def _add(program: Program, connection: Connection, kind: str, given: Mapping[str, str]) -> DirectoryRecord:
    blank = DirectoryRecord("", Kind(kind))
    wanted = await program.store.read(_edited, connection, blank, given)
    async with karbon_now(program, connection) as directory:
        after = {f: value for f in Field if (value := wanted.contact.value(f))}
        intent = journal.Intent("add", "", "", {}, after, "made here", "karbon")
        recorder = _Recorder(program, connection, intent)
        await directory.write([Create(wanted.kind, "", wanted.contact, wanted.contact_type)], recorder)
    return as_record(recorder.stored())


async def edit(
    program: Program, key: str, given: Mapping[str, str], *, seen: DirectoryRecord | None = None
) -> DirectoryRecord:
    """The contact after the edit; ``seen``: what the person looked at, where an edited field must still be so.

    Raises as ``add``, and NeedsPerson where it is not as it was seen any more.
    """
    held = seen.as_texts() if seen else {}
    was = {name: held[name] for name in given if name in held}
    return await decide(program, _edit, key=key, given=dict(given), was=was)


@decision(DirectoryRecord)
async def _edit(
    program: Program, connection: Connection, key: str, given: Mapping[str, str], was: Mapping[str, str]
) -> DirectoryRecord:
    async with karbon_now(program, connection, key) as directory:
        before = await program.store.read(existing, connection, key)
        now = as_record(before).as_texts()
        if changed := [name for name, text in was.items() if now[name] != text]:
            raise NeedsPerson(
                f"Not stored: {changed[0]} was changed meanwhile, to {now[changed[0]] or 'nothing'}",
                "Look at it again.",
            )
        wanted = await program.store.read(_edited, connection, as_record(before), given)
        stored = before
        values = {f: wanted.contact.value(f) for f in Field if wanted.contact.value(f) != before.contact.value(f)}
        if values:
            recorder = _Recorder(program, connection, await program.store.read(_intent, connection, before, values))
            await directory.write([Update(key, before.contact, values)], recorder)
            stored = recorder.stored()
        if wanted.contact_type != before.contact_type:
            stored = await _set_type(program, connection, cast("KarbonDirectory", directory), stored, wanted)
    return as_record(stored)


async def _set_type(
    program: Program, connection: Connection, directory: KarbonDirectory, now: KarbonContact, wanted: DirectoryRecord
) -> KarbonContact:
    """The contact with another contact type. The type is not synced, so the journal says it in words only."""
    why = f"contact type {now.contact_type or '-'} > {wanted.contact_type or '-'}"
    recorder = _Recorder(program, connection, journal.Intent("type", "", now.key, {}, {}, why, "karbon"))
    await program.store.run(recorder.intend)
    outcome = await directory.set_contact_type(now.key, now.contact_type, wanted.contact_type)
    await program.store.run(recorder.settle, [outcome])
    return recorder.stored()


def existing(db: SqliteDatabase, connection: Connection, key: str) -> KarbonContact:
    """The contact as last read. Raises UsageError where there is none."""
    held = mirror.karbon_contact(db, connection.id, key)
    if held is None:
        raise UsageError(f"There is no Karbon contact {key}", "See `xerosync contacts`.")
    return held


def _edited(
    db: SqliteDatabase, connection: Connection, record: DirectoryRecord, given: Mapping[str, str]
) -> DirectoryRecord:
    if others := given.keys() - _WRITTEN:
        raise UsageError(f"XeroSync does not write {', '.join(sorted(others))} in Karbon", _IN_KARBON)
    try:
        edited = record.edited(given)
    except EditError as error:
        raise UsageError(f"Not stored: {error}") from error
    account = accounts.of_directory(db, connection.directory)
    types = account.contact_types if account else ()
    if edited.contact_type not in (record.contact_type, *types):
        raise UsageError(f"There is no contact type {edited.contact_type!r}", "See `xerosync types`.")
    return edited


def _intent(
    db: SqliteDatabase, connection: Connection, before: KarbonContact, values: Mapping[Field, Value]
) -> journal.Intent:
    link = links.of_karbon(db, connection.id, before.key)
    xero_id = link.xero_id if link and link.state == "synced" else ""
    old = {f: before.contact.value(f) for f in values}
    return journal.Intent("update", xero_id, before.key, old, values, journal.BY_HAND, "karbon")


@dataclass(slots=True)
class _Recorder:
    """Records one write of a person's. The base stays: an edit of a linked contact goes over to Xero."""

    program: Program
    connection: Connection
    intent: journal.Intent
    entries: list[int] = field(default_factory=list)
    outcome: Outcome | None = None

    def intend(self, db: SqliteDatabase) -> None:
        """Journal it."""
        now, who = self.program.now_ms(), self.program.settings.user
        self.entries = journal.intend(db, self.connection.id, None, who, now, [self.intent])

    def settle(self, db: SqliteDatabase, outcomes: Sequence[Outcome]) -> None:
        """Mirror what was stored, so that the merge finds it."""
        self.outcome, now = outcomes[0], self.program.now_ms()
        if isinstance(self.outcome, Stored):
            karbon = self.outcome.contact
            journal.settle(db, now, [journal.Result(self.entries[0], "done", karbon.key, version=karbon.version)])
            mirror.put_karbon(db, self.connection.id, [karbon], now)
            if self.intent.xero_id:
                changes.look_at(db, self.connection.id, [self.intent.xero_id])
            return
        state = journal.UNKNOWN if self.outcome.unknown else "failed"
        result = journal.Result(self.entries[0], state, self.intent.karbon_key, self.outcome.reason)
        journal.settle(db, now, [result])

    def stored(self) -> KarbonContact:
        """The contact as Karbon has it. Raises NeedsPerson or RemoteRefused where it was not written."""
        if isinstance(self.outcome, Stored):
            return self.outcome.contact
        assert self.outcome
        name = self.intent.after.get(Field.NAME) or NO_CONTACT.name
        what = f"{name}: {self.outcome.reason}" if name else self.outcome.reason
        raise (NeedsPerson(what, "Look at it again.") if self.outcome.deferred else RemoteRefused(what))
