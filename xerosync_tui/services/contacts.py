"""The Karbon side as a person uses it: contacts and contact types, each change checked.

Here is the built-in directory; where Karbon's API is in use, ``karbon_contacts`` does the writing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import peewee
from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Field, Kind, XeroContact
from xerosync_tui.domain.directory import DirectoryRecord, EditError, as_record
from xerosync_tui.domain.kinds import CHOSEN
from xerosync_tui.domain.merge import End
from xerosync_tui.domain.normalise import same_spelling
from xerosync_tui.engine.ending import end_links
from xerosync_tui.engine.lock import sync_lock
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.program import Program
from xerosync_tui.store import accounts, connections, directory, links, lists, mirror, runs
from xerosync_tui.store import changes as pairs


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
    state: str  # synced | unsynced
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
        record = _held(db, connection, key)
        link = links.of_karbon(db, connection.id, key) if connection else None
        xero = mirror.xero_contact(db, connection.id, link.xero_id) if connection and link else None
        if link is None or xero is None:
            return ContactView(record, None)
        assert connection is not None
        refused = runs.refused_edit(db, connection.id, link.xero_id)
        waits = link.state == "synced" and _differs(db, connection.id, record, link.xero_id)
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


def _held(db: SqliteDatabase, connection: Connection | None, key: str) -> DirectoryRecord:
    if accounts.active(db) is None:
        return _existing(db, key)
    held = mirror.karbon_contact(db, connection.id, key) if connection else None
    if held is None:
        raise UsageError(f"There is no Karbon contact {key}", "See `xerosync contacts`.")
    return as_record(held)


async def over_api(program: Program) -> bool:
    """Whether the Karbon side is Karbon's API."""
    return await program.store.read(accounts.active) is not None


async def add(program: Program, kind: Kind, changes: Mapping[str, str]) -> DirectoryRecord:
    """A new contact. Raises UsageError for a value that cannot stand, an unknown type, a taken identifier.

    With Karbon's API also what ``karbon_contacts.add`` raises.
    """
    if await over_api(program):
        from xerosync_tui.services import karbon_contacts  # with the network's libraries

        return await karbon_contacts.add(program, kind, changes)

    def write(db: SqliteDatabase) -> DirectoryRecord:
        blank = DirectoryRecord(program.new_id()[:12], kind, kind_reason=CHOSEN)
        return directory.add(db, [_edited(db, blank, changes)])[0]

    return await _storing(program, write)


async def edit(
    program: Program, key: str, changes: Mapping[str, str], *, seen: DirectoryRecord | None = None
) -> DirectoryRecord:
    """The contact after the edit; ``seen`` is what the person looked at, if anything.

    Raises UsageError as ``add``, and where there is no such contact; NeedsPerson where a field that was edited is
    not as it was seen any more; with Karbon's API also what ``karbon_contacts.edit`` raises.
    """
    if await over_api(program):
        from xerosync_tui.services import karbon_contacts

        return await karbon_contacts.edit(program, key, changes, seen=seen)

    def write(db: SqliteDatabase) -> DirectoryRecord:
        record = _existing(db, key)
        if seen:
            _check_unchanged(record.as_texts(), seen.as_texts(), changes)
        return directory.update(db, [_edited(db, record, changes)])[0]

    return await _storing(program, write)


def _check_unchanged(now: Mapping[str, str], seen: Mapping[str, str], changes: Mapping[str, str]) -> None:
    """Somebody else, or a sync, may have edited the same field meanwhile: that is not overwritten unseen."""
    for field in changes:
        if now[field] != seen[field]:
            raise NeedsPerson(
                f"Not stored: {field} was changed meanwhile, to {now[field] or 'nothing'}", "Look at it again."
            )


async def delete(program: Program, key: str) -> DirectoryRecord:
    """The contact that was deleted. Its Xero contact stays; its link in the active connection ends.

    Raises UsageError where there is no such contact, and always with Karbon's API, which has no delete.
    """
    if await over_api(program):
        from xerosync_tui.services.karbon_contacts import cannot_delete

        raise cannot_delete((await one(program, key)).record.contact.name)

    def write(db: SqliteDatabase) -> DirectoryRecord:
        record = _existing(db, key)
        directory.delete(db, key)
        if connection := connections.active(db):
            mirror.mark_gone(db, connection.id, [key])
            link = links.of_karbon(db, connection.id, key)
            if link and link.state == "synced":
                end_links(db, program, connection.id, None, [(link.xero_id, End.DELETED.value)])
        return record

    return await program.store.run(write)


def _existing(db: SqliteDatabase, key: str) -> DirectoryRecord:
    record = directory.get(db, key)
    if record is None:
        raise UsageError(f"There is no Karbon contact {key}", "See `xerosync contacts`.")
    return record


def _edited(db: SqliteDatabase, record: DirectoryRecord, changes: Mapping[str, str]) -> DirectoryRecord:
    try:
        edited = record.edited(changes)
    except EditError as error:
        raise UsageError(f"Not stored: {error}") from error
    if edited.contact_type and edited.contact_type not in directory.types(db):
        raise UsageError(f"There is no contact type {edited.contact_type!r}", "See `xerosync types`.")
    return edited


async def _storing(program: Program, write: Callable[[SqliteDatabase], DirectoryRecord]) -> DirectoryRecord:
    try:
        return await program.store.run(write)
    except peewee.IntegrityError as error:
        raise UsageError("Not stored: another contact has that client identifier") from error


async def types(program: Program) -> list[str]:
    """The contact types; of Karbon's API, as the tenant last told them."""

    def read(db: SqliteDatabase) -> list[str]:
        account = accounts.active(db)
        return list(account.contact_types) if account else directory.types(db)

    return await program.store.read(read)


def _check_ours(db: SqliteDatabase) -> None:
    if accounts.active(db):
        raise UsageError("The contact types are Karbon's own, and its API cannot change them", "Do it in Karbon.")


async def add_type(program: Program, name: str) -> None:
    """Add a contact type. Raises UsageError where it exists or is blank."""

    def write(db: SqliteDatabase) -> None:
        _check_ours(db)
        _check_new_type(db, name)
        directory.add_type(db, name)

    await program.store.run(write)


async def rename_type(program: Program, old: str, new: str) -> int:
    """Rename a contact type, on its contacts too; returns how many. Raises UsageError."""

    def write(db: SqliteDatabase) -> int:
        _check_ours(db)
        _check_type(db, old)
        _check_new_type(db, new)
        connections.rename_type(db, old, new)
        return directory.rename_type(db, old, new)

    async with sync_lock(program.settings):  # a sync under way gives new contacts the old name
        return await program.store.run(write)


async def remove_type(program: Program, name: str) -> None:
    """Remove a contact type. Raises UsageError where contacts carry it or it is the default."""

    def write(db: SqliteDatabase) -> None:
        _check_ours(db)
        _check_type(db, name)
        if connections.count_of_type(db, name):
            raise UsageError(f"{name} is the default contact type", "Choose another: `xerosync settings`.")
        if carriers := directory.count_of_type(db, name):
            raise UsageError(f"{carriers} contacts are {name}", "Rename the type, or change them first.")
        directory.remove_type(db, name)

    async with sync_lock(program.settings):
        await program.store.run(write)


def _check_type(db: SqliteDatabase, name: str) -> None:
    if name not in directory.types(db):
        raise UsageError(f"There is no contact type {name!r}", "See `xerosync types`.")


def _check_new_type(db: SqliteDatabase, name: str) -> None:
    if not name or name != name.strip() or len(name) > 100 or not name.isprintable():
        raise UsageError("A contact type needs a name of 1 to 100 printable characters, without spaces around it")
    if name in directory.types(db):
        raise UsageError(f"There is a contact type {name!r} already")
