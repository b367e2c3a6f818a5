"""Every test that takes ``subject`` runs on every implementation; those that take ``xero`` on the real one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from xerosync_tui.sandbox import SandboxOptions, SandboxServer

from .subject import Memory, OverHttp, Subject, over_http


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """One server for a module; each test finds it as new."""
    with SandboxServer(SandboxOptions(size=0)) as running:
        yield running


@pytest.fixture
async def xero(server: SandboxServer, tmp_path: Path) -> AsyncIterator[OverHttp]:
    async with over_http(server, tmp_path / "home") as one:
        yield one


@pytest.fixture(params=["memory", "xero"])
async def subject(request: pytest.FixtureRequest, server: SandboxServer, tmp_path: Path) -> AsyncIterator[Subject]:
    if request.param == "memory":
        yield Memory()
        return
    async with over_http(server, tmp_path / "home") as one:
        yield one
