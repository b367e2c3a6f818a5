"""What an admin does with a client beside triage: unsync, link again, make it in Xero, archive it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Contact, Field, KarbonContact, Value, XeroContact, XeroStatus
from xerosync_tui.domain.display import counted
from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.merge import End, Side, merge
from xerosync_tui.domain.normalise import name_key, spelling
from xerosync_tui.domain.plan import FirstLink, PlannedRow, plan_link
from xerosync_tui.domain.progress import unwatched
from xerosync_tui.engine import sessions
from xerosync_tui.engine.apply import LinkRecorder, write_of
from xerosync_tui.engine.changes import rules_of
from xerosync_tui.engine.create import Creator
from xerosync_tui.engine.decisions import decide, decision
from xerosync_tui.engine.ending import end_links
from xerosync_tui.engine.native import REASON, linked_by_karbon
from xerosync_tui.engine.plan import plan_creation
from xerosync_tui.engine.push import Push
from xerosync_tui.engine.sides import karbon_now
from xerosync_tui.errors import NeedsPerson, NotConnected, QuotaUsedUp, RemoteError, RemoteRefused, UsageError
from xerosync_tui.program import Program, active, require
from xerosync_tui.remotes.ports import Directory, Saved
from xerosync_tui.remotes.xero.api import XeroLedger
from xerosync_tui.store import changes, journal, links, lists, matching, mirror
from xerosync_tui.store.lists import Unsynced as Unsynced  # a word of this module for cli


@dataclass(frozen=True, slots=True)
class Ended:
    """Links that were ended; ``entries`` are what ``undo`` takes."""

    entries: tuple[int, ...]
    names: tuple[str, ...]


async def unsync(program: Program, xero_ids: Sequence[str]) -> Ended:
    """Stop syncing these clients, at once and both ways; both records stay. Raises UsageError, LockHeld."""
    return await decide(program, _unsync, xero_ids=list(xero_ids))


@decision(Ended)
async def _unsync(program: Program, connection: Connection, xero_ids: list[str]) -> Ended:
    return await program.store.run(_end_links, program, connection, xero_ids)


def _end_links(db: SqliteDatabase, program: Program, connection: Connection, xero_ids: Sequence[str]) -> Ended:
    half_renamed = journal.open_swaps(db, connection.id)
    names = []
    for xero_id in xero_ids:
        xero = mirror.xero_contact(db, connection.id, xero_id)
        if xero is None or not links.synced_of(db, connection.id, [xero_id]):
            raise UsageError(f"{xero_id} is no synced client", "See `xerosync clients`.")
        if xero_id in half_renamed:
            raise NeedsPerson(f"A rename of {xero.contact.name} is half done", "Run a sync first.")
        names.append(xero.contact.name)
    why = f"unsynced by {program.settings.user}"
    entries = end_links(db, program, connection.id, None, [(xero_id, why) for xero_id in xero_ids])
    return Ended(tuple(entries), tuple(names))


# Linking again


@dataclass(frozen=True, slots=True)
class Rematch:
    """What linking a pair again would do: field, value now, value then, on either side."""

    xero: XeroContact
    karbon: KarbonContact
    in_karbon: Mapping[Field, tuple[Value, Value]]
    in_xero: Mapping[Field, tuple[Value, Value]]
    digest: str  # for ``rematch``: what the person saw


async def plan_rematch(program: Program, xero_id: str, karbon_key: str, take: Side) -> Rematch:
    """What ``rematch`` would do, without doing it. Raises UsageError, NotConnected, LockHeld."""
    return await decide(program, _planned_rematch, xero_id=xero_id, karbon_key=karbon_key, take=take.value)


@decision(Rematch)
async def _planned_rematch(
    program: Program, connection: Connection, xero_id: str, karbon_key: str, take: str
) -> Rematch:
    async with karbon_now(program, connection, karbon_key):
        xero, karbon = await program.store.run(_ended_pair, connection, xero_id, karbon_key)
    whole = plan_link(Verdict.CONFLICT, xero, karbon, connection.region)
    row, kept = _taking(whole, Side(take))
    in_xero = {f: (xero.contact.value(f), karbon.contact.value(f)) for f in kept}
    return Rematch(xero, karbon, row.changes, in_xero, whole.digest)


@dataclass(frozen=True, slots=True)
class Linked:
    """A link that was made; ``entry`` is what ``undo`` takes. ``later``: what goes over with the next sync, and why."""

    entry: int
    name: str
    xero_id: str
    karbon_key: str
    later: str = ""


async def rematch(program: Program, xero_id: str, karbon_key: str, take: Side, *, seen: str = "") -> Linked:
    """Link an unsynced Xero contact again; where both are filled and differ, ``take``'s value stands.

    The old base is thrown away. ``seen`` is the digest of what the person looked at, if anything. Raises UsageError
    for what is not there, is linked or cannot be; NeedsPerson when it is not what was seen any more; LockHeld.
    """
    return await decide(program, _rematch, xero_id=xero_id, karbon_key=karbon_key, take=take.value, seen=seen)


@decision(Linked)
async def _rematch(
    program: Program, connection: Connection, xero_id: str, karbon_key: str, take: str, seen: str
) -> Linked:
    async with karbon_now(program, connection, karbon_key) as directory:
        xero, karbon = await program.store.run(_ended_pair, connection, xero_id, karbon_key)
        whole = plan_link(Verdict.CONFLICT, xero, karbon, connection.region)
        if seen and whole.digest != seen:
            raise NeedsPerson(f"{xero.contact.name} or its match has changed since you looked", "Look at it again.")
        row, kept = _taking(whole, Side(take))
        recorder = LinkRecorder(program, connection, [row], None, replacing=True, kept={xero.id: kept})
        await _write(program, directory, connection, row, recorder)
    linked = _linked(row, recorder)
    why = journal.with_decision(linked.entry)
    later = await carry_over(program, connection, [xero_id], why) if kept else ""
    return replace(linked, later=later)


def _ended_pair(
    db: SqliteDatabase, connection: Connection, xero_id: str, karbon_key: str
) -> tuple[XeroContact, KarbonContact]:
    xero = _unsynced(db, connection, xero_id, survivor=True)
    karbon = mirror.karbon_contact(db, connection.id, karbon_key)
    if karbon is None:
        raise UsageError(f"There is no Karbon contact {karbon_key}", "See `xerosync contacts`.")
    _check_free(db, connection, karbon)
    return xero, karbon


def _unsynced(db: SqliteDatabase, connection: Connection, xero_id: str, *, survivor: bool = False) -> XeroContact:
    """``survivor``: also one that never had a link, into which Xero merged one that did: the link may move there."""
    xero = mirror.xero_contact(db, connection.id, xero_id)
    known = links.is_linked(db, connection.id, xero_id)
    if xero is None or not (known or (survivor and mirror.has_merged(db, connection.id, xero_id))):
        raise UsageError(f"{xero_id} is no unsynced client", "See `xerosync issues --tab unsynced`.")
    if links.synced_of(db, connection.id, [xero_id]):
        raise UsageError(f"{xero.contact.name} is linked already", "See `xerosync clients`.")
    if xero.status is not XeroStatus.ACTIVE:
        raise UsageError(f"{xero.contact.name} is {xero.status.value} in Xero and cannot be linked")
    return xero


def _check_free(db: SqliteDatabase, connection: Connection, karbon: KarbonContact) -> None:
    found = links.of_karbon(db, connection.id, karbon.key)
    if found and found.state == "synced":
        other = mirror.xero_contact(db, connection.id, found.xero_id)
        name = other.contact.name if other else found.xero_id
        raise UsageError(f"{karbon.contact.name} is linked already, with {name}", "See `xerosync clients`.")


def _taking(row: PlannedRow, take: Side) -> tuple[PlannedRow, tuple[Field, ...]]:
    """The row that links the two in this way, and the fields of which Karbon's value goes to Xero afterwards."""
    karbon = row.karbon
    if take is Side.XERO or row.link is None or karbon is None:
        return row, ()
    kept = [f for f in row.link.karbon_writes if karbon.contact.value(f)] + list(row.link.only_karbon)
    fills = {f: value for f, value in row.link.karbon_writes.items() if f not in kept}
    return PlannedRow(row.verdict, row.xero, karbon, FirstLink(fills, ()), None), tuple(kept)


def _linked(row: PlannedRow, recorder: LinkRecorder) -> Linked:
    if not recorder.made:
        why = recorder.reasons.get(row.xero.id) or "Karbon changed meanwhile"
        raise NeedsPerson(f"{row.xero.contact.name} was not linked: {why}", "Look at it again.")
    return Linked(recorder.entries[0], row.xero.contact.name, row.xero.id, recorder.made[row.xero.id])


async def carry_over(
    program: Program, connection: Connection, xero_ids: Sequence[str], why: str = "changed in Karbon"
) -> str:
    """Write to Xero now what these links have for it; returns what is left for the next sync, and why, or ""."""
    pairs = [await program.store.run(changes.linked, connection.id, xero_id) for xero_id in xero_ids]
    waiting = [pair.id for pair in pairs if pair and merge(pair, rules_of(connection)).to_xero]
    if not waiting:
        return ""
    try:
        async with sessions.xero(program, connection) as session:
            push = Push(program, XeroLedger(session), connection, None, why=why)
            await push.links(waiting, unwatched)
    except (RemoteError, QuotaUsedUp, NotConnected) as error:
        return f"Xero gets it with the next sync ({error.what})"
    return (
        ""
        if push.counts["changed in Xero"] == len(waiting)
        else "Xero has not taken it yet: see the failed ones, or sync again"
    )


async def recreate(program: Program, xero_id: str) -> Linked:
    """Make a new Karbon contact from an unsynced Xero contact and link the two. Raises UsageError, LockHeld."""
    return await decide(program, _recreate, xero_id=xero_id)


@decision(Linked)
async def _recreate(program: Program, connection: Connection, xero_id: str) -> Linked:
    async with karbon_now(program, connection) as directory:
        xero = await program.store.run(_unsynced, connection, xero_id)
        row = await program.store.run(plan_creation, connection, xero)
        recorder = LinkRecorder(program, connection, [row], None, replacing=True)
        await _write(program, directory, connection, row, recorder)
    return _linked(row, recorder)


async def _write(
    program: Program, directory: Directory, connection: Connection, row: PlannedRow, recorder: LinkRecorder
) -> None:
    if await linked_by_karbon(program, directory, connection, [row.xero.id]):
        raise NeedsPerson(f"{row.xero.contact.name} was not linked: {REASON}", "Then decide again.")
    await directory.write([write_of(row, connection.contact_type)], recorder)


# Making a contact in Xero


@dataclass(frozen=True, slots=True)
class InXero:
    """A Xero contact that may be the same as a Karbon one; ``takes_name``: Xero would refuse a second one.

    ``linked``: it has, or had, a link; ``synced``: it has one.
    """

    xero: XeroContact
    same_name: bool
    same_email: bool
    linked: bool
    synced: bool
    takes_name: bool


async def candidates_in_xero(program: Program, karbon_key: str) -> list[InXero]:
    """Xero contacts, as last read, that share the name or the billing email. Raises UsageError, LockHeld."""
    return await decide(program, _candidates_in_xero, karbon_key=karbon_key)


@decision(list[InXero])
async def _candidates_in_xero(program: Program, connection: Connection, karbon_key: str) -> list[InXero]:
    async with karbon_now(program, connection, karbon_key):
        karbon = await program.store.run(_karbon, connection, karbon_key)
    return await program.store.run(_like, connection, karbon.contact)


def _karbon(db: SqliteDatabase, connection: Connection, key: str) -> KarbonContact:
    karbon = mirror.karbon_contact(db, connection.id, key)
    if karbon is None:
        raise UsageError(f"There is no Karbon contact {key}", "See `xerosync contacts`.")
    return karbon


def _like(db: SqliteDatabase, connection: Connection, contact: Contact) -> list[InXero]:
    wanted = name_key(contact.name)
    return [
        InXero(c.xero, c.same_name, c.same_email, c.linked, c.synced, name_key(c.xero.contact.name) == wanted)
        for c in matching.xero_candidates(db, connection.id, contact)
    ]


async def create_in_xero(program: Program, karbon_key: str, *, name: str = "", anyway: bool = False) -> Linked:
    """Make the Xero contact of a Karbon one and link the two; ``name``: under another name.

    Xero contacts that share the name or the email are a reason to stop, unless ``anyway``; one that has the very
    name is always. Raises UsageError, NeedsPerson, RemoteRefused in Xero's words, RemoteUnreachable when nobody
    knows whether it was made: the next sync finds out, and makes no second one.
    """
    return await decide(program, _create_in_xero, karbon_key=karbon_key, name=name, anyway=anyway)


@decision(Linked)
async def _create_in_xero(program: Program, connection: Connection, karbon_key: str, name: str, anyway: bool) -> Linked:
    require(connection)
    async with karbon_now(program, connection, karbon_key):
        karbon = await program.store.run(_may_be_made, connection, karbon_key, name, anyway)
    contact = karbon.contact.with_values({Field.NAME: name or karbon.contact.name})
    async with sessions.xero(program, connection) as session:
        creator = Creator(program, XeroLedger(session), connection)
        entry = await creator.create(karbon, contact, "made in Xero from Karbon")
    return Linked(entry.id, contact.name, entry.intent.xero_id, karbon.key)


def _may_be_made(db: SqliteDatabase, connection: Connection, karbon_key: str, name: str, anyway: bool) -> KarbonContact:
    if connection.started_at is None:
        raise NeedsPerson("Nothing is linked before the first sync", "Run `xerosync sync --preview`, then --yes.")
    karbon = _karbon(db, connection, karbon_key)
    _check_free(db, connection, karbon)
    link = links.of_karbon(db, connection.id, karbon.key)
    was = mirror.xero_contact(db, connection.id, link.xero_id) if link else None
    if was and was.status is XeroStatus.GDPRREQUEST:
        raise NeedsPerson(
            f"{was.contact.name} asked in Xero to be forgotten (GDPRREQUEST), so it is not made there anew"
        )
    if journal.is_being_made(db, connection.id, karbon.key):
        raise NeedsPerson(
            f"Whether {karbon.contact.name} was made in Xero is not known yet", "Run a sync: it finds out."
        )
    wanted = spelling(name or karbon.contact.name)
    found = _like(db, connection, karbon.contact.with_values({Field.NAME: wanted}))
    if taken := next((one for one in found if one.takes_name), None):
        raise NeedsPerson(
            f"Xero has an active contact {taken.xero.contact.name} already ({taken.xero.id})",
            "Link to it, or give the new one another name.",
        )
    if found and not anyway:
        raise NeedsPerson(
            f"{counted(len(found), 'Xero contact')} with the billing email, {found[0].xero.contact.name} among them",
            "Link to one of them, or create it all the same (--anyway).",
        )
    return karbon


@dataclass(frozen=True, slots=True)
class Archived:
    """A contact that was archived in Xero; only Xero's web app brings it back."""

    entry: int
    name: str


async def archive_in_xero(program: Program, xero_id: str) -> Archived:
    """Archive a contact in Xero that is not synced any more, or whose Karbon contact is gone: no way back from here.

    Raises UsageError for a synced one, NotConnected, RemoteRefused, RemoteUnreachable.
    """
    return await decide(program, _archive, xero_id=xero_id)


@decision(Archived)
async def _archive(program: Program, connection: Connection, xero_id: str) -> Archived:
    require(connection)
    async with karbon_now(program, connection):
        pass  # who was deleted in Karbon is known to be gone
    xero = await program.store.run(_may_be_archived, program, connection, xero_id)
    async with sessions.xero(program, connection) as session:
        ledger = XeroLedger(session)
        record = (await ledger.read([xero_id])).get(xero_id)
        if record is None:
            raise UsageError(f"{xero.contact.name} is not in Xero any more")
        intent = journal.Intent("archive", xero_id, "", {}, {}, "its Karbon contact is gone", "xero")
        who, now = program.settings.user, program.now_ms()
        [entry] = await program.store.run(journal.intend, connection.id, None, who, now, [intent])
        outcome = await ledger.archive(record, program.new_id())
    saved = isinstance(outcome, Saved)
    reason = "" if isinstance(outcome, Saved) else outcome.reason
    result = journal.Result(entry, "done" if saved else "failed", "", reason)
    await program.store.run(journal.settle, program.now_ms(), [result])
    if not isinstance(outcome, Saved):
        raise RemoteRefused(f"{xero.contact.name} was not archived: {reason}")
    await program.store.run(mirror.put_xero, connection.id, [outcome.contact], 0)
    return Archived(entry, xero.contact.name)


def _may_be_archived(db: SqliteDatabase, program: Program, connection: Connection, xero_id: str) -> XeroContact:
    """The contact; a link of it that lost its Karbon contact ends here."""
    pair = changes.pair(db, connection.id, xero_id)
    if pair and pair.synced and pair.gone:
        end_links(db, program, connection.id, None, [(xero_id, End.DELETED.value)])
    return _unsynced(db, connection, xero_id)


async def unsynced(program: Program) -> list[lists.Unsynced]:
    """Links that ended, with the reason and, where Xero merged the contact, the survivor. Raises NotConnected."""
    connection = await active(program)
    return await program.store.read(lambda db: list(lists.unsynced(db, connection.id)))
