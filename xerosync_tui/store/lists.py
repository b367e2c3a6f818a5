"""Lists as a person reads them: clients, contacts left out, Karbon contacts. Each can be searched.

A search is by part of the name or the email, without regard to case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.domain.contact import Contact, Kind, XeroContact
from xerosync_tui.domain.directory import DirectoryRecord, as_record
from xerosync_tui.domain.normalise import name_key
from xerosync_tui.store import directory, mirror
from xerosync_tui.store.matching import UNLINKED
from xerosync_tui.store.mirror import KARBON_FIELDS, KARBON_WIDTH, XERO_FIELDS, karbon_from_row, xero_from_row
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
    conflicts: int = 0  # fields in conflict
    failed: bool = False  # an edit of it was refused


def pattern(text: str) -> str:
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
    for row in db.execute_sql(sql, (connection, pattern(name_key(search) or ""), pattern(search))):
        yield client_from_row(row)


def client_from_row(row: Sequence[Any]) -> Client:
    """From the columns that ``clients`` selects, and those of its state where they were asked for."""
    return Client(row[0], row[1], Kind(row[2]), unpack(*row[3:7]), *row[7:12], *map(bool, row[12:]))


@dataclass(frozen=True, slots=True)
class UnsyncedClient:
    """A link that ended: which pair, and why. ``survivor``: into which contact Xero merged it, as far as known."""

    id: int
    xero: XeroContact
    karbon_key: str
    why: str
    survivor: XeroContact | None = None


_UNSYNCED = (
    f"SELECT l.id, l.karbon_key, l.why, {XERO_FIELDS.format('x')} FROM link l JOIN xero_contact x "
    "ON x.connection_id = l.connection_id AND x.xero_id = l.xero_id "
    "WHERE l.connection_id = ? AND l.state = 'unsynced'"
)


def unsynced(db: SqliteDatabase, connection: int) -> Iterator[UnsyncedClient]:
    """Links that ended, by name."""
    return _unsynced(db, connection, f"{_UNSYNCED} ORDER BY x.name_key, l.id", (connection,))


def unsynced_by_id(db: SqliteDatabase, connection: int, ids: Sequence[int]) -> Iterator[UnsyncedClient]:
    """Those of these links that ended."""
    marks = ", ".join("?" * len(ids))
    return _unsynced(db, connection, f"{_UNSYNCED} AND l.id IN ({marks})", (connection, *ids))


def _unsynced(db: SqliteDatabase, connection: int, sql: str, values: Sequence[object]) -> Iterator[UnsyncedClient]:
    for row in db.execute_sql(sql, values).fetchall():
        xero = xero_from_row(row[3:])
        survivor = mirror.xero_contact(db, connection, xero.merged_to) if xero.merged_to else None
        yield UnsyncedClient(row[0], xero, row[1], row[2], survivor)


_OUTSIDE = {
    ImportFilter.ALL: "0",
    ImportFilter.CUSTOMERS: "NOT x.is_customer",
    ImportFilter.CUSTOMERS_SUPPLIERS: "NOT x.is_customer AND NOT x.is_supplier",
}


def outside(import_filter: ImportFilter) -> str:
    """The condition of a Xero contact ``x`` that the filter leaves out."""
    return _OUTSIDE[import_filter]


def left_out(db: SqliteDatabase, connection: int, import_filter: ImportFilter, search: str) -> Iterator[XeroContact]:
    """Active, unlinked Xero contacts outside the filter, by name."""
    sql = (
        f"SELECT {XERO_FIELDS.format('x')} FROM xero_contact x "
        f"WHERE x.connection_id = ? AND x.status = 'ACTIVE' AND {outside(import_filter)} AND {UNLINKED.format('x')} "
        f"AND {_searched('x')} ORDER BY x.name_key, x.id"
    )
    rows = db.execute_sql(sql, (connection, pattern(name_key(search) or ""), pattern(search)))
    yield from (xero_from_row(row) for row in rows)


def mirrored_contacts(
    db: SqliteDatabase, connection: int, search: str, *, unlinked: bool, guesses: bool = False
) -> Iterator[tuple[DirectoryRecord, bool]]:
    """Contacts of Karbon's API, as last read, by name, each with whether it is synced in this connection.

    There are no ``guesses`` to look at among them: a kind cannot be changed there any more.
    """
    if guesses:
        return
    sql = (
        f"SELECT {KARBON_FIELDS.format('k')}, EXISTS (SELECT 1 FROM link l WHERE l.connection_id = k.connection_id "
        "AND l.karbon_key = k.key AND l.state = 'synced') FROM karbon_contact k "
        f"WHERE k.connection_id = ? AND k.gone = 0 AND {_searched('k')} ORDER BY k.name_key, k.id"
    )
    for row in db.execute_sql(sql, (connection, pattern(name_key(search) or ""), pattern(search))):
        if not (unlinked and row[KARBON_WIDTH]):
            yield as_record(karbon_from_row(row)), bool(row[KARBON_WIDTH])


def karbon_contacts(
    db: SqliteDatabase, connection: int, search: str, *, unlinked: bool, guesses: bool = False
) -> Iterator[tuple[DirectoryRecord, bool]]:
    """Contacts of the built-in directory by name, each with whether it is synced in this connection."""
    for record, synced in directory.searched(db, pattern(name_key(search) or ""), pattern(search), connection):
        if not (unlinked and synced) and not (guesses and not record.kind_guess):
            yield record, synced
