"""A database that an older program made and filled answers, once migrated, as one that was never old."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from tests.stores import connect, new_store
from xerosync_tui.domain.contact import Contact, Field, Kind
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.match import Reason
from xerosync_tui.domain.normalise import name_key
from xerosync_tui.domain.states import Action
from xerosync_tui.store import decisions, directory, journal, runs, snapshots
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


# What was done by the program before decisions had rows of their own

_JOURNAL = (
    "INSERT INTO journal (id, connection_id, run_id, at, who, action, state, side, xero_id, karbon_key, before, after, "
    "why, error, version, marker, request, xero_base, karbon_base, newest_known) VALUES (?, 1, ?, 5, 'mia', ?, 'done', "
    "?, ?, 'k1', '{}', '{}', ?, '', 0, '', '', '{}', '{}', 0)"
)
_WORDS = '{"full match": 2, "conflict": 1, "conflict: email differs": 1, "overwrite: primary phone": 3, "read": 4}'


@pytest.fixture
def before_decisions(tmp_path: Path) -> Path:
    """The migrations of the last program without decisions."""
    folder = tmp_path / "before"
    folder.mkdir()
    for step in sorted(MIGRATIONS.glob("000[1-6]*.py")):
        shutil.copy(step, folder)
    return folder


def fill_as_before_decisions(path: Path) -> None:
    with closing(sqlite3.connect(path)) as plain:
        plain.execute(
            "INSERT INTO run (id, connection_id, kind, state, who, started_at, requests, error, counts) "
            "VALUES (1, 1, 'initial', 'done', 'mia', 1, 1, '', ?)",
            (_WORDS,),
        )
        entries = [
            (1, 1, "link", "", "x1", "same name and email"),
            (2, None, "link", "", "x2", "a person matched them"),
            (3, None, "update", "xero", "x2", "with decision 2"),
            (4, None, "update", "karbon", "x3", "a person chose Xero's value"),
            (5, None, "choose", "karbon", "x3", "Xero's value was chosen"),
            (6, None, "update", "karbon", "x1", "edited here"),
            (7, None, "undo", "", "x2", "undo 2"),
            (8, 1, "update", "karbon", "x1", "changed in Xero"),
        ]
        plain.executemany(_JOURNAL, entries)
        plain.execute("UPDATE journal SET state = 'undone' WHERE id = 2")
        plain.commit()


@pytest.fixture
async def migrated(tmp_path: Path, before_decisions: Path) -> AsyncIterator[Store]:
    """A store that the last program without decisions filled."""
    path = tmp_path / "old.sqlite3"
    old = Store.open(path, before_decisions)
    assert (await old.run(connect)).id == 1
    old.close()
    fill_as_before_decisions(path)
    store = Store.open(path)
    yield store
    store.close()


async def test_what_was_decided_before_is_a_decision(migrated: Store) -> None:
    place = journal.Place(1, "builtin")
    found = await migrated.read(lambda db: list(decisions.of_person(db, place, "mia", "1001")))
    assert [(row.id, row.kind, row.login) for row in found] == [
        (6, Action.UPDATE, ""), (5, Action.CHOOSE, ""), (2, Action.LINK, ""),
    ]  # fmt: skip
    entries = await migrated.read(journal.listed, place)
    assert {entry.id: (entry.run, entry.decision, entry.intent.undoes) for entry in entries} == {
        1: (1, None, 0), 2: (None, 2, 0), 3: (None, 2, 0), 4: (None, 5, 0), 5: (None, 5, 0), 6: (None, 6, 0),
        7: (None, 7, 2), 8: (1, None, 0),
    }  # fmt: skip
    standing = await migrated.read(decisions.standing, place, 5)
    assert [entry.id for entry in standing] == [5]  # with what it wrote


async def test_the_counts_of_old_runs_have_the_names_of_now(migrated: Store) -> None:
    run = await migrated.read(runs.by_id, 1, 1)
    reasons, overwrite = {Reason.EMAIL_DIFFERS: 1}, {Field.PHONE: 3}
    assert run and run.counts == Counts(read=4, full_match=2, conflict=1, reasons=reasons, overwrite=overwrite)
