"""The schema that this program expects, and how that of a database differs from it.

The migrations are the schema; nothing here says it again. A database is compared with what they make.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from peewee import SqliteDatabase

# Of what the migrations make. A database that has it was made by them, which saves making another one to compare with.
FINGERPRINT = "ed7d1e8ab3c4c7d24c21e4686167119c695a09b46568afd89da5b662b39f4810"


def fingerprint(db: SqliteDatabase) -> str:
    """A digest of all tables, indexes and triggers, without the spelling that SQLite gives them."""
    text = "\n".join(f"{kind} {name} {sql}" for (kind, name), sql in sorted(_schema(db).items()))
    return hashlib.sha256(text.encode()).hexdigest()


def difference(db: SqliteDatabase, expected: SqliteDatabase) -> str:
    """The first difference in words; empty where there is none."""
    return next(_differences(db, expected), "")


def _differences(db: SqliteDatabase, expected: SqliteDatabase) -> Iterator[str]:
    there, wanted = _schema(db), _schema(expected)
    for kind, name in sorted(wanted.keys() - there.keys()):
        yield f"the {kind} {name} is missing"
    for kind, name in sorted(there.keys() - wanted.keys()):
        yield f"the {kind} {name} is not XeroSync's"
    for kind, name in sorted(there.keys() & wanted.keys()):
        if there[kind, name] != wanted[kind, name]:
            columns = _columns(db, name), _columns(expected, name)
            yield from (f"the table {name} has no column {column}" for column in sorted(columns[1] - columns[0]))
            yield from (f"the column {name}.{column} is not XeroSync's" for column in sorted(columns[0] - columns[1]))
            yield f"the {kind} {name} is not as XeroSync makes it"


def _columns(db: SqliteDatabase, table: str) -> set[str]:
    return {row[1] for row in db.execute_sql(f"PRAGMA table_info('{table}')")}


def _schema(db: SqliteDatabase) -> dict[tuple[str, str], str]:
    """By kind and name what made it; without SQLite's own tables, and that of the migrations themselves."""
    own = "name NOT LIKE 'sqlite_%' AND tbl_name <> 'schema_migration'"
    rows = db.execute_sql(f"SELECT type, name, sql FROM sqlite_master WHERE {own}")
    return {(kind, name): _plain(sql) for kind, name, sql in rows}


def _plain(sql: str) -> str:
    """Renaming a table quotes its name, and each version of SQLite sets its spaces."""
    return "".join(sql.replace('"', "").split()).casefold()
