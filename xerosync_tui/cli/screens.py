"""``xerosync`` without a command: the screens."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable

from xerosync_tui.cli.running import with_program
from xerosync_tui.settings import Settings, load_settings
from xerosync_tui.tui import terminal


def screens(arguments: argparse.Namespace) -> int:
    """``xerosync``: the screens, on the data in force."""
    return show_screens(load_settings())


def show_screens(settings: Settings, answer_consent: Callable[[str], Awaitable[None]] | None = None) -> int:
    """The screens, until they are left. Raises UsageError without a usable terminal."""
    terminal.require()
    from xerosync_tui.tui.app import show  # slow to load, and the demo may run without it

    return with_program(lambda program: show(program, answer_consent), settings)
