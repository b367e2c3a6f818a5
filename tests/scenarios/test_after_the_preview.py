"""Between the preview and the start: vetoes, newcomers, and edits on either side."""

from __future__ import annotations

import pytest

from xerosync_tui.domain.match import Reason
from xerosync_tui.errors import NeedsPerson, RemoteUnreachable, UsageError
from xerosync_tui.services import triage

from .firm import CONTACTS, Firm

EMAIL = "accounts@acme.example"


async def test_a_vetoed_pair_waits_for_a_person_for_good(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL, "02 5550 1234")
    other = firm.in_xero("Other", "other@acme.example")
    k = await firm.in_karbon("Acme", EMAIL)
    o = await firm.in_karbon("Other", "other@acme.example")
    await firm.preview()
    before = (await firm.karbon())[k]
    await firm.sync(vetoes=[x])

    assert await firm.links() == {other: o}
    assert (await firm.issues())[x].reason is Reason.HELD
    assert (await firm.karbon())[k] == before
    await firm.sync()
    await firm.sync(full=True)
    assert (await firm.links(), (await firm.issues())[x].reason) == ({other: o}, Reason.HELD)


async def test_a_veto_holds_when_only_the_values_change(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    await firm.in_karbon("Acme", EMAIL)
    await firm.preview()
    firm.edit("update", x, contact={"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "1"}]})
    await firm.sync(vetoes=[x])
    assert (await firm.issues())[x].reason is Reason.HELD


async def test_another_pair_was_not_shown_and_waits_for_the_next_run(firm: Firm) -> None:
    """P12."""
    x = firm.in_xero("Acme", EMAIL)
    k = await firm.in_karbon("Acme", EMAIL)
    await firm.preview()
    await firm.delete_karbon(k)
    other = await firm.in_karbon("Acme", EMAIL)
    done = await firm.sync()

    waiting = done.counts.left_for_next_run + done.counts.waits_for_card
    assert (await firm.links(), waiting) == ({}, 1)
    await firm.sync()
    assert await firm.links() == {x: other}


async def test_a_veto_is_of_the_xero_contact_whatever_its_pair(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    k = await firm.in_karbon("Acme", EMAIL)
    await firm.preview()
    await firm.delete_karbon(k)
    other = await firm.in_karbon("Acme", EMAIL)
    await firm.sync(vetoes=[x])
    await firm.sync()
    assert await firm.links() == {}
    issue = (await firm.issues())[x]
    assert (issue.reason, [c.karbon.key for c in issue.candidates]) == (Reason.HELD, [other])

    await triage.confirm(firm.program, str(issue.id))  # only a person ends it
    assert (await firm.links(), await firm.issues()) == ({x: other}, {})


async def test_a_vetoed_contact_is_not_created_when_its_match_is_gone(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    k = await firm.in_karbon("Acme", EMAIL)
    await firm.preview()
    await firm.delete_karbon(k)
    await firm.sync(vetoes=[x])
    await firm.sync()
    assert (await firm.links(), await firm.karbon()) == ({}, {})
    assert (await firm.issues())[x].candidates == ()


async def test_a_veto_survives_a_sync_that_failed(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    await firm.in_karbon("Acme", EMAIL)
    await firm.preview()
    firm.xero.fault("server_error", CONTACTS, times=3)
    with pytest.raises(RemoteUnreachable):
        await firm.sync(vetoes=[x])
    with pytest.raises(NeedsPerson, match="not confirmed"):  # nothing was begun
        await firm.sync(confirmed=False)
    await firm.sync()
    assert await firm.links() == {}
    assert (await firm.issues())[x].reason is Reason.HELD


async def test_a_veto_survives_another_preview_and_may_be_said_twice(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    await firm.in_karbon("Acme", EMAIL)
    await firm.preview()
    firm.xero.fault("server_error", CONTACTS, times=3)
    with pytest.raises(RemoteUnreachable):
        await firm.sync(vetoes=[x])
    shown = await firm.preview()
    assert (shown.counts.full_match, shown.counts.conflict) == (0, 1)
    await firm.sync(vetoes=[x])
    assert (await firm.issues())[x].reason is Reason.HELD


async def test_a_veto_after_the_first_sync_is_refused(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    await firm.in_karbon("Acme", EMAIL)
    await firm.first_sync()
    with pytest.raises(UsageError, match="first sync"):
        await firm.sync(vetoes=[x])
    assert set(await firm.links()) == {x}


async def test_a_veto_of_no_full_match_stops_before_anything(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    new = firm.in_xero("New")
    await firm.in_karbon("Acme", EMAIL)
    await firm.preview()
    with pytest.raises(UsageError, match=new):
        await firm.sync(vetoes=[x, new])
    assert (await firm.journal(), await firm.issues()) == ([], {})
    await firm.sync()
    assert set(await firm.links()) == {x, new}


async def test_a_vetoed_contact_is_not_linked_after_it_was_archived_and_restored(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    await firm.in_karbon("Acme", EMAIL)
    await firm.preview()
    await firm.sync(vetoes=[x])
    firm.edit("archive", x)
    await firm.sync()
    assert await firm.issues() == {}
    firm.edit("restore", x)
    await firm.sync()
    assert await firm.links() == {}
    assert (await firm.issues())[x].reason is Reason.HELD


async def test_a_newcomer_after_the_preview_waits_for_the_next_run(firm: Firm) -> None:
    old = firm.in_xero("Old")
    await firm.preview()
    new = firm.in_xero("Newcomer")
    done = await firm.sync()
    assert (set(await firm.links()), done.counts.left_for_next_run) == ({old}, 1)
    await firm.sync()
    assert set(await firm.links()) == {old, new}


@pytest.mark.parametrize("matched", [True, False])
async def test_edited_in_xero_after_the_preview_it_is_deferred(firm: Firm, matched: bool) -> None:
    x = firm.in_xero("Acme", EMAIL, "02 5550 1234")
    if matched:
        await firm.in_karbon("Acme", EMAIL)
    other = firm.in_xero("Other")
    await firm.preview()
    firm.edit("update", x, contact={"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "02 5550 7777"}]})
    done = await firm.sync()
    assert (set(await firm.links()), done.counts.left_for_next_run) == ({other}, 1)

    await firm.sync()
    links = await firm.links()
    assert links.keys() == {x, other}
    assert (await firm.karbon())[links[x]].contact.phone == "02 5550 7777"


async def test_edited_in_karbon_after_the_preview_it_is_deferred(firm: Firm) -> None:
    firm.in_xero("Acme", EMAIL, "02 5550 1234")
    k = await firm.in_karbon("Acme", EMAIL, "02 5550 9999")
    await firm.preview()
    await firm.edit_karbon(k, phone="02 5550 8888")
    await firm.sync()
    assert await firm.links() == {}
    assert (await firm.karbon())[k].contact.phone == "02 5550 8888"
