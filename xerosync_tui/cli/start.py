"""``xerosync`` without a command, and ``xerosync sandbox``."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xerosync_tui.cli.running import with_program
from xerosync_tui.errors import MachineError, UsageError
from xerosync_tui.settings import Settings, load_settings

if TYPE_CHECKING:
    from xerosync_tui.sandbox import SandboxOptions


def screens(arguments: argparse.Namespace) -> int:
    """``xerosync``: the screens, on the data in force."""
    return show_screens(load_settings())


def show_screens(settings: Settings, answer_consent: Callable[[str], Awaitable[None]] | None = None) -> int:
    """The screens, until they are left. Raises UsageError without a usable terminal."""
    from xerosync_tui.tui import terminal

    terminal.require()
    from xerosync_tui.tui.app import show

    return with_program(lambda program: show(program, answer_consent), settings)


def options_from(arguments: argparse.Namespace, *redirect_uris: str) -> SandboxOptions:
    """The sandbox that the arguments describe."""
    from xerosync_tui.sandbox import SandboxOptions

    csv = Path(arguments.xero_csv) if arguments.xero_csv else None
    options = SandboxOptions(seed=arguments.seed, size=arguments.size, port=arguments.port, xero_csv=csv)
    return replace(options, redirect_uris=redirect_uris) if redirect_uris else options


def sandbox(arguments: argparse.Namespace) -> int:
    """``xerosync sandbox``."""
    from xerosync_tui.sandbox.options import SandboxInputError
    from xerosync_tui.sandbox.server import serve

    try:
        serve(replace(options_from(arguments), karbon=arguments.karbon))
    except SandboxInputError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise MachineError(
            f"Cannot listen on port {arguments.port}: {error.strerror}", "Choose another --port."
        ) from error
    return 0
