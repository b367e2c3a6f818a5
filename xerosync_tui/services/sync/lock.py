"""One process at a time pulls and applies, by a lock that the operating system releases (promise P14)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from xerosync_tui.errors import LockHeld, MachineError
from xerosync_tui.settings import Settings

_PATIENCE = 0.5  # seconds: `status` holds the lock for a moment only to see whether it is free


@contextmanager
def sync_lock(settings: Settings) -> Iterator[None]:
    """Hold the lock of this database. Raises LockHeld when another process has it, MachineError without rights."""
    lock = FileLock(f"{settings.database}.sync.lock", mode=0o600)
    try:
        lock.acquire(timeout=_PATIENCE)
    except Timeout:
        raise LockHeld(
            "Another XeroSync is at work on this data right now",
            "Wait until it has finished, then try again.",
        ) from None
    except OSError as error:
        raise MachineError(f"Cannot use {lock.lock_file}: {error.strerror}", "Mend its owner or rights.") from error
    try:
        yield
    finally:
        lock.release()


def is_held(settings: Settings) -> bool:
    """Whether some process is at work right now."""
    try:
        with sync_lock(settings):
            return False
    except LockHeld:
        return True
