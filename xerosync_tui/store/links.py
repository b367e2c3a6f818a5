"""Links and their base."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Contact, Field
from xerosync_tui.domain.states import LinkState
from xerosync_tui.store.models import LinkRow as Row
from xerosync_tui.store.values import pack


@dataclass(frozen=True, slots=True)
class NewLink:
    """A pair to link, with what each side holds at this acknowledgement: the base."""

    xero_id: str
    karbon_key: str
    why: str
    xero_base: Contact
    karbon_base: Contact
    unfilled: tuple[Field, ...] = ()  # only Karbon has a value, and nothing is written to Xero now


def add(db: SqliteDatabase, connection: int, links: Iterable[NewLink], now: int) -> None:
    """Link these pairs. Raises peewee.IntegrityError where one of them is linked already (promise P1)."""
    db.connection().executemany(
        "INSERT INTO link (connection_id, xero_id, karbon_key, state, why, linked_at, synced_at, xero_name, "
        "xero_email, xero_phone, xero_address, karbon_name, karbon_email, karbon_phone, karbon_address, "
        "unfilled, look) VALUES (?, ?, ?, 'synced', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
        [
            (
                connection,
                n.xero_id,
                n.karbon_key,
                n.why,
                now,
                now,
                *pack(n.xero_base),
                *pack(n.karbon_base),
                " ".join(n.unfilled),
            )
            for n in links
        ],
    )


def remove(db: SqliteDatabase, connection: int, xero_id: str) -> None:
    """Remove a link as if it had never been: the undo of a decision."""
    Row.delete().where((Row.connection == connection) & (Row.xero_id == xero_id)).execute(db)


def put_ended(db: SqliteDatabase, connection: int, pair: NewLink, now: int) -> None:
    """A link that has ended stands in the place of whatever this Xero contact has."""
    remove(db, connection, pair.xero_id)
    add(db, connection, [pair], now)
    end(db, connection, [(pair.xero_id, pair.why)])


def end(db: SqliteDatabase, connection: int, ends: Sequence[tuple[str, str]]) -> dict[str, str]:
    """End these synced links: (ContactID, why) each. The rows stay. Returns the Karbon key by ContactID."""
    keys = {}
    for xero_id, why in ends:
        mine = (Row.connection == connection) & (Row.xero_id == xero_id) & (Row.state == LinkState.SYNCED)
        row = Row.select(Row.id, Row.karbon_key).where(mine).first(db)
        if row:
            Row.update(state=LinkState.UNSYNCED, why=why).where(Row.id == row.id).execute(db)
            keys[xero_id] = str(row.karbon_key)
    return keys


def forget_ended(db: SqliteDatabase, connection: int, xero_ids: Iterable[str]) -> None:
    """These are about to be linked anew: their old, ended links and base go."""
    db.connection().executemany(
        "DELETE FROM link WHERE connection_id = ? AND xero_id = ? AND state = 'unsynced'",
        [(connection, xero_id) for xero_id in xero_ids],
    )


def synced_of(db: SqliteDatabase, connection: int, xero_ids: Sequence[str]) -> set[str]:
    """Which of these Xero contacts have a synced link."""
    marks = ", ".join("?" * len(xero_ids))
    sql = f"SELECT xero_id FROM link WHERE connection_id = ? AND state = 'synced' AND xero_id IN ({marks})"
    return {row[0] for row in db.execute_sql(sql, (connection, *xero_ids))}


def say_why(db: SqliteDatabase, connection: int, xero_ids: Iterable[str], why: str) -> None:
    """Another reason for links that ended."""
    db.connection().executemany(
        "UPDATE link SET why = ? WHERE connection_id = ? AND xero_id = ? AND state = 'unsynced'",
        [(why, connection, xero_id) for xero_id in xero_ids],
    )


def resume(db: SqliteDatabase, connection: int, xero_id: str, why: str) -> None:
    """Take a link up again that ended, with its base. Raises peewee.IntegrityError where Karbon's has another."""
    mine = (Row.connection == connection) & (Row.xero_id == xero_id) & (Row.state == LinkState.UNSYNCED)
    Row.update(state=LinkState.SYNCED, why=why, look=True).where(mine).execute(db)


@dataclass(frozen=True, slots=True)
class LinkAsItStands:
    """A link as it stands; times in milliseconds since the epoch."""

    xero_id: str
    state: LinkState
    why: str
    linked_at: int
    synced_at: int


def of_karbon(db: SqliteDatabase, connection: int, karbon_key: str) -> LinkAsItStands | None:
    """The link of this Karbon contact, the synced one before any that ended."""
    mine = (Row.connection == connection) & (Row.karbon_key == karbon_key)
    row = Row.select().where(mine).order_by(Row.state).first(db)
    return LinkAsItStands(row.xero_id, LinkState(row.state), row.why, row.linked_at, row.synced_at) if row else None


def is_used_elsewhere(db: SqliteDatabase, connection: int, karbon_key: str) -> bool:
    """Whether another connection has this Karbon contact in a link."""
    return bool(Row.select().where((Row.connection != connection) & (Row.karbon_key == karbon_key)).exists(db))


def is_used(db: SqliteDatabase, karbon_key: str) -> bool:
    """Whether any connection has, or had, this Karbon contact in a link."""
    return bool(Row.select().where(Row.karbon_key == karbon_key).exists(db))


def taken(db: SqliteDatabase, connection: int, keys: Sequence[str]) -> set[str]:
    """Which of these Karbon contacts have a row, in any state."""
    marks = ", ".join("?" * len(keys))
    sql = f"SELECT karbon_key FROM link WHERE connection_id = ? AND karbon_key IN ({marks})"
    return {row[0] for row in db.execute_sql(sql, (connection, *keys))}


def is_linked(db: SqliteDatabase, connection: int, xero_id: str) -> bool:
    """Whether this Xero contact has a row, in any state."""
    return bool(Row.select().where((Row.connection == connection) & (Row.xero_id == xero_id)).exists(db))


def is_synced(db: SqliteDatabase, connection: int, xero_id: str, karbon_key: str) -> bool:
    """Whether either of the two could not be linked: a Xero contact with a row, a Karbon contact with a synced one."""
    mine = (Row.xero_id == xero_id) | ((Row.karbon_key == karbon_key) & (Row.state == LinkState.SYNCED))
    return bool(Row.select().where((Row.connection == connection) & mine).exists(db))


def count(db: SqliteDatabase, connection: int, state: LinkState = LinkState.SYNCED) -> int:
    """How many links are in that state."""
    return int(Row.select().where((Row.connection == connection) & (Row.state == state)).count(db))
