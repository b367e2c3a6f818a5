"""A run that would change far more than anybody may have meant stops before it changes anything (engine.md 2.8)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from xerosync_tui.domain.connection import Brake
from xerosync_tui.domain.contact import Field
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.program import active
from xerosync_tui.services import clients, connect, watch

from .firm import Firm
from .linked import NEW_PHONE, OTHER_PHONE, Client, came_to_rest, conflicts, failed, linked
from .sandboxed import consent_to


@pytest.fixture
async def many(firm: Firm) -> list[Client]:
    """More than enough for every threshold: twenty-four clients."""
    firm.xero.control("limits", minute=None, day=None)
    return await linked(firm, *(f"Client {number}" for number in range(24)))


async def brake_of(firm: Firm) -> Brake | None:
    return (await active(firm.program)).brake


async def stopped(firm: Firm, said: str) -> Brake:
    """P12: the sync stops, says why, and neither side nor the journal has changed."""
    before = await firm.karbon(), await firm.links(), await firm.journal(), len(firm.written_to_xero())
    with pytest.raises(NeedsPerson, match=said):
        await firm.sync()
    assert (await firm.karbon(), await firm.links(), await firm.journal(), len(firm.written_to_xero())) == before
    found = await brake_of(firm)
    assert found
    assert found.reason.startswith(said[:10])
    return found


def rephoned(found: Sequence[Client], number: str = NEW_PHONE) -> None:
    for client in found:
        client.phone_in_xero(number)


async def test_twenty_overwritten_clients_go_and_twenty_one_stop(firm: Firm, many: list[Client]) -> None:
    """P12: 2.8's threshold, to the contact."""
    rephoned(many[:21])
    await stopped(firm, "It would overwrite 21 of 24 links")
    rephoned(many[20:21], "02 5550 1000")
    result = await firm.sync()
    assert (result.counts.changed_in_karbon, await brake_of(firm)) == (20, None)


async def test_ends_and_overwrites_count_together(firm: Firm, many: list[Client]) -> None:
    """P9."""
    rephoned(many[:11])
    for client in many[11:21]:
        firm.edit("archive", client.id)
    await stopped(firm, "It would overwrite 11 and end 10 of 24 links")


async def test_filling_what_was_empty_is_no_overwriting(firm: Firm) -> None:
    """Nothing is lost by it, so it needs nobody's word."""
    firm.xero.control("limits", minute=None, day=None)
    for number in range(24):
        firm.in_xero(f"Client {number}")
    await firm.first_sync()
    found = [Client(firm, *pair) for pair in (await firm.links()).items()]
    rephoned(found[:23])
    assert (await firm.sync()).counts.changed_in_karbon == 23


@pytest.mark.parametrize("count", [3, 4])
async def test_every_link_at_once_stops_where_there_are_more_than_three(firm: Firm, count: int) -> None:
    """P12."""
    found = await linked(firm, *(f"Client {number}" for number in range(count)))
    rephoned(found)
    if count > 3:
        await stopped(firm, f"It would overwrite or end every one of the {count} links")
    else:
        assert (await firm.sync()).counts.changed_in_karbon == count


async def test_when_every_record_looks_changed_it_stops_though_nothing_would_be_lost(firm: Firm) -> None:
    """A remote that began to spell everything anew."""
    found = [firm.in_xero(f"Client {number}") for number in range(4)]
    await firm.first_sync()
    links = await firm.links()
    rephoned([Client(firm, xero_id, links[xero_id]) for xero_id in found])
    await stopped(firm, "Every one of the 4 linked contacts looks changed")


async def test_what_waits_already_stops_no_audit(firm: Firm) -> None:
    """P16: conflicts that are open and edits that Xero refused look changed to every audit."""
    found = await linked(firm, *(f"Client {number}" for number in range(5)))
    for client in found[:2]:
        client.phone_in_xero(NEW_PHONE)
        await client.in_karbon(phone=OTHER_PHONE)
    for client in found[2:]:
        await client.in_karbon(email="nobody at home")
        await firm.sync()
    assert (len(await conflicts(firm)), len(await failed(firm))) == (2, 3)
    await firm.sync(full=True)
    assert await brake_of(firm) is None


async def test_edits_for_xero_are_held_by_the_same_brake(firm: Firm, many: list[Client]) -> None:
    """P4."""
    for client in many[:21]:
        await client.in_karbon(phone=NEW_PHONE)
    await stopped(firm, "It would overwrite 21")


async def test_a_mass_delete_in_karbon_ends_the_links_and_touches_nothing_in_xero(
    firm: Firm, many: list[Client]
) -> None:
    """P9: each delete is a person's word already; none spreads, and nothing is imported again."""
    for client in many[:22]:
        await firm.delete_karbon(client.key)
    await firm.sync(full=True)
    assert (len(await firm.links()), len(await firm.karbon()), len(await clients.unsynced(firm.program))) == (2, 2, 22)
    assert {contact["ContactStatus"] for contact in firm.xero_contacts()} == {"ACTIVE"}
    assert firm.written_to_xero() == []


async def test_a_mass_delete_that_a_sync_finds_in_karbon_stops(firm: Firm, many: list[Client]) -> None:
    """P9: made while another organisation was connected, so that no link ended with it."""
    main, other = (await consent_to(firm.program))[:2]
    await connect.choose(firm.program, other)
    for client in many[:22]:
        await firm.delete_karbon(client.key)
    await connect.choose(firm.program, main)
    found = await stopped(firm, "It would end 22 of 24 links")
    result = await firm.sync(approved=found.digest)
    assert (result.counts.ended, len(await firm.links()), len(await firm.karbon())) == (22, 2, 2)


async def test_a_mass_archive_in_xero_stops(firm: Firm, many: list[Client]) -> None:
    """P9."""
    for client in many:
        firm.edit("archive", client.id)
    await stopped(firm, "It would overwrite or end every one of the 24 links")


async def test_a_preview_shows_the_brake_that_a_sync_would_meet(firm: Firm, many: list[Client]) -> None:
    """P12: preview = plan, to the digest."""
    rephoned(many)
    shown = (await firm.preview()).brake
    found = await stopped(firm, "It would overwrite or end every one")
    assert shown and (shown.digest, shown.reason) == (found.digest, found.reason)


async def test_an_approval_lets_that_run_go(firm: Firm, many: list[Client]) -> None:
    """P4, P12."""
    rephoned(many)
    found = await stopped(firm, "It would overwrite or end every one")
    result = await firm.sync(approved=found.digest)
    assert (result.counts.changed_in_karbon, await brake_of(firm)) == (24, None)
    await came_to_rest(firm)


async def test_an_approval_holds_for_what_was_shown_and_nothing_more(firm: Firm, many: list[Client]) -> None:
    """P12: one more edit, another value, another end: another digest, and the first one approves nothing any more."""
    rephoned(many[:22])
    first = await stopped(firm, "It would overwrite 22")
    digests = {first.digest}
    for change in (
        lambda: rephoned(many[22:23]),
        lambda: rephoned(many[:1], OTHER_PHONE),
        lambda: firm.edit("archive", many[23].id),
    ):
        change()
        digests.add((await stopped(firm, "It would overwrite")).digest)
        with pytest.raises(UsageError, match="not the code"):
            await firm.sync(approved=first.digest)
    assert len(digests) == 4
    assert await many[0].both(Field.PHONE) == (OTHER_PHONE, "02 5550 1000")


async def test_an_approval_of_yesterday_is_none_for_the_same_many_tomorrow(firm: Firm, many: list[Client]) -> None:
    """P12."""
    rephoned(many)
    found = await stopped(firm, "It would overwrite or end every one")
    await firm.sync(approved=found.digest)
    rephoned(many, OTHER_PHONE)
    await stopped(firm, "It would overwrite or end every one")
    with pytest.raises(UsageError, match="not the code"):
        await firm.sync(approved=found.digest)


async def test_the_next_runs_apply_nothing_until_somebody_says_so_or_it_is_over(firm: Firm, many: list[Client]) -> None:
    """P12: a newcomer waits too; when the cause is gone, so is the brake."""
    rephoned(many)
    first = await stopped(firm, "It would overwrite or end every one")
    newcomer = firm.in_xero("Newcomer")
    again = await stopped(firm, "It would overwrite or end every one")
    assert again.digest == first.digest
    assert newcomer not in await firm.links()
    rephoned(many, "02 5550 1000")
    await firm.sync()
    assert await brake_of(firm) is None
    assert newcomer in await firm.links()


async def test_watch_goes_on_reading_and_applies_nothing_meanwhile(firm: Firm, many: list[Client]) -> None:
    """P12: it says so once, and goes on by itself when the cause is gone."""
    rephoned(many)
    stop, told = asyncio.Event(), list[str]()

    def tell(line: str) -> None:
        told.append(line)
        if "changed in Karbon" in line:
            stop.set()

    async def somebody_mends_it() -> None:
        while len(await firm.rows("SELECT 1 FROM run WHERE state = 'failed'")) < 2:
            await asyncio.sleep(0)
        assert len({(await client.karbon()).contact.phone for client in many[:3]}) == 1
        assert await brake_of(firm)
        rephoned(many[1:], "02 5550 1000")

    before = await firm.karbon()
    _, _ = await asyncio.gather(watch.watch(firm.program, tell, stop, 60), somebody_mends_it())
    after = await firm.karbon()
    assert [key for key in after if after[key] != before[key]] == [many[0].key]
    assert [line.startswith("The sync was stopped") for line in told].count(True) == 1


async def test_the_first_sync_was_just_confirmed_and_knows_no_brake(firm: Firm) -> None:
    """2.8: however many values it overwrites."""
    for number in range(25):
        name, email = f"Client {number}", f"client.{number}@client.example"
        firm.in_xero(name, email, NEW_PHONE)
        await firm.in_karbon(name, email, OTHER_PHONE)
    result = await firm.first_sync()
    assert result.counts.overwritten == 25
