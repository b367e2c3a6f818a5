"""Stores for tests: migrated once, then copied, because a migration takes longer than most tests."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection, Organisation
from xerosync_tui.store import connections
from xerosync_tui.store.database import Store


@cache
def _empty() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite3"
        Store.open(path).close()
        return path.read_bytes()


def new_store(folder: Path) -> Store:
    """An empty store in ``folder``; the caller closes it."""
    path = folder / "xerosync.sqlite3"
    path.write_bytes(_empty())
    return Store.open(path)


def connect(db: SqliteDatabase, organisation: str = "o1") -> Connection:
    """A connection of an Australian organisation to the built-in directory."""
    known = Organisation(organisation, organisation.title(), f"connection of {organisation}", "!abc", "AU")
    return connections.activate(db, known, connections.directory_identity(db), 1)
