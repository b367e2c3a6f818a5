"""Which directory is the Karbon side, and how it is now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import ADDRESSES, PHONES, Connection, KarbonAccount
from xerosync_tui.domain.contact import KarbonContact
from xerosync_tui.domain.progress import Report, unwatched, waiting
from xerosync_tui.engine import sessions
from xerosync_tui.engine.pull import UNREADABLE, pull_karbon, read_cards
from xerosync_tui.errors import NotConnected
from xerosync_tui.program import Program
from xerosync_tui.remotes.builtin import BuiltinDirectory
from xerosync_tui.remotes.ports import Directory
from xerosync_tui.store import accounts, cards, journal, mirror, runs

if TYPE_CHECKING:
    from xerosync_tui.remotes.karbon.session import KarbonSession


@asynccontextmanager
async def directory_of(
    program: Program, connection: Connection, report: Report = unwatched
) -> AsyncIterator[Directory]:
    """The Karbon side of a connection. Raises NotConnected, ReconnectNeeded where its keys do not open it."""
    if connection.uses_api:
        account = await program.store.read(accounts.of_directory, connection.directory)
        if account is None:
            raise NotConnected("Karbon's API is not connected", "Run `xerosync connect karbon`.")
        async with sessions.karbon(program, account, on_wait=waiting(report, "Karbon")) as session:
            yield await _over(program, connection, account, session)
        return
    known = connection.directory_version
    ours = await program.store.run(journal.versions_after, connection.id, known)
    yield BuiltinDirectory(program.store, lambda: program.new_id()[:12], known, ours)


async def look_at_account(program: Program, connection: Connection) -> None:
    """Once in a while: are the keys still those of this account, and which contact types has it now?

    Raises as ``sessions.look``.
    """
    if account := await program.store.read(accounts.of_directory, connection.directory):
        await sessions.look(program, account)


async def _over(program: Program, connection: Connection, account: KarbonAccount, session: KarbonSession) -> Directory:
    from xerosync_tui.remotes.karbon.api import KarbonDirectory, Known
    from xerosync_tui.remotes.karbon.slots import Slots

    def read(db: SqliteDatabase) -> tuple[dict[str, Known], list[int], list[str]]:
        known = {key: Known(kind, version) for key, (kind, version) in cards.known(db, connection.id).items()}
        failed = [one.record for one in runs.failures(db, connection.id) if one.side == UNREADABLE]
        return known, journal.versions_after(db, connection.id, connection.directory_version), failed

    def keep(db: SqliteDatabase, newcomers: Sequence[KarbonContact]) -> None:
        mirror.put_karbon(db, connection.id, newcomers)

    known, ours, failed = await program.store.read(read)
    slots = Slots(account.phones or PHONES, account.addresses or ADDRESSES)
    version = connection.directory_version
    return KarbonDirectory(session, program.store, known, version, ours, slots, failed, keep)


@asynccontextmanager
async def karbon_now(program: Program, connection: Connection, *keys: str) -> AsyncIterator[Directory]:
    """The Karbon side, mirrored as it is now, for a decision; the contacts with these keys are read whole.

    Raises as ``directory_of`` and what the directory raises.
    """
    async with directory_of(program, connection) as directory:
        await pull_karbon(program, directory, connection, unwatched)
        await read_cards(program, directory, connection, keys)
        yield directory
