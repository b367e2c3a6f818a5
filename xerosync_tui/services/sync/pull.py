"""Reading both sides into the mirrors. A read that did not complete plans nothing (promise P11)."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.errors import RemoteRefused, RemoteUnreachable
from xerosync_tui.remotes.ports import BadRecord, Directory, DirectoryPage, Ledger, LedgerPage
from xerosync_tui.services.program import Program
from xerosync_tui.services.sync.progress import Progress, Report
from xerosync_tui.store import connections, journal, links, mirror, runs

_OVERLAP = 5_000  # ms: whether If-Modified-Since includes its own second is unknown (xero.md 2.3)
_PASSES = 3


@dataclass(slots=True)
class _Read:
    """One pass over the ledger's list."""

    seen: set[str] = field(default_factory=set)
    newest: int = 0
    sizes: set[int] = field(default_factory=set)
    bad: set[str] = field(default_factory=set)

    def note(self, number: int, page: LedgerPage) -> None:
        self.seen.update(contact.id for contact in page.contacts)
        self.seen.update(f"{number}/{bad.record}" for bad in page.bad)
        self.newest = max([self.newest, *(contact.updated for contact in page.contacts)])
        self.sizes.add(page.item_count)
        self.bad.update(bad.record for bad in page.bad)


async def pull_xero(
    program: Program, ledger: Ledger, connection: Connection, run: int, report: Report, *, full: bool
) -> int:
    """Mirror what changed in Xero (all of it when ``full``); returns how many contacts were read.

    Paging drifts when contacts change meanwhile, so a read counts only when the distinct ids equal the
    announced number and that number stood still; otherwise it starts over, at most three times.
    Raises RemoteUnreachable when it never did, RemoteRefused when a full read came back empty though
    there are links, and whatever the ledger raises.
    """
    since = None if full or connection.read_until is None else connection.read_until - _OVERLAP
    for _ in range(_PASSES):
        read = await _one_pass(program, ledger, connection.id, run, since, report)
        if read.sizes == {len(read.seen)}:
            break
    else:
        raise RemoteUnreachable(
            "Xero's contact list kept changing while it was read, so nothing was planned",
            "Run the sync again when fewer people are working in Xero.",
        )
    if since is None:
        await _check_not_empty(program, connection, read)
        await program.store.run(mirror.drop_unseen, connection.id, run)
        await program.store.run(_forget_mended, connection.id, read.bad)
    if read.newest:
        until = max(read.newest, connection.read_until or 0)
        await program.store.run(connections.change, connection.id, read_until=until)
    return len(read.seen)


async def _one_pass(
    program: Program, ledger: Ledger, connection: int, run: int, since: int | None, report: Report
) -> _Read:
    read = _Read()
    number, last = 1, 1
    while number <= last:
        page = await ledger.page(number, modified_since=since)
        await program.store.run(mirror.put_xero, connection, page.contacts, run)
        await _keep_failed(program, connection, page)
        read.note(number, page)
        last = page.page_count
        number += 1
        report(Progress("Reading Xero", len(read.seen), page.item_count))
    return read


async def _keep_failed(program: Program, connection: int, page: LedgerPage) -> None:
    def keep(db: SqliteDatabase, bad: Sequence[BadRecord]) -> None:
        if runs.failures(db, connection):
            runs.clear_failed(db, connection, "xero", [contact.id for contact in page.contacts])
        runs.put_failed(db, connection, "xero", [(b.record, b.name, b.reason) for b in bad], program.now_ms())

    await program.store.run(keep, page.bad)


def _forget_mended(db: SqliteDatabase, connection: int, bad: Set[str]) -> None:
    """After a complete read: what it could read, or did not meet at all, has not failed any more."""
    kept = {failure.record for failure in runs.failures(db, connection) if failure.side == "xero"}
    runs.clear_failed(db, connection, "xero", kept - bad)


async def _check_not_empty(program: Program, connection: Connection, read: _Read) -> None:
    linked = await program.store.run(links.count, connection.id)
    if not read.seen and linked:
        raise RemoteRefused(
            f"Xero answered with no contacts at all although {linked} are linked; nothing was planned",
            "Look into Xero: is this the right organisation? Then run the sync again.",
        )


async def pull_karbon(program: Program, directory: Directory, connection: Connection, report: Report) -> int:
    """Mirror what changed in the directory; returns how many contacts were read.

    A link whose Karbon contact was deleted ends here and stays as a tombstone.
    """
    read = 0
    async for page in directory.changes(connection.directory_version):
        await program.store.run(_keep_page, program, connection.id, page)
        read += len(page.contacts) + len(page.gone)
        report(Progress("Reading Karbon", read))
    return read


def _keep_page(db: SqliteDatabase, program: Program, connection: int, page: DirectoryPage) -> None:
    now, who = program.now_ms(), program.settings.user
    mirror.put_karbon(db, connection, page.contacts)
    mirror.mark_gone(db, connection, page.gone)
    ended = links.end_for_gone(db, connection, page.gone)
    intents = [journal.Intent("unlink", xero_id, key, {}, {}, "deleted in Karbon") for xero_id, key in ended]
    ids = journal.intend(db, connection, None, who, now, intents)
    journal.settle(db, now, [(n, "done", key, "") for n, (_, key) in zip(ids, ended, strict=True)])
    connections.change(db, connection, directory_version=page.version)
