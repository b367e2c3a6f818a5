"""What an admin does with a client beside triage: unsync, link again, make it in Xero, archive it there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Contact, Field, KarbonContact, Value, XeroContact, XeroStatus
from xerosync_tui.domain.decided import Decided, Stays
from xerosync_tui.domain.display import counted
from xerosync_tui.domain.link import End
from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.normalise import name_key, spelling
from xerosync_tui.domain.plan import FirstLink, PlannedRow, plan_link
from xerosync_tui.domain.states import Action, LinkState, Side
from xerosync_tui.engine import sides
from xerosync_tui.engine.carry import bring_to_xero
from xerosync_tui.engine.changes.here import Unlink
from xerosync_tui.engine.changes.karbon import Link
from xerosync_tui.engine.changes.xero import Archive, MakeInXero
from xerosync_tui.engine.decisions import decide, decision, looking
from xerosync_tui.engine.plan import plan_creation
from xerosync_tui.engine.work import Work
from xerosync_tui.engine.write import archive, here, make_in_xero, write
from xerosync_tui.errors import NeedsPerson, RemoteRefused, UsageError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program, active, require
from xerosync_tui.services.contacts import no_contact
from xerosync_tui.store import changes, journal, links, lists, matching, mirror
from xerosync_tui.store.lists import UnsyncedClient as UnsyncedClient  # a word of this module for cli


async def unsync(program: Program, xero_ids: Sequence[str]) -> Decided:
    """Stop syncing these clients, at once and both ways; both records stay. Raises UsageError, LockHeld."""
    return await decide(program, _unsync, xero_ids=list(xero_ids))


@decision
async def _unsync(work: Work, xero_ids: list[str]) -> Decided:
    def end(db: SqliteDatabase) -> None:
        here(db, work, _endings(db, work, xero_ids))

    await work.program.store.run(end)
    return work.decided()


def _endings(db: SqliteDatabase, work: Work, xero_ids: Sequence[str]) -> list[Unlink]:
    half_renamed = journal.open_swaps(db, work.connection.id)
    why, found = f"unsynced by {work.program.settings.user}", []
    for xero_id in xero_ids:
        pair = changes.pair(db, work.connection.id, xero_id)
        if pair is None or not pair.synced:
            raise UsageError(f"{xero_id} is no synced client", Hint(Do.CLIENTS))
        name = pair.xero.contact.name
        if xero_id in half_renamed:
            raise NeedsPerson(f"A rename of {name} is half done", "Run a sync first.")
        found.append(Unlink(name, xero_id, pair.karbon_key, why))
    return found


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
    """What ``rematch`` would do, without doing it. Raises UsageError, NotConnected."""
    async with looking(program, karbon_key) as work:
        xero, karbon = await program.store.run(_ended_pair, work, xero_id, karbon_key)
    whole = plan_link(Verdict.CONFLICT, xero, karbon, work.connection.region)
    row, kept = _taking(whole, take)
    in_xero = {f: (xero.contact.value(f), karbon.contact.value(f)) for f in kept}
    return Rematch(xero, karbon, row.changes, in_xero, whole.digest)


async def rematch(program: Program, xero_id: str, karbon_key: str, take: Side, *, seen: str = "") -> Decided:
    """Link an unsynced Xero contact again; where both are filled and differ, ``take``'s value stands.

    The old base is thrown away. ``seen`` is the digest of what the person looked at, if anything. Raises UsageError
    for what is not there, is linked or cannot be; NeedsPerson when it is not what was seen any more; LockHeld.
    """
    return await decide(program, _rematch, xero_id=xero_id, karbon_key=karbon_key, take=take.value, seen=seen)


@decision
async def _rematch(work: Work, xero_id: str, karbon_key: str, take: str, seen: str) -> Decided:
    async with sides.karbon_now(work, karbon_key):
        xero, karbon = await work.program.store.run(_ended_pair, work, xero_id, karbon_key)
        whole = plan_link(Verdict.CONFLICT, xero, karbon, work.connection.region)
        if seen and whole.digest != seen:
            raise NeedsPerson(f"{xero.contact.name} or its match has changed since you looked", "Look at it again.")
        row, kept = _taking(whole, Side(take))
        await _link_again(work, row, kept)
    return work.decided(await bring_to_xero(work, [xero_id], "brought by a link") if kept else "")


async def _link_again(work: Work, row: PlannedRow, kept: Sequence[Field] = ()) -> None:
    """Link in the place of the link that ended. Raises NeedsPerson where it was not done."""
    [written] = await write(work, [Link(row, work.connection.contact_type, replacing=True, kept=kept)])
    if not written.done:
        raise NeedsPerson(f"{row.xero.contact.name} was not linked: {written.reason}", "Look at it again.")


def _ended_pair(db: SqliteDatabase, work: Work, xero_id: str, karbon_key: str) -> tuple[XeroContact, KarbonContact]:
    xero = _unsynced(db, work, xero_id, survivor=True)
    karbon = _karbon(db, work, karbon_key)
    _check_free(db, work, karbon)
    return xero, karbon


def _unsynced(db: SqliteDatabase, work: Work, xero_id: str, *, survivor: bool = False) -> XeroContact:
    """``survivor``: also one that never had a link, into which Xero merged one that did: the link may move there."""
    connection = work.connection.id
    xero = mirror.xero_contact(db, connection, xero_id)
    known = links.is_linked(db, connection, xero_id)
    if xero is None or not (known or (survivor and mirror.has_merged(db, connection, xero_id))):
        raise UsageError(f"{xero_id} is no unsynced client", Hint(Do.UNSYNCED))
    if links.synced_of(db, connection, [xero_id]):
        raise UsageError(f"{xero.contact.name} is linked already", Hint(Do.CLIENTS))
    if xero.status is not XeroStatus.ACTIVE:
        raise UsageError(f"{xero.contact.name} is {xero.status.value} in Xero and cannot be linked")
    return xero


def _check_free(db: SqliteDatabase, work: Work, karbon: KarbonContact) -> None:
    found = links.of_karbon(db, work.connection.id, karbon.key)
    if found and found.state is LinkState.SYNCED:
        other = mirror.xero_contact(db, work.connection.id, found.xero_id)
        name = other.contact.name if other else found.xero_id
        raise UsageError(f"{karbon.contact.name} is linked already, with {name}", Hint(Do.CLIENTS))


def _taking(row: PlannedRow, take: Side) -> tuple[PlannedRow, tuple[Field, ...]]:
    """The row that links the two in this way, and the fields of which Karbon's value goes to Xero afterwards."""
    karbon = row.karbon
    if take is Side.XERO or row.link is None or karbon is None:
        return row, ()
    kept = [f for f in row.link.karbon_writes if karbon.contact.value(f)] + list(row.link.only_karbon)
    fills = {f: value for f, value in row.link.karbon_writes.items() if f not in kept}
    return PlannedRow(row.verdict, row.xero, karbon, FirstLink(fills, ()), None), tuple(kept)


async def recreate(program: Program, *xero_ids: str) -> Decided:
    """Make new Karbon contacts from unsynced Xero contacts and link them.

    Of several, what cannot be made stays, with the reason. Raises UsageError, NeedsPerson, LockHeld.
    """
    return await decide(program, _recreate, xero_ids=list(xero_ids))


@decision
async def _recreate(work: Work, xero_ids: Sequence[str]) -> Decided:
    def plan(db: SqliteDatabase, xero_id: str) -> PlannedRow:
        return plan_creation(db, work.connection, _unsynced(db, work, xero_id))

    async with sides.karbon_now(work):
        for xero_id in xero_ids:
            try:
                await _link_again(work, await work.program.store.run(plan, xero_id))
            except (NeedsPerson, UsageError) as error:
                if len(xero_ids) == 1:
                    raise
                work.stays.append(Stays("", error.what, about=xero_id))
    return work.decided()


# Making a contact in Xero


@dataclass(frozen=True, slots=True)
class Namesake:
    """A Xero contact that may be the same as a Karbon one; ``takes_name``: Xero would refuse a second one.

    ``linked``: it has, or had, a link; ``synced``: it has one.
    """

    xero: XeroContact
    same_name: bool
    same_email: bool
    linked: bool
    synced: bool
    takes_name: bool


async def candidates_in_xero(program: Program, karbon_key: str) -> list[Namesake]:
    """Xero contacts, as last read, that share the name or the billing email. Raises UsageError, NotConnected."""

    def read(db: SqliteDatabase, work: Work) -> list[Namesake]:
        return _like(db, work, _karbon(db, work, karbon_key).contact)

    async with looking(program, karbon_key) as work:
        return await program.store.run(read, work)


def _karbon(db: SqliteDatabase, work: Work, key: str) -> KarbonContact:
    karbon = mirror.karbon_contact(db, work.connection.id, key)
    if karbon is None:
        raise no_contact(key)
    return karbon


def _like(db: SqliteDatabase, work: Work, contact: Contact) -> list[Namesake]:
    wanted = name_key(contact.name)
    return [
        Namesake(c.xero, c.same_name, c.same_email, c.linked, c.synced, name_key(c.xero.contact.name) == wanted)
        for c in matching.xero_candidates(db, work.connection.id, contact)
    ]


async def create_in_xero(program: Program, karbon_key: str, *, name: str = "", anyway: bool = False) -> Decided:
    """Make the Xero contact of a Karbon one and link the two; ``name``: under another name.

    Xero contacts that share the name or the email are a reason to stop, unless ``anyway``; one that has the very
    name is always. Raises UsageError, NeedsPerson, RemoteRefused in Xero's words, RemoteUnreachable when nobody
    knows whether it was made: the next sync finds out, and makes no second one.
    """
    return await decide(program, _create_in_xero, karbon_key=karbon_key, name=name, anyway=anyway)


@decision
async def _create_in_xero(work: Work, karbon_key: str, name: str, anyway: bool) -> Decided:
    require(work.connection)
    async with sides.karbon_now(work, karbon_key):
        karbon = await work.program.store.run(_may_be_made, work, karbon_key, name, anyway)
    contact = karbon.contact.with_values({Field.NAME: name or karbon.contact.name})
    other = {f: karbon.contact.value(f) for f in Field if karbon.contact.value(f) != contact.value(f)}
    marker, request = f"XS{work.program.new_id()[:24].upper()}", work.program.new_id()
    change = MakeInXero(karbon.key, contact, other, "made in Xero from Karbon", marker, request)
    async with sides.ledger(work):
        written = await make_in_xero(work, change)
    if not written.done:
        raise RemoteRefused(
            f"{contact.name} was not made in Xero: {written.reason}", "Change it in Karbon, or link it."
        )
    return work.decided()


def _may_be_made(db: SqliteDatabase, work: Work, karbon_key: str, name: str, anyway: bool) -> KarbonContact:
    connection = work.connection
    if connection.started_at is None:
        raise NeedsPerson("Nothing is linked before the first sync", Hint(Do.FIRST_SYNC))
    karbon = _karbon(db, work, karbon_key)
    _check_free(db, work, karbon)
    link = links.of_karbon(db, connection.id, karbon.key)
    was = mirror.xero_contact(db, connection.id, link.xero_id) if link else None
    if was and was.status is XeroStatus.GDPRREQUEST:
        raise NeedsPerson(
            f"{was.contact.name} is under an erasure request in Xero (GDPRREQUEST), so it is not made there again"
        )
    if journal.is_being_made(db, connection.id, karbon.key):
        raise NeedsPerson(
            f"Whether {karbon.contact.name} was made in Xero is not known yet", "Run a sync: it finds out."
        )
    wanted = spelling(name or karbon.contact.name)
    found = _like(db, work, karbon.contact.with_values({Field.NAME: wanted}))
    if taken := next((one for one in found if one.takes_name), None):
        raise NeedsPerson(
            f"Xero has an active contact {taken.xero.contact.name} already ({taken.xero.id})",
            "Link to it, or give the new one another name.",
        )
    if found and not anyway:
        raise NeedsPerson(
            f"{counted(len(found), 'Xero contact')} with the billing email, {found[0].xero.contact.name} among them",
            Hint(Do.ANYWAY),
        )
    return karbon


async def archive_in_xero(program: Program, xero_id: str) -> Decided:
    """Archive a contact in Xero that is not synced any more, or whose Karbon contact is gone: no way back from here.

    Raises UsageError for a synced one, NotConnected, RemoteRefused, RemoteUnreachable.
    """
    return await decide(program, _archive, xero_id=xero_id)


@decision
async def _archive(work: Work, xero_id: str) -> Decided:
    require(work.connection)
    async with sides.karbon_now(work):
        pass  # who was deleted in Karbon is known to be gone
    work.kind = Action.ARCHIVE
    xero = await work.program.store.run(_may_be_archived, work, xero_id)
    async with sides.ledger(work):
        written = await archive(work, Archive(xero))
    if not written.done:
        raise RemoteRefused(f"{xero.contact.name} was not archived: {written.reason}")
    return work.decided()


def _may_be_archived(db: SqliteDatabase, work: Work, xero_id: str) -> XeroContact:
    """The contact; a link of it that lost its Karbon contact ends here."""
    pair = changes.pair(db, work.connection.id, xero_id)
    if pair and pair.synced and pair.gone:
        here(db, work, [Unlink(pair.xero.contact.name, xero_id, pair.karbon_key, End.DELETED.value)])
    return _unsynced(db, work, xero_id)


async def unsynced(program: Program) -> list[lists.UnsyncedClient]:
    """Links that ended, with the reason and, where Xero merged the contact, the survivor. Raises NotConnected."""
    connection = await active(program)
    return await program.store.read(lambda db: list(lists.unsynced(db, connection.id)))
