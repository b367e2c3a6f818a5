"""An approval covers the rows that a person saw, while each still holds; everything else is counted anew (2.8)."""

from __future__ import annotations

import pytest

from xerosync_tui.domain.contact import Field
from xerosync_tui.errors import NeedsPerson, RemoteError, UsageError
from xerosync_tui.program import active

from .firm import CONTACTS, Firm
from .linked import NEW_PHONE, OTHER_PHONE, Client, linked

ALLOWED = 20  # links that a run may overwrite without asking


@pytest.fixture
async def many(firm: Firm) -> list[Client]:
    """Enough for two stops."""
    firm.xero.control("limits", minute=None, day=None)
    return await linked(firm, *(f"Client {number}" for number in range(2 * ALLOWED + 4)))


async def stopped(firm: Firm) -> str:
    """The digest of the sync that a brake stops."""
    with pytest.raises(NeedsPerson, match="The sync was stopped"):
        await firm.sync()
    brake = (await active(firm.program)).brake
    assert brake
    return brake.digest


async def phones(some: list[Client]) -> set[str]:
    """What Karbon holds."""
    return {(await client.karbon()).contact.phone for client in some}


async def test_people_go_on_typing_while_a_sync_waits_for_its_approval(firm: Firm, many: list[Client]) -> None:
    """P4: what was shown goes, and so does the little that came since."""
    for client in many[: ALLOWED + 1]:
        client.phone_in_xero(NEW_PHONE)
    digest = await stopped(firm)
    many[-1].phone_in_xero(OTHER_PHONE)
    await many[-2].in_karbon(phone=OTHER_PHONE)
    result = await firm.sync(approved=digest)
    assert (result.counts.changed_in_karbon, result.counts.changed_in_xero) == (ALLOWED + 2, 1)
    assert (await active(firm.program)).brake is None
    assert await many[-2].both(Field.PHONE) == (OTHER_PHONE, OTHER_PHONE)


async def test_what_nobody_saw_is_counted_anew(firm: Firm, many: list[Client]) -> None:
    """P12: the approved rows are carried out, and the run stops before the others."""
    seen, unseen = many[: ALLOWED + 1], many[ALLOWED + 1 : 2 * ALLOWED + 2]
    for client in seen:
        client.phone_in_xero(NEW_PHONE)
    digest = await stopped(firm)
    for client in unseen:
        client.phone_in_xero(OTHER_PHONE)
    before = await phones(unseen)
    with pytest.raises(NeedsPerson, match="before it changed anything else"):
        await firm.sync(approved=digest)
    assert (await phones(seen), await phones(unseen)) == ({NEW_PHONE}, before)
    result = await firm.sync(approved=await stopped(firm))
    assert (result.counts.changed_in_karbon, await phones(unseen)) == (ALLOWED + 1, {OTHER_PHONE})


async def test_a_row_that_is_another_by_now_was_not_approved(firm: Firm, many: list[Client]) -> None:
    """P13: link, field and value."""
    for client in many[: ALLOWED + 1]:
        client.phone_in_xero(NEW_PHONE)
    digest = await stopped(firm)
    for client in many[: ALLOWED + 1]:
        client.phone_in_xero(OTHER_PHONE)
    before = await phones(many)
    with pytest.raises(NeedsPerson, match="The sync was stopped"):
        await firm.sync(approved=digest)
    assert await phones(many) == before


async def test_an_approval_outlives_the_run_that_could_not_use_it(firm: Firm, many: list[Client]) -> None:
    """P12: Xero was out of reach; the next sync by itself goes by what the person said."""
    for client in many[: ALLOWED + 1]:
        client.phone_in_xero(NEW_PHONE)
    digest = await stopped(firm)
    firm.xero.fault("server_error", CONTACTS, times=3)
    with pytest.raises(RemoteError):
        await firm.sync(approved=digest)
    assert (await firm.sync()).counts.changed_in_karbon == ALLOWED + 1


async def test_another_code_approves_nothing(firm: Firm, many: list[Client]) -> None:
    for client in many[: ALLOWED + 1]:
        client.phone_in_xero(NEW_PHONE)
    await stopped(firm)
    with pytest.raises(UsageError, match="not the code"):
        await firm.sync(approved="0" * 12)
