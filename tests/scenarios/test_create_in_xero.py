"""Contacts made in Xero from Karbon: once each, whatever is lost, retried or killed (engine.md 2.5)."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.states import Side
from xerosync_tui.errors import NeedsPerson, QuotaUsedUp, RemoteError, RemoteRefused, RemoteUnreachable, UsageError
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.services import clients, overview
from xerosync_tui.services.undo import undo

from .firm import CONTACTS, Firm
from .linked import NEW_PHONE, OLD_PHONE, Client, came_to_rest, later, linked, lose, synced
from .linked import failed as failures
from .restarts import dies_everywhere, prepared

EMAIL = "delta@client.example"
MINUTES = 60


async def delta(firm: Firm) -> str:
    """A Karbon contact that Xero has not, beside a client; its key."""
    await linked(firm, "Acme")
    key = await firm.in_karbon("Delta", EMAIL, OLD_PHONE)
    await firm.edit_karbon(key, line1="1 Delta Rd", city="Perth", country="Australia")
    return key


def called(firm: Firm, name: str) -> list[dict[str, Any]]:
    """Xero's contacts of that name."""
    return [contact for contact in firm.xero_contacts() if contact["Name"] == name]


async def made_once(firm: Firm, key: str) -> Client:
    """P7: exactly one, which carries our marker, is linked by what asked for it, and rests."""
    [made] = called(firm, "Delta")
    assert re.fullmatch(r"XS[0-9A-F]{24}", made["ContactNumber"])
    assert (await firm.links())[made["ContactID"]] == key
    assert await firm.rows("SELECT action FROM journal WHERE state = 'intended'") == []
    assert ("done",) in await firm.rows("SELECT state FROM journal WHERE action = 'create in Xero'")
    await came_to_rest(firm)
    return Client(firm, made["ContactID"], key)


async def test_a_contact_is_made_with_all_four_fields_and_linked(firm: Firm) -> None:
    """P7."""
    key = await delta(firm)
    done = await clients.create_in_xero(firm.program, key)
    assert (done.name, done.karbon_key) == ("Delta", key)
    client = await made_once(firm, key)
    assert client.id == done.xero_id
    assert synced(client.xero()) == (await client.karbon()).contact
    await client.in_karbon(phone=NEW_PHONE)
    await firm.sync()
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)


@pytest.mark.parametrize("kind", ["lost_reply", "refuse", "server_error", "empty_body", "malformed_json"])
@pytest.mark.parametrize("minutes", [0, 7])
async def test_a_lost_answer_makes_no_second_one(firm: Firm, kind: str, minutes: int) -> None:
    """P7: whether it was done or not, cached or not, asked again at once or when Xero has forgotten the key."""
    key = await delta(firm)
    lose(firm, kind, "PUT")
    with pytest.raises(RemoteUnreachable):
        await clients.create_in_xero(firm.program, key)
    with pytest.raises(NeedsPerson, match="not known yet"):
        await clients.create_in_xero(firm.program, key)
    later(firm, minutes * MINUTES)
    for _ in range(3):
        with suppress(RemoteError):  # Xero's kept 500 is told again for six minutes
            await firm.sync()
        later(firm, minutes * MINUTES)
    if kind == "server_error" and not minutes:
        assert called(firm, "Delta") == []
        later(firm, 7 * MINUTES)
        await firm.sync()
    await made_once(firm, key)


async def test_xero_forgot_the_key_earlier_than_we_thought(firm: Firm) -> None:
    """P7: sent again under it, Xero refuses the name as taken; the marker says that it was us."""
    key = await delta(firm)
    lose(firm, "lost_reply", "PUT")
    with pytest.raises(RemoteUnreachable):
        await clients.create_in_xero(firm.program, key)
    firm.xero.control("clock", advance=7 * MINUTES)  # Xero's alone
    await firm.sync()
    await made_once(firm, key)


async def test_a_passing_trouble_is_outlasted_under_the_same_key(firm: Firm) -> None:
    """P7."""
    key = await delta(firm)
    lose(firm, "lost_reply", "PUT", times=2)
    await clients.create_in_xero(firm.program, key)
    await made_once(firm, key)


@pytest.mark.parametrize("minutes", [0, 7])
async def test_killed_at_any_step_it_is_made_once_by_the_next_process(
    sandbox: SandboxServer, tmp_path: Path, directory: str, minutes: int
) -> None:
    """P7, P17: also when Xero has forgotten the Idempotency-Key before the next process looks."""

    async def prepare(firm: Firm) -> None:
        await delta(firm)

    async def create(firm: Firm) -> None:
        for record in (await firm.karbon()).values():
            if record.contact.name == "Delta" and record.key not in (await firm.links()).values():
                await clients.create_in_xero(firm.program, record.key)

    async def settle(firm: Firm) -> None:
        later(firm, minutes * MINUTES)
        await firm.sync()
        await create(firm)  # killed before the intent: nothing was asked of Xero
        [made] = called(firm, "Delta")
        assert made["ContactNumber"].startswith("XS")
        [(why,)] = await firm.rows(f"SELECT why FROM link WHERE xero_id = '{made['ContactID']}'")
        assert why == "made in Xero from Karbon"  # found by its marker, not by looking like one

    office = await prepared(sandbox, tmp_path / "home", prepare, directory)
    assert await dies_everywhere(office, create, settle) > 5


async def test_a_real_process_is_killed_while_xero_makes_the_contact(firm: Firm) -> None:
    """P7, P17: SIGKILL; the next process asks again while Xero is still at it, and there is one."""
    key = await delta(firm)
    firm.xero.fault("slow", CONTACTS, method="PUT", value=1)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "xerosync_tui", "create-in-xero", key,
        env={**os.environ, **firm.xero.environment(firm.program.settings), "XEROSYNC_USER": "mia"},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    while firm.xero.state()["faults_left"]:  # taken when the request came in
        assert process.returncode is None
        await asyncio.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL
    assert ("create in Xero", "intended", "", key) in await firm.journal()
    await firm.sync()
    while len(firm.written_to_xero()) < 2:  # the one that was slow, too
        await asyncio.sleep(0.01)
    await made_once(firm, key)


async def test_a_contact_whose_answer_was_lost_is_invisible_to_matching(firm: Firm) -> None:
    """P7: a preview reads it, and neither imports it nor makes it an issue; the sync adopts it."""
    key = await delta(firm)
    lose(firm, "lost_reply", "PUT")
    with pytest.raises(RemoteUnreachable):
        await clients.create_in_xero(firm.program, key)
    [made] = called(firm, "Delta")
    shown = await firm.preview()
    assert shown.counts.read >= 1
    assert (shown.counts.new, shown.counts.full_match, await firm.issues()) == (0, 0, {})
    assert await firm.rows("SELECT verdict FROM plan_row") == []
    before = await firm.karbon()
    await firm.sync()
    assert (await made_once(firm, key)).id == made["ContactID"]
    assert await firm.karbon() == before


async def test_karbon_edited_while_the_answer_was_lost_goes_over_afterwards(firm: Firm) -> None:
    """P4: the base is what was sent, not what Karbon holds now."""
    key = await delta(firm)
    lose(firm, "lost_reply", "PUT")
    with pytest.raises(RemoteUnreachable):
        await clients.create_in_xero(firm.program, key)
    await firm.edit_karbon(key, phone=NEW_PHONE)
    await firm.sync()
    client = await made_once(firm, key)
    assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)


async def test_linked_by_hand_while_the_answer_was_lost_gives_a_failure_not_a_second_link(firm: Firm) -> None:
    """P1."""
    key = await delta(firm)
    other = firm.in_xero("Delta and Sons", "sons@client.example")
    await firm.sync()
    spare = (await firm.links())[other]
    await clients.unsync(firm.program, [other])
    lose(firm, "lost_reply", "PUT")
    with pytest.raises(RemoteUnreachable):
        await clients.create_in_xero(firm.program, key)
    await clients.rematch(firm.program, other, key, Side.KARBON)
    await firm.sync()
    assert (await firm.links())[other] == key
    assert spare not in (await firm.links()).values()
    [(state, error)] = await firm.rows("SELECT state, error FROM journal WHERE action = 'create in Xero'")
    assert (state, "linked with another" in error) == ("failed", True)


@pytest.mark.parametrize("name", ["Delta", "DELTA"])
async def test_a_namesake_in_xero_is_never_overwritten(firm: Firm, name: str) -> None:
    """P7, P4: known to us, or made a moment ago; it is a reason to stop, also for --anyway."""
    key = await delta(firm)
    stranger = Client(firm, firm.in_xero(name, "stranger@client.example", NEW_PHONE), "")
    before = stranger.xero()
    with pytest.raises(RemoteRefused, match="already assigned to another contact"):
        await clients.create_in_xero(firm.program, key)
    assert await failures(firm) == {
        "Delta": "Not made in Xero: The contact name Delta is already assigned to another contact. "
        "The contact name must be unique across all active contacts."
    }
    await firm.preview()
    with pytest.raises(NeedsPerson, match=f"active contact {name} already"):
        await clients.create_in_xero(firm.program, key, anyway=True)
    assert (stranger.xero(), len(firm.xero_contacts())) == (before, 2)
    assert not [entry for entry in firm.written_to_xero() if entry["method"] == "POST"]

    done = await clients.create_in_xero(firm.program, key, name="Delta (Perth)")
    assert called(firm, "Delta (Perth)")[0]["ContactID"] == done.xero_id
    assert await failures(firm) == {}
    await came_to_rest(firm)


async def test_made_under_another_name_both_keep_their_own(firm: Firm) -> None:
    """P3, P5: the name that was chosen for Xero stays there; a later edit of either crosses."""
    key = await delta(firm)
    done = await clients.create_in_xero(firm.program, key, name="Delta (Perth)")
    await came_to_rest(firm)
    client = Client(firm, done.xero_id, key)
    assert await client.both(Field.NAME) == ("Delta (Perth)", "Delta")
    await client.in_karbon(name="Delta Ltd")
    await firm.sync()
    assert await client.both(Field.NAME) == ("Delta Ltd", "Delta Ltd")
    client.in_xero(Name="Delta (Hobart)")
    await firm.sync()
    assert await client.both(Field.NAME) == ("Delta (Hobart)", "Delta (Hobart)")


async def test_the_name_of_an_archived_contact_is_no_obstacle(firm: Firm) -> None:
    """P7."""
    key = await delta(firm)
    firm.edit("archive", firm.in_xero("Delta"))
    await firm.sync()
    await clients.create_in_xero(firm.program, key)
    assert len([contact for contact in called(firm, "Delta") if contact["ContactStatus"] == "ACTIVE"]) == 1


async def test_candidates_are_shown_and_stop_it_unless_told(firm: Firm) -> None:
    """P7: somebody with the same email may be the same client."""
    key = await delta(firm)
    twin = firm.in_xero("Delta Holdings", EMAIL)
    await firm.sync()
    [found] = await clients.candidates_in_xero(firm.program, key)
    assert (found.xero.id, found.same_name, found.same_email, found.takes_name) == (twin, False, True, False)
    with pytest.raises(NeedsPerson, match="with the billing email"):
        await clients.create_in_xero(firm.program, key)
    assert called(firm, "Delta") == []
    await clients.create_in_xero(firm.program, key, anyway=True)
    assert len(called(firm, "Delta")) == 1


async def test_what_xero_refuses_is_said_and_kept_as_failed_until_it_is_made(firm: Firm) -> None:
    """P16."""
    key = await delta(firm)
    await firm.edit_karbon(key, email="nobody at home")
    with pytest.raises(RemoteRefused, match="Email address must be valid"):
        await clients.create_in_xero(firm.program, key)
    [failure] = await overview.failures(firm.program)
    assert (failure.side, failure.record, failure.name) == ("create", key, "Delta")
    await firm.sync()
    assert called(firm, "Delta") == []  # nobody tries it again by himself
    await firm.edit_karbon(key, email=EMAIL)
    await clients.create_in_xero(firm.program, key)
    assert await failures(firm) == {}


async def test_the_day_limit_makes_nothing_and_the_next_day_one(firm: Firm) -> None:
    """P7."""
    key = await delta(firm)
    firm.xero.fault("rate_day", CONTACTS, method="PUT")
    with pytest.raises(QuotaUsedUp):
        await clients.create_in_xero(firm.program, key)
    assert called(firm, "Delta") == []
    later(firm, 24 * 60 * MINUTES)
    await firm.sync()
    await made_once(firm, key)


async def test_asked_twice_at_once_it_is_made_once(firm: Firm) -> None:
    """P7, P14."""
    key = await delta(firm)
    both = (clients.create_in_xero(firm.program, key) for _ in range(2))
    done = await asyncio.gather(*both, return_exceptions=True)
    assert [type(one).__name__ for one in done].count("UsageError") == 1
    await made_once(firm, key)


async def test_a_linked_contact_is_not_made_again(firm: Firm) -> None:
    """P1, P7."""
    key = await delta(firm)
    await clients.create_in_xero(firm.program, key)
    with pytest.raises(UsageError, match="linked already"):
        await clients.create_in_xero(firm.program, key, anyway=True)
    with pytest.raises(NeedsPerson, match="no way to delete"):
        await undo(firm.program, (await firm.rows("SELECT max(id) FROM journal"))[0][0])
    await made_once(firm, key)


async def test_nothing_is_made_before_the_first_sync(firm: Firm) -> None:
    """P12."""
    key = await firm.in_karbon("Delta")
    with pytest.raises(NeedsPerson, match="before the first sync"):
        await clients.create_in_xero(firm.program, key)
    assert firm.written_to_xero() == []
