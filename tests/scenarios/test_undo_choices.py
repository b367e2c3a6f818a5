"""Taking back a choice between two edits, and a link made again: what was before, on either side (engine.md 2.9)."""

from __future__ import annotations

import pytest

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.states import Action, Side
from xerosync_tui.errors import NeedsPerson, RemoteError, UsageError
from xerosync_tui.services import clients, fields, overview
from xerosync_tui.services.undo import plan_decision, undo

from .firm import Firm
from .linked import NEW_PHONE, OLD_PHONE, OTHER_PHONE, Client, came_to_rest, conflicts, linked, lose


@pytest.fixture
async def client(firm: Firm) -> Client:
    return (await linked(firm, "Acme", "Bravo"))[0]


async def in_conflict(firm: Firm, client: Client) -> None:
    client.phone_in_xero(NEW_PHONE)
    await client.in_karbon(phone=OTHER_PHONE)
    await firm.sync()
    assert (await conflicts(firm))[client.id] == (Field.PHONE,)


async def base(firm: Firm, client: Client) -> tuple[str, str]:
    [row] = await firm.rows(f"SELECT xero_phone, karbon_phone FROM link WHERE xero_id = '{client.id}'")
    return row


@pytest.mark.parametrize("winner", [Side.XERO, Side.KARBON])
async def test_a_choice_that_is_taken_back_waits_again_with_both_values(
    firm: Firm, client: Client, winner: Side
) -> None:
    """P4: the value that stood is no more lost than the one that did not."""
    await in_conflict(firm, client)
    agreed = await base(firm, client)
    taken = await fields.take(firm.program, client.id, {Field.PHONE: winner})
    stands = NEW_PHONE if winner is Side.XERO else OTHER_PHONE
    assert await client.both(Field.PHONE) == (stands, stands)
    assert [one.reason for one in await plan_decision(firm.program, taken.id)] == [""]
    assert (await undo(firm.program)).done[-1].action is Action.REOPEN
    assert await client.both(Field.PHONE) == (NEW_PHONE, OTHER_PHONE)
    assert await base(firm, client) == agreed
    assert (await conflicts(firm))[client.id] == (Field.PHONE,)
    for full in (False, True):
        await firm.sync(full=full)
    assert (await conflicts(firm))[client.id] == (Field.PHONE,)
    await fields.take(firm.program, client.id, {Field.PHONE: winner})
    assert await client.both(Field.PHONE) == (stands, stands)
    await came_to_rest(firm)


async def test_the_next_undo_takes_the_decision_before(firm: Firm, client: Client) -> None:
    """P17: an undo is no decision, so it is not what the next one takes back."""
    ended = await clients.unsync(firm.program, [(await linked_of(firm, "Bravo"))])
    await in_conflict(firm, client)
    taken = await fields.take(firm.program, client.id, {Field.PHONE: Side.KARBON})
    assert (await undo(firm.program)).done[-1].undoes == taken.entry
    assert (await undo(firm.program)).done[-1].undoes == ended.entry
    with pytest.raises(UsageError, match="no decision that stands"):
        await undo(firm.program)


async def linked_of(firm: Firm, name: str) -> str:
    return next(one.xero_id for one in await overview.clients(firm.program) if one.contact.name == name)


async def test_a_choice_that_xero_has_not_taken_yet_is_taken_back(firm: Firm, client: Client) -> None:
    """P6: nothing was written, so only what counts as agreed goes back."""
    await in_conflict(firm, client)
    firm.xero.fault("refuse", "/api.xro", times=3)
    taken = await fields.take(firm.program, client.id, {Field.PHONE: Side.KARBON})
    assert taken.later
    await undo(firm.program)
    await firm.sync()
    assert await client.both(Field.PHONE) == (NEW_PHONE, OTHER_PHONE)
    assert (await conflicts(firm))[client.id] == (Field.PHONE,)


@pytest.mark.parametrize("editor", [Side.XERO, Side.KARBON])
async def test_a_choice_whose_value_was_edited_since_stays(firm: Firm, client: Client, editor: Side) -> None:
    """P4, P13."""
    await in_conflict(firm, client)
    taken = await fields.take(firm.program, client.id, {Field.PHONE: Side.KARBON})
    if editor is Side.XERO:
        client.phone_in_xero(OLD_PHONE)
    else:
        await client.in_karbon(phone=OLD_PHONE)
    await firm.sync()
    with pytest.raises(NeedsPerson, match="changed since"):
        await undo(firm.program, taken.entry)
    assert await client.both(Field.PHONE) == (OLD_PHONE, OLD_PHONE)


async def test_xero_out_of_reach_leaves_a_choice_as_it_is(firm: Firm, client: Client) -> None:
    """P6: the undo of a value in Xero needs Xero."""
    await in_conflict(firm, client)
    taken = await fields.take(firm.program, client.id, {Field.PHONE: Side.KARBON})
    firm.xero.fault("refuse", "/api.xro", times=3)
    with pytest.raises(RemoteError):
        await undo(firm.program, taken.entry)
    assert await client.both(Field.PHONE) == (OTHER_PHONE, OTHER_PHONE)
    await came_to_rest(firm)
    await undo(firm.program, taken.entry)
    assert await client.both(Field.PHONE) == (NEW_PHONE, OTHER_PHONE)


@pytest.mark.parametrize("carried_over", ["at once", "later"])
async def test_an_undo_of_a_choice_whose_answer_was_lost_waits_again_all_the_same(
    firm: Firm, client: Client, carried_over: str
) -> None:
    """P4: Xero's value of before is no edit that would go over to Karbon."""
    await in_conflict(firm, client)
    if carried_over == "later":
        firm.xero.fault("refuse", "/api.xro", times=3)
    await fields.take(firm.program, client.id, {Field.PHONE: Side.KARBON})
    await firm.sync()
    assert await client.both(Field.PHONE) == (OTHER_PHONE, OTHER_PHONE)
    lose(firm, "lost_reply")
    with pytest.raises(RemoteError):
        await undo(firm.program)
    await firm.sync()
    assert await client.both(Field.PHONE) == (NEW_PHONE, OTHER_PHONE)
    assert (await conflicts(firm))[client.id] == (Field.PHONE,)


@pytest.mark.parametrize("take", [Side.XERO, Side.KARBON])
async def test_a_match_again_that_is_taken_back_is_unsynced_again(firm: Firm, client: Client, take: Side) -> None:
    """P9: each side has what it had, and the reason for the end is listed as it was."""
    await clients.unsync(firm.program, [client.id])
    client.phone_in_xero(NEW_PHONE)
    await client.in_karbon(phone=OTHER_PHONE)
    await firm.sync()
    await clients.rematch(firm.program, client.id, client.key, take)
    stands = NEW_PHONE if take is Side.XERO else OTHER_PHONE
    assert await client.both(Field.PHONE) == (stands, stands)
    done = await undo(firm.program)
    assert (done.issue, done.done[-1].action) == (0, Action.UNDO)
    assert await client.both(Field.PHONE) == (NEW_PHONE, OTHER_PHONE)
    [ended] = await clients.unsynced(firm.program)
    assert (ended.xero.id, ended.karbon_key, ended.why) == (client.id, client.key, "unsynced by mia")
    assert await firm.issues() == {}
    await firm.sync()
    assert await client.both(Field.PHONE) == (NEW_PHONE, OTHER_PHONE)


async def test_a_contact_made_again_that_is_taken_back_is_unsynced_again(firm: Firm, client: Client) -> None:
    """P9: the new Karbon contact goes, the old one is named again."""
    await clients.unsync(firm.program, [client.id])
    made = await clients.recreate(firm.program, client.id)
    await undo(firm.program, made.entry)
    [ended] = await clients.unsynced(firm.program)
    assert (ended.xero.id, ended.karbon_key) == (client.id, client.key)
    assert made.karbon_key not in await firm.karbon()


async def test_the_link_of_before_is_not_taken_back_for_the_one_of_now(firm: Firm, client: Client) -> None:
    """P4: the later decision took values of its own, which nothing would bring back."""
    [(first,)] = await firm.rows(
        f"SELECT id FROM journal WHERE xero_id = '{client.id}' AND action IN ('link', 'create')"
    )
    await clients.unsync(firm.program, [client.id])
    await client.in_karbon(phone=OTHER_PHONE)
    await clients.rematch(firm.program, client.id, client.key, Side.XERO)
    with pytest.raises(NeedsPerson, match="not linked by it any more"):
        await undo(firm.program, first)
    assert (await firm.links())[client.id] == client.key
