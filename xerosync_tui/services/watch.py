"""The sync that runs by itself: the loop of ``xerosync watch``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from xerosync_tui import words
from xerosync_tui.domain.display import counted
from xerosync_tui.domain.states import RunKind
from xerosync_tui.engine.lock import taken
from xerosync_tui.errors import LockHeld, MachineError, NeedsPerson, NotConnected, QuotaUsedUp, XeroSyncError
from xerosync_tui.program import Program
from xerosync_tui.services import sync as runs
from xerosync_tui.services.sync import RunResult
from xerosync_tui.services.timing import Due as Due  # words of this module for the commands
from xerosync_tui.services.timing import due as due
from xerosync_tui.services.timing import is_watched as is_watched
from xerosync_tui.services.timing import watch_lock

_AFTER_TROUBLE = 60  # seconds, doubled for each failure in a row, up to an hour
_LONGEST = 3600
_SLICE = 1.0  # seconds between two looks at whether to stop

Told = Callable[[str], None]


async def watch(program: Program, told: Told, stop: asyncio.Event, interval: int | None = None) -> None:
    """Sync whenever it is due, until ``stop``; a run in hand is finished.

    ``told`` gets a line for each run that did something, and for each trouble; trouble does not end it. Raises
    LockHeld when another watch runs, MachineError when this machine stands in the way.
    """
    lock = watch_lock(program.settings)
    if not taken(lock):
        raise LockHeld("Another `xerosync watch` runs on this data", "One is enough; end it first.")
    try:
        await _Watch(program, told, stop, interval).go()
    finally:
        lock.release()


@dataclass(slots=True)
class _Watch:
    program: Program
    told: Told
    stop: asyncio.Event
    interval: int | None
    said: str = ""
    failures: int = 0

    async def go(self) -> None:
        while not self.stop.is_set():
            if not await self._is_due():
                await self._rest()
                continue
            try:
                self._tell_result(await runs.sync(self.program))
                self.failures, self.said = 0, ""
            except MachineError:
                raise
            except LockHeld:
                await self._rest()
            except XeroSyncError as error:
                await self._trouble(error)

    async def _is_due(self) -> bool:
        found = await due(self.program, self.interval)
        if found.at is None:
            self._tell(f"Waiting: {found.reason}")
        return found.at is not None and found.at <= self.program.now_ms()

    async def _trouble(self, error: XeroSyncError) -> None:
        """A brake, a lost consent, an unreachable Xero: told once, tried again later and later."""
        self._tell(f"{error.what}. {error.next_step}")
        if isinstance(error, QuotaUsedUp | NotConnected | NeedsPerson):
            await self._rest()  # what it waits for, ``due`` and the next run see
            return
        self.failures += 1
        await self._rest(min(_AFTER_TROUBLE * 2 ** (self.failures - 1), _LONGEST))

    async def _rest(self, seconds: float = _SLICE) -> None:
        while seconds > 0 and not self.stop.is_set():
            await self.program.sleep(min(_SLICE, seconds))
            seconds -= _SLICE

    def _tell_result(self, result: RunResult) -> None:
        did = words.did(result.counts)
        if did or result.kind is RunKind.FULL:
            self.told(f"{result.kind}: {did or 'nothing to do'}; {counted(result.requests, 'request')}")

    def _tell(self, text: str) -> None:
        if text != self.said:
            self.said = text
            self.told(text)
