"""One schema: what the migrations make, and nothing else, is opened."""

from __future__ import annotations

import hashlib
import inspect
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from peewee import Model

from tests.stores import new_store
from xerosync_tui.errors import MachineError
from xerosync_tui.store import models, schema
from xerosync_tui.store.database import MIGRATIONS, Store

# A migration never changes once it has landed: a database that ran it would not be what the program expects.
LANDED = {
    "0001_first": "0646a7900e2df8322ccf8a34bd3c0c3bc5409a253d629de80bd8a4a12f29a5f7",
    "0002_directory_search": "d982f63acd6d343eae95f40685febed9461fdb10a0fb7d440fd030ca43340cf9",
    "0003_two_way": "691ba1f0251341c4f8dd7bdda71464eaca0ef59f42c28fd098a12482a21512f3",
    "0004_karbon_api": "3200c348bb96fdef440e41f72705000ccd79646d48cdeefdb196693b68db7cd2",
    "0005_suggestions": "c4f85a382278f134542a3f607316f7abc3aa8aa3937d9c74dfb2d4016b50b769",
    "0006_kinds": "63920a6dabdc0f33e81b4ec45700290737fa29c60e3d4ea00afed5230581833b",
    "0007_decisions": "d9a7b8b516c6f264467603b2404ed895a74dd342edf52f63c4810bdf8d962342",
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = new_store(tmp_path)
    yield store
    store.close()


def test_no_migration_has_changed_since_it_landed() -> None:
    found = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in MIGRATIONS.glob("[0-9]*.py")}
    assert found == LANDED


def test_the_fingerprint_is_that_of_a_new_database(store: Store) -> None:
    assert store.look(schema.fingerprint) == schema.FINGERPRINT


def test_a_database_that_was_migrated_step_by_step_has_the_same_schema(tmp_path: Path) -> None:
    folder, path = tmp_path / "migrations", tmp_path / "old.sqlite3"
    folder.mkdir()
    for step in sorted(MIGRATIONS.glob("[0-9]*.py")):
        shutil.copy(step, folder)
        store = Store.open(path, folder)
        found = store.look(schema.fingerprint)
        store.close()
    assert found == schema.FINGERPRINT


@pytest.mark.parametrize(
    "model",
    [m for _, m in inspect.getmembers(models, inspect.isclass) if issubclass(m, Model) and m is not Model],
    ids=lambda m: m.__name__,
)
def test_a_model_has_the_columns_of_its_table(store: Store, model: type[Model]) -> None:
    columns = store.look(lambda db: db.execute_sql(f"PRAGMA table_info('{model._meta.table_name}')").fetchall())
    declared = {field.column_name: not field.null for field in model._meta.sorted_fields}
    assert declared == {name: bool(required or key) for _, name, _, required, _, key in columns}


@pytest.mark.parametrize(
    ("statement", "difference"),
    [
        ("ALTER TABLE link DROP COLUMN why", "the table link has no column why"),
        ("ALTER TABLE link ADD COLUMN note TEXT", "the column link.note is not XeroSync's"),
        ("DROP INDEX link_karbon_synced", "the index link_karbon_synced is missing"),
        ("DROP TRIGGER issue_over", "the trigger issue_over is missing"),
        ("DROP TABLE made_for", "the table made_for is missing"),
        ("CREATE TABLE other (id INTEGER)", "the table other is not XeroSync's"),
        ("DROP INDEX link_xero; CREATE INDEX link_xero ON link (xero_id)", "the index link_xero is not as XeroSync"),
    ],
)
def test_another_schema_is_refused_in_words(tmp_path: Path, statement: str, difference: str) -> None:
    new_store(tmp_path).close()
    path = tmp_path / "xerosync.sqlite3"
    with closing(sqlite3.connect(path)) as plain:
        plain.executescript(statement)
    with pytest.raises(MachineError) as raised:
        Store.open(path)
    assert raised.value.what.startswith(f"{path} is not a database of this XeroSync: {difference}")
    assert "restore a copy" in raised.value.next_step


def test_what_sqlite_keeps_for_itself_is_no_difference(tmp_path: Path) -> None:
    new_store(tmp_path).close()
    path = tmp_path / "xerosync.sqlite3"
    with closing(sqlite3.connect(path)) as plain:
        plain.executescript("ANALYZE; VACUUM")
    Store.open(path).close()
