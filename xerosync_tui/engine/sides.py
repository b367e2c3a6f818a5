"""The two sides of a piece of work: which directory is the Karbon side, and how it is now."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import ADDRESSES, PHONES, KarbonAccount
from xerosync_tui.domain.contact import KarbonContact
from xerosync_tui.domain.progress import waiting
from xerosync_tui.domain.states import FailedSide
from xerosync_tui.engine import sessions
from xerosync_tui.engine.pull import pull_karbon, read_cards
from xerosync_tui.engine.work import Work
from xerosync_tui.errors import NotConnected
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import require
from xerosync_tui.remotes.builtin import BuiltinDirectory
from xerosync_tui.remotes.karbon.api import KarbonDirectory, Known
from xerosync_tui.remotes.karbon.slots import Slots
from xerosync_tui.remotes.ports import Directory
from xerosync_tui.remotes.xero.api import XeroLedger
from xerosync_tui.store import accounts, cards, directory, journal, mirror, runs

if TYPE_CHECKING:
    from xerosync_tui.remotes.karbon.session import KarbonSession
    from xerosync_tui.remotes.xero.session import XeroSession


@asynccontextmanager
async def ledger(work: Work) -> AsyncIterator[XeroSession]:
    """Xero, open as ``work.ledger``. Raises NotConnected, ReconnectNeeded."""
    require(work.connection)
    async with sessions.xero(work.program, work.connection, on_wait=waiting(work.report)) as session:
        work.open_ledger = XeroLedger(session)
        try:
            yield session
        finally:
            work.open_ledger = None


@asynccontextmanager
async def karbon(work: Work) -> AsyncIterator[Directory]:
    """Karbon, open as ``work.directory``. Raises NotConnected, ReconnectNeeded where the keys do not open it."""
    async with _karbon(work) as side:
        work.open_directory = side
        try:
            yield side
        finally:
            work.open_directory = None


@asynccontextmanager
async def _karbon(work: Work) -> AsyncIterator[Directory]:
    if work.over_api:
        account = await work.program.store.read(accounts.of_directory, work.directory_name)
        if account is None:
            raise NotConnected("Karbon's API is not connected", Hint(Do.CONNECT_KARBON))
        async with sessions.karbon(work.program, account, on_wait=waiting(work.report, "Karbon")) as session:
            yield await _over(work, account, session)
        return

    def known(db: SqliteDatabase) -> tuple[int, list[int]]:
        if work.joined is None:
            return directory.version(db), []
        version = work.joined.directory_version
        return version, journal.versions_after(db, work.joined.id, version)

    version, ours = await work.program.store.run(known)
    yield BuiltinDirectory(work.program.store, lambda: work.program.new_id()[:12], version, ours)


async def _over(work: Work, account: KarbonAccount, session: KarbonSession) -> Directory:
    connection = work.connection

    def read(db: SqliteDatabase) -> tuple[dict[str, Known], list[int], list[str]]:
        known = {key: Known(kind, version) for key, (kind, version) in cards.known(db, connection.id).items()}
        failed = [one.record for one in runs.failures(db, connection.id) if one.side is FailedSide.READ_KARBON]
        return known, journal.versions_after(db, connection.id, connection.directory_version), failed

    def keep(db: SqliteDatabase, newcomers: Sequence[KarbonContact]) -> None:
        mirror.put_karbon(db, connection.id, newcomers)

    known, ours, failed = await work.program.store.run(read)
    slots = Slots(account.phones or PHONES, account.addresses or ADDRESSES)
    version = connection.directory_version
    return KarbonDirectory(session, work.program.store, known, version, ours, slots, failed, keep)


@asynccontextmanager
async def karbon_now(work: Work, *keys: str) -> AsyncIterator[None]:
    """Karbon, open and mirrored as it is now, for a decision; the contacts with these keys are read whole.

    Raises as ``karbon`` and what the directory raises. Without a connection there is no mirror.
    """
    async with karbon(work):
        if work.joined:
            await pull_karbon(work)
            await read_cards(work, keys)
        yield


async def look_at_account(work: Work) -> None:
    """Once in a while: are the keys still those of this account, and which contact types has it now?

    Raises as ``sessions.look``.
    """
    if account := await work.program.store.read(accounts.of_directory, work.directory_name):
        await sessions.look(work.program, account)
