"""Bringing back to one side alone what a decision took from it, as parts of ``undo`` (engine.md 2.9).

A choice between two edits: the side that lost has its value again, what was agreed before is the base again, and so
both wait for a person as they did. A link that brought values to Xero: Xero has its own again.
"""

from __future__ import annotations

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Field, Value
from xerosync_tui.domain.merge import Linked, Merge, Side, merge
from xerosync_tui.domain.normalise import same_spelling
from xerosync_tui.engine import sessions
from xerosync_tui.engine.changes import Planned, rules_of, write_to_karbon
from xerosync_tui.engine.push import Edit, Push
from xerosync_tui.errors import NeedsPerson
from xerosync_tui.program import Program
from xerosync_tui.remotes.ports import Directory
from xerosync_tui.remotes.xero.api import XeroLedger
from xerosync_tui.store import changes, journal
from xerosync_tui.store.changes import Halves


async def undo_choice(program: Program, directory: Directory, connection: Connection, entry: journal.Entry) -> None:
    """Both values wait again as they did before a person chose.

    Raises NeedsPerson where one of them has changed since, and what the remotes raise; then nothing was done.
    """
    pair, lost = await program.store.run(chosen_away, connection, entry)
    base, why = _base(entry), f"undo {entry.id}"
    if lost and entry.intent.side == Side.KARBON:
        rows = [Planned(pair, Merge(lost))]
        counts = await write_to_karbon(program, directory, connection, None, rows, why=why, base=base)
        if not counts["changed in Karbon"]:
            raise NeedsPerson(f"{pair.karbon.contact.name} was changed in Karbon meanwhile", "Look at it again.")
    elif lost:
        await _to_xero(program, connection, Edit(pair, lost, base), why)
    await program.store.run(_wait_again, program, connection, entry, base)


def chosen_away(db: SqliteDatabase, connection: Connection, entry: journal.Entry) -> tuple[Linked, dict[Field, Value]]:
    """The pair, and the values that the losing side has to get back; none where it still has them.

    Raises NeedsPerson where a value has changed since.
    """
    intent = entry.intent
    pair = changes.linked(db, connection.id, intent.xero_id)
    if pair is None or pair.karbon.key != intent.karbon_key:
        raise NeedsPerson("The two are not linked any more, so nothing is brought back")
    xero, karbon = pair.xero.contact, pair.karbon.contact
    loser, winner = (karbon, xero) if intent.side == Side.KARBON else (xero, karbon)
    lost = {}
    for field, stands in intent.after.items():
        taken = same_spelling(field, loser.value(field), stands)
        kept = same_spelling(field, loser.value(field), intent.before[field])
        if not same_spelling(field, winner.value(field), stands) or not (taken or kept):
            raise NeedsPerson(
                f"{karbon.name}: {field.label} changed since, so it stays as it is",
                "Edit the contact instead: `xerosync edit`.",
            )
        if not kept:
            lost[field] = intent.before[field]
    return pair, lost


def _base(entry: journal.Entry) -> Halves:
    intent = entry.intent
    return {field: (intent.xero_base[field], intent.karbon_base[field]) for field in intent.after}


def _wait_again(
    db: SqliteDatabase, program: Program, connection: Connection, entry: journal.Entry, base: Halves
) -> None:
    now, xero_id = program.now_ms(), entry.intent.xero_id
    journal.mark_undone(db, entry.id)
    if pair := changes.linked(db, connection.id, xero_id):
        changes.acknowledge(db, [(pair, base)], now)
    if pair := changes.linked(db, connection.id, xero_id):
        changes.put_conflicts(db, connection.id, {xero_id: merge(pair, rules_of(connection)).conflicts}, now)
    changes.look_at(db, connection.id, [xero_id])


async def restore_in_xero(program: Program, connection: Connection, entry: journal.Entry) -> None:
    """Take back what a link brought to Xero, the last first.

    Raises NeedsPerson where Xero does not hold it any more, and what the ledger raises.
    """
    for part in await program.store.run(journal.carried_out, connection.id, entry.id):
        pair = await program.store.run(changes.linked, connection.id, part.intent.xero_id)
        if pair is None:
            continue
        for field, value in part.intent.after.items():
            if not same_spelling(field, pair.xero.contact.value(field), value):
                raise NeedsPerson(
                    f"{pair.xero.contact.name}: {field.label} changed in Xero since, so the link stays",
                    "Unsync it instead.",
                )
        await _to_xero(program, connection, Edit(pair, part.intent.before), f"undo {entry.id}")
        await program.store.run(journal.mark_undone, part.id)


async def _to_xero(program: Program, connection: Connection, edit: Edit, why: str) -> None:
    async with sessions.xero(program, connection) as session:
        push = Push(program, XeroLedger(session), connection, None, why=why)
        await push.write([edit])
    if not push.counts["changed in Xero"]:
        raise NeedsPerson(
            f"{edit.linked.xero.contact.name} stays as it is: it changed in Xero meanwhile, or Xero refused the value",
            "See the failed ones, or sync and look again.",
        )
