"""Months with Karbon's API: what lists do not tell, keys that end, other accounts, Karbon's own sync beside ours."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from xerosync_tui.domain.connection import is_karbon_api
from xerosync_tui.domain.contact import Field, Kind
from xerosync_tui.engine.cards import IN_TURN
from xerosync_tui.engine.native import REASON
from xerosync_tui.errors import NeedsPerson, ReconnectNeeded, RemoteRefused
from xerosync_tui.program import active
from xerosync_tui.sandbox.karbon.credentials import ACCESS_KEY, TOKEN
from xerosync_tui.services import clients, karbon

from .behind_the_api import called, card_reads, in_karbon_with, linked_by_karbon_itself
from .firm import API, BUILTIN, Firm
from .karbons import ITSELF
from .linked import NEW_PHONE, OLD_PHONE, OTHER_PHONE, Client, came_to_rest, conflicts, failed, later, linked
from .sandboxed import program_over

HOUR = 3600


def rephone(client: Client, number: str) -> None:
    """Somebody edits nothing but the business card, in Karbon."""
    tenant = client.firm.xero.tenant
    [card] = tenant.entities[client.key].cards
    phones = [{**phone, "Number": number} for phone in card.lists["PhoneNumbers"]]
    client.firm.xero.control("karbon-edit", op="card", key=card.key, card={"PhoneNumbers": phones})


async def test_an_edit_of_a_card_that_no_list_shows_is_found_in_turn(firm: Firm) -> None:
    """Whether it moves LastModifiedDateTime is unknown (karbon.md 2.3): linked cards are read again, hour by hour."""
    firm.xero.control("karbon-switches", card_moves_modified=False)
    client, _ = await linked(firm, "Acme", "Bravo")
    firm.xero.advance(60)
    await firm.in_karbon("The Latest")
    await firm.sync()
    rephone(client, NEW_PHONE)
    await firm.sync()
    assert await client.both(Field.PHONE) == (OLD_PHONE, NEW_PHONE)  # read less than an hour ago
    later(firm, HOUR)
    result = await firm.sync()
    assert (result.counts.changed_in_xero, await client.both(Field.PHONE)) == (1, (NEW_PHONE, NEW_PHONE))
    await came_to_rest(firm)


async def test_a_turn_reads_no_more_than_its_share(firm: Firm) -> None:
    """The longest ago first, so that everybody's turn comes."""
    firm.xero.control("limits", minute=None, day=None)
    for number in range(IN_TURN + 5):
        firm.in_xero(f"Client {number}")
    await firm.first_sync()
    firm.xero.advance(60)
    await firm.in_karbon("The Latest")
    await firm.sync()
    turns = []
    for _ in range(2):
        later(firm, HOUR)
        before = len(card_reads(firm))
        await firm.sync()
        turns.append([key for key in card_reads(firm)[before:] if key in (await firm.links()).values()])
    assert [len(set(turn)) for turn in turns] == [IN_TURN, IN_TURN]
    assert set(turns[0]) | set(turns[1]) == set((await firm.links()).values())


async def test_a_bulk_edit_in_karbon_goes_over_whole(firm: Firm) -> None:
    """All in one second: who of it is known is not told by the list, and nobody is missed."""
    firm.xero.control("limits", minute=None, day=None)
    found = [firm.in_xero(f"Client {number}") for number in range(40)]
    await firm.first_sync()
    links = await firm.links()
    edited = [Client(firm, xero_id, links[xero_id]) for xero_id in found[:30]]
    for client in edited:
        await client.in_karbon(phone=NEW_PHONE)
    assert (await firm.sync()).counts.changed_in_xero == 30
    for client in edited:
        assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    await came_to_rest(firm)


@pytest.mark.parametrize("kind", Kind)
async def test_deleted_in_karbon_it_is_absent_or_404_and_its_link_ends(firm: Firm, kind: Kind) -> None:
    """P9: seen by the count of the lists; nothing is made again, and Xero's contact stays."""
    name = "Mary Smith" if kind is Kind.PERSON else "Acme"
    x, other = firm.in_xero(name, "one@client.example"), firm.in_xero("Bravo Pty Ltd")
    key = await firm.in_karbon(name, "one@client.example", kind=kind)
    await firm.first_sync()
    await firm.delete_karbon(key)
    for full in (False, True, False):
        await firm.sync(full=full)
    assert (set(await firm.links()), called(firm, name)) == ({other}, [])
    [ended] = await clients.unsynced(firm.program)
    assert (ended.xero.id, ended.why) == (x, "deleted in Karbon")
    assert {contact["ContactStatus"] for contact in firm.xero_contacts()} == {"ACTIVE"}
    await came_to_rest(firm)


async def test_one_deleted_and_one_made_between_two_runs_are_told_apart(firm: Firm) -> None:
    """The count of the list stands still, and yet one is gone."""
    gone, _ = await linked(firm, "Acme", "Bravo")
    await firm.delete_karbon(gone.key)
    await firm.in_karbon("Somebody Else", "else@client.example")
    await firm.sync()
    await firm.sync(full=True)
    assert gone.id not in await firm.links()
    await came_to_rest(firm)


async def test_an_account_that_is_suddenly_empty_plans_nothing(firm: Firm) -> None:
    """P11."""
    for client in await linked(firm, "Acme", "Bravo"):
        await firm.delete_karbon(client.key)
    firm.xero.tenant.remove(ITSELF.key)
    with pytest.raises(RemoteRefused, match="no contacts at all"):
        await firm.sync(full=True)
    assert len(await firm.links()) == 2


@pytest.mark.parametrize("skip", [0, 1, 3, 6])
async def test_keys_that_are_refused_in_the_middle(firm: Firm, skip: int) -> None:
    """401: nothing of what was known is lost, nothing more is asked, and with new keys the sync goes on."""
    one, other = await linked(firm, "Acme", "Bravo")
    links = await firm.links()
    one.phone_in_xero(NEW_PHONE)
    await other.in_karbon(phone=OTHER_PHONE)
    firm.xero.fault("token_revoked", "/v3/", skip=skip)
    with pytest.raises(ReconnectNeeded, match="refuses the token or the access key"):
        await firm.sync()
    asked = len(firm.asked_of_karbon())
    with pytest.raises(ReconnectNeeded) as raised:
        await firm.sync()
    assert "xerosync connect karbon" in raised.value.next_step
    assert (len(firm.asked_of_karbon()), await firm.links()) == (asked, links)

    firm.xero.tenant.revoked = False
    joined = await karbon.connect(firm.program, TOKEN, ACCESS_KEY)
    assert (joined.known, await firm.links()) == (True, links)
    await firm.sync()
    assert await one.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    assert await other.both(Field.PHONE) == (OTHER_PHONE, OTHER_PHONE)
    assert await conflicts(firm) == {}
    await came_to_rest(firm)


async def test_the_keys_of_another_account_never_see_the_links_of_this_one(firm: Firm) -> None:
    """P18."""
    [client] = await linked(firm, "Acme")
    here = firm.xero.tenant
    home, entities = here.key, dict(here.entities)

    def become(key: str, found: dict[str, object]) -> None:
        here.key = key
        for known in list(here.entities):
            here.remove(known)
        for entity in found.values():
            here.put(entity)  # type: ignore[arg-type]

    become("TheOtherFirm", {})
    there = await karbon.connect(firm.program, TOKEN, ACCESS_KEY)
    assert (there.known, there.account.tenant_key) == (False, "TheOtherFirm")
    mine = await active(firm.program)
    assert (mine.directory, mine.previewed_at, mine.started_at) == ("karbon:TheOtherFirm", None, None)
    assert await firm.rows(f"SELECT count(*) FROM link WHERE connection_id = {mine.id}") == [(0,)]
    with pytest.raises(NeedsPerson, match="preview"):
        await firm.sync()
    await firm.in_karbon("Acme", "another@client.example")
    await firm.first_sync()
    assert [issue.xero.id for issue in (await firm.issues()).values()] == [client.id]

    become(home, dict(entities))
    back = await karbon.connect(firm.program, TOKEN, ACCESS_KEY)
    assert back.known
    client.phone_in_xero(NEW_PHONE)
    await firm.sync()
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    assert await firm.issues() == {}


async def test_from_the_built_in_directory_to_the_api_and_back_keeps_both_sets_of_links(firm: Firm) -> None:
    """P18: neither side's links serve the other's, and both go on where they were."""
    over_api = await linked(firm, "Acme")
    await karbon.leave(firm.program)
    await firm.preview()
    await firm.sync()
    built_in = await firm.links()
    keys = {"api": over_api[0].key, "built in": next(k for x, k in built_in.items() if x == over_api[0].id)}
    assert len(set(keys.values())) == 2
    await firm.edit_karbon(keys["built in"], phone=OTHER_PHONE)
    await firm.sync()
    assert await over_api[0].firm.rows("SELECT count(*) FROM link WHERE state = 'synced'") == [(2,)]
    assert called(firm, "Acme")[0].key == keys["api"]

    await karbon.connect(firm.program, TOKEN, ACCESS_KEY)
    result = await firm.sync()
    assert result.counts.changed_in_karbon == 1  # what went to Xero from there is an edit in Xero here
    assert await over_api[0].both(Field.PHONE) == (OTHER_PHONE, OTHER_PHONE)
    await came_to_rest(firm)
    await karbon.leave(firm.program)
    await came_to_rest(firm)
    assert not is_karbon_api((await active(firm.program)).directory)
    assert (BUILTIN, API) == ("builtin", "karbon")


async def native(firm: Firm) -> Client:
    """A pair that both syncs link, and nothing to write."""
    x = firm.in_xero("Acme", "acme@client.example", OLD_PHONE)
    key = await firm.in_karbon("Acme", "acme@client.example", OLD_PHONE)
    linked_by_karbon_itself(firm, key, x)
    firm.in_xero("Bravo", "bravo@client.example")
    await firm.first_sync()
    assert (await firm.links())[x] == key
    return Client(firm, x, key)


async def test_a_pair_that_karbons_own_sync_links_is_left_unwritten_until_the_admin_says_so(firm: Firm) -> None:
    """Two writers would chase each other (karbon.md 2.7): neither way, listed with the reason, and nothing is lost."""
    client = await native(firm)
    client.phone_in_xero(NEW_PHONE)
    await client.in_karbon(line1="1 Door St", city="Perth")
    written = len(firm.written_to_xero()), len(firm.written_to_karbon())
    for full in (False, True):
        await firm.sync(full=full)
    assert (len(firm.written_to_xero()), len(firm.written_to_karbon())) == written
    assert await client.both(Field.PHONE) == (NEW_PHONE, OLD_PHONE)
    assert await failed(firm) == {"Acme": REASON}

    await karbon.change(firm.program, {"beside_karbon": "write"})
    await firm.sync()
    await firm.sync(full=True)
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    assert [address.city for address in await client.both(Field.ADDRESS)] == ["Perth", "Perth"]
    assert await failed(firm) == {}
    await came_to_rest(firm)


@pytest.mark.parametrize("side", ["xero", "karbon"])
async def test_one_sided_edits_of_such_a_pair_wait_too(firm: Firm, side: str) -> None:
    client = await native(firm)
    if side == "xero":
        client.phone_in_xero(NEW_PHONE)
    else:
        await client.in_karbon(phone=NEW_PHONE)
    written = len(firm.written_to_xero()), len(firm.written_to_karbon())
    await firm.sync()
    assert (len(firm.written_to_xero()), len(firm.written_to_karbon())) == written
    assert await failed(firm) == {"Acme": REASON}
    await karbon.change(firm.program, {"beside_karbon": "write"})
    await firm.sync()
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    await came_to_rest(firm)


async def test_a_full_match_that_would_overwrite_waits_as_well(firm: Firm) -> None:
    x = firm.in_xero("Acme", "acme@client.example", NEW_PHONE)
    key = await firm.in_karbon("Acme", "acme@client.example", OLD_PHONE)
    linked_by_karbon_itself(firm, key, x)
    await firm.first_sync()
    assert (await firm.links(), await failed(firm)) == ({}, {"Acme": REASON})
    assert firm.written_to_karbon() == []
    await karbon.change(firm.program, {"beside_karbon": "write"})
    await firm.sync()
    assert (await firm.links(), await failed(firm)) == ({x: key}, {})
    assert await Client(firm, x, key).both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)


async def test_who_is_unsynced_while_cards_are_read_is_not_written(firm: Firm) -> None:
    """P14: another admin's decision comes in between two requests to Karbon, in her name."""
    one, other = await linked(firm, "Acme", "Bravo")
    one.phone_in_xero(NEW_PHONE)
    other.phone_in_xero(NEW_PHONE)
    async with program_over(replace(firm.program.settings, user="noa"), firm.xero) as noa:
        firm.xero.fault("slow", "/v3/Organizations", method="GET", value=1.0)
        _, ended = await asyncio.gather(firm.sync(), clients.unsync(noa, [one.id]))
    assert ended.names == ("Acme",)
    assert await one.both(Field.PHONE) == (NEW_PHONE, OLD_PHONE)
    assert await other.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    assert await firm.rows("SELECT who FROM journal WHERE action = 'unlink'") == [("noa",)]


async def test_an_emptied_slot_lets_the_next_of_its_kind_come_in(firm: Firm) -> None:
    """The rule of a label-less API: clearing takes the entry away, and what is first then is the synced one."""
    card = {
        "EmailAddresses": ["acme@client.example"],
        "PhoneNumbers": [{"Number": OLD_PHONE, "Label": "Work"}, {"Number": OTHER_PHONE, "Label": "Mobile"}],
    }
    key = await in_karbon_with(firm, Kind.ORGANIZATION, {"FullName": "Acme", "BusinessCards": [card]})
    x = firm.in_xero("Acme", "acme@client.example", OLD_PHONE)
    await firm.first_sync()
    assert await firm.links() == {x: key}
    firm.edit("update", x, contact={"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": ""}]})
    for _ in range(3):
        await firm.sync()
    phones = firm.xero.tenant.entities[key].cards[0].lists["PhoneNumbers"]
    assert [phone["Number"] for phone in phones] == [OTHER_PHONE]
    await came_to_rest(firm)
