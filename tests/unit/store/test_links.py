"""Links: one-to-one by unique indexes (promise P1), ended but not forgotten."""

from __future__ import annotations

import peewee
import pytest
from peewee import SqliteDatabase

from tests.stores import connect
from xerosync_tui.domain.contact import Contact
from xerosync_tui.domain.states import LinkState
from xerosync_tui.store import connections, links
from xerosync_tui.store.database import Store

A, B = Contact("Acme", "a@acme.example"), Contact("ACME", "A@acme.example")


def pair(db: SqliteDatabase, connection: int, *pairs: tuple[str, str]) -> None:
    links.add(db, connection, [links.NewLink(xero_id, key, "why", A, B) for xero_id, key in pairs], 5)


def all_links(db: SqliteDatabase) -> list[tuple[object, ...]]:
    return list(db.execute_sql("SELECT connection_id, xero_id, karbon_key, state FROM link ORDER BY id"))


async def test_a_link_and_its_base(store: Store, connection: int) -> None:
    await store.run(pair, connection, ("x1", "k1"))
    [row] = await store.run(lambda db: list(db.execute_sql("SELECT xero_name, karbon_name, karbon_email FROM link")))
    assert row == ("Acme", "ACME", "A@acme.example")
    assert await store.run(links.count, connection) == 1


@pytest.mark.parametrize("second", [("x1", "k2"), ("x2", "k1"), ("x1", "k1")])
async def test_neither_side_has_two(store: Store, connection: int, second: tuple[str, str]) -> None:
    """P1: unique indexes, not code."""
    await store.run(pair, connection, ("x1", "k1"))
    with pytest.raises(peewee.IntegrityError):
        await store.run(pair, connection, ("x9", "k9"), second)
    assert await store.run(all_links) == [(connection, "x1", "k1", "synced")]  # the whole batch went back


GONE = "deleted in Karbon"


async def test_an_ended_link_still_holds_its_xero_contact(store: Store, connection: int) -> None:
    await store.run(pair, connection, ("x1", "k1"))
    assert await store.run(links.end, connection, [("x1", GONE), ("never linked", GONE)]) == {"x1": "k1"}
    with pytest.raises(peewee.IntegrityError):
        await store.run(pair, connection, ("x1", "k2"))
    assert await store.run(links.is_linked, connection, "x1")


async def test_an_ended_link_frees_its_karbon_contact(store: Store, connection: int) -> None:
    await store.run(pair, connection, ("x1", "k1"))
    await store.run(links.end, connection, [("x1", GONE)])
    await store.run(pair, connection, ("x2", "k1"))

    assert [row[1:] for row in await store.run(all_links)] == [("x1", "k1", "unsynced"), ("x2", "k1", "synced")]
    found = await store.run(links.of_karbon, connection, "k1")
    assert found and (found.xero_id, found.state) == ("x2", "synced")
    assert (await store.run(links.count, connection), await store.run(links.count, connection, LinkState.UNSYNCED)) == (
        1,
        1,
    )


async def test_a_state_nobody_knows_is_refused(store: Store, connection: int) -> None:
    await store.run(pair, connection, ("x1", "k1"))
    with pytest.raises(peewee.IntegrityError):
        await store.run(lambda db: db.execute_sql("UPDATE link SET state = 'paused'"))


async def test_another_organisation_shares_nothing(store: Store, connection: int) -> None:
    """P18."""
    other = (await store.run(connect, "o2")).id
    await store.run(pair, connection, ("x1", "k1"))
    await store.run(pair, other, ("x1", "k1"))
    await store.run(links.end, other, [("x1", GONE)])

    assert await store.run(links.count, connection) == 1
    assert await store.run(links.count, other) == 0


async def test_another_directory_of_the_same_organisation_shares_nothing(store: Store, connection: int) -> None:
    """P18: the connection is the pair of both, and comes back as it was left."""

    def join(db: SqliteDatabase, directory: str) -> int:
        known = connections.by_id(db, connection).organisation
        return connections.activate(db, known, directory, 2).id

    await store.run(pair, connection, ("x1", "k1"))
    first = (await store.run(connections.by_id, connection)).directory
    other = await store.run(join, "another directory")
    assert other != connection
    assert await store.run(links.count, other) == 0
    assert await store.run(join, first) == connection
    assert await store.run(links.count, connection) == 1


async def test_a_link_needs_a_connection(store: Store) -> None:
    with pytest.raises(peewee.IntegrityError):
        await store.run(pair, 99, ("x1", "k1"))


async def test_removed_it_never_was(store: Store, connection: int) -> None:
    await store.run(pair, connection, ("x1", "k1"))
    await store.run(links.remove, connection, "x1")
    assert await store.run(all_links) == []
    await store.run(pair, connection, ("x1", "k2"))


async def test_which_are_taken(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    await store.run(pair, connection, ("x1", "k1"), ("x2", "k2"))
    await store.run(pair, other, ("x1", "k3"))
    await store.run(links.end, connection, [("x2", GONE)])
    assert await store.run(links.taken, connection, ["k1", "k2", "k3", "nobody"]) == {"k1", "k2"}
    assert await store.run(links.taken, connection, []) == set()
