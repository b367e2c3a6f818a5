"""The first match over Karbon's API: its real limit of 120 requests a minute, on a clock that sleeping moves.

The first sync is started as soon as the provisional plan stands; then runs follow each other as ``watch`` would make
them. Minutes are those of that clock, which only waiting moves; ``seconds`` are those that our own work took, the
sandbox's with it. The least possible is a request for each hundred of a list, one for each card, one to make a contact,
two to change one (its read, its write).
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase

from tests.bench.measure import peak_mib
from tests.scenarios.sandboxed import Xero, consent_to, program_over
from xerosync_tui.domain.progress import Progress
from xerosync_tui.engine import cards
from xerosync_tui.program import Program
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.sandbox.karbon.credentials import ACCESS_KEY, TOKEN
from xerosync_tui.services import connect, karbon, overview, timing
from xerosync_tui.services import sync as runs
from xerosync_tui.settings import load_settings

_EPOCH = 1_800_000_000.0
_PER_KIND = "SELECT count(*) FROM karbon_contact GROUP BY kind"
_DONE = ("action = 'create' AND state = 'done'", "action = 'link' AND state = 'done' AND after <> '{}'")


class Clock(Xero):
    """The sandbox, and a time of the program that stands still but for waiting."""

    def now(self) -> float:
        """The program's clock."""
        return _EPOCH + self.offset


class _Stands(Exception):
    """Raised out of a preview as soon as its provisional plan stands."""


def _leave(progress: Progress) -> None:
    if progress.phase == cards.PHASE:
        raise _Stands


async def _counts(program: Program) -> dict[str, int]:
    status = await overview.status(program)
    return {**asdict(status.counts), "unread": status.cards.unread, "cards": status.cards.total}


async def first_match(server: SandboxServer, home: Path) -> dict[str, Any]:
    """Minutes and requests to Karbon until each milestone."""
    xero, started = Clock(server), time.perf_counter()
    environment = {**server.environment(), "XEROSYNC_HOME": str(home)}
    async with program_over(load_settings(environment), xero) as program:
        await karbon.connect(program, TOKEN, ACCESS_KEY)
        await connect.choose(program, (await consent_to(program))[0], contact_type="Client")
        begun, found = program.now(), {}

        def note(name: str, **more: int) -> None:
            asked = sum(count for path, count in xero.state()["requests"].items() if "/v3/" in path)
            minutes, seconds = (program.now() - begun) / 60, time.perf_counter() - started
            found[name] = {"minutes": round(minutes, 1), "seconds": round(seconds, 1), "requests": asked, **more}

        with suppress(_Stands):
            await runs.preview(program, _leave)
        note("provisional plan")
        await runs.sync(program, confirmed=True)
        await _until_done(program, xero, note)
        xero.close()
        return {**found, "least": await _least(program), "counts": await _counts(program), "peak": peak_mib()}


async def _least(program: Program) -> dict[str, int]:
    """The fewest requests for what was done."""

    def read(db: SqliteDatabase) -> dict[str, int]:
        lists = sum(-(-count // 100) for (count,) in db.execute_sql(_PER_KIND))
        made, changed = (db.execute_sql(f"SELECT count(*) FROM journal WHERE {what}").fetchone()[0] for what in _DONE)
        read = db.execute_sql("SELECT count(*) FROM karbon_contact").fetchone()[0] - made
        return {
            "lists": lists,
            "cards": read,
            "made": made,
            "changed": changed,
            "all": lists + read + made + 2 * changed,
        }

    return await program.store.read(read)


async def _until_done(program: Program, xero: Clock, note: Callable[..., None]) -> None:
    verified, before = False, -1
    while True:
        due = await timing.due(program)
        xero.advance(max(0.0, ((due.at or 0) - program.now_ms()) / 1000))
        result = await runs.sync(program)
        now = await _counts(program)
        if not verified and not now["unread"]:
            verified = True
            note("every card verified", links=now["synced"])
        if verified and now["synced"] == before and not result.counts.created:
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
