"""The mirrors: what was told comes back unchanged, with the keys that matching reads."""

from __future__ import annotations

import pytest
from peewee import SqliteDatabase

from tests.records import ADDRESS, EMAIL, karbon, xero
from tests.stores import connect
from xerosync_tui.domain.contact import Contact, Kind, XeroContact, XeroStatus
from xerosync_tui.store import links, mirror
from xerosync_tui.store.database import Store

FULL_XERO = xero(
    "x1", "Acme", EMAIL, "+61 2 5550 1234", address=ADDRESS, status=XeroStatus.ARCHIVED, updated=1_503_348_544_227,
    is_customer=True, first_name="Ann", last_name="Lee", company_number="1", contact_number="C1", merged_to="x2",
)  # fmt: skip
FULL_KARBON = karbon(
    "k1",
    "Ann Lee",
    EMAIL,
    "1",
    address=ADDRESS,
    kind=Kind.PERSON,
    contact_type="Client",
    client_identifier="A1",
    version=7,
)
AWKWARD = ["x" * 255, "two\nlines\r\n", "🙂👩‍👩‍👧", "שלום עולם", "a\x00b", "'; DROP TABLE link; --", "\u200b", "%_\\"]


def keys(db: SqliteDatabase, table: str) -> list[tuple[str | None, str | None]]:
    return list(db.execute_sql(f"SELECT name_key, email_key FROM {table} ORDER BY id"))


async def test_a_record_comes_back_as_it_was_told(store: Store, connection: int) -> None:
    await store.run(mirror.put_xero, connection, [FULL_XERO], 1)
    await store.run(mirror.put_karbon, connection, [FULL_KARBON])

    assert await store.run(mirror.xero_contact, connection, "x1") == FULL_XERO
    assert await store.run(mirror.karbon_contact, connection, "k1") == FULL_KARBON


@pytest.mark.parametrize("text", AWKWARD)
async def test_any_text_comes_back(store: Store, connection: int, text: str) -> None:
    told = XeroContact("x1", Contact(text, text, text))
    await store.run(mirror.put_xero, connection, [told], 1)
    assert await store.run(mirror.xero_contact, connection, "x1") == told


async def test_the_latest_telling_stands(store: Store, connection: int) -> None:
    await store.run(mirror.put_xero, connection, [FULL_XERO, xero("x2", "Old")], 1)
    await store.run(mirror.put_xero, connection, [xero("x2", "New", EMAIL)], 2)
    await store.run(mirror.put_karbon, connection, [FULL_KARBON])
    await store.run(mirror.put_karbon, connection, [karbon("k1", "Ben")])

    assert await store.run(mirror.xero_contact, connection, "x2") == xero("x2", "New", EMAIL)
    assert await store.run(mirror.karbon_contact, connection, "k1") == karbon("k1", "Ben")
    assert await store.run(mirror.counts, connection) == (2, 1)
    assert (await store.run(keys, "xero_contact"))[1] == ("new", EMAIL)
    assert await store.run(keys, "karbon_contact") == [("ben", None)]


@pytest.mark.parametrize(("email", "key"), [("", None), ("none", None), (f"Ann <{EMAIL.upper()}>", EMAIL)])
async def test_no_address_is_no_key(store: Store, connection: int, email: str, key: str | None) -> None:
    await store.run(mirror.put_xero, connection, [xero("x1", " ACME ", email)], 1)
    assert await store.run(keys, "xero_contact") == [("acme", key)]


async def test_gone_until_it_is_told_again(store: Store, connection: int) -> None:
    await store.run(mirror.put_karbon, connection, [karbon("k1"), karbon("k2")])
    await store.run(mirror.mark_gone, connection, ["k1", "never heard of"])
    assert await store.run(mirror.karbon_contact, connection, "k1") is None
    assert await store.run(mirror.counts, connection) == (0, 1)

    await store.run(mirror.put_karbon, connection, [karbon("k1")])
    assert await store.run(mirror.karbon_contact, connection, "k1") == karbon("k1")


async def test_a_complete_read_forgets_what_it_did_not_see_unless_linked(store: Store, connection: int) -> None:
    await store.run(mirror.put_xero, connection, [xero("seen"), xero("vanished"), xero("linked")], 1)
    base = Contact("Acme")
    await store.run(links.add, connection, [links.NewLink("linked", "k1", "", base, base)], 1)
    await store.run(mirror.put_xero, connection, [xero("seen")], 2)

    assert await store.run(mirror.drop_unseen, connection, 2) == 1
    assert await store.run(mirror.xero_contact, connection, "vanished") is None
    assert await store.run(mirror.xero_contact, connection, "linked")


async def test_archived_ones_are_counted(store: Store, connection: int) -> None:
    told = [xero("a"), xero("b", status=XeroStatus.ARCHIVED), xero("c", status=XeroStatus.GDPRREQUEST)]
    await store.run(mirror.put_xero, connection, told, 1)
    assert await store.run(mirror.count_archived, connection) == 1


async def test_connections_do_not_see_each_other(store: Store, connection: int) -> None:
    other = (await store.run(connect, "o2")).id
    await store.run(mirror.put_xero, connection, [xero("x1", "Mine")], 1)
    await store.run(mirror.put_xero, other, [xero("x1", "Theirs")], 1)
    await store.run(mirror.put_karbon, other, [karbon("k1")])

    mine = await store.run(mirror.xero_contact, connection, "x1")
    assert mine and mine.contact.name == "Mine"
    assert await store.run(mirror.karbon_contact, connection, "k1") is None
    assert await store.run(mirror.drop_unseen, connection, 9) == 1
    assert await store.run(mirror.xero_contact, other, "x1")
