"""The index behind suggestions, kept for either side, and the contacts that look most like one.

Reading a side costs nothing for it: ``catch_up`` enters what the mirror has got since, when somebody asks for
suggestions. A block is one row with all its contacts, so that entering many costs a write for a block.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from math import log2
from typing import NamedTuple

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Contact
from xerosync_tui.domain.forms import Form, blocks_of, form_of
from xerosync_tui.domain.states import Side
from xerosync_tui.domain.suggest import SHOWN, score

_SLICE = 20_000  # contacts entered in one transaction
_CROWD = 4_000  # contacts of a block from which it tells nothing (matching.md 3)
_COMPARED = 40  # contacts that are compared in full
_LOOKED = 800  # entries of blocks, the rarest first, after which no further block is looked into
_BYTES = 4
# By side: its mirror, the column that moves with every change of a contact, and who is there to be suggested.
MIRRORS = {
    Side.XERO: ("xero_contact", "updated", "m.status = 'ACTIVE'"),
    Side.KARBON: ("karbon_contact", "version", "m.gone = 0"),
}


class Suggested(NamedTuple):
    """A row of the mirror that looks like the contact asked about."""

    row: int
    score: float


def catch_up(db: SqliteDatabase, connection: int, side: Side) -> bool:
    """Enter what the mirror of ``side`` has got since, a slice of it; whether that was all."""
    table, version, alive = MIRRORS[side]
    known = (connection, side)
    gone = db.execute_sql(
        f"SELECT i.contact FROM suggest_contact i LEFT JOIN {table} m ON m.id = i.contact AND m.connection_id = "
        f"i.connection_id AND {alive} WHERE i.connection_id = ? AND i.side = ? AND m.id IS NULL",
        known,
    ).fetchall()
    changed = db.execute_sql(
        f"SELECT m.id, m.name, m.email, m.{version}, i.contact FROM {table} m LEFT JOIN suggest_contact i "
        "ON i.connection_id = m.connection_id AND i.side = ? AND i.contact = m.id "
        f"WHERE m.connection_id = ? AND {alive} AND i.version IS NOT m.{version} LIMIT ?",
        (side, connection, _SLICE),
    ).fetchall()
    _withdraw(db, known, [row for (row,) in gone] + [row for row, *_, entered in changed if entered])
    _enter(db, known, [(row, name, email, stamp) for row, name, email, stamp, _ in changed])
    return len(changed) < _SLICE


def _enter(db: SqliteDatabase, known: tuple[int, str], contacts: Iterable[tuple[int, str, str, int]]) -> None:
    lists: dict[int, array[int]] = {}
    entries = []
    for row, name, email, stamp in contacts:
        blocks = array("I", blocks_of(form_of(name, email)))
        entries.append((*known, row, stamp, blocks.tobytes()))
        for block in blocks:
            lists.setdefault(block, array("I")).append(row)
    plain = db.connection()
    plain.executemany("INSERT INTO suggest_contact VALUES (?, ?, ?, ?, ?)", entries)
    plain.executemany(
        "INSERT INTO suggest_block VALUES (?, ?, ?, ?) ON CONFLICT (connection_id, side, block) "
        "DO UPDATE SET contacts = CAST(contacts || excluded.contacts AS BLOB)",
        [(*known, block, lists[block].tobytes()) for block in sorted(lists)],
    )


def _withdraw(db: SqliteDatabase, known: tuple[int, str], rows: Sequence[int]) -> None:
    """Take these contacts out of their blocks."""
    leaving: dict[int, set[int]] = {}
    mine = "connection_id = ? AND side = ? AND"
    for row in rows:
        sql = f"DELETE FROM suggest_contact WHERE {mine} contact = ? RETURNING blocks"
        for (blocks,) in db.execute_sql(sql, (*known, row)).fetchall():
            for block in array("I", blocks):
                leaving.setdefault(block, set()).add(row)
    for block, out in leaving.items():
        found = db.execute_sql(f"SELECT contacts FROM suggest_block WHERE {mine} block = ?", (*known, block)).fetchone()
        left = array("I", (row for row in array("I", found[0]) if row not in out))
        sql = f"UPDATE suggest_block SET contacts = ? WHERE {mine} block = ?"
        db.execute_sql(sql, (left.tobytes(), *known, block))


def suggested(
    db: SqliteDatabase, connection: int, side: Side, contact: Contact, most: int = 20, *, where: str = ""
) -> list[Suggested]:
    """Contacts of ``side`` that look like ``contact``, the likeliest first; ``where``: a condition of the row ``m``.

    As good as the index: see ``catch_up``.
    """
    form = form_of(contact.name, contact.email)
    rows = _sharing(db, (connection, side), form)
    found: list[Suggested] = []
    for start in range(0, len(rows), _COMPARED):
        found += _compared(db, side, form, rows[start : start + _COMPARED], where)
        if len(found) >= _COMPARED:
            break
    found.sort(key=lambda one: (-one.score, one.row))
    return [one for one in found[:most] if one.score >= SHOWN]


def _sharing(db: SqliteDatabase, known: tuple[int, str], form: Form) -> list[int]:
    """Rows that share a block, those with the rarest in common first."""
    blocks = blocks_of(form)
    found = db.execute_sql(
        "SELECT block, contacts FROM suggest_block WHERE connection_id = ? AND side = ? "
        f"AND block IN ({', '.join('?' * len(blocks))}) AND length(contacts) <= ?",
        (*known, *blocks, _BYTES * _CROWD),
    ).fetchall()
    weights: dict[int, float] = {}
    looked = 0
    for block, packed in sorted(found, key=lambda pair: len(pair[1])):
        if looked > _LOOKED:
            break
        rows = array("I", packed)
        looked += len(rows)
        weight = blocks[block] / log2(2 + len(rows))
        for row in rows:
            weights[row] = weights.get(row, 0.0) + weight
    return sorted(weights, key=weights.__getitem__, reverse=True)


def _compared(db: SqliteDatabase, side: Side, form: Form, rows: Sequence[int], where: str) -> list[Suggested]:
    table, _, alive = MIRRORS[side]
    condition = f"{alive} AND {where}" if where else alive
    sql = f"SELECT m.id, m.name, m.email FROM {table} m WHERE m.id IN ({', '.join('?' * len(rows))}) AND {condition}"
    return [Suggested(row, score(form, form_of(name, email))) for row, name, email in db.execute_sql(sql, rows)]
