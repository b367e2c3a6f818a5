"""What a process that died left open: found out from the remotes, and finished, before anything is planned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import NO_CONTACT, Contact, Field, Value, XeroStatus
from xerosync_tui.domain.link import Linked
from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.normalise import is_alike, same_spelling
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.domain.states import Action, EntryState, Side
from xerosync_tui.engine.changes.karbon import Link
from xerosync_tui.engine.changes.xero import DropTemporaryName, made_from
from xerosync_tui.engine.pull import pull_karbon, read_cards
from xerosync_tui.engine.work import Work
from xerosync_tui.engine.write import Numbered, Sound, adopt, send, send_creation, settle_creation
from xerosync_tui.store import changes, decisions, journal, links, mirror
from xerosync_tui.store.changes import Halves
from xerosync_tui.store.journal import Entry, Intent, Result

_KEY_LASTS = 5 * 60_000  # ms: Xero keeps an Idempotency-Key about six minutes (xero.md 3)


async def recover(work: Work) -> None:
    """Settle what only the remotes can tell; no request where nothing is open. Adds to the counts of the work.

    Raises what the remotes raise.
    """
    await _creations_in_xero(work)
    await _temporary_names(work)
    await _creations_in_karbon(work)


async def _creations_in_xero(work: Work) -> None:
    """Creations whose answer was lost: the marker is looked up before the same is sent again (engine.md 2.5)."""
    for entry in await work.program.store.run(journal.open_intents, work.connection.id, Action.CREATE_IN_XERO):
        change, number = made_from(entry.intent), Numbered(entry.id, entry.intent)
        fresh = work.program.now_ms() - entry.at < _KEY_LASTS
        found = None if fresh else await work.ledger.marked(entry.intent.marker)
        if found is not None:
            await settle_creation(work, change, number, found)
            work.counts.created_in_xero += 1
            continue
        written = await send_creation(work, change, number, entry.intent.request if fresh else work.program.new_id())
        if written.done:
            work.counts.created_in_xero += 1
        else:
            work.counts.failed += 1


async def _temporary_names(work: Work) -> None:
    """Names that stand aside: the plan finishes those of links, or takes them back; the others are dropped here."""
    store, connection = work.program.store, work.connection.id
    swaps = await store.run(journal.open_swaps, connection)
    if not swaps:
        return
    found = await work.ledger.read(list(swaps))
    linked = await store.run(links.synced_of, connection, list(swaps))
    for xero_id, (aside, before) in swaps.items():
        record = found.get(xero_id)
        if record is not None and record.contact.contact.name == aside:
            if xero_id in linked:
                continue
            await send(work, [Sound(DropTemporaryName(record, before), record)])
        now = work.program.now_ms()
        await store.run(journal.close_swap, connection, xero_id, now, EntryState.ABANDONED)


async def _creations_in_karbon(work: Work) -> None:
    """Creations in Karbon's API whose answer was lost (engine.md 2.5).

    Only a contact that was not there before, with the name and the email that were sent, may be ours. Where several
    are, or none, matching or the plan goes on from what is there.
    """
    store = work.program.store
    waiting = await store.run(journal.open_intents, work.connection.id, Action.CREATE)
    if waiting:
        await pull_karbon(work)
    for entry in waiting:
        newest = entry.intent.newest_known
        keys = await store.run(mirror.newer_alike, work.connection.id, newest, _sent(entry.intent))
        await read_cards(work, keys)
        await store.run(_adopt, work, entry, keys)


def _sent(intent: Intent) -> Contact:
    return NO_CONTACT.with_values(dict(intent.after))


def _adopt(db: SqliteDatabase, work: Work, entry: Entry, keys: list[str]) -> None:
    """Link the one contact that this creation made; without one, the creation is over."""
    connection, sent = work.connection, _sent(entry.intent)
    held = [mirror.karbon_contact(db, connection.id, key) for key in keys]
    alike = [k for k in held if k and k.whole and is_alike(k.contact, sent)]
    xero = mirror.xero_contact(db, connection.id, entry.intent.xero_id)
    taken = links.taken(db, connection.id, [k.key for k in alike])
    if len(alike) != 1 or taken or xero is None or links.synced_of(db, connection.id, [xero.id]):
        nothing = Result(entry.id, EntryState.ABANDONED, "nothing came of it")
        journal.settle(db, work.program.now_ms(), [nothing])
        return
    row = PlannedRow(Verdict.NEW, replace(xero, contact=sent), None, None, None)
    adopt(db, work, Link(row, connection.contact_type, replacing=True), entry, alike[0])


async def settle_unknown(work: Work) -> list[Entry]:
    """After a complete read: a write whose answer was lost, and which that side holds, is acknowledged by that.

    An edit is none of its own then: without this, the next one on the other side would be in conflict with our last.
    Returns undos that nobody knows the outcome of. Raises what the directory raises.
    """
    store = work.program.store
    entries = await store.run(journal.unknown_writes, work.place)
    undos = await store.run(journal.open_intents, work.connection.id, Action.UNDO)
    in_karbon = [*(entry for entry in entries if entry.intent.side is Side.KARBON), *undos]
    # A list does not tell what a card holds.
    await read_cards(work, [entry.intent.karbon_key for entry in in_karbon])
    if entries:
        await store.run(_settle_unknown, work)
    return undos


def _settle_unknown(db: SqliteDatabase, work: Work) -> None:
    now, results = work.program.now_ms(), []
    for entry in journal.unknown_writes(db, work.place):
        arrived = _arrived_by_hand if entry.intent.by_hand else _acknowledged
        holds = _is_archived if entry.intent.action is Action.ARCHIVE else arrived
        state = EntryState.DONE if holds(db, work, entry.intent) else EntryState.ABANDONED
        results.append(Result(entry.id, state, entry.error))
    journal.settle(db, now, results)


def _is_archived(db: SqliteDatabase, work: Work, intent: Intent) -> bool:
    xero = mirror.xero_contact(db, work.connection.id, intent.xero_id)
    return xero is not None and xero.status is XeroStatus.ARCHIVED


def _arrived_by_hand(db: SqliteDatabase, work: Work, intent: Intent) -> bool:
    """A person's own edit: the base stays, and it goes over to the other side."""
    held = mirror.karbon_contact(db, work.connection.id, intent.karbon_key)
    arrived = held is not None and (
        any(same_spelling(f, held.contact.value(f), value) for f, value in intent.after.items())
        or held.contact_type == intent.others_after.get("contact_type")
    )
    if arrived and intent.undoes:
        journal.mark_undone(db, [intent.undoes])
    return arrived


def _acknowledged(db: SqliteDatabase, work: Work, intent: Intent) -> bool:
    pair = changes.linked(db, work.connection.id, intent.xero_id)
    if pair is None or pair.karbon.key != intent.karbon_key:
        return False
    halves = _arrived(pair, intent.side or Side.KARBON, intent.after)
    if intent.undoes and halves:
        halves = _agreed_again(db, work, intent.undoes, halves)
        journal.mark_undone(db, [intent.undoes])
        changes.acknowledge(db, [(pair, halves)], work.program.now_ms())
        return True
    changes.acknowledge(db, [(pair, halves)], work.program.now_ms())
    return bool(halves)


def _agreed_again(db: SqliteDatabase, work: Work, undoes: int, arrived: Halves) -> Halves:
    """What is agreed once an entry was undone.

    Of a choice, what was agreed before it; of what a link brought to Xero, what each side holds then. Everything else
    goes over to the other side like a person's edit, so the base stays.
    """
    undone = journal.by_id(db, work.place, undoes)
    brought_with = decisions.brought_with(db, work.place, undone) if undone else None
    if undone is None or brought_with is None:
        return {}
    was = brought_with.intent
    if was.action is Action.CHOOSE:
        return {f: (was.xero_base[f], was.karbon_base[f]) for f in arrived}
    return {f: (in_xero, undone.intent.after[f]) for f, (in_xero, _) in arrived.items()}


def _arrived(pair: Linked, side: Side, sent: Mapping[Field, Value]) -> Halves:
    """By field that this side holds as it was sent: that, and what the other side held then."""
    held = pair.xero.contact if side is Side.XERO else pair.karbon.contact
    there = {f: held.value(f) for f, value in sent.items() if same_spelling(f, held.value(f), value)}
    return {f: (now, sent[f]) if side is Side.XERO else (sent[f], now) for f, now in there.items()}
