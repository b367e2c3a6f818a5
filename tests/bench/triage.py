"""A person at the queue, by script: ``c`` as soon as the next pair is on the screen, through a pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from peewee import SqliteDatabase

from tests.scenarios.sandboxed import consent_to
from tests.terminal.screen import Terminal
from xerosync_tui.program import Program, opened
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.sandbox.practice import practice_csv
from xerosync_tui.services import connect, importing, triage
from xerosync_tui.services import sync as runs
from xerosync_tui.settings import load_settings
from xerosync_tui.store import connections, issues
from xerosync_tui.store.database import Store

SIZE = 3500  # contacts in Xero; about a tenth of them become conflicts with a single candidate
_LEAST = 300
_FRAME_ENDS = b"\x1b[?2026l"  # what a terminal shows at once; in the middle of it one half is the pair before


@contextmanager
def queue(home: Path, size: int = SIZE) -> Iterator[dict[str, str]]:
    """A home folder after its first sync, with nothing in the queue but conflicts of a single free candidate.

    Yields the environment of programs over it.
    """
    home.mkdir(parents=True)
    with SandboxServer(SandboxOptions(size=size)) as server:
        environment = {**server.environment(), "XEROSYNC_HOME": str(home)}
        asyncio.run(_first_sync(environment, home, size))
        yield environment


async def _first_sync(environment: Mapping[str, str], home: Path, size: int) -> None:
    csv = home / "practice.csv"
    csv.write_text(practice_csv(1, size), encoding="utf-8")
    async with opened(load_settings(environment)) as program:
        await importing.import_file(program, csv, {})
        await connect.choose(program, (await consent_to(program))[0], contact_type="Client")
        await runs.preview(program)
        await runs.sync(program, confirmed=True)
        await _ignore_the_unclear(program)


async def _ignore_the_unclear(program: Program) -> None:
    found = await triage.listed(program)
    wanted = Counter(candidate.karbon.key for issue in found for candidate in issue.candidates)
    for issue in found:
        # Of two that want the same contact the second has none left when the first is decided.
        if len(issue.candidates) != 1 or issue.candidates[0].taken or wanted[issue.candidates[0].karbon.key] > 1:
            await triage.ignore(program, issue.id)


def counted(home: Path) -> tuple[int, int]:
    """What the database holds: open issues, and matches that a person confirmed and that were carried out."""
    store = Store.open(home / "xerosync.sqlite3")

    def count(db: SqliteDatabase) -> tuple[int, int]:
        connection = connections.active(db)
        assert connection
        sql = "SELECT count(*) FROM journal WHERE state = 'done' AND run_id IS NULL AND action = 'link'"
        return issues.count(db, connection.id), int(db.execute_sql(sql).fetchone()[0])

    try:
        return asyncio.run(store.read(count))
    finally:
        store.close()


def waiting(text: str) -> int | None:
    """How many the tab says there are."""
    found = re.search(r"Conflicts ([\d,]+)", text)
    return int(found[1].replace(",", "")) if found else None


def xero_side(text: str) -> str:
    """What the box with Xero's record says, without its spaces."""
    return "".join(found[1] for line in text.splitlines() if (found := re.search("│([^│]*)│", line))).replace(" ", "")


def is_in_hand(text: str) -> bool:
    """Whether the pair on the screen is the one under the cursor: a key before that decides nothing."""
    row = re.search(r"▸\W*(.+?)(?:…| +(?:email|name)\b)", text)
    return bool(row and xero_side(text).startswith(row[1].replace(" ", "")))


def decide_all(environment: Mapping[str, str]) -> tuple[list[float], int]:
    """Confirm one after the other: the seconds from each key to the next pair, and the keys that were pressed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XEROSYNC")}
    waits: list[float] = []
    presses = 0
    with Terminal(
        [sys.executable, "-m", "xerosync_tui"], {**kept, **environment, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    ) as terminal:
        terminal.until("match issues")
        terminal.press("3")
        terminal.until(lambda text: terminal.raw.endswith(_FRAME_ENDS) and bool(waiting(text)) and is_in_hand(text))
        for left in range((waiting(terminal.text()) or 0) - 1, -1, -1):
            before, pressed = xero_side(terminal.text()), time.perf_counter()
            terminal.press("c")
            presses += 1
            terminal.until(lambda text: terminal.raw.endswith(_FRAME_ENDS) and _is_next(text, before, left))  # noqa: B023
            waits.append(time.perf_counter() - pressed)
        terminal.until_gone("deciding")
        terminal.press("q")
        terminal.ended()
    return waits, presses


def _is_next(text: str, before: str, left: int) -> bool:
    if not left:
        return "Nothing waits for you" in text
    return waiting(text) == left and xero_side(text) != before and is_in_hand(text)


def main() -> None:
    """Print the figures, and what the database holds in the end."""
    print("triage at 80x24: c as soon as the next pair is on the screen")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with queue(home) as environment:
            there, before = counted(home)
            if there < _LEAST:
                sys.exit(f"  only {there} conflicts with a single candidate: raise SIZE")
            waits, presses = decide_all(environment)
            left, after = counted(home)
    print(f"  {there} conflicts with a single candidate: {presses / there:.2f} keys for a decision")
    print(f"  {60 * there / sum(waits):,.0f} decisions a minute by someone who need not read")
    print(f"  key to next pair {statistics.median(waits) * 1000:.0f} ms, the slowest {max(waits) * 1000:.0f} ms")
    print(f"  in the database: {after - before} matches carried out, {left} still open")


if __name__ == "__main__":
    main()
