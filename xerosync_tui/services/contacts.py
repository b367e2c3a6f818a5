"""The Karbon side as a person uses it: contacts and contact types, each change checked, journaled and undoable.

What Karbon's API cannot do, or cannot do without touching more than is synced, is said and left to Karbon itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import peewee
from peewee import SqliteDatabase

from xerosync_tui.domain.contact import ADDRESS_PARTS, Field, Kind, XeroContact
from xerosync_tui.domain.decided import Decided
from xerosync_tui.domain.directory import DirectoryRecord, EditError, as_record
from xerosync_tui.domain.kinds import CHOSEN
from xerosync_tui.domain.link import End
from xerosync_tui.domain.normalise import same_spelling
from xerosync_tui.domain.states import Action, LinkState
from xerosync_tui.engine import sides
from xerosync_tui.engine.changes.base import Here, InKarbon
from xerosync_tui.engine.changes.here import Unlink
from xerosync_tui.engine.changes.karbon import Add, Edit, Remove
from xerosync_tui.engine.changes.types import ChangeTypes
from xerosync_tui.engine.decisions import Carry, decide, decision
from xerosync_tui.engine.lock import sync_lock
from xerosync_tui.engine.work import Work, at_hand
from xerosync_tui.engine.write import here, write
from xerosync_tui.errors import NeedsPerson, RemoteRefused, UsageError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program
from xerosync_tui.store import accounts, connections, directory, links, lists, mirror, runs
from xerosync_tui.store import changes as pairs

_WRITTEN_IN_KARBON = {
    "name", "first_name", "middle_name", "last_name", "email", "phone", *ADDRESS_PARTS, "contact_type",
}  # fmt: skip


async def listed(
    program: Program, search: str = "", *, unlinked: bool = False, guesses: bool = False
) -> list[tuple[DirectoryRecord, bool]]:
    """Contacts whose name, email or client identifier holds ``search``, by name; each with whether synced.

    ``guesses``: only those whose kind is a guess that nobody has looked at.
    """

    def read(db: SqliteDatabase) -> list[tuple[DirectoryRecord, bool]]:
        active = connections.active(db)
        place = active.id if active else 0
        listed = lists.mirrored_contacts if accounts.active(db) else lists.karbon_contacts
        return list(listed(db, place, search, unlinked=unlinked, guesses=guesses))

    return await program.store.read(read)


@dataclass(frozen=True, slots=True)
class LinkView:
    """What a Karbon contact is, or was, linked with; times in milliseconds since the epoch."""

    xero: XeroContact
    state: LinkState
    why: str
    linked_at: int
    synced_at: int
    refused: str = ""  # why an edit of it has not gone over
    waits: bool = False  # the two differ from what was agreed: the next sync looks at it


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact and its link in the active connection, if there is one."""

    record: DirectoryRecord
    link: LinkView | None


async def one(program: Program, key: str) -> ContactView:
    """A contact with its link. Raises UsageError where there is no such contact."""

    def read(db: SqliteDatabase) -> ContactView:
        connection = connections.active(db)
        record = _held(db, at_hand(db, program), key)
        link = links.of_karbon(db, connection.id, key) if connection else None
        xero = mirror.xero_contact(db, connection.id, link.xero_id) if connection and link else None
        if link is None or xero is None:
            return ContactView(record, None)
        assert connection is not None
        refused = runs.refused_edit(db, connection.id, link.xero_id)
        waits = link.state is LinkState.SYNCED and _differs(db, connection.id, record, link.xero_id)
        times = (link.linked_at, link.synced_at)
        return ContactView(record, LinkView(xero, link.state, link.why, *times, refused, waits))

    return await program.store.read(read)


def _differs(db: SqliteDatabase, connection: int, record: DirectoryRecord, xero_id: str) -> bool:
    """Whether Karbon, or Xero as last read, holds something else than what both last agreed on."""
    pair = pairs.linked(db, connection, xero_id)
    if pair is None:
        return False
    sides = ((pair.xero.contact, pair.xero_base), (record.contact, pair.karbon_base))
    return any(not same_spelling(f, now.value(f), base.value(f)) for now, base in sides for f in Field)


def _held(db: SqliteDatabase, work: Work, key: str) -> DirectoryRecord:
    """The contact as it is; of Karbon's API, as last read. Raises UsageError where there is none."""
    if work.over_api:
        held = mirror.karbon_contact(db, work.joined.id, key) if work.joined else None
        record = as_record(held) if held else None
    else:
        record = directory.get(db, key)
    if record is None:
        raise no_contact(key)
    return record


def no_contact(key: str) -> UsageError:
    """What is raised for a key that nobody has."""
    return UsageError(f"There is no Karbon contact {key}", Hint(Do.CONTACTS))


async def over_api(program: Program) -> bool:
    """Whether the Karbon side is Karbon's API."""
    return (await program.store.read(at_hand, program)).over_api


async def _by_hand(program: Program, carry: Carry, **arguments: Any) -> Decided:
    """A change of one's own: in the built-in directory one transaction that needs no lock, else a decision."""
    try:
        work = await program.store.run(at_hand, program)
        return await (decide(program, carry, **arguments) if work.over_api else carry(work, **arguments))
    except peewee.IntegrityError as error:
        raise UsageError("Not stored: another contact has that client identifier") from error


async def _written(work: Work, change: InKarbon, *along: Here) -> Decided:
    """Carry out one change. Raises NeedsPerson or RemoteRefused where it was not."""
    [written] = await write(work, [change], along=along)
    if written.done:
        return work.decided()
    what = f"{change.whom()}: {written.reason}"
    raise (NeedsPerson(what, "Look at it again.") if written.deferred else RemoteRefused(what))


async def add(program: Program, kind: Kind, changes: Mapping[str, str]) -> DirectoryRecord:
    """A new contact. Raises UsageError for a value that cannot stand, an unknown type, a taken identifier.

    With Karbon's API also RemoteRefused in Karbon's words, RemoteUnreachable, LockHeld.
    """
    made = await _by_hand(program, _add, kind=kind.value, given=dict(changes))
    return (await one(program, made.karbon_key)).record


@decision
async def _add(work: Work, kind: str, given: Mapping[str, str]) -> Decided:
    async with sides.karbon_now(work) if work.over_api else sides.karbon(work):
        blank = DirectoryRecord("", Kind(kind), kind_reason=CHOSEN)
        wanted = await work.program.store.read(_edited, work, blank, given)
        return await _written(work, Add(wanted))


async def edit(
    program: Program, key: str, changes: Mapping[str, str], *, seen: DirectoryRecord | None = None
) -> DirectoryRecord:
    """The contact after the edit; ``seen`` is what the person looked at, if anything.

    Raises as ``add``, UsageError where there is no such contact, and NeedsPerson where a field that was edited is not
    as it was seen any more.
    """
    held = seen.as_texts() if seen else {}
    was = {name: held[name] for name in changes if name in held}
    await _by_hand(program, _edit, key=key, given=dict(changes), was=was)
    return (await one(program, key)).record


@decision
async def _edit(work: Work, key: str, given: Mapping[str, str], was: Mapping[str, str]) -> Decided:
    store = work.program.store
    async with sides.karbon_now(work, key) if work.over_api else sides.karbon(work):
        before = await store.read(_held, work, key)
        now = before.as_texts()
        if changed := [name for name, text in was.items() if now[name] != text]:
            raise NeedsPerson(
                f"Not stored: {changed[0]} was changed meanwhile, to {now[changed[0]] or 'nothing'}",
                "Look at it again.",
            )
        after = await store.read(_edited, work, before, given)
        if after == before:
            return work.decided()
        return await _written(work, Edit(before, after, exactly=not work.over_api))


def _edited(db: SqliteDatabase, work: Work, record: DirectoryRecord, given: Mapping[str, str]) -> DirectoryRecord:
    if work.over_api and (others := given.keys() - _WRITTEN_IN_KARBON):
        raise UsageError(f"XeroSync does not write {', '.join(sorted(others))} in Karbon", "Do it in Karbon itself.")
    try:
        edited = record.edited(given)
    except EditError as error:
        raise UsageError(f"Not stored: {error}") from error
    if edited.contact_type not in ("", record.contact_type, *_types(db)):
        raise UsageError(f"There is no contact type {edited.contact_type!r}", Hint(Do.TYPES))
    if not work.over_api:
        return edited
    # A person's name has no parts there that would be written: the full name is.
    return replace(record, contact=edited.contact, contact_type=edited.contact_type)


async def change_kind(program: Program, key: str, kind: Kind | None = None) -> DirectoryRecord:
    """Make a contact of the built-in directory the one or the other (None: what it is not), or say that it is right.

    Raises UsageError where there is no such contact, and with Karbon's API, which converts none (karbon.md 2.13).
    """
    await _by_hand(program, _change_kind, key=key, kind=kind.value if kind else "")
    return (await one(program, key)).record


@decision
async def _change_kind(work: Work, key: str, kind: str) -> Decided:
    if work.over_api:
        raise UsageError(
            "Karbon cannot turn a person into an organization, or back",
            "Make the right one, unsync the client, and link it with that.",
        )
    async with sides.karbon(work):
        before = await work.program.store.read(_held, work, key)
        wanted = Kind(kind) if kind else before.kind.other
        after = replace(before.as_kind(wanted), kind_reason=CHOSEN, kind_guess=0)
        return await _written(work, Edit(before, after, "person or organization"))


async def delete(program: Program, key: str) -> Decided:
    """Delete a contact. Its Xero contact stays; its link in the active connection ends.

    Raises UsageError where there is no such contact, and always with Karbon's API, which has no delete.
    """
    return await _by_hand(program, _delete, key=key)


@decision
async def _delete(work: Work, key: str) -> Decided:
    def read(db: SqliteDatabase) -> tuple[DirectoryRecord, list[Unlink]]:
        record = _held(db, work, key)
        link = links.of_karbon(db, work.joined.id, key) if work.joined else None
        if link is None or work.joined is None or link.state is not LinkState.SYNCED:
            return record, []
        xero = mirror.xero_contact(db, work.joined.id, link.xero_id)
        name = xero.contact.name if xero else record.contact.name
        return record, [Unlink(name, link.xero_id, key, End.DELETED.value)]

    record, ending = await work.program.store.read(read)
    if work.over_api:
        raise UsageError(
            f"{record.contact.name} stays: Karbon's API can neither delete nor archive a contact",
            Hint(Do.MAKE_INACTIVE),
        )
    work.kind = Action.DELETE
    async with sides.karbon(work):
        return await _written(work, Remove(record), *ending)


# Contact types


async def types(program: Program) -> list[str]:
    """The contact types; of Karbon's API, as the tenant last listed them."""
    return await program.store.read(_types)


def _types(db: SqliteDatabase) -> list[str]:
    account = accounts.active(db)
    return list(account.contact_types) if account else directory.types(db)


def _check_ours(db: SqliteDatabase) -> None:
    if accounts.active(db):
        raise UsageError("The contact types are Karbon's own, and its API cannot change them", "Do it in Karbon.")


async def add_type(program: Program, name: str) -> None:
    """Add a contact type. Raises UsageError where it exists or is blank."""

    def write_it(db: SqliteDatabase) -> None:
        _check_ours(db)
        _check_new_type(db, name)
        here(db, at_hand(db, program), [ChangeTypes("", name)])

    await program.store.run(write_it)


async def rename_type(program: Program, old: str, new: str) -> int:
    """Rename a contact type, on its contacts too; returns how many. Raises UsageError."""

    def write_it(db: SqliteDatabase) -> int:
        _check_ours(db)
        _check_type(db, old)
        _check_new_type(db, new)
        here(db, at_hand(db, program), [ChangeTypes(old, new)])
        return len(directory.of_type(db, new))

    async with sync_lock(program.settings):  # a sync under way gives new contacts the old name
        return await program.store.run(write_it)


async def remove_type(program: Program, name: str) -> None:
    """Remove a contact type. Raises UsageError where contacts carry it or it is the default."""

    def write_it(db: SqliteDatabase) -> None:
        _check_ours(db)
        _check_type(db, name)
        if connections.count_of_type(db, name):
            raise UsageError(f"{name} is the default contact type", Hint(Do.OTHER_TYPE))
        if carriers := len(directory.of_type(db, name)):
            raise UsageError(f"{carriers} contacts are {name}", "Rename the type, or change them first.")
        here(db, at_hand(db, program), [ChangeTypes(name, "")])

    async with sync_lock(program.settings):
        await program.store.run(write_it)


def _check_type(db: SqliteDatabase, name: str) -> None:
    if name not in directory.types(db):
        raise UsageError(f"There is no contact type {name!r}", Hint(Do.TYPES))


def _check_new_type(db: SqliteDatabase, name: str) -> None:
    if not name or name != name.strip() or len(name) > 100 or not name.isprintable():
        raise UsageError("A contact type needs a name of 1 to 100 printable characters, without spaces around it")
    if name in directory.types(db):
        raise UsageError(f"There is a contact type {name!r} already")
