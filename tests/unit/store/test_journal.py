"""The journal: written before the deed, closed after it, and who may take back what."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from peewee import SqliteDatabase

from tests.records import ADDRESS
from xerosync_tui.domain.contact import Address, Field, Value
from xerosync_tui.store import journal, runs
from xerosync_tui.store.database import Store

BEFORE: dict[Field, Value] = {Field.PHONE: "02 5550 9999", Field.ADDRESS: Address()}
AFTER: dict[Field, Value] = {Field.PHONE: "02\n🙂 שלום \x00", Field.ADDRESS: ADDRESS}


def intent(action: str = "link", xero_id: str = "x1") -> journal.Intent:
    return journal.Intent(action, xero_id, "k1", BEFORE, AFTER, "because")


def write(
    db: SqliteDatabase, connection: int, intents: Sequence[journal.Intent], run: int | None = None, who: str = "mia"
) -> list[int]:
    return journal.intend(db, connection, run, who, 5, intents)


def done(db: SqliteDatabase, entries: Sequence[int]) -> None:
    journal.settle(db, 6, [journal.Result(entry, "done", "k1") for entry in entries])


async def test_what_is_written_comes_back(store: Store, connection: int) -> None:
    [number] = await store.run(write, connection, [intent()])
    entry = await store.run(journal.by_id, connection, number)
    assert entry == journal.Entry(number, 5, "mia", "intended", None, 0, intent())


async def test_ids_come_in_the_order_of_the_intents(store: Store, connection: int) -> None:
    numbers = await store.run(write, connection, [intent(xero_id=f"x{n}") for n in range(30)])
    entries = [await store.run(journal.by_id, connection, number) for number in numbers]
    assert [entry.intent.xero_id for entry in entries if entry] == [f"x{n}" for n in range(30)]


async def test_an_intent_is_open_until_it_is_settled(store: Store, connection: int) -> None:
    first, second = await store.run(write, connection, [intent(), intent(xero_id="x2")])
    await store.run(done, [first])
    assert [entry.id for entry in await store.run(journal.open_intents, connection)] == [second]
    assert await store.run(journal.open_intents, connection + 1) == []


async def test_a_create_learns_its_key_and_version(store: Store, connection: int) -> None:
    [number] = await store.run(write, connection, [journal.Intent("create", "x1", "", {}, AFTER, "")])
    await store.run(journal.settle, 6, [journal.Result(number, "done", "k7", version=12)])
    entry = await store.run(journal.latest, connection, "x1")
    assert entry and (entry.intent.karbon_key, entry.state, entry.version) == ("k7", "done", 12)


async def test_what_failed_says_why_and_of_which_contact(store: Store, connection: int) -> None:
    [number] = await store.run(write, connection, [intent()])
    await store.run(journal.settle, 6, [journal.Result(number, "failed", "k1", "Karbon says no")])
    kept = "SELECT state, karbon_key, error, finished_at FROM journal"
    assert await store.run(lambda db: list(db.execute_sql(kept))) == [("failed", "k1", "Karbon says no", 6)]


@pytest.mark.parametrize("action", journal.DECISIONS)
async def test_the_last_decision_is_this_persons_own(store: Store, connection: int, action: str) -> None:
    run = await store.run(runs.begin, connection, "initial", "mia", 1)
    mine = await store.run(write, connection, [intent(action)])
    await store.run(done, mine)
    for by_others in (
        await store.run(write, connection, [intent(action)], who="noa"),
        await store.run(write, connection, [intent(action)], run=run),
        await store.run(write, connection, [intent("undo")]),
        await store.run(write, connection, [intent("create in Xero")]),
    ):
        await store.run(done, by_others)
    await store.run(write, connection, [intent(action)])  # not carried out

    found = await store.run(journal.last_decision, connection, "mia")
    assert found and [found.id] == mine
    await store.run(journal.mark_undone, found.id)
    assert await store.run(journal.last_decision, connection, "mia") is None


async def test_another_connections_entry_is_not_found(store: Store, connection: int) -> None:
    [number] = await store.run(write, connection, [intent()])
    assert await store.run(journal.by_id, connection + 1, number) is None
