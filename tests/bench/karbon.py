"""The first match over Karbon's API: its real limit of 120 requests a minute, on a clock that sleeping moves.

The first sync is started as soon as the provisional plan stands; then runs follow each other as ``watch`` would make
them. What is printed are minutes of that clock, in which our own work counts too.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.bench.measure import peak_mib
from tests.scenarios.sandboxed import Xero, consent_to, program_over
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.sandbox.karbon.credentials import ACCESS_KEY, TOKEN
from xerosync_tui.services import connect, karbon, overview, timing
from xerosync_tui.services.program import Program
from xerosync_tui.services.sync import reading
from xerosync_tui.services.sync import run as runs
from xerosync_tui.services.sync.progress import Progress
from xerosync_tui.settings import load_settings


class _Stands(Exception):
    """Raised out of a preview as soon as its provisional plan stands."""


def _leave(progress: Progress) -> None:
    if progress.phase == reading.PHASE:
        raise _Stands


async def _counts(program: Program) -> dict[str, int]:
    status = await overview.status(program)
    return {**status.counts, "unread": status.cards.unread, "cards": status.cards.total}


async def first_match(server: SandboxServer, home: Path) -> dict[str, Any]:
    """Minutes and requests to Karbon until each milestone."""
    xero = Xero(server)
    environment = {**server.environment(), "XEROSYNC_HOME": str(home)}
    async with program_over(load_settings(environment), xero) as program:
        await karbon.connect(program, TOKEN, ACCESS_KEY)
        await connect.choose(program, (await consent_to(program))[0], contact_type="Client")
        begun, found = program.now(), {}

        def note(name: str, **more: int) -> None:
            asked = sum(count for path, count in xero.state()["requests"].items() if "/v3/" in path)
            found[name] = {"minutes": (program.now() - begun) / 60, "requests": asked, **more}

        with suppress(_Stands):
            await runs.preview(program, _leave)
        note("provisional plan")
        await runs.sync(program, confirmed=True)
        await _until_done(program, xero, note)
        xero.close()
        return {**found, "counts": await _counts(program), "peak": peak_mib()}


async def _until_done(program: Program, xero: Xero, note: Callable[..., None]) -> None:
    verified, before = False, -1
    while True:
        due = await timing.due(program)
        xero.advance(max(0.0, ((due.at or 0) - program.now_ms()) / 1000))
        result = await runs.sync(program)
        now = await _counts(program)
        if not verified and not now["unread"]:
            verified = True
            note("every card verified", links=now["synced"])
        if verified and now["synced"] == before and not result.counts.get("created"):
            return
        if now["synced"] != before:
            note("client list complete", links=now["synced"])
        before = now["synced"]


def main(size: int = 10_000) -> None:
    """Print the figures."""
    options = SandboxOptions(size=size, karbon=True)
    with tempfile.TemporaryDirectory() as home, SandboxServer(options) as server:
        print(json.dumps(asyncio.run(first_match(server, Path(home))), indent=1))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
