"""A firm after its first day, in memory: people edit both sides, the sync runs, dies, loses answers, goes on."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from unittest.mock import patch

from peewee import SqliteDatabase

from tests.ledger import MemoryLedger
from tests.scenarios.crashing import Crash, CrashingStore
from tests.scenarios.karbons import ApiKarbon, BuiltinKarbon, Karbon
from tests.stores import connect, new_store
from xerosync_tui.domain.connection import BothChanged, Connection
from xerosync_tui.domain.contact import Address, Contact, Field, Kind, Value, XeroContact, XeroStatus
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.states import Action, EntryState, RunKind, RunState, Side
from xerosync_tui.engine import sides
from xerosync_tui.engine.decisions import at_work
from xerosync_tui.engine.run import carry_out
from xerosync_tui.engine.work import Work
from xerosync_tui.errors import NeedsPerson, RemoteError
from xerosync_tui.program import Program
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.sandbox.clock import Clock
from xerosync_tui.sandbox.faults import FaultPlan
from xerosync_tui.sandbox.karbon.credentials import ACCESS_KEY, TOKEN
from xerosync_tui.services import clients, fields, karbon, triage, undo
from xerosync_tui.settings import Settings, load_settings
from xerosync_tui.store import changes, connections, journal, runs


@dataclass(frozen=True)
class Typed:
    """A value that a person typed, unlike any other; where it was typed."""

    side: Side
    record: str
    field: Field
    text: str


class TwoWay:
    """Both sides as people see them, and the engine between; ``typed`` is what must not be lost.

    ``server``: its Karbon, behind the API, in place of the built-in directory. There the process may also die right
    after Karbon did what the ``dies_after``th write request asked for (0: it does not).
    """

    def __init__(self, settings: Settings, store: CrashingStore, server: SandboxServer | None = None) -> None:
        self.ledger = MemoryLedger(page_size=3)
        self.numbers = count(1)
        self.clock = 1_700_000_000.0
        self.settings, self.server = settings, server
        self.dies_after = 0
        self._open(store)
        self.typed: dict[tuple[Side, str, Field], Typed] = {}

    def _open(self, store: CrashingStore) -> None:
        self.store = store
        self.program = Program(
            self.settings, store, self.now, self.sleep, new_id=lambda: f"{next(self.numbers):08x}" * 4
        )

    def now(self) -> float:
        """The program's clock, which it looks at after every answer."""
        if self.dies_after and self.karbon_writes() >= self.dies_after:
            self.store.dead = True
            raise Crash
        return self.clock

    async def sleep(self, seconds: float) -> None:
        """The program's sleep: nobody waits."""
        self.clock += seconds
        await asyncio.sleep(0)

    @property
    def side(self) -> Karbon:
        """What people do in Karbon."""
        return ApiKarbon(self.server.world) if self.server else BuiltinKarbon(self.program)

    def karbon_writes(self) -> int:
        """How many requests were sent that could change Karbon."""
        counted = self.server.world.record.requests if self.server else Counter[str]()
        return sum(n for what, n in counted.items() if "/v3/" in what and not what.startswith("GET"))

    def reborn(self) -> None:
        """The process died: another one opens the same file."""
        path = self.store.path
        self.store.close()
        reopened = CrashingStore.open(path)
        assert isinstance(reopened, CrashingStore)
        self._open(reopened)

    async def start(self) -> None:
        if self.server:
            await karbon.connect(self.program, TOKEN, ACCESS_KEY)
            # Where nobody is left at all, the sync asks whether it is the right account (engine.md 2.6).
            await self.new_in_karbon("The Firm Itself", "")
        await self.store.run(lambda db: connections.change(db, connect(db).id, contact_type="Client"))
        await self.settle(first=True)

    async def connection(self) -> Connection:
        found = await self.store.run(connections.active)
        assert found
        return found

    # What people do

    def unique(self, field: Field) -> Value:
        """A value that nobody typed before."""
        number = next(self.numbers)
        texts = {Field.NAME: f"Name {number}", Field.EMAIL: f"e{number}@x.example", Field.PHONE: f"0400 {number:06}"}
        return Address(line1=f"{number} Street", city="Perth") if field is Field.ADDRESS else texts[field]

    def edit_xero(self, xero_id: str, field: Field, value: Value) -> bool:
        """An edit in Xero's web app; whether Xero takes it."""
        held = self.ledger.contacts[xero_id]
        if held.status is not XeroStatus.ACTIVE:
            return False
        if field is Field.NAME and self._name_is_taken(str(value), xero_id):
            return False
        changed = held.contact.with_values({field: value})
        self.ledger.put(replace(held, contact=changed, updated=self.ledger.newest()))
        self._remember(Side.XERO, xero_id, field, value)
        return True

    def _name_is_taken(self, name: str, but: str) -> bool:
        active = (c for c in self.ledger.contacts.values() if c.status is XeroStatus.ACTIVE and c.id != but)
        return not name.strip() or any(c.contact.name.casefold() == name.casefold() for c in active)

    async def edit_karbon(self, key: str, field: Field, value: Value) -> None:
        if isinstance(value, Address):
            given = dict(zip(Address.__slots__, value.parts(), strict=True))
        else:
            given = {field.value: value}
        await self.side.edit(key, given)
        self._remember(Side.KARBON, key, field, value)

    def _remember(self, side: Side, record: str, field: Field, value: Value) -> None:
        """A person's later edit of the same field takes the earlier one's place."""
        self.typed.pop((side, record, field), None)
        if value:
            self.typed[side, record, field] = Typed(side, record, field, text_of(value))

    def new_in_xero(self, name: str, email: str) -> str:
        xero_id = f"x{next(self.numbers)}"
        self.ledger.put(XeroContact(xero_id, Contact(name, email), updated=self.ledger.newest()))
        return xero_id

    async def new_in_karbon(self, name: str, email: str) -> str:
        return await self.side.add(Kind.ORGANIZATION, {"name": name, "email": email})

    def set_status(self, xero_id: str, status: XeroStatus, merged_to: str = "") -> None:
        held = self.ledger.contacts[xero_id]
        if status is XeroStatus.ACTIVE and self._name_is_taken(held.contact.name, xero_id):
            return
        self.ledger.put(replace(held, status=status, merged_to=merged_to, updated=self.ledger.newest()))

    async def delete_karbon(self, key: str) -> None:
        await self.side.delete(key)
        self.typed = {where: t for where, t in self.typed.items() if where[:2] != (Side.KARBON, key)}

    # What the engine does

    async def sync(self, *, full: bool = False, first: bool = False) -> Counts:
        """One run; a brake is approved. Raises RemoteError, Crash."""
        approved = ""
        while True:
            try:
                return await self._run(full=full, first=first, approved=approved)
            except NeedsPerson:
                stopped = (await self.connection()).brake
                assert stopped and stopped.digest != approved
                approved = stopped.digest

    async def _run(self, *, full: bool, first: bool, approved: str) -> Counts:
        async with at_work(self.program, "a sync") as work:
            began = (work.connection.id, RunKind.INITIAL if first else RunKind.INCREMENTAL, "mia", "1001")
            work.run = await self.store.run(runs.begin, *began, self.program.now_ms())
            full = full or work.connection.read_until is None
            async with sides.ledger(work), sides.karbon(work):
                await carry_out(work, first=False, full=full, approved=approved)
            now = self.program.now_ms()
            await self.store.run(runs.finish, work.run, RunState.DONE, now, requests=0, counts=work.counts)
            return work.counts

    @asynccontextmanager
    async def in_memory(self, work: Work) -> AsyncIterator[None]:
        """Xero, open, for whoever asks for it."""
        work.open_ledger = self.ledger
        try:
            yield
        finally:
            work.open_ledger = None

    async def sync_dying(self, step: int) -> None:
        """A run that dies at that durable step (if it has so many), and a new process."""
        self.store.at = self.store.steps + step
        try:
            await self.sync()
        except Crash:
            self.reborn()
        self.store.at = 0

    async def sync_dying_after(self, writes: int) -> None:
        """A run that dies when Karbon has just done so many writes (if it has so many), and a new process."""
        self.dies_after = self.karbon_writes() + writes
        try:
            await self.sync()
        except Crash:
            self.dies_after = 0
            self.reborn()
        self.dies_after = 0

    async def sync_in_karbons_trouble(self, kind: str, method: str, times: int) -> None:
        """A run that has so many requests of a kind to Karbon go wrong."""
        assert self.server
        self.server.world.faults.add({"kind": kind, "method": method, "path": "/v3/", "times": times})
        with suppress(RemoteError):
            await self.sync()
        self.server.world.faults = FaultPlan()

    async def sync_in_trouble(self, *, before: int, after: int) -> None:
        """A run that loses writes, or their answers."""
        self.ledger.lose_before, self.ledger.lose_after = before, after
        with suppress(RemoteError):
            await self.sync()
        self.ledger.lose_before = self.ledger.lose_after = 0

    async def settle(self, *, first: bool = False) -> int:
        """Runs without faults until one has nothing to do; how many it took."""
        for number in range(1, 6):
            before = await self.state()
            await self.sync(first=first and number == 1)
            if await self.state() == before:
                return number
        said = await self.rows(
            "SELECT action, state, side, xero_id, before, after, error FROM journal ORDER BY id DESC"
        )
        raise AssertionError(f"it does not come to rest: {said[:8]}")

    async def state(self) -> object:
        return (
            dict(self.ledger.contacts),
            await self.karbon(),
            await self.rows("SELECT xero_id, karbon_key, state FROM link ORDER BY id"),
            await self.rows("SELECT count(*) FROM journal"),
        )

    # Decisions

    async def unsync(self, xero_id: str) -> None:
        await clients.unsync(self.program, [xero_id])

    async def rematch(self, xero_id: str, key: str, take: Side = Side.XERO) -> None:
        await clients.rematch(self.program, xero_id, key, take)

    async def take(self, xero_id: str, field: Field, side: Side = Side.XERO) -> None:
        await fields.take(self.program, xero_id, {field: side})

    async def create_new(self, xero_id: str) -> None:
        await triage.create_new(self.program, xero_id)

    async def undo(self) -> None:
        await undo.undo(self.program)

    async def create_in_xero(self, key: str) -> None:
        await clients.create_in_xero(self.program, key, anyway=True)

    async def choose(self, both_changed: BothChanged) -> None:
        connection = await self.connection()
        await self.store.run(lambda db: connections.change(db, connection.id, both_changed=both_changed.value))

    # What is there

    async def karbon(self) -> dict[str, DirectoryRecord]:
        return await self.side.records()

    async def rows(self, sql: str) -> list[tuple[object, ...]]:
        return await self.store.run(lambda db: [tuple(row) for row in db.execute_sql(sql)])

    async def links(self) -> dict[str, str]:
        return {
            str(x): str(k) for x, k in await self.rows("SELECT xero_id, karbon_key FROM link WHERE state = 'synced'")
        }

    async def in_conflict(self) -> Mapping[str, set[Field]]:
        found: dict[str, set[Field]] = {}
        for x, f in await self.rows("SELECT xero_id, field FROM field_conflict"):
            found.setdefault(str(x), set()).add(Field(str(f)))
        return found

    async def unsynced(self) -> list[tuple[str, str]]:
        rows = await self.rows("SELECT xero_id, karbon_key FROM link WHERE state = 'unsynced' ORDER BY id")
        return [(str(x), str(k)) for x, k in rows]

    # What is promised

    async def nothing_is_lost(self) -> None:
        """P4: what a person typed is where it was typed, or in the journal with what replaced it."""
        assert await self.lost() == []

    async def lost(self) -> list[Typed]:
        """What a person typed and is nowhere any more."""
        karbon = await self.karbon()
        ours = [entry for entry in await self.store.run(_entries) if not entry.intent.by_hand]
        replaced = {text_of(value) for entry in ours for value in entry.intent.before.values()}
        found = []
        for typed in self.typed.values():
            records = self.ledger.contacts if typed.side is Side.XERO else karbon
            held = records[typed.record].contact.value(typed.field)
            if text_of(held) != typed.text and typed.text not in replaced:
                found.append(typed)
        return found

    async def links_are_one_to_one(self) -> None:
        """P1."""
        rows = await self.rows("SELECT xero_id FROM link")
        assert len(rows) == len(set(rows))
        synced = list((await self.links()).values())
        assert len(synced) == len(set(synced))

    async def the_journal_gives_the_links(self) -> None:
        """P17."""
        replayed: dict[str, str] = {}
        for entry in await self.store.run(_entries):
            intent = entry.intent
            if entry.state not in (EntryState.DONE, EntryState.UNDONE):
                continue
            if intent.action in (Action.LINK, Action.CREATE, Action.CREATE_IN_XERO):
                replayed[intent.xero_id] = intent.karbon_key
            elif intent.action in (Action.UNLINK, Action.UNDO):
                replayed.pop(intent.xero_id, None)
        assert replayed == await self.links()

    async def both_sides_agree(self) -> None:
        """P3: at rest, every synced field that nobody must decide is the same on both sides, or was agreed upon."""
        karbon, conflicts = await self.karbon(), await self.in_conflict()
        failed = {str(x) for (x,) in await self.rows("SELECT record FROM failed_record")}
        connection = await self.connection()
        for xero_id, key in (await self.links()).items():
            pair = await self.store.run(changes.linked, connection.id, xero_id)
            assert pair
            for f in Field:
                if f in conflicts.get(xero_id, ()) or xero_id in failed:
                    continue
                held = self.ledger.contacts[xero_id].contact.value(f), karbon[key].contact.value(f)
                assert held == (pair.xero_base.value(f), pair.karbon_base.value(f)), (xero_id, f, held)


def shortened(field: Field, value: Value) -> Value:
    """A ledger that keeps only the beginning of a phone."""
    return value[:8] if field is Field.PHONE and isinstance(value, str) else value


def text_of(value: Value) -> str:
    return value if isinstance(value, str) else str(value)


def _entries(db: SqliteDatabase) -> list[journal.Entry]:
    found = connections.active(db)
    if found is None:
        return []
    return list(reversed(journal.listed(db, journal.Place(found.id, found.directory), limit=1_000_000)))


class FirmsClock(Clock):
    """The sandbox's time is the firm's, and moves a little with every look at it: seconds hold many changes."""

    def __init__(self, firm: TwoWay) -> None:
        super().__init__()
        self._firm = firm

    def now(self) -> float:
        self._firm.clock += 0.01
        return self._firm.clock


@contextmanager
def opened(server: SandboxServer | None = None) -> Iterator[TwoWay]:
    """A firm in a folder that is thrown away; its Karbon is the server's, emptied, or else the built-in directory."""
    with tempfile.TemporaryDirectory() as home:
        where = {"XEROSYNC_KARBON_API_URL": server.url} if server else {}
        settings = load_settings({"XEROSYNC_HOME": home, "XEROSYNC_USER": "mia", **where})
        new_store(Path(home)).close()
        store = CrashingStore.open(settings.database)
        assert isinstance(store, CrashingStore)
        firm = TwoWay(settings, store, server)
        if server:
            server.world.reset(server.world.options)
            server.world.clock = FirmsClock(firm)
            for key in list(ApiKarbon(server.world).tenant.entities):
                ApiKarbon(server.world).tenant.remove(key)
        try:
            with patch.object(sides, "ledger", firm.in_memory):
                yield firm
        finally:
            firm.store.close()
