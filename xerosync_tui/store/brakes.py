"""What a run was stopped for, row by row. A person approves these rows, each while it still holds (engine.md 2.8)."""

from __future__ import annotations

from collections.abc import Mapping

from peewee import SqliteDatabase

Approved = Mapping[str, Mapping[str, str]]  # by ContactID: what would be written or ended, and its value


def put(db: SqliteDatabase, connection: int, xero_id: str, rows: Mapping[str, str]) -> None:
    """Add what would be done with a link."""
    db.connection().executemany(
        "INSERT OR REPLACE INTO brake_row (connection_id, xero_id, what, value) VALUES (?, ?, ?, ?)",
        [(connection, xero_id, what, value) for what, value in rows.items()],
    )


def rows(db: SqliteDatabase, connection: int) -> Approved:
    """All of it."""
    found: dict[str, dict[str, str]] = {}
    sql = "SELECT xero_id, what, value FROM brake_row WHERE connection_id = ?"
    for xero_id, what, value in db.execute_sql(sql, (connection,)):
        found.setdefault(xero_id, {})[what] = value
    return found


def clear(db: SqliteDatabase, connection: int) -> None:
    """No run is stopped any more."""
    db.execute_sql("DELETE FROM brake_row WHERE connection_id = ?", (connection,))
