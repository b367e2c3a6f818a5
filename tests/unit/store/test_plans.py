"""The kept plan: what was shown, what is held back, what may be applied, and the issues that come of it."""

from __future__ import annotations

from collections.abc import Sequence

from peewee import SqliteDatabase

from tests.records import xero
from xerosync_tui.domain.contact import Contact
from xerosync_tui.domain.match import Reason, Verdict
from xerosync_tui.store import issues, links, mirror, plans
from xerosync_tui.store.database import Store
from xerosync_tui.store.plans import ToKeep

PAIR = ToKeep("x1", Verdict.FULL_MATCH, "", "k1", "digest 1")
NEW = ToKeep("x2", Verdict.NEW, "", "", "digest 2")
CONFLICT = ToKeep("x3", Verdict.CONFLICT, Reason.SEVERAL.value)
LEFT_OUT = ToKeep("x4", Verdict.LEFT_OUT)


def plan(db: SqliteDatabase, connection: int, run: int, rows: Sequence[ToKeep], shown: bool = False) -> None:
    mirror.put_xero(db, connection, [xero(row.xero_id, row.xero_id) for row in rows], run)
    plans.put(db, connection, rows, run, shown=shown)
    plans.finish(db, connection, run)


def to_do(db: SqliteDatabase, connection: int, page: int = 100) -> list[tuple[str, str]]:
    """The rows that do something, page by page: ContactID, and the digest that was shown."""
    ids = dict(db.execute_sql("SELECT id, xero_id FROM xero_contact WHERE connection_id = ?", (connection,)))
    found: list[plans.ToApply] = []
    while rows := plans.to_apply(db, connection, found[-1].place if found else 0, page):
        assert len(rows) <= page
        found += rows
    return [(ids[row.mirror_row], row.shown) for row in found]


def opened(db: SqliteDatabase, connection: int) -> dict[str, tuple[str, str, bool]]:
    plans.open_issues(db, connection, 9)
    rows = db.execute_sql(
        "SELECT xero_id, reason, state, held FROM issue WHERE connection_id = ? AND state <> 'closed'", (connection,)
    )
    return {row[0]: (row[1], row[2], bool(row[3])) for row in rows}


async def test_what_was_shown_is_kept_with_what_does_something(store: Store, connection: int) -> None:
    await store.run(plan, connection, 1, [PAIR, NEW, CONFLICT, LEFT_OUT], shown=True)
    assert await store.run(to_do, connection) == [("x1", "digest 1"), ("x2", "digest 2")]
    assert await store.run(plans.count_to_apply, connection) == 2


async def test_planning_again_shows_nothing_new(store: Store, connection: int) -> None:
    await store.run(plan, connection, 1, [PAIR], shown=True)
    await store.run(plan, connection, 2, [ToKeep("x1", Verdict.FULL_MATCH, "", "k1"), ToKeep("x2", Verdict.NEW)])
    assert await store.run(to_do, connection) == [("x1", "digest 1"), ("x2", "")]


async def test_a_second_preview_shows_anew(store: Store, connection: int) -> None:
    await store.run(plan, connection, 1, [PAIR, NEW], shown=True)
    await store.run(plan, connection, 2, [CONFLICT, ToKeep("x1", Verdict.NEW, "", "", "digest 3")], shown=True)
    assert await store.run(to_do, connection) == [("x1", "digest 3")]


async def test_rows_of_an_older_plan_go(store: Store, connection: int) -> None:
    await store.run(plan, connection, 1, [PAIR, NEW], shown=True)
    await store.run(plan, connection, 2, [NEW])
    assert [xero_id for xero_id, _ in await store.run(to_do, connection)] == ["x2"]


async def test_what_is_linked_meanwhile_is_done(store: Store, connection: int) -> None:
    await store.run(plan, connection, 1, [PAIR, NEW])
    base = Contact("Acme")
    await store.run(links.add, connection, [links.NewLink("x1", "k1", "", base, base)], 1)
    assert [xero_id for xero_id, _ in await store.run(to_do, connection)] == ["x2"]


async def test_the_plan_is_read_page_by_page(store: Store, connection: int) -> None:
    rows = [ToKeep(f"x{n}", Verdict.NEW, "", "", "d") for n in range(5)]
    await store.run(plan, connection, 1, rows)
    assert [xero_id for xero_id, _ in await store.run(to_do, connection, page=2)] == [row.xero_id for row in rows]


async def applicable(store: Store, connection: int) -> list[str]:
    return [xero_id for xero_id, _ in await store.run(to_do, connection)]


def held(db: SqliteDatabase, connection: int, xero_id: str) -> int:
    return issues.hold(db, connection, xero_id, Reason.HELD, 7)


async def test_what_is_held_back_is_not_applied_whatever_its_pair(store: Store, connection: int) -> None:
    await store.run(plan, connection, 1, [PAIR, NEW], shown=True)
    await store.run(held, connection, "x1")
    assert await applicable(store, connection) == ["x2"]
    assert await store.run(plans.count_to_apply, connection) == 1

    other_pair = ToKeep("x1", Verdict.FULL_MATCH, "", "k9", "another digest")
    await store.run(plan, connection, 2, [other_pair, NEW], shown=True)
    assert await applicable(store, connection) == ["x2"]


async def test_which_are_no_full_match(store: Store, connection: int) -> None:
    await store.run(plan, connection, 1, [PAIR, NEW, CONFLICT], shown=True)
    asked = ["x1", "x2", "x3", "nobody"]
    assert await store.run(plans.not_full_matches, connection, asked) == ["x2", "x3", "nobody"]
    assert await store.run(plans.not_full_matches, connection + 1, ["x1"]) == ["x1"]


async def test_a_veto_may_be_said_twice_but_not_of_what_is_linked(store: Store, connection: int) -> None:
    await store.run(plan, connection, 1, [PAIR], shown=True)
    await store.run(held, connection, "x1")
    await store.run(plan, connection, 2, [ToKeep("x1", Verdict.CONFLICT, Reason.HELD.value)])
    assert await store.run(plans.not_full_matches, connection, ["x1"]) == []

    base = Contact("Acme")
    await store.run(links.add, connection, [links.NewLink("x1", "k1", "", base, base)], 1)
    assert await store.run(plans.not_full_matches, connection, ["x1"]) == ["x1"]


async def test_conflicts_become_issues_and_held_ones_stay(store: Store, connection: int) -> None:
    await store.run(plan, connection, 1, [PAIR, NEW, CONFLICT, LEFT_OUT], shown=True)
    await store.run(held, connection, "x1")
    assert await store.run(opened, connection) == {
        "x1": (Reason.HELD.value, "open", True),
        "x3": (Reason.SEVERAL.value, "open", False),
    }


async def test_a_conflict_that_was_decided_since_the_plan_does_not_open_again(store: Store, connection: int) -> None:
    base = Contact("Acme")
    await store.run(plan, connection, 1, [CONFLICT])
    await store.run(opened, connection)
    await store.run(links.add, connection, [links.NewLink("x3", "k3", "", base, base)], 1)
    await store.run(issues.close_all, connection, ["x3"])
    assert await store.run(opened, connection) == {}


async def test_an_issue_that_is_none_any_more_goes_and_an_ignored_one_stays_ignored(
    store: Store, connection: int
) -> None:
    other = ToKeep("x5", Verdict.CONFLICT, Reason.TAKEN.value)
    await store.run(plan, connection, 1, [CONFLICT, other])
    await store.run(opened, connection)
    await store.run(issues.set_ignored, connection, "x5", True)

    resolved = ToKeep("x3", Verdict.FULL_MATCH, "", "k3", "d")
    changed = ToKeep("x5", Verdict.CONFLICT, Reason.SEVERAL.value)
    await store.run(plan, connection, 2, [resolved, changed])
    assert await store.run(opened, connection) == {"x5": (Reason.SEVERAL.value, "ignored", False)}


async def test_a_held_contact_stays_held_also_while_the_filter_leaves_it_out(store: Store, connection: int) -> None:
    conflict = ToKeep("x1", Verdict.CONFLICT, Reason.HELD.value)
    await store.run(plan, connection, 1, [PAIR], shown=True)
    number = await store.run(held, connection, "x1")
    await store.run(opened, connection)

    await store.run(plan, connection, 2, [ToKeep("x1", Verdict.LEFT_OUT)])
    await store.run(opened, connection)
    assert await store.run(issues.listed, connection) == []
    assert await store.run(issues.listed, connection, ignored=True) == []
    assert await store.run(issues.count, connection) == 0

    await store.run(plan, connection, 3, [conflict])
    assert await store.run(opened, connection) == {"x1": (Reason.HELD.value, "open", True)}
    assert await store.run(issues.id_of, connection, "x1") == number
