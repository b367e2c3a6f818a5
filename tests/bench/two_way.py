"""The continuous sync: a run with nothing to do, and 1,000 edits on each side, through the sandbox.

With ``BENCH_VDIRSYNCER`` the path of a vdirsyncer, its own no-op over 10,000 items in two folders stands beside ours,
both as processes of their own.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import httpx2

from tests.bench.first_sync import sandbox
from tests.bench.measure import in_a_process, median_seconds, peak_mib
from tests.bench.screens import fill
from tests.scenarios.sandboxed import consent_to
from xerosync_tui.domain.contact import Field
from xerosync_tui.engine import sessions
from xerosync_tui.program import Program, opened
from xerosync_tui.services import connect, contacts
from xerosync_tui.services import sync as runs
from xerosync_tui.settings import Settings, load_settings
from xerosync_tui.store import connections

_ROUNDS = 5
_EDITS = 1000
_ITEM = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{0}\r\nFN:Client {0}\r\nN:Client;{0};;;\r\nEMAIL:c{0}@x.example\r\nEND:VCARD\r\n"
)


def _settings(home: Path) -> Settings:
    return load_settings({**os.environ, "XEROSYNC_HOME": str(home)})


async def _connected(home: Path) -> None:
    async with opened(_settings(home)) as program:
        await connect.choose(program, (await consent_to(program))[0])


async def _audited(program: Program) -> None:
    """As after a run that has read everything."""
    now = program.now_ms()
    connection = await program.store.run(connections.active)
    assert connection
    await program.store.run(connections.change, connection.id, read_until=now, audited_at=now)


def idle(size: int) -> dict[str, object]:
    """Runs with nothing to do over so many links."""

    async def work(home: Path) -> dict[str, object]:
        await _connected(home)
        await asyncio.to_thread(fill, home, size)
        async with opened(_settings(home)) as program:
            await _audited(program)
            await runs.sync(program)
            times, requests = [], 0
            for _ in range(_ROUNDS):
                begun = time.perf_counter()
                result = await runs.sync(program)
                times.append(time.perf_counter() - begun)
                requests = result.requests
            return {"seconds": median(times), "requests": requests, "peak": peak_mib()}

    with tempfile.TemporaryDirectory() as home:
        return asyncio.run(work(Path(home)))


def edits(size: int) -> dict[str, object]:
    """Linked contacts, edits of other ones on each side, one run; and the same requests without the rest."""

    async def work(home: Path) -> dict[str, object]:
        async with opened(_settings(home)) as program:
            await connect.choose(program, (await consent_to(program))[0])
            await runs.preview(program)
            await runs.sync(program, confirmed=True)
            rows = await program.store.run(
                lambda db: list(db.execute_sql("SELECT xero_id, karbon_key FROM link ORDER BY id"))
            )
            async with httpx2.AsyncClient(base_url=os.environ["BENCH_URL"]) as browser:
                for xero_id, _ in rows[:size]:
                    change = {"EmailAddress": f"{xero_id[:8]}@new.example"}
                    await browser.post("/_sandbox/edit", json={"op": "update", "id": xero_id, "contact": change})
            for n, (_, key) in enumerate(rows[size : 2 * size]):
                await contacts.edit(program, key, {"phone": f"0400 {n:06}"})
            begun = time.perf_counter()
            result = await runs.sync(program, approved=await _approval(program))
            seconds = time.perf_counter() - begun
            alone = await _requests_alone(program, [xero_id for xero_id, _ in rows[size : 2 * size]])
            return {"seconds": seconds, "alone": alone, "requests": result.requests, "counts": result.counts.as_dict()}

    with tempfile.TemporaryDirectory() as home:
        return asyncio.run(work(Path(home)))


async def _approval(program: Program) -> str:
    """So many edits at once run into the brake; what it says must be approved."""
    found = (await runs.preview(program)).brake
    return found.digest if found else ""


async def _requests_alone(program: Program, xero_ids: list[str]) -> float:
    """Seconds for one poll, and the groups read and written, with nothing around them."""
    from xerosync_tui.remotes.ports import GROUP
    from xerosync_tui.remotes.xero.api import XeroLedger

    async with sessions.xero(program) as session:
        ledger = XeroLedger(session)
        begun = time.perf_counter()
        await ledger.page(1, modified_since=program.now_ms())
        for start in range(0, len(xero_ids), GROUP):
            found = await ledger.read(xero_ids[start : start + GROUP])
            await ledger.update([(record, {Field.PHONE: "0400 111 222"}) for record in found.values()], f"b{start}")
        return time.perf_counter() - begun


def beside_vdirsyncer(program: str, size: int = 10_000) -> tuple[float, float]:
    """Seconds of ``xerosync sync`` with nothing to do, and of ``vdirsyncer sync``, each as a process."""
    with tempfile.TemporaryDirectory() as folder, sandbox(1) as environment:
        home = Path(folder) / "home"
        os.environ.update(environment)
        asyncio.run(_connected(home))
        fill(home, size)

        async def audited() -> None:
            async with opened(_settings(home)) as one:
                await _audited(one)
                await runs.sync(one)

        asyncio.run(audited())
        ours = [sys.executable, "-m", "xerosync_tui", "sync"]
        theirs = _vdirsyncer(Path(folder), program, size)
        env = {**os.environ, **environment, "XEROSYNC_HOME": str(home)}

        def run(command: list[str]) -> None:
            subprocess.run(command, env=env, check=True, capture_output=True)

        return median_seconds(lambda: run(ours), _ROUNDS), median_seconds(lambda: run(theirs), _ROUNDS)


def _vdirsyncer(folder: Path, program: str, size: int) -> list[str]:
    for side in ("a", "b"):
        (folder / side / "contacts").mkdir(parents=True)
        for n in range(size):
            (folder / side / "contacts" / f"{n}.vcf").write_bytes(_ITEM.format(n).encode())
    storages = "".join(
        f'[storage {side}]\ntype = "filesystem"\npath = "{folder / side}"\nfileext = ".vcf"\n' for side in ("a", "b")
    )
    (folder / "config").write_text(
        f'[general]\nstatus_path = "{folder / "status"}"\n[pair ab]\na = "a"\nb = "b"\ncollections = ["contacts"]\n'
        + storages
    )
    command = [program, "-c", str(folder / "config")]
    subprocess.run([*command, "discover"], input=b"y\n" * 10, check=True, capture_output=True)
    subprocess.run([*command, "sync"], check=True, capture_output=True)
    return [*command, "sync"]


def main() -> None:
    """Print the figures."""
    with sandbox(1) as environment:
        print("a run with nothing to do (seconds, requests, peak MiB)")
        for size in (10_000, 100_000):
            found = in_a_process("tests.bench.two_way", "idle", str(size), environment=environment)
            print(f"  {size:7,} links: {found['seconds']:.3f} s, {found['requests']} request, {found['peak']:.0f} MiB")
    with sandbox(2 * _EDITS + 200) as environment:
        _print_edits(in_a_process("tests.bench.two_way", "edits", str(_EDITS), environment=environment))
    if vdirsyncer := os.environ.get("BENCH_VDIRSYNCER"):
        ours, theirs = beside_vdirsyncer(vdirsyncer)
        print(f"a no-op over 10,000 as a process: ours {ours:.2f} s, vdirsyncer {theirs:.2f} s: {ours / theirs:.2f}x")


def _print_edits(found: dict[str, Any]) -> None:
    groups = -(-_EDITS // 40)
    print(f"{_EDITS:,} edits on each side: {found['seconds']:.2f} s, {found['requests']} requests")
    print(f"  least possible {1 + 2 * groups} (one poll, {groups} reads, {groups} writes)")
    print(f"  the requests alone {found['alone']:.2f} s: {found['seconds'] / found['alone']:.2f}x; {found['counts']}")


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps((idle if sys.argv[1] == "idle" else edits)(int(sys.argv[2]))))
    else:
        main()
