"""The built-in directory as a person uses it: contacts and contact types, each change checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import peewee
from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.directory import DirectoryRecord, EditError
from xerosync_tui.errors import UsageError
from xerosync_tui.services.program import Program
from xerosync_tui.services.sync.lock import sync_lock
from xerosync_tui.store import connections, directory, lists


async def listed(program: Program, search: str = "", *, unlinked: bool = False) -> list[tuple[DirectoryRecord, bool]]:
    """Contacts whose name, email or client identifier holds ``search``, by name; each with whether synced."""

    def read(db: SqliteDatabase) -> list[tuple[DirectoryRecord, bool]]:
        active = connections.active(db)
        return list(lists.karbon_contacts(db, active.id if active else None, search, unlinked=unlinked))

    return await program.store.read(read)


async def add(program: Program, kind: Kind, changes: Mapping[str, str]) -> DirectoryRecord:
    """A new contact. Raises UsageError for a value that cannot stand, an unknown type, a taken identifier."""

    def write(db: SqliteDatabase) -> DirectoryRecord:
        blank = DirectoryRecord(program.new_id()[:12], kind, kind_reason="a person's own choice")
        return directory.add(db, [_edited(db, blank, changes)])[0]

    return await _storing(program, write)


async def edit(program: Program, key: str, changes: Mapping[str, str]) -> DirectoryRecord:
    """The contact after the edit. Raises UsageError as ``add``, and where there is no such contact."""

    def write(db: SqliteDatabase) -> DirectoryRecord:
        return directory.update(db, [_edited(db, _existing(db, key), changes)])[0]

    return await _storing(program, write)


async def delete(program: Program, key: str) -> DirectoryRecord:
    """The contact that was deleted. Its Xero contact stays; a link ends with the next sync.

    Raises UsageError where there is no such contact.
    """

    def write(db: SqliteDatabase) -> DirectoryRecord:
        record = _existing(db, key)
        directory.delete(db, key)
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
    """The contact types."""
    return await program.store.read(directory.types)


async def add_type(program: Program, name: str) -> None:
    """Add a contact type. Raises UsageError where it exists or is blank."""

    def write(db: SqliteDatabase) -> None:
        _check_new_type(db, name)
        directory.add_type(db, name)

    await program.store.run(write)


async def rename_type(program: Program, old: str, new: str) -> int:
    """Rename a contact type, on its contacts too; returns how many. Raises UsageError."""

    def write(db: SqliteDatabase) -> int:
        _check_type(db, old)
        _check_new_type(db, new)
        connections.rename_type(db, old, new)
        return directory.rename_type(db, old, new)

    with sync_lock(program.settings):  # a sync under way gives new contacts the old name
        return await program.store.run(write)


async def remove_type(program: Program, name: str) -> None:
    """Remove a contact type. Raises UsageError where contacts carry it or it is the default."""

    def write(db: SqliteDatabase) -> None:
        _check_type(db, name)
        if connections.count_of_type(db, name):
            raise UsageError(f"{name} is the default contact type", "Choose another: `xerosync settings`.")
        if carriers := directory.count_of_type(db, name):
            raise UsageError(f"{carriers} contacts are {name}", "Rename the type, or change them first.")
        directory.remove_type(db, name)

    with sync_lock(program.settings):
        await program.store.run(write)


def _check_type(db: SqliteDatabase, name: str) -> None:
    if name not in directory.types(db):
        raise UsageError(f"There is no contact type {name!r}", "See `xerosync types`.")


def _check_new_type(db: SqliteDatabase, name: str) -> None:
    if not name or name != name.strip() or len(name) > 100 or not name.isprintable():
        raise UsageError("A contact type needs a name of 1 to 100 printable characters, without spaces around it")
    if name in directory.types(db):
        raise UsageError(f"There is a contact type {name!r} already")
