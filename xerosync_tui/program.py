"""The assembled program: everything that varies between a firm's server and a test is given here, once."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from xerosync_tui.domain.connection import Connection, ConnectionState
from xerosync_tui.errors import NotConnected, ReconnectNeeded
from xerosync_tui.hints import Do, Hint
from xerosync_tui.settings import Settings
from xerosync_tui.store import connections
from xerosync_tui.store.database import Store

if TYPE_CHECKING:
    from xerosync_tui.remotes.karbon.budget import Budget


def _new_id() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Program:
    """Settings, the open store, and the outer world as functions. ``now`` is in seconds since the epoch."""

    settings: Settings
    store: Store
    now: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    new_id: Callable[[], str] = _new_id
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # steps of a run, and decisions that come in between
    budgets: dict[Hashable, Budget] = field(default_factory=dict)  # by the keys of a Karbon account: one limit for all

    def now_ms(self) -> int:
        """The time in milliseconds since the epoch, as the store keeps it."""
        return int(self.now() * 1000)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Program]:
    """The program over these settings, its store closed afterwards. Raises MachineError like Store.open."""
    store = Store.open(settings.database)
    try:
        yield Program(settings, store)
    finally:
        store.close()


async def active(program: Program) -> Connection:
    """The active connection, also one whose consent is gone. Raises NotConnected before the first."""
    connection = await program.store.run(connections.active)
    if connection is None:
        raise not_connected()
    return connection


def not_connected() -> NotConnected:
    """What is raised before the first connection."""
    return NotConnected("Nothing is connected yet", Hint(Do.CONNECT))


def require(connection: Connection) -> None:
    """Raises NotConnected, or ReconnectNeeded with the kept reason, unless the consent holds as far as we know."""
    if connection.state is ConnectionState.DISCONNECTED:
        raise NotConnected("Xero is not connected", Hint(Do.CONNECT))
    if connection.state is ConnectionState.RECONNECT:
        raise ReconnectNeeded(connection.state_reason, Hint(Do.RECONNECT))
