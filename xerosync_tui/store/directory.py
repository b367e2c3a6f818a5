"""The built-in directory: people, organizations and contact types, in the same database."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.normalise import name_key
from xerosync_tui.store.models import Counter, DirectoryContact, DirectoryType
from xerosync_tui.store.values import pack, unpack

_NAMES = (
    "key", "kind", "name", "email", "phone", "address", "first_name", "middle_name", "last_name", "typed_name",
    "other_phones", "contact_type", "client_identifier", "kind_reason", "version", "name_key", "kind_guess",
    "imported_as",
)  # fmt: skip
_COLUMNS = ", ".join(_NAMES)
_WIDTH, _VERSION = len(_NAMES), _NAMES.index("version")
_SELECT = f"SELECT {_COLUMNS} FROM directory_contact WHERE deleted = 0"
_INSERT = f"INSERT INTO directory_contact ({_COLUMNS}, deleted) VALUES ({', '.join('?' * _WIDTH)}, 0)"
_SET = f"UPDATE directory_contact SET {', '.join(f'{name} = ?' for name in _NAMES[1:])}, deleted = 0 WHERE key = ?"


def reserve_versions(db: SqliteDatabase, number: int) -> int:
    """The first of ``number`` fresh versions; every change of a contact takes one, so 'since' is a number."""
    value = Counter.select(Counter.value).where(Counter.name == "directory_version").scalar(db)
    Counter.update(value=str(int(value) + number)).where(Counter.name == "directory_version").execute(db)
    return int(value) + 1


def add(db: SqliteDatabase, records: Sequence[DirectoryRecord]) -> list[DirectoryRecord]:
    """Store new records; returns them with their versions.

    Raises peewee.IntegrityError where a client identifier or an imported row is there already.
    """
    stored = _with_versions(db, records)
    db.connection().executemany(_INSERT, [_to_row(record) for record in stored])
    return stored


def update(db: SqliteDatabase, records: Sequence[DirectoryRecord]) -> list[DirectoryRecord]:
    """Store changed records; returns them with their new versions.

    Raises peewee.IntegrityError where a client identifier belongs to another one.
    """
    return _set(db, records, " AND deleted = 0")


def restore(db: SqliteDatabase, records: Sequence[DirectoryRecord]) -> list[DirectoryRecord]:
    """Store deleted records again, under their own keys. Raises as ``update``."""
    return _set(db, records, " AND deleted = 1")


def _set(db: SqliteDatabase, records: Sequence[DirectoryRecord], which: str) -> list[DirectoryRecord]:
    stored = _with_versions(db, records)
    rows = [_to_row(record) for record in stored]
    db.connection().executemany(_SET + which, [(*row[1:], row[0]) for row in rows])
    return stored


def _with_versions(db: SqliteDatabase, records: Sequence[DirectoryRecord]) -> list[DirectoryRecord]:
    if not records:
        return []
    first = reserve_versions(db, len(records))
    return [replace(record, version=first + n) for n, record in enumerate(records)]


def delete(db: SqliteDatabase, key: str) -> bool:
    """Delete a contact, leaving a tombstone for readers; whether it was there."""
    there = (DirectoryContact.key == key) & ~DirectoryContact.deleted
    values = {"deleted": True, "version": reserve_versions(db, 1), "imported_as": None}
    return bool(DirectoryContact.update(**values).where(there).execute(db))


def get(db: SqliteDatabase, key: str) -> DirectoryRecord | None:
    """The record with that key, unless deleted."""
    row = db.execute_sql(f"{_SELECT} AND key = ?", (key,)).fetchone()
    return _from_row(row) if row else None


def get_many(db: SqliteDatabase, keys: Sequence[str]) -> dict[str, DirectoryRecord]:
    """Records by key; deleted ones are absent."""
    marks = ", ".join("?" * len(keys))
    rows = db.execute_sql(f"{_SELECT} AND key IN ({marks})", list(keys))
    return {row[0]: _from_row(row) for row in rows}


def imported(db: SqliteDatabase, identities: Sequence[str]) -> set[str]:
    """Which of these CSV rows are in the directory already."""
    marks = ", ".join("?" * len(identities))
    sql = f"SELECT imported_as FROM directory_contact WHERE imported_as IN ({marks})"
    return {row[0] for row in db.execute_sql(sql, list(identities))}


def identifiers(db: SqliteDatabase, wanted: Sequence[str]) -> set[str]:
    """Which of these client identifiers are taken."""
    marks = ", ".join("?" * len(wanted))
    sql = f"SELECT client_identifier FROM directory_contact WHERE deleted = 0 AND client_identifier IN ({marks})"
    return {row[0] for row in db.execute_sql(sql, list(wanted))}


def changes(db: SqliteDatabase, since: int, limit: int) -> tuple[list[DirectoryRecord], list[str], int]:
    """The next ``limit`` changes after version ``since``: records, keys of deleted ones, version reached."""
    sql = f"SELECT {_COLUMNS}, deleted FROM directory_contact WHERE version > ? ORDER BY version LIMIT ?"
    rows = list(db.execute_sql(sql, (since, limit)))
    alive = [_from_row(row) for row in rows if not row[_WIDTH]]
    gone = [row[0] for row in rows if row[_WIDTH]]
    return alive, gone, rows[-1][_VERSION] if rows else since


def version(db: SqliteDatabase) -> int:
    """The version of the newest change."""
    return int(Counter.select(Counter.value).where(Counter.name == "directory_version").scalar(db))


def counts(db: SqliteDatabase) -> tuple[int, int]:
    """How many people and how many organizations there are."""
    sql = "SELECT count(*) FILTER (WHERE kind = 'person'), count(*) FROM directory_contact WHERE deleted = 0"
    people, everybody = db.execute_sql(sql).fetchone()
    return people, everybody - people


def searched(
    db: SqliteDatabase, name_like: str, text_like: str, connection: int
) -> Iterator[tuple[DirectoryRecord, bool]]:
    """Contacts whose name key, or whose email or client identifier, is like a pattern; by name.

    Each with whether it is synced in that connection.
    """
    sql = (
        f"SELECT {_COLUMNS}, EXISTS (SELECT 1 FROM link l WHERE l.connection_id = ? "
        "AND l.karbon_key = d.key AND l.state = 'synced') FROM directory_contact d WHERE deleted = 0 "
        "AND (name_key LIKE ? ESCAPE '\\' OR email LIKE ? ESCAPE '\\' OR client_identifier LIKE ? ESCAPE '\\') "
        "ORDER BY name_key, id"
    )
    for row in db.execute_sql(sql, (connection, name_like, text_like, text_like)):
        yield _from_row(row), bool(row[_WIDTH])


def types(db: SqliteDatabase) -> list[str]:
    """The contact types, in the order they were made."""
    return [row.name for row in DirectoryType.select().order_by(DirectoryType.id).execute(db)]


def add_type(db: SqliteDatabase, name: str) -> None:
    """Add a contact type. Raises peewee.IntegrityError where it exists."""
    DirectoryType.insert(name=name).execute(db)


def rename_type(db: SqliteDatabase, old: str, new: str) -> int:
    """Rename a type, on its contacts too; returns how many contacts carry it."""
    DirectoryType.update(name=new).where(DirectoryType.name == old).execute(db)
    keys = of_type(db, old)
    first = reserve_versions(db, len(keys))
    db.connection().executemany(
        "UPDATE directory_contact SET contact_type = ?, version = ? WHERE key = ?",
        [(new, first + n, key) for n, key in enumerate(keys)],
    )
    return len(keys)


def remove_type(db: SqliteDatabase, name: str) -> None:
    """Remove a contact type that no contact carries."""
    DirectoryType.delete().where(DirectoryType.name == name).execute(db)


def of_type(db: SqliteDatabase, name: str) -> list[str]:
    """The keys of the contacts that carry that type."""
    mine = (DirectoryContact.contact_type == name) & ~DirectoryContact.deleted
    return [row.key for row in DirectoryContact.select(DirectoryContact.key).where(mine).execute(db)]


def _to_row(r: DirectoryRecord) -> tuple[Any, ...]:
    return (
        r.key, r.kind.value, *pack(r.contact), r.first_name, r.middle_name, r.last_name, _list(r.typed_name),
        _list(r.other_phones), r.contact_type, r.client_identifier, r.kind_reason, r.version,
        name_key(r.contact.name), r.kind_guess, r.imported_as or None,
    )  # fmt: skip


def _list(texts: tuple[str, ...]) -> str:
    return json.dumps(texts, ensure_ascii=False) if texts else "[]"


def _from_row(row: Sequence[Any]) -> DirectoryRecord:
    return DirectoryRecord(
        key=row[0],
        kind=Kind(row[1]),
        contact=unpack(*row[2:6]),
        first_name=row[6],
        middle_name=row[7],
        last_name=row[8],
        typed_name=tuple(json.loads(row[9])),
        other_phones=tuple(json.loads(row[10])),
        contact_type=row[11],
        client_identifier=row[12],
        kind_reason=row[13],
        version=row[14],
        kind_guess=row[16],
        imported_as=row[17] or "",
    )
