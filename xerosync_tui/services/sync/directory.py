"""Which directory is the Karbon side."""

from __future__ import annotations

from xerosync_tui.domain.connection import Connection
from xerosync_tui.remotes.builtin import BuiltinDirectory
from xerosync_tui.services.program import Program
from xerosync_tui.store import journal


async def directory_of(program: Program, connection: Connection) -> BuiltinDirectory:
    """The Karbon side of a connection."""
    known = connection.directory_version
    ours = await program.store.run(journal.versions_after, connection.id, known)
    return BuiltinDirectory(program.store, lambda: program.new_id()[:12], known, ours)
