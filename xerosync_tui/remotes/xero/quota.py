"""Xero's rate limits: what is left, and whose turn it is (xero.md 4)."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from xerosync_tui.remotes.http import Sleep, whole_number

OnWait = Callable[[float, str], None]

CONCURRENT = 5  # requests in progress per app and organisation
# Xero does not say when a minute resets, but be it fixed or rolling, never later than a minute after its first
# call; one second more, because the call arrived later than it was sent.
_WINDOW = 61.0


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls left for this organisation, as Xero last said; None: not said yet."""

    minute_left: int | None = None
    day_left: int | None = None


class Turns:
    """Lets requests go: five at once at most, no more than the minute still allows, none during a pause.

    ``on_wait(seconds left, reason)`` is called at least once a second while everybody waits, and with 0 at the end.
    """

    def __init__(self, now: Callable[[], float], sleep: Sleep, on_wait: OnWait | None) -> None:
        self.quota = Quota()
        self._now, self._sleep, self._on_wait = now, sleep, on_wait
        self._door = asyncio.Lock()
        self._came_back = asyncio.Event()
        self._in_flight = 0
        self._window_began = -math.inf
        self._pause = 0.0
        self._reason = ""

    async def __aenter__(self) -> None:
        """Return when the caller may send."""
        async with self._door:
            while True:
                self._note_window()
                if self._pause > 0:
                    await self._count_down()
                elif self._in_flight < self._allowed():
                    break
                elif self._in_flight:
                    self._came_back.clear()
                    await self._came_back.wait()
                else:
                    self.pause(self._window_began + _WINDOW - self._now(), "minute limit")
            self._in_flight += 1

    async def __aexit__(self, *_: object) -> None:
        self._in_flight -= 1
        self._came_back.set()

    def learn(self, headers: Mapping[str, str]) -> None:
        """Take over what an answer says is left.

        Answers overtake each other, so a little more than known is old news; much more is a new window.
        """
        day, minute = whole_number(headers.get("X-DayLimit-Remaining")), self.quota.minute_left
        said = whole_number(headers.get("X-MinLimit-Remaining"))
        if said is not None and (minute is None or said < minute or said > minute + CONCURRENT):
            if minute is not None and said > minute:
                self._window_began = self._now()
            minute = said
        self.quota = Quota(minute, self.quota.day_left if day is None else day)

    def pause(self, seconds: float, reason: str) -> None:
        """Let nobody go for so long; the longest pause asked for stands."""
        if seconds > self._pause:
            self._pause, self._reason = seconds, reason

    def _note_window(self) -> None:
        """Once the window is over, what was left in it no longer counts."""
        now = self._now()
        if not 0 <= now - self._window_began < _WINDOW:
            self._window_began = now
            self.quota = Quota(None, self.quota.day_left)

    def _allowed(self) -> int:
        left = self.quota.minute_left
        return CONCURRENT if left is None else min(CONCURRENT, left)

    async def _count_down(self) -> None:
        while self._pause > 0:
            self._show(self._pause)
            step = min(1.0, self._pause)
            await self._sleep(step)
            self._pause -= step
        self._show(0.0)
        self._window_began = -math.inf

    def _show(self, left: float) -> None:
        if self._on_wait:
            self._on_wait(left, self._reason)
