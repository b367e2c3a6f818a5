"""A run that is killed at every durable step, with the same Xero and Karbon before it, and the process after it."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import pytest
from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Contact, Field
from xerosync_tui.engine import run
from xerosync_tui.program import Program
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.sandbox.karbon.entity import Entity

from .crashing import Crash, CrashingStore
from .firm import BUILTIN, Firm, opened, settings_for
from .linked import conflicts, failed, synced
from .sandboxed import Xero, program_over

Act = Callable[[Firm], Awaitable[None]]
Stored = TypeVar("Stored", bound=CrashingStore)
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """What both sides hold, and what waits for a person."""

    xero: Mapping[str, Contact]  # by the key of its Karbon contact, or by name
    karbon: Mapping[str, Contact]
    links: int
    conflicts: Mapping[str, tuple[Field, ...]]
    failed: Mapping[str, str]


@dataclass(frozen=True)
class Account:
    """The account behind Karbon's API as it was at a moment, and the dice from which it draws its keys."""

    records: Mapping[str, Entity]
    dice: Any

    @classmethod
    def of(cls, xero: Xero) -> Account:
        return cls(dict(xero.tenant.entities), xero.tenant.random.getstate())

    def restore(self, xero: Xero) -> None:
        """All as it was."""
        tenant = xero.tenant
        for key in list(tenant.entities):
            tenant.remove(key)
        for entity in self.records.values():
            tenant.put(entity)
        tenant.random.setstate(self.dice)


@dataclass(frozen=True)
class Office:
    """A prepared firm: its home folder, and its Xero and the account behind Karbon's API as they were then."""

    sandbox: SandboxServer
    home: Path
    contacts: list[dict[str, Any]]
    account: Account


async def prepared(sandbox: SandboxServer, home: Path, prepare: Act, directory: str = BUILTIN) -> Office:
    """A connected firm after ``prepare``, at rest on disk."""
    async with opened(sandbox, home, directory=directory) as firm:
        await firm.connect()
        await prepare(firm)
        firm.xero.control("limits", minute=None, day=None)
        return Office(sandbox, home, firm.xero_contacts(), Account.of(firm.xero))


async def dies_everywhere(office: Office, act: Act, settle: Act) -> int:
    """Killed at every step of ``act`` after its plan, ``settle`` of a new process leaves what an undisturbed one does.

    Dead right after a commit differs from dead before the next one where a request lies between. Returns how many
    deaths that were. That a run may die while it reads, the first sync's tests show.
    """
    firm, noted = _again(office, "whole", NotingStore)
    noted.requests = lambda: len(firm.asked()) + len(firm.asked_of_karbon())
    await act(firm)
    whole = await _settled(firm, settle)
    deaths = list(noted.deaths())
    for at, committed in deaths:
        firm, store = _again(office, f"{at}{committed}", CrashingStore)
        store.at, store.committed = at, committed
        with pytest.raises(Crash):
            await act(firm)
        found = await _settled(firm, settle)
        assert found == whole, f"died at step {at} of {noted.steps}, {'after' if committed else 'before'} its commit"
    return len(deaths)


async def dies_after_every_write(office: Office, act: Act, settle: Act) -> int:
    """Killed when Karbon has just done what a write request of ``act`` asked for: ends as ``dies_everywhere`` does.

    Between the intent and the acknowledgement of a batch lie many such requests. Returns how many deaths that were.
    """
    firm, _ = _again(office, "undisturbed", CrashingStore)
    before = karbon_writes(firm.xero)
    await act(firm)
    writes = karbon_writes(firm.xero) - before
    whole = await _settled(firm, settle)
    for number in range(1, writes + 1):
        firm, store = _again(office, f"write {number}", CrashingStore)
        firm.program = replace(firm.program, now=dying_after(firm.xero, store, number))
        with pytest.raises(Crash):
            await act(firm)
        assert await _settled(firm, settle) == whole, f"died after write {number} of {writes}"
    return writes


def dying_after(xero: Xero, store: CrashingStore, writes: int) -> Callable[[], float]:
    """A clock, at which a program looks after every answer: it dies once Karbon has done so many more writes."""
    until = karbon_writes(xero) + writes

    def now() -> float:
        if karbon_writes(xero) >= until:
            store.dead = True
            raise Crash
        return xero.now()

    return now


def karbon_writes(xero: Xero) -> int:
    """How many requests came in that could change Karbon."""
    counted = xero.world.record.requests
    return sum(number for what, number in counted.items() if "/v3/" in what and not what.startswith("GET"))


class NotingStore(CrashingStore):
    """Never dies, and notes what its transactions do and how many requests both remotes had seen before each."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.noted: list[tuple[object, int]] = []
        self.requests: Callable[[], int] = lambda: 0

    async def run(self, work: Callable[Concatenate[SqliteDatabase, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.noted.append((work, self.requests()))
        return await super().run(work, *args, **kwargs)

    def deaths(self) -> Iterator[tuple[int, bool]]:
        """The steps to die at, from the end of the plan on where there is one; and whether after the commit."""
        works = [work for work, _ in self.noted]
        first = works.index(run._begin) if run._begin in works else 0
        for at in range(first, len(works)):
            yield at + 1, False
            if at + 1 == len(works) or self.noted[at][1] != self.noted[at + 1][1]:
                yield at + 1, True


def _again(office: Office, name: str, kind: type[Stored]) -> tuple[Firm, Stored]:
    """The firm as it was prepared, over a store of that kind."""
    xero = Xero(office.sandbox)
    settings = settings_for(xero, Path(shutil.copytree(office.home, office.home.with_name(name))))
    store = kind.open(settings.database)
    assert isinstance(store, kind)
    firm = Firm(Program(settings, store, now=xero.now, sleep=xero.sleep), xero)
    _restore(firm, office)
    return firm, store


def _restore(firm: Firm, office: Office) -> None:
    firm.xero.control("clock", skew=0)
    office.account.restore(firm.xero)
    known = {contact["ContactID"]: contact for contact in office.contacts}
    for contact in firm.xero_contacts():
        if contact["ContactID"] not in known:
            firm.edit("delete", contact["ContactID"])
        elif contact != known[contact["ContactID"]]:
            firm.edit("update", contact["ContactID"], contact=known[contact["ContactID"]])


async def _settled(firm: Firm, settle: Act) -> Outcome:
    """What is there after another process has gone on; it left nothing half done."""
    firm.program.store.close()
    async with program_over(firm.program.settings, firm.xero) as program:
        after = Firm(program, firm.xero)
        await settle(after)
        assert await after.rows("SELECT action FROM journal WHERE state = 'intended'") == []
        assert await after.rows("SELECT 1 FROM run WHERE state = 'running'") == []
        links = await after.links()
        assert await replayed(after) == links  # P17
        xero = {links.get(c["ContactID"], c["Name"]): synced(c) for c in after.xero_contacts()}
        karbon = {key: record.contact for key, record in (await after.karbon()).items()}
        return Outcome(xero, karbon, len(links), await conflicts(after), await failed(after))


async def replayed(firm: Firm) -> dict[str, str]:
    """The links that the journal gives."""
    found: dict[str, str] = {}
    for action, state, xero_id, key in await firm.journal():
        if state in ("done", "undone") and action in ("link", "create", "create in Xero"):
            found[xero_id] = key
        elif state in ("done", "undone") and action in ("unlink", "undo"):
            found.pop(xero_id, None)
    return found
