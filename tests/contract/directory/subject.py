"""A directory under test: the port, and what a person does behind its back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import KarbonContact
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.remotes.builtin import BuiltinDirectory
from xerosync_tui.remotes.ports import Cards, Directory, DirectoryPage, Outcome, Write
from xerosync_tui.store import directory as stored
from xerosync_tui.store.database import Store


class Subject(Protocol):
    """An implementation, and the side door to it that only a test has."""

    @property
    def port(self) -> Directory: ...

    async def planned(self) -> None:
        """From here on ``port`` is that of a run whose plan rests on the directory as it is now."""
        ...

    async def interrupted(self, *ours: int) -> None:
        """That run died; the next one goes on with its plan, and knows which versions it wrote."""
        ...

    async def typed(self, *records: DirectoryRecord) -> None:
        """A person makes these contacts."""
        ...

    async def edited(self, key: str, changes: Mapping[str, str]) -> None:
        """A person edits it."""
        ...

    async def deleted(self, key: str) -> None:
        """A person deletes it."""
        ...

    async def held(self, key: str) -> DirectoryRecord | None:
        """Everything the directory has of it."""
        ...


class Builtin:
    """The built-in directory."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._numbers = count(1)
        self.port: Directory = self._knowing(0)

    def _knowing(self, version: int, *ours: int) -> Directory:
        return BuiltinDirectory(self._store, lambda: f"made {next(self._numbers)}", version, ours)

    async def planned(self) -> None:
        self._plan = await self._store.run(stored.version)
        self.port = self._knowing(self._plan)

    async def interrupted(self, *ours: int) -> None:
        self.port = self._knowing(self._plan, *ours)

    async def typed(self, *records: DirectoryRecord) -> None:
        await self._store.run(stored.add, records)

    async def edited(self, key: str, changes: Mapping[str, str]) -> None:
        def edit(db: SqliteDatabase) -> None:
            record = stored.get(db, key)
            assert record
            stored.update(db, [record.edited(changes)])

        await self._store.run(edit)

    async def deleted(self, key: str) -> None:
        assert await self._store.run(stored.delete, key)

    async def held(self, key: str) -> DirectoryRecord | None:
        return await self._store.run(stored.get, key)


@dataclass
class Notes:
    """A recorder that leaves a row in the store at each call; ``settle`` fails where told to."""

    failing: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    def intend(self, db: SqliteDatabase) -> None:
        self.order.append("intend")
        db.execute_sql("INSERT OR REPLACE INTO counter VALUES ('intended', '')")

    def settle(self, db: SqliteDatabase, outcomes: Sequence[Outcome]) -> None:
        self.order.append("settle")
        assert db.execute_sql("SELECT count(*) FROM counter WHERE name = 'intended'").fetchone() == (1,)
        db.execute_sql("INSERT OR REPLACE INTO counter VALUES ('settled', '')")
        if self.failing:
            raise LookupError("the recorder failed")
        self.outcomes = list(outcomes)


async def written(subject: Subject, *writes: Write) -> list[Outcome]:
    """What became of the writes, in a batch of the run that ``planned`` began."""
    notes = Notes()
    await subject.port.write(writes, notes)
    assert notes.order == ["intend", "settle"]
    return notes.outcomes


async def completed(subject: Subject, page: DirectoryPage) -> list[KarbonContact]:
    """The contacts of a page, whole: those that a list told only in part are read. One deleted since is absent."""
    keys = [contact.key for contact in page.contacts if not contact.whole]
    found = await subject.port.read(keys) if keys else Cards(())
    assert {contact.key for contact in found.contacts} | set(found.gone) == set(keys)
    assert all(contact.whole for contact in found.contacts)
    return [contact for contact in page.contacts if contact.whole] + list(found.contacts)
