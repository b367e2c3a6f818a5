"""The screens as their user feels them: through a pseudo-terminal, by ``../shared/tools/tui_meter.py``.

First paint beside the smallest Textual program in turns; then the list of 100,000 clients: rows on screen after
launch, key to last byte, memory; then the same while a sync of 10,000 contacts runs in the program. And the bytes that
a key costs at 80x24, for a slow line.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase

from tests.bench.matching import contacts
from tests.bench.triage import queue
from tests.scenarios.sandboxed import consent_to
from tests.terminal.screen import Terminal
from xerosync_tui.domain.connection import Organisation
from xerosync_tui.domain.contact import Contact, KarbonContact, Kind, XeroContact
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.states import RunKind, RunState
from xerosync_tui.program import opened
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.services import connect
from xerosync_tui.settings import Settings, load_settings
from xerosync_tui.store import connections, directory, links, mirror, runs
from xerosync_tui.store.database import Store

METER = Path(__file__).parents[3] / "shared" / "tools" / "tui_meter.py"
_PAGE = 1000
_SETTLED = 0.5  # seconds without a byte, where the program looks at the database again after a key
_REST = 3.0
_CLIENTS = [
    sys.executable,
    "-c",
    "from xerosync_tui.tui.app import XeroSyncApp; XeroSyncApp.DEFAULT_MODE = 'clients'; "
    "from xerosync_tui.cli import main; import sys; sys.exit(main([]))",
]
_SMALLEST = """
from textual.app import App
from textual.widgets import Static
class Smallest(App):
    def compose(self):
        yield Static("Connected Apps")
Smallest().run()
"""


def fill(home: Path, size: int) -> None:
    """A home folder with that many synced clients, of the organisation it is connected to or of an invented one."""
    home.mkdir(parents=True, exist_ok=True)
    store = Store.open(home / "xerosync.sqlite3")

    def work(db: SqliteDatabase) -> None:
        identity = connections.directory_identity(db)
        connection = connections.active(db) or connections.activate(
            db, Organisation("o", "Bench Pty Ltd", "c", "!b", "AU"), identity, 0
        )
        now = int(time.time() * 1000)
        connections.change(db, connection.id, started_at=now, previewed_at=now)
        run = runs.begin(db, connection.id, RunKind.INITIAL, "bench", "1001", now)
        runs.finish(db, run, RunState.DONE, now, requests=0, counts=Counts())
        rows = list(contacts(size))
        for start in range(0, size, _PAGE):
            page = [Contact(name, email, "02 5550 1234") for name, email, _, _ in rows[start : start + _PAGE]]
            _put(db, connection.id, start, page, now)

    asyncio.run(store.run(work))
    store.close()


def _put(db: SqliteDatabase, connection: int, start: int, page: list[Contact], now: int) -> None:
    keys = [f"{start + n:012x}" for n in range(len(page))]
    records = [
        DirectoryRecord(key, Kind.ORGANIZATION, contact, contact_type="Client")
        for key, contact in zip(keys, page, strict=True)
    ]
    stored = directory.add(db, records)
    mirror.put_xero(db, connection, (XeroContact(f"x{key}", c) for key, c in zip(keys, page, strict=True)), 1)
    mirror.put_karbon(
        db, connection, (KarbonContact(r.key, r.kind, r.contact, "Client", "", r.version) for r in stored)
    )
    pairs = zip(keys, page, strict=True)
    links.add(db, connection, (links.NewLink(f"x{key}", key, "name and email", c, c) for key, c in pairs), now)


def compiled() -> dict[str, str]:
    """The environment of a program that was installed, with its modules compiled."""
    kept = {n: v for n, v in os.environ.items() if n != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "bench-pycache")}


def meter(
    command: list[str], wait: str, keys: str = "", *, size: tuple[int, int] = (120, 40), **environment: str
) -> dict[str, Any]:
    """What the meter says about a program."""
    done = subprocess.run(
        [sys.executable, str(METER), "--cols", str(size[0]), "--rows", str(size[1]),
         "--wait", wait, "--keys", keys, "--", *command],
        capture_output=True,
        text=True,
        check=True,
        env={**compiled(), **environment},
    )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def first_paint(home: str) -> None:
    """Ours and the smallest Textual program, in turns."""
    ours, least = [], []
    for _ in range(7):
        least.append(meter([sys.executable, "-c", _SMALLEST], "Connected")["first_paint_s"])
        program = [sys.executable, "-m", "xerosync_tui"]
        ours.append(meter(program, "XeroSync", XEROSYNC_HOME=home)["first_paint_s"])
    mine, theirs = statistics.median(ours), statistics.median(least)
    print(f"  first paint {mine * 1000:.0f} ms, smallest Textual program {theirs * 1000:.0f} ms: {mine / theirs:.2f}x")


def keys(home: str, size: int) -> None:
    """The client list: rows on screen, and each kind of key."""
    launched = [meter(_CLIENTS, "Pty Ltd", XEROSYNC_HOME=home)["wait_s"] for _ in range(5)]
    result = meter(_CLIENTS, "Pty Ltd", "down*40 pagedown*20 end home end /mar", XEROSYNC_HOME=home)
    rows = statistics.median(launched) * 1000
    print(f"  {size:,} clients: rows on screen {rows:.0f} ms after launch, {_in_words(result)}")


def keys_during_a_sync(home: Path, size: int, incoming: int) -> None:
    """The client list while the program itself brings in contacts that are new in Xero."""
    with SandboxServer(SandboxOptions(size=incoming)) as server:
        settings = load_settings({**server.environment(), "XEROSYNC_HOME": str(home)})
        asyncio.run(_connect(settings))
        fill(home, size)
        keys = "s down*12 pagedown*6 end home"
        result = meter(_CLIENTS, "Pty Ltd", keys, **server.environment(), XEROSYNC_HOME=str(home))
        print(f"  {size:,} clients, while {incoming:,} new ones are synced: {_in_words(result)}")


class Line(Terminal):
    """A terminal that counts what comes over the line."""

    def cost(self, *keys: str, gap: float = 0.15) -> list[int]:
        """The bytes that each key has written, when nothing more came for ``gap`` seconds."""
        return [self._cost(key, gap) for key in keys]

    def _cost(self, key: str, gap: float) -> int:
        before, seen = len(self.raw), -1
        self.press(key)
        while len(self.raw) != seen:
            seen = len(self.raw)
            self._read(gap)
        return seen - before

    def at_rest(self, seconds: float) -> int:
        """The bytes that come although nobody does anything."""
        before, end = len(self.raw), time.monotonic() + seconds
        while time.monotonic() < end:
            self._read(end - time.monotonic())
        return len(self.raw) - before


def _over_ssh(environment: Mapping[str, str]) -> dict[str, str]:
    return {**compiled(), "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **environment}


def bytes_of_a_list(home: str) -> None:
    """The client list: within the page, at its edge, a filter, and a hundred rows down."""
    with Line(_CLIENTS, _over_ssh({"XEROSYNC_HOME": home})) as line:
        line.until("Pty Ltd")
        line.cost("up", gap=_SETTLED)
        downs = line.cost(*["down"] * 100)
        within = statistics.median(downs[:10])
        edges = [size for size in downs if size > 3 * within]
        pages = line.cost(*["pagedown"] * 10)
        slash = line.cost("/", gap=_SETTLED)[0]
        typed = line.cost(*"mar", gap=_SETTLED)
    print(f"  down within the page {within:.0f}, at its edge {statistics.median(edges):.0f}", end=", ")
    print(
        f"page down {statistics.median(pages):.0f}, / {slash}, a character of the filter {statistics.median(typed):.0f}"
    )
    print(f"  100 times down: {sum(downs):,} in all, {len(edges)} of them at the edge")


def bytes_of_the_pages(environment: Mapping[str, str]) -> None:
    """Another page, another tab, a decision; and what a page writes at rest."""
    with Line([sys.executable, "-m", "xerosync_tui"], _over_ssh(environment)) as line:
        line.until("match issues")
        line.cost("3", gap=_SETTLED)
        down = line.cost(*["down"] * 10, gap=_SETTLED)
        decided = line.cost(*"ccccccccc", gap=_SETTLED)
        tabs = line.cost(*["tab"] * 8, gap=_SETTLED)[4:]  # each was there before
        line.cost(*"2451", gap=_SETTLED)
        pages = line.cost(*"24513", gap=_SETTLED)
        resting = line.at_rest(_REST)
        line.cost("ctrl+p", gap=_SETTLED)
        asked = line.at_rest(_REST)
    for words, sizes in (("another issue", down), ("a decision", decided), ("a tab", tabs), ("a page", pages)):
        print(f"  {words} {statistics.median(sizes):,.0f}", end=",")
    print(f"  {_REST:.0f} s at rest {resting}, with the palette open {asked}")


async def _connect(settings: Settings) -> None:
    async with opened(settings) as program:
        await connect.choose(program, (await consent_to(program))[0])


def _in_words(result: dict[str, Any]) -> str:
    said = [f"{name} {k['median_ms']} ms ({k['bytes']} bytes)" for name, k in result["keys"].items()]
    return f"{', '.join(said)}, {result['rss_mb']} MB"


def bytes_of_keys() -> None:
    """What a slow line has to carry."""
    print("bytes for a key at 80x24, medians")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "list"
        fill(home, 1000)
        bytes_of_a_list(str(home))
        with queue(Path(folder) / "queue") as environment:
            bytes_of_the_pages(environment)


def main() -> None:
    """Print the figures."""
    bytes_of_keys()
    print("screens at 120x40 (aims: 1.5x, 500 ms, cursor 12, page 30, end 30, filter 100 ms, 80 MB)")
    if not METER.exists():
        print("  the meter is not beside this project")
        return
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        fill(small, 100)
        fill(large, 100_000)
        first_paint(str(small))
        keys(str(small), 100)
        keys(str(large), 100_000)
        keys_during_a_sync(Path(folder) / "busy", 100_000, 10_000)


if __name__ == "__main__":
    main()
