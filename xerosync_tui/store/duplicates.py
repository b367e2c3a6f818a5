"""Contacts of one side that share a key, asked set-wise, and a walk over all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from peewee import SqliteDatabase

from xerosync_tui.domain.duplicates import Known
from xerosync_tui.domain.states import Side
from xerosync_tui.store.suggesting import MIRRORS

_IDS = {Side.XERO: "m.xero_id", Side.KARBON: "m.key"}
_AT_ONCE = 500  # rows of a question


def _select(side: Side) -> str:
    table, _, alive = MIRRORS[side]
    return f"SELECT m.id, {_IDS[side]}, m.name, m.email FROM {table} m WHERE m.connection_id = ? AND {alive}"


def count(db: SqliteDatabase, connection: int, side: Side) -> int:
    """How many contacts of that side are looked at: in Xero the active ones."""
    table, _, alive = MIRRORS[side]
    sql = f"SELECT count(*) FROM {table} m WHERE m.connection_id = ? AND {alive}"
    return int(db.execute_sql(sql, (connection,)).fetchone()[0])


def walk(db: SqliteDatabase, connection: int, side: Side) -> Iterator[Known]:
    """All of them, in the order they were read."""
    return (Known(*row) for row in db.execute_sql(f"{_select(side)} ORDER BY m.id", (connection,)))


def sharing(
    db: SqliteDatabase, connection: int, side: Side, key: Literal["name_key", "email_key"]
) -> list[list[Known]]:
    """The groups that share a name, or an email."""
    table, _, alive = MIRRORS[side]
    sql = _select(side).replace("SELECT ", f"SELECT m.{key}, ", 1) + (
        f" AND m.{key} IN (SELECT m.{key} FROM {table} m WHERE m.connection_id = ? AND {alive} "
        f"AND m.{key} IS NOT NULL GROUP BY m.{key} HAVING count(*) > 1) ORDER BY m.{key}, m.id"
    )
    groups: dict[str, list[Known]] = {}
    for shared, *row in db.execute_sql(sql, (connection, connection)):
        groups.setdefault(shared, []).append(Known(*row))
    return list(groups.values())


def records(db: SqliteDatabase, connection: int, side: Side, rows: Sequence[int]) -> dict[int, Known]:
    """The contacts of these rows."""
    found: dict[int, Known] = {}
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        sql = f"{_select(side)} AND m.id IN ({', '.join('?' * len(some))})"
        found |= {row[0]: Known(*row) for row in db.execute_sql(sql, (connection, *some))}
    return found
