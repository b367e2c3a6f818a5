"""The command line: the plain twin of every screen, for cron, scripts and screen readers.

Each command calls the services and prints what they return. Never here: the store, a remote, a decision.
Nothing heavy is imported before a command runs: ``--help`` and ``--version`` answer at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from xerosync_tui.cli import streams
from xerosync_tui.cli.failures import in_one_line
from xerosync_tui.cli.parser import load, parse


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (cli.md lists them)."""
    streams.prepare()
    return in_one_line(lambda: _run(argv))


def _run(argv: Sequence[str] | None) -> int:
    arguments = parse(argv)
    return load(arguments.command)(arguments)


if __name__ == "__main__":
    sys.exit(main())
