"""Field conflicts: both sides changed the same field, differently, since the base; a person chooses (engine.md 2.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Field, KarbonContact, Value, XeroContact
from xerosync_tui.domain.decided import Decided, Stays
from xerosync_tui.domain.link import Linked
from xerosync_tui.domain.merge import Merge, merge
from xerosync_tui.domain.states import Action, Side
from xerosync_tui.engine import sides
from xerosync_tui.engine.carry import bring_to_xero
from xerosync_tui.engine.changes.here import Choose
from xerosync_tui.engine.changes.karbon import ToKarbon
from xerosync_tui.engine.decisions import decide, decision
from xerosync_tui.engine.work import Work
from xerosync_tui.engine.write import write
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program, active
from xerosync_tui.store import changes


@dataclass(frozen=True, slots=True)
class Values:
    """A field in conflict: the last agreed value (each side's own), and what each side holds now."""

    field: Field
    xero_base: Value
    karbon_base: Value
    xero: Value
    karbon: Value


@dataclass(frozen=True, slots=True)
class Conflict:
    """A linked pair with fields in conflict; ``id`` is what commands take."""

    id: int
    xero: XeroContact
    karbon: KarbonContact
    fields: tuple[Values, ...]


async def listed(program: Program) -> list[Conflict]:
    """All pairs with fields in conflict, by name. Raises NotConnected."""
    connection = await active(program)
    return await program.store.read(_listed, connection.id)


def _listed(db: SqliteDatabase, connection: int) -> list[Conflict]:
    found = []
    for number, pair, fields in changes.in_conflict(db, connection):
        values = tuple(
            Values(f, *(c.value(f) for c in (pair.xero_base, pair.karbon_base, pair.xero.contact, pair.karbon.contact)))
            for f in fields
        )
        found.append(Conflict(number, pair.xero, pair.karbon, values))
    return found


Seen = Mapping[Field, tuple[str, str]]  # Xero's and Karbon's value, in words
NOTHING: Seen = MappingProxyType({})


def seen_in(xero: XeroContact, karbon: KarbonContact, fields: Iterable[Field]) -> Seen:
    """What a person who looks at these two sees of some fields."""
    return {f: (str(xero.contact.value(f)), str(karbon.contact.value(f))) for f in fields}


@dataclass(frozen=True, slots=True)
class PickedSides:
    """Whose value a person chose for some fields of a client, and what was seen of them."""

    xero_id: str
    sides: Mapping[Field, Side]
    seen: Seen = field(default_factory=lambda: NOTHING)


async def take(program: Program, xero_id: str, sides: Mapping[Field, Side], seen: Seen = NOTHING) -> Decided:
    """Give both sides the value of the chosen side, per field; ``seen`` is what the person looked at, if anything.

    ``later``: Xero has not taken Karbon's value yet, and the next sync tries again. Raises UsageError where a field is
    not in conflict (any more), NeedsPerson where a value is not as it was seen, LockHeld, NotConnected.
    """
    return await take_all(program, [PickedSides(xero_id, sides, seen)])


async def take_all(program: Program, picks: Sequence[PickedSides]) -> Decided:
    """The same for several clients as one decision; what of it cannot be done stays, with the reason."""
    packed = [(pick.xero_id, dict(pick.sides), dict(pick.seen)) for pick in picks]
    return await decide(program, _take, picks=packed)


@decision
async def _take(work: Work, picks: Sequence[tuple[str, Mapping[str, str], Mapping[str, Sequence[str]]]]) -> Decided:
    work.kind, later = Action.CHOOSE, ""
    store, connection = work.program.store, work.connection.id
    pairs = [await store.run(changes.linked, connection, xero_id) for xero_id, _, _ in picks]
    async with sides.karbon_now(work, *(pair.karbon.key for pair in pairs if pair)):
        for xero_id, chosen, seen in picks:
            winners = {Field(name): Side(side) for name, side in chosen.items()}
            try:
                later = await _take_one(work, xero_id, winners, seen) or later
            except (NeedsPerson, UsageError) as error:
                if len(picks) == 1:
                    raise
                work.stays.append(Stays("", error.what, about=xero_id))
    return work.decided(later)


async def _take_one(work: Work, xero_id: str, winners: Mapping[Field, Side], seen: Mapping[str, Sequence[str]]) -> str:
    pair = await work.program.store.run(changes.linked, work.connection.id, xero_id)
    now = seen_in(pair.xero, pair.karbon, winners) if pair else {}
    if pair and any(tuple(seen.get(f.value, values)) != values for f, values in now.items()):
        raise NeedsPerson(f"{pair.xero.contact.name} has changed since you looked", "Look at it again.")
    return await _take_now(work, pair, winners)


async def _take_now(work: Work, pair: Linked | None, winners: Mapping[Field, Side]) -> str:
    """Write what was chosen; returns what is left for the next sync, and why, or ""."""
    if pair is None or not set(winners) <= set(merge(pair, work.rules).conflicts):
        raise UsageError("That field is not in conflict any more", Hint(Do.FIELDS))
    decided, name = merge(pair, work.rules, winners), pair.xero.contact.name
    to_karbon = {f: v for f, v in decided.to_karbon.items() if f in winners}
    to_xero = [f for f in decided.to_xero if f in winners]
    if to_karbon:
        written = ToKarbon(pair, Merge(to_karbon), "a person chose Xero's value")
        [one] = await write(work, [written], along=[Choose(pair, Side.XERO, list(to_karbon))])
        if one.deferred:
            raise UsageError(f"{name} was changed in Karbon meanwhile", "Look at it again.")
        if not one.done:
            raise NeedsPerson(f"{name} was not written in Karbon: {one.reason}", "See the failed ones.")
    later = ""
    if to_xero:
        await write(work, [Choose(pair, Side.KARBON, to_xero)])
        later = await bring_to_xero(work, [pair.xero.id], "a person chose Karbon's value")
    await work.program.store.run(_forget, work, pair.xero.id)
    return later


def _forget(db: SqliteDatabase, work: Work, xero_id: str) -> None:
    """The fields that are in conflict still stay; the others are none any more."""
    connection = work.connection.id
    pair = changes.linked(db, connection, xero_id)
    left = merge(pair, work.rules).conflicts if pair else ()
    changes.put_conflicts(db, connection, {xero_id: left}, work.program.now_ms())
    changes.look_at(db, connection, [xero_id])
