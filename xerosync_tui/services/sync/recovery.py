"""Before a run: settle what a run that died left behind. The caller holds the sync lock."""

from __future__ import annotations

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.services.program import Program
from xerosync_tui.store import journal, runs


async def recover(program: Program, connection: Connection) -> int:
    """Close dead runs and open intents; returns how many intents there were.

    In the built-in directory an intent that is still open was never carried out: its row, the write and
    the acknowledgement are one transaction.
    """

    def settle(db: SqliteDatabase) -> int:
        now = program.now_ms()
        runs.interrupt_dead(db, connection.id, now)
        entries = journal.open_intents(db, connection.id)
        abandoned = [(e.id, "abandoned", e.intent.karbon_key, "the run was interrupted") for e in entries]
        journal.settle(db, now, abandoned)
        return len(entries)

    return await program.store.run(settle)
