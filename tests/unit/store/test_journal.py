"""The journal: written before the deed, closed after it, and whose decision it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from peewee import SqliteDatabase

from tests.records import ADDRESS
from xerosync_tui.domain.contact import Address, Field, Value
from xerosync_tui.domain.states import Action, EntryState, RunKind
from xerosync_tui.store import decisions, journal, runs
from xerosync_tui.store.database import Store
from xerosync_tui.store.journal import Author, Place

BEFORE: dict[Field, Value] = {Field.PHONE: "02 5550 9999", Field.ADDRESS: Address()}
AFTER: dict[Field, Value] = {Field.PHONE: "02\n🙂 שלום \x00", Field.ADDRESS: ADDRESS}


DECISIONS = (Action.LINK, Action.CREATE, Action.IGNORE, Action.UNLINK, Action.CHOOSE, Action.ADD, Action.DELETE)


def place(connection: int) -> Place:
    return Place(connection, "builtin")


def intent(action: Action = Action.LINK, xero_id: str = "x1") -> journal.Intent:
    return journal.Intent(action, xero_id, "k1", BEFORE, AFTER, "because")


def write(
    db: SqliteDatabase, connection: int, intents: Sequence[journal.Intent], run: int | None = None, who: str = "mia"
) -> list[int]:
    return journal.intend(db, Author(place(connection), who, f"login of {who}", run), 5, intents)


def decide(
    db: SqliteDatabase, connection: int, kind: Action, who: str = "mia", login: str = "", *, done: bool = True
) -> int:
    """A decision of one entry; its number."""
    author = Author(place(connection), who, login or f"login of {who}")
    number = decisions.begin(db, author, connection, kind, 5, "")
    [entry] = journal.intend(db, replace(author, decision=number), 5, [intent(kind)])
    if done:
        journal.settle(db, 6, [journal.Result(entry, EntryState.DONE, karbon_key="k1")])
    return number


def decided_by(db: SqliteDatabase, connection: int, who: str = "mia", login: str = "") -> list[int]:
    """This person's decisions that stand, newest first."""
    found = decisions.of_person(db, place(connection), who, login or f"login of {who}")
    return [row.id for row in found]


def done(db: SqliteDatabase, entries: Sequence[int]) -> None:
    journal.settle(db, 6, [journal.Result(entry, EntryState.DONE, karbon_key="k1") for entry in entries])


async def test_what_is_written_comes_back(store: Store, connection: int) -> None:
    [number] = await store.run(write, connection, [intent()])
    entry = await store.run(journal.by_id, place(connection), number)
    assert entry == journal.Entry(number, 5, "mia", "login of mia", EntryState.INTENDED, None, None, "", 0, intent())


async def test_ids_come_in_the_order_of_the_intents(store: Store, connection: int) -> None:
    numbers = await store.run(write, connection, [intent(xero_id=f"x{n}") for n in range(30)])
    entries = [await store.run(journal.by_id, place(connection), number) for number in numbers]
    assert [entry.intent.xero_id for entry in entries if entry] == [f"x{n}" for n in range(30)]


async def test_an_intent_is_open_until_it_is_settled(store: Store, connection: int) -> None:
    first, second = await store.run(write, connection, [intent(), intent(xero_id="x2")])
    await store.run(done, [first])
    assert [entry.id for entry in await store.run(journal.open_intents, connection)] == [second]
    assert await store.run(journal.open_intents, connection + 1) == []


async def test_a_create_learns_its_key_and_version(store: Store, connection: int) -> None:
    [number] = await store.run(write, connection, [journal.Intent(Action.CREATE, "x1", "", {}, AFTER, "")])
    await store.run(journal.settle, 6, [journal.Result(number, EntryState.DONE, karbon_key="k7", version=12)])
    entry = await store.run(journal.latest, connection, "x1")
    assert entry and (entry.intent.karbon_key, entry.state, entry.version) == ("k7", "done", 12)


async def test_what_failed_says_why_and_of_which_contact(store: Store, connection: int) -> None:
    [number] = await store.run(write, connection, [intent()])
    await store.run(journal.settle, 6, [journal.Result(number, EntryState.FAILED, "Karbon says no")])
    kept = "SELECT state, karbon_key, error, finished_at FROM journal"
    assert await store.run(lambda db: list(db.execute_sql(kept))) == [("failed", "k1", "Karbon says no", 6)]


@pytest.mark.parametrize("action", DECISIONS)
async def test_the_last_decision_is_this_persons_own(store: Store, connection: int, action: Action) -> None:
    run = await store.run(runs.begin, connection, RunKind.INITIAL, "mia", "login of mia", 1)
    mine = await store.run(decide, connection, action)
    await store.run(decide, connection, action, "noa")
    await store.run(done, await store.run(write, connection, [intent(action)], run=run))
    await store.run(decide, connection, Action.UNDO)
    await store.run(decide, connection, Action.RETRY)
    await store.run(decide, connection, action, done=False)

    assert await store.run(decided_by, connection) == [mine]
    [entry] = await store.run(decisions.standing, place(connection), mine)
    await store.run(journal.mark_undone, [entry.id])
    assert await store.run(decided_by, connection) == []


async def test_two_logins_under_one_name_are_two_people(store: Store, connection: int) -> None:
    """Decisions from before logins were kept go by the name alone."""
    first = await store.run(decide, connection, Action.LINK, "mia", "1001")
    second = await store.run(decide, connection, Action.LINK, "mia", "1002")
    await store.run(lambda db: db.execute_sql("UPDATE decision SET login = '' WHERE id = ?", (first,)))
    third = await store.run(decide, connection, Action.LINK, "mia", "1001")
    assert await store.run(decided_by, connection, "mia", "1001") == [third, first]
    assert await store.run(decided_by, connection, "mia", "1002") == [second, first]


async def test_another_connections_entry_is_not_found(store: Store, connection: int) -> None:
    [number] = await store.run(write, connection, [intent()])
    assert await store.run(journal.by_id, place(connection + 1), number) is None
