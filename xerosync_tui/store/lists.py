"""Lists as a person reads them: clients, contacts left out, Karbon contacts. Each can be searched.

A search is by part of the name or the email, without regard to case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.domain.contact import Contact, Kind, XeroContact
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.normalise import name_key
from xerosync_tui.store import directory
from xerosync_tui.store.matching import UNLINKED
from xerosync_tui.store.mirror import XERO_FIELDS, xero_from_row
from xerosync_tui.store.values import unpack


@dataclass(frozen=True, slots=True)
class Client:
    """A synced link: the contact as Karbon was last read."""

    xero_id: str
    karbon_key: str
    kind: Kind
    contact: Contact
    contact_type: str
    why: str
    linked_at: int
    synced_at: int


def _pattern(text: str) -> str:
    """A LIKE pattern for any text that holds this one."""
    for special in "\\%_":
        text = text.replace(special, "\\" + special)
    return f"%{text}%"


def _searched(table: str) -> str:
    return f"({table}.name_key LIKE ? ESCAPE '\\' OR {table}.email LIKE ? ESCAPE '\\')"


def clients(db: SqliteDatabase, connection: int, search: str) -> Iterator[Client]:
    """Synced links by name."""
    sql = (
        "SELECT l.xero_id, k.key, k.kind, k.name, k.email, k.phone, k.address, k.contact_type, l.why, "
        "l.linked_at, l.synced_at FROM link l JOIN karbon_contact k "
        "ON k.connection_id = l.connection_id AND k.key = l.karbon_key "
        f"WHERE l.connection_id = ? AND l.state = 'synced' AND {_searched('k')} ORDER BY k.name_key, k.id"
    )
    pattern = _pattern(search)
    for row in db.execute_sql(sql, (connection, _pattern(name_key(search) or ""), pattern)):
        yield Client(row[0], row[1], Kind(row[2]), unpack(*row[3:7]), *row[7:])


@dataclass(frozen=True, slots=True)
class Unsynced:
    """A link that ended: which pair, and why."""

    id: int
    xero: XeroContact
    karbon_key: str
    why: str


def unsynced(db: SqliteDatabase, connection: int) -> Iterator[Unsynced]:
    """Links that ended, by name."""
    sql = (
        f"SELECT l.id, l.karbon_key, l.why, {XERO_FIELDS.format('x')} FROM link l JOIN xero_contact x "
        "ON x.connection_id = l.connection_id AND x.xero_id = l.xero_id "
        "WHERE l.connection_id = ? AND l.state = 'unsynced' ORDER BY x.name_key, l.id"
    )
    for row in db.execute_sql(sql, (connection,)):
        yield Unsynced(row[0], xero_from_row(row[3:]), row[1], row[2])


def left_out(db: SqliteDatabase, connection: int, import_filter: ImportFilter, search: str) -> Iterator[XeroContact]:
    """Active, unlinked Xero contacts outside the filter, by name."""
    if import_filter is ImportFilter.ALL:
        return
    outside = "NOT x.is_customer"
    if import_filter is ImportFilter.CUSTOMERS_SUPPLIERS:
        outside += " AND NOT x.is_supplier"
    sql = (
        f"SELECT {XERO_FIELDS.format('x')} FROM xero_contact x "
        f"WHERE x.connection_id = ? AND x.status = 'ACTIVE' AND {outside} AND {UNLINKED.format('x')} "
        f"AND {_searched('x')} ORDER BY x.name_key, x.id"
    )
    rows = db.execute_sql(sql, (connection, _pattern(name_key(search) or ""), _pattern(search)))
    yield from (xero_from_row(row) for row in rows)


def karbon_contacts(
    db: SqliteDatabase, connection: int | None, search: str, *, unlinked: bool
) -> Iterator[tuple[DirectoryRecord, bool]]:
    """Contacts of the built-in directory by name, each with whether it is synced in this connection."""
    for record, synced in directory.searched(db, _pattern(name_key(search) or ""), _pattern(search), connection or 0):
        if not (unlinked and synced):
            yield record, synced
