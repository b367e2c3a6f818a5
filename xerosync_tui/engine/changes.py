"""Edits of linked contacts, planned field by field, and carried over to Karbon; ``push`` carries them to Xero.

The plan is worked out from the mirrors and the base each time it is asked for, by the same functions for a
preview and for the run (promise P12). Only links that something happened to are looked at.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from peewee import SqliteDatabase

from xerosync_tui.domain.brake import Impact
from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Field, Value
from xerosync_tui.domain.merge import End, Linked, Merge, Rules, Side, end_of, merge
from xerosync_tui.domain.progress import Progress, Report
from xerosync_tui.engine.ending import end_links
from xerosync_tui.engine.native import REASON, linked_by_karbon
from xerosync_tui.program import Program
from xerosync_tui.remotes.ports import Directory, NotStored, Outcome, Stored, Update
from xerosync_tui.store import changes, journal, links, mirror, runs
from xerosync_tui.store.changes import Halves, Pair

_PAGE = 500
_OFFERED = {end.value for end in End} - {End.DELETED.value}
_RESTORED = "restored in Xero: link it again, or leave it"
TO_XERO, TO_KARBON = "to_xero", "to_karbon"  # sides of a failed record


@dataclass(frozen=True, slots=True)
class Planned:
    """A linked pair, and what is to be done with it."""

    linked: Linked
    merge: Merge


@dataclass(frozen=True, slots=True)
class ChangePlan:
    """What a run would do to the links there are. ``digest`` changes whenever that does.

    Counts: ``to Karbon`` and ``to Xero`` (contacts), ``agreed``, ``field conflicts``, ``ended``.
    """

    counts: Counter[str]
    impact: Impact
    digest: str


def rules_of(connection: Connection) -> Rules:
    """What a merge needs of what was chosen for a connection."""
    return Rules(connection.region, connection.both_changed, connection.fill_xero_blanks)


async def plan_changes(program: Program, connection: Connection, report: Report) -> ChangePlan:
    """Look at every link to which something happened. Writes nothing."""
    counts: Counter[str] = Counter()
    digest = hashlib.blake2b(digest_size=8)
    overwritten = ended = changed = place = 0
    rules, refused = rules_of(connection), await program.store.read(_refused_before, connection.id)
    while pairs := await program.store.read(changes.looked, connection.id, place, _PAGE):
        place = pairs[-1].id
        for pair in pairs:
            planned, end = _judged(pair, rules)
            if end:
                ended += 1
                digest.update(f"{pair.xero.id} {end}".encode())
            elif planned and planned.merge:
                if pair.xero.id not in refused:
                    changed += planned.merge.moves
                    overwritten += planned.merge.overwrites(planned.linked)
                digest.update(planned.merge.digest(planned.linked).encode())
                counts += _counted(planned.merge)
        report(Progress("Comparing", changed + ended))
    total = await program.store.read(links.count, connection.id)
    counts["ended"] += ended
    return ChangePlan(counts, Impact(total, overwritten, ended, changed), digest.hexdigest())


def _refused_before(db: SqliteDatabase, connection: int) -> set[str]:
    """Whose edits a remote did not take: an audit tries them again, which is nothing that a brake is there for."""
    return {one.record for one in runs.failures(db, connection) if one.side in (TO_XERO, TO_KARBON)}


def _judged(pair: Pair, rules: Rules) -> tuple[Planned | None, End | None]:
    """What is to be done with a pair: a merge, or its end; neither for one that ended."""
    if not pair.synced:
        return None, None
    if end := end_of(pair.xero, gone=pair.gone):
        return None, end
    return (Planned(pair.linked, merge(pair.linked, rules)) if pair.linked else None), None


def _counted(one: Merge) -> Counter[str]:
    return Counter(
        {
            "to Karbon": bool(one.to_karbon),
            "to Xero": bool(one.to_xero),
            "agreed": bool(one.agreed),
            "field conflicts": len(one.conflicts),
        }
    )


@dataclass(slots=True)
class _Kept:
    """What the bookkeeping of a page left to do."""

    to_write: list[Planned] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


async def apply_changes(
    program: Program, directory: Directory, connection: Connection, run: int, counts: Counter[str], report: Report
) -> list[int]:
    """End what ended, move the base where both agree, keep conflicts, write to Karbon; page by page.

    Returns the links with something to write to Xero. Adds to ``counts``: ended, agreed, ``field conflicts``,
    ``changed in Karbon``, deferred, failed.
    """
    to_push: list[int] = []
    place = 0
    while pairs := await program.store.run(changes.looked, connection.id, place, directory.batch):
        place = pairs[-1].id
        async with program.turn:
            kept = await program.store.run(_keep, program, connection, run, pairs)
            counts += kept.counts
            counts += await write_to_karbon(program, directory, connection, run, kept.to_write)
        to_push += [planned.linked.id for planned in kept.to_write if planned.merge.to_xero]
        report(Progress("Writing to Karbon", place, counts=counts))
    return to_push


def _keep(db: SqliteDatabase, program: Program, connection: Connection, run: int, pairs: Sequence[Pair]) -> _Kept:
    """All of a page that is done without a remote; what is left needs one."""
    rules, kept, now = rules_of(connection), _Kept(), program.now_ms()
    failed_before = bool(runs.count_failed(db, connection.id))
    quiet, ends, conflicts, agreed = [], [], {}, []
    for pair in pairs:
        planned, end = _judged(pair, rules)
        if end:
            ends.append((pair, end))
        elif planned is None:
            quiet.append(pair.id)
        else:
            conflicts[pair.xero.id] = planned.merge.conflicts
            agreed.append((planned.linked, _halves(planned.linked, planned.merge.agreed)))
            if planned.merge.to_karbon or planned.merge.to_xero:
                kept.to_write.append(planned)
            else:
                quiet.append(pair.id)
            kept.counts += Counter(
                {"agreed": bool(planned.merge.agreed), "field conflicts": len(conflicts[pair.xero.id])}
            )
            if failed_before or planned.merge.emptied:
                _keep_failures(db, connection, planned, now)
    end_links(db, program, connection.id, run, [(pair.xero.id, end.value) for pair, end in ends])
    _offer_restored(db, connection, [pair for pair in pairs if not pair.synced])
    changes.acknowledge(db, agreed, now)
    changes.put_conflicts(db, connection.id, conflicts, now)
    changes.done_looking(db, [*quiet, *(pair.id for pair, _ in ends)])
    kept.counts["ended"] += len(ends)
    return kept


def _halves(linked: Linked, fields: Sequence[Field]) -> dict[Field, tuple[Value, Value]]:
    return {f: (linked.xero.contact.value(f), linked.karbon.contact.value(f)) for f in fields}


def _keep_failures(db: SqliteDatabase, connection: Connection, planned: Planned, now: int) -> None:
    """A name that was emptied goes nowhere; failures of before that are none any more go."""
    linked, one = planned.linked, planned.merge
    for side, writes in ((TO_XERO, one.to_xero), (TO_KARBON, one.to_karbon)):
        if not writes:
            runs.clear_failed(db, connection.id, side, [linked.xero.id])
    if one.emptied:
        name = linked.xero.contact.name or linked.karbon.contact.name
        reason = "The name was emptied; a contact has a name, so the other side keeps it"
        runs.put_failed(db, connection.id, TO_KARBON, [(linked.xero.id, name, reason)], now)


def _offer_restored(db: SqliteDatabase, connection: Connection, pairs: Sequence[Pair]) -> None:
    """What ended because of Xero and is active there again is offered anew, never linked silently."""
    back = [p.xero.id for p in pairs if p.why in _OFFERED and not end_of(p.xero, gone=p.gone)]
    links.say_why(db, connection.id, back, _RESTORED)


async def write_to_karbon(
    program: Program,
    directory: Directory,
    connection: Connection,
    run: int | None,
    rows: Sequence[Planned],
    *,
    why: str = "changed in Xero",
    base: Halves | None = None,
) -> Counter[str]:
    """Write what these merges say to Karbon; counts as in ``apply_changes``.

    ``base``: what counts as agreed then, if not what both sides hold. What Karbon's own sync links too is refused.
    """
    theirs = await linked_by_karbon(program, directory, connection, [row.linked.xero.id for row in rows])
    if theirs:
        pairs = [row.linked for row in rows if row.linked.xero.id in theirs]
        refused = [(pair.xero.id, pair.karbon.contact.name, REASON) for pair in pairs]
        await program.store.run(runs.put_failed, connection.id, TO_KARBON, refused, program.now_ms())
    rows = [row for row in rows if row.merge.to_karbon and row.linked.xero.id not in theirs]
    if not rows:
        return Counter()
    recorder = ChangeRecorder(program, connection, rows, run, why, base or {})
    writes = [Update(row.linked.karbon.key, row.linked.karbon.contact, row.merge.to_karbon) for row in rows]
    await directory.write(writes, recorder)
    return recorder.counts


@dataclass(slots=True)
class ChangeRecorder:
    """Records a batch of edits in Karbon: intents before, then the base, the mirror and the journal in one go."""

    program: Program
    connection: Connection
    rows: Sequence[Planned]
    run: int | None
    why: str = "changed in Xero"
    base: Halves = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    entries: list[int] = field(default_factory=list)

    def intend(self, db: SqliteDatabase) -> None:
        """Journal what is about to be written."""
        intents = [edit_intent(row.linked, Side.KARBON, row.merge.to_karbon, self.why) for row in self.rows]
        now, who = self.program.now_ms(), self.program.settings.user
        self.entries = journal.intend(db, self.connection.id, self.run, who, now, intents)

    def settle(self, db: SqliteDatabase, outcomes: Sequence[Outcome]) -> None:
        """The base moves for what was stored; what was refused is failed, what changed meanwhile waits."""
        now, connection = self.program.now_ms(), self.connection.id
        settled = list(zip(self.rows, outcomes, self.entries, strict=True))
        stored = [(row, outcome.contact) for row, outcome, _ in settled if isinstance(outcome, Stored)]
        changes.acknowledge(
            db,
            [
                (
                    row.linked,
                    {f: (v, karbon.contact.value(f)) for f, v in row.merge.to_karbon.items()} | dict(self.base),
                )
                for row, karbon in stored
            ],
            now,
        )
        mirror.put_karbon(db, connection, [karbon for _, karbon in stored], now)
        refused = []
        results = []
        for row, outcome, entry in settled:
            if isinstance(outcome, Stored):
                self.counts["changed in Karbon"] += 1
                results.append(journal.Result(entry, "done", outcome.contact.key, version=outcome.contact.version))
                continue
            self.counts["deferred" if outcome.deferred else "failed"] += 1
            state = journal.UNKNOWN if outcome.unknown else "failed"
            results.append(journal.Result(entry, state, row.linked.karbon.key, outcome.reason))
            if not outcome.deferred:
                refused.append((row, outcome))
        journal.settle(db, now, results)
        self._keep_refused(db, refused, [row.linked.xero.id for row, _ in stored], now)

    def _keep_refused(
        self, db: SqliteDatabase, refused: Sequence[tuple[Planned, NotStored]], stored: Sequence[str], now: int
    ) -> None:
        connection = self.connection.id
        if runs.count_failed(db, connection):
            runs.clear_failed(db, connection, TO_KARBON, stored)
        records = [(row.linked.xero.id, row.linked.karbon.contact.name, outcome.reason) for row, outcome in refused]
        runs.put_failed(db, connection, TO_KARBON, records, now)
        changes.done_looking(db, [row.linked.id for row, _ in refused if not row.merge.to_xero])


def edit_intent(
    linked: Linked, side: Side, values: Mapping[Field, Value], why: str, *, marker: str = "", action: str = "update"
) -> journal.Intent:
    """The journal row of writing these values to one side of a link."""
    held = linked.xero.contact if side is Side.XERO else linked.karbon.contact
    before = {f: held.value(f) for f in values}
    return journal.Intent(action, linked.xero.id, linked.karbon.key, before, values, why, side.value, marker)
