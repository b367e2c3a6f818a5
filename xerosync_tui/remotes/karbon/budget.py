"""Karbon's rate limit, kept by ourselves: it is worded as a recommendation, and a 429 costs a pause (karbon.md 2.2)."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from xerosync_tui.remotes.http import Sleep

OnWait = Callable[[float, str], None]

LIMIT = "Karbon's minute limit"  # why everybody waits
A_MINUTE = 120  # requests, per account and API application (karbon.md 2.2)
# One second more than a minute, because a request arrives later than it was sent.
_WINDOW = 61.0


class Budget:
    """Lets requests go: no more than 120 in any minute, none during a pause.

    One for an account in a process: a sync and the decisions that come in between share it.
    """

    def __init__(self, now: Callable[[], float], sleep: Sleep) -> None:
        self._now, self._sleep = now, sleep
        self._door = asyncio.Lock()
        self._sent: deque[float] = deque()
        self._pause = 0.0
        self._reason = ""

    async def turn(self, on_wait: OnWait | None = None) -> None:
        """Return when the caller may send one request.

        ``on_wait(seconds left, reason)`` is called at least once a second meanwhile, and with 0 at the end.
        """
        async with self._door:
            while True:
                if self._pause > 0:
                    await self._count_down(on_wait or _nobody)
                self._forget_old()
                if len(self._sent) < A_MINUTE:
                    break
                self.pause(self._sent.popleft() + _WINDOW - self._now(), LIMIT)
            self._sent.append(self._now())

    def pause(self, seconds: float, reason: str) -> None:
        """Let nobody go for so long; the longest pause asked for stands."""
        if seconds > self._pause:
            self._pause, self._reason = seconds, reason

    def _forget_old(self) -> None:
        """What is a minute old no longer counts, nor what a clock that was set back makes the future."""
        now = self._now()
        while self._sent and not 0 <= now - self._sent[0] < _WINDOW:
            self._sent.popleft()

    async def _count_down(self, on_wait: OnWait) -> None:
        while self._pause > 0:
            on_wait(self._pause, self._reason)
            step = min(1.0, self._pause)
            await self._sleep(step)
            self._pause -= step
        on_wait(0.0, self._reason)


def _nobody(seconds: float, reason: str) -> None:
    """Nobody is told."""
