"""The connection in force, as the store knows it: no request is made to find out."""

from __future__ import annotations

from xerosync_tui.domain.connection import Connection, ConnectionState
from xerosync_tui.errors import NotConnected, ReconnectNeeded
from xerosync_tui.services.program import Program
from xerosync_tui.store import connections


async def active(program: Program) -> Connection:
    """The active connection, also one whose consent is gone. Raises NotConnected before the first."""
    connection = await program.store.run(connections.active)
    if connection is None:
        raise NotConnected("Nothing is connected yet", "Run `xerosync connect`.")
    return connection


def require(connection: Connection) -> None:
    """Raises NotConnected, or ReconnectNeeded with the kept reason, unless the consent holds as far as we know."""
    if connection.state is ConnectionState.DISCONNECTED:
        raise NotConnected("Xero is not connected", "Run `xerosync connect`.")
    if connection.state is ConnectionState.RECONNECT:
        raise ReconnectNeeded(connection.state_reason, "Run `xerosync reconnect`.")
