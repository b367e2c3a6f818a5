"""A firm without a network: the real store, plan and apply between a ledger in memory and the built-in directory."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from peewee import SqliteDatabase

from tests.ledger import MemoryLedger
from tests.stores import connect, new_store
from xerosync_tui.domain.connection import Connection, ImportFilter
from xerosync_tui.domain.contact import Contact
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.states import RunKind
from xerosync_tui.engine.link import apply_plan
from xerosync_tui.engine.plan import make_plan
from xerosync_tui.engine.pull import pull_karbon, pull_xero
from xerosync_tui.engine.work import Work, at_hand
from xerosync_tui.program import Program
from xerosync_tui.remotes.builtin import BuiltinDirectory
from xerosync_tui.settings import load_settings
from xerosync_tui.store import connections, directory, journal, plans, runs


@dataclass(frozen=True)
class Outcome:
    """What both sides and the links look like, whatever the keys of new records are."""

    links: Mapping[str, tuple[Contact, str]]  # ContactID: Karbon's contact, and its kind
    issues: Mapping[str, str]  # ContactID: reason
    karbon: Counter[Contact]


class Firm:
    """A program, its ledger and its directory."""

    def __init__(self, program: Program, ledger: MemoryLedger, import_filter: ImportFilter) -> None:
        self.program, self.ledger, self._filter = program, ledger, import_filter
        self.kind_of_directory: type[BuiltinDirectory] = BuiltinDirectory
        self._numbers = count(1)

    async def start(self, karbon: Sequence[DirectoryRecord]) -> None:
        """A connection, and what the firm has in Karbon."""

        def begin(db: SqliteDatabase) -> None:
            connections.change(db, connect(db).id, import_filter=self._filter.value, contact_type="Client")
            directory.add(db, karbon)

        await self.program.store.run(begin)

    async def connection(self) -> Connection:
        found = await self.program.store.run(connections.active)
        assert found
        return found

    async def preview(self) -> Counts:
        """The counts of a preview."""
        return await self._plan(await self._begin(RunKind.PREVIEW), shown=True)

    async def sync(self, *, first: bool) -> Counts:
        """The counts of the plan and of what was done."""
        work = await self._begin(RunKind.INITIAL if first else RunKind.INCREMENTAL)
        work.counts.add(await self._plan(work, shown=False))
        await self._apply(work, only_shown=first)
        return work.counts

    async def go_on(self) -> None:
        """What the next process does first when one died while it applied a plan."""
        await self._apply(await self._begin(RunKind.INITIAL), only_shown=True)

    async def _begin(self, kind: RunKind) -> Work:
        """A run, both sides open."""
        store = self.program.store
        work = await store.run(at_hand, self.program)
        work.run = await store.run(runs.begin, work.connection.id, kind, "mia", "1001", 1)
        work.open_ledger, work.open_directory = self.ledger, await self._directory(work)
        return work

    async def _directory(self, work: Work) -> BuiltinDirectory:
        """As every run opens it: it rests on what is mirrored."""
        known, store = work.connection.directory_version, self.program.store
        ours = await store.run(journal.versions_after, work.connection.id, known)
        return self.kind_of_directory(store, lambda: f"made {next(self._numbers)}", known, ours)

    async def _plan(self, work: Work, *, shown: bool) -> Counts:
        await pull_xero(work, full=False)
        await pull_karbon(work)
        return await make_plan(work, shown=shown)

    async def _apply(self, work: Work, *, only_shown: bool) -> None:
        await apply_plan(work, only_shown=only_shown)
        await self.program.store.run(plans.open_issues, work.connection.id, 1)

    async def karbon(self) -> dict[str, DirectoryRecord]:
        """The directory by key."""
        records, _, _ = await self.program.store.run(directory.changes, 0, 100_000)
        return {record.key: record for record in records}

    async def rows(self, sql: str) -> list[tuple[object, ...]]:
        return await self.program.store.run(lambda db: list(db.execute_sql(sql)))

    async def pairs(self) -> dict[str, str]:
        """Synced links."""
        rows = await self.rows("SELECT xero_id, karbon_key FROM link WHERE state = 'synced'")
        pairs = {str(x): str(k) for x, k in rows}
        assert len(pairs) == len(set(pairs.values())) == len(rows)
        return pairs

    async def outcome(self) -> Outcome:
        records = await self.karbon()
        issues = await self.rows("SELECT xero_id, reason FROM issue WHERE state = 'open'")
        return Outcome(
            {x: (records[k].contact, records[k].kind.value) for x, k in (await self.pairs()).items()},
            {str(x): str(reason) for x, reason in issues},
            Counter(record.contact for record in records.values()),
        )


@contextmanager
def opened(ledger: MemoryLedger, import_filter: ImportFilter = ImportFilter.ALL) -> Iterator[Firm]:
    """A firm in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as home:
        settings = load_settings({"XEROSYNC_HOME": home, "XEROSYNC_USER": "mia"})
        store = new_store(Path(home))
        try:
            yield Firm(Program(settings, store, now=lambda: 1.0), ledger, import_filter)
        finally:
            store.close()
