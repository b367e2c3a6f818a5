"""Linked pairs to look at, the base that moves with every acknowledgement, and the fields that wait for a person.

``link.look`` says where to look. Triggers set it when a mirrored value changes; it is cleared when nothing is
left to do for that link. A full audit looks everywhere, whatever it says.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Field, Value, XeroContact
from xerosync_tui.domain.link import Linked
from xerosync_tui.domain.states import LinkState
from xerosync_tui.store.mirror import (
    KARBON_FIELDS,
    KARBON_WIDTH,
    XERO_FIELDS,
    XERO_WIDTH,
    karbon_from_row,
    xero_from_row,
)
from xerosync_tui.store.values import pack_address, unpack

_BASES = ", ".join(f"l.{side}_{field.value}" for side in ("xero", "karbon") for field in Field)
_PAIR = (
    f"SELECT {XERO_FIELDS.format('x')}, {KARBON_FIELDS.format('k')}, {_BASES}, l.id, l.unfilled, "
    "EXISTS (SELECT 1 FROM journal j WHERE j.state = 'intended' AND j.action = 'swap' "
    "AND j.connection_id = l.connection_id AND j.xero_id = l.xero_id), l.state, l.why, coalesce(k.gone, 0), "
    "l.karbon_key FROM link l JOIN xero_contact x ON x.connection_id = l.connection_id AND x.xero_id = l.xero_id "
    "LEFT JOIN karbon_contact k ON k.connection_id = l.connection_id AND k.key = l.karbon_key "
)
_LOOKED = _PAIR + "WHERE l.connection_id = ? AND l.look = 1 AND l.id > ? ORDER BY l.id LIMIT ?"


@dataclass(frozen=True, slots=True)
class Pair:
    """A link to look at; ``gone``: Karbon's contact was deleted. ``linked`` is None where it was never mirrored."""

    id: int
    synced: bool
    why: str
    gone: bool
    karbon_key: str
    xero: XeroContact
    linked: Linked | None


def looked(db: SqliteDatabase, connection: int, after: int, limit: int) -> list[Pair]:
    """The next links to look at behind link ``after``."""
    return [_pair(row) for row in db.execute_sql(_LOOKED, (connection, after, limit))]


def pair(db: SqliteDatabase, connection: int, xero_id: str) -> Pair | None:
    """The link of this Xero contact, in any state."""
    row = db.execute_sql(_PAIR + "WHERE l.connection_id = ? AND l.xero_id = ?", (connection, xero_id)).fetchone()
    return _pair(row) if row else None


def linked(db: SqliteDatabase, connection: int, xero_id: str) -> Linked | None:
    """The synced link of this Xero contact."""
    found = pair(db, connection, xero_id)
    return found.linked if found and found.synced else None


def by_link(db: SqliteDatabase, ids: Sequence[int]) -> list[Linked]:
    """The synced links with these ids."""
    sql = _PAIR + f"WHERE l.id IN ({', '.join('?' * len(ids))}) AND l.state = 'synced' ORDER BY l.id"
    return [found for row in db.execute_sql(sql, list(ids)) if (found := _pair(row).linked)]


def _pair(row: Sequence[object]) -> Pair:
    xero, rest = xero_from_row(row), row[XERO_WIDTH:]
    karbon = karbon_from_row(rest) if rest[0] is not None else None
    bases, (link, unfilled, half_renamed, state, why, gone, key) = rest[KARBON_WIDTH:-7], rest[-7:]
    both = None
    if karbon is not None:
        fields = frozenset(Field(name) for name in str(unfilled).split())
        base = [str(text) for text in bases]
        halves = unpack(*base[:4]), unpack(*base[4:])
        both = Linked(int(str(link)), xero, karbon, *halves, fields, bool(half_renamed))
    return Pair(int(str(link)), state == LinkState.SYNCED, str(why), bool(gone), str(key), xero, both)


def look_everywhere(db: SqliteDatabase, connection: int) -> None:
    """Look at every link again."""
    db.execute_sql("UPDATE link SET look = 1 WHERE connection_id = ? AND look = 0", (connection,))


def look_at(db: SqliteDatabase, connection: int, xero_ids: Iterable[str]) -> None:
    """Look at these again."""
    db.connection().executemany(
        "UPDATE link SET look = 1 WHERE connection_id = ? AND xero_id = ?", [(connection, x) for x in xero_ids]
    )


def done_looking(db: SqliteDatabase, links: Iterable[int]) -> None:
    """There is nothing left to do for these, until something changes."""
    db.connection().executemany("UPDATE link SET look = 0 WHERE id = ?", [(link,) for link in links])


Halves = Mapping[Field, tuple[Value, Value]]  # what Xero holds, and what Karbon holds


def acknowledge(db: SqliteDatabase, rows: Iterable[tuple[Linked, Halves]], now: int) -> None:
    """The base of these fields is what both sides hold now (promise P6: called with the acknowledgement only)."""
    for link, halves in rows:
        if not halves:
            continue
        unfilled = " ".join(sorted(link.unfilled - halves.keys()))
        columns = ", ".join(f"xero_{f.value} = ?, karbon_{f.value} = ?" for f in halves)
        values = [_column(value) for both in halves.values() for value in both]
        db.execute_sql(
            f"UPDATE link SET {columns}, unfilled = ?, synced_at = ? WHERE id = ?", (*values, unfilled, now, link.id)
        )


def _column(value: Value) -> str:
    return value if isinstance(value, str) else pack_address(value)


def put_conflicts(db: SqliteDatabase, connection: int, found: Mapping[str, Sequence[Field]], now: int) -> None:
    """The fields of these Xero contacts that both sides changed; those that were and are not any more go."""
    db.connection().executemany(
        "DELETE FROM field_conflict WHERE connection_id = ? AND xero_id = ? AND field NOT IN (?, ?, ?, ?)",
        [(connection, x, *(f.value for f in fields), *[""] * (4 - len(fields))) for x, fields in found.items()],
    )
    db.connection().executemany(
        "INSERT INTO field_conflict (connection_id, xero_id, field, opened_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (connection_id, xero_id, field) DO NOTHING",
        [(connection, x, f.value, now) for x, fields in found.items() for f in fields],
    )


def count_conflicts(db: SqliteDatabase, connection: int) -> int:
    """How many fields wait for a person."""
    sql = "SELECT count(*) FROM field_conflict WHERE connection_id = ?"
    return int(db.execute_sql(sql, (connection,)).fetchone()[0])


def in_conflict(db: SqliteDatabase, connection: int) -> list[tuple[int, Linked, tuple[Field, ...]]]:
    """Pairs with fields that both sides changed, by name: the id of the first conflict, the pair, the fields."""
    sql = (
        "SELECT c.xero_id, min(c.id), group_concat(c.field, ' ') FROM field_conflict c JOIN xero_contact x "
        "ON x.connection_id = c.connection_id AND x.xero_id = c.xero_id "
        "WHERE c.connection_id = ? GROUP BY c.xero_id ORDER BY x.name_key, min(c.id)"
    )
    found = []
    for xero_id, number, names in db.execute_sql(sql, (connection,)).fetchall():
        if both := linked(db, connection, xero_id):
            fields = set(str(names).split())
            found.append((int(number), both, tuple(f for f in Field if f.value in fields)))
    return found


def keep_karbons(db: SqliteDatabase, connection: int, kept: Mapping[str, Mapping[Field, Value]]) -> None:
    """Karbon's value of these fields goes to Xero: its half of the base becomes Xero's own value (``kept``)."""
    for xero_id, values in kept.items():
        for one, value in values.items():
            db.execute_sql(
                f"UPDATE link SET karbon_{one.value} = ?, look = 1 WHERE connection_id = ? AND xero_id = ?",
                (_column(value), connection, xero_id),
            )
