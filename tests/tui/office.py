"""A firm that lives in Karbon: the sandbox's Karbon behind its API, and the screens over it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.scenarios.firm import Firm, settings_for
from tests.scenarios.sandboxed import Xero, program_over
from tests.tui.conftest import steady
from tests.tui.driving import Screens, opened
from xerosync_tui.program import Program
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.sandbox.karbon.credentials import ACCESS_KEY, TOKEN
from xerosync_tui.sandbox.options import Limits
from xerosync_tui.services import karbon
from xerosync_tui.settings import load_settings

SIZE = 60
MOMENT = 1_795_600_000  # seconds since the epoch: all clocks stand there


class Office:
    """The firm; ``gate`` is closed while a limit of Karbon's is to make everybody wait."""

    def __init__(self, program: Program, xero: Xero) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.waits = asyncio.Event()  # somebody came to the gate
        self.xero = xero
        self.program = replace(steady(program, MOMENT), sleep=self._sleep)
        self.firm = Firm(self.program, xero)

    async def _sleep(self, seconds: float) -> None:
        self.waits.set()
        await self.gate.wait()
        await self.xero.sleep(seconds)

    async def join(self) -> None:
        """Karbon's API in the place of the built-in directory."""
        await karbon.connect(self.program, TOKEN, ACCESS_KEY)

    def hold_after(self, cards: int) -> None:
        """Once so many cards were read, Karbon asks for a pause, which lasts until the gate is opened."""
        self.gate.clear()
        self.program.budgets.clear()  # the clock stands: all requests so far would count as of this minute
        self.xero.fault("rate_minute", path="/v3", query={"$expand": "BusinessCards,ClientTeam"}, skip=cards, value=30)

    def refuse_keys(self) -> None:
        """From the next request on."""
        self.xero.fault("token_revoked", path="/v3")

    def records(self) -> list[dict[str, Any]]:
        """Every Karbon record as it is stored."""
        state = httpx2.get(f"{self.xero.url}/_sandbox/state", trust_env=False, verify=False).json()
        return list(state["karbon"]["records"])

    @asynccontextmanager
    async def at(self, stage: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Screens]:
        """The screens over a stage of the first day: joined, connected, previewed, synced."""
        stages = ("joined", "connected", "previewed", "synced")
        steps = (self.join, self.firm.connect, self.firm.preview, self.firm.sync)
        for step in steps[: stages.index(stage) + 1]:
            await step()
        async with opened(self.program, size) as screens:
            yield screens


@pytest.fixture(scope="module")
def two_sided() -> Iterator[Xero]:
    """The sandbox with a Karbon, which lets as many requests go as are wanted."""
    options = SandboxOptions(size=SIZE, karbon=True, limits=Limits(karbon_minute=None))
    with SandboxServer(options) as server:
        xero = Xero(server)
        yield xero
        xero.close()


@pytest.fixture
async def office(two_sided: Xero, tmp_path: Path) -> AsyncIterator[Office]:
    two_sided.control("reset", size=SIZE)
    real = load_settings({})
    settings = replace(
        settings_for(two_sided, tmp_path / "home"), karbon_api_url=two_sided.url, xero_web_url=real.xero_web_url
    )
    async with program_over(settings, two_sided) as program:
        yield Office(program, two_sided)
