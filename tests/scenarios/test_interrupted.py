"""Between a run that died while it applied its plan and the next one: that plan is carried out, as it was."""

from __future__ import annotations

import pytest

from xerosync_tui.domain.match import Reason
from xerosync_tui.engine import run
from xerosync_tui.errors import NeedsPerson
from xerosync_tui.program import Program
from xerosync_tui.services import overview, triage
from xerosync_tui.store import connections, plans

from .crashing import Crash, CrashingStore
from .firm import Firm

EMAIL = "accounts@acme.example"
PLANNED = plans.count_to_apply  # the first thing after the plan is complete


async def died(firm: Firm, before: object = PLANNED, *vetoes: str) -> None:
    """Another process began to sync, and died before that transaction."""
    settings = firm.program.settings
    store = CrashingStore.open(settings.database)
    assert isinstance(store, CrashingStore)
    store.before = before
    try:
        process = Firm(Program(settings, store, now=firm.xero.now, sleep=firm.xero.sleep), firm.xero)
        with pytest.raises(Crash):
            await process.sync(vetoes=vetoes)
    finally:
        store.close()


async def unfinished(firm: Firm) -> bool:
    connection = await firm.program.store.run(connections.active)
    assert connection
    return connection.plan_run is not None


async def test_the_first_sync_goes_on_with_its_plan_and_reads_nothing(firm: Firm) -> None:
    old = firm.in_xero("Old")
    await firm.preview()
    await died(firm)
    assert (await firm.links(), await firm.journal(), await unfinished(firm)) == ({}, [], True)
    new = firm.in_xero("Newcomer")
    asked = len(firm.asked())

    done = await firm.sync(confirmed=False)  # the word was given

    assert (set(await firm.links()), done.counts.created, len(firm.asked())) == ({old}, 1, asked)
    assert not await unfinished(firm)
    await firm.sync()
    assert set(await firm.links()) == {old, new}


async def test_a_later_sync_goes_on_with_its_plan_and_makes_another(firm: Firm) -> None:
    """Namesakes, one in each plan: the second is a match issue, as it would have been."""
    await firm.first_sync()
    old = firm.in_xero("Acme", "old@acme.example")
    await died(firm)
    new = firm.in_xero("Acme", "new@acme.example")
    done = await firm.sync()
    assert (set(await firm.links()), done.counts.created) == ({old}, 1)
    assert (await firm.issues())[new].reason is Reason.TAKEN
    assert not await unfinished(firm)


async def test_dead_before_the_plan_was_complete_it_wants_the_word_again(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    await firm.in_karbon("Acme", EMAIL)
    await firm.preview()
    await died(firm, plans.finish, x)
    assert not await unfinished(firm)
    with pytest.raises(NeedsPerson, match="not confirmed"):
        await firm.sync(confirmed=False)
    await firm.sync(vetoes=[x])  # the same command once more
    assert (await firm.links(), (await firm.issues())[x].reason) == ({}, Reason.HELD)


async def test_a_veto_of_the_dead_run_holds(firm: Firm) -> None:
    x, other = firm.in_xero("Acme", EMAIL), firm.in_xero("Other")
    await firm.in_karbon("Acme", EMAIL)
    await firm.preview()
    await died(firm, PLANNED, x)
    await firm.sync(confirmed=False)
    assert (set(await firm.links()), (await firm.issues())[x].reason) == ({other}, Reason.HELD)


async def test_another_preview_makes_another_plan(firm: Firm) -> None:
    firm.in_xero("Old")
    await firm.preview()
    await died(firm)
    firm.in_xero("Newcomer")
    shown = await firm.preview()
    assert (shown.counts.new, await unfinished(firm)) == (2, False)
    with pytest.raises(NeedsPerson, match="not confirmed"):
        await firm.sync(confirmed=False)
    assert (await firm.sync()).counts.created == 2


async def test_another_filter_wants_another_preview(firm: Firm) -> None:
    firm.in_xero("Old")
    await firm.preview()
    await died(firm)
    await overview.change_settings(firm.program, {"filter": "customers"})
    with pytest.raises(NeedsPerson, match="preview"):
        await firm.sync()
    await firm.first_sync()
    assert await firm.links() == {}


async def test_decided_meanwhile_it_is_no_issue_and_not_linked_twice(firm: Firm) -> None:
    conflict = firm.in_xero("Acme", "new@acme.example")
    planned = firm.in_xero("New")
    k = await firm.in_karbon("Acme", "old@acme.example")
    await firm.preview()
    await died(firm)
    await triage.confirm(firm.program, conflict)
    decision = await triage.create_new(firm.program, planned)
    await firm.sync()
    assert await firm.links() == {conflict: k, planned: decision.karbon_key}
    assert await firm.issues() == {}


async def test_its_match_was_given_to_another(firm: Firm) -> None:
    planned, other, new = firm.in_xero("Acme", EMAIL), firm.in_xero("Acme"), firm.in_xero("New")
    k = await firm.in_karbon("Acme", EMAIL)
    await firm.preview()
    await died(firm)
    await triage.confirm(firm.program, other, k)  # writes nothing: Karbon looks as it was planned
    await firm.sync()
    links = await firm.links()
    assert (set(links), links[other]) == ({other, new}, k)
    await firm.sync()
    assert (await firm.issues())[planned].reason is Reason.TAKEN


@pytest.mark.parametrize("pulled", [False, True])
async def test_somebody_made_its_like_in_karbon(firm: Firm, pulled: bool) -> None:
    """Also when a decision read Karbon meanwhile."""
    conflict = firm.in_xero("Same", "new@same.example")
    await firm.in_karbon("Same", "old@same.example")
    planned = firm.in_xero("Acme", EMAIL)
    await firm.preview()
    await died(firm)
    await firm.in_karbon("Acme", "another@acme.example")
    if pulled:
        await triage.plan_match(firm.program, conflict, None)
    await firm.sync()
    assert await firm.links() == {}
    await firm.sync()
    assert {x: issue.reason for x, issue in (await firm.issues()).items()} == {
        conflict: Reason.EMAIL_DIFFERS,
        planned: Reason.EMAIL_DIFFERS,
    }


async def test_its_match_is_not_the_only_one_any_more(firm: Firm) -> None:
    planned = firm.in_xero("Acme", EMAIL)
    await firm.in_karbon("Acme", EMAIL)
    await firm.preview()
    await died(firm)
    await firm.in_karbon("Acme", EMAIL)
    await firm.sync()
    assert await firm.links() == {}
    await firm.sync()
    assert (await firm.issues())[planned].reason is Reason.SEVERAL


async def test_nothing_is_decided_before_the_first_sync_was_begun(firm: Firm) -> None:
    x = firm.in_xero("Acme", "new@acme.example")
    k = await firm.in_karbon("Acme", "old@acme.example")
    await firm.preview()
    for decide in (
        triage.confirm(firm.program, x, k),
        triage.create_new(firm.program, x),
        triage.plan_match(firm.program, x, k),
    ):
        with pytest.raises(NeedsPerson, match="first sync"):
            await decide
    assert (await firm.links(), await firm.journal()) == ({}, [])
    await died(firm, run._begin)
    with pytest.raises(NeedsPerson, match="first sync"):
        await triage.confirm(firm.program, x, k)
    await died(firm)
    await triage.confirm(firm.program, x, k)
    assert await firm.links() == {x: k}
