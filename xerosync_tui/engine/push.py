"""Edits of linked contacts, to Xero: premise, journal, request, acknowledgement, a group at a time.

Xero has no compare-and-set. Between the re-read and the write of a group lies one request, and an edit made in
Xero in that window is overwritten; the journal then has what we knew, not that edit (engine.md 2.7).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Field, Value, XeroStatus
from xerosync_tui.domain.merge import Linked, Side, merge
from xerosync_tui.domain.normalise import name_key
from xerosync_tui.domain.progress import Progress, Report
from xerosync_tui.domain.renames import Rename, in_order
from xerosync_tui.engine.changes import TO_XERO, edit_intent, rules_of
from xerosync_tui.engine.native import left_unwritten
from xerosync_tui.errors import RemoteError
from xerosync_tui.program import Program
from xerosync_tui.remotes.ports import GROUP, Ledger, LedgerOutcome, LedgerRecord, Saved
from xerosync_tui.store import changes, journal, mirror, runs
from xerosync_tui.store.changes import Halves

_PAGE = 500
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Edit:
    """Values to write over a linked contact in Xero; ``base``: what counts as agreed then, if not what both hold."""

    linked: Linked
    values: Mapping[Field, Value]
    base: Halves = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sound:
    """An edit whose premise held a moment ago."""

    edit: Edit
    record: LedgerRecord


@dataclass(slots=True)
class Push:
    """Writes to one ledger for one run, or for a person's decision (``run`` is None).

    Adds to ``counts``: ``changed in Xero``, deferred, failed.
    """

    program: Program
    ledger: Ledger
    connection: Connection
    run: int | None
    counts: Counter[str] = field(default_factory=Counter)
    why: str = "changed in Karbon"

    async def links(self, links: Sequence[int], report: Report) -> None:
        """Carry over what these links have for Xero: rings of names first, then one wave after the other."""
        names = await self._names(links)
        order = in_order(names)
        for ring in order.cycles:
            await self._rotate(await self._edits(ring))
        done = 0
        for wave in order.waves:
            for start in range(0, len(wave), GROUP):
                group = wave[start : start + GROUP]
                await self.write(await self._edits(group))
                done += len(group)
                report(Progress("Writing to Xero", done, len(links), counts=self.counts))

    async def _names(self, links: Sequence[int]) -> dict[str, Rename]:
        """By ContactID, which name each holds and which it is to take; no other contact waits for a mere "" ."""
        found = {}
        for start in range(0, len(links), _PAGE):
            for pair in await self.program.store.run(changes.by_link, links[start : start + _PAGE]):
                wanted = self._values(pair).get(Field.NAME)
                held = "" if wanted is None or pair.half_renamed else name_key(pair.xero.contact.name) or ""
                found[pair.xero.id] = Rename(held, (name_key(str(wanted)) or "") if wanted is not None else "")
        return found

    async def _edits(self, xero_ids: Sequence[str]) -> list[Edit]:
        def read(db: SqliteDatabase) -> list[Edit]:
            theirs = left_unwritten(db, self.connection, xero_ids)
            pairs = [changes.linked(db, self.connection.id, x) for x in xero_ids if x not in theirs]
            return [Edit(pair, self._values(pair)) for pair in pairs if pair]

        return [edit for edit in await self.program.store.run(read) if edit.values]

    def _values(self, pair: Linked) -> Mapping[Field, Value]:
        return merge(pair, rules_of(self.connection)).to_xero

    async def write(self, edits: Sequence[Edit]) -> None:
        """Write at most a group of edits. Raises RemoteError where nobody knows what arrived."""
        sound = await self._premise(edits)
        if not sound:
            return
        intents = [edit_intent(s.edit.linked, Side.XERO, s.edit.values, self.why) for s in sound]
        entries = await self._intend(intents)
        outcomes = await self._sent(entries, [(s.record, s.edit.values) for s in sound])
        await self.program.store.run(self._settle, sound, entries, outcomes)
        for one, outcome in zip(sound, outcomes, strict=True):
            if not isinstance(outcome, Saved) and _stands_aside(one.edit):
                await self._move_back([one])

    async def _premise(self, edits: Sequence[Edit]) -> list[Sound]:
        """Those that Xero still holds as the plan saw them (promise P13); the others wait, as they are now."""
        if not edits:
            return []
        found = await self.ledger.read([edit.linked.xero.id for edit in edits])
        swaps = await self.program.store.run(journal.open_swaps, self.connection.id)
        sound, changed = [], []
        for edit in edits:
            record = found.get(edit.linked.xero.id)
            if record is None:
                continue
            now = mirror.without_temporary_name(record.contact, swaps)
            if now.contact == edit.linked.xero.contact and now.status is XeroStatus.ACTIVE:
                sound.append(Sound(edit, record))
            else:
                changed.append(now)
        self.counts["deferred"] += len(edits) - len(sound)
        if changed:
            await self.program.store.run(mirror.put_xero, self.connection.id, changed, self.run or 0)
        return sound

    async def _intend(self, intents: Sequence[journal.Intent]) -> list[int]:
        who, now = self.program.settings.user, self.program.now_ms()
        return await self.program.store.run(journal.intend, self.connection.id, self.run, who, now, intents)

    async def _sent(
        self, entries: Sequence[int], writes: Sequence[tuple[LedgerRecord, Mapping[Field, Value]]]
    ) -> list[LedgerOutcome]:
        try:
            return await self.ledger.update(writes, self.program.new_id())
        except RemoteError as error:
            lost = [journal.Result(entry, journal.UNKNOWN, "", error.what) for entry in entries]
            await self.program.store.run(journal.settle_keeping_keys, self.program.now_ms(), lost)
            raise

    def _settle(
        self, db: SqliteDatabase, sound: Sequence[Sound], entries: Sequence[int], outcomes: Sequence[LedgerOutcome]
    ) -> None:
        """The base moves for what Xero took; what it refused is failed, by name, in its words."""
        now, connection = self.program.now_ms(), self.connection.id
        results, refused = [], []
        for one, entry, outcome in zip(sound, entries, outcomes, strict=True):
            linked = one.edit.linked
            if not isinstance(outcome, Saved):
                results.append(journal.Result(entry, "failed", linked.karbon.key, outcome.reason))
                refused.append((linked, outcome.reason))
                continue
            results.append(journal.Result(entry, "done", linked.karbon.key))
            self._keep_saved(db, one, outcome)
            runs.clear_failed(db, connection, TO_XERO, [linked.xero.id])
        journal.settle(db, now, results)
        records = [(x.xero.id, x.xero.contact.name, f"Xero refused the edit: {reason}") for x, reason in refused]
        runs.put_failed(db, connection, TO_XERO, records, now)
        changes.done_looking(db, [x.id for x, _ in refused])
        self.counts["failed"] += len(refused)
        self.counts["changed in Xero"] += len(sound) - len(refused)

    def _keep_saved(self, db: SqliteDatabase, one: Sound, saved: Saved) -> None:
        """What Xero stored, perhaps in its own spelling, is what both agree on from here on."""
        now, linked = self.program.now_ms(), one.edit.linked
        # The answer to a write lacks fields that a read has (xero.md 2.6): of the rest, what was read stands.
        stored = replace(one.record.contact, contact=saved.contact.contact, updated=saved.contact.updated)
        mirror.put_xero(db, self.connection.id, [stored], self.run or 0)
        halves = {f: (stored.contact.value(f), linked.karbon.contact.value(f)) for f in one.edit.values}
        changes.acknowledge(db, [(linked, {**halves, **one.edit.base})], now)
        if Field.NAME in one.edit.values:
            journal.close_swap(db, self.connection.id, linked.xero.id, now)

    # Names that go round in a ring (engine.md 2.4)

    async def _rotate(self, ring: Sequence[Edit]) -> None:
        """Each takes the name of the next. The first steps aside under a temporary name, held by the journal."""
        sound = await self._premise(ring)
        if len(sound) < len(ring):
            self.counts["deferred"] += len(sound)
            return
        first = sound[0]
        name = first.edit.linked.xero.contact.name
        aside = f"~{self.program.new_id()[:12]} {name}"[:_LONGEST_NAME]
        swap = edit_intent(
            first.edit.linked, Side.XERO, {Field.NAME: first.edit.values[Field.NAME]}, self.why,
            marker=aside, action="swap",
        )  # fmt: skip
        entries = await self._intend([swap])
        [outcome] = await self._sent([], [(first.record, {Field.NAME: aside})])
        if not isinstance(outcome, Saved):
            await self.program.store.run(self._never_started, first, entries[0], outcome.reason)
            return
        moved: list[Sound] = []
        for one in (*reversed(sound[1:]), first):
            if not await self._move(one):
                await self._move_back([*reversed(moved), first])
                return
            moved.append(one)

    async def _move(self, one: Sound) -> bool:
        """Write one member of a ring; whether Xero took it."""
        entries = await self._intend([edit_intent(one.edit.linked, Side.XERO, one.edit.values, self.why)])
        outcomes = await self._sent(entries, [(one.record, one.edit.values)])
        await self.program.store.run(self._settle, [one], entries, outcomes)
        return isinstance(outcomes[0], Saved)

    async def _move_back(self, moved: Sequence[Sound]) -> None:
        """A name of the ring was refused: those that moved, or stand aside, take theirs back, in this order."""
        for one in moved:
            linked = one.edit.linked
            back = Sound(replace(one.edit, values={Field.NAME: linked.xero.contact.name}), one.record)
            intent = edit_intent(linked, Side.XERO, back.edit.values, "the ring of names was refused")
            entries = await self._intend([intent])
            outcomes = await self._sent(entries, [(back.record, back.edit.values)])
            await self.program.store.run(self._settle_back, back, entries[0], outcomes[0])

    def _settle_back(self, db: SqliteDatabase, back: Sound, entry: int, outcome: LedgerOutcome) -> None:
        now, linked = self.program.now_ms(), back.edit.linked
        if not isinstance(outcome, Saved):
            journal.settle(db, now, [journal.Result(entry, "failed", linked.karbon.key, outcome.reason)])
            return
        self._keep_saved(db, back, outcome)
        halves = {Field.NAME: (outcome.contact.contact.name, linked.karbon_base.name)}
        changes.acknowledge(db, [(linked, halves)], now)  # Karbon's edit has not gone over
        journal.settle(db, now, [journal.Result(entry, "done", linked.karbon.key)])

    def _never_started(self, db: SqliteDatabase, first: Sound, entry: int, reason: str) -> None:
        now, linked = self.program.now_ms(), first.edit.linked
        journal.settle(db, now, [journal.Result(entry, "failed", linked.karbon.key, reason)])
        record = (linked.xero.id, linked.xero.contact.name, f"Xero refused a temporary name: {reason}")
        runs.put_failed(db, self.connection.id, TO_XERO, [record], now)
        changes.done_looking(db, [linked.id])
        self.counts["failed"] += 1


def _stands_aside(edit: Edit) -> bool:
    """Whether Xero holds a temporary name of ours, and another one than the one from before was refused."""
    return edit.linked.half_renamed and edit.values.get(Field.NAME) != edit.linked.xero.contact.name
