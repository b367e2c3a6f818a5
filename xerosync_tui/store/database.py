"""Opening the database, and the one thread that writes to it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import peewee
from filelock import FileLock
from peewee import SqliteDatabase

from xerosync_tui.errors import MachineError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.store import schema

P = ParamSpec("P")
T = TypeVar("T")

MIGRATIONS = Path(__file__).parent / "migrations"
_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # an acknowledgement that a power cut takes back would be a lie
    "foreign_keys": 1,
    "cache_size": -16_000,
    "temp_store": "memory",
}
_RESTORE = "Move it aside and restore a copy; one from before each migration lies beside it."
_LOCK_PATIENCE = 15.0  # seconds another process may hold the write lock before we give up


class Store:
    """The database of one home folder. Close it when done."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._database = SqliteDatabase(str(path), pragmas=_PRAGMAS, timeout=_LOCK_PATIENCE)
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="reader")
        self._read_only = SqliteDatabase(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_LOCK_PATIENCE)

    @classmethod
    def open(cls, path: Path, migrations: Path = MIGRATIONS) -> Store:
        """The store at ``path``, made (0600, in a 0700 folder) or migrated if need be.

        Raises MachineError for a folder or file without permissions, a file that is not ours or is corrupt, a
        database of a newer program or with a schema that is not this program's, a full disk.
        """
        with _in_words(path):
            _make_file(path)
            store = cls(path)
            try:
                store._writer.submit(_migrate, store._database, path, migrations).result()
            except BaseException:
                store.close()
                raise
            return store

    async def run(self, work: Callable[Concatenate[SqliteDatabase, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``work(database, ...)`` returns, done in a transaction of its own on the writer thread.

        Once begun it is finished even if the caller is cancelled meanwhile. Raises MachineError when the
        disk is full, the file is corrupt, read-only or locked for long; peewee.IntegrityError for a second
        row where the tables allow one.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, lambda: self._transact(work, *args, **kwargs))

    def _transact(self, work: Callable[Concatenate[SqliteDatabase, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        # IMMEDIATE: a transaction that reads and then writes otherwise fails at once with "locked".
        with _in_words(self.path), self._database.atomic("IMMEDIATE"):
            return work(self._database, *args, **kwargs)

    async def read(self, work: Callable[Concatenate[SqliteDatabase, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``work(database, ...)`` returns, on a read-only connection of its own: a list waits for no writer.

        Raises MachineError as ``run`` does.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, lambda: self._look(work, *args, **kwargs))

    def _look(self, work: Callable[Concatenate[SqliteDatabase, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        with _in_words(self.path), self._read_only.atomic():
            return work(self._read_only, *args, **kwargs)

    def look(self, work: Callable[Concatenate[SqliteDatabase, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What ``work(database, ...)`` returns, at once and on this thread: for a paint, which cannot wait.

        Read-only and without a transaction: it queues behind no writer, and keeps no old state of the
        database alive. One thread's alone: the one that opened the store. Raises MachineError as ``run`` does.
        """
        with _in_words(self.path):
            return work(self._read_only, *args, **kwargs)  # peewee gives each thread a connection of its own

    def data_version(self) -> int:
        """Another number whenever anybody else, of this process or another, has written. Same thread as ``look``."""
        return self.look(lambda db: int(db.execute_sql("PRAGMA data_version").fetchone()[0]))

    def close(self) -> None:
        """Wait for both threads and close all connections."""
        self._read_only.close()
        # The writer last: who closes last folds the write-ahead log into the file, and a reader cannot.
        for thread, database in ((self._reader, self._read_only), (self._writer, self._database)):
            thread.submit(database.close).result()
            thread.shutdown()


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Turn what SQLite or the file system says into a MachineError; a broken rule of the data is none."""
    try:
        yield
    except (peewee.IntegrityError, sqlite3.IntegrityError) as error:
        raise peewee.IntegrityError(*error.args) from error
    except (peewee.DatabaseError, sqlite3.DatabaseError) as error:
        raise _machine_error(path, str(_first(error))) from error
    except PermissionError as error:
        raise MachineError(
            f"No permission to use {error.filename or path}", "Fix its owner or permissions, or set XEROSYNC_HOME."
        ) from error
    except OSError as error:
        raise MachineError(f"Cannot use {path}: {error.strerror}", Hint(Do.DOCTOR)) from error


def _first(error: BaseException) -> BaseException:
    """What went wrong first: SQLite rolls back by itself when the disk is full, and a second rollback then fails."""
    while isinstance(error.__context__, peewee.DatabaseError | sqlite3.DatabaseError):
        error = error.__context__
    return error


def _machine_error(path: Path, said: str) -> MachineError:
    text = said.casefold()
    if "full" in text:
        return MachineError(f"The disk is full: {path} cannot grow", "Make room and run it again; nothing is lost.")
    if "malformed" in text or "not a database" in text or "no such table" in text:
        return MachineError(
            f"{path} is damaged or not a XeroSync database ({said})",
            _RESTORE,
        )
    if "locked" in text:
        return MachineError(f"{path} is locked by another program", "Close what holds it and try again.")
    if "readonly" in text or "unable to open" in text:
        return MachineError(f"{path} cannot be written", "Fix its owner or permissions, or set XEROSYNC_HOME.")
    return MachineError(f"{path}: {said}", Hint(Do.DOCTOR))


def _make_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made by hand so that it never exists with wider rights, not even for a moment.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _migrate(database: SqliteDatabase, path: Path, migrations: Path) -> None:
    from playhouse.migrations import Runner

    with FileLock(f"{path}.migrate.lock", mode=0o600):
        runner: Any = Runner(database, str(migrations))
        status = runner.status()
        if newer := [step.name for step in status if step.path is None]:
            raise MachineError(f"{path} was written by a newer XeroSync (it has {newer[-1]})", "Update this program.")
        pending = [step.name for step in status if not step.applied]
        if len(pending) == len(status) and database.get_tables():
            raise MachineError(f"{path} belongs to another program", "Set XEROSYNC_DATABASE to another path.")
        if pending and len(pending) < len(status):
            _keep_copy(path, path.with_name(f"{path.name}.before-{pending[0]}"))
        if pending:
            runner.up()
    if schema.fingerprint(database) != schema.FINGERPRINT:
        _check_schema(database, path, migrations)


def _check_schema(database: SqliteDatabase, path: Path, migrations: Path) -> None:
    """Raises MachineError where the database differs from what the migrations make on this machine."""
    from playhouse.migrations import Runner

    expected = SqliteDatabase(":memory:")
    try:
        Runner(expected, str(migrations)).up()
        if found := schema.difference(database, expected):
            raise MachineError(f"{path} is not a database of this XeroSync: {found}", _RESTORE)
    finally:
        expected.close()


def _keep_copy(path: Path, copy: Path) -> None:
    os.close(os.open(copy, os.O_RDWR | os.O_CREAT, 0o600))
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
