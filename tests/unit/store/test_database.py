"""Opening, migrating, and what goes wrong with a file: one line, exit code 8."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import peewee
import pytest
from peewee import SqliteDatabase

from tests.stores import new_store
from xerosync_tui.errors import MachineError
from xerosync_tui.store.database import MIGRATIONS, Store

_SECOND = """
def up(migrator, db):
    db.execute_sql("ALTER TABLE counter ADD COLUMN note TEXT")
"""


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def counters(db: SqliteDatabase) -> dict[str, str]:
    return dict(db.execute_sql("SELECT name, value FROM counter"))


def put(db: SqliteDatabase, name: str, value: str = "") -> None:
    db.execute_sql("INSERT INTO counter VALUES (?, ?)", (name, value))


def put_and_fail(db: SqliteDatabase, name: str) -> None:
    put(db, name)
    raise LookupError(name)


@pytest.fixture
def next_migrations(tmp_path: Path) -> Path:
    """The migrations of a newer program."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "0002_second.py").write_text(_SECOND)
    return folder


def refusal(path: Path) -> MachineError:
    """What opening ``path`` raises: one line that names the file."""
    with pytest.raises(MachineError) as raised:
        Store.open(path).close()
    assert raised.value.exit_code == 8
    assert "\n" not in str(raised.value)
    assert str(path) in str(raised.value)
    return raised.value


def test_folder_and_file_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "home" / "xerosync.sqlite3"
    before = os.umask(0)
    try:
        store = Store.open(path)
        asyncio.run(store.run(put, "a"))
        modes = {file.name: rights(file) for file in path.parent.iterdir()}
        store.close()
    finally:
        os.umask(before)

    assert rights(path.parent) == 0o700
    assert set(modes.values()) == {0o600}
    assert "xerosync.sqlite3-wal" in modes


def test_a_folder_that_was_there_keeps_its_rights(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    new_store(tmp_path).close()
    assert rights(tmp_path) == 0o750


def test_opened_again_it_holds_what_it_held(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    asyncio.run(store.run(put, "kept", "1"))
    store.close()
    again = Store.open(store.path)
    assert asyncio.run(again.run(counters))["kept"] == "1"
    again.close()
    assert not list(tmp_path.glob("*.before-*"))


def test_two_directories_have_two_identities(tmp_path: Path) -> None:
    identities = set()
    for name in ("one", "two"):
        store = Store.open(tmp_path / name / "xerosync.sqlite3")
        identities.add(asyncio.run(store.run(counters))["directory_identity"])
        store.close()
    assert len(identities) == 2


async def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    with pytest.raises(LookupError):
        await store.run(put_and_fail, "half done")
    assert "half done" not in await store.run(counters)


async def test_a_rule_of_the_tables_is_no_trouble_of_the_machine(store: Store) -> None:
    await store.run(put, "one")
    with pytest.raises(peewee.IntegrityError):
        await store.run(put, "one")


async def test_a_cancelled_caller_does_not_stop_a_transaction(store: Store) -> None:
    task = asyncio.ensure_future(store.run(put, "begun"))
    await asyncio.sleep(0)
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)
    await store.run(put, "after")
    assert "after" in await store.run(counters)


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(MachineError, match="cannot be written"):
        await store.read(put, "not written")
    await store.run(put, "written")  # and it holds nothing up
    assert {"written", "not written"} & (await store.read(counters)).keys() == {"written"}


@asynccontextmanager
async def half_done(store: Store) -> AsyncIterator[None]:
    """Inside, a transaction has written "half done" and is not committed."""
    begun, looked = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def long_write(db: SqliteDatabase) -> None:
        put(db, "half done")
        loop.call_soon_threadsafe(begun.set)
        assert looked.wait(10)

    writing = asyncio.ensure_future(store.run(long_write))
    await begun.wait()
    try:
        yield
    finally:
        looked.set()
        await writing


async def test_a_reader_waits_for_no_writer_and_sees_nothing_half_done(store: Store) -> None:
    async with half_done(store):
        assert "half done" not in await store.read(counters)
    assert "half done" in await store.read(counters)


async def test_a_look_waits_for_no_writer_and_sees_nothing_half_done(store: Store) -> None:
    async with half_done(store):
        assert "half done" not in store.look(counters)
    assert "half done" in store.look(counters)


def test_a_look_is_taken_on_this_thread_and_cannot_write(store: Store) -> None:
    assert store.look(lambda db: threading.get_ident()) == threading.get_ident()
    with pytest.raises(MachineError, match="cannot be written"):
        store.look(put, "not written")
    assert "not written" not in store.look(counters)


def test_a_look_sees_what_another_process_wrote_and_keeps_nothing_old_alive(store: Store) -> None:
    assert "by another" not in store.look(counters)
    put_by_another_process(store.path, "by another")
    assert "by another" in store.look(counters)
    with closing(sqlite3.connect(store.path)) as plain:
        assert plain.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)


async def test_the_data_version_changes_with_every_commit_and_with_nothing_else(store: Store) -> None:
    async def changes(what: Awaitable[object]) -> bool:
        before = store.data_version()
        await what
        return store.data_version() != before

    assert await changes(store.run(put, "a"))
    assert await changes(store.run(put, "b"))
    assert await changes(asyncio.to_thread(put_by_another_process, store.path, "c"))
    assert not await changes(store.read(counters))
    assert not await changes(asyncio.gather(store.run(put_and_fail, "d"), return_exceptions=True))
    async with half_done(store):
        assert not await changes(asyncio.sleep(0))


def put_by_another_process(path: Path, name: str) -> None:
    program = (
        "import sqlite3, sys\nplain = sqlite3.connect(sys.argv[1])\n"
        "plain.execute('INSERT INTO counter VALUES (?, 0)', sys.argv[2:])\nplain.commit()"
    )
    subprocess.run([sys.executable, "-c", program, str(path), name], check=True)


async def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    home = tmp_path / "50%20 #1?mode=rw é"
    home.mkdir()
    store = new_store(home)
    await store.run(put, "a")
    assert "a" in store.look(counters) and "a" in await store.read(counters)
    with pytest.raises(MachineError, match="cannot be written"):
        store.look(put, "b")
    store.close()


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path, next_migrations: Path) -> None:
    path = tmp_path / "xerosync.sqlite3"
    Store.open(path, next_migrations).close()
    before = path.read_bytes()

    error = refusal(path)

    assert "newer" in str(error)
    assert "0002_second" in str(error)
    assert path.read_bytes() == before


def test_a_copy_is_kept_before_a_migration(tmp_path: Path, next_migrations: Path) -> None:
    store = new_store(tmp_path)
    asyncio.run(store.run(put, "before the migration"))
    store.close()

    Store.open(store.path, next_migrations).close()

    [copy] = tmp_path.glob("*.before-*")
    assert copy.name == "xerosync.sqlite3.before-0002_second"
    assert rights(copy) == 0o600
    old = Store.open(copy)  # this program opens it: it is as before
    assert "before the migration" in asyncio.run(old.run(counters))
    old.close()


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, next_migrations: Path) -> None:
    store = new_store(tmp_path)
    store.close()
    (next_migrations / "0002_second.py").write_text(_SECOND + "    db.execute_sql('SELECT * FROM nowhere')\n")
    with pytest.raises(MachineError):
        Store.open(store.path, next_migrations)
    with closing(sqlite3.connect(store.path)) as plain:
        assert [row[1] for row in plain.execute("PRAGMA table_info(counter)")] == ["name", "value"]
    Store.open(store.path).close()


@pytest.mark.parametrize("content", [b"Name,Email\n" * 1000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "xerosync.sqlite3"
    path.write_bytes(content)
    error = refusal(path)
    assert "damaged or not a XeroSync database" in str(error)
    assert "copy" in error.next_step
    assert path.read_bytes() == content


def test_a_database_of_somebody_else(tmp_path: Path) -> None:
    path = tmp_path / "xerosync.sqlite3"
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("CREATE TABLE connection (id INTEGER)")
        plain.commit()
    refusal(path)


async def test_damage_in_the_middle(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    for n in range(10):
        await store.run(put, f"{n}", "x" * 50_000)
    store.close()
    with store.path.open("r+b") as file:
        file.seek(4096 * 60)
        file.write(b"\xff" * 4096 * 40)
    broken = Store(store.path)
    with pytest.raises(MachineError, match="damaged") as raised:
        await broken.run(lambda db: list(db.execute_sql("SELECT * FROM counter")))
    broken.close()
    assert "\n" not in str(raised.value)


async def test_a_full_disk_is_said_and_nothing_is_lost(store: Store) -> None:
    await store.run(put, "before")
    await store.run(lambda db: db.execute_sql("PRAGMA max_page_count = 1").fetchone())  # as large as it is now

    with pytest.raises(MachineError, match="disk is full") as raised:
        await store.run(put, "too much", "x" * 100_000)
    assert (raised.value.exit_code, "\n" in str(raised.value)) == (8, False)

    await store.run(lambda db: db.execute_sql("PRAGMA max_page_count = 1000000").fetchone())
    await store.run(put, "room again", "x" * 100_000)
    assert {"before", "room again"} <= (await store.run(counters)).keys()
    assert "too much" not in await store.run(counters)


async def test_a_database_that_became_read_only(store: Store) -> None:
    await store.run(lambda db: db.execute_sql("PRAGMA query_only = 1"))
    with pytest.raises(MachineError, match="cannot be written") as raised:
        await store.run(put, "not written")
    assert "XEROSYNC_HOME" in raised.value.next_step


def test_the_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    refusal(tmp_path / "home" / "xerosync.sqlite3")


def test_the_file_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "xerosync.sqlite3").mkdir()
    refusal(tmp_path / "xerosync.sqlite3")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
@pytest.mark.parametrize("there", [False, True])
def test_a_read_only_folder(tmp_path: Path, there: bool) -> None:
    home = tmp_path / "home"
    home.mkdir()
    if there:
        new_store(home).close()
    home.chmod(0o500)
    try:
        assert "rights" in refusal(home / "xerosync.sqlite3").next_step
    finally:
        home.chmod(0o700)
