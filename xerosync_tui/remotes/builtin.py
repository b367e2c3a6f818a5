"""The built-in directory behind the directory port.

It lies in the store's own database, so journal row, write and acknowledgement are one transaction.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.normalise import email_key, name_key
from xerosync_tui.remotes.ports import (
    Cards,
    Create,
    Delete,
    DirectoryPage,
    NotStored,
    Outcome,
    Recorder,
    Stored,
    Update,
    Write,
)
from xerosync_tui.store import directory
from xerosync_tui.store.database import Store

_PAGE = 1000


class BuiltinDirectory:
    """The directory port over the store; ``new_key`` gives keys for new contacts.

    ``known`` is the version that the plan rests on. What others write after it is held against every write;
    ``ours`` are later versions that an interrupted run of ours wrote.
    """

    batch = 500
    requests = 0  # it lies in our own database
    has_cards = False
    can_delete = True

    def __init__(self, store: Store, new_key: Callable[[], str], known: int, ours: Iterable[int] = ()) -> None:
        self._store, self._new_key, self._known = store, new_key, known
        self._taken = 0  # versions that our own writes took since ``known``
        self._ours = set(ours)  # which these are
        self._strangers: list[DirectoryRecord] = []

    async def changes(self, since: int) -> AsyncIterator[DirectoryPage]:
        """Everything that changed after version ``since``."""
        while True:
            records, gone, reached = await self._store.run(directory.changes, since, _PAGE)
            if not records and not gone:
                return
            since = reached
            self._rest_on(reached)
            self._strangers = []
            yield DirectoryPage(tuple(r.as_karbon() for r in records), tuple(gone), reached)

    async def read(self, keys: Sequence[str]) -> Cards:
        """These contacts as they are now; everything is told with ``changes`` already."""
        found = await self._store.run(directory.get_many, list(keys))
        return Cards(
            tuple(record.as_karbon() for record in found.values()), tuple(key for key in keys if key not in found)
        )

    async def linked_with_xero(self, xero_id: str) -> Sequence[str]:
        """None: nobody else writes here."""
        return ()

    async def write(self, writes: Sequence[Write], recorder: Recorder) -> None:
        """Carry out the writes and record them, all in one transaction, however many they are.

        Raises peewee.IntegrityError where a client identifier belongs to another contact.
        """

        def commit(db: SqliteDatabase) -> None:
            recorder.intend(db)
            recorder.settle(db, self._carry_out(db, writes))

        await self._store.run(commit)

    def _carry_out(self, db: SqliteDatabase, writes: Sequence[Write]) -> list[Outcome]:
        keys = [write.key for write in writes if not isinstance(write, Create)]
        held = directory.get_many(db, keys) if keys else {}
        self._look_for_strangers(db)
        reasons = [_broken_premise(write, held) or _claimed_by(self._strangers, write) for write in writes]
        sound = [write for write, reason in zip(writes, reasons, strict=True) if not reason]
        creations = [write for write in sound if isinstance(write, Create)]
        added = iter(directory.add(db, [self._new_record(w) for w in creations if not w.key]))
        restored = iter(directory.restore(db, [self._new_record(w) for w in creations if w.key]))
        made = [next(restored if write.key else added) for write in creations]
        changed = [_changed(held[w.key], w) for w in sound if isinstance(w, Update) and (w.values or w.others)]
        updated = directory.update(db, changed)
        held |= {record.key: record for record in updated}
        deleted = [write.key for write in sound if isinstance(write, Delete) and directory.delete(db, write.key)]
        self._ours.update(record.version for record in (*made, *updated))
        self._taken += len(made) + len(updated) + len(deleted)
        new = iter(made)
        return [
            NotStored(reason, deferred=True)
            if reason
            else Stored((next(new) if isinstance(write, Create) else held[write.key]).as_karbon())
            for write, reason in zip(writes, reasons, strict=True)
        ]

    def _look_for_strangers(self, db: SqliteDatabase) -> None:
        """Keep what others added or changed since the plan. Almost always nothing: then one number tells."""
        newest = directory.version(db)
        if newest == self._known + self._taken:
            return
        records, _, _ = directory.changes(db, self._known, newest - self._known)
        self._strangers += [record for record in records if record.version not in self._ours]
        self._rest_on(newest)

    def _rest_on(self, version: int) -> None:
        self._known, self._taken = version, 0
        self._ours.clear()

    def _new_record(self, write: Create) -> DirectoryRecord:
        blank = DirectoryRecord(write.key or self._new_key(), write.kind)
        return blank.written({field: write.contact.value(field) for field in Field}, write.others)


def _changed(held: DirectoryRecord, write: Update) -> DirectoryRecord:
    return held.written(write.values, write.others)


def _claimed_by(strangers: Sequence[DirectoryRecord], write: Write) -> str:
    """Whether somebody came in between who may be the same contact; empty when not, and where a person asked for it."""
    if isinstance(write, Delete) or write.by_hand:
        return ""
    wanted = write.contact if isinstance(write, Create) else write.expected
    name, email = name_key(wanted.name), email_key(wanted.email)
    for stranger in strangers:
        same_name = name == name_key(stranger.contact.name)
        same_email = email is not None and email == email_key(stranger.contact.email)
        other = not isinstance(write, Update) or stranger.key != write.key
        if other and (same_name and same_email if isinstance(write, Update) else same_name or same_email):
            return f"{stranger.contact.name} was added or changed in Karbon meanwhile."
    return ""


def _broken_premise(write: Write, held: dict[str, DirectoryRecord]) -> str:
    """Why the plan no longer holds for this contact; empty when it does."""
    if isinstance(write, Create):
        return ""
    if write.key not in held:
        return "It was deleted in Karbon meanwhile."
    now = held[write.key]
    same = now.contact == write.expected and write.version in (0, now.version)
    return "" if same else "It was edited in Karbon meanwhile."
