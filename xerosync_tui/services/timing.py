"""When the next run is due, and whether a ``watch`` is there to start it; light enough for the screens' start."""

from __future__ import annotations

from dataclasses import dataclass

from filelock import FileLock
from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection, ConnectionState
from xerosync_tui.domain.display import counted
from xerosync_tui.domain.pace import pause
from xerosync_tui.domain.states import RunState
from xerosync_tui.engine.lock import taken
from xerosync_tui.program import Program
from xerosync_tui.settings import Settings
from xerosync_tui.store import accounts, cards, connections, runs

# Seconds between runs that read cards: together with those that a run may read (``pace.A_RUN``, two and a half
# minutes at Karbon's limit) a third of the limit is left to other tools with the same keys (karbon.md 2.2).
_BETWEEN_CARDS = 75
_DAY = 25 * 3_600_000  # ms, and an hour for clocks that differ


@dataclass(frozen=True, slots=True)
class Due:
    """When the next run is due, milliseconds since the epoch, and why not earlier or at all (``at`` is None)."""

    at: int | None
    reason: str = ""


async def due(program: Program, interval: int | None = None) -> Due:
    """When a run is due by the settings, the quota and the last run; ``interval`` in seconds instead of the setting."""

    def read(db: SqliteDatabase) -> Due:
        connection = connections.active(db)
        if connection is None or connection.state is not ConnectionState.CONNECTED:
            return Due(None, "Xero is not connected")
        if connection.started_at is None:
            return Due(None, "the first sync has not been started")
        last = runs.latest(db, connection.id)
        if account := accounts.of_directory(db, connection.directory):
            if account.trouble:
                return Due(None, "Karbon refuses the keys")
            more = last and last.state is RunState.DONE and not connection.quota_until
            if last and last.finished_at and more and cards.counted(db, connection.id).unread:
                seconds = pause(_BETWEEN_CARDS, last.counts.day_left)
                return Due(last.finished_at + seconds * 1000, "business cards are still to be read")
        return _due(connection, last, program.now_ms(), interval or connection.interval_seconds)

    return await program.store.read(read)


def _due(connection: Connection, last: runs.RunRecord | None, now: int, interval: int) -> Due:
    until = connection.quota_until
    if until and until - now > _DAY:
        until = None  # said by a clock that was wrong: Xero's limit is one of a day
    if until and (until > now or (last and last.started_at < until)):  # what was left before says nothing any more
        return Due(until, "Xero's day limit is used up")
    if last is None or last.started_at > now:  # the clock was put back: when it began says nothing
        return Due(now)
    left = last.counts.day_left
    seconds = pause(interval, left)
    reason = f"{counted(left or 0, 'request')} left today" if seconds > interval else ""
    return Due(last.started_at + seconds * 1000, reason)


def watch_lock(settings: Settings) -> FileLock:
    """The lock of the one ``watch`` of this database."""
    return FileLock(f"{settings.database}.watch.lock", mode=0o600, thread_local=False)


def is_watched(settings: Settings) -> bool:
    """Whether a ``watch`` runs on this database. Raises MachineError without rights."""
    lock = watch_lock(settings)
    if not taken(lock):
        return True
    lock.release()
    return False
