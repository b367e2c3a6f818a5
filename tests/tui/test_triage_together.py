"""Several match issues decided with one key: marks, stretches, all like this one; and what is refused meanwhile."""

from __future__ import annotations

from collections import Counter

from tests.tui.conftest import Desk
from tests.tui.driving import Screens
from tests.tui.test_issues import at_the_issues, in_hand, page, seek, waiting
from xerosync_tui.domain.match import Reason
from xerosync_tui.services import contacts, overview, triage
from xerosync_tui.services.triage import IssueView
from xerosync_tui.tui.screens.failed import Failed
from xerosync_tui.tui.text import counted


async def views(screens: Screens) -> list[IssueView]:
    return await triage.listed(screens.app.program)


async def mark(screens: Screens, *wanted: IssueView) -> None:
    """Mark these and no others."""
    for view in wanted:
        table = page(screens)._listing.table
        table.go(list(table.ids).index(view.id))
        await screens.press("space")


async def test_marked_issues_are_confirmed_together_once_the_list_of_losses_was_read(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        every = await views(screens)
        clear = [view for view in every if view.only][:2]
        [several] = [view for view in every if len(view.candidates) > 1][:1]
        await mark(screens, *clear, several)
        await screens.until("3/7 marked")
        await screens.press("c")
        await screens.until("Confirm 2 matches?")
        assert "1 stays: several candidates" in screens.text()
        for view in clear:
            assert view.xero.contact.name in screens.text().replace("\n", " ")
        await screens.press("y")
        await screens.until("z undoes: 2 contacts: matched")
        left = await waiting(screens)
        assert not {view.xero.id for view in clear} & set(left) and several.xero.id in left
        await screens.until("2/7")


async def test_leaving_the_list_of_losses_decides_nothing_and_keeps_the_marks(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        clear = [view for view in await views(screens) if view.only][:2]
        await mark(screens, *clear)
        await screens.press("c")
        await screens.until("Confirm 2 matches?")
        await screens.press("escape")
        await screens.settled()
        assert len(await waiting(screens)) == 7
        await screens.until("2/7 marked")
        await screens.press("escape")
        await screens.until_gone("marked")


async def test_what_one_key_decided_is_taken_back_with_one_key(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        first = in_hand(screens)
        await screens.press("i")
        await screens.until("z undoes: ")
        await screens.settled()
        await screens.press("asterisk")
        await screens.until("6/6 marked")
        await screens.press("n")
        await screens.until("Make 6 new contacts in Karbon?")
        await screens.press("y")
        await screens.until("z undoes: 6 contacts: created in Karbon")
        assert not await waiting(screens)
        await screens.press("z")
        await screens.until("6 changes undone.")
        assert len(await waiting(screens)) == 6 and first.xero.id not in await waiting(screens)
        await screens.press("z")
        await screens.until("waits for you again")
        assert first.xero.id in await waiting(screens)


async def test_a_stretch_is_marked_from_the_last_mark_to_the_cursor(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        table = page(screens)._listing.table
        await screens.press("space", "down", "down", "M")
        assert table.marked == set(table.ids[:4])
        await screens.press("escape", "G", "shift+up", "shift+up")
        assert table.marked == set(table.ids[-3:])


async def test_all_like_this_one_have_its_reason_and_a_candidate_of_their_own(desk: Desk) -> None:
    """Two contacts that look like the same Karbon contact are no clear case, neither of them."""
    async with at_the_issues(desk) as screens:
        view = await seek(screens, Reason.NAME_DIFFERS)
        same = [one for one in await views(screens) if one.reason is view.reason]
        wanted = Counter(one.only.karbon.key for one in same if one.only)
        clear = {one.xero.id for one in same if one.only and wanted[one.only.karbon.key] == 1}
        assert 0 < len(clear) < len(same)
        await screens.press("L")
        await screens.until(f"Confirm {counted(len(clear), 'match', 'matches')}?")
        assert f"{len(same) - len(clear)} stay: several candidates" in screens.text()
        await screens.press("y")
        await screens.until("z undoes: ")
        left = set(await waiting(screens))
        assert not clear & left and {one.xero.id for one in same} - clear <= left


async def test_one_that_is_refused_is_listed_as_failed_and_the_others_are_done(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        one, other = [view for view in await views(screens) if view.only][:2]
        await mark(screens, one, other)
        await screens.press("c")
        await screens.until("Confirm 2 matches?")
        assert one.only
        await contacts.edit(screens.app.program, one.only.karbon.key, {"phone": "02 5550 9999"})
        await screens.press("y")
        await screens.until("! 1 of 2 done, 1 not: ")
        left = await waiting(screens)
        assert one.xero.id in left and other.xero.id not in left
        [failure] = await overview.failures(screens.app.program)
        assert (failure.record, failure.side) == (one.xero.id, "decision")
        await screens.until("Failed 1")
        await screens.press("shift+tab")
        await screens.until("not decided")
        assert isinstance(screens.app.screen, Failed)
        await screens.press("r")
        await screens.until(lambda: page(screens)._view is not None and in_hand(screens).id == one.id)
        await screens.settled()
        await screens.press("c")
        await screens.until("z undoes: ")
        await screens.until("Failed 0")
        assert await overview.failures(screens.app.program) == []


async def test_a_key_is_about_no_marked_row_that_the_filter_hides(desk: Desk) -> None:
    async with at_the_issues(desk) as screens:
        every = await views(screens)
        await mark(screens, every[0])
        await screens.press("slash")
        await screens.type(every[-1].xero.contact.name[-6:].lower())
        await screens.press("enter")
        await screens.until(lambda: in_hand(screens).id == every[-1].id)
        await screens.press("i")
        await screens.until("z undoes: ")
        left = await waiting(screens)
        assert every[0].xero.id in left and every[-1].xero.id not in left
