"""A firm after its first sync, with the screens over it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.events import Key

from tests.scenarios.firm import Firm
from tests.tui.driving import Screens, opened


@asynccontextmanager
async def screens_over(firm: Firm, *keys: str, until: str = "Last run") -> AsyncIterator[Screens]:
    """The screens, after these keys."""
    async with opened(firm.program) as screens:
        await screens.press(*keys)
        await screens.until(until)
        await screens.settled()
        yield screens


async def burst(screens: Screens, *keys: str) -> None:
    """The keys in one go, faster than anything is drawn, and what comes of them."""
    for key in keys:
        screens.app.post_message(Key(key, key))
    await screens.until(lambda: not screens.app.jobs.waiting)
    await screens.settled()


async def counted(firm: Firm, state: str = "unsynced") -> int:
    """How many links are in that state."""
    return int((await firm.rows(f"SELECT count(*) FROM link WHERE state = '{state}'"))[0][0])
