"""A decision, or its undo, that is killed at any step: decided again by the next process it ends as if never killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.states import Side
from xerosync_tui.errors import NeedsPerson
from xerosync_tui.program import active
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.services import clients, fields, triage
from xerosync_tui.services.undo import last, undo, undo_run

from .firm import Firm
from .linked import NEW_PHONE, OLD_PHONE, OTHER_PHONE, Client, conflicts, linked
from .restarts import Act, dies_everywhere, prepared


async def in_conflict(firm: Firm) -> None:
    for client in await linked(firm, "Acme", "Bravo"):
        client.phone_in_xero(NEW_PHONE)
        await client.in_karbon(phone=OTHER_PHONE)
    await firm.sync()


async def choose_xeros(firm: Firm) -> None:
    await _choose(firm, Side.XERO)


async def choose_karbons(firm: Firm) -> None:
    await _choose(firm, Side.KARBON)


async def _choose(firm: Firm, side: Side) -> None:
    if found := await conflicts(firm):
        await fields.take_all(firm.program, [fields.PickedSides(xero_id, {Field.PHONE: side}) for xero_id in found])


async def xeros_chosen(firm: Firm) -> None:
    await in_conflict(firm)
    await choose_xeros(firm)


async def karbons_chosen(firm: Firm) -> None:
    await in_conflict(firm)
    await choose_karbons(firm)


async def with_issues(firm: Firm) -> None:
    await linked(firm, "Acme")
    for number in range(4):
        firm.in_xero(f"Conflict {number}", f"new@conflict{number}.example")
        await firm.in_karbon(f"Conflict {number}", f"old@conflict{number}.example")
    await firm.sync()


async def confirm_all(firm: Firm) -> None:
    views = (await firm.issues()).values()
    picks = [triage.PickedMatch(str(view.id), view.only.karbon.key, view.only.digest) for view in views if view.only]
    await triage.confirm_all(firm.program, picks)


async def all_confirmed(firm: Firm) -> None:
    await with_issues(firm)
    await confirm_all(firm)


async def unsynced(firm: Firm) -> None:
    [client] = await linked(firm, "Acme")
    await clients.unsync(firm.program, [client.id])
    client.phone_in_xero(NEW_PHONE)
    await client.in_karbon(phone=OTHER_PHONE)
    await firm.sync()


async def link_again(firm: Firm) -> None:
    for one in await clients.unsynced(firm.program):
        await clients.rematch(firm.program, one.xero.id, one.karbon_key, Side.KARBON)


async def linked_again(firm: Firm) -> None:
    await unsynced(firm)
    await link_again(firm)


async def unlink_again(firm: Firm) -> None:
    while await firm.links():
        await undo(firm.program)


async def undo_all(firm: Firm) -> None:
    while (await last(firm.program)).offer:
        await undo(firm.program)


async def carried_over(firm: Firm) -> None:
    one, other = await linked(firm, "Acme", "Bravo")
    one.phone_in_xero(NEW_PHONE)
    await other.in_karbon(phone=NEW_PHONE)
    await firm.sync()


async def undo_that_run(firm: Firm) -> None:
    run = "SELECT min(run_id) FROM journal WHERE action = 'update' AND run_id IS NOT NULL"
    if await firm.rows(f"SELECT 1 FROM journal WHERE state = 'done' AND run_id = ({run})"):
        await undo_run(firm.program, (await firm.rows(run))[0][0])


CASES = [
    (in_conflict, choose_xeros), (in_conflict, choose_karbons), (xeros_chosen, undo_all), (karbons_chosen, undo_all),
    (with_issues, confirm_all), (all_confirmed, undo_all), (unsynced, link_again), (linked_again, unlink_again),
    (carried_over, undo_that_run),
]  # fmt: skip


@pytest.mark.parametrize(("prepare", "act"), CASES, ids=[f"{before.__name__}-{act.__name__}" for before, act in CASES])
async def test_killed_at_any_step_it_is_decided_again_and_done_once(
    sandbox: SandboxServer, tmp_path: Path, directory: str, prepare: Act, act: Act
) -> None:
    """P4, P17, P22: also where the other side had done what was asked of it, and nobody heard of it."""

    async def settle(firm: Firm) -> None:
        await firm.sync()
        await act(firm)
        await firm.sync()

    office = await prepared(sandbox, tmp_path / "home", prepare, directory)
    assert await dies_everywhere(office, act, settle) > 5


async def edited_since(firm: Firm) -> None:
    """The first sync linked and made contacts; of either kind one was edited since."""
    for name in ("Acme", "Bravo"):
        firm.in_xero(name, f"{name.lower()}@client.example", NEW_PHONE)
        await firm.in_karbon(name, f"{name.lower()}@client.example", OLD_PHONE)
    made, other = await linked(firm, "Charlie", "Delta")
    await other.in_karbon(phone=OTHER_PHONE)
    await firm.sync()
    await made.in_karbon(other_phones="0400 000 001")
    matched = next(pair for pair in (await firm.links()).items() if pair[0] not in (made.id, other.id))
    await Client(firm, *matched).in_karbon(email="typed@since.example")


async def test_an_undo_of_the_first_sync_that_is_killed_ends_as_one_that_was_not(
    sandbox: SandboxServer, tmp_path: Path, directory: str
) -> None:
    """P4, P17."""

    async def undo_it(firm: Firm) -> None:
        for (run,) in await firm.rows("SELECT id FROM run WHERE kind = 'initial' AND state = 'done'"):
            await undo_run(firm.program, run)

    async def settle(firm: Firm) -> None:
        await firm.preview()
        await undo_it(firm)
        await firm.preview()

    office = await prepared(sandbox, tmp_path / "home", edited_since, directory)
    assert await dies_everywhere(office, undo_it, settle) > 5


async def stopped(firm: Firm) -> None:
    """A brake stopped a sync; since then as much again has come."""
    firm.xero.control("limits", minute=None, day=None)
    found = await linked(firm, *(f"Client {number}" for number in range(46)))
    for client in found[:12]:
        client.phone_in_xero(NEW_PHONE)
    for client in found[12:23]:
        await client.in_karbon(phone=NEW_PHONE)
    await sync_as_approved(firm)
    for client in found[23:]:
        client.phone_in_xero(OTHER_PHONE)


async def sync_as_approved(firm: Firm) -> None:
    brake = (await active(firm.program)).brake
    try:
        await firm.sync(approved=brake.digest if brake else "")
    except NeedsPerson as error:
        assert "was stopped" in error.what


async def test_an_approved_sync_that_is_killed_ends_as_one_that_was_not(sandbox: SandboxServer, tmp_path: Path) -> None:
    """P6, P12: what was approved is carried out once, what nobody saw stops again."""

    async def settle(firm: Firm) -> None:
        await sync_as_approved(firm)
        await sync_as_approved(firm)

    office = await prepared(sandbox, tmp_path / "home", stopped)
    assert await dies_everywhere(office, sync_as_approved, settle) > 5
