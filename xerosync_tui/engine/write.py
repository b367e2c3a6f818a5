"""The one way to write, to Xero, to Karbon, and to our own tables what belongs to it.

Each change is a journal entry first, then a request. What it means for mirror, link, base, issue and failure comes
about in the transaction that records the answer (promise P6), together with the answer to whoever asked for it from
another process.

Xero has no compare-and-set: between the re-read and the write of a group lies one request, and an edit made in Xero in
that window is overwritten; the journal then has what we knew, not that edit (engine.md 2.7).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

import msgspec
from peewee import SqliteDatabase

from xerosync_tui.domain.contact import KarbonContact, XeroContact, XeroStatus
from xerosync_tui.domain.decided import Done
from xerosync_tui.domain.states import EntryState
from xerosync_tui.engine.changes.base import Change, Here, InKarbon, InXero, as_read
from xerosync_tui.engine.changes.xero import Archive, MakeInXero
from xerosync_tui.engine.native import REASON, linked_by_karbon
from xerosync_tui.engine.settling import Settling
from xerosync_tui.engine.work import Work
from xerosync_tui.errors import RemoteError
from xerosync_tui.remotes.ports import GROUP, LedgerOutcome, LedgerRecord, NotStored, Outcome, Saved, Stored
from xerosync_tui.store import journal, mirror, processes
from xerosync_tui.store.journal import Entry, Intent, Result


class Numbered(NamedTuple):
    """A journal entry that was just written down."""

    id: int
    intent: Intent


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a change. ``deferred``: its premise no longer held, or nobody knows.

    ``entry`` is None where nothing was sent. ``xero_id``, ``karbon_key``: where only the answer gave them.
    """

    change: Change
    state: EntryState
    entry: Numbered | None = None
    reason: str = ""
    deferred: bool = False
    xero_id: str = ""
    karbon_key: str = ""

    @property
    def done(self) -> bool:
        """Whether it was done."""
        return self.state is EntryState.DONE

    def as_done(self) -> Done:
        """The same for whoever decided it."""
        assert self.entry
        number, it = self.entry
        xero_id, key = self.xero_id or it.xero_id, self.karbon_key or it.karbon_key
        about = (self.change.whom(), xero_id, key, it.side, tuple(it.after))
        return Done(number, it.action, *about, it.undoes, self.change.issue)


async def write(work: Work, changes: Sequence[Change], *, along: Sequence[Here] = ()) -> list[Written]:
    """Carry the changes out, in their order; what became of each. The sides they need are open.

    ``along``: what belongs to the first of them that is done, in the transaction that records it; nothing where none
    is. Raises what the remotes raise; what was done until then is recorded.
    """
    found: list[Written] = []
    for kind, of_kind in groupby(changes, key=_kind):
        group = list(of_kind)
        if kind is Here:
            found += await work.program.store.run(here, work, group)
        elif kind is InKarbon:
            size = work.directory.batch if work.directory.has_cards else len(group)
            for start in range(0, len(group), size):
                some = [c for c in group[start : start + size] if isinstance(c, InKarbon)]
                found += await _to_karbon(work, some, along if not any(one.done for one in found) else ())
        else:
            for start in range(0, len(group), GROUP):
                found += await _to_xero(work, [c for c in group[start : start + GROUP] if isinstance(c, InXero)])
    return found


def _kind(change: Change) -> type[Change]:
    return next(kind for kind in (Here, InKarbon, InXero) if isinstance(change, kind))


def here(db: SqliteDatabase, work: Work, changes: Sequence[Change]) -> list[Written]:
    """Carry out changes of our own tables, in the caller's transaction."""
    if not changes:
        return []
    entries, now = _intend(db, work, changes), Settling(db, work)
    for change in changes:
        assert isinstance(change, Here)
        change.applied(now)
    return _settle(db, now, [Written(c, EntryState.DONE, n) for c, n in zip(changes, entries, strict=True)])


def _intend(db: SqliteDatabase, work: Work, changes: Sequence[Change]) -> list[Numbered]:
    intents = [change.intent(db) for change in changes]
    if not intents:
        return []
    numbers = journal.intend(db, work.author(db, intents[0]), work.program.now_ms(), intents)
    return [Numbered(*each) for each in zip(numbers, intents, strict=True)]


def _settle(db: SqliteDatabase, now: Settling, found: Sequence[Written], versions: Sequence[int] = ()) -> list[Written]:
    """Record what became of these, and all that it means, in one transaction."""
    work = now.work
    now.write()
    numbered = zip(found, versions or [0] * len(found), strict=True)
    results = [
        Result(one.entry.id, one.state, one.reason, one.karbon_key, one.xero_id, version)
        for one, version in numbered
        if one.entry and one.state is not EntryState.INTENDED
    ]
    journal.settle(db, now.now, results)
    work.counts.add(now.counts)
    if work.run is None:
        work.done += [one.as_done() for one in found if one.done]
        if work.request:
            processes.keep(db, work.request, msgspec.json.encode(work.decided()).decode())
    return list(found)


# To Karbon


async def _to_karbon(work: Work, changes: Sequence[InKarbon], along: Sequence[Here]) -> list[Written]:
    """What Karbon's own sync links too is refused before anything is sent."""
    theirs = await linked_by_karbon(work, [x for change in changes if (x := change.crossing())])
    refused = [change for change in changes if change.crossing() in theirs]
    if refused:
        await work.program.store.run(_refuse, work, refused)
    batch = _Batch(work, [change for change in changes if change not in refused], along)
    if batch.changes:
        await work.directory.write([change.request() for change in batch.changes], batch)
    written = iter(batch.written)
    return [Written(c, EntryState.FAILED, reason=REASON) if c in refused else next(written) for c in changes]


def _refuse(db: SqliteDatabase, work: Work, refused: Sequence[InKarbon]) -> None:
    now = Settling(db, work)
    for change in refused:
        change.refused(now, REASON, deferred=False)
    now.quiet.clear()  # they are looked at again with each run, until a person says that they may be written
    now.counts.failed += len(refused)
    _settle(db, now, [])


@dataclass(slots=True)
class _Batch:
    """Records a batch of writes to the directory, inside its transactions."""

    work: Work
    changes: Sequence[InKarbon]
    along: Sequence[Here]
    entries: list[Numbered] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)

    def intend(self, db: SqliteDatabase) -> None:
        """Journal what is about to be done."""
        self.entries = _intend(db, self.work, self.changes)

    def settle(self, db: SqliteDatabase, outcomes: Sequence[Outcome]) -> None:
        """Record what became of it."""
        now = Settling(db, self.work)
        each = zip(self.changes, self.entries, outcomes, strict=True)
        found = [_became(now, change, entry, outcome) for change, entry, outcome in each]
        versions = [one.contact.version if isinstance(one, Stored) else 0 for one in outcomes]
        self.written = _settle(db, now, found, versions)
        if any(one.done for one in found):
            here(db, self.work, self.along)


def _became(now: Settling, change: InKarbon, entry: Numbered, outcome: Outcome) -> Written:
    if isinstance(outcome, Stored):
        change.stored(now, outcome.contact)
        return Written(change, EntryState.DONE, entry, karbon_key=outcome.contact.key)
    change.refused(now, outcome.reason, deferred=outcome.deferred)
    if outcome.deferred:
        now.counts.deferred += 1
    else:
        now.counts.failed += 1
    return Written(change, _state(change, outcome), entry, outcome.reason, outcome.deferred)


def _state(change: InKarbon, outcome: NotStored) -> EntryState:
    if not outcome.unknown:
        return EntryState.FAILED
    return EntryState.INTENDED if change.stays_open else EntryState.UNKNOWN


def adopt(db: SqliteDatabase, work: Work, change: InKarbon, entry: Entry, karbon: KarbonContact) -> None:
    """What a process that died had asked of Karbon, and Karbon did, is settled as its answer would have been."""
    now, number = Settling(db, work), Numbered(entry.id, entry.intent)
    change.stored(now, karbon)
    _settle(db, now, [Written(change, EntryState.DONE, number, karbon_key=karbon.key)], [karbon.version])


# To Xero


@dataclass(frozen=True, slots=True)
class Sound:
    """A change whose premise held a moment ago, and the contact as Xero holds it."""

    change: InXero
    record: LedgerRecord


async def _to_xero(work: Work, changes: Sequence[InXero]) -> list[Written]:
    """At most a group. Raises RemoteError where nobody knows what arrived."""
    sound = await premise(work, changes)
    written = {id(one.change): one for one in await send(work, sound)} if sound else {}
    deferred = "it changed in Xero meanwhile"
    return [written.get(id(c)) or Written(c, EntryState.FAILED, reason=deferred, deferred=True) for c in changes]


async def premise(work: Work, changes: Sequence[InXero]) -> list[Sound]:
    """Those that Xero still holds as the plan saw them (promise P13); the others wait, mirrored as they are now."""
    found = await work.ledger.read([change.planned().id for change in changes]) if changes else {}
    swaps = await work.program.store.run(journal.open_swaps, work.connection.id)
    sound: list[Sound] = []
    changed: list[XeroContact] = []
    for change in changes:
        record = found.get(change.planned().id)
        if record is None:
            continue
        now = mirror.without_temporary_name(record.contact, swaps)
        if now.contact == change.planned().contact and now.status is XeroStatus.ACTIVE:
            sound.append(Sound(change, record))
        else:
            changed.append(now)
    work.counts.deferred += len(changes) - len(sound)
    if changed:
        await work.program.store.run(mirror.put_xero, work.connection.id, changed, work.run or 0)
    return sound


async def send(work: Work, sound: Sequence[Sound], *, stays_open: bool = False) -> list[Written]:
    """Write these, whose premise holds. ``stays_open``: what is done leaves its entry open (a temporary name).

    Raises RemoteError where nobody knows what arrived; then their entries say so, unless they stay open.
    """
    store = work.program.store
    entries = await store.run(_intend, work, [one.change for one in sound])
    try:
        writes = [(one.record, one.change.written()) for one in sound]
        outcomes = await work.ledger.update(writes, work.program.new_id())
    except RemoteError as error:
        if not stays_open:
            lost = [Result(entry.id, EntryState.UNKNOWN, error.what) for entry in entries]
            await store.run(journal.settle, work.program.now_ms(), lost)
        raise
    state = EntryState.INTENDED if stays_open else EntryState.DONE
    return await store.run(_sent, work, sound, entries, outcomes, state)


def _sent(
    db: SqliteDatabase,
    work: Work,
    sound: Sequence[Sound],
    entries: Sequence[Numbered],
    outcomes: Sequence[LedgerOutcome],
    state: EntryState,
) -> list[Written]:
    now, found = Settling(db, work), []
    for one, entry, outcome in zip(sound, entries, outcomes, strict=True):
        if isinstance(outcome, Saved):
            one.change.saved(now, as_read(one.record, outcome.contact))
            found.append(Written(one.change, state, entry))
        else:
            one.change.refused(now, outcome.reason)
            found.append(Written(one.change, EntryState.FAILED, entry, outcome.reason))
    return _settle(db, now, found)


async def archive(work: Work, change: Archive) -> Written:
    """Archive a contact in Xero. Raises what the ledger raises."""
    store, xero_id = work.program.store, change.xero.id
    record = (await work.ledger.read([xero_id])).get(xero_id)
    if record is None:
        return Written(change, EntryState.FAILED, reason="it is not in Xero any more")
    [entry] = await store.run(_intend, work, [change])
    outcome = await work.ledger.archive(record, work.program.new_id())

    def settle(db: SqliteDatabase) -> Written:
        now, found = Settling(db, work), Written(change, EntryState.DONE, entry)
        if isinstance(outcome, Saved):
            now.xeros.append(outcome.contact)
        else:
            found = Written(change, EntryState.FAILED, entry, outcome.reason)
        return _settle(db, now, [found])[0]

    return await store.run(settle)


async def make_in_xero(work: Work, change: MakeInXero) -> Written:
    """Make a contact in Xero, at most once for this change (promise P7).

    Raises RemoteUnreachable when nobody knows whether it was made: its entry stays open, and the next run finds out.
    """
    [entry] = await work.program.store.run(_intend, work, [change])
    return await send_creation(work, change, entry, change.request)


async def send_creation(work: Work, change: MakeInXero, entry: Numbered, request: str) -> Written:
    """Ask Xero for it, under that Idempotency-Key. What carries our marker is ours, whatever the answer was."""
    outcome = await work.ledger.create(change.contact, change.marker, request)
    if isinstance(outcome, Saved):
        return await settle_creation(work, change, entry, outcome.contact)
    if found := await work.ledger.marked(change.marker):
        return await settle_creation(work, change, entry, found)

    def refuse(db: SqliteDatabase) -> Written:
        now = Settling(db, work)
        change.refused(now, outcome.reason)
        return _settle(db, now, [Written(change, EntryState.FAILED, entry, outcome.reason)])[0]

    return await work.program.store.run(refuse)


async def settle_creation(work: Work, change: MakeInXero, entry: Numbered, xero: XeroContact) -> Written:
    """It was made in Xero, as ``xero``: link the two."""

    def settle(db: SqliteDatabase) -> Written:
        now = Settling(db, work)
        reason = change.saved(now, xero)
        state = EntryState.FAILED if reason else EntryState.DONE
        return _settle(db, now, [Written(change, state, entry, reason, xero_id=xero.id)])[0]

    return await work.program.store.run(settle)
