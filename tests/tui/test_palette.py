"""The palette: every action by name, and any contact by a part of its name."""

from __future__ import annotations

from textual.command import CommandPalette
from textual.widgets import OptionList

from tests.tui.conftest import Desk
from tests.tui.driving import Screens, opened
from xerosync_tui.domain.contact import Kind
from xerosync_tui.program import Program
from xerosync_tui.services import contacts, lists
from xerosync_tui.tui.palette import commands
from xerosync_tui.tui.screens.contact import ContactPage

HOSTILE = "Zz [b]Bold[/b] \u202eGmbH"


async def search(screens: Screens, words: str) -> OptionList:
    """Open the search for a contact, type, and wait until something is found."""
    await screens.press("ctrl+p")
    await screens.until("part of a client's name")
    await screens.type(words)
    return screens.app.screen.query_one(OptionList)


async def last_client(screens: Screens) -> lists.Client:
    """The synced client whose name is the last one."""
    return (await lists.clients(screens.app.program, screens.app.connection).found("", 1000))[-1]


async def add(program: Program, name: str, email: str = "") -> None:
    """A Karbon contact that is not in Xero."""
    await contacts.add(program, Kind.ORGANIZATION, {"name": name, "email": email} if email else {"name": name})


async def test_a_part_of_the_name_leads_to_the_contact(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        client = await last_client(screens)
        await search(screens, client.contact.name[1:9].lower())
        await screens.until(client.contact.email)
        await screens.press("enter")
        await screens.until(lambda: isinstance(screens.app.screen, ContactPage))
        await screens.until(client.xero_id[:8])
        await screens.press("escape")
        await screens.until("Needs you")


async def test_a_contact_that_is_not_in_xero_is_found_too(desk: Desk) -> None:
    async with desk.program("synced") as program:
        await add(program, "Quokka Quarries", "dig@quokka.example")
        async with opened(program) as screens:
            await search(screens, "dig@quokka")
            await screens.until("Quokka Quarries")
            await screens.press("enter")
            await screens.until("Not in Xero")


async def test_names_are_drawn_as_they_are_and_obeyed_by_nobody(desk: Desk) -> None:
    async with desk.program("synced") as program:
        await add(program, HOSTILE)
        async with opened(program) as screens:
            await search(screens, "zz [b]")
            await screens.until("Zz [b]Bold[/b]")
            assert "\u202e" not in screens.text()
            await screens.press("enter")
            await screens.until("Not in Xero")
            await search(screens, "red alert")
            await screens.until("[31mRed Alert")
            assert "\x1b" not in screens.text()


async def test_enter_takes_nothing_that_was_found_for_other_letters(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        options = await search(screens, "disconnect")
        await screens.until("Disconnect")
        await screens.type("zzqq")
        await screens.press("enter")
        assert isinstance(screens.app.screen, CommandPalette) and options.option_count <= 1
        await screens.until("No matches found")


async def test_no_more_than_twenty_are_shown(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        options = await search(screens, "@")
        await screens.until(lambda: options.option_count == 20)


async def test_nothing_found_is_said(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await search(screens, "zzqqzz")
        await screens.until("No matches found")


async def test_without_a_connection_karbon_contacts_are_found(desk: Desk) -> None:
    async with desk.program("fresh") as program:
        await add(program, "Quokka Quarries")
        async with opened(program) as screens:
            await search(screens, "quokka")
            await screens.until("Quokka Quarries")


async def test_a_contact_is_found_once(desk: Desk) -> None:
    """A synced client is a Karbon contact as well."""
    async with desk.at("synced") as screens:
        client = await last_client(screens)
        options = await search(screens, client.contact.email)
        await screens.until(client.contact.name)
        await screens.until(lambda: options.option_count == 1)


async def test_what_the_program_does_is_offered_on_every_page(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("2")
        await screens.until("Billing email")
        await screens.press("enter")
        await screens.until(lambda: isinstance(screens.app.screen, ContactPage))
        await screens.press("ctrl+p")
        await screens.until(lambda: isinstance(screens.app.screen, CommandPalette))
        await screens.type("sync now")
        await screens.until("key s on the numbered screens")
        await screens.press("enter")
        await screens.until("Synced:")


async def test_every_action_of_the_page_is_offered_with_its_key(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("2")
        await screens.until("Billing email")
        offered = {command.title: command.help for command in commands(screens.app, screens.app.screen)}
        for words, key in (("Unsync", "u"), ("History", "h"), ("Sort", ">"), ("Quit", "q"), ("Keys", "?")):
            assert offered[words] == f"key {key}"
        assert offered["Go to Failed"] == "key 3, then tab"
