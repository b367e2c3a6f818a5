"""Ends and beginnings of linked clients: archived, merged, deleted, restored, linked again (engine.md 2.4)."""

from __future__ import annotations

import pytest

from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.match import Reason
from xerosync_tui.domain.states import Action, Side
from xerosync_tui.errors import NeedsPerson, RemoteError, UsageError
from xerosync_tui.services import clients, connect, overview, triage
from xerosync_tui.services.undo import undo

from .firm import Firm
from .linked import NEW_PHONE, OLD_PHONE, OTHER_PHONE, Client, came_to_rest, conflicts, linked, lose
from .sandboxed import consent_to

ENDS = {
    "archive": "archived in Xero",
    "gdpr": "under an erasure request in Xero",
    "delete": "no longer in Xero",
}


@pytest.fixture
async def client(firm: Firm) -> Client:
    return (await linked(firm, "Acme", "Bravo"))[0]


async def reasons(firm: Firm) -> dict[str, str]:
    """Why a link ended, by ContactID."""
    return {one.xero.id: one.why for one in await clients.unsynced(firm.program)}


async def ended(client: Client, why: str) -> None:
    """P9: the link is no more; Karbon's contact stays as it was, and nothing is written to either side."""
    firm = client.firm
    before, written = await firm.karbon(), len(firm.written_to_xero())
    await firm.sync(full=True)
    assert await reasons(firm) == {client.id: why}
    assert client.id not in await firm.links()
    assert (await firm.karbon(), len(firm.written_to_xero())) == (before, written)
    assert await firm.issues() == {}
    await came_to_rest(firm)


@pytest.mark.parametrize("op", ENDS)
async def test_what_ends_in_xero_ends_the_link_and_karbon_keeps_its_contact(
    firm: Firm, client: Client, op: str
) -> None:
    """P9, P17."""
    firm.edit(op, client.id)
    await ended(client, ENDS[op])
    assert ("unlink", "done", client.id, client.key) in await firm.journal()
    await client.in_karbon(phone=NEW_PHONE)  # of no interest to Xero any more
    await firm.sync()
    assert firm.written_to_xero() == []


async def test_a_contact_that_an_increment_does_not_bring_has_not_vanished(firm: Firm, client: Client) -> None:
    """P11: only a complete read can tell."""
    firm.edit("delete", client.id)
    await firm.sync()
    assert client.id in await firm.links()


async def test_restored_in_xero_it_is_offered_and_never_linked_silently(firm: Firm, client: Client) -> None:
    """P9; edits made meanwhile stay where they are until a person decides."""
    firm.edit("archive", client.id)
    await firm.sync()
    client.phone_in_xero(NEW_PHONE)
    firm.edit("restore", client.id)
    for full in (False, True):
        await firm.sync(full=full)
    assert "restored in Xero" in (await reasons(firm))[client.id]
    assert client.id not in await firm.links()
    assert await client.both(Field.PHONE) == (NEW_PHONE, OLD_PHONE)

    await clients.rematch(firm.program, client.id, client.key, Side.XERO)
    assert (await firm.links())[client.id] == client.key
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    await came_to_rest(firm)


async def test_archived_and_made_anew_in_xero_a_person_links_the_new_one(firm: Firm, client: Client) -> None:
    """P1, P2, P9: never by itself; the Karbon contact whose link ended is free for a person's word."""
    firm.edit("archive", client.id)
    await firm.sync()
    anew = firm.in_xero("Acme", "acme@client.example", NEW_PHONE)
    for full in (False, True):
        await firm.sync(full=full)
    assert (await firm.issues())[anew].reason is Reason.TAKEN
    assert client.key not in (await firm.links()).values()
    done = await triage.confirm(firm.program, anew, client.key)
    assert (await firm.links())[anew] == client.key
    assert (await client.karbon()).contact.phone == NEW_PHONE
    await came_to_rest(firm)
    await undo(firm.program, done.entry)
    assert client.key not in (await firm.links()).values()
    assert (anew in await firm.issues(), (await reasons(firm))[client.id]) == (True, "archived in Xero")
    await came_to_rest(firm)


async def test_archived_in_the_archive_is_no_client_to_link(firm: Firm, client: Client) -> None:
    """P9."""
    firm.edit("archive", client.id)
    await firm.sync()
    with pytest.raises(UsageError, match="ARCHIVED in Xero and cannot be linked"):
        await clients.rematch(firm.program, client.id, client.key, Side.XERO)
    with pytest.raises(UsageError):
        await clients.recreate(firm.program, client.id)


async def test_merged_into_a_contact_without_a_link_the_survivor_is_named(firm: Firm, client: Client) -> None:
    """P9: the link is offered to move, and moves when a person says so."""
    survivor = firm.in_xero("Acme Holdings", "holdings@client.example")
    await firm.sync()
    await firm.delete_karbon((await firm.links())[survivor])  # so the survivor has no link
    firm.edit("merge", loser=client.id, survivor=survivor)
    await firm.sync()
    [one] = [one for one in await clients.unsynced(firm.program) if one.xero.id == client.id]
    assert (one.why, one.survivor and one.survivor.id) == ("merged into another contact in Xero", survivor)
    assert survivor not in await firm.links()
    await clients.rematch(firm.program, survivor, client.key, Side.XERO)
    assert (await firm.links())[survivor] == client.key
    await came_to_rest(firm)


async def test_merged_into_a_contact_that_never_had_a_link_the_link_moves(firm: Firm) -> None:
    """P1, P9: the survivor was a match issue until then; a person moves the link, and can take that back."""
    [loser] = await linked(firm, "Acme")
    survivor = firm.in_xero("Acme Holdings", "acme@client.example", NEW_PHONE)
    await firm.sync()
    assert set(await firm.issues()) == {survivor}
    firm.edit("merge", loser=loser.id, survivor=survivor)
    await firm.sync()
    assert await firm.links() == {}
    done = await clients.rematch(firm.program, survivor, loser.key, Side.XERO)
    assert (await firm.links(), await firm.issues()) == ({survivor: loser.key}, {})
    assert (await loser.karbon()).contact.phone == NEW_PHONE
    await came_to_rest(firm)
    await undo(firm.program, done.entry)
    assert (await firm.links(), set(await firm.issues())) == ({}, {survivor})
    assert (await loser.karbon()).contact.phone == OLD_PHONE


async def test_who_is_no_survivor_and_never_had_a_link_is_not_linked_again(firm: Firm, client: Client) -> None:
    """P1: a match issue is decided where it waits."""
    await clients.unsync(firm.program, [client.id])
    twin = firm.in_xero("Acme", "acme@client.example")
    await firm.sync()
    with pytest.raises(UsageError, match="no unsynced client"):
        await clients.rematch(firm.program, twin, client.key, Side.XERO)


async def test_merged_into_a_linked_contact_a_person_decides(firm: Firm) -> None:
    """P1, P9: the survivor's link stays; the loser's Karbon contact cannot be linked to it beside that."""
    loser, survivor = await linked(firm, "Acme", "Bravo")
    firm.edit("merge", loser=loser.id, survivor=survivor.id)
    await ended(loser, "merged into another contact in Xero")
    [one] = await clients.unsynced(firm.program)
    assert one.survivor and one.survivor.id == survivor.id
    assert await firm.links() == {survivor.id: survivor.key}
    with pytest.raises(UsageError, match="linked already"):
        await clients.rematch(firm.program, survivor.id, loser.key, Side.XERO)


async def test_deleted_in_karbon_it_is_not_imported_again(firm: Firm, client: Client) -> None:
    """P9: neither by an increment, nor by an audit, nor when Xero's contact is edited."""
    await firm.delete_karbon(client.key)
    await ended(client, "deleted in Karbon")
    client.in_xero(Name="Acme Renamed", EmailAddress="renamed@client.example")
    for full in (False, True):
        await firm.sync(full=full)
    assert (len(await firm.karbon()), await firm.issues()) == (1, {})
    assert client.xero()["ContactStatus"] == "ACTIVE"


async def test_deleted_in_karbon_it_can_be_archived_in_xero_by_a_person(firm: Firm, client: Client) -> None:
    """P9: only then, and there is no way back from here."""
    with pytest.raises(UsageError, match="linked already"):
        await clients.archive_in_xero(firm.program, client.id)
    await firm.delete_karbon(client.key)
    done = await clients.archive_in_xero(firm.program, client.id)
    assert (done.name, client.xero()["ContactStatus"]) == ("Acme", "ARCHIVED")
    assert {c["ContactStatus"] for c in firm.xero_contacts() if c["ContactID"] != client.id} == {"ACTIVE"}
    [archived] = [one.entry for one in done.done if one.action is Action.ARCHIVE]
    with pytest.raises(NeedsPerson, match="only Xero's own web page"):
        await undo(firm.program, archived)
    await came_to_rest(firm)


@pytest.mark.parametrize(("trouble", "state", "status"), [
    ("lost_reply", "done", "ARCHIVED"), ("refuse", "abandoned", "ACTIVE"),
])  # fmt: skip
async def test_an_archiving_whose_answer_was_lost_is_settled_by_the_next_sync(
    firm: Firm, client: Client, trouble: str, state: str, status: str
) -> None:
    """P17: the journal says whether it was done."""
    await firm.delete_karbon(client.key)
    lose(firm, trouble)
    with pytest.raises(RemoteError):
        await clients.archive_in_xero(firm.program, client.id)
    await firm.sync()
    assert client.xero()["ContactStatus"] == status
    assert await firm.rows("SELECT state FROM journal WHERE action = 'archive'") == [(state,)]


async def test_deleted_in_karbon_it_can_be_made_there_again(firm: Firm, client: Client) -> None:
    """P1."""
    await firm.delete_karbon(client.key)
    await firm.sync()
    made = await clients.recreate(firm.program, client.id)
    assert made.karbon_key != client.key
    assert (await firm.links())[client.id] == made.karbon_key
    assert (await firm.karbon())[made.karbon_key].contact.phone == OLD_PHONE
    await came_to_rest(firm)


@pytest.mark.parametrize("take", [Side.XERO, Side.KARBON])
async def test_unsynced_edited_on_both_sides_and_linked_again_the_chosen_side_stands(
    firm: Firm, client: Client, take: Side
) -> None:
    """P4, P9: meanwhile nothing crosses; afterwards both sides hold the chosen values, and what only one had."""
    await clients.unsync(firm.program, [client.id])
    client.phone_in_xero(NEW_PHONE)
    client.in_xero(EmailAddress="")
    await client.in_karbon(phone=OTHER_PHONE, city="Perth")
    for full in (False, True):
        await firm.sync(full=full)
    assert await client.both(Field.PHONE) == (NEW_PHONE, OTHER_PHONE)
    assert (await reasons(firm))[client.id] == "unsynced by mia"

    shown = await clients.plan_rematch(firm.program, client.id, client.key, take)
    expected = shown.in_karbon if take is Side.XERO else shown.in_xero
    assert expected[Field.PHONE] == ((OTHER_PHONE, NEW_PHONE) if take is Side.XERO else (NEW_PHONE, OTHER_PHONE))
    done = await clients.rematch(firm.program, client.id, client.key, take)
    phone, city = (NEW_PHONE, "Parramatta") if take is Side.XERO else (OTHER_PHONE, "Perth")
    assert done.later == ""
    assert await client.both(Field.PHONE) == (phone, phone)
    assert [address.city for address in await client.both(Field.ADDRESS)] == [city, city]
    assert await conflicts(firm) == {}
    await came_to_rest(firm)


async def test_linked_again_while_xero_is_out_of_reach_it_goes_over_with_the_next_sync(
    firm: Firm, client: Client
) -> None:
    """P4: the link stands, the person is told what is left, and nothing is lost."""
    await clients.unsync(firm.program, [client.id])
    await client.in_karbon(phone=NEW_PHONE)
    firm.xero.fault("refuse", "/api.xro", times=3)
    done = await clients.rematch(firm.program, client.id, client.key, Side.KARBON)
    assert "next sync" in done.later
    assert (await firm.links())[client.id] == client.key
    await firm.sync()
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    await came_to_rest(firm)


async def test_a_match_again_that_is_not_what_was_seen_any_more_is_refused(firm: Firm, client: Client) -> None:
    """P13: what would be lost was read by a person; a value that came after that is not overwritten unseen."""
    await clients.unsync(firm.program, [client.id])
    shown = await clients.plan_rematch(firm.program, client.id, client.key, Side.XERO)
    await client.in_karbon(phone=NEW_PHONE)
    with pytest.raises(NeedsPerson, match="has changed since you looked"):
        await clients.rematch(firm.program, client.id, client.key, Side.XERO, seen=shown.digest)
    assert (await client.both(Field.PHONE))[1] == NEW_PHONE
    again = await clients.plan_rematch(firm.program, client.id, client.key, Side.XERO)
    await clients.rematch(firm.program, client.id, client.key, Side.XERO, seen=again.digest)
    assert await client.both(Field.PHONE) == (OLD_PHONE, OLD_PHONE)


async def test_linked_again_the_old_base_is_thrown_away(firm: Firm, client: Client) -> None:
    """P5: a value that was edited back and forth meanwhile is compared with what was agreed anew."""
    await clients.unsync(firm.program, [client.id])
    await client.in_karbon(phone=NEW_PHONE)
    await clients.rematch(firm.program, client.id, client.key, Side.XERO)
    assert await client.both(Field.PHONE) == (OLD_PHONE, OLD_PHONE)
    await client.in_karbon(phone=NEW_PHONE)
    await firm.sync()
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)


async def test_linked_again_to_another_karbon_contact(firm: Firm) -> None:
    """P1: only to one that has no link."""
    one, other = await linked(firm, "Acme", "Bravo")
    spare = await firm.in_karbon("Spare", "spare@client.example")
    await clients.unsync(firm.program, [one.id])
    with pytest.raises(UsageError, match="Bravo is linked already"):
        await clients.rematch(firm.program, one.id, other.key, Side.XERO)
    await clients.rematch(firm.program, one.id, spare, Side.XERO)
    assert await firm.links() == {one.id: spare, other.id: other.key}
    await came_to_rest(firm)


async def test_an_unsynced_client_is_no_match_for_anybody(firm: Firm, client: Client) -> None:
    """P2: a newcomer like it is an issue, not a link."""
    await clients.unsync(firm.program, [client.id])
    twin = firm.in_xero("Acme", "acme@client.example")
    await firm.sync()
    assert (await firm.issues())[twin].reason is Reason.TAKEN
    assert set(await firm.links()) & {client.id, twin} == set()


async def test_a_link_that_leaves_the_filter_stays(firm: Firm, client: Client) -> None:
    """P9: the filter says who is imported, not who goes on."""
    await overview.change_settings(firm.program, {"filter": ImportFilter.CUSTOMERS.value})
    client.phone_in_xero(NEW_PHONE)
    await firm.sync(full=True)
    assert client.id in await firm.links()
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)


async def test_who_is_left_out_can_be_linked_by_hand_and_comes_in_as_a_customer(firm: Firm) -> None:
    """P16: an invoice moves no date, so the audit finds it."""
    organisation = (await consent_to(firm.program))[0]
    await connect.choose(firm.program, organisation, import_filter=ImportFilter.CUSTOMERS)
    by_hand, later = firm.in_xero("Left Out"), firm.in_xero("Later")
    await firm.first_sync()
    assert await firm.links() == {}
    assert {x.id for x in await overview.left_out(firm.program)} == {by_hand, later}
    key = await firm.in_karbon("Somebody")
    await triage.confirm(firm.program, by_hand, key)
    assert await firm.links() == {by_hand: key}
    firm.edit("customer", later)
    await firm.sync(full=True)
    assert set(await firm.links()) == {by_hand, later}
    await came_to_rest(firm)
