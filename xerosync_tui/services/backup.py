"""A consistent copy of the database, without secrets."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from xerosync_tui.errors import MachineError, UsageError
from xerosync_tui.program import Program

_WHY = "This database came back from a backup, which holds no tokens"


async def backup(program: Program, target: Path) -> int:
    """Write the copy to ``target``, which must not exist yet; returns its size in bytes.

    Taken at one moment, also while others write. Tokens are left out: after a way back the consent is given anew.
    Raises UsageError where the file exists, MachineError when it cannot be written.
    """
    try:
        # Made by hand so that it never exists with wider rights.
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise UsageError(f"{target} exists already", "Name another file.") from error
    except OSError as error:
        raise MachineError(f"Cannot write {target}: {error.strerror}", "Choose another place.") from error
    try:
        with closing(sqlite3.connect(program.settings.database)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("DELETE FROM secret")
            copy.execute("DELETE FROM holder")
            copy.execute("DELETE FROM asked")  # a decision of then is none of the day it comes back
            copy.execute(
                "UPDATE connection SET state = 'reconnect', state_reason = ? WHERE state = 'connected'", (_WHY,)
            )
            copy.commit()
            copy.execute("PRAGMA journal_mode = DELETE")
            copy.execute("VACUUM")  # what was deleted is still in free pages before
        return target.stat().st_size
    except (sqlite3.Error, OSError) as error:
        target.unlink(missing_ok=True)
        raise MachineError(f"The copy to {target} failed: {error}", "Make room, or choose another place.") from error
