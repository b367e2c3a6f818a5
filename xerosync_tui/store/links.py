"""Links and their base."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Contact
from xerosync_tui.store.models import Link
from xerosync_tui.store.values import pack


@dataclass(frozen=True, slots=True)
class NewLink:
    """A pair to link, with what each side holds at this acknowledgement: the base."""

    xero_id: str
    karbon_key: str
    why: str
    xero_base: Contact
    karbon_base: Contact


def add(db: SqliteDatabase, connection: int, links: Iterable[NewLink], now: int) -> None:
    """Link these pairs. Raises peewee.IntegrityError where one of them is linked already (promise P1)."""
    db.connection().executemany(
        "INSERT INTO link (connection_id, xero_id, karbon_key, state, why, linked_at, synced_at, xero_name, "
        "xero_email, xero_phone, xero_address, karbon_name, karbon_email, karbon_phone, karbon_address) "
        "VALUES (?, ?, ?, 'synced', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (connection, n.xero_id, n.karbon_key, n.why, now, now, *pack(n.xero_base), *pack(n.karbon_base))
            for n in links
        ],
    )


def remove(db: SqliteDatabase, connection: int, xero_id: str) -> None:
    """Take back a link as if it had never been: the undo of a decision."""
    Link.delete().where((Link.connection == connection) & (Link.xero_id == xero_id)).execute(db)


def end_for_gone(db: SqliteDatabase, connection: int, keys: Sequence[str]) -> list[tuple[str, str]]:
    """Synced links whose Karbon contact was deleted become unsynced; returns (ContactID, key) each.

    The row stays as a tombstone, so that the Xero contact is not imported again (engine.md 2.4).
    """
    ended = []
    for key in keys:
        mine = (Link.connection == connection) & (Link.karbon_key == key) & (Link.state == "synced")
        row = Link.select(Link.id, Link.xero_id).where(mine).first(db)
        if row:
            Link.update(state="unsynced", why="deleted in Karbon").where(Link.id == row.id).execute(db)
            ended.append((str(row.xero_id), key))
    return ended


def is_used_elsewhere(db: SqliteDatabase, connection: int, karbon_key: str) -> bool:
    """Whether another connection has this Karbon contact in a link."""
    return bool(Link.select().where((Link.connection != connection) & (Link.karbon_key == karbon_key)).exists(db))


def partner_of_karbon(db: SqliteDatabase, connection: int, karbon_key: str) -> str | None:
    """The ContactID that this Karbon contact is linked with in any state, or None."""
    row = (
        Link.select(Link.xero_id)
        .where((Link.connection == connection) & (Link.karbon_key == karbon_key))
        .order_by(Link.state)
        .first(db)
    )
    return str(row.xero_id) if row else None


def taken(db: SqliteDatabase, connection: int, keys: Sequence[str]) -> set[str]:
    """Which of these Karbon contacts have a row, in any state."""
    marks = ", ".join("?" * len(keys))
    sql = f"SELECT karbon_key FROM link WHERE connection_id = ? AND karbon_key IN ({marks})"
    return {row[0] for row in db.execute_sql(sql, (connection, *keys))}


def is_linked(db: SqliteDatabase, connection: int, xero_id: str) -> bool:
    """Whether this Xero contact has a row, in any state."""
    return bool(Link.select().where((Link.connection == connection) & (Link.xero_id == xero_id)).exists(db))


def count(db: SqliteDatabase, connection: int, state: str = "synced") -> int:
    """How many links are in that state."""
    return int(Link.select().where((Link.connection == connection) & (Link.state == state)).count(db))
