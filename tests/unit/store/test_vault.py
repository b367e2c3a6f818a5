"""The vault: what is sealed can be opened with its key, and with nothing else."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from peewee import SqliteDatabase

from xerosync_tui.errors import MachineError, ReconnectNeeded
from xerosync_tui.store import models
from xerosync_tui.store.vault import Vault


@pytest.fixture
def db() -> Iterator[SqliteDatabase]:
    database = SqliteDatabase(":memory:")
    with database.bind_ctx([models.Secret]):
        database.create_tables([models.Secret])
    yield database
    database.close()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "key"


def test_what_was_put_comes_back_until_it_is_forgotten(db: SqliteDatabase, key_file: Path) -> None:
    vault = Vault(key_file)
    assert vault.get(db, "a") is None
    vault.put(db, "a", "old", 1)
    vault.put(db, "a", "new ☂", 2)
    vault.put(db, "b", "other", 3)
    assert Vault(key_file).get(db, "a") == "new ☂"
    vault.forget(db, "a")
    assert (vault.get(db, "a"), vault.get(db, "b")) == (None, "other")


def test_reading_nothing_makes_no_key(db: SqliteDatabase, key_file: Path) -> None:
    Vault(key_file).get(db, "a")
    assert not key_file.exists()


def test_the_row_does_not_hold_the_text(db: SqliteDatabase, key_file: Path) -> None:
    Vault(key_file).put(db, "a", "the secret", 1)
    row = models.Secret.select().get(db)
    assert b"the secret" not in bytes(row.sealed)


def test_the_key_is_for_its_owner_only(db: SqliteDatabase, key_file: Path) -> None:
    before = os.umask(0)
    try:
        Vault(key_file).put(db, "a", "x", 1)
    finally:
        os.umask(before)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    assert list(key_file.parent.iterdir()) == [key_file]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_open_to_others_is_refused(db: SqliteDatabase, key_file: Path, mode: int) -> None:
    vault = Vault(key_file)
    vault.put(db, "a", "x", 1)
    key_file.chmod(mode)
    with pytest.raises(MachineError, match=f"{mode:04o}") as raised:
        vault.get(db, "a")
    assert "chmod 600" in raised.value.next_step


@pytest.mark.parametrize("content", [b"", b"not a key", b"\xff" * 44])
def test_a_file_that_is_no_key_is_refused(db: SqliteDatabase, key_file: Path, content: bytes) -> None:
    vault = Vault(key_file)
    vault.put(db, "a", "x", 1)
    key_file.write_bytes(content)
    with pytest.raises(MachineError, match="holds no key"):
        vault.get(db, "a")
    with pytest.raises(MachineError, match="holds no key"):
        vault.put(db, "a", "y", 2)


def test_a_key_that_cannot_be_read_is_refused(db: SqliteDatabase, key_file: Path) -> None:
    vault = Vault(key_file)
    vault.put(db, "a", "x", 1)
    key_file.unlink()
    key_file.mkdir()
    with pytest.raises(MachineError, match="Cannot use the key file"):
        vault.get(db, "a")


def test_another_key_asks_for_a_new_consent(db: SqliteDatabase, key_file: Path) -> None:
    vault = Vault(key_file)
    vault.put(db, "a", "x", 1)
    key_file.write_bytes(Fernet.generate_key())
    with pytest.raises(ReconnectNeeded, match="the key file changed"):
        vault.get(db, "a")


def test_a_lost_key_asks_for_a_new_consent(db: SqliteDatabase, key_file: Path) -> None:
    vault = Vault(key_file)
    vault.put(db, "a", "x", 1)
    key_file.unlink()
    with pytest.raises(ReconnectNeeded, match="the key file is gone"):
        vault.get(db, "a")
    assert not key_file.exists()


def test_makers_at_the_same_time_agree_on_one_key(key_file: Path) -> None:
    """Every one of them can open what any other sealed."""
    start = threading.Barrier(8)
    keys: list[bytes] = []

    def make() -> None:
        database = SqliteDatabase(":memory:")
        with database.connection_context():
            models.Secret.bind(database)
            database.execute_sql("CREATE TABLE secret (name TEXT PRIMARY KEY, sealed BLOB, changed_at INTEGER)")
            start.wait()
            Vault(key_file).put(database, "a", "x", 1)
        keys.append(key_file.read_bytes())

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
