"""The screens in the hands of a test: keys, what is to be seen, and waiting without sleeping."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from textual.pilot import Pilot

from xerosync_tui.program import Program
from xerosync_tui.tui.app import XeroSyncApp

_ROUNDS = 500  # of 10 ms


class Screens:
    """A running program and its keyboard."""

    def __init__(self, app: XeroSyncApp, pilot: Pilot[int]) -> None:
        self.app, self._pilot = app, pilot

    def text(self) -> str:
        """What is to be seen, a line each, without trailing spaces."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)

    async def press(self, *keys: str) -> None:
        await self._pilot.press(*keys)

    async def type(self, words: str) -> None:
        await self._pilot.press(*("space" if c == " " else c for c in words))

    async def until(self, wanted: str | Callable[[], Any]) -> None:
        """Until the words are on the screen, or the condition holds."""
        there = (lambda: wanted in self.text()) if isinstance(wanted, str) else wanted
        for _ in range(_ROUNDS):
            await self._pilot.pause()
            if there():
                return
            await self._pilot.pause(0.01)
        raise AssertionError(f"{wanted!r} never came:\n{self.text()}")

    async def until_gone(self, words: str) -> None:
        await self.until(lambda: words not in self.text())

    async def settled(self) -> None:
        """Until nothing is under way: no job, no decision, no list being read."""
        busy = {"runs", "decisions", "snapshot", "status", "issue", "contact", "failures", "find"}
        await self.until(
            lambda: not any(w.group in busy and not w.is_finished for w in self.app.workers) and self.app.status
        )


async def allow(url: str) -> None:
    """Answer the sandbox's consent page as a person in a browser would."""
    async with httpx2.AsyncClient(follow_redirects=True, trust_env=False, verify=False) as browser:
        await browser.get(f"{url}&auto=1")


@asynccontextmanager
async def opened(
    program: Program, size: tuple[int, int] = (80, 24), app: Callable[..., XeroSyncApp] = XeroSyncApp
) -> AsyncIterator[Screens]:
    """The screens over a program, settled."""
    running = app(program, answer_consent=allow)
    async with running.run_test(size=size, notifications=True) as pilot:
        screens = Screens(running, pilot)
        await screens.settled()
        yield screens
