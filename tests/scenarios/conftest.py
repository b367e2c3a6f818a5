"""The sandbox, the program over it, and a connection between the two."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from xerosync_tui.domain.connection import Connection
from xerosync_tui.program import Program
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.sandbox.options import Limits
from xerosync_tui.services import connect
from xerosync_tui.settings import Settings, load_settings

from .directories import beyond_karbon, directories_of
from .firm import API, BUILTIN, Case, Firm, opened
from .sandboxed import Xero, consent_to, program_over


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def xero(free_port: int) -> Iterator[Xero]:
    options = SandboxOptions(size=20, redirect_uris=(f"http://localhost:{free_port}/callback",))
    with SandboxServer(options) as server:
        sandbox = Xero(server)
        yield sandbox
        sandbox.close()


@pytest.fixture
def settings(xero: Xero, free_port: int, tmp_path: Path) -> Settings:
    hosts = {f"XEROSYNC_XERO_{host}_URL": xero.url for host in ("LOGIN", "IDENTITY", "API", "WEB")}
    client_id = SandboxOptions().client_id
    return load_settings(
        {
            "XEROSYNC_HOME": str(tmp_path / "home"),
            "XEROSYNC_REDIRECT_PORT": str(free_port),
            "XEROSYNC_XERO_CLIENT_ID": client_id,
            **hosts,
        }
    )


@pytest.fixture
async def program(settings: Settings, xero: Xero) -> AsyncIterator[Program]:
    async with program_over(settings, xero) as one:
        yield one


@pytest.fixture
async def connection(program: Program) -> Connection:
    """The program connected to the first organisation of a consent to all."""
    organisations = await consent_to(program)
    return await connect.choose(program, organisations[0])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A scenario runs on the directories that matter to it."""
    if "directory" in metafunc.fixturenames:
        metafunc.parametrize("directory", directories_of(metafunc))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    """One server for a module; ``firm`` resets it. Karbon's limit makes nobody wait, unless a test sets it."""
    with SandboxServer(SandboxOptions(size=0, karbon=True, limits=Limits(karbon_minute=None))) as server:
        yield server


@pytest.fixture
def directory() -> str:
    """The directory of the firm, where a test is not run on both."""
    return BUILTIN


@pytest.fixture
def size() -> int:
    """How many contacts the firm's Xero begins with; a test may choose another number."""
    return 0


@pytest.fixture
async def firm(
    request: pytest.FixtureRequest, sandbox: SandboxServer, tmp_path: Path, size: int, directory: str
) -> AsyncIterator[Firm]:
    """A connected firm."""
    if directory == API and (reason := beyond_karbon(request.node.originalname, request.node.callspec.params)):
        pytest.skip(reason)
    async with opened(sandbox, tmp_path / "home", size, directory) as one:
        await one.connect()
        yield one


@pytest.fixture
async def case(firm: Firm) -> Case:
    xero_id = firm.in_xero("Acme Pty Ltd", "new@acme.example", "")
    key = await firm.in_karbon("ACME Pty Ltd", "old@acme.example", "02 5550 1234")
    await firm.edit_karbon(key, other_phones="0400 000 001;0400 000 002", client_identifier="C1")
    await firm.first_sync()
    return Case(firm, xero_id, key)
