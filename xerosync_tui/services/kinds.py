"""Person or organization as a person says it before a contact is made in Karbon, which cannot convert it afterwards.

The choice is kept by the Xero contact's id, and every plan follows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.kinds import KindGuess
from xerosync_tui.engine.plan import plan_creation
from xerosync_tui.errors import UsageError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program, active
from xerosync_tui.store import kinds, links, mirror, plans, runs


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
        raise UsageError(f"{xero_id} {why}", Hint(Do.KIND))
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


def _moved(before: KindGuess, kind: Kind) -> Counts:
    """How the counts of a preview change."""
    moved = Counts(guesses=0 if before.certain else -1)
    if before.kind is not kind:
        towards = 1 if kind is Kind.PERSON else -1
        moved.new_people, moved.new_organizations = towards, -towards
    return moved
