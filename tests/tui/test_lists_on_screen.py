"""The lists: filter, order, marks, and a cursor that stays on its contact while somebody writes."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from textual.widgets import Input

from tests.tui.conftest import Desk
from tests.tui.driving import Screens
from xerosync_tui.services import contacts, overview, triage
from xerosync_tui.tui.widgets.listing import Listing


def listing(screens: Screens) -> Listing[Any]:
    return screens.app.screen.query_one(Listing)


async def test_filter_as_you_type(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("2")
        await screens.until("Billing email")
        await screens.settled()
        everybody = len(listing(screens).table.ids)
        name = listing(screens).table.row_at(3).contact.name
        await screens.press("slash")
        await screens.type(name[:4].lower())
        await screens.until(f"of {everybody}")
        await screens.settled()
        found = [listing(screens).table.row_at(n) for n in range(len(listing(screens).table.ids))]
        assert name in [client.contact.name for client in found]
        wanted = name[:4].casefold()
        assert all(wanted in c.contact.name.casefold() or wanted in c.contact.email.casefold() for c in found)
        await screens.press("escape")
        await screens.settled()
        assert len(listing(screens).table.ids) == everybody
        assert screens.app.focused is listing(screens).table


async def test_a_long_search_leaves_the_way_out_in_sight(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("2")
        await screens.until("by name")
        screens.app.screen.query_one(Input).value = "nobody at all " * 90
        await screens.until("…”. esc clears the filter")
        assert "Nothing here holds “nobody at all" in screens.text()


async def test_orders(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("4")
        await screens.until("by name")
        await screens.press("greater_than_sign")
        await screens.until("by email")
        await screens.settled()
        table = listing(screens).table
        emails = [table.row_at(n).record.contact.email for n in range(len(table.ids))]
        filled = [email.casefold() for email in emails if email]
        assert filled == sorted(filled) and emails[len(filled) :] == [""] * (len(emails) - len(filled))


async def test_cursor_and_marks_stay_on_their_contacts_while_somebody_writes(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("2")
        await screens.until("by name")
        await screens.settled()
        await screens.press("down", "down", "space", "down")
        table = listing(screens).table
        on, marked = table.current_id, set(table.marked)
        assert len(marked) == 1
        before = len(table.ids)
        for issue in (await triage.listed(screens.app.program))[:3]:
            await triage.create_new(screens.app.program, str(issue.id))
        await screens.until(lambda: len(table.ids) == before + 3)
        assert table.current_id == on and table.marked == marked
        assert table.current is not None


async def test_marked_clients_are_exported_to_a_new_file(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "clients.csv"
    async with desk.at("synced") as screens:
        await screens.press("2")
        await screens.until("by name")
        await screens.settled()
        await screens.press("space", "space", "E")
        await screens.until("Export 2 marked clients")
        screens.app.screen.query_one(Input).value = str(target)
        await screens.press("enter")
        await screens.until("2 clients written")
        every = {client.xero_id: client for client in await overview.clients(screens.app.program)}
        with target.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert [row["name"] for row in rows] == [every[row["xero_id"]].contact.name for row in rows] and len(rows) == 2
        assert target.stat().st_mode & 0o777 == 0o600
        await screens.press("escape", "E")
        await screens.until("Export all clients")
        screens.app.screen.query_one(Input).value = str(target)
        await screens.press("enter")
        await screens.until("exists already")
        assert len(target.read_text(encoding="utf-8").splitlines()) == 3


async def test_a_row_that_goes_under_the_cursor_leaves_it_where_it_was(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("4")
        await screens.until("by name")
        await screens.settled()
        await screens.press("end")
        table = listing(screens).table
        key, before = table.current.record.key, len(table.ids)
        await contacts.delete(screens.app.program, key)
        await screens.until(lambda: len(table.ids) == before - 1)
        assert table.cursor == before - 2 and table.current is not None


async def test_delete_says_what_is_lost_and_does_it_on_y_only(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("4")
        await screens.until("by name")
        await screens.settled()
        key = listing(screens).table.current.record.key
        await screens.press("D")
        await screens.until("Its link with Xero ends")
        await screens.press("enter", "escape")
        await screens.settled()
        assert key in {record.key for record, _ in await contacts.listed(screens.app.program)}
        await screens.press("D")
        await screens.until("Its link with Xero ends")
        await screens.press("y")
        await screens.until("deleted")
        assert key not in {record.key for record, _ in await contacts.listed(screens.app.program)}


async def test_add_and_edit(desk: Desk) -> None:
    async with desk.at("empty") as screens:
        await screens.press("4")
        await screens.until("directory is empty")
        await screens.press("n")
        await screens.until("organization")
        await screens.press("down", "enter")
        await screens.until("Postcode")
        await screens.type("Bayside Club")
        await screens.press("ctrl+s")
        await screens.until("saved")
        await screens.until("by name")
        await screens.settled()
        await screens.press("e")
        await screens.until("Postcode")
        screens.app.screen.query_one("#contact_type").focus()
        await screens.type("No such type")
        await screens.press("ctrl+s")
        await screens.until("There is no contact type")
        ((record, _),) = await contacts.listed(screens.app.program)
        assert (record.contact.name, record.contact_type) == ("Bayside Club", "")


async def test_import_shows_what_it_would_bring_and_brings_it_on_y(desk: Desk) -> None:
    async with desk.at("empty") as screens:
        csv = desk.home.parent / "firm.csv"
        csv.write_text("Name,Email\nBayside Club,info@bayside.example\n,nobody@bayside.example\n", encoding="utf-8")
        await screens.press("4")
        await screens.until("directory is empty")
        await screens.press("i")
        await screens.until("path of a CSV")
        await screens.type(str(csv))
        await screens.press("enter")
        await screens.until("Nothing has been imported yet")
        assert "line 3" in screens.text()
        assert await contacts.listed(screens.app.program) == []
        await screens.press("y")
        await screens.until("Imported")
        assert len(await contacts.listed(screens.app.program)) == 1


async def test_a_file_that_is_not_there_is_said(desk: Desk) -> None:
    async with desk.at("empty") as screens:
        await screens.press("4")
        await screens.until("directory is empty")
        await screens.press("i")
        await screens.until("path of a CSV")
        await screens.type("/nowhere.csv")
        await screens.press("enter")
        await screens.until("Cannot read /nowhere.csv")
        await screens.press("escape")
        await screens.until("directory is empty")


async def test_a_list_that_emptied_keeps_its_keys(desk: Desk) -> None:
    """Letters that are meant for the filter must not be taken for what they do on the page: q quits."""
    async with desk.at("synced") as screens:
        await screens.press("4")
        await screens.until("by name")
        await screens.settled()
        await screens.press("slash")
        await screens.type("zzqq")
        await screens.until("Nothing here holds")
        await screens.press("enter", "slash")
        assert screens.app.focused is screens.app.screen.query_one(Input)
        await screens.type("q")
        await screens.until("zzqqq")
