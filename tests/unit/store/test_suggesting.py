"""The index behind suggestions: entered when asked for, and true to the mirror after every change of it."""

from __future__ import annotations

from array import array

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Contact, KarbonContact, Kind, XeroContact, XeroStatus
from xerosync_tui.domain.forms import blocks_of, form_of
from xerosync_tui.domain.states import Side
from xerosync_tui.store import mirror, offers, suggesting
from xerosync_tui.store.database import Store
from xerosync_tui.store.offers import LIKELIEST

NAMES = ("Ann Lee", "Anne Lee", "Acme Pty Ltd", "Acme Limited", "Kestrel Plumbing", "Zoë Müller", "")
EMAILS = ("", "ann@acme.example", "info@acme.example", "ann.lee@gmail.com")


def karbon(key: str, name: str, email: str = "", version: int = 1) -> KarbonContact:
    return KarbonContact(key, Kind.ORGANIZATION, Contact(name, email), version=version)


def catch_up(db: SqliteDatabase, connection: int, side: Side = Side.KARBON) -> None:
    while not suggesting.catch_up(db, connection, side):
        pass


def keys_for(db: SqliteDatabase, connection: int, name: str, email: str = "", *, ended: bool = False) -> list[str]:
    return [o.karbon.key for o in offers.suggestions(db, connection, Contact(name, email), 20, ended=ended)]


def entered(db: SqliteDatabase, connection: int, side: Side = Side.KARBON) -> dict[int, set[int]]:
    """By block: the rows in it, as far as there are any."""
    rows = db.execute_sql(
        "SELECT block, contacts FROM suggest_block WHERE connection_id = ? AND side = ?", (connection, side)
    )
    lists = {block: list(array("I", contacts)) for block, contacts in rows}
    assert all(len(found) == len(set(found)) for found in lists.values()), "entered twice"
    return {block: set(found) for block, found in lists.items() if found}


def expected(db: SqliteDatabase, connection: int) -> dict[int, set[int]]:
    """The same, worked out from the mirror alone."""
    found: dict[int, set[int]] = {}
    sql = "SELECT id, name, email FROM karbon_contact WHERE connection_id = ? AND gone = 0"
    for row, name, email in db.execute_sql(sql, (connection,)):
        for block in blocks_of(form_of(name, email)):
            found.setdefault(block, set()).add(row)
    return found


STEP = st.tuples(
    st.sampled_from(("put", "gone", "look")),
    st.sampled_from("abcd"),
    st.sampled_from(NAMES),
    st.sampled_from(EMAILS),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, max_size=12))
async def test_the_index_holds_what_the_mirror_holds(
    store: Store, connection: int, steps: list[tuple[str, str, str, str]]
) -> None:
    def work(db: SqliteDatabase) -> None:
        db.execute_sql("UPDATE karbon_contact SET gone = 1")
        [[begun]] = db.execute_sql("SELECT coalesce(max(version), 0) FROM karbon_contact").fetchall()
        for number, (act, key, name, email) in enumerate(steps, begun + 1):
            if act == "put":
                mirror.put_karbon(db, connection, [karbon(key, name, email, number)])
            elif act == "gone":
                mirror.mark_gone(db, connection, [key])
            else:
                catch_up(db, connection)
        catch_up(db, connection)
        assert entered(db, connection) == expected(db, connection)

    await store.run(work)


async def test_who_is_linked_or_gone_is_not_suggested(store: Store, connection: int) -> None:
    def work(db: SqliteDatabase) -> None:
        put = [karbon(key, "Ann Lee", f"ann{key}@gmail.com") for key in ("free", "gone", "synced", "ended")]
        mirror.put_karbon(db, connection, put)
        mirror.mark_gone(db, connection, ["gone"])
        for xero_id, key, state in (("x1", "synced", "synced"), ("x2", "ended", "unsynced")):
            db.execute_sql(
                "INSERT INTO link (connection_id, xero_id, karbon_key, state, why, linked_at, synced_at, xero_name, "
                "xero_email, xero_phone, xero_address, karbon_name, karbon_email, karbon_phone, karbon_address) "
                "VALUES (?, ?, ?, ?, '', 0, 0, '', '', '', '', '', '', '', '')",
                (connection, xero_id, key, state),
            )
        catch_up(db, connection)
        assert keys_for(db, connection, "A. Lee") == ["free"]
        assert keys_for(db, connection, "A. Lee", ended=True) == ["free", "ended"]

    await store.run(work)


async def test_the_free_one_is_found_behind_many_that_are_linked(store: Store, connection: int) -> None:
    def work(db: SqliteDatabase) -> None:
        mirror.put_karbon(db, connection, [karbon(f"k{n:03}", "Ann Lee", f"ann{n}@gmail.com") for n in range(200)])
        db.execute_sql(
            "INSERT INTO link (connection_id, xero_id, karbon_key, state, why, linked_at, synced_at, xero_name, "
            "xero_email, xero_phone, xero_address, karbon_name, karbon_email, karbon_phone, karbon_address) "
            "SELECT connection_id, 'x' || key, key, 'synced', '', 0, 0, '', '', '', '', '', '', '', '' "
            "FROM karbon_contact WHERE key <> 'k199'"
        )
        catch_up(db, connection)
        assert keys_for(db, connection, "Ann Lee") == ["k199"]

    await store.run(work)


async def test_a_block_with_a_crowd_is_skipped(store: Store, connection: int) -> None:
    def work(db: SqliteDatabase) -> None:
        crowd = [karbon(f"k{n}", f"Plumbing {n:x}q{n:x}") for n in range(4_001)]
        mirror.put_karbon(db, connection, [*crowd, karbon("right", "Kestrel Plumbing")])
        catch_up(db, connection)
        assert keys_for(db, connection, "Plumbing") == []
        assert keys_for(db, connection, "Kestrel Plumbing") == ["right"]

    await store.run(work)


async def test_xero_has_an_index_too_without_the_archived(store: Store, connection: int) -> None:
    def work(db: SqliteDatabase) -> None:
        archived = XeroContact("old", Contact("Ann Lee"), status=XeroStatus.ARCHIVED)
        mirror.put_xero(db, connection, [XeroContact("x", Contact("Ann Lee")), archived], 1)
        catch_up(db, connection, Side.XERO)
        found = suggesting.suggested(db, connection, Side.XERO, Contact("A Lee"))
        assert [one.row for one in found] == [1]
        mirror.drop_unseen(db, connection, 2)
        catch_up(db, connection, Side.XERO)
        assert entered(db, connection, Side.XERO) == {}

    await store.run(work)


async def test_the_list_begins_with_the_likeliest_and_a_search_ranks_too(store: Store, connection: int) -> None:
    def work(db: SqliteDatabase) -> None:
        put = ["Acme", "Bob Smith", "Robert Smith", "Roberta Smithson", "Zenith Smith"]
        mirror.put_karbon(db, connection, [karbon(name, name) for name in put])
        catch_up(db, connection)

        def listed(search: str, order: str = LIKELIEST) -> list[str]:
            query = offers.offers(connection, Contact("Rob Smith"), ended=False, ranked=True)
            ids = query.ids(db, search, order)
            rows = query.rows(db, ids)
            return [rows[row].karbon.key for row in ids]

        assert listed("") == ["Robert Smith", "Bob Smith", "Acme", "Roberta Smithson", "Zenith Smith"]
        assert listed("", "name") == sorted(put)
        assert listed("smith") == ["Robert Smith", "Bob Smith", "Zenith Smith", "Roberta Smithson"]
        assert listed("zenit smith") == ["Zenith Smith"]  # nobody's name holds it
        plain = offers.offers(connection, Contact("Rob Smith"), ended=False, ranked=False)
        assert LIKELIEST not in plain.orders and list(plain.ids(db, "", "unranked")) == [1, 2, 3, 4, 5]

    await store.run(work)
