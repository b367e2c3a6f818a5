"""The screens over Karbon's API: connecting it, reading its cards, what it cannot do; over the real sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from textual.widgets import Input

from tests.tui.driving import Screens, opened
from tests.tui.office import ACCESS_KEY, TOKEN, Office, office, two_sided
from tests.tui.test_snapshots import over_ssh
from xerosync_tui.services import overview
from xerosync_tui.store import accounts
from xerosync_tui.tui.screens.link import LinkPage

__all__ = ["office", "over_ssh", "two_sided"]  # fixtures


@pytest.fixture
async def fresh(office: Office) -> AsyncIterator[Screens]:
    """Nothing is connected."""
    async with opened(office.program) as screens:
        yield screens


async def give(screens: Screens, token: str, access_key: str) -> None:
    """Type both keys and have them checked."""
    for field, value in zip(screens.app.screen.query(Input), (token, access_key), strict=True):
        field.focus()
        field.value = ""
        await screens.type(value)
    await screens.press("ctrl+s")


async def account_of(office: Office) -> str:
    found = await office.program.store.read(accounts.active)
    return found.tenant_key if found else ""


# Connecting


async def test_the_keys_are_typed_unseen_and_lead_to_the_consent(office: Office, fresh: Screens) -> None:
    await fresh.press("K")
    await fresh.until("Application token")
    await give(fresh, TOKEN, ACCESS_KEY)
    await fresh.until("✓ Connected: Karbon account")
    assert "Client-VIP" in fresh.text() and "Nothing was read or written yet" in fresh.text()
    assert TOKEN not in fresh.text() and ACCESS_KEY not in fresh.text()
    assert not any(field.value for field in fresh.app.screen.query(Input))
    assert await account_of(office)
    await fresh.press("enter")
    await fresh.until("waiting for Xero's answer")


async def test_what_is_typed_shows_as_dots_only(fresh: Screens) -> None:
    await fresh.press("K")
    await fresh.until("Application token")
    await fresh.type("secret")
    await fresh.until("••••••")
    assert "secret" not in fresh.text()


@pytest.mark.parametrize(
    ("token", "access_key", "said"),
    [
        (ACCESS_KEY, TOKEN, "are swapped"),
        (TOKEN[:-1] + "0", ACCESS_KEY, "Karbon refuses the token or the access key"),
        ("", ACCESS_KEY, "token is empty"),
    ],
    ids=["swapped", "refused", "empty"],
)
async def test_keys_that_do_not_fit_are_said_in_words_and_the_right_ones_still_count(
    office: Office, fresh: Screens, token: str, access_key: str, said: str
) -> None:
    await fresh.press("K")
    await fresh.until("Application token")
    await give(fresh, token, access_key)
    await fresh.until(said)
    assert "xerosync" not in fresh.text() and not await account_of(office)
    await give(fresh, TOKEN, ACCESS_KEY)
    await fresh.until("✓ Connected")


async def test_a_missing_permission_names_the_plan_too(office: Office, fresh: Screens) -> None:
    office.xero.fault("insufficient_scope", path="/v3/TenantSettings")
    await fresh.press("K")
    await fresh.until("Application token")
    await give(fresh, TOKEN, ACCESS_KEY)
    await fresh.until("does not allow this")
    assert "takes a Business or" in fresh.text()


async def test_back_to_the_built_in_directory_keeps_the_links_for_later(office: Office) -> None:
    async with office.at("synced") as screens:
        await screens.press("K", "down", "enter")
        await screens.until("Back to the built-in directory?")
        assert "links and the history are kept" in screens.text()
        await screens.press("escape")
        assert await account_of(office)
        await screens.press("K", "down", "enter")
        await screens.until("Back to the built-in directory?")
        await screens.press("y")
        await screens.until("Built-in directory")
        await screens.settled()
        assert not await account_of(office)
        assert (await overview.status(office.program)).counts.synced == 0
        await screens.press("K")
        await screens.until("Application token")
        await give(screens, TOKEN, ACCESS_KEY)
        await screens.until("its links are there again")
        assert (await overview.status(office.program)).counts.synced > 0


async def test_refused_keys_stand_on_every_page_and_lead_to_new_ones(office: Office) -> None:
    async with office.at("synced") as screens:
        office.refuse_keys()
        await screens.press("s")
        await screens.until("It did not work")
        assert "press 1, then K" in screens.text()
        await screens.press("escape", "2")
        await screens.until("! Karbon refuses its keys")
        await screens.press("1")
        await screens.until("Karbon refuses its keys: give new ones")
        await screens.press("enter")
        await screens.until("give new keys")
        await screens.press("enter")
        await screens.until("Application token")


# Settings


async def test_other_labels_are_checked_and_read_all_cards_again(office: Office) -> None:
    async with office.at("synced") as screens:
        await screens.press("e")
        await screens.until("Karbon: primary phone")
        await screens.press("end", "up", "up", "enter")
        await screens.until("Labels by rank, with commas")
        await screens.press("ctrl+u")
        await screens.type("Pager")
        await screens.press("enter")
        await screens.until("there is no label")
        await screens.press("escape", "enter")
        await screens.until("Labels by rank, with commas")
        await screens.press("ctrl+u")
        await screens.type("mobile, work")
        await screens.press("enter")
        await screens.until("Karbon: primary phone     Mobile, Work")
        cards = (await overview.status(office.program)).cards
        assert cards.unread == cards.total > 0


async def test_beside_karbons_own_sync_is_a_choice_with_its_consequence(office: Office) -> None:
    async with office.at("synced") as screens:
        await screens.until("Karbon's own Xero sync is at work too")
        await screens.press("e")
        await screens.until("Karbon: primary phone")
        await screens.press("end")
        await screens.until("two writers")
        await screens.press("enter", "down", "enter")
        await screens.until("write them too")
        await screens.press("escape")
        await screens.until("asked about: written all the")
        assert "is at work too" not in screens.text()


# Reading


async def test_a_plan_stands_while_cards_are_read_and_s_links_what_is_verified(office: Office) -> None:
    async with office.at("connected") as screens:
        office.hold_after(25)
        await screens.press("p", "p")
        await screens.until("cards read 20 of 44, about 1 min; S links what is verified")
        await screens.until("waits 30 s for Karbon")
        assert "29 of them once" in screens.text()  # as the plan was last made
        assert "provisional" not in screens.text()  # the most urgent are read, and shown
        await screens.press("end")
        await screens.until("card not read yet: provisional")
        office.gate.set()
        await screens.press("S")
        await screens.until("The first sync is done")
        assert "once their cards are read" in screens.text()
        found = await overview.status(office.program)
        assert 0 < found.counts.synced < 29 and found.cards.unread
        await screens.press("s")
        await screens.until(lambda: not screens.app.jobs.kind)
        later = await overview.status(office.program)
        assert later.cards.unread == 0 and later.counts.synced > found.counts.synced


async def test_leaving_lets_it_read_on_and_stopping_keeps_what_was_read(office: Office) -> None:
    async with office.at("connected") as screens:
        office.hold_after(25)
        await screens.press("p", "p")
        await screens.until("cards read 20 of 44")
        await screens.press("escape")
        await screens.until("Now        ◐ preview")
        assert "cards read 20 of 44, about 1 min" in screens.text()
        await screens.press("p")
        await screens.until("S links what is verified")
        assert screens.app.jobs.kind == "preview"
        await screens.press("x")
        await screens.until("cards read 20 of 44, p reads on")
        await screens.until("11 of them once")  # the plan of what was read
        office.gate.set()
        await screens.press("p")
        await screens.until(lambda: not screens.app.jobs.kind)
        await screens.settled()
        assert "cards read" not in screens.text() and (await overview.status(office.program)).cards.unread == 0


async def test_a_veto_given_while_cards_are_read_holds(office: Office) -> None:
    async with office.at("connected") as screens:
        office.hold_after(25)
        await screens.press("p", "p")
        await screens.until("cards read 20 of 44")
        await screens.press("space")
        await screens.until("1 vetoed")
        office.gate.set()
        await screens.press("S")
        await screens.until("The first sync is done")
        held = await office.firm.rows("SELECT count(*) FROM issue WHERE held AND state = 'open'")
        assert held[0][0] == 1


async def test_a_filter_that_is_typed_stays_while_the_plan_fills_in(office: Office) -> None:
    async with office.at("connected") as screens:
        office.hold_after(25)
        await screens.press("p", "p")
        await screens.until("cards read 20 of 44")
        await screens.press("slash", "p")
        office.gate.set()
        await screens.until(lambda: not screens.app.jobs.kind)
        await screens.settled()
        assert isinstance(screens.app.focused, Input) and screens.app.focused.value == "p"


async def test_a_later_preview_tells_how_far_it_is_too(office: Office) -> None:
    async with office.at("synced") as screens:
        await overview.change_settings(office.program, {"karbon_phones": "Mobile,Work"})
        office.hold_after(25)
        await screens.press("p")
        await screens.until("about 1 min; s links what is verified")
        assert "What the next sync would do" in screens.text()
        office.gate.set()
        await screens.until(lambda: not screens.app.jobs.kind)


# Contacts


async def test_what_a_list_told_is_marked_and_its_page_names_the_rules(office: Office) -> None:
    async with office.at("connected") as screens:
        office.hold_after(25)
        await screens.press("p", "p")
        await screens.until("cards read 20 of 44")
        await screens.press("x")
        await screens.until(lambda: not screens.app.jobs.kind)
        await screens.press("4")
        await screens.until("card not read yet: 24")
        await screens.until("○ claire.fisher")
        await screens.press("slash")
        await screens.type("claire fisher")
        await screens.press("enter")
        await screens.settled()
        await screens.press("enter")
        await screens.until("○ card not read yet")
        assert "phone: first of Work, Office," in screens.text() and "…" not in screens.text()


async def test_what_the_api_cannot_do_is_said_with_the_way_on(office: Office) -> None:
    async with office.at("synced") as screens:
        await screens.press("4")
        await screens.until("Billing email")
        await screens.settled()
        await screens.press("D")
        await screens.until("Karbon's API can neither delete")
        assert "e, then its contact" in screens.text() and "xerosync" not in screens.text()
        await screens.press("escape", "i")
        await screens.until("Import it in Karbon itself")


async def test_open_in_karbon_leads_to_karbons_own_page(office: Office) -> None:
    async with office.at("synced") as screens:
        for keys in (("2",), ("2", "enter"), ("4",), ("3",)):
            await screens.press(*keys)
            await screens.settled()
            await screens.press("O")
            await screens.until("in Karbon")
            assert isinstance(screens.app.screen, LinkPage)
            assert f"app2.karbonhq.com/{await account_of(office)}#/" in screens.text().replace("\n", "")
            await screens.press("escape", "1")


async def test_an_edit_is_stored_in_karbon(office: Office) -> None:
    async with office.at("synced") as screens:
        await screens.press("4")
        await screens.until("Billing email")
        await screens.settled()
        await screens.press("slash")
        await screens.type("nora wade")
        await screens.press("enter", "e")
        await screens.until("Primary phone")
        assert "Identifier" not in screens.text() and "Other phones" not in screens.text()
        screens.app.screen.query_one("#phone", Input).value = "0491 570 111"
        await screens.press("ctrl+s")
        await screens.until("saved")
    [nora] = [record for record in office.records() if record["FullName"] == "Nora Wade"]
    numbers = [phone["Number"] for card in nora["BusinessCards"] for phone in card["PhoneNumbers"]]
    assert "0491 570 111" in numbers


async def test_a_candidate_that_nobody_has_read_is_read_before_it_is_confirmed(office: Office) -> None:
    async with office.at("connected") as screens:
        office.hold_after(25)
        await screens.press("p", "p")
        await screens.until("cards read 20 of 44")
        office.gate.set()
        await screens.press("S")
        await screens.until("The first sync is done")
        await screens.press("3")
        await screens.until("not yet its card")
        await screens.press("c")
        await screens.until("Karbon would change")
        assert "0491 579 455" in screens.text()  # of its card
        await screens.press("y")
        await screens.until("z undoes: ")
        await screens.settled()
        assert not await office.firm.rows("SELECT 1 FROM failed_record WHERE side = 'decision'")
