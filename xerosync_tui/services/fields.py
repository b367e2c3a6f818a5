"""Field conflicts: both sides changed the same field, differently, since the base; a person chooses (engine.md 2.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Field, KarbonContact, Value, XeroContact
from xerosync_tui.domain.merge import Linked, Merge, Side, merge
from xerosync_tui.engine.changes import TO_KARBON, Planned, rules_of, write_to_karbon
from xerosync_tui.engine.decisions import decide, decision
from xerosync_tui.engine.sides import karbon_now
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.program import Program, active
from xerosync_tui.remotes.ports import Directory
from xerosync_tui.services.clients import carry_over
from xerosync_tui.store import changes, journal, runs


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


@dataclass(frozen=True, slots=True)
class Taken:
    """What was chosen; ``waiting``: Xero has not taken Karbon's value yet, the next sync tries again.

    ``entry`` is what ``undo`` takes.
    """

    entry: int
    name: str
    in_karbon: tuple[Field, ...]
    in_xero: tuple[Field, ...]
    waiting: bool = False


Seen = Mapping[Field, tuple[str, str]]  # Xero's and Karbon's value, in words
NOTHING: Seen = MappingProxyType({})


def seen_in(xero: XeroContact, karbon: KarbonContact, fields: Iterable[Field]) -> Seen:
    """What a person who looks at these two sees of some fields."""
    return {f: (str(xero.contact.value(f)), str(karbon.contact.value(f))) for f in fields}


async def take(program: Program, xero_id: str, sides: Mapping[Field, Side], seen: Seen = NOTHING) -> Taken:
    """Give both sides the value of the chosen side, per field; ``seen`` is what the person looked at, if anything.

    Raises UsageError where a field is not in conflict (any more), NeedsPerson where a value is not as it was seen,
    LockHeld, NotConnected.
    """
    chosen = {f.value: side.value for f, side in sides.items()}
    return await decide(program, _take, xero_id=xero_id, sides=chosen, seen={f.value: v for f, v in seen.items()})


@decision(Taken)
async def _take(
    program: Program, connection: Connection, xero_id: str, sides: Mapping[str, str], seen: Mapping[str, Sequence[str]]
) -> Taken:
    chosen = {Field(name): Side(side) for name, side in sides.items()}
    pair = await program.store.run(changes.linked, connection.id, xero_id)
    async with karbon_now(program, connection, *([pair.karbon.key] if pair else [])) as directory:
        pair = await program.store.run(changes.linked, connection.id, xero_id)
        now = seen_in(pair.xero, pair.karbon, chosen) if pair else {}
        if pair and any(tuple(seen.get(f.value, values)) != values for f, values in now.items()):
            raise NeedsPerson(f"{pair.xero.contact.name} has changed since you looked", "Look at it again.")
        return await _take_now(program, directory, connection, pair, chosen)


async def _take_now(
    program: Program, directory: Directory, connection: Connection, pair: Linked | None, chosen: Mapping[Field, Side]
) -> Taken:
    found = merge(pair, rules_of(connection)) if pair else None
    if pair is None or found is None or not set(chosen) <= set(found.conflicts):
        raise UsageError("That field is not in conflict any more", "See `xerosync issues --tab fields`.")
    decided, xero_id = merge(pair, rules_of(connection), chosen), pair.xero.id
    to_karbon = {f: v for f, v in decided.to_karbon.items() if f in chosen}
    to_xero = tuple(f for f in decided.to_xero if f in chosen)
    rows, why = [Planned(pair, Merge(to_karbon))], "a person chose Xero's value"
    counts = await write_to_karbon(program, directory, connection, None, rows, why=why)
    if counts["deferred"]:
        raise UsageError(f"{pair.xero.contact.name} was changed in Karbon meanwhile", "Look at it again.")
    if to_karbon and counts["failed"]:
        reason = await program.store.run(runs.why_failed, connection.id, TO_KARBON, xero_id)
        raise NeedsPerson(f"{pair.xero.contact.name} was not written in Karbon: {reason}", "See the failed ones.")
    entry, waiting = 0, False
    if to_karbon:
        entry = await program.store.run(_record, program, connection, pair, Side.XERO, tuple(to_karbon))
    if to_xero:
        entry = await program.store.run(_choose_karbons, program, connection, pair, to_xero)
        waiting = bool(await carry_over(program, connection, [xero_id], why="a person chose Karbon's value"))
    await program.store.run(_forget, connection, xero_id, program.now_ms())
    return Taken(entry, pair.xero.contact.name, tuple(to_karbon), to_xero, waiting)


def _choose_karbons(
    db: SqliteDatabase, program: Program, connection: Connection, pair: Linked, chosen: Sequence[Field]
) -> int:
    """Xero's value has been seen and is to be replaced: Karbon's alone counts as changed, until Xero has taken it."""
    halves = {f: (pair.xero.contact.value(f), pair.karbon_base.value(f)) for f in chosen}
    changes.acknowledge(db, [(pair, halves)], program.now_ms())
    return _record(db, program, connection, pair, Side.KARBON, chosen)


def _record(
    db: SqliteDatabase, program: Program, connection: Connection, pair: Linked, winner: Side, chosen: Sequence[Field]
) -> int:
    """Journal the choice: what the other side held, what stands, and what was agreed before; returns the entry."""
    xero, karbon = ({f: c.value(f) for f in chosen} for c in (pair.xero.contact, pair.karbon.contact))
    (lost, stands), loser = ((karbon, xero), Side.KARBON) if winner is Side.XERO else ((xero, karbon), Side.XERO)
    xeros, karbons = ({f: base.value(f) for f in chosen} for base in (pair.xero_base, pair.karbon_base))
    why = f"{'Xero' if winner is Side.XERO else 'Karbon'}'s value was chosen"
    intent = journal.Intent(
        "choose", pair.xero.id, pair.karbon.key, lost, stands, why, loser.value, xero_base=xeros, karbon_base=karbons
    )
    now = program.now_ms()
    [entry] = journal.intend(db, connection.id, None, program.settings.user, now, [intent])
    journal.settle(db, now, [journal.Result(entry, "done", pair.karbon.key)])
    return entry


def _forget(db: SqliteDatabase, connection: Connection, xero_id: str, now: int) -> None:
    """The fields that are in conflict still stay; the others are none any more."""
    pair = changes.linked(db, connection.id, xero_id)
    left = merge(pair, rules_of(connection)).conflicts if pair else ()
    changes.put_conflicts(db, connection.id, {xero_id: left}, now)
    changes.look_at(db, connection.id, [xero_id])
