"""``xerosync watch``: the sync that runs by itself, for a service manager or a terminal left open."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys

from xerosync_tui.cli import output
from xerosync_tui.cli.running import with_program
from xerosync_tui.program import Program
from xerosync_tui.services import watch as watching


def watch(arguments: argparse.Namespace) -> int:
    """``xerosync watch``: 0 when SIGTERM ended it, 130 for ctrl+c; either way the run in hand was finished."""
    return with_program(lambda program: _watch(program, arguments.interval))


async def _watch(program: Program, interval: int | None) -> int:
    stop = asyncio.Event()
    came: list[int] = []
    loop = asyncio.get_running_loop()

    def end(number: int) -> None:
        came.append(number)
        stop.set()
        for one in _ENDS:
            loop.remove_signal_handler(one)  # the next one ends it at once, which loses nothing either
        output.note("Ending; a run in hand is finished first.")

    plain = _is_journal()

    def tell(text: str) -> None:
        output.say(text if plain else f"{output.moment(program.now_ms())}  {text}")
        sys.stdout.flush()

    for one in _ENDS:
        loop.add_signal_handler(one, end, one)
    if not watching.is_watched(program.settings):
        tell("Watching.")
    await watching.watch(program, tell, stop, interval)
    tell("Ended.")
    return 130 if signal.SIGINT in came else 0


_ENDS = (signal.SIGTERM, signal.SIGINT)


def _is_journal() -> bool:
    """Whether standard output is systemd's journal, which has a time of its own for each line."""
    try:
        out = os.fstat(sys.stdout.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{out.st_dev}:{out.st_ino}"
