"""Before anything is done: the lock is held, and what a process that died left behind is settled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.services import connect
from xerosync_tui.services.program import Program
from xerosync_tui.services.sync.lock import sync_lock
from xerosync_tui.store import journal, runs


@asynccontextmanager
async def at_work(program: Program) -> AsyncIterator[Connection]:
    """The active connection, for the one process that may pull and apply now.

    It is read with the lock held, so that it stays the active one until the end. Raises NotConnected, LockHeld.
    """
    with sync_lock(program.settings):
        connection = await connect.active(program)
        await program.store.run(_recover, connection, program.now_ms())
        yield connection


def _recover(db: SqliteDatabase, connection: Connection, now: int) -> None:
    """Close dead runs and open intents.

    In the built-in directory an intent that is still open was never carried out: its row, the write and
    the acknowledgement are one transaction.
    """
    runs.interrupt_dead(db, connection.id, now)
    entries = journal.open_intents(db, connection.id)
    abandoned = [journal.Result(e.id, "abandoned", e.intent.karbon_key, "the run was interrupted") for e in entries]
    journal.settle(db, now, abandoned)
