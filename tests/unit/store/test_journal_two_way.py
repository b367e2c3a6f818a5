"""The journal of a sync both ways: what a dead run leaves, temporary names, and what can still be undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from peewee import SqliteDatabase

from tests.stores import connect
from xerosync_tui.domain.contact import Address, Field, Value
from xerosync_tui.domain.link import End
from xerosync_tui.domain.states import Action, EntryState, RunKind, Side
from xerosync_tui.store import decisions, journal, runs
from xerosync_tui.store.database import Store
from xerosync_tui.store.journal import Author, Intent, Place

NAME: dict[Field, Value] = {Field.NAME: "Acme"}
PHONE: dict[Field, Value] = {Field.PHONE: "1"}


def intent(action: Action = Action.UPDATE, xero_id: str = "x1", side: Side | None = None, **more: Any) -> Intent:
    before: Mapping[Field, Value] = more.pop("before", NAME)
    after: Mapping[Field, Value] = more.pop("after", PHONE)
    return Intent(action, xero_id, more.pop("key", "k1"), before, after, more.pop("why", "because"), side, **more)


def place(connection: int) -> Place:
    return Place(connection, "builtin")


async def intend(
    store: Store, connection: int, *intents: Intent, who: str = "mia", run: int | None = None, decision: int = 0
) -> list[int]:
    author = Author(place(connection), who, f"login of {who}", run, decision or None)
    return await store.run(journal.intend, author, 5, intents)


async def done(
    store: Store,
    connection: int,
    *intents: Intent,
    who: str = "mia",
    run: int | None = None,
    state: EntryState = EntryState.DONE,
    decision: int = 0,
) -> list[int]:
    numbers = await intend(store, connection, *intents, who=who, run=run, decision=decision)
    results = [
        journal.Result(number, state, karbon_key=one.karbon_key) for number, one in zip(numbers, intents, strict=True)
    ]
    await store.run(journal.settle, 6, results)
    return numbers


async def begin(store: Store, connection: int, kind: Action, who: str = "mia") -> int:
    """A decision that has no entry yet."""
    author = Author(place(connection), who, f"login of {who}")
    return await store.run(decisions.begin, author, connection, kind, 5, "")


async def decide(store: Store, connection: int, *intents: Intent, who: str = "mia", **more: Any) -> int:
    """A decision with these entries, of the kind of the first; its number."""
    number = await begin(store, connection, more.pop("kind", intents[0].action), who)
    await done(store, connection, *intents, who=who, decision=number, **more)
    return number


async def states(store: Store) -> list[tuple[str, str, int | None]]:
    """State, error and end of every row."""

    def rows(db: SqliteDatabase) -> list[tuple[str, str, int | None]]:
        return list(db.execute_sql("SELECT state, error, finished_at FROM journal ORDER BY id"))

    return await store.run(rows)


async def state(store: Store, connection: int, number: int) -> EntryState:
    entry = await store.run(journal.by_id, place(connection), number)
    assert entry
    return entry.state


async def last(store: Store, connection: int, who: str = "mia") -> int | None:
    """The number of this person's newest decision that stands."""

    def newest(db: SqliteDatabase) -> int | None:
        found = decisions.of_person(db, place(connection), who, f"login of {who}")
        return next((row.id for row in found), None)

    return await store.run(newest)


async def test_what_is_written_down_for_xero_comes_back(store: Store, connection: int) -> None:
    it = intent(Action.CREATE_IN_XERO, "", Side.XERO, marker="XS1", request="r1")
    [number] = await intend(store, connection, it)
    entry = await store.run(journal.by_id, place(connection), number)
    assert entry and entry.intent == it


# What a run that died leaves behind


async def test_what_died_is_settled_by_what_can_be_known(store: Store, connection: int) -> None:
    """Of our own tables nothing was done. Of what was sent nobody knows. What must not be done twice stays open."""
    await intend(
        store,
        connection,
        intent(Action.LINK),
        intent(Action.IGNORE),
        intent(side=Side.KARBON),
        intent(side=Side.XERO),
        intent(Action.ARCHIVE, side=Side.XERO),
        intent(Action.CREATE_IN_XERO, side=Side.XERO, marker="XS1"),
        intent(Action.SWAP, side=Side.XERO, marker="~aside"),
        intent(Action.CREATE),
        intent(Action.UNDO),
    )
    await store.run(journal.settle_dead, connection, 9)
    said = "the run was interrupted"
    settled = [(EntryState.ABANDONED, said, 9)] * 2 + [(EntryState.UNKNOWN, said, 9)] * 3
    assert await states(store) == [*settled, *[("intended", "", None)] * 4]


async def test_what_was_settled_before_stays_so(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    await done(store, connection, intent(side=Side.XERO), intent(side=Side.KARBON))
    await done(store, connection, intent(side=Side.XERO), state=EntryState.FAILED)
    [theirs] = await intend(store, other, intent(side=Side.XERO))
    before = await states(store)
    await store.run(journal.settle_dead, connection, 9)
    assert await states(store) == before
    assert await state(store, other, theirs) == "intended"


async def test_dead_ones_are_not_what_a_person_takes_back(store: Store, connection: int) -> None:
    number = await begin(store, connection, Action.LINK)
    await intend(store, connection, intent(Action.LINK), intent(side=Side.XERO), decision=number)
    await store.run(journal.settle_dead, connection, 9)
    assert await last(store, connection) is None
    assert await store.run(journal.open_intents, connection) == []


# Temporary names


async def test_open_swaps_say_the_temporary_name_and_the_one_before(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    swap = intent(Action.SWAP, "x1", Side.XERO, marker="~aside Acme", after={Field.NAME: "Beta"})
    await intend(
        store, connection, swap, intent(Action.UPDATE, "x2", Side.XERO), intent(Action.CREATE_IN_XERO, marker="XS1")
    )
    await intend(store, other, intent(Action.SWAP, "x9", Side.XERO, marker="~other"))
    await done(store, connection, intent(Action.SWAP, "x3", Side.XERO, marker="~closed"))
    assert await store.run(journal.open_swaps, connection) == {"x1": ("~aside Acme", "Acme")}


async def test_a_swap_is_closed_for_its_contact_alone(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    swap, update = intent(Action.SWAP, side=Side.XERO, marker="~aside"), intent(Action.UPDATE, side=Side.XERO)
    numbers = await intend(store, connection, swap, update, intent(Action.SWAP, "x2", Side.XERO, marker="~two"))
    [theirs] = await intend(store, other, swap)
    await store.run(journal.close_swap, connection, "x1", 9, EntryState.DONE)
    assert [await state(store, connection, number) for number in numbers] == ["done", "intended", "intended"]
    assert await state(store, other, theirs) == "intended"
    await store.run(journal.close_swap, connection, "x2", 9, EntryState.ABANDONED)
    await store.run(journal.close_swap, connection, "x1", 10, EntryState.ABANDONED)  # closed before
    assert [await state(store, connection, number) for number in numbers] == ["done", "intended", "abandoned"]


async def test_a_creation_under_way_is_known_by_its_karbon_contact(store: Store, connection: int) -> None:
    made = intent(Action.CREATE_IN_XERO, "", Side.XERO, marker="XS1", key="k1")
    [number] = await intend(store, connection, made)
    await intend(store, connection, intent(Action.UPDATE, "x2", Side.KARBON, key="k2"))
    keys = ("k1", "k2", "k3")
    assert [await store.run(journal.is_being_made, connection, key) for key in keys] == [True, False, False]
    assert not await store.run(journal.is_being_made, connection + 1, "k1")
    await store.run(journal.settle, 6, [journal.Result(number, EntryState.DONE, xero_id="x7")])
    assert not await store.run(journal.is_being_made, connection, "k1")
    entry = await store.run(journal.latest, connection, "x7")
    assert entry and entry.id == number


async def test_a_result_without_a_contact_id_keeps_the_one_there_was(store: Store, connection: int) -> None:
    [number] = await done(store, connection, intent(xero_id="x1"))
    entry = await store.run(journal.by_id, place(connection), number)
    assert entry and entry.intent.xero_id == "x1"


# What can be undone


@pytest.mark.parametrize("action", [Action.LINK, Action.CREATE, Action.IGNORE, Action.UNLINK, Action.CHOOSE])
async def test_z_takes_the_newest_decision_of_that_person(store: Store, connection: int, action: Action) -> None:
    run = await store.run(runs.begin, connection, RunKind.INITIAL, "mia", "login of mia", 1)
    older = await decide(store, connection, intent(Action.LINK))
    mine = await decide(store, connection, intent(action))
    await decide(store, connection, intent(action), who="noa")
    await done(store, connection, intent(action), intent(Action.UNLINK, why=End.DELETED.value), run=run)
    await decide(store, connection, intent(action), state=EntryState.FAILED)
    await decide(store, connection, intent(action, undoes=1), kind=Action.UNDO)
    await decide(store, connection, intent(Action.UNDO, undoes=1))
    await decide(store, (await store.run(connect, "o2")).id, intent(action))
    await intend(store, connection, intent(action), decision=await begin(store, connection, action))
    assert await last(store, connection) == mine
    [entry] = await store.run(decisions.standing, place(connection), mine)
    await store.run(journal.mark_undone, [entry.id])
    assert await last(store, connection) == older


async def test_a_decision_that_begins_with_the_word_is_no_undo(store: Store, connection: int) -> None:
    mine = await decide(store, connection, intent(Action.LINK, why="undone by nobody"))
    assert await last(store, connection) == mine


async def test_a_link_that_ended_by_hand_can_be_taken_up_again(store: Store, connection: int) -> None:
    mine = await decide(store, connection, intent(Action.UNLINK, why="by hand"))
    assert await last(store, connection) == mine


async def test_what_a_decision_brought_to_xero_is_undone_with_it(store: Store, connection: int) -> None:
    """A value that a choice wrote is no entry to undo by itself; one of another contact is."""
    choice, value = intent(Action.CHOOSE), intent(side=Side.XERO)
    mine = await decide(store, connection, choice, value, intent(Action.LINK, "x2"), intent(xero_id="x3"))
    there = place(connection)
    found = await store.run(decisions.standing, there, mine)
    assert [entry.intent.xero_id for entry in found] == ["x3", "x2", "x1"]
    assert await store.run(decisions.count_standing, there, mine) == 3
    brought = [await store.run(decisions.brought_by, there, entry) for entry in found[1:]]
    assert [[entry.intent for entry in of_one] for of_one in brought] == [[], [value]]


async def test_ends_of_links_are_undone_last(store: Store, connection: int) -> None:
    """A contact that was deleted is there again before its link is resumed."""
    mine = await decide(store, connection, intent(Action.DELETE), intent(Action.UNLINK), kind=Action.DELETE)
    found = await store.run(decisions.standing, place(connection), mine)
    assert [entry.intent.action for entry in found] == [Action.DELETE, Action.UNLINK]


async def test_later_writes_to_the_pair_are_told_by_field(store: Store, connection: int) -> None:
    """Undo is refused per value that is no longer what the journal wrote."""
    [first] = await done(store, connection, intent(after={Field.NAME: "Earlier", Field.EMAIL: "e@x.example"}))
    [it] = await done(store, connection, intent(after=PHONE))
    entry = await store.run(journal.by_id, place(connection), it)
    assert entry
    assert await store.run(journal.written_after, connection, entry) == set()
    await done(store, connection, intent(after={Field.PHONE: "2"}, side=Side.KARBON))
    await done(store, connection, intent(after={Field.ADDRESS: Address(city="Perth")}, side=Side.XERO))
    await done(store, connection, intent(Action.SWAP, after=NAME, side=Side.XERO, marker="~aside"))
    await done(store, connection, intent(after=NAME), state=EntryState.FAILED)
    await done(store, connection, intent(xero_id="x2", after={Field.EMAIL: "e@x.example"}))
    await done(store, (await store.run(connect, "o2")).id, intent(after={Field.EMAIL: "e@x.example"}))
    await intend(store, connection, intent(after={Field.EMAIL: "e@x.example"}))
    assert await store.run(journal.written_after, connection, entry) == {Field.PHONE, Field.ADDRESS}
    earliest = await store.run(journal.by_id, place(connection), first)
    assert earliest and await store.run(journal.written_after, connection, earliest) == {Field.PHONE, Field.ADDRESS}


async def test_an_ignore_is_superseded_by_the_decision_that_followed(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    [ours, kept, link] = await done(
        store, connection, intent(Action.IGNORE, "x1"), intent(Action.IGNORE, "x2"), intent(Action.LINK, "x1")
    )
    [theirs] = await done(store, other, intent(Action.IGNORE, "x1"))
    [failed] = await done(store, connection, intent(Action.IGNORE, "x1"), state=EntryState.FAILED)
    await store.run(journal.supersede_ignored, connection, ["x1", "x9"])
    found = [await state(store, connection, number) for number in (ours, kept, link, failed)]
    assert found == ["undone", "done", "done", "failed"]
    assert await state(store, other, theirs) == "done"


async def test_where_nobody_ignored_anything_nothing_changes(store: Store, connection: int) -> None:
    await done(store, connection, intent(Action.LINK))
    before = await states(store)
    await store.run(journal.supersede_ignored, connection, ["x1"])
    assert await states(store) == before
