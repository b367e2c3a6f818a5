"""Before anything is done: the lock is held, and what a process that died left behind is settled.

While it is held, a heartbeat says so, and what other processes decide is carried out between two steps of ours
(engine.md 2.10).
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import NO_CONTACT, Contact, Field, Value, XeroStatus
from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.merge import Linked, Side
from xerosync_tui.domain.normalise import is_alike, same_spelling
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.domain.progress import Report
from xerosync_tui.engine.apply import LinkRecorder
from xerosync_tui.engine.create import Creator
from xerosync_tui.engine.lock import sync_lock
from xerosync_tui.engine.pull import pull_karbon, read_cards
from xerosync_tui.errors import LockHeld
from xerosync_tui.program import Program, active
from xerosync_tui.remotes.ports import Directory, Ledger, Stored
from xerosync_tui.store import changes, journal, links, mirror, processes, runs
from xerosync_tui.store.changes import Halves
from xerosync_tui.store.processes import AtWork

_BEAT = 5.0  # seconds
_LOOK = 0.2  # seconds between two looks at what others ask


@asynccontextmanager
async def at_work(program: Program, doing: str = "a decision") -> AsyncIterator[Connection]:
    """The active connection, for the one process that may pull and apply now.

    It is read with the lock held, so that it stays the active one until the end. Raises NotConnected, LockHeld.
    """
    async with AsyncExitStack() as held:
        try:
            await held.enter_async_context(sync_lock(program.settings))
        except LockHeld as error:
            raise await _named(program, error) from None
        connection = await active(program)
        await program.store.run(_begin, program, connection, doing)
        attendant = asyncio.create_task(_attend(program, connection))
        try:
            yield connection
        finally:
            async with program.turn:  # not in the middle of somebody's decision
                attendant.cancel()
            await asyncio.gather(attendant, return_exceptions=True)
            await program.store.run(processes.leave)


async def _named(program: Program, error: LockHeld) -> LockHeld:
    """The same with who has the lock, as far as that one has said so."""
    holder = await program.store.read(processes.holder)
    if holder is None:
        return error
    return LockHeld(f"{holder.who}'s process {holder.pid} is at work on this data: {holder.doing}", error.next_step)


def _begin(db: SqliteDatabase, program: Program, connection: Connection, doing: str) -> None:
    now = program.now_ms()
    processes.take(db, AtWork(os.getpid(), program.settings.user, doing, now, now))
    runs.interrupt_dead(db, connection.id, now)
    journal.settle_dead(db, connection.id, now, over_api=connection.uses_api)


async def _attend(program: Program, connection: Connection) -> None:
    """Show that we are alive, and do what others ask, whenever our own work leaves room for it."""
    from xerosync_tui.engine.decisions import carry_out_waiting  # which asks for the lock itself, elsewhere

    since = 0.0
    while True:
        await asyncio.sleep(_LOOK)
        since += _LOOK
        if since >= _BEAT:
            since = 0.0
            await program.store.run(processes.beat, program.now_ms())
        if await program.store.read(processes.waiting):
            async with program.turn:
                await carry_out_waiting(program, connection)


async def recover_in_xero(program: Program, ledger: Ledger, connection: Connection) -> Counter[str]:
    """Settle what only Xero can tell: creations whose answer was lost, and names that stand aside.

    No request when there are none. Counts as a run does. Raises what the ledger raises.
    """
    counts = await Creator(program, ledger, connection).settle_open()
    swaps = await program.store.run(journal.open_swaps, connection.id)
    if not swaps:
        return counts
    found = await ledger.read(list(swaps))
    linked = await program.store.run(links.synced_of, connection.id, list(swaps))
    for xero_id, (aside, before) in swaps.items():
        record = found.get(xero_id)
        holds_it = record is not None and record.contact.contact.name == aside
        if holds_it and xero_id in linked:
            continue  # the plan finishes it, or takes it back
        if record is not None and holds_it:
            await ledger.update([(record, {Field.NAME: before})], program.new_id())
        await program.store.run(journal.close_swap, connection.id, xero_id, program.now_ms(), journal.ABANDONED)
    return counts


async def recover_in_karbon(
    program: Program, directory: Directory, connection: Connection, report: Report
) -> Counter[str]:
    """Settle creations in Karbon's API whose answer was lost (engine.md 2.5); no request when there are none.

    Only a contact that was not there before, with the name and the email that were sent, may be ours. Where several
    are, or none, matching or the plan goes on from what is there. Counts as a run does.
    """
    counts: Counter[str] = Counter()
    waiting = await program.store.run(journal.open_creations, connection.id)
    if waiting:
        await pull_karbon(program, directory, connection, report)
    for entry in waiting:
        keys = await program.store.run(mirror.newer_alike, connection.id, entry.intent.newest_known, _sent(entry))
        await read_cards(program, directory, connection, keys)
        counts += await program.store.run(_adopt, program, connection, entry, keys)
    return counts


def _sent(entry: journal.Entry) -> Contact:
    return NO_CONTACT.with_values(dict(entry.intent.after))


def _adopt(
    db: SqliteDatabase, program: Program, connection: Connection, entry: journal.Entry, keys: Sequence[str]
) -> Counter[str]:
    """Link the one contact that this creation made; without one, the creation is over."""
    sent = _sent(entry)
    held = [mirror.karbon_contact(db, connection.id, key) for key in keys]
    alike = [k for k in held if k and k.whole and is_alike(k.contact, sent)]
    xero = mirror.xero_contact(db, connection.id, entry.intent.xero_id)
    taken = links.taken(db, connection.id, [k.key for k in alike])
    if len(alike) != 1 or taken or xero is None or links.synced_of(db, connection.id, [xero.id]):
        journal.settle(db, program.now_ms(), [journal.Result(entry.id, journal.ABANDONED, "", "nothing came of it")])
        return Counter()
    row = PlannedRow(Verdict.NEW, replace(xero, contact=sent), None, None, None)
    recorder = LinkRecorder(program, connection, [row], entry.run, replacing=True, entries=[entry.id])
    recorder.settle(db, [Stored(alike[0])])
    return recorder.counts


async def settle_unknown(program: Program, directory: Directory, connection: Connection) -> None:
    """After a complete read: a write whose answer was lost, and which that side holds, is acknowledged by that.

    An edit is none of its own then: without this, the next one on the other side would be in conflict with our last.
    An undo that Karbon did is carried to its end. Raises what the directory raises.
    """
    entries = await program.store.run(journal.unknown_writes, connection.id)
    undos = await program.store.run(journal.open_undos, connection.id)
    in_karbon = [*(entry for entry in entries if entry.intent.side == Side.KARBON.value), *undos]
    # A list does not tell what a card holds.
    await read_cards(program, directory, connection, [entry.intent.karbon_key for entry in in_karbon])
    await program.store.run(_settle_unknown, program, connection)
    if undos:
        from xerosync_tui.engine.undo import finish  # which asks for the lock itself, elsewhere

        for entry in undos:
            await program.store.run(finish, program, connection, entry)


def _settle_unknown(db: SqliteDatabase, program: Program, connection: Connection) -> None:
    now, results = program.now_ms(), []
    for entry in journal.unknown_writes(db, connection.id):
        holds = _is_archived if entry.intent.action == "archive" else _acknowledged
        state = "done" if holds(db, connection, entry.intent, now) else journal.ABANDONED
        results.append(journal.Result(entry.id, state, "", entry.error))
    journal.settle_keeping_keys(db, now, results)


def _is_archived(db: SqliteDatabase, connection: Connection, intent: journal.Intent, now: int) -> bool:
    xero = mirror.xero_contact(db, connection.id, intent.xero_id)
    return xero is not None and xero.status is XeroStatus.ARCHIVED


def _acknowledged(db: SqliteDatabase, connection: Connection, intent: journal.Intent, now: int) -> bool:
    pair = changes.linked(db, connection.id, intent.xero_id)
    ours = pair is not None and pair.karbon.key == intent.karbon_key
    halves = _arrived(pair, Side(intent.side), intent.after) if pair and ours else {}
    if pair and not journal.is_by_hand(intent):
        changes.acknowledge(db, [(pair, halves)], now)
    elif halves and (undone := journal.undone_by(intent)):
        journal.mark_undone(db, undone)
    return bool(halves)


def _arrived(pair: Linked, side: Side, sent: Mapping[Field, Value]) -> Halves:
    """By field that this side holds as it was sent: that, and what the other side held then."""
    held = pair.xero.contact if side is Side.XERO else pair.karbon.contact
    there = {f: held.value(f) for f, value in sent.items() if same_spelling(f, held.value(f), value)}
    return {f: (now, sent[f]) if side is Side.XERO else (sent[f], now) for f, now in there.items()}
