"""The settings of the connection by their keys: what is chosen is stored, what cannot stand is said."""

from __future__ import annotations

from textual.widgets import Input, OptionList

from tests.tui.conftest import Desk
from tests.tui.driving import Screens
from xerosync_tui.domain.connection import Connection, ImportFilter
from xerosync_tui.program import active
from xerosync_tui.services import contacts, overview
from xerosync_tui.tui.screens.settings import SettingsPage


async def chosen(screens: Screens) -> Connection:
    return await active(screens.app.program)


def shown(screens: Screens, setting: str) -> str:
    """What the page says a setting is."""
    (line,) = (line for line in screens.text().splitlines() if line.lstrip("▸ ").startswith(f"{setting}  "))
    return line.partition(setting)[2].strip()


def under_cursor(screens: Screens) -> str | None:
    at = screens.app.screen.query_one(OptionList).highlighted
    return None if at is None else SettingsPage.KEYS[at]


async def open_settings(screens: Screens, key: str = "e") -> None:
    await screens.press(key)
    await screens.until("Interval")
    await screens.settled()


async def test_each_choice_is_stored_and_shown(desk: Desk) -> None:
    async with desk.at("synced", (120, 40)) as screens:
        await open_settings(screens)
        for words in ("customers only", "Prospect", "Xero's value stands", "fill them into Xero"):
            await screens.press("enter")
            await screens.until(words)
            menu = screens.app.screen.query_one(OptionList)
            menu.highlighted = next(n for n, o in enumerate(menu.options) if str(o.prompt).strip() == words)
            await screens.press("enter", "down")
        await screens.until(lambda: shown(screens, "Only Karbon has a value") == "fill them into Xero")
        assert shown(screens, "Import filter") == "customers only"
        assert shown(screens, "Default contact type") == "Prospect"
        assert shown(screens, "Changed on both sides") == "Xero's value stands"
        now = await chosen(screens)
        assert now.import_filter is ImportFilter.CUSTOMERS and now.contact_type == "Prospect"
        assert now.both_changed.value == "xero" and now.fill_xero_blanks


async def test_the_interval_is_typed_and_a_value_out_of_bounds_refused(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await open_settings(screens)
        await screens.press("end", "enter")
        await screens.until("Seconds between two runs")
        assert screens.app.screen.query_one(Input).value == "300"
        await screens.press("end", "ctrl+u", "5", "enter")
        await screens.until("30 to 86400 seconds")
        assert (await chosen(screens)).interval_seconds == 300
        await screens.press("escape", "enter")
        await screens.until("Seconds between two runs")
        await screens.press("end", "ctrl+u", "9", "0", "enter")
        await screens.until("Interval: 90 s")
        await screens.until(lambda: shown(screens, "Interval") == "90 s")
        assert (await chosen(screens)).interval_seconds == 90


async def test_the_keys_of_connected_apps_lead_to_their_setting_and_esc_changes_nothing(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        before = await chosen(screens)
        for key, setting in (("f", "filter"), ("t", "contact_type")):
            await open_settings(screens, key)
            assert under_cursor(screens) == setting
            await screens.press("enter", "down", "escape", "escape")
            await screens.until("Needs you")
        await screens.settled()
        assert await chosen(screens) == before


async def test_a_change_made_elsewhere_is_shown_and_moves_no_cursor(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await open_settings(screens)
        await screens.press("down", "down")
        await overview.change_settings(screens.app.program, {"filter": "customers", "interval": "600"})
        await screens.until(lambda: shown(screens, "Interval") == "600 s")
        assert shown(screens, "Import filter") == "customers only"
        assert under_cursor(screens) == "both_changed"


async def test_a_type_that_was_removed_meanwhile_is_refused(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await contacts.add_type(screens.app.program, "Seasonal")
        await open_settings(screens, "t")
        await screens.press("enter")
        await screens.until("Seasonal")
        await contacts.remove_type(screens.app.program, "Seasonal")
        await screens.press("end", "enter")
        await screens.until("It did not work")
        assert "contact_type is one of" in screens.text()
        assert (await chosen(screens)).contact_type == "Client"


async def test_a_type_that_was_added_meanwhile_can_be_chosen(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await open_settings(screens, "t")
        await contacts.add_type(screens.app.program, "Seasonal")
        await screens.settled()
        await screens.press("enter")
        assert "Prospect" in screens.text() and "Seasonal" in screens.text()


async def test_another_filter_before_the_first_sync_wants_another_preview(desk: Desk) -> None:
    async with desk.at("previewed") as screens:
        await screens.until("The first sync waits for your word")
        await open_settings(screens, "f")
        await screens.press("enter")
        await screens.until("customers only")
        await screens.press("down", "enter")
        await screens.until("Import filter: customers only")
        await screens.press("escape")
        await screens.until("Choices and preview of the first sync")


async def test_without_a_connection_there_is_nothing_to_set(desk: Desk) -> None:
    async with desk.at("fresh") as screens:
        await screens.press("e", "f", "t")
        await screens.until("Nothing is connected yet")
        assert not isinstance(screens.app.screen, SettingsPage)
