"""Karbon contacts that were made here, and could not be deleted when that was undone (engine.md 2.9).

Each is the full match of the contact it was made for, also where it has no email.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import KarbonContact, XeroContact
from xerosync_tui.store.mirror import KARBON_FIELDS, XERO_FIELDS, XERO_WIDTH, karbon_from_row, xero_from_row

_LEFT = (
    "made_for m JOIN karbon_contact k ON k.connection_id = m.connection_id AND k.key = m.karbon_key AND k.gone = 0 "
    "AND NOT EXISTS (SELECT 1 FROM link l WHERE l.connection_id = m.connection_id AND l.karbon_key = m.karbon_key)"
)


def put(db: SqliteDatabase, connection: int, made: Iterable[tuple[str, str]]) -> None:
    """Remember (ContactID, Karbon key) pairs."""
    db.connection().executemany(
        "INSERT OR REPLACE INTO made_for (connection_id, xero_id, karbon_key) VALUES (?, ?, ?)",
        [(connection, xero_id, key) for xero_id, key in made],
    )


def pairs(db: SqliteDatabase, connection: int) -> dict[str, str]:
    """By ContactID, the Karbon contact that is still there and linked with nobody."""
    return dict(db.execute_sql(f"SELECT m.xero_id, k.key FROM {_LEFT} WHERE m.connection_id = ?", (connection,)))


def contacts(
    db: SqliteDatabase, connection: int, rows: Sequence[int]
) -> dict[int, tuple[XeroContact, KarbonContact | None]]:
    """By mirror row, the same pairs among these rows."""
    sql = (
        f"SELECT x.id, {XERO_FIELDS.format('x')}, {KARBON_FIELDS.format('k')} FROM {_LEFT} "
        "JOIN xero_contact x ON x.connection_id = m.connection_id AND x.xero_id = m.xero_id "
        f"WHERE m.connection_id = ? AND x.id IN ({', '.join('?' * len(rows))})"
    )
    found = db.execute_sql(sql, (connection, *rows))
    return {row[0]: (xero_from_row(row[1:]), karbon_from_row(row[1 + XERO_WIDTH :])) for row in found}
