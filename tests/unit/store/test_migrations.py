"""A database that an older program made and filled answers, once migrated, as one that was never old."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.stores import new_store
from xerosync_tui.domain.contact import Contact, Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.normalise import name_key
from xerosync_tui.store import directory, snapshots
from xerosync_tui.store.database import MIGRATIONS, Store
from xerosync_tui.store.snapshots import KarbonRow

PEOPLE = [
    DirectoryRecord("k1", Kind.PERSON, Contact("Ann Lee", "ann@acme.example"), "Ann", "", "Lee", contact_type="Client"),
    DirectoryRecord("k2", Kind.ORGANIZATION, Contact("100% Müller"), client_identifier="A_1"),
    DirectoryRecord("k3", Kind.ORGANIZATION, Contact("ann LEE", "ANN@acme.example"), contact_type="Supplier"),
    DirectoryRecord("k4", Kind.ORGANIZATION, Contact("Ann Lee", "ann@acme.example"), client_identifier="AX1"),
    DirectoryRecord("k5", Kind.ORGANIZATION, Contact(), kind_reason="nameless"),
    DirectoryRecord("k6", Kind.ORGANIZATION, Contact("Ann Deleted", "deleted@acme.example")),
    *(DirectoryRecord(key, Kind.ORGANIZATION, Contact("Twin")) for key in ("k7", "k8")),
]
SEARCHES = ("", "ann", "%", "MÜLLER", "@ACME", "a_1", "nobody", "deleted")
# As the first program wrote it: a frozen copy, like the migration itself.
_PUT = (
    "INSERT INTO directory_contact (key, kind, name, name_key, first_name, middle_name, last_name, typed_name, email, "
    "phone, other_phones, address, contact_type, client_identifier, kind_reason, version, deleted) "
    "VALUES (?, ?, ?, ?, ?, '', ?, '[]', ?, '', '[]', '', ?, ?, ?, ?, ?)"
)


@pytest.fixture
def first_program(tmp_path: Path) -> Path:
    """The migrations of the first program."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    shutil.copy(MIGRATIONS / "0001_first.py", folder)
    return folder


def fill_as_the_first_program(path: Path) -> None:
    rows = [
        (r.key, r.kind.value, r.contact.name, name_key(r.contact.name), r.first_name, r.last_name, r.contact.email,
         r.contact_type, r.client_identifier, r.kind_reason, version, r.key == "k6")
        for version, r in enumerate(PEOPLE, 1)
    ]  # fmt: skip
    with closing(sqlite3.connect(path)) as plain:
        plain.executemany(_PUT, rows)
        plain.execute("UPDATE counter SET value = ? WHERE name = 'directory_version'", (str(len(rows)),))
        plain.commit()


async def answers(store: Store) -> Mapping[tuple[str, str], Sequence[KarbonRow]]:
    """What the list of contacts shows for each search in each order."""
    query = snapshots.contacts(0)
    told = {}
    for search in SEARCHES:
        for order in query.orders:
            ids = await store.read(query.ids, search, order)
            rows = await store.read(query.rows, ids)
            told[search, order] = [rows[row] for row in ids]
    return told


async def test_a_directory_of_the_first_program_is_searched_as_a_new_one(tmp_path: Path, first_program: Path) -> None:
    path = tmp_path / "old" / "xerosync.sqlite3"
    Store.open(path, first_program).close()
    fill_as_the_first_program(path)
    old = Store.open(path)
    fresh = new_store(tmp_path)
    await fresh.run(directory.add, PEOPLE)
    await fresh.run(directory.delete, "k6")

    expected = await answers(fresh)
    assert await answers(old) == expected
    assert [len(expected[search, "name"]) for search in SEARCHES] == [7, 3, 1, 1, 3, 1, 0, 0]
    for store in (old, fresh):
        store.close()


async def test_what_is_added_after_the_migration_is_found_too(tmp_path: Path, first_program: Path) -> None:
    path = tmp_path / "old" / "xerosync.sqlite3"
    Store.open(path, first_program).close()
    fill_as_the_first_program(path)
    store = Store.open(path)
    added = DirectoryRecord("k9", Kind.ORGANIZATION, Contact("Ann New", "new@acme.example"))
    [stored] = await store.run(directory.add, [added])
    assert stored.version == len(PEOPLE) + 1
    assert KarbonRow(stored, False) in (await answers(store))["ann", "name"]
    store.close()


async def test_the_search_of_a_migrated_database_goes_through_the_index(tmp_path: Path, first_program: Path) -> None:
    path = tmp_path / "xerosync.sqlite3"
    Store.open(path, first_program).close()
    fill_as_the_first_program(path)
    Store.open(path).close()
    with closing(sqlite3.connect(path)) as plain:
        how = plain.execute(
            "EXPLAIN QUERY PLAN SELECT name FROM directory_contact WHERE deleted = 0 AND name_key LIKE '%ann%' "
            "ORDER BY name_key"
        ).fetchall()
    assert [step[3] for step in how] == ["SCAN directory_contact USING INDEX directory_contact_search"]  # and no sort
    [kept] = tmp_path.glob("*.before-*")
    assert kept.name.startswith("xerosync.sqlite3.before-0002")
