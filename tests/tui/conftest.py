"""Firms at the stages of their first day, made once by the real services and copied for each test."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.scenarios.firm import Firm, settings_for
from tests.scenarios.sandboxed import Xero, program_over
from tests.tui.driving import Screens, opened
from xerosync_tui.program import Program
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.sandbox.practice import practice_csv
from xerosync_tui.services import importing
from xerosync_tui.settings import Settings, load_settings

_SIZE = 60
STAGES = ("fresh", "connected", "previewed", "synced")


@dataclass(frozen=True)
class Stages:
    """The sandbox that they are connected to, and a home folder for each stage."""

    xero: Xero
    homes: Path
    port: int
    moment: int  # the one time of all clocks, in seconds since the epoch

    def settings(self, home: Path) -> Settings:
        real = load_settings({}).xero_web_url  # so that links and their codes look the same each time
        return replace(settings_for(self.xero, home), redirect_port=self.port, xero_web_url=real)


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    options = SandboxOptions(size=_SIZE, redirect_uris=(f"http://localhost:{port}/callback",))
    with SandboxServer(options) as server:
        found = Stages(Xero(server), tmp_path_factory.mktemp("stages"), port, int(time.time()))
        asyncio.run(_first_day(found))
        yield found
        found.xero.close()


async def _first_day(stages: Stages) -> None:
    home = stages.homes / "at-work"
    csv = stages.homes / "practice.csv"
    csv.write_text(practice_csv(1, _SIZE), encoding="utf-8")
    settings = stages.settings(home)

    async def do(stage: str) -> None:
        async with program_over(settings, stages.xero) as plain:
            program = steady(plain, stages.moment)
            firm = Firm(program, stages.xero)
            if stage == "fresh":
                await importing.import_file(program, csv, {})
            elif stage == "connected":
                await firm.connect()
            elif stage == "previewed":
                await firm.preview()
            else:
                await firm.sync()

    for stage in STAGES:
        await do(stage)
        shutil.copytree(home, stages.homes / stage, ignore=shutil.ignore_patterns("*.lock"))


def steady(program: Program, moment: int) -> Program:
    """The program with a clock that stands still and keys that count, so that pictures are the same each time."""
    ids = itertools.count(program.now_ms() % 10**9)
    return replace(program, now=lambda: moment, new_id=lambda: f"{next(ids):032x}"[::-1])


class Desk:
    """Where a test sits down: ``at(stage)`` opens the screens over a copy of that stage."""

    def __init__(self, stages: Stages, home: Path) -> None:
        self.stages, self.home = stages, home

    @asynccontextmanager
    async def program(self, stage: str) -> AsyncIterator[Program]:
        if stage == "empty":
            self.home.mkdir()
        else:
            shutil.copytree(self.stages.homes / stage, self.home)
        async with program_over(self.stages.settings(self.home), self.stages.xero) as program:
            yield steady(program, self.stages.moment)

    @asynccontextmanager
    async def at(self, stage: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Screens]:
        async with self.program(stage) as program, opened(program, size) as screens:
            yield screens


@pytest.fixture
def desk(stages: Stages, tmp_path: Path) -> Desk:
    return Desk(stages, tmp_path / "home")
