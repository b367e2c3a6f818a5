"""One sandbox with a Karbon for all tests of this folder, reset before each."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from xerosync_tui.sandbox import SandboxOptions, SandboxServer

from .client import Karbon, KarbonControls
from .openapi import OpenApi
from .rows import REFERENCE

SIZE = 300


@pytest.fixture(scope="session")
def openapi() -> Iterator[OpenApi]:
    """The checker; at the end of the session the count goes to the file that CI names, a line for each worker."""
    checker = OpenApi(REFERENCE)
    yield checker
    if report := os.environ.get("XEROSYNC_KARBON_OPENAPI_REPORT"):
        with Path(report).open("a", encoding="utf-8") as file:
            file.write(f"{checker.checked}\n")


@pytest.fixture(scope="session")
def server() -> Iterator[SandboxServer]:
    """The sandbox, started once."""
    with SandboxServer(SandboxOptions(seed=1, size=SIZE, karbon=True)) as running:
        yield running


@pytest.fixture(scope="session")
def http(server: SandboxServer, openapi: OpenApi) -> Iterator[httpx2.Client]:
    """A client of the sandbox that checks every documented answer and follows no redirect."""
    hooks = {"response": [openapi.hook]}
    with httpx2.Client(base_url=server.url, event_hooks=hooks, timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture(autouse=True)
def sandbox(http: httpx2.Client) -> KarbonControls:
    """The controls, after a reset: default switches, default limits, no faults."""
    controls = KarbonControls(http)
    controls.reset(seed=1, size=SIZE)
    return controls


@pytest.fixture
def karbon(server: SandboxServer, http: httpx2.Client, sandbox: KarbonControls) -> Karbon:
    """A client with both credentials that the sandbox hands out."""
    environment = server.environment()
    return Karbon(http, environment["XEROSYNC_KARBON_TOKEN"], environment["XEROSYNC_KARBON_ACCESS_KEY"])
