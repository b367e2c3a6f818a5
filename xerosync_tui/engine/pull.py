"""Reading both sides into the mirrors. A read that did not complete plans nothing (promise P11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from peewee import SqliteDatabase

from xerosync_tui.domain.progress import Progress
from xerosync_tui.domain.states import FailedSide
from xerosync_tui.engine.work import Work
from xerosync_tui.errors import RemoteRefused, RemoteUnreachable
from xerosync_tui.remotes.ports import BadRecord, Cards, DirectoryPage, LedgerPage
from xerosync_tui.store import cards, changes, connections, journal, links, mirror, runs

_OVERLAP = 5_000  # ms: whether If-Modified-Since includes its own second is unknown (xero.md 2.3)
_TRIES = 3
_FAR_AWAY = 1 << 62


@dataclass(slots=True)
class _Read:
    """What was read of the ledger's list so far."""

    seen: set[str] = field(default_factory=set)
    bad: set[str] = field(default_factory=set)
    newest: int = 0


@dataclass(frozen=True, slots=True)
class _Pull:
    """One pull, and what it read so far."""

    work: Work
    read: _Read = field(default_factory=_Read)

    async def page(self, number: int, since: int | None) -> tuple[LedgerPage, set[str]]:
        """A page, mirrored; and what stands on it, bad records without an id by their place."""
        page = await self.work.ledger.page(number, modified_since=since)
        await self.work.program.store.run(_keep_xero_page, self.work, page)
        ids = {contact.id for contact in page.contacts} | {bad.record for bad in page.bad}
        read = self.read
        read.seen |= ids
        read.bad |= {bad.record for bad in page.bad}
        # A date from the future would hide every later change from us.
        read.newest = min(max([read.newest, *(c.updated for c in page.contacts)]), page.told_at or _FAR_AWAY)
        self.work.report(Progress("Reading Xero", len(read.seen), page.item_count))
        return page, ids

    async def by_page(self, since: int | None) -> bool:
        """Read page after page; whether that was complete: all announced ids, and their number stood still."""
        ids: set[str] = set()
        sizes: set[int] = set()
        number, last = 1, 1
        while number <= last:
            page, on_page = await self.page(number, since)
            ids |= on_page
            sizes.add(page.item_count)
            number, last = number + 1, page.page_count
        return sizes == {len(ids)}

    async def by_time(self, since: int | None) -> bool:
        """Read on by the time of change: what is edited meanwhile moves to the end, so nothing slips past.

        Within one moment, and where the ledger ignores ``modified_since``, there is only the page number. An edit
        moves the rest towards the first page, so such pages are read once more, backwards.
        """
        number, tries = 1, 0
        ids: set[str] = set()
        while True:
            page, on_page = await self.page(number, since)
            ids |= on_page
            reached = _reached(page, since or 0)
            if number < page.page_count and not reached:
                number += 1
                continue
            for earlier in range(number - 1, 0, -1):
                ids |= (await self.page(earlier, since))[1]
            if number < page.page_count:
                since = reached
            elif len(ids) == page.item_count:
                return True
            elif (tries := tries + 1) == _TRIES:
                return False
            number, ids = 1, set()


def _reached(page: LedgerPage, since: int) -> int:
    """From which time to read on behind this page; 0 where that is no way forward."""
    times = [contact.updated for contact in page.contacts] or [0]
    honoured = min(times) // 1000 >= since // 1000
    reached = max(times) - _OVERLAP
    return reached if honoured and reached > since else 0


async def pull_xero(work: Work, *, full: bool) -> int:
    """Mirror what changed in Xero (all of it when ``full``); returns how many contacts were read.

    Paging drifts when contacts change meanwhile; then it is read once more by the time of change. Raises
    RemoteUnreachable when that does not fit together either, RemoteRefused when a full read came back empty
    though there are links, and whatever the ledger raises.
    """
    connection, store = work.connection, work.program.store
    since = None if full or connection.read_until is None else connection.read_until - _OVERLAP
    pull = _Pull(work)
    if not await pull.by_page(since) and not await pull.by_time(since):
        raise RemoteUnreachable(
            "Xero's contact list did not fit together however often it was read, so nothing was planned",
            "Run the sync again in a few minutes.",
        )
    read = pull.read
    if since is None:
        await _check_not_empty(work, read)
        await store.run(_keep_completeness, work, read)
    if read.newest:
        until = max(read.newest, connection.read_until or 0)
        await store.run(connections.change, connection.id, read_until=until)
    return len(read.seen)


def _keep_xero_page(db: SqliteDatabase, work: Work, page: LedgerPage) -> None:
    connection, now = work.connection.id, work.program.now_ms()
    swaps = journal.open_swaps(db, connection)
    contacts = [mirror.without_temporary_name(c, swaps) for c in page.contacts] if swaps else page.contacts
    mirror.put_xero(db, connection, contacts, work.run or 0)
    if runs.count_failed(db, connection):
        runs.clear_failed(db, connection, FailedSide.READ_XERO, [contact.id for contact in page.contacts])
    bad = [(b.record, b.name, b.reason) for b in page.bad]
    runs.put_failed(db, connection, FailedSide.READ_XERO, bad, now)


def _keep_completeness(db: SqliteDatabase, work: Work, read: _Read) -> None:
    """After a complete read: who was not met is gone, and what could be read has not failed any more."""
    connection, run = work.connection.id, work.run or 0
    mirror.drop_unseen(db, connection, run)
    mirror.mark_unseen(db, connection, run, read.bad)
    changes.look_everywhere(db, connection)
    connections.change(db, connection, audited_at=work.program.now_ms())
    failures = runs.failures(db, connection)
    kept = {failure.record for failure in failures if failure.side is FailedSide.READ_XERO}
    runs.clear_failed(db, connection, FailedSide.READ_XERO, kept - read.bad)


async def _check_not_empty(work: Work, read: _Read) -> None:
    linked = await work.program.store.run(links.count, work.connection.id)
    if not read.seen and linked:
        raise RemoteRefused(
            f"Xero answered with no contacts at all although {linked} are linked; nothing was planned",
            "Look into Xero: is this the right organisation? Then run the sync again.",
        )


async def pull_karbon(work: Work) -> int:
    """Mirror what changed in the directory; returns how many contacts were read."""
    read = 0
    async for page in work.directory.changes(work.connection.directory_version):
        await work.program.store.run(_keep_karbon_page, work.connection.id, page, work.program.now_ms())
        read += len(page.contacts) + len(page.gone)
        work.report(Progress("Reading Karbon", read))
    return read


async def read_cards(work: Work, keys: Sequence[str]) -> None:
    """Mirror these contacts whole, where a list tells only part of them (karbon.md 2.5)."""
    if keys and work.directory.has_cards:
        found = await work.directory.read(keys)
        await work.program.store.run(_keep_cards, work.connection.id, found, work.program.now_ms())


def _keep_cards(db: SqliteDatabase, connection: int, found: Cards, now: int) -> None:
    mirror.put_karbon(db, connection, found.contacts, now)
    mirror.mark_gone(db, connection, found.gone)
    if runs.count_failed(db, connection):
        runs.clear_failed(
            db, connection, FailedSide.READ_KARBON, [*(contact.key for contact in found.contacts), *found.gone]
        )
    _keep_unreadable(db, connection, found.bad, now)


def _keep_unreadable(db: SqliteDatabase, connection: int, bad: Sequence[BadRecord], now: int) -> None:
    """By name where it was listed before: what cannot be read does not say how it is called."""
    held = {one.record: mirror.karbon_contact(db, connection, one.record) for one in bad}
    names = {key: contact.contact.name for key, contact in held.items() if contact}
    runs.put_failed(
        db,
        connection,
        FailedSide.READ_KARBON,
        [(b.record, b.name or names.get(b.record, ""), b.reason) for b in bad],
        now,
    )
    cards.mark_failed(db, connection, names)


def _keep_karbon_page(db: SqliteDatabase, connection: int, page: DirectoryPage, now: int) -> None:
    mirror.put_karbon(db, connection, page.contacts, now)
    mirror.mark_gone(db, connection, page.gone)
    if page.gone:
        runs.clear_failed(db, connection, FailedSide.READ_KARBON, page.gone)
    if page.bad:
        _keep_unreadable(db, connection, page.bad, now)
    if connections.by_id(db, connection).plan_run is None:  # an unfinished plan rests on what was known then
        connections.change(db, connection, directory_version=page.version)
