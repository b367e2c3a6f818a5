"""``xerosync sandbox``: a Xero and a Karbon on this machine."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from xerosync_tui.errors import MachineError, UsageError
from xerosync_tui.sandbox import SandboxOptions
from xerosync_tui.sandbox.options import SandboxInputError
from xerosync_tui.sandbox.server import serve


def options_from(arguments: argparse.Namespace, *redirect_uris: str) -> SandboxOptions:
    """The sandbox that the arguments describe."""
    csv = Path(arguments.xero_csv) if arguments.xero_csv else None
    options = SandboxOptions(seed=arguments.seed, size=arguments.size, port=arguments.port, xero_csv=csv)
    options = replace(options, karbon=arguments.karbon)
    return replace(options, redirect_uris=redirect_uris) if redirect_uris else options


def sandbox(arguments: argparse.Namespace) -> int:
    """``xerosync sandbox``."""
    try:
        serve(options_from(arguments))
    except SandboxInputError as error:
        raise UsageError(str(error)) from error
    except OSError as error:
        raise MachineError(
            f"Cannot listen on port {arguments.port}: {error.strerror}", "Choose another --port."
        ) from error
    return 0
