"""One process at a time pulls and applies, by a lock that the operating system releases (promise P14)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from filelock import FileLock, Timeout

from xerosync_tui.errors import LockHeld, MachineError
from xerosync_tui.settings import Settings

_PATIENCE = 0.5  # seconds: `status` holds the lock for a moment only to see whether it is free
_PAUSE = 0.05


@asynccontextmanager
async def sync_lock(settings: Settings) -> AsyncIterator[None]:
    """Hold the lock of this database. Raises LockHeld when somebody else has it, MachineError without rights.

    It excludes another task of this process as it does another process: each takes a file handle of its own.
    """
    lock = _lock(settings)
    patience = _PATIENCE
    while not taken(lock):
        if patience <= 0:
            raise LockHeld(
                "Another XeroSync is at work on this data right now",
                "Wait until it has finished, then try again.",
            )
        patience -= _PAUSE
        await asyncio.sleep(_PAUSE)  # not filelock's own waiting: that would stop the screens
    try:
        yield
    finally:
        lock.release()


def is_held(settings: Settings) -> bool:
    """Whether somebody is at work right now. Raises MachineError without rights."""
    lock = _lock(settings)
    if not taken(lock):
        return True
    lock.release()
    return False


def _lock(settings: Settings) -> FileLock:
    return FileLock(f"{settings.database}.sync.lock", mode=0o600, thread_local=False)


def taken(lock: FileLock) -> bool:
    """Whether ``lock`` could be had; it is held from here on. Raises MachineError without rights."""
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    except OSError as error:
        raise MachineError(f"Cannot use {lock.lock_file}: {error.strerror}", "Fix its owner or permissions.") from error
    return True
