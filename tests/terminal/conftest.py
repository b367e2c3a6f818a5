"""A sandbox, a home that is connected to it, and one that is synced; tests copy what they change."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from xerosync_tui.cli import main
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.sandbox.faults import FaultPlan
from xerosync_tui.sandbox.options import Limits
from xerosync_tui.sandbox.practice import practice_csv

from .shell import PATIENCE, Ran, Shell, control, free_port

SIZE = 40
Inside = Callable[..., Ran]


@dataclass(frozen=True, slots=True)
class Office:
    """A Xero of one's own, and the shell of an admin whose home leads to it."""

    server: SandboxServer
    shell: Shell

    def control(self, name: str, **body: object) -> dict[str, object]:
        return dict(control(self.server, name, **body))

    def fault(self, kind: str, path: str = "/api.xro/2.0/Contacts", **more: object) -> None:
        self.control("fault", kind=kind, path=path, method=more.pop("method", "*"), **more)

    def until_asked(self, path: str = "/api.xro/2.0/Contacts") -> None:
        """Waits until a request for ``path`` has come in since the sandbox started, or the test got it."""
        end = time.monotonic() + PATIENCE
        while not any(entry.path == path for entry in list(self.server.world.record.log)):
            assert time.monotonic() < end
            os.sched_yield()

    def in_xero(self, contact_id: str) -> dict[str, Any]:
        """A contact of the main organisation as it is stored."""
        return dict(self.server.world.main().contacts[contact_id].stored())

    def edit_in_xero(self, contact_id: str, **values: object) -> None:
        """An edit in Xero's web app."""
        self.control("edit", op="update", id=contact_id, contact=values)

    def contacts(self) -> list[dict[str, object]]:
        """The main organisation's contacts as they are stored."""
        main = next(iter(self.server.world.organisations.values()))
        return [contact.stored() for contact in main.by_update()]


@contextmanager
def an_office(folder: Path, *, limits: bool = False, size: int = SIZE) -> Iterator[Office]:
    """A sandbox and an empty home with the practice's CSV beside it."""
    port = free_port()
    options = SandboxOptions(
        size=size,
        redirect_uris=(f"http://localhost:{port}/callback",),
        limits=Limits() if limits else Limits(None, None, None),
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "practice.csv").write_text(practice_csv(1, size), encoding="utf-8")
    with SandboxServer(options) as server:
        environment = {**server.environment(), "XEROSYNC_REDIRECT_PORT": str(port), "XEROSYNC_USER": "anna"}
        yield Office(server, Shell(folder / "home", environment))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """For tests that harm the consent or change what Xero holds."""
    with an_office(tmp_path / "office") as one:
        yield one


@pytest.fixture
def connected_office(office: Office, practice: Path) -> Office:
    """An office of one's own whose home is connected and holds the practice's contacts."""
    office.shell("import", str(practice)).well()
    office.shell.connect("--organisation", organisation(office)).well()
    return office


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The sandbox of the tests that only read from it; faults are planned for one request."""
    with an_office(tmp_path_factory.mktemp("shared")) as one:
        yield one


@pytest.fixture(scope="session")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("practice") / "practice.csv"
    path.write_text(practice_csv(1, SIZE), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def connected_home(shared: Office, practice: Path) -> Shell:
    shared.shell("import", str(practice)).well()
    shared.shell.connect("--organisation", organisation(shared), "--contact-type", "Client").well()
    return shared.shell


@pytest.fixture(scope="session")
def synced_home(connected_home: Shell, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = connected_home.copied(tmp_path_factory.mktemp("synced") / "home")
    shell("sync", "--preview", "--json").well()
    shell("sync", "--yes").well()
    return shell


@pytest.fixture(scope="session")
def synced_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office after its first sync; ``two_way`` lends it out."""
    with an_office(tmp_path_factory.mktemp("two-way") / "office") as one:
        one.shell("import", str(one.shell.home.parent / "practice.csv")).well()
        one.shell.connect("--organisation", organisation(one), "--contact-type", "Client").well()
        one.shell("sync", "--preview", "--json").well()
        one.shell("sync", "--yes").well()
        yield one


@pytest.fixture
def two_way(synced_office: Office, tmp_path: Path) -> Iterator[Office]:
    """An office after its first sync, with a home of its own; its Xero is put back as it was."""
    world = synced_office.server.world
    before = dict(world.main().contacts)
    world.record.log.clear()
    yield Office(synced_office.server, synced_office.shell.copied(tmp_path / "home"))
    world.faults = FaultPlan()
    for made in set(world.main().contacts) - set(before):
        world.main().remove(made)
    for contact_id, contact in before.items():
        if world.main().contacts.get(contact_id) != contact:
            world.main().put(contact)


@pytest.fixture
def empty(tmp_path: Path) -> Shell:
    """A home that does not exist yet, and no Xero."""
    return Shell(tmp_path / "home", {"XEROSYNC_USER": "anna"})


@pytest.fixture
def inside(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Inside:
    """Runs a command in this process: fifty times as fast, for what is about words and not about processes."""

    def run(shell: Shell, *words: str) -> Ran:
        for name in [name for name in os.environ if name.startswith("XEROSYNC_")]:
            monkeypatch.delenv(name)
        for name, value in shell.env.items():
            monkeypatch.setenv(name, value)
        capfdbinary.readouterr()
        code = main(words)
        return Ran(code, *capfdbinary.readouterr())

    return run


@pytest.fixture
def connected(connected_home: Shell, tmp_path: Path) -> Shell:
    """A home of one's own, connected, before the first sync."""
    return connected_home.copied(tmp_path / "home")


@pytest.fixture
def synced(synced_home: Shell, tmp_path: Path) -> Shell:
    """A home of one's own after the first sync."""
    return synced_home.copied(tmp_path / "home")


def organisation(office: Office) -> str:
    """The name of the sandbox's main organisation."""
    return str(next(iter(office.server.world.organisations.values())).name)
