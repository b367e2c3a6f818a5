"""A contact's own page, and adding, changing and deleting contacts, while others may do the same."""

from __future__ import annotations

from textual.widgets import Input

from tests.tui.conftest import Desk
from tests.tui.driving import Screens
from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.services import clients, contacts
from xerosync_tui.tui.screens.contact import ContactPage
from xerosync_tui.tui.screens.contacts import Contacts
from xerosync_tui.tui.screens.edit import EditContact


async def at_the_contacts(screens: Screens, *, linked: bool = True) -> DirectoryRecord:
    """The list, its cursor on a contact that is linked or not."""
    await screens.press("4")
    await screens.until("by name")
    await screens.settled()
    if not linked:
        await screens.press("u")
        await screens.until("Only contacts without a link")
        await screens.settled()
    page = screens.app.screen
    assert isinstance(page, Contacts)
    row = page._listing.table.current
    assert row is not None and row.synced is linked
    return row.record


async def edit(screens: Screens) -> None:
    await screens.press("e")
    await screens.until("Postcode")


def put(screens: Screens, field: str, value: str) -> None:
    """Another value into a field of the form."""
    screens.app.screen.query_one(f"#{field}", Input).value = value


def typed(screens: Screens, field: str) -> str:
    return screens.app.screen.query_one(f"#{field}", Input).value


async def stored(screens: Screens, key: str) -> DirectoryRecord:
    return (await contacts.one(screens.app.program, key)).record


# Changing


async def test_only_what_was_typed_is_stored(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        before = await at_the_contacts(screens)
        await edit(screens)
        assert "\x1b" in before.contact.name and "\x1b" not in typed(screens, "name")  # not shown as it is, yet kept
        await contacts.edit(screens.app.program, before.key, {"city": "Elsewhere"})  # by somebody else
        put(screens, "phone", "02 5550 7")
        await screens.press("ctrl+s")
        await screens.until("saved")
        after = await stored(screens, before.key)
        assert (after.contact.phone, after.contact.address.city) == ("02 5550 7", "Elsewhere")
        assert (after.contact.name, after.contact.email) == (before.contact.name, before.contact.email)
        assert isinstance(screens.app.screen, Contacts)


async def test_refused_values_stay_in_the_form_until_they_are_mended(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        before = await at_the_contacts(screens)
        await contacts.add(screens.app.program, Kind.ORGANIZATION, {"name": "Zed", "client_identifier": "ZED1"})
        await edit(screens)
        put(screens, "city", "Perth")
        for field, wrong, right, why in (
            ("name", " ", "Renamed", "a contact has a name"),
            ("email", "e" * 256, "e@renamed.example", "longer than 255"),
            ("contact_type", "No such", "Prospect", "no contact type 'No such'"),
            ("client_identifier", "ZED1", "ZED2", "another contact has that client identifier"),
        ):
            put(screens, field, wrong)
            await screens.press("ctrl+s")
            await screens.until(why)
            assert (typed(screens, field), typed(screens, "city")) == (wrong, "Perth")
            assert await stored(screens, before.key) == before
            put(screens, field, right)
        await screens.press("ctrl+s")
        await screens.until("saved")
        after = await stored(screens, before.key)
        assert (after.contact.name, after.contact.address.city, after.contact_type) == ("Renamed", "Perth", "Prospect")


async def test_a_contact_that_was_deleted_meanwhile_is_told_and_what_was_typed_stays(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        before = await at_the_contacts(screens)
        await edit(screens)
        put(screens, "phone", "02 5550 7")
        await contacts.delete(screens.app.program, before.key)
        await screens.press("ctrl+s")
        await screens.until("There is no Karbon contact")
        assert typed(screens, "phone") == "02 5550 7"


async def test_an_edit_of_the_same_field_by_somebody_else_is_told(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        before = await at_the_contacts(screens)
        await edit(screens)
        put(screens, "phone", "02 5550 7")
        await contacts.edit(screens.app.program, before.key, {"phone": "02 5550 9"})
        await screens.press("ctrl+s")
        await screens.settled()
        assert (await stored(screens, before.key)).contact.phone == "02 5550 9"
        assert typed(screens, "phone") == "02 5550 7"


async def test_esc_asks_only_when_something_was_typed(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        before = await at_the_contacts(screens)
        await edit(screens)
        await screens.press("escape")
        await screens.until("by name")
        await edit(screens)
        put(screens, "phone", "02 5550 7")
        await screens.press("escape")
        await screens.until("What you typed is lost: Primary phone")
        await screens.press("escape")
        assert isinstance(screens.app.screen, EditContact) and typed(screens, "phone") == "02 5550 7"
        await screens.press("escape", "y")
        await screens.until("by name")
        assert await stored(screens, before.key) == before


async def test_a_refusal_that_comes_when_the_form_was_left_is_told(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await at_the_contacts(screens)
        await edit(screens)
        put(screens, "name", " ")
        async with screens.app.jobs._turn:  # as if another decision took its time
            await screens.press("ctrl+s", "escape", "y")
            await screens.until("by name")
        await screens.settled()
        assert "a contact has a name" in screens.text()


# Adding


async def test_a_new_person_needs_a_name_and_is_made_once(desk: Desk) -> None:
    async with desk.at("empty") as screens:
        await screens.press("4", "n")
        await screens.until("person")
        await screens.press("enter")
        await screens.until("Last name")
        put(screens, "phone", "1")
        await screens.press("ctrl+s")
        await screens.until("a contact has a name")
        assert typed(screens, "phone") == "1" and await contacts.listed(screens.app.program) == []
        put(screens, "first_name", "Ada")
        put(screens, "last_name", "Lovelace")
        async with screens.app.jobs._turn:  # so that the second key comes before anything is stored
            await screens.press("ctrl+s", "ctrl+s")
        await screens.until("Ada Lovelace: saved")
        await screens.until("by name")
        ((record, synced),) = await contacts.listed(screens.app.program)
        assert (record.kind, record.contact.name, record.last_name) == (Kind.PERSON, "Ada Lovelace", "Lovelace")
        assert record.contact.phone == "1" and not synced


# Deleting


async def test_deleting_a_linked_contact_says_that_the_link_ends_and_that_xero_keeps_its_own(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        record = await at_the_contacts(screens)
        await screens.press("D")
        await screens.until("everything kept about it here is lost")
        assert "Its link with Xero ends; the Xero contact stays" in screens.text()
        await screens.press("y")
        await screens.until("deleted")
        assert record.key not in {r.key for r, _ in await contacts.listed(screens.app.program)}
        await screens.press("1", "s")
        await screens.until("1 unsynced client")
        (ended,) = await clients.unsynced(screens.app.program)
        assert ended.why == "deleted in Karbon"


async def test_deleting_a_contact_without_a_link_speaks_of_none_and_tells_when_it_is_gone_already(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        record = await at_the_contacts(screens, linked=False)
        await screens.press("D")
        await screens.until("everything kept about it here is lost")
        assert "Its link" not in screens.text()
        await contacts.delete(screens.app.program, record.key)  # by somebody else
        await screens.press("y")
        await screens.until("There is no Karbon contact")
        await screens.press("escape")
        await screens.until("by name")


# The page of one contact


async def open_contact(screens: Screens) -> None:
    await screens.press("enter")
    await screens.until(lambda: isinstance(screens.app.screen, ContactPage))
    await screens.settled()


async def test_the_page_shows_both_sides_and_follows_what_others_do(desk: Desk) -> None:
    async with desk.at("synced", (120, 40)) as screens:
        record = await at_the_contacts(screens)
        await open_contact(screens)
        program = screens.app.program
        view = await contacts.one(program, record.key)
        assert view.link is not None
        for words in ("✓ synced", view.link.xero.id, view.link.xero.contact.phone, record.key):
            assert words in screens.text()
        await contacts.edit(program, record.key, {"phone": "02 5550 9"})
        await screens.until("02 5550 9")
        unsync = "UPDATE link SET state = 'unsynced', why = 'gone in Xero' WHERE karbon_key = ?"
        await program.store.run(lambda db: db.execute_sql(unsync, (record.key,)))
        await screens.until("gone in Xero")
        assert "✓ synced" not in screens.text()
        await contacts.delete(program, record.key)
        await screens.until("This contact was deleted")
        await screens.press("e")
        assert isinstance(screens.app.screen, ContactPage)  # there is nothing to change any more


async def test_a_contact_without_a_link_is_edited_from_its_page_and_has_none_in_xero(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await at_the_contacts(screens, linked=False)
        await open_contact(screens)
        assert "Not in Xero" in screens.text()
        await screens.press("o")
        await screens.until("It is not linked")
        assert isinstance(screens.app.screen, ContactPage)
        await edit(screens)
        put(screens, "phone", "02 5550 7")
        await screens.press("ctrl+s")
        await screens.until("saved")
        assert isinstance(screens.app.screen, ContactPage)
        await screens.until("02 5550 7")
