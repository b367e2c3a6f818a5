"""The lock of a database: one at a time, nobody held up by waiting, and free when its holder is dead."""

from __future__ import annotations

import asyncio
import fcntl
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from xerosync_tui.engine.lock import is_held, sync_lock
from xerosync_tui.errors import LockHeld, MachineError
from xerosync_tui.settings import Settings, load_settings

HOLDER = """
import asyncio, sys
from xerosync_tui.engine.lock import sync_lock
from xerosync_tui.settings import load_settings

async def hold():
    async with sync_lock(load_settings({"XEROSYNC_HOME": sys.argv[1]})):
        print("held", flush=True)
        sys.stdin.read()

asyncio.run(hold())
"""


def in_home(path: Path) -> Settings:
    return load_settings({"XEROSYNC_HOME": str(path)})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return in_home(tmp_path)


@pytest.fixture
def lock_file(settings: Settings) -> Path:
    return Path(f"{settings.database}.sync.lock")


async def take(settings: Settings) -> None:
    async with sync_lock(settings):
        assert is_held(settings)


def calls(work: Callable[[], object]) -> list[object]:
    """The built-in functions that ``work`` calls, as the interpreter tells them."""
    found: list[object] = []
    sys.setprofile(lambda frame, event, what: found.append(what) if event == "c_call" else None)
    try:
        work()
    finally:
        sys.setprofile(None)
    return found


async def test_two_tasks_come_in_one_after_the_other(settings: Settings) -> None:
    """P14."""
    seen: list[str] = []

    async def work(name: str) -> None:
        async with sync_lock(settings):
            seen.append(name)
            for _ in range(10):
                await asyncio.sleep(0)
            seen.append(name)

    await asyncio.gather(work("a"), work("b"))
    assert seen == ["a", "a", "b", "b"]


async def test_who_waits_in_vain_is_told_and_the_holder_goes_on(settings: Settings) -> None:
    async with sync_lock(settings):
        with pytest.raises(LockHeld, match="at work") as raised:
            await take(settings)
        assert is_held(settings)
    assert raised.value.exit_code == 6
    await take(settings)


async def test_waiting_stops_no_other_task(settings: Settings) -> None:
    held, go_on = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with sync_lock(settings):
            held.set()
            await go_on.wait()

    holding = asyncio.ensure_future(hold())
    await held.wait()
    waiting = asyncio.ensure_future(take(settings))
    await asyncio.sleep(0)  # it has tried once
    assert not waiting.done()
    go_on.set()
    await asyncio.gather(holding, waiting)


async def test_who_gives_up_waiting_takes_nothing_away(settings: Settings) -> None:
    async with sync_lock(settings):
        waiting = asyncio.ensure_future(take(settings))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert is_held(settings)
    assert not is_held(settings)


async def test_an_error_frees_it(settings: Settings) -> None:
    with pytest.raises(LookupError):
        async with sync_lock(settings):
            raise LookupError
    assert not is_held(settings)


async def test_two_databases_have_two_locks(settings: Settings, tmp_path: Path) -> None:
    async with sync_lock(settings):
        other = in_home(tmp_path / "other")
        assert not is_held(other)
        await take(other)


async def test_asking_waits_for_nobody_and_takes_nothing(settings: Settings) -> None:
    assert not is_held(settings)
    await take(settings)
    async with sync_lock(settings):
        called = calls(lambda: is_held(settings))
        assert fcntl.flock in called and time.sleep not in called
        assert is_held(settings)


def test_a_killed_process_holds_nothing(settings: Settings, tmp_path: Path) -> None:
    """P14: the operating system releases it."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "held\n"
        assert is_held(settings)
        with pytest.raises(LockHeld):
            asyncio.run(take(settings))
        process.kill()
        process.wait()
        assert not is_held(settings)
        asyncio.run(take(settings))


async def test_the_file_is_the_owners_alone(settings: Settings, lock_file: Path) -> None:
    before = os.umask(0)
    try:
        await take(settings)
    finally:
        os.umask(before)
    assert stat.S_IMODE(lock_file.stat().st_mode) == 0o600


async def test_a_lock_that_cannot_be_used_names_its_file(settings: Settings, lock_file: Path) -> None:
    lock_file.mkdir()
    for attempt in (lambda: is_held(settings), lambda: asyncio.run(take(settings))):
        with pytest.raises(MachineError) as raised:
            await asyncio.to_thread(attempt)
        assert str(lock_file) in str(raised.value) and raised.value.next_step
