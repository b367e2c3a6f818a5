"""One process at a time pulls and applies, by a lock that the operating system releases (promise P14)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from xerosync_tui.errors import LockHeld
from xerosync_tui.settings import Settings


@contextmanager
def sync_lock(settings: Settings) -> Iterator[None]:
    """Hold the lock of this database. Raises LockHeld when another process has it."""
    lock = FileLock(f"{settings.database}.sync.lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise LockHeld(
            "Another XeroSync is at work on this data right now",
            "Wait until it has finished, then try again.",
        ) from None
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
