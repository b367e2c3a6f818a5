"""``xerosync`` without a command, and ``xerosync sandbox``."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xerosync_tui.errors import MachineError, UsageError

if TYPE_CHECKING:
    from xerosync_tui.sandbox import SandboxOptions


def screens(arguments: argparse.Namespace) -> int:
    """The screens are not there yet; say what is."""
    raise UsageError("The screens are still to come", "See `xerosync --help`; try `xerosync demo --plain`.")


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
        serve(options_from(arguments))
    except SandboxInputError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise MachineError(
            f"Cannot listen on port {arguments.port}: {error.strerror}", "Choose another --port."
        ) from error
    return 0
