"""Decisions about match issues: each does what it said, is in the journal, and can be taken back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from xerosync_tui.domain.contact import Contact, Field
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.services import failed, history, overview, triage
from xerosync_tui.services.undo import undo

from .firm import Case, Firm

NEW, OLD = "new@acme.example", "old@acme.example"


async def test_confirm_shows_what_is_lost_and_then_does_it(firm: Firm, case: Case) -> None:
    [candidate] = (await case.issue()).candidates
    planned = await triage.plan_match(firm.program, await case.target(), None)
    assert planned.changes == candidate.changes == {Field.EMAIL: (OLD, NEW)}
    assert (await firm.links(), await firm.journal()) == ({}, [])
    before = (await firm.karbon())[case.key]

    decision = await triage.confirm(firm.program, await case.target())

    after = (await firm.karbon())[case.key]
    assert decision.done[0].fields == tuple(candidate.changes)
    assert after == replace(before, contact=replace(before.contact, email=NEW), version=after.version)
    assert await firm.links() == {case.xero_id: case.key}
    assert await firm.issues() == {}
    assert await firm.journal() == [("link", "done", case.xero_id, case.key)]
    [(who, lost, written)] = await firm.rows("SELECT who, before, after FROM journal WHERE action = 'link'")
    assert (who, json.loads(lost), json.loads(written)) == ("mia", {"email": OLD}, {"email": NEW})
    assert firm.written_to_xero() == []


async def test_deciding_asks_xero_nothing(firm: Firm, case: Case) -> None:
    before = len(firm.asked())
    await triage.confirm(firm.program, await case.target())
    await undo(firm.program)
    await triage.create_new(firm.program, await case.target())
    assert len(firm.asked()) == before


async def test_create_new_leaves_the_candidate_alone(firm: Firm, case: Case) -> None:
    before = (await firm.karbon())[case.key]
    decision = await triage.create_new(firm.program, await case.target())
    karbon = await firm.karbon()
    assert karbon[case.key] == before
    assert karbon[decision.karbon_key].contact == Contact("Acme Pty Ltd", NEW)
    assert await firm.links() == {case.xero_id: decision.karbon_key}
    assert await firm.journal() == [("create", "done", case.xero_id, decision.karbon_key)]
    assert await firm.issues() == {}


async def test_match_with_another_contact(firm: Firm, case: Case) -> None:
    other = await firm.in_karbon("Somebody Else", "else@acme.example")
    await triage.confirm(firm.program, await case.target(), other)
    assert await firm.links() == {case.xero_id: other}
    assert (await firm.karbon())[other].contact == Contact("Acme Pty Ltd", NEW)
    assert (await firm.karbon())[case.key].contact.email == OLD


async def test_ignored_it_stays_listed_and_stays_ignored(firm: Firm, case: Case) -> None:
    issue = await case.issue()
    await triage.ignore(firm.program, issue.id)
    await firm.sync()
    await firm.sync(full=True)
    assert await firm.issues() == {}
    [ignored] = await triage.listed(firm.program, ignored=True)
    assert (ignored.id, ignored.ignored) == (issue.id, True)
    assert await firm.journal() == [("ignore", "done", case.xero_id, "")]

    done = await undo(firm.program)
    assert (done.issue, (await case.issue()).ignored) == (issue.id, False)


async def test_confirmed_only_while_it_is_what_was_seen(firm: Firm, case: Case) -> None:
    target = await case.target()
    seen = await triage.plan_match(firm.program, target, None)
    await firm.edit_karbon(case.key, phone="02 5550 7777")
    with pytest.raises(NeedsPerson, match="has changed since you looked"):
        await triage.confirm(firm.program, target, seen=seen.digest)
    assert (await firm.links(), await firm.journal()) == ({}, [])

    again = await triage.plan_match(firm.program, target, None)
    await triage.confirm(firm.program, target, seen=again.digest)
    assert await firm.links() == {case.xero_id: case.key}


async def test_another_candidate_is_not_what_was_seen(firm: Firm, case: Case) -> None:
    seen = await triage.plan_match(firm.program, await case.target(), None)
    other = await firm.in_karbon("Somebody Else", "else@acme.example")
    with pytest.raises(NeedsPerson, match="has changed since you looked"):
        await triage.confirm(firm.program, await case.target(), other, seen=seen.digest)


async def test_a_taken_candidate_is_refused_by_name(firm: Firm, case: Case) -> None:
    await triage.confirm(firm.program, await case.target())
    late = firm.in_xero("Latecomer", NEW)
    await firm.sync()
    [candidate] = (await firm.issues())[late].candidates
    assert candidate.taken
    with pytest.raises(NeedsPerson, match="none is free"):
        await triage.confirm(firm.program, late)
    with pytest.raises(UsageError, match="belongs to the Xero contact Acme Pty Ltd"):
        await triage.confirm(firm.program, late, case.key)
    assert await firm.links() == {case.xero_id: case.key}


async def test_several_candidates_must_be_named(firm: Firm) -> None:
    x = firm.in_xero("Acme", NEW)
    keys = {await firm.in_karbon("Acme", f"{n}@acme.example") for n in range(2)}
    await firm.first_sync()
    with pytest.raises(NeedsPerson, match="2 candidates") as raised:
        await triage.confirm(firm.program, x)
    assert all(key in raised.value.what for key in keys)
    await triage.confirm(firm.program, x, min(keys))
    assert await firm.links() == {x: min(keys)}


@pytest.mark.parametrize("target", ["999", "no such contact"])
async def test_what_is_not_there_is_said(firm: Firm, case: Case, target: str) -> None:
    for decide in (triage.confirm(firm.program, target), triage.create_new(firm.program, target)):
        with pytest.raises(UsageError, match=target):
            await decide
    with pytest.raises(UsageError, match="no match issue 999"):
        await triage.ignore(firm.program, 999)
    with pytest.raises(UsageError, match="no Karbon contact nowhere"):
        await triage.confirm(firm.program, await case.target(), "nowhere")


async def test_linked_already(firm: Firm, case: Case) -> None:
    await triage.confirm(firm.program, await case.target())
    for decide in (triage.confirm(firm.program, case.xero_id, case.key), triage.create_new(firm.program, case.xero_id)):
        with pytest.raises(UsageError, match="linked already"):
            await decide


async def test_an_edit_in_karbon_since_the_sync_is_what_counts(firm: Firm, case: Case) -> None:
    """The decision looks at Karbon as it is now, and says what is lost now."""
    await firm.edit_karbon(case.key, email="newest@acme.example")
    decision = await triage.confirm(firm.program, await case.target())
    [step] = await history.steps(firm.program, decision=decision.id)
    assert step.entry.intent.changes == {Field.EMAIL: ("newest@acme.example", NEW)}
    await undo(firm.program)
    assert (await firm.karbon())[case.key].contact.email == "newest@acme.example"


async def test_a_candidate_deleted_since_the_sync(firm: Firm, case: Case) -> None:
    target = await case.target()
    await firm.delete_karbon(case.key)
    with pytest.raises(NeedsPerson, match="0 candidates"):
        await triage.confirm(firm.program, target)
    with pytest.raises(UsageError, match="no Karbon contact"):
        await triage.confirm(firm.program, target, case.key)


async def test_an_issue_that_somebody_ignored_meanwhile_is_not_confirmed_unseen(firm: Firm, case: Case) -> None:
    """P13: two admins on the same issue, the second is told."""
    view = await case.issue()
    assert view.only
    await triage.ignore(firm.program, view.id)
    with pytest.raises(NeedsPerson, match="has changed since you looked"):
        await triage.confirm(firm.program, str(view.id), view.only.karbon.key, seen=view.only.digest)
    again = await triage.one(firm.program, view.id)
    assert again.ignored and again.only
    await triage.confirm(firm.program, str(view.id), again.only.karbon.key, seen=again.only.digest)
    assert await firm.links() == {case.xero_id: case.key}


async def test_a_refused_decision_is_listed_as_failed_until_its_issue_is_decided(firm: Firm, case: Case) -> None:
    """P16."""
    view = await case.issue()
    await failed.keep_refused(firm.program, {view.id: "it changed meanwhile"})
    [failure] = await overview.failures(firm.program)
    assert (failure.side, failure.record, failure.reason) == ("decision", case.xero_id, "it changed meanwhile")
    with pytest.raises(UsageError, match="waits for another decision"):
        await failed.retry(firm.program, failure.id)
    await triage.confirm(firm.program, await case.target())
    assert await overview.failures(firm.program) == []
