"""The lists that screens page through: what a search finds, every order, and the rows of a list that stands still."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from peewee import SqliteDatabase

from tests.records import karbon, xero
from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.domain.contact import Contact, Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.match import Reason, Verdict
from xerosync_tui.store import directory, issues, links, mirror, plans, snapshots
from xerosync_tui.store.database import Store
from xerosync_tui.store.snapshots import Query

NOBODY = 1_000_000  # no row has this id


@dataclass(frozen=True)
class Who:
    """Somebody in a list."""

    name: str
    email: str = ""
    type: str = ""
    kind: Kind = Kind.ORGANIZATION
    synced: int = 1
    reason: Reason = Reason.HELD


def link(xero_id: str, key: str) -> links.NewLink:
    base = Contact("Acme")
    return links.NewLink(xero_id, key, "", base, base)


def record(key: str, name: str = "Acme", **more: Any) -> DirectoryRecord:
    return DirectoryRecord(key, more.pop("kind", Kind.ORGANIZATION), Contact(name, more.pop("email", "")), **more)


def as_clients(db: SqliteDatabase, connection: int, people: Sequence[Who]) -> None:
    told = [karbon(f"k{n}", p.name, p.email, contact_type=p.type, kind=p.kind) for n, p in enumerate(people)]
    mirror.put_karbon(db, connection, told)
    for n, p in enumerate(people):
        links.add(db, connection, [link(f"x{n}", f"k{n}")], p.synced)


def as_contacts(db: SqliteDatabase, connection: int, people: Sequence[Who]) -> None:
    made = [record(f"k{n}", p.name, email=p.email, kind=p.kind, contact_type=p.type) for n, p in enumerate(people)]
    directory.add(db, made)


def as_left_out(db: SqliteDatabase, connection: int, people: Sequence[Who]) -> None:
    mirror.put_xero(db, connection, [xero(f"x{n}", p.name, p.email) for n, p in enumerate(people)], 1)


def as_issues(db: SqliteDatabase, connection: int, people: Sequence[Who]) -> None:
    as_left_out(db, connection, people)
    for n, p in enumerate(people):
        issues.hold(db, connection, f"x{n}", p.reason, 1)


def as_plan(db: SqliteDatabase, connection: int, people: Sequence[Who]) -> None:
    as_left_out(db, connection, people)
    rows = [plans.ToKeep(f"x{n}", Verdict.CONFLICT, p.reason.value) for n, p in enumerate(people)]
    plans.put(db, connection, rows, 1, shown=True)


@dataclass(frozen=True)
class List:
    """A list: how people come into it, its query, and the name in one of its rows."""

    fill: Callable[[SqliteDatabase, int, Sequence[Who]], None]
    query: Callable[[int], Query[Any]]
    name: Callable[[Any], str]


LISTS = {
    "clients": List(as_clients, snapshots.clients, lambda row: row.contact.name),
    "contacts": List(as_contacts, snapshots.contacts, lambda row: row.record.contact.name),
    "unlinked": List(as_contacts, lambda c: snapshots.contacts(c, unlinked=True), lambda row: row.record.contact.name),
    "issues": List(as_issues, snapshots.issues, lambda row: row.name),
    "plan": List(as_plan, lambda c: snapshots.planned(c, Verdict.CONFLICT, snapshots.waiting), lambda row: row.name),
    "left out": List(
        as_left_out, lambda c: snapshots.left_out(c, ImportFilter.CUSTOMERS), lambda row: row.contact.name
    ),
}
every_list = pytest.mark.parametrize("which", LISTS)


async def rows(store: Store, query: Query[Any], search: str = "", order: str = "") -> list[Any]:
    """The rows of the whole list, in its order."""
    ids = await store.read(query.ids, search, order or next(iter(query.orders)))
    found = await store.read(query.rows, ids)
    return [found[row] for row in ids]


# A search

PERCENT = Who("100% Pure", "hundred@acme.example")
PLAIN = Who("1000 Pure", "snake_case@acme.example")
CAMEL = Who("🙂👩\u200d👩\u200d👧 Smile", "snakeXcase@acme.example")
PATH = Who("C:\\Temp", "temp@firm.example")
QUOTES = Who("O’Brien “Obi”", "ob'rien@firm.example")
UMLAUT = Who("Müller & Straße")
NAMELESS = Who("")
PEOPLE = (PERCENT, PLAIN, CAMEL, PATH, QUOTES, UMLAUT, NAMELESS)
FOUND = {
    "": list(PEOPLE),
    " \t ": list(PEOPLE),
    "%": [PERCENT],
    "0% p": [PERCENT],
    "_": [PLAIN],
    "SNAKE_case": [PLAIN],
    "\\": [PATH],
    "c:\\t": [PATH],
    "\\%": [],
    "'": [QUOTES],
    "ob'rien": [QUOTES],
    "O'BRIEN": [QUOTES],
    "o’brien": [QUOTES],
    '"obi"': [QUOTES],
    "' OR 1=1 --": [],
    "MÜLLER": [UMLAUT],
    "mu\u0308ller": [UMLAUT],
    "muller": [],
    "STRASSE": [UMLAUT],
    "🙂": [CAMEL],
    "👩\u200d👩\u200d👧": [CAMEL],
    "  100%   PURE ": [PERCENT],
    "pure": [PERCENT, PLAIN],
    "hundred": [PERCENT],
    "firm.EXAMPLE": [PATH, QUOTES],
    "<TEMP@firm.example>": [PATH],
    "example acme": [],
}


@every_list
async def test_a_search_finds_part_of_the_name_or_the_email(store: Store, connection: int, which: str) -> None:
    """Whatever is typed is text: nothing in it is a pattern or SQL."""
    one = LISTS[which]
    await store.run(one.fill, connection, PEOPLE)
    query = one.query(connection)
    found = {search: sorted(map(one.name, await rows(store, query, search))) for search in FOUND}
    assert found == {search: sorted(who.name for who in whom) for search, whom in FOUND.items()}


async def test_contacts_are_found_by_their_client_identifier_too(store: Store, connection: int) -> None:
    made = [record("k1", client_identifier="AB_1"), record("k2", client_identifier="ABX1"), record("k3")]
    await store.run(directory.add, made)
    found = await rows(store, snapshots.contacts(connection), "b_1")
    assert [row.record.key for row in found] == ["k1"]


# An order

CHERRY = Who("cherry", "a@x.example", "Client", Kind.PERSON, synced=1, reason=Reason.HELD)
BIG_APPLE = Who("Apple", "c@x.example", "Supplier", Kind.PERSON, synced=3, reason=Reason.CROSSED)
BANANA = Who("banana", "B@x.example", "Client", synced=2, reason=Reason.SEVERAL)
APPLE = Who("apple", "", "", synced=3, reason=Reason.SEVERAL)
FRUIT = (CHERRY, BIG_APPLE, BANANA, APPLE)
BY_NAME = [BIG_APPLE, APPLE, BANANA, CHERRY]
BY_EMAIL = [CHERRY, BANANA, BIG_APPLE, APPLE]
BY_TYPE = [APPLE, BANANA, CHERRY, BIG_APPLE]
OF_CONTACTS = {"name": BY_NAME, "email": BY_EMAIL, "type": BY_TYPE, "kind": [APPLE, BANANA, BIG_APPLE, CHERRY]}
ORDERS = {
    "clients": {"name": BY_NAME, "email": BY_EMAIL, "type": BY_TYPE, "synced": [BIG_APPLE, APPLE, BANANA, CHERRY]},
    "contacts": OF_CONTACTS,
    "unlinked": OF_CONTACTS,
    "issues": {"name": BY_NAME, "reason": [CHERRY, BIG_APPLE, APPLE, BANANA]},
    "plan": {"plan": list(FRUIT)},
    "left out": {"name": BY_NAME},
}


@pytest.mark.parametrize(("which", "order"), [(which, order) for which in ORDERS for order in ORDERS[which]])
async def test_an_order(store: Store, connection: int, which: str, order: str) -> None:
    """Case does not count, an empty email comes last, equals stand in the order in which they came."""
    one = LISTS[which]
    await store.run(one.fill, connection, FRUIT)
    names = [one.name(row) for row in await rows(store, one.query(connection), "", order)]
    assert names == [who.name for who in ORDERS[which][order]]


@every_list
def test_these_are_all_orders_and_the_first_is_the_default(which: str) -> None:
    assert list(LISTS[which].query(1).orders) == list(ORDERS[which])


@pytest.mark.parametrize("search", ["", "e"])
@every_list
async def test_the_first_page_is_the_beginning_of_the_list(
    store: Store, connection: int, which: str, search: str
) -> None:
    one = LISTS[which]
    await store.run(one.fill, connection, FRUIT * 3)
    query = one.query(connection)
    for order in query.orders:
        everything = await store.read(query.ids, search, order)
        assert len(everything) == 12
        assert store.look(query.ids, search, order, 5) == everything[:5]
        assert store.look(query.ids, search, order, 99) == everything


# The rows of some ids


@every_list
async def test_rows_are_those_of_the_ids_whatever_their_order(store: Store, connection: int, which: str) -> None:
    one = LISTS[which]
    await store.run(one.fill, connection, FRUIT)
    query, order = one.query(connection), next(iter(ORDERS[which]))
    ids = await store.read(query.ids, "", order)
    found = await store.read(query.rows, array("q", [ids[3], NOBODY, ids[0], ids[3]]))
    names = {row: one.name(value) for row, value in found.items()}
    assert names == {ids[3]: ORDERS[which][order][3].name, ids[0]: ORDERS[which][order][0].name}
    assert await store.read(query.rows, array("q")) == {}


@pytest.mark.parametrize(
    ("which", "goes"),
    [
        (
            "clients",
            lambda db, connection: db.execute_sql("UPDATE link SET state = 'unsynced' WHERE karbon_key = 'k1'"),
        ),
        ("contacts", lambda db, connection: directory.delete(db, "k1")),
        ("issues", lambda db, connection: issues.close_all(db, connection, ["x1"])),
        ("plan", lambda db, connection: plans.finish(db, connection, 2)),
        ("left out", lambda db, connection: mirror.drop_unseen(db, connection, 2)),
    ],
)
async def test_what_went_since_the_snapshot_is_no_row(
    store: Store, connection: int, which: str, goes: Callable[[SqliteDatabase, int], object]
) -> None:
    one = LISTS[which]
    query = one.query(connection)
    await store.run(one.fill, connection, FRUIT)
    ids = await store.read(query.ids, "", next(iter(query.orders)))
    await store.run(goes, connection)
    left = {one.name(row) for row in (await store.read(query.rows, ids)).values()}
    assert len(left) < 4 and BIG_APPLE.name not in left
    assert left == {one.name(row) for row in await rows(store, query)}


# How the ids are read

_LONG = [Who(f"Client {n}", f"c{n}@x.example") for n in range(1200)]


def columns_read(db: SqliteDatabase, table: str, read: Callable[..., object], *args: object) -> int:
    """How many columns ``read`` takes from the rows of the table itself, not from an index: SQLite's own program.

    The words of EXPLAIN QUERY PLAN do not tell: before 3.41 it calls no partial index a covering one.
    """
    said: list[str] = []
    db.connection().set_trace_callback(said.append)
    read(db, *args)
    db.connection().set_trace_callback(None)
    [root] = db.execute_sql("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    program = [step[1:4] for step in db.execute_sql(f"EXPLAIN {said[-1]}")]
    cursors = {cursor for opcode, cursor, page in program if (opcode, page) == ("OpenRead", root)}
    return sum(opcode == "Column" and cursor in cursors for opcode, cursor, _ in program)


@pytest.mark.parametrize("search", ["", "9"])
@pytest.mark.parametrize(
    ("which", "order", "table"),
    [
        ("clients", "name", "karbon_contact"),
        *(("contacts", order, "directory_contact") for order in ("name", "email", "kind")),
    ],
)
async def test_the_ids_of_a_long_list_come_from_an_index_alone(
    store: Store, connection: int, which: str, order: str, table: str, search: str
) -> None:
    one = LISTS[which]
    await store.run(one.fill, connection, _LONG)
    query = one.query(connection)
    ids = await store.read(query.ids, search, order)
    assert len(ids) > 200
    assert await store.read(columns_read, table, query.ids, search, order) == 0
    assert await store.read(columns_read, table, query.rows, ids[:50]) > 0
