"""Killed at any durable step and started again, everything ends as if nothing had happened (promise P7)."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from xerosync_tui.domain.contact import Kind
from xerosync_tui.program import Program
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.services import contacts, triage
from xerosync_tui.services.undo import undo

from .crashing import Crash, CrashingStore
from .firm import EndState, Firm, opened, settings_for
from .restarts import Account, dying_after, karbon_writes
from .sandboxed import Xero, program_over

Act = Callable[[Firm], Awaitable[None]]
NEW, OLD = "new@acme.example", "old@acme.example"


async def ready_for_the_first_sync(firm: Firm) -> None:
    firm.in_xero("Match", "match@acme.example", "02 5550 1234")
    firm.in_xero("New One", "one@acme.example")
    firm.in_xero("David Smith", FirstName="David", LastName="Smith")
    firm.in_xero("Acme", NEW, "02 5550 1111")
    firm.in_xero("Vetoed", "vetoed@acme.example")
    await firm.in_karbon("Match", "match@acme.example", "02 5550 9999")
    await firm.in_karbon("Acme", OLD, "02 5550 2222")
    await firm.in_karbon("Vetoed", "vetoed@acme.example")
    await firm.in_karbon("Nobody's", "nobody@acme.example", kind=Kind.ORGANIZATION)
    await firm.preview()


async def first_sync(firm: Firm) -> None:
    vetoed = [c["ContactID"] for c in firm.xero_contacts() if c["Name"] == "Vetoed"]
    done = await firm.rows("SELECT 1 FROM run WHERE kind = 'initial' AND state = 'done'")
    await firm.sync(vetoes=[] if done else vetoed)


async def ready_for_a_later_sync(firm: Firm) -> None:
    await ready_for_the_first_sync(firm)
    await firm.sync()
    links = await firm.links()
    [gone] = [c["ContactID"] for c in firm.xero_contacts() if c["Name"] == "New One"]
    await firm.delete_karbon(links[gone])
    await firm.in_karbon("Newcomer", "newcomer@acme.example")
    for name in ("Newcomer", "Another Newcomer"):
        firm.in_xero(name, "newcomer@acme.example" if name == "Newcomer" else "")


async def later_sync(firm: Firm) -> None:
    await firm.sync()


async def ready_for_a_decision(firm: Firm) -> None:
    await ready_for_the_first_sync(firm)
    await firm.sync()


async def confirm(firm: Firm) -> None:
    for issue in (await firm.issues()).values():
        await triage.confirm(firm.program, str(issue.id))


async def create(firm: Firm) -> None:
    for issue in (await firm.issues()).values():
        await triage.create_new(firm.program, str(issue.id))


async def ready_to_take_back(firm: Firm) -> None:
    await ready_for_a_decision(firm)
    await confirm(firm)


async def take_back(firm: Firm) -> None:
    if not await firm.issues():
        await undo(firm.program)


@asynccontextmanager
async def crashing(xero: Xero, home: Path, at: int, committed: bool) -> AsyncIterator[tuple[Firm, CrashingStore]]:
    settings = settings_for(xero, home)
    store = CrashingStore.open(settings.database)
    assert isinstance(store, CrashingStore)
    store.at, store.committed = at, committed
    try:
        yield Firm(Program(settings, store, now=xero.now, sleep=xero.sleep), xero), store
    finally:
        store.close()


async def ended(xero: Xero, home: Path, act: Act) -> EndState:
    """A new process does it (again) and looks at what is there.

    What became of a decision that Karbon's API was asked for, only a sync finds out; the first sync's plan goes on
    in the first run and the rest follows in the second.
    """
    async with program_over(settings_for(xero, home), xero) as program:
        firm = Firm(program, xero)
        over_api = await contacts.over_api(program)
        if over_api and act not in (first_sync, later_sync):
            await firm.sync()
        await act(firm)
        if over_api:
            await firm.sync()
        await nothing_is_half_done(firm)
        end = await firm.end_state()
        # A match that Karbon has and that was not recorded is a full match now, whoever matched them before.
        return replace(end, links={x: (*has, "") for x, (*has, _) in end.links.items()}) if over_api else end


async def nothing_is_half_done(firm: Firm) -> None:
    replayed: dict[str, str] = {}
    for action, state, x, k in await firm.journal():
        assert state in ("done", "abandoned", "undone")
        if state != "abandoned":
            if action in ("link", "create"):
                replayed[x] = k
            else:
                del replayed[x]
    assert replayed == await firm.links()  # P17
    assert await firm.rows("SELECT 1 FROM run WHERE state = 'running'") == []
    karbon = await firm.karbon()
    assert set((await firm.links()).values()) <= set(karbon)


@pytest.mark.parametrize(
    ("prepare", "act"),
    [
        (ready_for_the_first_sync, first_sync),
        (ready_for_a_later_sync, later_sync),
        (ready_for_a_decision, confirm),
        (ready_for_a_decision, create),
        (ready_to_take_back, take_back),
    ],
)
async def test_killed_at_every_step(
    sandbox: SandboxServer, tmp_path: Path, directory: str, prepare: Act, act: Act
) -> None:
    home = tmp_path / "home"
    async with opened(sandbox, home, directory=directory) as firm:
        await firm.connect()
        await prepare(firm)
    xero = Xero(sandbox)
    xero.control("limits", minute=None, day=None)
    account = Account.of(xero)
    shutil.copytree(home, tmp_path / "whole")
    before, steps_before = karbon_writes(xero), list[int]()
    async with crashing(xero, tmp_path / "whole", 0, False) as (firm, store):

        def now() -> float:
            if karbon_writes(xero) == before:
                steps_before[:] = [store.steps]
            return xero.now()

        firm.program = replace(firm.program, now=now)
        await act(firm)
        steps, writes = store.steps, karbon_writes(xero) - before
    whole = await ended(xero, tmp_path / "whole", act)
    assert steps >= 5

    # Dead after a commit is dead before the next transaction; only the last has no next. Number 0: after no write.
    # That nothing is lost by a death before the first write to the API, the built-in directory shows.
    first = steps_before[-1] if writes else 1
    deaths = [*((n, False, 0) for n in range(first, steps + 1)), (steps, True, 0)]
    for at, committed, number in [*deaths, *((0, False, n) for n in range(1, writes + 1))]:
        again = shutil.copytree(home, tmp_path / f"{at}{committed}{number}")
        account.restore(xero)
        async with crashing(xero, again, at, committed) as (firm, store):
            if number:
                firm.program = replace(firm.program, now=dying_after(xero, store, number))
            with pytest.raises(Crash):
                await act(firm)
        found = await ended(xero, again, act)
        assert found == whole, f"died at step {at} of {steps}, {committed=}, or after write {number} of {writes}"
    xero.close()


@pytest.mark.parametrize("size", [2500])
async def test_a_real_process_is_killed(firm: Firm, sandbox: SandboxServer, tmp_path: Path) -> None:
    """SIGKILL while it links; the journal says how far it came, and the next process goes on from there."""
    settings = firm.program.settings
    await firm.preview()
    whole_home = tmp_path / "whole"
    environment = {**os.environ, **firm.xero.environment(settings), "XEROSYNC_USER": "mia"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "xerosync_tui", "sync", "--yes", env=environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr
    async for line in process.stderr:
        if line.startswith(b"Linking"):  # said after the first page
            process.send_signal(signal.SIGKILL)
            break
    assert await process.wait() == -signal.SIGKILL

    links = len(await firm.links())
    states = Counter(state for _, state, *_ in await firm.journal())
    assert await firm.rows("SELECT state FROM run ORDER BY id DESC LIMIT 1") == [("running",)]
    assert 0 < links == states["done"] < 2000
    await firm.sync(confirmed=False)
    await nothing_is_half_done(firm)

    async with program_over(settings_for(firm.xero, whole_home), firm.xero) as program:
        undisturbed = Firm(program, firm.xero)
        await undisturbed.connect()
        await undisturbed.first_sync()
        assert await firm.end_state() == await undisturbed.end_state()
