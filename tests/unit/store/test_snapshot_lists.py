"""What is in each list that screens page through, and what is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from peewee import SqliteDatabase

from tests.records import ADDRESS, EMAIL, karbon, xero
from tests.stores import connect
from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.domain.contact import Contact, Kind, XeroStatus
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.match import Reason, Verdict
from xerosync_tui.store import directory, issues, links, mirror, plans, snapshots
from xerosync_tui.store.database import Store
from xerosync_tui.store.lists import Client
from xerosync_tui.store.snapshots import IssueRow, KarbonRow, Query

NOBODY = 1_000_000  # no row has this id


def link(xero_id: str, key: str, why: str = "") -> links.NewLink:
    base = Contact("Acme")
    return links.NewLink(xero_id, key, why, base, base)


def end_link(db: SqliteDatabase, connection: int, key: str) -> None:
    ended = "UPDATE link SET state = 'unsynced' WHERE connection_id = ? AND karbon_key = ?"
    db.execute_sql(ended, (connection, key))


async def rows(store: Store, query: Query[Any], search: str = "", order: str = "") -> list[Any]:
    """The rows of the whole list, in its order."""
    ids = await store.read(query.ids, search, order or next(iter(query.orders)))
    found = await store.read(query.rows, ids)
    return [found[row] for row in ids]


async def test_a_client_is_a_synced_link_as_karbon_was_last_read(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    whole = karbon("k1", "Ann Lee", EMAIL, "1", address=ADDRESS, kind=Kind.PERSON, contact_type="Client")
    await store.run(mirror.put_karbon, connection, [whole, *(karbon(key) for key in ("gone", "ended", "free"))])
    await store.run(mirror.put_karbon, other, [karbon("k1"), karbon("free")])
    made = [link("x1", "k1", "same name"), link("x2", "gone"), link("x3", "ended"), link("x4", "unread")]
    await store.run(links.add, connection, made, 7)
    await store.run(links.add, other, [link("x8", "k1"), link("x9", "free")], 8)
    await store.run(mirror.mark_gone, connection, ["gone"])
    await store.run(end_link, connection, "ended")

    assert await rows(store, snapshots.clients(connection)) == [
        Client("x1", "k1", Kind.PERSON, whole.contact, "Client", "same name", 7, 7)
    ]
    assert await rows(store, snapshots.clients(0)) == []


async def test_a_client_has_the_time_of_the_link_that_holds(store: Store, connection: int) -> None:
    """An earlier link of the same Karbon contact ended; neither its place nor its row is that one's."""
    await store.run(mirror.put_karbon, connection, [karbon("k1", "A"), karbon("k2", "B")])
    await store.run(links.add, connection, [link("x1", "k1")], 9)
    await store.run(end_link, connection, "k1")
    await store.run(links.add, connection, [link("x2", "k2")], 5)
    await store.run(links.add, connection, [link("x3", "k1")], 3)
    found = await rows(store, snapshots.clients(connection), order="synced")
    assert [(row.xero_id, row.karbon_key, row.synced_at) for row in found] == [("x2", "k2", 5), ("x3", "k1", 3)]


async def test_contacts_and_whether_they_are_synced_in_this_connection(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    keys = ("a here", "b there", "c ended", "d free", "e deleted")
    made = await store.run(directory.add, [DirectoryRecord(key, Kind.ORGANIZATION, Contact(key)) for key in keys])
    await store.run(links.add, connection, [link("x1", "a here"), link("x2", "c ended")], 1)
    await store.run(links.add, other, [link("x1", "b there")], 1)
    await store.run(end_link, connection, "c ended")
    await store.run(directory.delete, "e deleted")

    here = [KarbonRow(r, synced) for r, synced in zip(made, (True, False, False, False), strict=False)]
    assert await rows(store, snapshots.contacts(connection)) == here
    assert await rows(store, snapshots.contacts(connection, unlinked=True)) == [here[1], here[3]]
    unconnected = [KarbonRow(r, False) for r in made[:4]]
    assert await rows(store, snapshots.contacts(0)) == unconnected
    assert await rows(store, snapshots.contacts(0, unlinked=True)) == unconnected


async def test_issues_are_the_open_ones_and_the_ignored_on_request(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    told = [xero("x0", "Open", EMAIL), xero("x1", "Ignored"), xero("x2", "Closed")]
    await store.run(mirror.put_xero, connection, told, 1)
    await store.run(mirror.put_xero, other, [xero("x0", "Theirs")], 1)
    await store.run(issues.hold, other, "x0", Reason.HELD, 1)
    for x, reason in (("x0", Reason.TAKEN), ("x1", Reason.HELD), ("x2", Reason.HELD)):
        await store.run(issues.hold, connection, x, reason, 1)
    await store.run(issues.close_all, connection, ["x2"])
    [before] = await rows(store, snapshots.issues(connection), "Ignored")
    await store.run(issues.set_ignored, connection, "x1", True)
    number = {x: await store.run(issues.id_of, connection, x) for x in ("x0", "x1")}

    waits = IssueRow(number["x0"], "x0", "Open", EMAIL, Reason.TAKEN)
    ignored = IssueRow(number["x1"], "x1", "Ignored", "", Reason.HELD, ignored=True)
    assert await rows(store, snapshots.issues(connection)) == [waits]
    assert await rows(store, snapshots.issues(connection, ignored=True)) == [ignored, waits]
    assert before == replace(ignored, ignored=False)  # a list that stands still shows it so from now on
    assert await store.read(snapshots.issues(connection).rows, [before.id]) == {before.id: ignored}


async def test_a_plan_lists_one_verdict_of_one_connection(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    for owner, prefix in ((connection, ""), (other, "theirs ")):
        told = [xero(f"x{n}", f"{prefix}{name}", EMAIL) for n, name in enumerate(("Pair", "New", "Left", "Clash"))]
        await store.run(mirror.put_xero, owner, told, 1)
        planned = [
            plans.ToKeep("x3", Verdict.CONFLICT, Reason.RIVALS.value),
            plans.ToKeep("x0", Verdict.FULL_MATCH, "", "k1"),
            plans.ToKeep("x1", Verdict.NEW),
            plans.ToKeep("x2", Verdict.LEFT_OUT),
        ]
        await store.run(plans.put, owner, planned, 1, shown=True)

    found = {
        verdict: await rows(store, snapshots.planned(connection, verdict, snapshots.waiting)) for verdict in Verdict
    }
    assert found == {
        Verdict.FULL_MATCH: [IssueRow(0, "x0", "Pair", EMAIL, None)],
        Verdict.NEW: [IssueRow(0, "x1", "New", EMAIL, None)],
        Verdict.LEFT_OUT: [IssueRow(0, "x2", "Left", EMAIL, None)],
        Verdict.CONFLICT: [IssueRow(0, "x3", "Clash", EMAIL, Reason.RIVALS)],
    }
    [place] = await store.read(snapshots.planned(connection, Verdict.NEW, snapshots.waiting).ids, "", "plan")
    mirrored = await store.read(snapshots.mirror_rows, [place, NOBODY])
    told_of = await store.read(lambda db: db.execute_sql("SELECT id FROM xero_contact WHERE name = 'New'").fetchone())
    assert mirrored == {place: told_of[0]}


@pytest.mark.parametrize(
    ("import_filter", "names"),
    [
        (ImportFilter.ALL, []),
        (ImportFilter.CUSTOMERS, ["Neither", "Supplier"]),
        (ImportFilter.CUSTOMERS_SUPPLIERS, ["Neither"]),
    ],
)
async def test_left_out_are_active_unlinked_contacts_outside_the_filter(
    store: Store, connection: int, import_filter: ImportFilter, names: Sequence[str]
) -> None:
    other = (await store.run(connect, "o2")).id
    told = [
        xero("x1", "Neither", EMAIL, "1", address=ADDRESS, updated=5, contact_number="C1"),
        xero("x2", "Supplier", is_supplier=True),
        xero("x3", "Customer", is_customer=True),
        xero("x4", "Archived", status=XeroStatus.ARCHIVED),
        xero("x5", "Linked"),
        xero("x6", "Ended"),
    ]
    await store.run(mirror.put_xero, connection, told, 1)
    await store.run(mirror.put_xero, other, [xero("x9", "Theirs")], 1)
    await store.run(links.add, connection, [link("x5", "k5"), link("x6", "k6")], 1)
    await store.run(end_link, connection, "k6")

    by_name = {record.contact.name: record for record in told}
    assert await rows(store, snapshots.left_out(connection, import_filter)) == [by_name[name] for name in names]
