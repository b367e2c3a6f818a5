"""How a link ends: the row stays, the journal has it, its field conflicts are none any more (engine.md 2.4)."""

from __future__ import annotations

from collections.abc import Sequence

from peewee import SqliteDatabase

from xerosync_tui.program import Program
from xerosync_tui.store import changes, journal, links


def end_links(
    db: SqliteDatabase, program: Program, connection: int, run: int | None, ends: Sequence[tuple[str, str]]
) -> list[int]:
    """End these synced links, (ContactID, why) each; returns the journal entries, which ``undo`` takes."""
    now, who = program.now_ms(), program.settings.user
    keys = links.end(db, connection, ends)
    changes.put_conflicts(db, connection, dict.fromkeys(keys, ()), now)
    intents = [journal.Intent("unlink", x, keys[x], {}, {}, why) for x, why in ends if x in keys]
    entries = journal.intend(db, connection, run, who, now, intents)
    journal.settle(db, now, [journal.Result(n, "done", i.karbon_key) for n, i in zip(entries, intents, strict=True)])
    return entries
