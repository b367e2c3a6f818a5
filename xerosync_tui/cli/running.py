"""From the synchronous command line into the async services, with the program assembled once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from xerosync_tui.program import Program, opened
from xerosync_tui.settings import Settings, load_settings

T = TypeVar("T")


def with_program(work: Callable[[Program], Awaitable[T]], settings: Settings | None = None) -> T:
    """What ``work`` returns, given the program over these settings (default: those in force)."""

    async def run() -> T:
        async with opened(settings or load_settings()) as program:
            return await work(program)

    return asyncio.run(run())
