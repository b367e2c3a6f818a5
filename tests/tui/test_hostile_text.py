"""Names that mean harm, wherever a page puts one: nothing of them would be obeyed by a terminal, or read as markup."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
from peewee import SqliteDatabase
from textual import events
from textual.widgets import Input

from tests.tui.conftest import Desk
from tests.tui.driving import Screens, opened
from xerosync_tui.domain.connection import Organisation
from xerosync_tui.domain.contact import Address, Contact, KarbonContact, Kind, XeroContact
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.match import Reason
from xerosync_tui.errors import MachineError
from xerosync_tui.store import connections, directory, issues, links, mirror, runs
from xerosync_tui.tui.screens.contacts import Contacts
from xerosync_tui.tui.screens.issues import Issues
from xerosync_tui.tui.widgets.listing import Listing

MARKUP = "Smith [/] Co [bold]x"
CONTROLS = "a\x1b]52;c;AAAA\x07b \x9b31m Two\nLines\r\u2028more"
BIDI = "\u202eevil \u2066x"
NAMES = (MARKUP, CONTROLS, BIDI, "👨\u200d👩\u200d👧 Family", "\u0301" * 30, "n" * 255)
Row = TypeVar("Row")
_JOINERS = "\u200c\u200d"


def check(screens: Screens, *shown: str) -> None:
    """Nothing on the screen moves a cursor, turns the text round or is no character; ``shown`` is there as it is."""
    seen = screens.text()
    assert {c for c in seen if unicodedata.category(c)[0] == "C" and c not in f"\n{_JOINERS}"} == set()
    assert not any(c in seen for c in "\u2028\u2029")
    for words in shown:
        assert words in seen


def current(listing: Listing[Row]) -> Row:
    """The row under the cursor."""
    row = listing.table.current
    assert row is not None
    return row


def fill(db: SqliteDatabase) -> None:
    """A connection in which every text is one of the names; the first half is linked, the others wait."""
    identity = connections.directory_identity(db)
    organisation = Organisation("o", CONTROLS, "c", "!x", "AU")
    connection = connections.activate(db, organisation, identity, 0).id
    connections.change(db, connection, started_at=1, previewed_at=1)
    directory.add_type(db, BIDI)
    people = [Contact(name, f"{name}@x.example", name, Address(line1=name, city=name)) for name in NAMES]
    for n, contact in enumerate(people):
        record = DirectoryRecord(f"k{n}", Kind.ORGANIZATION, contact, contact_type=BIDI, kind_reason=contact.name)
        directory.add(db, [record])
    mirror.put_xero(db, connection, [XeroContact(f"x{n}", c) for n, c in enumerate(people)], 1)
    karbon = [KarbonContact(f"k{n}", Kind.ORGANIZATION, c, BIDI) for n, c in enumerate(people)]
    mirror.put_karbon(db, connection, karbon)
    half = [links.NewLink(f"x{n}", f"k{n}", BIDI, c, c) for n, c in enumerate(people) if n % 2]
    links.add(db, connection, half, 1)
    for n in range(0, len(people), 2):
        issues.hold(db, connection, f"x{n}", Reason.HELD, 1)
    runs.put_failed(db, connection, "xero", [("r", CONTROLS, BIDI)], 1)


@asynccontextmanager
async def among_them(desk: Desk) -> AsyncIterator[Screens]:
    async with desk.program("empty") as program:
        await program.store.run(fill)
        async with opened(program) as screens:
            yield screens


async def test_dialogs_and_toasts(desk: Desk) -> None:
    async with desk.at("empty") as screens:
        for name in NAMES:
            screens.app.say(name)
            screens.app.tell(MachineError(name, name))
            await screens.until("It did not work")
            check(screens, *([name] if name == MARKUP else []))
            await screens.press("escape")


async def test_the_organisation_that_is_disconnected(desk: Desk) -> None:
    async with desk.program("synced") as program, opened(program) as screens:
        for name in NAMES:
            change = {"organisation_name": name}
            await program.store.run(lambda db, change=change: connections.change(db, 1, **change))  # type: ignore[misc]
            await screens.app.read_status()
            await screens.press("d")
            await screens.until("Disconnect")
            check(screens, *([f"Disconnect {name}?"] if name == MARKUP else []))
            await screens.press("escape")


async def test_contacts_their_pages_and_their_deletion(desk: Desk) -> None:
    async with among_them(desk) as screens:
        await screens.press("4")
        await screens.until("by name")
        page = screens.app.screen
        assert isinstance(page, Contacts)
        for _ in NAMES:
            name = current(page._listing).record.contact.name
            plain = [name] if name == MARKUP else []
            await screens.press("enter")
            await screens.until("Xero Client")
            await screens.settled()
            check(screens, *plain)
            await screens.press("escape", "D")
            await screens.until("Leave it")
            check(screens, *(f"Delete {words}?" for words in plain))
            await screens.press("escape", "down")
            await screens.settled()
            check(screens)


async def test_the_queue_and_the_match_page(desk: Desk) -> None:
    async with among_them(desk) as screens:
        await screens.press("3")
        await screens.until("Conflicts")
        await screens.settled()
        page = screens.app.screen
        assert isinstance(page, Issues)
        for _ in range(len(page._listing.table.ids)):
            name = current(page._listing).name
            plain = [name] if name == MARKUP else []
            check(screens, *plain)
            await screens.press("a")
            await screens.until(" with")
            await screens.settled()
            check(screens, *(f"Match {words} with" for words in plain))
            await screens.press("enter", "enter")
            await screens.until("Leave it")
            check(screens)
            await screens.press("escape", "down")
            await screens.settled()


async def test_menus_settings_failures_and_the_palette_over_a_list(desk: Desk) -> None:
    steps = [
        ("2", "Billing email"), ("full_stop", "Open in Xero"), ("escape", "by name"), ("ctrl+p", "part of a client"),
        ("escape", "by name"), ("1", "Needs you"), ("t", "Interval"), ("enter", "no type"), ("escape", "Interval"),
        ("escape", "Needs you"), ("down", "failed"), ("enter", "reads"),
    ]  # fmt: skip
    async with among_them(desk) as screens:
        for key, wanted in steps:
            await screens.press(key)
            await screens.until(wanted)
            await screens.settled()
            check(screens)


@pytest.mark.parametrize(("steps", "wanted"), [("2 slash", "filter"), ("4 n enter", "Postcode"), ("4 i", "The path")])
async def test_what_is_pasted_into_a_line(desk: Desk, steps: str, wanted: str) -> None:
    async with desk.at("synced") as screens:
        await screens.press(*steps.split())
        await screens.until(wanted)
        field = screens.app.focused
        assert isinstance(field, Input)
        field.post_message(events.Paste(f"\x9b2J {BIDI}"))
        await screens.until(lambda: field.value)
        check(screens)
