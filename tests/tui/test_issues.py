"""Resolve Match Issues by its keys, over the real services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from textual.widgets import Static

from tests.tui.conftest import Desk
from tests.tui.driving import Screens, opened
from tests.tui.firms import burst
from xerosync_tui.domain.contact import Field, Kind
from xerosync_tui.domain.match import Reason
from xerosync_tui.program import Program
from xerosync_tui.services import contacts, overview, triage
from xerosync_tui.services.triage import IssueView
from xerosync_tui.tui.screens.issues import Issues
from xerosync_tui.tui.widgets.listing import Listing


@asynccontextmanager
async def at_the_issues(desk: Desk, user: str = "mia") -> AsyncIterator[Screens]:
    async with desk.program("synced") as plain, opened(of(plain, user)) as screens:
        await screens.press("3")
        await screens.until("Confirm would")
        await screens.settled()
        yield screens


def of(program: Program, user: str) -> Program:
    """The program in that person's hands."""
    return replace(program, settings=replace(program.settings, user=user, login=user))


def page(screens: Screens) -> Issues:
    assert isinstance(screens.app.screen, Issues)
    return screens.app.screen


def in_hand(screens: Screens) -> IssueView:
    """The issue under the cursor."""
    view = page(screens)._view
    assert view is not None
    return view


async def waiting(screens: Screens) -> dict[str, IssueView]:
    return {view.xero.id: view for view in await triage.listed(screens.app.program)}


async def seek(screens: Screens, reason: Reason) -> IssueView:
    """Go down to an issue with that reason."""
    for _ in range(60):
        if in_hand(screens).reason is reason:
            return in_hand(screens)
        await screens.press("down")
        await screens.settled()
    raise AssertionError(f"no issue because of {reason}")


async def test_confirm_does_what_the_words_said_and_the_queue_moves_on(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        view = await seek(screens, Reason.NAME_DIFFERS)
        candidate = view.candidates[0]
        assert f"{Field.NAME.label} " in screens.text()
        await screens.press("c")
        await screens.until("z undoes: ")
        await screens.settled()
        assert view.xero.id not in await waiting(screens)
        stored = await contacts.one(screens.app.program, candidate.karbon.key)
        for field, (_, new) in candidate.changes.items():
            assert stored.record.contact.value(field) == new
        assert stored.link is not None and stored.link.xero.id == view.xero.id
        assert in_hand(screens).id != view.id


async def test_a_key_in_one_burst_with_another_row_does_not_decide_the_row_that_was_left(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        left, before = in_hand(screens), await waiting(screens)
        await burst(screens, "j", "c")
        await screens.press("k", "j", "c")
        await screens.settled()
        decided = set(before) - set(await waiting(screens))
        assert left.xero.id not in decided and len(decided) <= 2
        assert "did not work" not in screens.text()


async def test_a_key_that_repeats_decides_no_issue_twice(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        before = await waiting(screens)
        await burst(screens, "n", "n", "n", "n")
        await screens.press("c", "c", "c", "c")
        await screens.until(lambda: not screens.app.jobs.waiting)
        await screens.settled()
        assert "did not work" not in screens.text()
        decided = set(before) - set(await waiting(screens))
        rows = await screens.app.program.store.read(
            lambda db: [
                row[0] for row in db.execute_sql("SELECT xero_id FROM journal WHERE run_id IS NULL AND xero_id <> ''")
            ]
        )
        assert sorted(rows) == sorted(decided) and decided


async def test_a_key_that_comes_too_early_leaves_the_last_decision_in_sight(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        await screens.press("c")
        await screens.settled()
        issues = page(screens)
        issues._view = None  # as if the next one were not read yet, which it is as soon as anything is awaited
        issues.action_another()
        issues.action_candidate(1)
        issues.action_details()
        assert not screens.app._notifications and screens.app.screen is issues
        issues.action_create()
        await screens.until("Too fast: that key decided nothing")
        assert "z undoes: " in screens.text()


async def test_the_last_decision_is_kept_where_no_short_word_covers_it(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        name = in_hand(screens).xero.contact.name
        await screens.press("c")
        await screens.until(f"z undoes: {name}: matched")
        await screens.settled()
        screens.app.say("A short word " * 20)
        await screens.until("A short word")
        assert f"z undoes: {name}: matched" in screens.text()


async def test_nothing_is_cut_without_a_sign(desk: Desk) -> None:
    """At 80x24 both records stand beside each other with their signs, and enter shows what there is no room for."""
    async with at_the_issues(desk) as screens:
        view = await seek(screens, Reason.NAME_DIFFERS)
        karbon = view.candidates[0].karbon
        assert f"≠ {karbon.contact.name.split()[0]}" in screens.text()
        assert f"= {karbon.contact.email[:20]}" in screens.text()  # the sign stays on the line of a long value
        await screens.press("enter")
        await screens.until("Close")
        shown = str(screens.app.screen.query_one("#rows Static", Static).content)
        for contact in (view.xero.contact, karbon.contact):
            assert all(str(contact.value(field)) in shown for field in Field)


async def test_create_new(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        view = in_hand(screens)
        before = len(await contacts.listed(screens.app.program))
        await screens.press("n")
        await screens.until("z undoes: ")
        await screens.settled()
        assert len(await contacts.listed(screens.app.program)) == before + 1
        assert view.xero.id not in await waiting(screens)


async def test_undo_goes_back_several_decisions_and_returns_to_the_issue(desk: Desk) -> None:
    """Those of the person at work, and nobody else's: mia imported the contacts."""
    async with at_the_issues(desk, user="ben") as screens:
        assert "z undoes" not in screens.text()
        first = in_hand(screens)
        await screens.press("c")
        await screens.settled()
        second = in_hand(screens)
        await screens.press("n")
        await screens.settled()
        assert not {first.xero.id, second.xero.id} & set(await waiting(screens))
        for view in (second, first):
            await screens.press("z")
            await screens.settled()
            assert view.xero.id in await waiting(screens)
            assert in_hand(screens).xero.id == view.xero.id
        await screens.press("z")
        await screens.until("Nothing to undo.")


async def test_ignored_issues_are_listed_when_asked_for(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        view = in_hand(screens)
        await screens.press("i")
        await screens.settled()
        assert view.xero.id not in await waiting(screens)
        assert in_hand(screens).id != view.id
        await screens.press("v")
        await screens.until("ignored")
        await screens.settled()
        assert view.id in page(screens)._listing.table.ids


async def test_left_and_right_look_at_other_candidates_and_confirm_takes_the_one_seen(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        view = await seek(screens, Reason.SEVERAL)
        assert len(view.candidates) > 1 and "1 of" in screens.text()
        await screens.press("right")
        await screens.until("2 of")
        await screens.press("left", "left")
        last = view.candidates[-1]
        await screens.until(f"{len(view.candidates)} of")
        if last.taken:
            await screens.press("c")
            await screens.until("belongs to another")
            assert view.xero.id in await waiting(screens)
            return
        await screens.press("c")
        await screens.settled()
        stored = await contacts.one(screens.app.program, last.karbon.key)
        assert stored.link is not None and stored.link.xero.id == view.xero.id


async def test_a_contact_that_changed_since_it_was_looked_at_comes_back_with_the_reason(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        view = await seek(screens, Reason.NAME_DIFFERS)
        key = view.candidates[0].karbon.key
        page(screens).reload = lambda: None  # type: ignore[method-assign]  # as if the edit came between look and key
        await contacts.edit(screens.app.program, key, {"phone": "02 5550 9999"})
        await screens.press("c")
        await screens.until("has changed since you looked")
        assert view.xero.id in await waiting(screens)
        stored = await contacts.one(screens.app.program, key)
        assert stored.link is None and stored.record.contact.phone == "02 5550 9999"


async def test_match_with_another_contact_shows_what_it_loses_first(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        view = in_hand(screens)
        await screens.press("a")
        await screens.until("Match ")
        await screens.settled()
        await screens.press("enter", "end", "enter")
        await screens.until("Leave it as it is")
        assert "Karbon would change" in screens.text()
        await screens.press("escape")
        await screens.settled()
        assert view.xero.id in await waiting(screens)  # escape decides nothing
        await screens.press("a")
        await screens.until("Match ")
        await screens.settled()
        await screens.press("enter", "end", "enter")
        await screens.until("Leave it as it is")
        await screens.press("y")
        await screens.until(lambda: view.id not in page(screens)._listing.table.ids)
        assert view.xero.id not in await waiting(screens)


async def test_the_last_decision_leaves_an_empty_queue_with_a_way_on(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        for _ in range(len(await waiting(screens))):
            await screens.press("n")
            await screens.settled()
        await screens.until("Nothing waits for you")
        assert (await overview.status(screens.app.program)).counts.match_issues == 0
        for key in ("c", "n", "a", "i", "right", "o", "O"):
            await screens.press(key)  # nothing is there: nothing happens, and nothing breaks
        await screens.settled()
        assert "Nothing waits for you" in screens.text()


async def test_the_pair_beside_the_queue_is_that_of_the_filtered_row(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        last = (await triage.listed(screens.app.program))[-1]
        await screens.press("slash")
        await screens.type(last.xero.contact.name[-6:].lower())
        await screens.press("enter")
        await screens.until(lambda: in_hand(screens).id == last.id)
        await screens.press("escape")
        await screens.until(lambda: in_hand(screens).id == page(screens)._listing.table.current_id)
        await screens.settled()
        await screens.press("i")
        await screens.until("z undoes: ")


async def test_match_with_another_opens_with_those_that_look_alike_and_why(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        view = await seek(screens, Reason.NAME_DIFFERS)
        program = screens.app.program
        twin = await contacts.add(program, Kind.ORGANIZATION, {"name": f"The {view.xero.contact.name}"})
        other = await contacts.add(program, Kind.PERSON, {"name": "Zzyzx Quist"})
        await screens.press("a")
        await screens.until("likeliest")
        await screens.settled()
        listing = screens.app.screen.query_one("#free", Listing)
        rows = [listing.table.current] if listing.table.current else []
        assert rows and rows[0].likeness
        shown = list(listing._source.rows(listing.table.ids).values()) if listing._source else []
        assert twin.key in [row.karbon.key for row in shown if row.likeness]
        await screens.press("slash")
        await screens.type("zzyxz quist")  # nobody's name holds it
        await screens.until("Zzyzx Quist")
        await screens.press("enter", "enter")
        await screens.until("Match them")
        assert f"match with {other.contact.name}?" in screens.text()


async def test_z_asks_before_it_deletes_what_was_imported(desk: Desk) -> None:
    """One key undoes an import as one, but it deletes contacts, and that cannot be undone."""
    async with desk.program("synced") as plain, opened(plain) as screens:
        await screens.press("3")
        await screens.until("z undoes: 44 contacts")
        before = len(await contacts.listed(screens.app.program))
        await screens.press("z")
        await screens.until("Undo? 44 contacts: added in Karbon")
        await screens.press("escape", "z")
        await screens.until("can't be reversed")
        assert len(await contacts.listed(screens.app.program)) == before
        await screens.press("y")
        await screens.until("undone")
        await screens.settled()
        assert len(await contacts.listed(screens.app.program)) < before
