"""Person or organization as a person says it: before a contact is made in Karbon, and after.

Before, it is free: the choice is kept by the Xero contact's id and every plan follows it. Afterwards Karbon itself
cannot convert one into the other; the built-in directory can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.kinds import CHOSEN, KindGuess
from xerosync_tui.engine.plan import plan_creation
from xerosync_tui.errors import UsageError
from xerosync_tui.program import Program, active
from xerosync_tui.store import accounts, directory, kinds, links, mirror, plans, runs


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whose kind was chosen, and what it is now."""

    name: str
    kind: Kind


async def choose(program: Program, choices: Mapping[str, Kind | None]) -> list[Chosen]:
    """By ContactID, what these become in Karbon; None: the other of the two. All of them or, with an error, none.

    Raises NotConnected; UsageError for a contact that is not there, or is linked already.
    """
    connection = await active(program)

    def store(db: SqliteDatabase) -> list[Chosen]:
        return [_choose(db, connection, xero_id, kind) for xero_id, kind in choices.items()]

    return await program.store.run(store)


def _choose(db: SqliteDatabase, connection: Connection, xero_id: str, kind: Kind | None) -> Chosen:
    xero = mirror.xero_contact(db, connection.id, xero_id)
    if xero is None or links.is_linked(db, connection.id, xero_id):
        why = "is not known yet" if xero is None else "is or was linked: its Karbon contact is there already"
        raise UsageError(f"{xero_id} {why}", "See `xerosync sync --preview`, or `xerosync edit KEY kind=person`.")
    before = plan_creation(db, connection, xero)
    assert before.guess is not None
    chosen = kind or before.guess.kind.other
    kinds.choose(db, connection.id, xero_id, chosen)
    after = plan_creation(db, connection, xero)
    if plans.show_anew(db, connection.id, xero_id, before.digest, after.digest):
        shown = runs.preview_of(db, connection.id, connection.previewed_at or 0)
        if shown:
            runs.recount(db, shown.id, _moved(before.guess, chosen))
    return Chosen(xero.contact.name, chosen)


def _moved(before: KindGuess, kind: Kind) -> dict[str, int]:
    """How the counts of a preview change."""
    moved = {} if before.certain else {"new: guess": -1}
    if before.kind is not kind:
        moved |= {f"new: {before.kind.value}": -1, f"new: {kind.value}": 1}
    return moved


async def change(program: Program, key: str, kind: Kind | None = None) -> Chosen:
    """Make a contact of the built-in directory the one or the other (None: what it is not), or say that it is right.

    Raises UsageError where there is no such contact, and with Karbon's API, which converts none (karbon.md 2.13).
    """

    def store(db: SqliteDatabase) -> Chosen:
        if accounts.active(db):
            raise UsageError(
                "Karbon cannot turn a person into an organization, or back",
                "Make the right one, unsync the client, and link it with that.",
            )
        record = directory.get(db, key)
        if record is None:
            raise UsageError(f"There is no Karbon contact {key}", "See `xerosync contacts`.")
        changed = replace(record.as_kind(kind or record.kind.other), kind_reason=CHOSEN, kind_guess=0)
        directory.update(db, [changed])
        return Chosen(changed.contact.name, changed.kind)

    return await program.store.run(store)
