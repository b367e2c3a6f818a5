"""The journal of a sync both ways: what a dead run leaves, temporary names, and what can still be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from peewee import SqliteDatabase

from tests.stores import connect
from xerosync_tui.domain.contact import Address, Field, Value
from xerosync_tui.domain.merge import End
from xerosync_tui.store import journal, runs
from xerosync_tui.store.database import Store
from xerosync_tui.store.journal import Intent

NAME: dict[Field, Value] = {Field.NAME: "Acme"}
PHONE: dict[Field, Value] = {Field.PHONE: "1"}


def intent(action: str = "update", xero_id: str = "x1", side: str = "", **more: Any) -> Intent:
    before: Mapping[Field, Value] = more.pop("before", NAME)
    after: Mapping[Field, Value] = more.pop("after", PHONE)
    return Intent(action, xero_id, more.pop("key", "k1"), before, after, more.pop("why", "because"), side, **more)


async def intend(
    store: Store, connection: int, *intents: Intent, who: str = "mia", run: int | None = None
) -> list[int]:
    return await store.run(journal.intend, connection, run, who, 5, intents)


async def done(
    store: Store, connection: int, *intents: Intent, who: str = "mia", run: int | None = None, state: str = "done"
) -> list[int]:
    numbers = await intend(store, connection, *intents, who=who, run=run)
    results = [journal.Result(number, state, one.karbon_key) for number, one in zip(numbers, intents, strict=True)]
    await store.run(journal.settle, 6, results)
    return numbers


async def states(store: Store) -> list[tuple[str, str, int | None]]:
    """State, error and end of every row."""

    def rows(db: SqliteDatabase) -> list[tuple[str, str, int | None]]:
        return list(db.execute_sql("SELECT state, error, finished_at FROM journal ORDER BY id"))

    return await store.run(rows)


async def state(store: Store, connection: int, number: int) -> str:
    entry = await store.run(journal.by_id, connection, number)
    assert entry
    return entry.state


async def last(store: Store, connection: int, who: str = "mia") -> int | None:
    found = await store.run(journal.last_decision, connection, who)
    return found.id if found else None


async def test_what_is_written_down_for_xero_comes_back(store: Store, connection: int) -> None:
    it = intent("create in Xero", "", "xero", marker="XS1", request="r1")
    [number] = await intend(store, connection, it)
    entry = await store.run(journal.by_id, connection, number)
    assert entry and entry.intent == it


# What a run that died leaves behind


async def test_what_died_is_settled_by_what_can_be_known(store: Store, connection: int) -> None:
    """Karbon: nothing was done. Xero: nobody knows. What must not be done twice stays open."""
    await intend(
        store,
        connection,
        intent(side="karbon"),
        intent("link"),
        intent("create"),
        intent(side="xero"),
        intent("archive", side="xero"),
        intent("create in Xero", side="xero", marker="XS1"),
        intent("swap", side="xero", marker="~aside"),
    )
    await store.run(journal.settle_dead, connection, 9)
    said = "the run was interrupted"
    settled = [(journal.ABANDONED, said, 9)] * 3 + [(journal.UNKNOWN, said, 9)] * 2
    assert await states(store) == [*settled, ("intended", "", None), ("intended", "", None)]


async def test_what_was_settled_before_stays_so(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    await done(store, connection, intent(side="xero"), intent(side="karbon"))
    await done(store, connection, intent(side="xero"), state="failed")
    [theirs] = await intend(store, other, intent(side="xero"))
    before = await states(store)
    await store.run(journal.settle_dead, connection, 9)
    assert await states(store) == before
    assert await state(store, other, theirs) == "intended"


async def test_dead_ones_are_not_what_a_person_takes_back(store: Store, connection: int) -> None:
    await intend(store, connection, intent("link"), intent(side="xero"))
    await store.run(journal.settle_dead, connection, 9)
    assert await last(store, connection) is None
    assert await store.run(journal.open_intents, connection) == []


# Temporary names


async def test_open_swaps_say_the_temporary_name_and_the_one_before(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    swap = intent("swap", "x1", "xero", marker="~aside Acme", after={Field.NAME: "Beta"})
    await intend(store, connection, swap, intent("update", "x2", "xero"), intent("create in Xero", marker="XS1"))
    await intend(store, other, intent("swap", "x9", "xero", marker="~other"))
    await done(store, connection, intent("swap", "x3", "xero", marker="~closed"))
    assert await store.run(journal.open_swaps, connection) == {"x1": ("~aside Acme", "Acme")}


async def test_a_swap_is_closed_for_its_contact_alone(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    swap, update = intent("swap", side="xero", marker="~aside"), intent("update", side="xero")
    numbers = await intend(store, connection, swap, update, intent("swap", "x2", "xero", marker="~two"))
    [theirs] = await intend(store, other, swap)
    await store.run(journal.close_swap, connection, "x1", 9)
    assert [await state(store, connection, number) for number in numbers] == ["done", "intended", "intended"]
    assert await state(store, other, theirs) == "intended"
    await store.run(journal.close_swap, connection, "x2", 9, journal.ABANDONED)
    await store.run(journal.close_swap, connection, "x1", 10, journal.ABANDONED)  # closed before
    assert [await state(store, connection, number) for number in numbers] == ["done", "intended", "abandoned"]


async def test_a_creation_under_way_is_known_by_its_karbon_contact(store: Store, connection: int) -> None:
    made = intent("create in Xero", "", "xero", marker="XS1", key="k1")
    [number] = await intend(store, connection, made)
    await intend(store, connection, intent("update", "x2", "karbon", key="k2"))
    keys = ("k1", "k2", "k3")
    assert [await store.run(journal.is_being_made, connection, key) for key in keys] == [True, False, False]
    assert not await store.run(journal.is_being_made, connection + 1, "k1")
    await store.run(journal.settle, 6, [journal.Result(number, "done", "k1", xero_id="x7")])
    assert not await store.run(journal.is_being_made, connection, "k1")
    entry = await store.run(journal.latest, connection, "x7")
    assert entry and entry.id == number


async def test_a_result_without_a_contact_id_keeps_the_one_there_was(store: Store, connection: int) -> None:
    [number] = await done(store, connection, intent(xero_id="x1"))
    entry = await store.run(journal.by_id, connection, number)
    assert entry and entry.intent.xero_id == "x1"


# What can be taken back


@pytest.mark.parametrize("action", journal.DECISIONS)
async def test_z_takes_the_newest_decision_of_that_person(store: Store, connection: int, action: str) -> None:
    run = await store.run(runs.begin, connection, "initial", "mia", 1)
    [older], [mine] = await done(store, connection, intent("link")), await done(store, connection, intent(action))
    await done(store, connection, intent(action), who="noa")
    await done(store, connection, intent(action), run=run)
    await done(store, connection, intent(action), state="failed")
    await done(store, connection, intent(action, why="undo of the link"))
    await done(store, connection, intent("unlink", why=End.DELETED.value))
    await done(store, connection, intent("undo"), intent("archive", side="xero"), intent("create in Xero"))
    await done(store, (await store.run(connect, "o2")).id, intent(action))
    await intend(store, connection, intent(action))
    assert await last(store, connection) == mine
    await store.run(journal.mark_undone, mine)
    assert await last(store, connection) == older


async def test_a_decision_that_begins_with_the_word_is_no_undo(store: Store, connection: int) -> None:
    [mine] = await done(store, connection, intent("link", why="undone by nobody"))
    assert await last(store, connection) == mine


async def test_a_link_that_ended_by_hand_can_be_taken_up_again(store: Store, connection: int) -> None:
    [mine] = await done(store, connection, intent("unlink", why="by hand"))
    assert await last(store, connection) == mine


async def test_later_writes_to_the_pair_are_told_by_field(store: Store, connection: int) -> None:
    """Undo is refused per value that is no longer what the journal wrote."""
    [first] = await done(store, connection, intent(after={Field.NAME: "Earlier", Field.EMAIL: "e@x.example"}))
    [it] = await done(store, connection, intent(after=PHONE))
    entry = await store.run(journal.by_id, connection, it)
    assert entry
    assert await store.run(journal.written_after, connection, entry) == set()
    await done(store, connection, intent(after={Field.PHONE: "2"}, side="karbon"))
    await done(store, connection, intent(after={Field.ADDRESS: Address(city="Perth")}, side="xero"))
    await done(store, connection, intent("swap", after=NAME, side="xero", marker="~aside"))
    await done(store, connection, intent(after=NAME), state="failed")
    await done(store, connection, intent(xero_id="x2", after={Field.EMAIL: "e@x.example"}))
    await done(store, (await store.run(connect, "o2")).id, intent(after={Field.EMAIL: "e@x.example"}))
    await intend(store, connection, intent(after={Field.EMAIL: "e@x.example"}))
    assert await store.run(journal.written_after, connection, entry) == {Field.PHONE, Field.ADDRESS}
    earliest = await store.run(journal.by_id, connection, first)
    assert earliest and await store.run(journal.written_after, connection, earliest) == {Field.PHONE, Field.ADDRESS}


async def test_an_ignore_is_superseded_by_the_decision_that_followed(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    [ours, kept, link] = await done(
        store, connection, intent("ignore", "x1"), intent("ignore", "x2"), intent("link", "x1")
    )
    [theirs] = await done(store, other, intent("ignore", "x1"))
    [failed] = await done(store, connection, intent("ignore", "x1"), state="failed")
    await store.run(journal.supersede_ignored, connection, ["x1", "x9"])
    found = [await state(store, connection, number) for number in (ours, kept, link, failed)]
    assert found == ["undone", "done", "done", "failed"]
    assert await state(store, other, theirs) == "done"


async def test_where_nobody_ignored_anything_nothing_changes(store: Store, connection: int) -> None:
    await done(store, connection, intent("link"))
    before = await states(store)
    await store.run(journal.supersede_ignored, connection, ["x1"])
    assert await states(store) == before
