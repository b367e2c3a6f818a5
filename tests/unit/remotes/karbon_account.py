"""An account of the sandbox's Karbon, the directory over it, and every request that goes there."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from peewee import SqliteDatabase

from tests.contract.directory.karbon import Clock
from tests.stores import new_store
from xerosync_tui.domain.contact import KarbonContact, Kind
from xerosync_tui.remotes import http
from xerosync_tui.remotes.karbon.api import KarbonDirectory, Known
from xerosync_tui.remotes.karbon.session import Credentials, KarbonSession
from xerosync_tui.remotes.ports import BadRecord, Outcome, Write
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.sandbox.karbon.credentials import ACCESS_KEY, TOKEN
from xerosync_tui.sandbox.karbon.entity import TICKS, BusinessCard, Entity
from xerosync_tui.sandbox.karbon.tenant import Tenant
from xerosync_tui.sandbox.options import Limits
from xerosync_tui.store.database import Store


@dataclass
class Notes:
    """A recorder that keeps what it was told, and how many requests and newcomers had gone by then."""

    account: Account
    failing: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    writes_before: list[int] = field(default_factory=list)
    kept_before: list[str] = field(default_factory=list)

    def intend(self, db: SqliteDatabase) -> None:
        self.kept_before = [contact.key for batch in self.account.kept for contact in batch]
        self.writes_before.append(len(self.account.writes()))
        if self.failing:
            raise LookupError("the journal is full")

    def settle(self, db: SqliteDatabase, outcomes: Sequence[Outcome]) -> None:
        self.writes_before.append(len(self.account.writes()))
        self.outcomes = list(outcomes)


class Account:
    """The sandbox's Karbon from within, and ``port`` over its API."""

    def __init__(self, session: KarbonSession, server: SandboxServer, store: Store) -> None:
        self.session, self.store, self._server = session, store, server
        self.sent: list[httpx2.Request] = []
        self.kept: list[list[KarbonContact]] = []  # what was to be mirrored before each batch
        self._hooks: list[Callable[[httpx2.Request], None]] = []
        self.port = self.directory()

    @property
    def tenant(self) -> Tenant:
        tenant = self._server.world.karbon
        assert tenant
        return tenant

    def directory(
        self, *ours: int, known: Mapping[str, Known] | None = None, unreadable: Collection[str] = ()
    ) -> KarbonDirectory:
        """A directory whose plan rests on ``known``, or on the account as it is now but for ``unreadable``."""
        if known is None:
            known = {key: one for key, one in self.known().items() if key not in unreadable}
        version = max((one.version for one in known.values()), default=0)
        return KarbonDirectory(self.session, self.store, known, version, ours, unreadable=unreadable, keep=self._keeps)

    def _keeps(self, db: SqliteDatabase, newcomers: Sequence[KarbonContact]) -> None:
        db.execute_sql("INSERT OR REPLACE INTO counter VALUES ('kept', '')")
        self.kept.append(list(newcomers))

    def planned(self) -> None:
        self.port = self.directory()

    def newest(self) -> int:
        return max((known.version for known in self.known().values()), default=0)

    def known(self) -> dict[str, Known]:
        kinds = {"Contact": Kind.PERSON, "Organization": Kind.ORGANIZATION}
        return {one.key: Known(kinds[one.kind], one.modified) for one in self.tenant.entities.values()}

    def organization(self, key: str, name: str = "Acme", *cards: BusinessCard, second: float = 0, **text: str) -> None:
        """There is this organization, last modified ``second`` seconds after the sandbox's now."""
        self._keep(Entity(key, "Organization", self.now(second), {"FullName": name, **text}, cards))

    def person(self, key: str, *cards: BusinessCard, second: float = 0, **text: str) -> None:
        """There is this person, last modified then."""
        self._keep(Entity(key, "Contact", self.now(second), text, cards))

    def _keep(self, entity: Entity) -> None:
        self.tenant.put(entity)

    def now(self, later: float = 0) -> int:
        return int((self._server.world.clock.now() + later) * TICKS)

    def touched(self, key: str, later: float = 0, **text: str) -> None:
        """A person edits the names of it."""
        entity = self.tenant.entities[key]
        self.tenant.put(replace(entity, text={**entity.text, **text}, modified=self.now(later)))

    def serves(self, key: str, **raw: Any) -> None:
        """Its record is served with these instead."""
        self.tenant.put(replace(self.tenant.entities[key], raw=raw))

    def fault(self, kind: str, path: str = "*", **more: Any) -> None:
        """The next matching request goes wrong."""
        self._server.world.faults.add({"kind": kind, "path": path, **more})

    def limit(self, a_minute: int | None) -> None:
        self._server.world.limiter.limits = Limits(karbon_minute=a_minute)

    def switch(self, **switches: Any) -> None:
        assert switches.keys() <= self.tenant.switches.keys()
        self.tenant.switches.update(switches)

    def before(self, method: str, act: Callable[[], None]) -> None:
        """Somebody does this just before the next request by this method arrives."""
        self.when(lambda request: request.method == method, act)

    def when(self, due: Callable[[httpx2.Request], bool], act: Callable[[], None]) -> None:
        """Somebody does this just before the next such request arrives."""

        def hook(request: httpx2.Request) -> None:
            if due(request):
                self._hooks.remove(hook)
                act()

        self._hooks.append(hook)

    async def sees(self, request: httpx2.Request) -> None:
        """A request goes out."""
        self.sent.append(request)
        for hook in list(self._hooks):
            hook(request)

    def asked(self, method: str = "GET") -> list[str]:
        """The addresses of all requests by this method, from /v3/ on."""
        return [str(one.url.raw_path.decode())[3:] for one in self.sent if one.method == method]

    def writes(self) -> list[tuple[str, str, Any]]:
        """Method, path and document of everything that was sent to be stored."""
        return [(one.method, one.url.path[3:], json.loads(one.content)) for one in self.sent if one.method != "GET"]

    async def write(self, *writes: Write) -> list[Outcome]:
        notes = Notes(self)
        await self.port.write(writes, notes)
        return notes.outcomes

    async def told(self, since: int = 0) -> tuple[dict[str, KarbonContact], list[str], list[BadRecord]]:
        """Contacts by key, keys of deleted ones, and bad records."""
        contacts: dict[str, KarbonContact] = {}
        gone: list[str] = []
        bad: list[BadRecord] = []
        async for page in self.port.changes(since):
            contacts |= {contact.key: contact for contact in page.contacts}
            gone += page.gone
            bad += page.bad
        return contacts, gone, bad

    async def whole(self, since: int = 0) -> dict[str, KarbonContact]:
        """Contacts by key, read where a list told only part of them."""
        told, *_ = await self.told(since)
        found = await self.port.read([key for key, contact in told.items() if not contact.whole])
        return told | {contact.key: contact for contact in found.contacts}

    def lists_asked(self) -> list[str]:
        """The addresses of all requests for a page of a list."""
        return [one for one in self.asked() if "orderby" in one]

    def records_asked(self) -> list[str]:
        """The addresses of all requests for a single record."""
        return [one for one in self.asked() if "orderby" not in one]

    def names(self) -> list[str]:
        return sorted(one.full_name for one in self.tenant.entities.values())

    def lists(self, key: str, card: int = 0) -> dict[str, Any]:
        """What is on one of its cards."""
        return dict(self.tenant.entities[key].cards[card].lists)


def card(key: str = "card1", **lists: Any) -> BusinessCard:
    """A business card; texts and lists by Karbon's names."""
    text = {name: value for name, value in lists.items() if isinstance(value, str)}
    return BusinessCard(key, text=text, lists={n: tuple(v) for n, v in lists.items() if not isinstance(v, str)})


def many(account: Account, number: int, *, second: float = -1000) -> None:
    """There are this many organizations, a second apart exactly, the first the newest."""
    newest = account.now(second)
    for n in range(number):
        cards = (card(f"card{n}", EmailAddresses=[f"{n}@x.example"]),)
        account.tenant.put(Entity(f"k{n}", "Organization", newest - n * TICKS, {"FullName": f"Acme {n}"}, cards))


def phone(number: str, label: str = "Work", **more: str) -> dict[str, str]:
    return {"Number": number, "Label": label, "PhoneNumberKey": f"key of {number}", **more}


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


@pytest.fixture
async def account(server: SandboxServer, store: Store) -> AsyncIterator[Account]:
    server.world.reset(server.world.options)
    clock = Clock()
    async with http.new_client() as client:
        session = KarbonSession(client, Credentials(TOKEN, ACCESS_KEY), server.url, now=clock.now, sleep=clock.sleep)
        one = Account(session, server, store)
        client.event_hooks = {"request": [one.sees]}
        yield one
