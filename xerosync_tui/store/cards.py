"""Which business cards are still to be read, where each takes a request of its own (karbon.md 2.2, 2.5).

In the built-in directory there are none: everything is read with the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Kind
from xerosync_tui.store import models

_MOST_URGENT = (
    "SELECT k.key FROM karbon_contact k WHERE k.connection_id = :connection AND k.gone = 0 "
    "AND k.card IN ('unread', 'stale') ORDER BY k.card = 'stale' AND "
    "EXISTS (SELECT 1 FROM link l WHERE l.connection_id = k.connection_id "
    "AND l.karbon_key = k.key AND l.state = 'synced') DESC, "
    "EXISTS (SELECT 1 FROM xero_contact x WHERE x.connection_id = k.connection_id AND x.name_key = k.name_key "
    "AND x.email_key = k.email_key AND x.status = 'ACTIVE') DESC, "
    # Not EXISTS: of emails in Xero there is no index, and these lists are made once for all rows.
    "k.name_key IN (SELECT name_key FROM xero_contact WHERE connection_id = :connection AND status = 'ACTIVE') OR "
    "k.email_key IN (SELECT email_key FROM xero_contact WHERE connection_id = :connection AND status = 'ACTIVE') "
    "DESC, k.card = 'stale' DESC, k.id LIMIT :most"
)
_IN_TURN = (
    "SELECT k.key FROM karbon_contact k JOIN link l ON l.connection_id = k.connection_id AND l.karbon_key = k.key "
    "AND l.state = 'synced' WHERE k.connection_id = ? AND k.card = 'read' AND k.gone = 0 AND k.read_at < ? "
    "ORDER BY k.read_at, k.id LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class CardCounts:
    """How many Karbon contacts there are, and of how many the card is still to be read.

    ``never``: of those, the ones never read; while there are any, nobody knows that a contact is not there.
    """

    total: int
    unread: int
    never: int


NO_CARDS = CardCounts(0, 0, 0)


def counted(db: SqliteDatabase, connection: int) -> CardCounts:
    """How far the reading of cards is."""
    waiting = "SELECT count(*), count(*) FILTER (WHERE card = 'unread') FROM karbon_contact WHERE connection_id = ? "
    unread, never = db.execute_sql(f"{waiting} AND card IN ('unread', 'stale') AND gone = 0", (connection,)).fetchone()
    total = "SELECT count(*) FROM karbon_contact WHERE connection_id = ? AND gone = 0"
    return CardCounts(int(db.execute_sql(total, (connection,)).fetchone()[0]), int(unread), int(never))


def most_urgent(db: SqliteDatabase, connection: int, most: int) -> list[str]:
    """The next to read: changed and linked, then full matches, then those that share a key, then the others."""
    return [key for (key,) in db.execute_sql(_MOST_URGENT, {"connection": connection, "most": most})]


def in_turn(db: SqliteDatabase, connection: int, before: int, most: int) -> list[str]:
    """Linked contacts that were not read since ``before`` (milliseconds), the longest ago first.

    Whether an edit of a card alone shows in a list is unknown (karbon.md 2.3), so they are read again in turn.
    """
    return [key for (key,) in db.execute_sql(_IN_TURN, (connection, before, most))]


def mark_failed(db: SqliteDatabase, connection: int, keys: Iterable[str]) -> None:
    """These cannot be read: nothing waits for them until they change, or everything is looked at again."""
    sql = "UPDATE karbon_contact SET card = 'failed' WHERE connection_id = ? AND key = ?"
    db.connection().executemany(sql, [(connection, key) for key in keys])


def try_failed_again(db: SqliteDatabase, connection: int) -> None:
    """Read again what could not be read."""
    db.execute_sql(
        "UPDATE karbon_contact SET card = 'stale' WHERE connection_id = ? AND card = 'failed'", (connection,)
    )


def known(db: SqliteDatabase, connection: int) -> dict[str, tuple[Kind, int]]:
    """By key of every contact that is there: its kind, and its version as last told."""
    sql = "SELECT key, kind, version FROM karbon_contact WHERE connection_id = ? AND gone = 0"
    kinds = {kind.value: kind for kind in Kind}
    return {key: (kinds[kind], version) for key, kind, version in db.execute_sql(sql, (connection,))}


def forget_all(db: SqliteDatabase, connection: int) -> None:
    """Another entry of each card is the synced one from now on: all are read again."""
    sql = "UPDATE karbon_contact SET card = 'stale' WHERE connection_id = ? AND card = 'read'"
    db.execute_sql(sql, (connection,))


# What Karbon's own Xero sync links (karbon.md 2.3, ExternalKey)


def native(db: SqliteDatabase, connection: int, xero_ids: Sequence[str]) -> dict[str, bool]:
    """Of those that were asked about: whether Karbon itself links them."""
    marks = ", ".join("?" * len(xero_ids))
    sql = f"SELECT xero_id, karbon_keys FROM native_link WHERE connection_id = ? AND xero_id IN ({marks})"
    return {xero_id: bool(keys) for xero_id, keys in db.execute_sql(sql, (connection, *xero_ids))}


def put_native(db: SqliteDatabase, connection: int, found: Mapping[str, Iterable[str]], now: int) -> None:
    """Remember what Karbon said of these Xero contacts."""
    table: Any = models.NativeLink
    for xero_id, keys in found.items():
        table.insert(
            connection=connection, xero_id=xero_id, karbon_keys=" ".join(sorted(keys)), checked_at=now
        ).on_conflict_replace().execute(db)


def count_native(db: SqliteDatabase, connection: int) -> tuple[int, int]:
    """How many Xero contacts were asked about, and how many of them Karbon itself links."""
    sql = "SELECT count(*), count(*) FILTER (WHERE karbon_keys <> '') FROM native_link WHERE connection_id = ?"
    asked, linked = db.execute_sql(sql, (connection,)).fetchone()
    return int(asked), int(linked)
