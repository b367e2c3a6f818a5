"""What two-way syncing asks of a person, by its keys: field conflicts, unsynced, failed, create in Xero, undo."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.scenarios.conftest import directory as directory  # fixtures
from tests.scenarios.conftest import firm as firm
from tests.scenarios.conftest import size as size
from tests.scenarios.firm import CONTACTS, Firm
from tests.scenarios.linked import NEW_PHONE, OLD_PHONE, OTHER_PHONE, Client, conflicts, failed, linked, lose
from tests.tui.driving import Screens
from tests.tui.firms import burst, counted, screens_over
from xerosync_tui.domain.contact import Field
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.services import clients as services
from xerosync_tui.services import contacts


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(SandboxOptions(size=0)) as server:
        yield server


async def in_conflict(client: Client) -> None:
    """Both sides change the phone: one field waits."""
    client.phone_in_xero(NEW_PHONE)
    await client.in_karbon(phone=OTHER_PHONE)
    await client.firm.sync()


# Field conflicts


@pytest.mark.parametrize(("key", "kept", "lost"), [("x", NEW_PHONE, OTHER_PHONE), ("b", OTHER_PHONE, NEW_PHONE)])
async def test_a_field_conflict_is_decided_by_one_key_that_says_what_is_lost(
    firm: Firm, key: str, kept: str, lost: str
) -> None:
    [client] = await linked(firm, "Acme")
    await in_conflict(client)
    async with screens_over(firm, "3", "tab", until="last agreed") as screens:
        assert all(phone in screens.text() for phone in (OLD_PHONE, NEW_PHONE, OTHER_PHONE))
        assert any(line.strip().startswith(key) and f"{lost} is lost" in line for line in screens.text().splitlines())
        await screens.press(key)
        await screens.until("z undoes: Acme: value chosen")
        await screens.until("Field conflicts 0")
    assert await client.both(Field.PHONE) == (kept, kept)
    assert await conflicts(firm) == {}


async def test_the_queue_moves_on_to_the_next_field(firm: Firm) -> None:
    [client] = await linked(firm, "Acme")
    await in_conflict(client)
    client.in_xero(EmailAddress="xero@acme.example")
    await client.in_karbon(email="karbon@acme.example")
    await firm.sync()
    async with screens_over(firm, "3", "tab", until="Field conflicts 2") as screens:
        await screens.press("x")
        await screens.until("Field conflicts 1")
        await screens.settled()
        await screens.press("b")
        await screens.until("Field conflicts 0")
        await screens.settled()
    phones, emails = await client.both(Field.PHONE), await client.both(Field.EMAIL)
    assert phones == (NEW_PHONE, NEW_PHONE) and emails == ("karbon@acme.example", "karbon@acme.example")


async def test_a_burst_of_keys_decides_nothing_that_was_not_on_the_screen(firm: Firm) -> None:
    first, second = await linked(firm, "Acme", "Bravo")
    for client in (first, second):
        await in_conflict(client)
    async with screens_over(firm, "3", "tab", until="Field conflicts 2") as screens:
        await burst(screens, "j", "x")
        assert set(await conflicts(firm)) == {first.id, second.id}


async def test_a_key_that_repeats_decides_a_field_once(firm: Firm) -> None:
    [client] = await linked(firm, "Acme")
    await in_conflict(client)
    async with screens_over(firm, "3", "tab", until="last agreed") as screens:
        await burst(screens, "x", "x", "b", "x")
        await screens.until("Field conflicts 0")
        assert "did not work" not in screens.text()
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)


async def test_undo_of_a_field_conflict_says_what_comes_back(firm: Firm) -> None:
    [client] = await linked(firm, "Acme")
    await in_conflict(client)
    async with screens_over(firm, "3", "tab", until="last agreed") as screens:
        await screens.press("x")
        await screens.until("z undoes: Acme: value chosen")
        await screens.press("z")
        await screens.until("Acme: undone; it waits for you again")
        await screens.until("Field conflicts 1")
    assert await client.both(Field.PHONE) == (NEW_PHONE, OTHER_PHONE)


# Unsync, and link again


async def test_unsync_says_what_stays_and_z_takes_it_back(firm: Firm) -> None:
    [client] = await linked(firm, "Acme")
    async with screens_over(firm, "2", until="Acme") as screens:
        await screens.press("u")
        await screens.until("Both records stay")
        await screens.press("escape")
        await screens.settled()
        assert await counted(firm, "synced") == 1  # escape decides nothing
        await screens.press("u")
        await screens.until("Both records stay")
        await screens.press("y")
        await screens.until("unsynced. z")
        await client.in_karbon(phone=NEW_PHONE)
        await firm.sync()
        assert client.xero()["Phones"][0]["PhoneNumber"] == OLD_PHONE
        await screens.press("z")
        await screens.until("synced again")
        await firm.sync()
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)


async def test_marked_clients_are_unsynced_and_come_back_together(firm: Firm) -> None:
    await linked(firm, "Acme", "Bravo", "Carla")
    async with screens_over(firm, "2", until="Carla") as screens:
        await screens.press("space", "space", "u")
        await screens.until("Unsync 2 clients?")
        await screens.press("y")
        await screens.until("2 clients: unsynced")
        assert list(await firm.rows("SELECT xero_name FROM link WHERE state = 'synced'")) == [("Carla",)]
        await screens.until_gone("marked")
        await screens.press("z")
        await screens.until("2 changes undone.")
    assert await counted(firm, "synced") == 3


async def test_z_says_why_the_newest_decision_stays_and_then_takes_the_one_before(firm: Firm) -> None:
    _, second = await linked(firm, "Acme", "Bravo")
    await firm.delete_karbon(second.key)
    async with screens_over(firm, "2", until="Acme") as screens:
        await screens.press("u")
        await screens.until("Both records stay")
        await screens.press("y")
        await screens.until("Acme: unsynced. z undoes it.")
        await screens.press("3", "tab", "tab")
        await screens.until("Unsynced 2")
        await screens.settled()
        await screens.press("end")
        await screens.until("Deleted in Karbon.")
        await screens.press("A")
        await screens.until("no way back")
        await screens.press("y")
        await screens.until("Bravo: archived in Xero. It cannot be undone: only Xero's own")
        await screens.settled()
        assert "z undoes: " not in screens.text()
        await screens.press("z")
        await screens.until("Bravo: archived in Xero. It cannot be undone")
        await screens.until(lambda: screens.text().splitlines()[2].startswith(" z undoes: Acme: unsynced"))
        assert await counted(firm, "synced") == 0
        await screens.press("z")
        await screens.until("Acme: undone; it is synced again.")
    assert await counted(firm, "synced") == 1


async def test_the_state_column_tells_conflicts_and_refusals(firm: Firm) -> None:
    first, second = await linked(firm, "Acme", "Bravo")
    await in_conflict(first)
    await second.in_karbon(email="new@bravo.example")
    lose(firm, "element_errors", value="Email is wrong.")
    await firm.sync()
    async with screens_over(firm, "2", until="Bravo") as screens:
        rows = {line.split()[0].strip("▸"): line for line in screens.text().replace("▸", " ").splitlines() if line}
        assert rows["Acme"].endswith("≠ 1") and rows["Bravo"].endswith("! failed")


@pytest.mark.parametrize(("key", "kept"), [("x", NEW_PHONE), ("b", OTHER_PHONE)])
async def test_match_again_shows_both_losses_and_the_chosen_side_stands(firm: Firm, key: str, kept: str) -> None:
    [client] = await linked(firm, "Acme")
    await services.unsync(firm.program, [client.id])
    client.phone_in_xero(NEW_PHONE)
    await client.in_karbon(phone=OTHER_PHONE)
    await firm.sync()
    async with screens_over(firm, "3", "tab", "tab", until="No longer synced: unsynced by") as screens:
        await screens.press("m")
        await screens.until("as before")
        await screens.press("enter")
        await screens.until("Karbon's data stands")
        assert f"{OTHER_PHONE} ▸ {NEW_PHONE}" in screens.text() and f"{NEW_PHONE} ▸ {OTHER_PHONE}" in screens.text()
        await screens.press(key)
        await screens.until("z undoes: Acme: matched")
        await screens.until("Unsynced 0")
    assert await client.both(Field.PHONE) == (kept, kept)
    assert await firm.links() == {client.id: client.key}


async def test_match_again_with_another_karbon_contact(firm: Firm) -> None:
    other = await firm.in_karbon("Zoe Hall")
    [client] = await linked(firm, "Acme")
    await services.unsync(firm.program, [client.id])
    async with screens_over(firm, "3", "tab", "tab", until="No longer synced") as screens:
        await screens.press("m")
        await screens.until("as before")
        await screens.press("down", "enter")
        await screens.until("Zoe Hall")
        await screens.settled()
        await screens.press("enter", "end", "enter")
        await screens.until("Karbon's data stands")
        await screens.press("x")
        await screens.until("Unsynced 0")
    assert await firm.links() == {client.id: other}


async def test_what_was_deleted_in_karbon_is_made_anew_there_or_archived_in_xero(firm: Firm) -> None:
    first, second = await linked(firm, "Acme", "Bravo")
    for client in (first, second):
        await contacts.delete(firm.program, client.key)
    async with screens_over(firm, "3", "tab", "tab", until="Deleted in Karbon") as screens:
        await screens.press("n")
        await screens.until("from Xero's data")
        await screens.press("enter")
        await screens.until("z undoes: Acme: created in Karbon")
        await screens.until("Unsynced 1")
        await screens.settled()
        await screens.press("A")
        await screens.until("no way back")
        await screens.press("y")
        await screens.until("Bravo: archived in Xero")
    assert list(await firm.links()) == [first.id]
    assert (first.xero()["ContactStatus"], second.xero()["ContactStatus"]) == ("ACTIVE", "ARCHIVED")


async def test_a_merged_contact_offers_its_survivor(firm: Firm) -> None:
    loser, survivor = await linked(firm, "Acme", "Zoe Hall")
    firm.edit("merge", loser=loser.id, survivor=survivor.id)
    await firm.sync()
    async with screens_over(firm, "3", "tab", "tab", until="merged it into Zoe Hall") as screens:
        await screens.press("m")
        await screens.until("synced already")
        await services.unsync(firm.program, [survivor.id])
        await screens.until("links Zoe Hall again")
        await screens.settled()
        await screens.press("home", "m")
        await screens.until("as before")
        await screens.press("enter")
        await screens.until("Xero's data stands")
        await screens.press("x")
        await screens.until("z undoes: Zoe Hall: matched")
    assert await firm.links() == {survivor.id: loser.key}


# Failed


async def test_retry_tries_one_and_says_what_became_of_it(firm: Firm) -> None:
    [client] = await linked(firm, "Acme")
    await client.in_karbon(phone=NEW_PHONE)
    lose(firm, "element_errors", times=1, value="Phone is wrong.")
    await firm.sync()
    async with screens_over(firm, "3", "shift+tab", until="Xero refused an edit") as screens:
        assert "Phone is wrong." in screens.text()
        lose(firm, "element_errors", times=1, value="Still wrong.")
        await screens.press("r")
        await screens.until("! Acme: Xero refused the edit: Still wrong.")
        assert "Still wrong.." not in screens.text() and "Acme: done." not in screens.text()
        await screens.until("Failed 1")
        await screens.settled()
        await screens.press("r")
        await screens.until("Acme: done.")
        await screens.until("Failed 0")
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)


async def test_a_retry_that_gets_no_answer_is_not_called_done(firm: Firm) -> None:
    [client] = await linked(firm, "Acme")
    await client.in_karbon(phone=NEW_PHONE)
    lose(firm, "element_errors", times=1, value="Phone is wrong.")
    await firm.sync()
    async with screens_over(firm, "3", "shift+tab", until="Xero refused an edit") as screens:
        firm.xero.fault("html", CONTACTS, times=20)
        await screens.press("r")
        await screens.until("! Something between this machine and")
        await screens.settled()
        assert "Acme: done." not in screens.text() and "Failed 1" in screens.text()


async def test_retry_all_is_a_full_sync(firm: Firm) -> None:
    acme, bravo = await linked(firm, "Acme", "Bravo")
    for client in (acme, bravo):
        await client.in_karbon(phone=NEW_PHONE)
    lose(firm, "element_errors", times=1, value="Phone is wrong.")
    await firm.sync()
    assert len(await failed(firm)) == 2
    async with screens_over(firm, "3", "shift+tab", until="Failed 2") as screens:
        await screens.press("R")
        await screens.until("Failed 0")
    assert await bravo.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)


# A Karbon contact and its Xero client


async def at_the_contact(screens: Screens, name: str) -> None:
    await screens.press("4", "slash")
    await screens.type(name)
    await screens.press("enter", "enter")
    await screens.until("Xero Client")
    await screens.settled()


async def test_create_contact_makes_and_links_it_once_what_is_sent_was_read(firm: Firm) -> None:
    await linked(firm, "Acme")
    key = await firm.in_karbon("Zoe Hall", "zoe@hall.example")  # Karbon was not read since
    async with screens_over(firm) as screens:
        await at_the_contact(screens, "Zoe")
        await screens.press("C")
        await screens.until("Create Zoe Hall in Xero?")
        assert "zoe@hall.example" in screens.text() and not firm.written_to_xero()
        await screens.press("y")
        await screens.until("✓ synced")
    made = next(one for one in firm.xero_contacts() if one["Name"] == "Zoe Hall")
    assert (await firm.links())[made["ContactID"]] == key


async def test_a_taken_name_offers_a_link_or_another_name(firm: Firm) -> None:
    key = await firm.in_karbon("Zoe Hall", "old@hall.example")
    taken = firm.in_xero("Zoe Hall", "zoe@hall.example")
    await linked(firm, "Acme")
    async with screens_over(firm) as screens:
        await at_the_contact(screens, "Zoe")
        await screens.press("C")
        await screens.until("there already")
        await screens.press("C")
        await screens.until("Xero has each name once")
        await screens.press("N")
        await screens.until("Its name in Xero")
        await screens.type(" 2")
        await screens.press("enter")
        await screens.until("Create Zoe Hall 2 in Xero?")
        await screens.press("escape")
        await screens.until("there already")
        await screens.press("enter")
        await screens.until("old@hall.example ▸ zoe@hall.example")
        await screens.press("y")
        await screens.until("✓ synced")
    assert (await firm.links())[taken] == key
    assert [one["Name"] for one in firm.xero_contacts()].count("Zoe Hall") == 1


async def test_create_under_another_name(firm: Firm) -> None:
    key = await firm.in_karbon("Zoe Hall")
    firm.in_xero("Zoe Hall", "zoe@hall.example")
    await linked(firm, "Acme")
    async with screens_over(firm) as screens:
        await at_the_contact(screens, "Zoe")
        await screens.press("C")
        await screens.until("there already")
        await screens.press("N")
        await screens.until("Its name in Xero")
        await screens.type(" 2")
        await screens.press("enter")
        await screens.until("Create Zoe Hall 2 in Xero?")
        await screens.press("y")
        await screens.until("✓ synced")
    made = next(one for one in firm.xero_contacts() if one["Name"] == "Zoe Hall 2")
    assert (await firm.links())[made["ContactID"]] == key


async def test_the_contact_page_unsyncs_and_its_history_takes_it_back(firm: Firm) -> None:
    await linked(firm, "Acme")
    async with screens_over(firm) as screens:
        await at_the_contact(screens, "Acme")
        assert "created in Karbon" in screens.text()
        await screens.press("u")
        await screens.until("Both records stay")
        await screens.press("y")
        await screens.until("no longer synced")
        await screens.until(lambda: re.search(r"unsynced +unsynced by mia", screens.text()))
        await screens.settled()
        await screens.press("home", "z")
        await screens.until("y Undo")
        await screens.press("y")
        await screens.until("✓ synced")
    assert await counted(firm) == 0


async def test_a_line_of_the_history_that_stays_says_why(firm: Firm) -> None:
    [client] = await linked(firm, "Acme")
    await client.in_karbon(phone=NEW_PHONE)
    await firm.sync()
    await client.in_karbon(phone=OTHER_PHONE)
    await firm.sync()
    async with screens_over(firm) as screens:
        await at_the_contact(screens, "Acme")
        await screens.press("home", "down", "down", "enter")
        await screens.until("It can't be undone")
        assert "primary phone changed since" in screens.text()
        await screens.press("escape")
    assert await client.both(Field.PHONE) == (OTHER_PHONE, OTHER_PHONE)


async def test_delete_archives_in_xero_only_when_that_is_chosen(firm: Firm) -> None:
    first, second = await linked(firm, "Acme", "Bravo")
    async with screens_over(firm, "4", until="Bravo") as screens:
        await screens.press("D")
        await screens.until("no way back")
        await screens.press("y")
        await screens.until("Acme: deleted.")
        await screens.until("1   by name")
        await screens.press("D")
        await screens.until("Delete Bravo?")
        await screens.press("A")
        await screens.until("archived in Xero")
    assert (first.xero()["ContactStatus"], second.xero()["ContactStatus"]) == ("ACTIVE", "ARCHIVED")


# Activity


async def test_an_entry_of_a_run_is_taken_back_on_both_sides(firm: Firm) -> None:
    [client] = await linked(firm, "Acme")
    client.phone_in_xero(NEW_PHONE)
    await firm.sync()
    async with screens_over(firm, "5", until="incremental") as screens:
        await screens.press("enter")
        await screens.until(f"{OLD_PHONE} ▸ {NEW_PHONE}")
        await screens.settled()
        await screens.press("z")
        await screens.until("Karbon gets the value from before, and Xero gets it too")
        await screens.press("y")
        await screens.until("Acme: undone; primary phone as before.")
    assert await client.both(Field.PHONE) == (OLD_PHONE, OLD_PHONE)


async def test_a_run_is_taken_back_after_what_cannot_be_was_read(firm: Firm) -> None:
    first, second = await linked(firm, "Acme", "Bravo")
    for client in (first, second):
        client.phone_in_xero(NEW_PHONE)
    await firm.sync()
    await second.in_karbon(phone=OTHER_PHONE)
    await firm.sync()
    async with screens_over(firm, "5", "down", until="2 changed in Karbon") as screens:
        await screens.press("z")
        await screens.until("1 contact gets the values from before")
        assert "Bravo: primary phone changed since" in screens.text()
        assert "This can't be reversed." in screens.text()
        await screens.press("y")
        await screens.until("1 entry undone, 1 not")
    assert await first.both(Field.PHONE) == (OLD_PHONE, OLD_PHONE)
    assert await second.both(Field.PHONE) == (OTHER_PHONE, OTHER_PHONE)


async def test_runs_that_did_nothing_are_shown_when_asked_for(firm: Firm) -> None:
    await linked(firm, "Acme")
    await firm.sync()
    async with screens_over(firm, "5", until="initial") as screens:
        assert "incremental" not in screens.text()
        await screens.press("v")
        await screens.until("incremental")


async def test_the_preview_of_a_later_sync_lists_what_would_change_and_end(firm: Firm) -> None:
    first, second, third = await linked(firm, "Acme", "Bravo", "Carla")
    first.phone_in_xero(NEW_PHONE)
    await second.in_karbon(email="new@bravo.example")
    firm.edit("archive", third.id)
    async with screens_over(firm, "p", until="Changes 3") as screens:
        assert f"{OLD_PHONE} ▸ {NEW_PHONE}" in screens.text() and "link ends" in screens.text()
        rows = {line.split()[0]: line for line in screens.text().replace("▸", " ").splitlines() if line.strip()}
        assert "Karbon" in rows["Acme"] and "Xero" in rows["Bravo"] and "archived" in rows["Carla"]
        await screens.press("slash")
        await screens.type("brav")
        await screens.press("enter")
        await screens.until("1 of 3")
        await screens.press("enter")
        await screens.until("in Xero")
        await screens.until("new@bravo.example")


async def test_the_contact_page_says_what_has_not_gone_over(firm: Firm) -> None:
    [client] = await linked(firm, "Acme")
    async with screens_over(firm, "2", until="Acme") as screens:
        await screens.press("enter")
        await screens.until("✓ synced")
        await client.in_karbon(email="new@acme.example")
        await screens.until("○ goes over with the next sync")
        lose(firm, "element_errors", value="Email is wrong.")
        await firm.sync()
        await screens.until("! the last edit was refused")


async def test_a_refused_edit_is_corrected_from_where_it_is_listed(firm: Firm) -> None:
    [client] = await linked(firm, "Acme")
    await client.in_karbon(email="new@acme.example")
    lose(firm, "element_errors", times=1, value="Email is wrong.")
    await firm.sync()
    async with screens_over(firm, "3", "shift+tab", until="Email is wrong") as screens:
        await screens.press("e")
        await screens.until("Postcode")
        await screens.press("down", "end", "ctrl+u")
        await screens.type("better@acme.example")
        await screens.press("ctrl+s")
        await screens.until("Email is wrong")
        await screens.press("r")
        await screens.until("Failed 0")
    assert await client.both(Field.EMAIL) == ("better@acme.example", "better@acme.example")
