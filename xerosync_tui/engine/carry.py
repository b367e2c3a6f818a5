"""Edits of linked contacts, carried over: first to Karbon, then to Xero, field by field as their merge says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from peewee import SqliteDatabase

from xerosync_tui.domain import decide
from xerosync_tui.domain.contact import Field, Value
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.link import End, Linked
from xerosync_tui.domain.merge import merge
from xerosync_tui.domain.normalise import name_key
from xerosync_tui.domain.progress import Progress
from xerosync_tui.domain.renames import Rename, in_order
from xerosync_tui.domain.states import FailedSide
from xerosync_tui.engine import sides
from xerosync_tui.engine.changes.here import Unlink
from xerosync_tui.engine.changes.karbon import ToKarbon
from xerosync_tui.engine.changes.xero import ToXero
from xerosync_tui.engine.names import move_back, rotate
from xerosync_tui.engine.native import REASON, left_unwritten, linked_by_karbon
from xerosync_tui.engine.plan import Judged, judged
from xerosync_tui.engine.work import Work
from xerosync_tui.engine.write import Sound, Written, here, premise, send, write
from xerosync_tui.errors import NotConnected, QuotaUsedUp, RemoteError
from xerosync_tui.remotes.ports import GROUP
from xerosync_tui.store import changes, links, runs
from xerosync_tui.store.brakes import Approved
from xerosync_tui.store.changes import Pair

_PAGE = 500
_OFFERED = {end.value for end in End} - {End.DELETED.value}
_RESTORED = "restored in Xero: link it again, or leave it"


async def carry_over(work: Work, only: Approved | None = None) -> None:
    """End what ended, move the base where both agree, keep conflicts, write to either side; page by page.

    ``only``: of what a brake stopped, what a person approved. Adds to the counts of the work.
    """
    to_push: list[int] = []
    place = 0
    while pairs := await work.program.store.run(changes.looked, work.connection.id, place, work.directory.batch):
        place = pairs[-1].id
        async with work.program.turn:
            kept = await work.program.store.run(_keep, work, pairs, only)
            await _list_crossing(work, kept)
            await write(work, [ToKarbon(one.linked, one.merge) for one in kept if one.merge and one.merge.to_karbon])
        to_push += [one.linked.id for one in kept if one.merge and one.merge.to_xero]
        work.report(Progress("Writing to Karbon", place, counts=work.counts))
    if to_push:
        await to_xero(work, to_push, only=only)
    if only:  # one that a remote refused may have rows that nobody approved yet
        await work.program.store.run(changes.look_at, work.connection.id, list(only))


def _keep(db: SqliteDatabase, work: Work, pairs: Sequence[Pair], only: Approved | None) -> list[Judged]:
    """Do all of a page that needs no remote; returns what is left."""
    found = [judged(pair, work.rules) for pair in pairs]
    if only is not None:
        found = [one.only(only.get(one.pair.xero.id, {})) for one in found]
    here(db, work, [_ending(one) for one in found if one.end])
    kept = _Page()
    for one in found:
        kept.take(one)
    if only is None:
        _offer_restored(db, work, [pair for pair in pairs if not pair.synced])
        changes.put_conflicts(db, work.connection.id, kept.conflicts, work.program.now_ms())
        changes.done_looking(db, kept.quiet)
        _keep_failures(db, work, found)
    else:
        changes.done_looking(db, [one.pair.id for one in found if one.end])
    changes.acknowledge(db, [(one.linked, _agreed(one)) for one in found if one.merge], work.program.now_ms())
    work.counts.add(kept.counts)
    return kept.to_write


@dataclass(slots=True)
class _Page:
    """What a page of links comes to."""

    counts: Counts = field(default_factory=Counts)
    quiet: list[int] = field(default_factory=list)  # nothing is left to do for these
    conflicts: dict[str, Sequence[Field]] = field(default_factory=dict)
    to_write: list[Judged] = field(default_factory=list)

    def take(self, one: Judged) -> None:
        """Count and sort one link."""
        self.counts.ended += bool(one.end)
        if one.merge is None:
            self.quiet.append(one.pair.id)
            return
        self.conflicts[one.pair.xero.id] = one.merge.conflicts
        self.counts.agreed += bool(one.merge.agreed)
        self.counts.field_conflicts += len(one.merge.conflicts)
        if one.merge.to_karbon or one.merge.to_xero:
            self.to_write.append(one)
        else:
            self.quiet.append(one.pair.id)


async def _list_crossing(work: Work, kept: Sequence[Judged]) -> None:
    """List those that Karbon's own sync writes too and that have only values for Xero: nothing of them is written."""
    names = {
        one.linked.xero.id: one.linked.karbon.contact.name for one in kept if one.merge and not one.merge.to_karbon
    }
    theirs = await linked_by_karbon(work, list(names))
    rows = [(xero_id, name, REASON) for xero_id, name in names.items() if xero_id in theirs]
    if rows:
        listed = (work.connection.id, FailedSide.TO_KARBON, rows, work.program.now_ms())
        await work.program.store.run(runs.put_failed, *listed)


def _ending(one: Judged) -> Unlink:
    assert one.end
    pair = one.pair
    return Unlink(pair.xero.contact.name, pair.xero.id, pair.karbon_key, one.end.value)


def _agreed(one: Judged) -> dict[Field, tuple[Value, Value]]:
    linked, fields = one.linked, one.merge.agreed if one.merge else ()
    return {f: (linked.xero.contact.value(f), linked.karbon.contact.value(f)) for f in fields}


def _keep_failures(db: SqliteDatabase, work: Work, found: Sequence[Judged]) -> None:
    """A name that was emptied goes nowhere; failures of before that are none any more go."""
    connection = work.connection.id
    merged = [(one.linked, one.merge) for one in found if one.merge is not None]
    if runs.count_failed(db, connection):
        for side, quiet in (
            (FailedSide.TO_XERO, [linked.xero.id for linked, it in merged if not it.to_xero]),
            (FailedSide.TO_KARBON, [linked.xero.id for linked, it in merged if not it.to_karbon]),
        ):
            runs.clear_failed(db, connection, side, quiet)
    reason = "The name was emptied; a contact has a name, so the other side keeps it"
    emptied = [linked for linked, it in merged if it.emptied]
    rows = [(x.xero.id, x.xero.contact.name or x.karbon.contact.name, reason) for x in emptied]
    runs.put_failed(db, connection, FailedSide.TO_KARBON, rows, work.program.now_ms())


def _offer_restored(db: SqliteDatabase, work: Work, pairs: Sequence[Pair]) -> None:
    """What ended because of Xero and is active there again is offered, never linked silently."""
    back = [p.xero.id for p in pairs if p.why in _OFFERED and not decide.ends(p.xero, gone=p.gone)]
    links.say_why(db, work.connection.id, back, _RESTORED)


# To Xero


async def to_xero(
    work: Work, ids: Sequence[int], why: str = "changed in Karbon", *, only: Approved | None = None
) -> list[Written]:
    """Carry over what these links have for Xero: rings of names first, then one wave after the other."""
    order = in_order(await _names(work, ids))
    for ring in order.cycles:
        edits = await _edits(work, ring, why, only)
        if len(edits) == len(ring) and all(Field.NAME in edit.values for edit in edits):
            await rotate(work, edits)
    done: list[Written] = []
    sent = 0
    for wave in order.waves:
        for start in range(0, len(wave), GROUP):
            group = wave[start : start + GROUP]
            done += await _send(work, await _edits(work, group, why, only))
            sent += len(group)
            work.report(Progress("Writing to Xero", sent, len(ids), counts=work.counts))
    return done


async def _send(work: Work, edits: Sequence[ToXero]) -> list[Written]:
    """A refused name leaves nobody under a temporary one."""
    sound = await premise(work, edits)
    written = await send(work, sound) if sound else []
    by_change = {id(edit): edit for edit in edits}
    for one, result in zip(sound, written, strict=True):
        edit = by_change[id(one.change)]
        if not result.done and _stands_aside(edit):
            await move_back(work, [(edit, Sound(edit, one.record))])
    return written


def _stands_aside(edit: ToXero) -> bool:
    """Whether Xero holds a temporary name of ours, and another one than the one from before was refused."""
    return edit.linked.half_renamed and edit.values.get(Field.NAME) != edit.whom()


async def _names(work: Work, ids: Sequence[int]) -> dict[str, Rename]:
    """By ContactID, which name each holds and which it is to take; no other contact waits for a mere "" ."""
    found = {}
    for start in range(0, len(ids), _PAGE):
        for pair in await work.program.store.run(changes.by_link, ids[start : start + _PAGE]):
            wanted = merge(pair, work.rules).to_xero.get(Field.NAME)
            held = "" if wanted is None or pair.half_renamed else name_key(pair.xero.contact.name) or ""
            found[pair.xero.id] = Rename(held, (name_key(str(wanted)) or "") if wanted is not None else "")
    return found


async def _edits(work: Work, xero_ids: Sequence[str], why: str, only: Approved | None) -> list[ToXero]:
    def wanted(pair: Linked) -> ToXero:
        found = merge(pair, work.rules)
        return ToXero(pair, (found.only(only.get(pair.xero.id, {})) if only is not None else found).to_xero, why)

    def read(db: SqliteDatabase) -> list[ToXero]:
        theirs = left_unwritten(db, work, xero_ids)
        pairs = [changes.linked(db, work.connection.id, x) for x in xero_ids if x not in theirs]
        return [wanted(pair) for pair in pairs if pair]

    return [edit for edit in await work.program.store.run(read) if edit.values]


async def bring_to_xero(work: Work, xero_ids: Sequence[str], why: str = "changed in Karbon") -> str:
    """Write to Xero now what a decision left for these links; returns what waits for the next sync, and why, or ""."""
    pairs = [await work.program.store.run(changes.linked, work.connection.id, xero_id) for xero_id in xero_ids]
    waiting = [pair.id for pair in pairs if pair and merge(pair, work.rules).to_xero]
    if not waiting:
        return ""
    before = work.counts.changed_in_xero
    try:
        async with sides.ledger(work):
            await to_xero(work, waiting, why)
    except (RemoteError, QuotaUsedUp, NotConnected) as error:
        return f"Xero gets it with the next sync ({error.what})"
    if work.counts.changed_in_xero - before == len(waiting):
        return ""
    return "Xero has not taken it yet: see the failed ones, or sync again"
