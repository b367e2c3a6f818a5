"""Every test of this folder runs on every implementation, but for what one of them cannot give."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.stores import new_store
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.sandbox.options import Limits
from xerosync_tui.store.database import Store

from .karbon import beyond_karbon, over_http
from .subject import Builtin, Subject


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """One server for a module; each test finds it as new."""
    with SandboxServer(SandboxOptions(size=0, karbon=True, limits=Limits(karbon_minute=None))) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = new_store(tmp_path)
    yield one
    one.close()


@pytest.fixture(params=["builtin", "karbon"])
async def subject(request: pytest.FixtureRequest, server: SandboxServer, store: Store) -> AsyncIterator[Subject]:
    if request.param == "builtin":
        yield Builtin(store)
        return
    if reason := beyond_karbon(request.node.originalname, request.node.callspec.params):
        pytest.skip(reason)
    async with over_http(server, store) as one:
        yield one
