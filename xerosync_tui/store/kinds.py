"""What a person said a Xero contact becomes in Karbon, before it is made there."""

from __future__ import annotations

from collections.abc import Sequence

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Kind


def choose(db: SqliteDatabase, connection: int, xero_id: str, kind: Kind) -> None:
    """Keep the choice; it replaces one of before."""
    db.execute_sql(
        "INSERT INTO kind_choice (connection_id, xero_id, kind) VALUES (?, ?, ?) "
        "ON CONFLICT (connection_id, xero_id) DO UPDATE SET kind = excluded.kind",
        (connection, xero_id, kind.value),
    )


def chosen(db: SqliteDatabase, connection: int, xero_ids: Sequence[str]) -> dict[str, Kind]:
    """The choices for these contacts, as far as there are any."""
    marks = ", ".join("?" * len(xero_ids))
    sql = f"SELECT xero_id, kind FROM kind_choice WHERE connection_id = ? AND xero_id IN ({marks})"
    return {xero_id: Kind(kind) for xero_id, kind in db.execute_sql(sql, (connection, *xero_ids))}
