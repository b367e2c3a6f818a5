"""``xerosync doctor`` and ``xerosync backup``."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import asdict
from pathlib import Path

from xerosync_tui.cli import output
from xerosync_tui.cli.running import with_program
from xerosync_tui.services import backup as copies
from xerosync_tui.services import doctor as checks
from xerosync_tui.settings import load_settings


def doctor(arguments: argparse.Namespace) -> int:
    """Print every check; 0 when all are well, else 8 (this machine) or 4 (only the connection)."""
    settings = load_settings()

    async def examine() -> list[checks.Check]:
        return [check async for check in checks.examine(settings)]

    found = asyncio.run(examine())
    if arguments.json:
        output.as_json([asdict(check) for check in found])
    else:
        for check in found:
            output.say(f"{'ok ' if check.well else 'BAD'} {check.name}: {check.detail}")
            if check.next_step:
                output.say(f"      {check.next_step}")
    ill = {check.name for check in found if not check.well}
    if not ill:
        return 0
    return 4 if ill <= {"connection", "Xero client id"} else 8


def backup(arguments: argparse.Namespace) -> int:
    """``xerosync backup``."""
    size = with_program(lambda program: copies.backup(program, Path(arguments.file)))
    output.say(f"{arguments.file}: {size} bytes, without tokens. The way back is in the README.")
    return 0
