"""A piece of work: who takes part in it, and the lock under which one process at a time pulls and applies (P14)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection, is_karbon_api
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.decided import Decided, Done, Stays
from xerosync_tui.domain.link import Rules
from xerosync_tui.domain.progress import Report, unwatched
from xerosync_tui.domain.states import Action
from xerosync_tui.engine.lock import sync_lock
from xerosync_tui.errors import LockHeld
from xerosync_tui.program import Program, not_connected
from xerosync_tui.remotes.ports import Directory, Ledger
from xerosync_tui.store import connections, decisions, journal, processes, runs
from xerosync_tui.store.journal import Author, Intent, Place
from xerosync_tui.store.processes import AtWork

_BEAT = 5.0  # seconds
_LOOK = 0.2  # seconds between two looks at what others ask
_OUTCOMES_LAST = 7 * 24 * 3_600_000  # ms: for askers who never came back


@dataclass(slots=True)
class Work:
    """Who takes part in a piece of work, and what it counts and decides.

    ``joined`` is the active connection; None: there is none yet, and only the built-in directory can be worked on.
    ``run`` is None for a decision, which ``kind`` names where its entries do not; ``request`` says which process asked
    for it, if another one did.
    """

    program: Program
    joined: Connection | None
    directory_name: str
    run: int | None = None
    kind: Action | None = None
    report: Report = unwatched
    request: int = 0
    counts: Counts = field(default_factory=Counts)
    decision: int = 0
    done: list[Done] = field(default_factory=list)
    stays: list[Stays] = field(default_factory=list)
    open_ledger: Ledger | None = None
    open_directory: Directory | None = None

    @property
    def connection(self) -> Connection:
        """The active connection. Raises NotConnected before the first."""
        if self.joined is None:
            raise not_connected()
        return self.joined

    @property
    def place(self) -> Place:
        """Whose journal it writes."""
        return Place(self.joined.id if self.joined else 0, self.directory_name)

    @property
    def over_api(self) -> bool:
        """Whether the Karbon side is Karbon's API, and not the built-in directory."""
        return is_karbon_api(self.directory_name)

    @property
    def ledger(self) -> Ledger:
        """Xero, while it is open."""
        assert self.open_ledger is not None
        return self.open_ledger

    @property
    def directory(self) -> Directory:
        """Karbon, while it is open."""
        assert self.open_directory is not None
        return self.open_directory

    @property
    def rules(self) -> Rules:
        """What a merge needs of what was chosen for the connection."""
        it = self.connection
        return Rules(it.region, it.both_changed, it.fill_xero_blanks)

    def author(self, db: SqliteDatabase, first: Intent) -> Author:
        """Who writes journal entries of this work. A decision begins with its ``first`` entry, and is of its kind.

        One that is about the directory alone belongs to that, like its entries.
        """
        settings = self.program.settings
        author = Author(self.place, settings.user, settings.login, self.run, self.decision or None)
        if self.run is not None or self.decision:
            return author
        token = f"request {self.request}" if self.request else ""
        kind, connection = self.kind or first.action, None if first.by_hand else self.place.connection
        self.decision = decisions.begin(db, author, connection, kind, self.program.now_ms(), token)
        return Author(self.place, settings.user, settings.login, None, self.decision)

    def decided(self, later: str = "") -> Decided:
        """What was decided so far."""
        return Decided(self.decision, tuple(self.done), tuple(self.stays), later)


def at_hand(db: SqliteDatabase, program: Program) -> Work:
    """Work that needs no lock: it is one transaction of this database, or reads only."""
    joined = connections.active(db)
    return Work(program, joined, joined.directory if joined else connections.directory_identity(db))


Serve = Callable[[Work], Awaitable[None]]


@asynccontextmanager
async def hold(program: Program, doing: str, serve: Serve, *, connected: bool = True) -> AsyncIterator[Work]:
    """Work for the one process that may pull and apply now; ``serve`` carries out what others ask meanwhile.

    The connection is read with the lock held, so that it stays the active one until the end. Raises LockHeld, and
    NotConnected unless ``connected`` is False.
    """
    async with AsyncExitStack() as held:
        try:
            await held.enter_async_context(sync_lock(program.settings))
        except LockHeld as error:
            raise await _named(program, error) from None
        work = await program.store.run(at_hand, program)
        if connected and work.joined is None:
            raise not_connected()
        await program.store.run(_begin, work, doing)
        attendant = asyncio.create_task(_attend(work, serve))
        try:
            yield work
        finally:
            async with program.turn:  # not in the middle of somebody's decision
                attendant.cancel()
            await asyncio.gather(attendant, return_exceptions=True)
            await program.store.run(processes.leave)


async def _named(program: Program, error: LockHeld) -> LockHeld:
    """The same with who has the lock, as far as that one has said so."""
    holder = await program.store.read(processes.holder)
    if holder is None:
        return error
    return LockHeld(f"{holder.who}'s process {holder.pid} is at work on this data: {holder.doing}", error.hint)


def _begin(db: SqliteDatabase, work: Work, doing: str) -> None:
    now = work.program.now_ms()
    processes.take(db, AtWork(os.getpid(), work.program.settings.user, doing, now, now))
    processes.forget_old(db, now - _OUTCOMES_LAST)
    runs.interrupt_dead(db, work.place.connection, now)
    journal.settle_dead(db, work.place.connection, now)


async def _attend(work: Work, serve: Serve) -> None:
    """Show that we are alive, and do what others ask, whenever our own work leaves room for it."""
    program, since = work.program, 0.0
    while True:
        await asyncio.sleep(_LOOK)
        since += _LOOK
        if since >= _BEAT:
            since = 0.0
            await program.store.run(processes.beat, program.now_ms())
        if await program.store.read(processes.waiting):
            async with program.turn:
                await serve(work)
