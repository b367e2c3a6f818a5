"""The first sync over Karbon's API: lists tell of everybody at once, cards take a request each (karbon.md 2.2, 2.5)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from xerosync_tui.domain.match import Reason
from xerosync_tui.domain.progress import Progress
from xerosync_tui.engine.cards import PHASE
from xerosync_tui.errors import RemoteUnreachable
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.store import cards

from .behind_the_api import called, card_reads, lose, names
from .firm import API, Firm, opened
from .karbons import ITSELF
from .linked import came_to_rest
from .sandboxed import program_over

EMAIL = "accounts@acme.example"


@pytest.fixture
async def firm(firm: Firm) -> Firm:
    """A firm of whose account every contact is one of the test's."""
    firm.xero.tenant.remove(ITSELF.key)
    return firm


async def clients(firm: Firm, count: int) -> dict[str, str]:
    """Full matches by ContactID, a second apart: what shows the newest second is read again to be sure."""
    found = {}
    for number in range(count):
        firm.xero.advance(1)
        xero_id = firm.in_xero(f"Client {number}", f"c{number}@client.example")
        found[xero_id] = await firm.in_karbon(f"Client {number}", f"c{number}@client.example")
    return found


async def unread(firm: Firm) -> cards.Cards:
    [(connection,)] = await firm.rows("SELECT id FROM connection WHERE active")
    return await firm.program.store.read(cards.counted, connection)


async def test_cards_are_read_most_urgent_first(firm: Firm) -> None:
    """Full matches, then whoever shares a key, then the others: whatever their order in Karbon."""
    others = [await firm.in_karbon(f"Somebody {number}", f"s{number}@x.example") for number in range(3)]
    shares = await firm.in_karbon("Same Name", "other@x.example")
    firm.in_xero("Same Name", "one@x.example")
    full = list((await clients(firm, 3)).values())
    await firm.preview()
    read = card_reads(firm)
    assert (set(read[:3]), read[3], set(read[4:])) == (set(full), shares, set(others))


async def test_a_provisional_plan_stands_before_the_cards_are_read(firm: Firm) -> None:
    """And what the first sync is told to do then, it does for verified matches only; it makes nobody."""
    pairs = await clients(firm, 30)
    new = firm.in_xero("New One", "new@client.example")
    first = list(pairs.values())[20]
    lose(firm, "refuse", "GET", f"/v3/Organizations/{first}")  # in the second batch of cards
    with pytest.raises(RemoteUnreachable):
        await firm.preview()
    assert await firm.rows("SELECT verdict, count(*) FROM plan_row GROUP BY 1") == [("full match", 30), ("new", 1)]
    assert (await unread(firm)).never == 10

    done = await firm.sync()
    links = await firm.links()
    assert (len(links), done.counts.waits_for_card) == (21, 10)  # the newest was read again by the sync's list
    assert links.items() <= pairs.items()
    assert (new in links, len(await firm.karbon())) == (False, 30)

    await firm.sync()  # which reads on
    links = await firm.links()
    assert links == {**pairs, new: links[new]}
    assert (called(firm, "New One")[0].key, await firm.issues()) == (links[new], {})
    await came_to_rest(firm)


async def test_a_billing_email_that_the_list_did_not_show_makes_it_no_match(firm: Firm) -> None:
    """A row shows one of several emails, and nobody knows which (karbon.md 2.5): the card decides."""
    firm.xero.control("karbon-switches", row_shows="last")
    x = firm.in_xero("Acme", EMAIL)
    k = await firm.in_karbon("Acme", "billing@acme.example")
    [card] = firm.xero.tenant.entities[k].cards
    both = {"EmailAddresses": ["billing@acme.example", EMAIL]}
    firm.xero.control("karbon-edit", op="card", key=card.key, card=both)
    shown = await firm.preview()
    assert (shown.counts.full_match, shown.counts.conflict) == (0, 1)
    await firm.sync()
    assert (await firm.links(), (await firm.issues())[x].reason) == ({}, Reason.EMAIL_DIFFERS)


@pytest.mark.parametrize("how", ["cancelled", "broken off"])
async def test_reading_goes_on_where_it_stopped(firm: Firm, how: str) -> None:
    """By a fresh program: not one card is read twice."""
    pairs = await clients(firm, 45)
    if how == "cancelled":
        running: asyncio.Task[object]

        def cancel(progress: Progress) -> None:
            if progress.phase == PHASE and progress.done >= 40:
                running.cancel()

        running = asyncio.ensure_future(firm.preview(report=cancel))
        with pytest.raises(asyncio.CancelledError):
            await running
    else:
        lose(firm, "refuse", "GET", f"/v3/Organizations/{list(pairs.values())[40]}")
        with pytest.raises(RemoteUnreachable):
            await firm.preview()
    before = card_reads(firm)
    kept = 45 - (await unread(firm)).never
    assert 0 < kept <= 40
    async with program_over(firm.program.settings, firm.xero) as program:
        fresh = Firm(program, firm.xero)
        await fresh.preview()
        again = [key for key in card_reads(firm)[len(before) :] if key != list(pairs.values())[-1]]
        assert len(again) == len(set(again)) == 44 - kept
        await fresh.sync()
        assert await fresh.links() == pairs
        assert (await unread(fresh)).unread == 0


@pytest.mark.parametrize("limit", [120, 20])
async def test_the_minute_limit_is_kept_and_where_others_use_it_up_waited_for(firm: Firm, limit: int) -> None:
    """120 a minute are ours to spend; when less is left, Karbon's Retry-After is waited out (karbon.md 2.2)."""
    pairs = await clients(firm, 150)
    firm.xero.control("limits", karbon_minute=limit, minute=None, day=None)
    firm.xero.advance(60)  # connecting was a request as well
    began = firm.xero.now()
    await firm.preview()
    assert (await unread(firm)).unread == 0
    refused = [entry for entry in firm.asked_of_karbon() if entry["status"] == 429]
    assert bool(refused) == (limit < 120)
    asked = len(firm.asked_of_karbon()) - len(refused)
    assert firm.xero.now() - began >= (asked - 1) // limit * 60
    await firm.sync()
    assert await firm.links() == pairs


async def test_a_429_in_the_middle_costs_a_pause_and_nothing_else(firm: Firm) -> None:
    pairs = await clients(firm, 3)
    firm.xero.fault("rate_minute", "/v3/Organizations", method="GET", skip=2, times=2, value=30)
    await firm.first_sync()
    assert (await firm.links(), sum(firm.xero.slept) >= 60) == (pairs, True)


@pytest.mark.parametrize("kind", ["touch", "drop_last", "malformed_json", "lost_reply", "server_error"])
async def test_a_list_that_drifts_or_stumbles_misses_nobody(firm: Firm, kind: str) -> None:
    """An edit while it is paged moves rows from page to page (karbon.md 2.3)."""
    pairs = await clients(firm, 130)
    firm.xero.control("limits", minute=None, day=None)
    firm.xero.fault(kind, "/v3/Organizations", method="GET", skip=1)
    await firm.first_sync()
    assert await firm.links() == pairs
    assert names(firm) == {f"Client {number}": 1 for number in range(130)}


async def test_edited_deleted_and_made_while_cards_are_read(sandbox: SandboxServer, tmp_path: Path) -> None:
    """What the plan showed is not what is there any more: nothing is linked by it, and the next run finds all."""
    async with opened(sandbox, tmp_path / "home", directory=API) as firm:
        await firm.connect()
        pairs = await clients(firm, 25)
        edited, deleted = list(pairs)[20], list(pairs)[21]
        new = firm.in_xero("New One", "new@client.example")
        changed: list[str] = []

        def meanwhile(progress: Progress) -> None:
            if progress.phase == PHASE and not changed:
                changed.append(edited)
                card = firm.xero.tenant.entities[pairs[edited]].cards[0]
                emails = {"EmailAddresses": ["moved@client.example"]}
                firm.xero.control("karbon-edit", op="card", key=card.key, card=emails)
                firm.xero.control("karbon-edit", op="delete", key=pairs[deleted])
                made = {"FullName": "New One", "BusinessCards": []}
                firm.xero.control("karbon-edit", op="create", kind="Organization", record=made)

        await firm.preview(report=meanwhile)
        assert changed
        await firm.sync()
        assert names(firm)["New One"] == 1
        await firm.sync()
        links = await firm.links()
        assert {x: k for x, k in pairs.items() if x not in (edited, deleted)}.items() <= links.items()
        issues = {x: issue.reason for x, issue in (await firm.issues()).items()}
        assert issues == {edited: Reason.EMAIL_DIFFERS, new: Reason.EMAIL_DIFFERS}
        assert links[deleted] != pairs[deleted]
        assert names(firm)[f"Client {21}"] == 1
