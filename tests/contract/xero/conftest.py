"""One sandbox for all contract tests, reset before each; tokens come through the real flow."""

import os
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from xerosync_tui.sandbox import SandboxOptions, SandboxServer

from .client import Controls, Xero
from .openapi import OpenApi
from .rows import REFERENCE
from .signin import connections, sign_in

SIZE = 80


@pytest.fixture(scope="session")
def openapi() -> Iterator[OpenApi]:
    """The checker; at the end of the session the count goes to the file that CI names."""
    checker = OpenApi(REFERENCE)
    yield checker
    if report := os.environ.get("XEROSYNC_OPENAPI_REPORT"):
        Path(report).write_text(f"{checker.checked}\n", encoding="utf-8")


@pytest.fixture(scope="session")
def server() -> Iterator[SandboxServer]:
    """The sandbox, started once."""
    with SandboxServer(SandboxOptions(seed=1, size=SIZE)) as running:
        yield running


@pytest.fixture(scope="session")
def http(server: SandboxServer, openapi: OpenApi) -> Iterator[httpx2.Client]:
    """A client of the sandbox that checks every documented answer and follows no redirect."""
    hooks = {"response": [openapi.hook]}
    with httpx2.Client(base_url=server.url, event_hooks=hooks, timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture(autouse=True)
def sandbox(http: httpx2.Client) -> Controls:
    """The controls, after a reset: default switches, default limits, no tokens, no faults."""
    controls = Controls(http)
    controls.reset(seed=1, size=SIZE)
    return controls


@pytest.fixture
def xero(http: httpx2.Client, sandbox: Controls) -> Xero:
    """The first organisation of a consent to all."""
    token = sign_in(http)
    return Xero(http, token, organisations(http, token)[0])


@pytest.fixture
def other(http: httpx2.Client, xero: Xero) -> Xero:
    """The second organisation of the same consent."""
    return Xero(http, xero.token, organisations(http, xero.token)[1])


def organisations(http: httpx2.Client, token: dict[str, str]) -> list[str]:
    """Tenant ids of the connections that are organisations (1.7)."""
    return [one["tenantId"] for one in connections(http, token) if one["tenantType"] == "ORGANISATION"]
