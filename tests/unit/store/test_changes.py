"""Where to look, the base that moves field by field, and the fields that wait for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from peewee import SqliteDatabase

from tests.records import ADDRESS, karbon, xero
from tests.stores import connect
from xerosync_tui.domain.contact import NO_ADDRESS, Contact, Field, KarbonContact, Value, XeroContact, XeroStatus
from xerosync_tui.domain.link import Linked, Rules
from xerosync_tui.domain.merge import Merge, merge
from xerosync_tui.domain.states import Action, EntryState, FailedSide, Side
from xerosync_tui.store import changes, journal, links, mirror, runs
from xerosync_tui.store.database import Store

XERO = xero("x1", "Acme", "a@x.example", "1", address=ADDRESS, updated=5, contact_number="C1")
KARBON = karbon("k1", "ACME", "A@x.example", "01", address=replace(ADDRESS, country="AU"), version=3)
BASES = Contact("Base", "b@x.example", "2", ADDRESS), Contact("BASE", "B@x.example", "02", NO_ADDRESS)
NEW: dict[Field, tuple[Value, Value]] = {
    Field.NAME: ("New", "NEW"),
    Field.EMAIL: ("n@x.example", "N@x.example"),
    Field.PHONE: ("3", ""),
    Field.ADDRESS: (replace(ADDRESS, city="Perth"), NO_ADDRESS),
}


def link(
    db: SqliteDatabase,
    connection: int,
    x: XeroContact = XERO,
    k: KarbonContact = KARBON,
    unfilled: tuple[Field, ...] = (),
) -> int:
    """Mirrored, linked, and nothing left to do; the link's id."""
    mirror.put_xero(db, connection, [x], 1)
    mirror.put_karbon(db, connection, [k])
    links.add(db, connection, [links.NewLink(x.id, k.key, "why", *BASES, unfilled)], 5)
    return int(db.execute_sql("SELECT max(id) FROM link").fetchone()[0])


def looked(db: SqliteDatabase, connection: int) -> list[str]:
    return [pair.xero.id for pair in changes.looked(db, connection, 0, 100)]


def bases(db: SqliteDatabase, connection: int, xero_id: str = "x1") -> tuple[Contact, Contact]:
    found = changes.linked(db, connection, xero_id)
    assert found
    return found.xero_base, found.karbon_base


async def the_pair(store: Store, connection: int, xero_id: str = "x1") -> Linked:
    found = await store.run(changes.linked, connection, xero_id)
    assert found
    return found


# Where to look


@pytest.mark.parametrize(
    "changed",
    [
        {"contact": replace(XERO.contact, name="Other")},
        {"contact": replace(XERO.contact, name="ACME")},  # equal by key
        {"contact": replace(XERO.contact, email="")},
        {"contact": replace(XERO.contact, phone="2")},
        {"contact": replace(XERO.contact, address=replace(ADDRESS, line4="Rear"))},
        {"status": XeroStatus.ARCHIVED},
        {"status": XeroStatus.GDPRREQUEST},
        {"merged_to": "x2"},
    ],
    ids=str,
)
async def test_a_change_in_xero_is_looked_at(store: Store, connection: int, changed: Mapping[str, Any]) -> None:
    await store.run(link, connection)
    await store.run(link, connection, xero("x2"), karbon("k2"))
    assert await store.run(looked, connection) == []
    await store.run(mirror.put_xero, connection, [replace(XERO, **changed), xero("x2")], 2)
    assert await store.run(looked, connection) == ["x1"]


@pytest.mark.parametrize(
    "changed",
    [{}, {"updated": 9}, {"is_customer": True}, {"first_name": "Ann"}, {"company_number": "1"}, {"contact_number": ""}],
    ids=str,
)
async def test_what_is_not_synced_is_not_looked_at(store: Store, connection: int, changed: Mapping[str, Any]) -> None:
    """Our own write comes back at the next poll with another time: that is not work."""
    await store.run(link, connection)
    await store.run(mirror.put_xero, connection, [replace(XERO, **changed)], 2)
    await store.run(mirror.put_karbon, connection, [replace(KARBON, version=9, contact_type="Client")])
    assert await store.run(looked, connection) == []


@pytest.mark.parametrize("field", Field)
async def test_a_change_in_karbon_is_looked_at(store: Store, connection: int, field: Field) -> None:
    await store.run(link, connection)
    await store.run(link, connection, xero("x2"), karbon("k2"))
    edited = replace(KARBON, contact=KARBON.contact.with_values({field: NEW[field][0]}))
    await store.run(mirror.put_karbon, connection, [edited, karbon("k2")])
    assert await store.run(looked, connection) == ["x1"]


async def test_a_deletion_in_karbon_and_its_return_are_looked_at(store: Store, connection: int) -> None:
    number = await store.run(link, connection)
    await store.run(mirror.mark_gone, connection, ["k1"])
    [pair] = await store.run(changes.looked, connection, 0, 9)
    assert pair.gone and pair.linked
    await store.run(changes.done_looking, [number])
    await store.run(mirror.mark_gone, connection, ["k1"])
    assert await store.run(looked, connection) == []
    await store.run(mirror.put_karbon, connection, [KARBON])
    assert await store.run(looked, connection) == ["x1"]


async def test_a_complete_read_that_missed_it_is_looked_at(store: Store, connection: int) -> None:
    await store.run(link, connection)
    await store.run(mirror.mark_unseen, connection, 2, set())
    [pair] = await store.run(changes.looked, connection, 0, 9)
    assert pair.xero.status is XeroStatus.GONE


async def test_an_edit_of_another_connection_is_not_ours(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    await store.run(link, connection)
    await store.run(link, other)
    await store.run(mirror.put_xero, other, [replace(XERO, contact=Contact("Other"))], 2)
    await store.run(mirror.put_karbon, other, [replace(KARBON, contact=Contact("Other"))])
    assert await store.run(looked, connection) == []
    assert await store.run(looked, other) == ["x1"]


async def test_every_holder_of_a_karbon_contact_is_looked_at(store: Store, connection: int) -> None:
    """An ended link keeps its row: what became of it is shown under Unsynced."""
    await store.run(link, connection)
    await store.run(links.end, connection, [("x1", "by hand")])
    await store.run(link, connection, xero("x2"), KARBON)
    await store.run(mirror.put_karbon, connection, [replace(KARBON, contact=Contact("Other"))])
    pairs = await store.run(changes.looked, connection, 0, 9)
    assert [(pair.xero.id, pair.synced) for pair in pairs] == [("x1", False), ("x2", True)]


async def test_links_to_look_at_come_in_pages(store: Store, connection: int) -> None:
    numbers = [await store.run(link, connection, xero(f"x{n}"), karbon(f"k{n}")) for n in range(5)]
    await store.run(changes.look_everywhere, connection)
    first = await store.run(changes.looked, connection, 0, 2)
    second = await store.run(changes.looked, connection, first[-1].id, 9)
    assert [pair.id for pair in (*first, *second)] == numbers
    assert len(first) == 2


async def test_looked_at_is_done_until_something_changes(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    numbers = [await store.run(link, connection, xero(f"x{n}"), karbon(f"k{n}")) for n in range(3)]
    await store.run(link, other)
    await store.run(changes.look_everywhere, connection)
    assert (await store.run(looked, connection), await store.run(looked, other)) == (["x0", "x1", "x2"], [])
    await store.run(changes.done_looking, numbers[:2])
    assert await store.run(looked, connection) == ["x2"]
    await store.run(changes.look_at, connection, ["x0", "never linked"])
    assert await store.run(looked, connection) == ["x0", "x2"]


# What is there to see


async def test_a_pair_comes_with_all_that_its_merge_rests_on(store: Store, connection: int) -> None:
    number = await store.run(link, connection, unfilled=(Field.PHONE, Field.ADDRESS))
    expected = Linked(number, XERO, KARBON, *BASES, frozenset({Field.PHONE, Field.ADDRESS}))
    assert await store.run(changes.pair, connection, "x1") == changes.Pair(
        number, True, "why", False, "k1", XERO, expected
    )
    assert await store.run(changes.by_link, [number, number + 1]) == [expected]
    assert await store.run(changes.pair, connection + 1, "x1") is None


async def test_an_ended_link_is_a_pair_but_not_linked(store: Store, connection: int) -> None:
    number = await store.run(link, connection)
    await store.run(links.end, connection, [("x1", "by hand")])
    pair = await store.run(changes.pair, connection, "x1")
    assert pair and (pair.synced, pair.why) == (False, "by hand")
    assert await store.run(changes.linked, connection, "x1") is None
    assert await store.run(changes.by_link, [number]) == []


async def test_a_karbon_contact_that_was_never_mirrored(store: Store, connection: int) -> None:
    await store.run(mirror.put_xero, connection, [XERO], 1)
    await store.run(links.add, connection, [links.NewLink("x1", "k9", "why", *BASES)], 5)
    pair = await store.run(changes.pair, connection, "x1")
    assert pair and (pair.linked, pair.gone) == (None, False)


async def test_a_temporary_name_is_told_while_its_intent_is_open(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    await store.run(link, connection)
    await store.run(link, connection, xero("x2"), karbon("k2"))
    await store.run(link, other)
    name: dict[Field, Value] = {Field.NAME: "Acme"}
    swap = journal.Intent(Action.SWAP, "x1", "k1", name, name, "", Side.XERO, marker="~aside")
    update = journal.Intent(Action.UPDATE, "x2", "k2", name, name, "", Side.XERO)
    author = journal.Author(journal.Place(connection, "builtin"), "mia", "1001")
    await store.run(journal.intend, author, 5, [swap, update])
    assert [(await the_pair(store, connection, x)).half_renamed for x in ("x1", "x2")] == [True, False]
    assert not (await the_pair(store, other)).half_renamed
    await store.run(journal.close_swap, connection, "x1", 6, EntryState.DONE)
    assert not (await the_pair(store, connection)).half_renamed


# The base


@pytest.mark.parametrize("fields", [[field] for field in Field] + [list(Field), [Field.PHONE, Field.NAME]], ids=str)
async def test_an_acknowledgement_moves_exactly_these_halves(
    store: Store, connection: int, fields: list[Field]
) -> None:
    """P6."""
    await store.run(link, connection)
    await store.run(link, connection, xero("x2"), karbon("k2"))
    halves = {field: NEW[field] for field in fields}
    await store.run(changes.acknowledge, [(await the_pair(store, connection), halves)], 9)
    expected = (
        BASES[0].with_values({field: ours for field, (ours, _) in halves.items()}),
        BASES[1].with_values({field: theirs for field, (_, theirs) in halves.items()}),
    )
    assert await store.run(bases, connection) == expected
    assert await store.run(bases, connection, "x2") == BASES
    rows = await store.run(lambda db: list(db.execute_sql("SELECT synced_at, linked_at FROM link ORDER BY id")))
    assert rows == [(9, 5), (5, 5)]


async def test_an_acknowledgement_of_nothing_is_none(store: Store, connection: int) -> None:
    await store.run(link, connection, unfilled=(Field.PHONE,))
    await store.run(changes.acknowledge, [(await the_pair(store, connection), {})], 9)
    assert await store.run(lambda db: list(db.execute_sql("SELECT synced_at, unfilled FROM link"))) == [(5, "phone")]
    assert await store.run(bases, connection) == BASES


async def test_an_acknowledgement_changes_nothing_else_of_a_link(store: Store, connection: int) -> None:
    """It is still looked at: what another field has to do is not done with it."""
    await store.run(link, connection)
    await store.run(changes.look_everywhere, connection)
    await store.run(changes.acknowledge, [(await the_pair(store, connection), NEW)], 9)
    assert await store.run(looked, connection) == ["x1"]
    pair = await store.run(changes.pair, connection, "x1")
    assert pair and (pair.synced, pair.why, pair.xero) == (True, "why", XERO)


async def test_what_went_over_is_no_longer_unfilled(store: Store, connection: int) -> None:
    await store.run(link, connection, unfilled=(Field.EMAIL, Field.PHONE, Field.ADDRESS))
    halves = {field: NEW[field] for field in (Field.NAME, Field.PHONE)}
    await store.run(changes.acknowledge, [(await the_pair(store, connection), halves)], 9)
    assert (await the_pair(store, connection)).unfilled == {Field.EMAIL, Field.ADDRESS}
    rest = {field: NEW[field] for field in (Field.EMAIL, Field.ADDRESS)}
    await store.run(changes.acknowledge, [(await the_pair(store, connection), rest)], 9)
    assert (await the_pair(store, connection)).unfilled == frozenset()


@pytest.mark.parametrize("field", Field)
async def test_to_keep_karbons_value_is_an_edit_to_xero(store: Store, connection: int, field: Field) -> None:
    """Both changed; Karbon's half of the base becomes what Xero holds, and Xero's own does not move."""
    await store.run(link, connection)
    await store.run(link, connection, xero("x2"), karbon("k2"))
    kept = {field: XERO.contact.value(field)}
    ours, theirs = XERO.contact, XERO.contact.with_values({field: NEW[field][0]})
    await store.run(mirror.put_karbon, connection, [replace(KARBON, contact=theirs)])
    pair = await the_pair(store, connection)
    agreed = {f: (ours.value(f), theirs.value(f)) for f in Field}
    await store.run(changes.acknowledge, [(pair, agreed)], 9)
    await store.run(changes.done_looking, [pair.id])

    await store.run(changes.keep_karbons, connection, {"x1": kept})
    assert await store.run(looked, connection) == ["x1"]
    assert await store.run(bases, connection) == (ours, theirs.with_values({**kept}))
    assert merge(await the_pair(store, connection), Rules("AU")) == Merge(to_xero={field: NEW[field][0]})
    assert await store.run(bases, connection, "x2") == BASES


# Fields that wait for a person


async def put(store: Store, connection: int, found: Mapping[str, list[Field]], now: int = 5) -> None:
    await store.run(changes.put_conflicts, connection, found, now)


async def conflicts(store: Store, connection: int) -> list[tuple[str, tuple[Field, ...]]]:
    return [(pair.xero.id, fields) for _, pair, fields in await store.run(changes.in_conflict, connection)]


async def test_conflicts_come_by_name_with_their_fields_in_order(store: Store, connection: int) -> None:
    for n, name in enumerate(("beta", "Alpha", "gamma")):
        await store.run(link, connection, xero(f"x{n}", name), karbon(f"k{n}"))
    turned = [Field.ADDRESS, Field.PHONE, Field.EMAIL, Field.NAME]
    await put(store, connection, {"x0": [Field.PHONE], "x1": turned, "x2": []})
    assert await conflicts(store, connection) == [("x1", tuple(Field)), ("x0", (Field.PHONE,))]
    assert await store.run(changes.count_conflicts, connection) == 5


async def test_a_conflict_that_is_none_any_more_goes_and_the_others_keep_their_age(
    store: Store, connection: int
) -> None:
    await store.run(link, connection)
    await store.run(link, connection, xero("x2"), karbon("k2"))
    await put(store, connection, {"x1": [Field.EMAIL, Field.PHONE], "x2": [Field.NAME]})
    [before] = [number for number, pair, _ in await store.run(changes.in_conflict, connection) if pair.xero.id == "x1"]
    await put(store, connection, {"x1": [Field.EMAIL, Field.ADDRESS]}, now=9)
    rows = "SELECT xero_id, field, opened_at FROM field_conflict ORDER BY xero_id, field"
    assert await store.run(lambda db: list(db.execute_sql(rows))) == [
        ("x1", "address", 9), ("x1", "email", 5), ("x2", "name", 5),
    ]  # fmt: skip
    [after] = [number for number, pair, _ in await store.run(changes.in_conflict, connection) if pair.xero.id == "x1"]
    assert after == before  # by which a person calls it
    await put(store, connection, {"x1": []})
    assert await conflicts(store, connection) == [("x2", (Field.NAME,))]


async def test_conflicts_of_another_connection_are_not_ours(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    for one in (connection, other):
        await store.run(link, one)
        await put(store, one, {"x1": [Field.PHONE]})
    await put(store, other, {"x1": []})
    assert await conflicts(store, connection) == [("x1", (Field.PHONE,))]
    assert (await store.run(changes.count_conflicts, other), await conflicts(store, other)) == (0, [])


async def test_a_conflict_of_a_link_that_ended_is_not_offered(store: Store, connection: int) -> None:
    await store.run(link, connection)
    await put(store, connection, {"x1": [Field.PHONE]})
    await store.run(links.end, connection, [("x1", "by hand")])
    assert await conflicts(store, connection) == []


async def test_what_a_run_does_in_one_transaction_is_gone_with_it(store: Store, connection: int) -> None:
    """P6: no acknowledgement, no base."""
    await store.run(link, connection)
    pair_before = await the_pair(store, connection)

    def fail(db: SqliteDatabase) -> None:
        changes.acknowledge(db, [(pair_before, NEW)], 9)
        mirror.put_xero(db, connection, [replace(XERO, contact=Contact("Other"))], 2)
        runs.put_failed(db, connection, FailedSide.TO_XERO, [("x1", "Acme", "no")], 9)
        raise LookupError

    with pytest.raises(LookupError):
        await store.run(fail)
    assert await the_pair(store, connection) == pair_before
    assert await store.run(looked, connection) == []
