"""Taking back what went over: a change, a run, an unlink; both sides have the old value, or it is refused (2.9)."""

from __future__ import annotations

from typing import Any

import pytest

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.states import Side
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.services import clients, connect, history
from xerosync_tui.services.undo import plan, plan_run, undo, undo_run

from .firm import CONTACTS, Firm
from .linked import NEW_PHONE, OLD_PHONE, OTHER_PHONE, Client, came_to_rest, conflicts, failed, linked
from .sandboxed import consent_to


@pytest.fixture
async def client(firm: Firm) -> Client:
    return (await linked(firm, "Acme", "Bravo"))[0]


async def changed(client: Client, side: Side, **more: str) -> int:
    """A phone (and more) changed on that side and carried over; the journal entry of it."""
    if side is Side.XERO:
        client.phone_in_xero(NEW_PHONE)
        if more:
            client.in_xero(EmailAddress=more["email"])
    else:
        await client.in_karbon(phone=NEW_PHONE, **more)
    await client.firm.sync()
    return await newest(client.firm)


async def newest(firm: Firm) -> int:
    carried_over = "SELECT max(id) FROM journal WHERE action = 'update' AND connection_id IS NOT NULL"
    return int((await firm.rows(carried_over))[0][0])


@pytest.mark.parametrize("side", [Side.XERO, Side.KARBON])
async def test_a_change_that_is_taken_back_is_taken_back_on_both_sides(firm: Firm, client: Client, side: Side) -> None:
    """P3, P17: otherwise it would be an edit, and travel again."""
    entry = await changed(client, side)
    assert (await plan(firm.program, entry))[0].reason == ""
    done = await undo(firm.program, entry)
    assert (done.name, done.later) == ("Acme", "")
    assert await client.both(Field.PHONE) == (OLD_PHONE, OLD_PHONE)
    assert await firm.rows(f"SELECT state FROM journal WHERE id = {entry}") == [("undone",)]
    await came_to_rest(firm)
    with pytest.raises(UsageError, match="nothing that was done and stands"):
        await undo(firm.program, entry)


@pytest.mark.parametrize("side", [Side.XERO, Side.KARBON])
@pytest.mark.parametrize("synced", [False, True])
async def test_a_value_that_was_edited_since_stays_and_the_others_come_back(
    firm: Firm, client: Client, side: Side, synced: bool
) -> None:
    """P4: refused value by value, whether or not the edit has been synced."""
    entry = await changed(client, side, email="new@acme.example")
    await client.in_karbon(phone=OTHER_PHONE)
    if synced:
        await firm.sync()
        assert (await plan(firm.program, entry))[0].stays == "primary phone changed since, so it stays"
    await undo(firm.program, entry)
    await firm.sync()
    assert await client.both(Field.EMAIL) == ("acme@client.example", "acme@client.example")
    assert await client.both(Field.PHONE) == (OTHER_PHONE, OTHER_PHONE)
    await came_to_rest(firm)


@pytest.mark.parametrize("editor", [Side.XERO, Side.KARBON])
async def test_nothing_is_taken_back_where_all_of_it_was_edited_since(firm: Firm, client: Client, editor: Side) -> None:
    """P4: and that is said before the act."""
    entry = await changed(client, Side.XERO)
    if editor is Side.XERO:
        client.phone_in_xero(OTHER_PHONE)
        await firm.preview()  # which reads it
    else:
        await client.in_karbon(phone=OTHER_PHONE)
        await firm.preview()
    assert "primary phone changed since" in (await plan(firm.program, entry))[0].reason
    before = await firm.karbon(), client.xero(), await firm.journal()
    with pytest.raises(NeedsPerson, match="primary phone changed since"):
        await undo(firm.program, entry)
    assert (await firm.karbon(), client.xero(), await firm.journal()) == before


async def test_an_edit_in_xero_that_nobody_has_read_yet_is_not_overwritten_by_an_undo(
    firm: Firm, client: Client
) -> None:
    """P4, P13: it becomes a conflict, and a person decides."""
    entry = await changed(client, Side.XERO)
    client.phone_in_xero(OTHER_PHONE)
    done = await undo(firm.program, entry)
    assert done.later
    await firm.sync()
    assert await client.both(Field.PHONE) == (OTHER_PHONE, OLD_PHONE)
    assert await conflicts(firm) == {client.id: (Field.PHONE,)}


UNREACHABLE: dict[str, dict[str, Any]] = {
    "refuse": {"times": 3},
    "unavailable": {"times": 3},
    "rate_day": {},
    "token_revoked": {},
}


@pytest.mark.parametrize("kind", UNREACHABLE)
async def test_with_xero_out_of_reach_the_old_value_arrives_with_the_next_sync(
    firm: Firm, client: Client, kind: str
) -> None:
    """P4: Karbon has it at once, the person is told, and the entry counts as taken back."""
    entry = await changed(client, Side.KARBON)
    firm.xero.fault(kind, CONTACTS, **UNREACHABLE[kind])
    done = await undo(firm.program, entry)
    assert "next sync" in done.later
    assert await client.both(Field.PHONE) == (NEW_PHONE, OLD_PHONE)
    if kind == "token_revoked":
        await firm.connect()
    await firm.sync()
    assert await client.both(Field.PHONE) == (OLD_PHONE, OLD_PHONE)
    await came_to_rest(firm)


async def test_without_a_consent_an_undo_waits_for_the_next_sync_too(firm: Firm, client: Client) -> None:
    """P4."""
    entry = await changed(client, Side.KARBON)
    await connect.disconnect(firm.program)
    assert "next sync" in (await undo(firm.program, entry)).later
    await connect.reconnect(firm.program, await consent_to(firm.program))
    await firm.sync()
    assert await client.both(Field.PHONE) == (OLD_PHONE, OLD_PHONE)


async def test_a_name_that_is_taken_back_is_free_again_or_refused_in_words(firm: Firm, client: Client) -> None:
    """P16."""
    await client.in_karbon(name="Charlie")
    await firm.sync()
    entry = await newest(firm)
    firm.in_xero("Acme", "other@client.example")
    done = await undo(firm.program, entry)
    assert "has not taken it" in done.later
    assert await client.both(Field.NAME) == ("Charlie", "Acme")


async def test_a_run_is_taken_back_as_far_as_it_goes(firm: Firm) -> None:
    """P4, P17: what cannot is listed with its reason beforehand, and left alone."""
    one, other, third = await linked(firm, "Acme", "Bravo", "Charlie")
    one.phone_in_xero(NEW_PHONE)
    await other.in_karbon(email="new@bravo.example")
    third.phone_in_xero(NEW_PHONE)
    newcomer = firm.in_xero("Newcomer")
    await firm.sync()
    [number] = [run.id for run in (await history.listed_runs(firm.program))[:1]]
    await third.in_karbon(phone=OTHER_PHONE)
    await firm.preview()

    planned = {undoable.name: undoable.reason for undoable in await plan_run(firm.program, number)}
    assert {name: bool(reason) for name, reason in planned.items()} == {
        "Acme": False, "Bravo": False, "Charlie": True, "Newcomer": False,
    }  # fmt: skip
    done = await undo_run(firm.program, number)
    assert {one.name: one.reason for one in done.stays} == {name: why for name, why in planned.items() if why}
    assert {one.name for one in done.done} >= {name for name, why in planned.items() if not why}
    assert await one.both(Field.PHONE) == (OLD_PHONE, OLD_PHONE)
    assert await other.both(Field.EMAIL) == ("bravo@client.example", "bravo@client.example")
    assert newcomer not in await firm.links()
    await firm.sync()
    assert await third.both(Field.PHONE) == (OTHER_PHONE, OTHER_PHONE)
    assert newcomer in await firm.issues()  # held back: nothing decides it again by itself
    await came_to_rest(firm)


async def test_names_that_changed_places_in_a_run_change_back(firm: Firm) -> None:
    """P4, P16: all of the run goes over at once, so that the names go round in a ring as they came."""
    one, other = await linked(firm, "Acme", "Bravo")
    await one.in_karbon(name="Bravo")
    await other.in_karbon(name="Acme")
    await firm.sync()
    assert await one.both(Field.NAME) == ("Bravo", "Bravo")
    await undo_run(firm.program, (await history.listed_runs(firm.program))[0].id)
    assert (await one.both(Field.NAME), await other.both(Field.NAME)) == (("Acme", "Acme"), ("Bravo", "Bravo"))
    assert await failed(firm) == {}
    await came_to_rest(firm)


async def test_a_run_is_taken_back_in_groups_of_forty(firm: Firm) -> None:
    """A read and a write for each group, as the run itself."""
    firm.xero.control("limits", minute=None, day=None)
    for number in range(60):
        firm.in_xero(f"Client {number}")
    await firm.first_sync()
    for xero_id, key in list((await firm.links()).items())[:50]:
        await Client(firm, xero_id, key).in_karbon(phone=NEW_PHONE)
    await firm.sync()
    before = len(firm.asked())
    await undo_run(firm.program, (await history.listed_runs(firm.program))[0].id)
    assert [entry["method"] for entry in firm.asked()[before:]] == ["GET", "POST"] * 2
    assert not any(contact["Phones"] for contact in firm.xero_contacts())
    await came_to_rest(firm)


async def test_a_run_that_did_nothing_cannot_be_taken_back(firm: Firm, client: Client) -> None:
    """P17."""
    await firm.sync()
    number = (await history.listed_runs(firm.program))[0].id
    with pytest.raises(UsageError, match="did nothing"):
        await undo_run(firm.program, number)


async def test_an_unlink_that_is_taken_back_goes_on_with_its_base(firm: Firm, client: Client) -> None:
    """P4: what was edited meanwhile is merged, not overwritten."""
    done = await clients.unsync(firm.program, [client.id])
    client.phone_in_xero(NEW_PHONE)
    await client.in_karbon(email="new@acme.example")
    await firm.sync()
    await undo(firm.program, done.entry)
    assert (await firm.links())[client.id] == client.key
    await firm.sync()
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    assert await client.both(Field.EMAIL) == ("new@acme.example", "new@acme.example")
    await came_to_rest(firm)


async def test_an_unlink_is_not_taken_back_once_its_pair_was_linked_anew(firm: Firm, client: Client) -> None:
    """P1."""
    spare = await firm.in_karbon("Spare")
    done = await clients.unsync(firm.program, [client.id])
    await clients.rematch(firm.program, client.id, spare, Side.XERO)
    with pytest.raises(NeedsPerson, match="linked again since"):
        await undo(firm.program, done.entry)
    assert (await firm.links())[client.id] == spare


async def test_an_unlink_of_what_is_archived_in_xero_is_not_taken_back(firm: Firm, client: Client) -> None:
    """P9."""
    firm.edit("archive", client.id)
    await firm.sync()
    [(entry,)] = await firm.rows("SELECT id FROM journal WHERE action = 'unlink'")
    with pytest.raises(NeedsPerson, match="archived in Xero"):
        await undo(firm.program, entry)


async def test_a_delete_in_karbon_is_nobodys_last_decision(firm: Firm, client: Client) -> None:
    """2.9: somebody in Karbon did it, so `z` goes to one's own decision before it."""
    [other] = [x for x in await firm.links() if x != client.id]
    await clients.unsync(firm.program, [other])
    await firm.delete_karbon(client.key)
    assert (await undo(firm.program)).xero_id == other


async def test_the_words_of_the_journal_are_the_users_own(firm: Firm, client: Client) -> None:
    """P17: who, what it was and what it became, on which side."""
    entry = await changed(client, Side.KARBON)
    await undo(firm.program, entry)
    found = await history.steps(firm.program, xero_id=client.id)
    steps = [step for step in found if step.entry.intent.side and not step.entry.intent.by_hand]
    told = [(s.entry.intent.side, *s.entry.intent.before.values(), *s.entry.intent.after.values()) for s in steps]
    assert told == [
        ("xero", NEW_PHONE, OLD_PHONE),
        ("karbon", NEW_PHONE, OLD_PHONE),
        ("xero", OLD_PHONE, NEW_PHONE),
    ]
    assert {step.entry.who for step in steps} == {"mia"}
