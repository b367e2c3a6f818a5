"""Killed while edits go both ways, at every durable step: no edit lost, none written twice (engine.md section 4)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from xerosync_tui.domain.contact import Field
from xerosync_tui.errors import RemoteError
from xerosync_tui.sandbox import SandboxServer

from .firm import API, CONTACTS, Firm
from .linked import NEW_PHONE, OLD_PHONE, OTHER_PHONE, Client, asked_by, came_to_rest, later, linked, lose
from .restarts import dies_after_every_write, dies_everywhere, prepared, replayed

NAMES = ("Acme", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot")


async def edits_on_both_sides(firm: Firm) -> None:
    """One of each kind, and one client that nobody touches."""
    acme, bravo, charlie, delta, echo, _ = await linked(firm, *NAMES)
    await acme.in_karbon(phone=NEW_PHONE, name="Acme Renamed")  # to Xero
    bravo.phone_in_xero(NEW_PHONE)  # to Karbon
    charlie.in_xero(EmailAddress="new@charlie.example")  # both
    await charlie.in_karbon(phone=NEW_PHONE)
    delta.phone_in_xero(NEW_PHONE)  # conflict, and an email that flows
    await delta.in_karbon(phone=OTHER_PHONE, email="new@delta.example")
    await echo.in_karbon(email="nobody at home")  # refused by Xero


async def sync(firm: Firm) -> None:
    await firm.sync()


async def settle(firm: Firm) -> None:
    await firm.sync()
    assert await asked_by(firm) == ["GET"]


async def test_killed_at_any_step_both_sides_end_as_if_nothing_had_happened(
    sandbox: SandboxServer, tmp_path: Path, directory: str
) -> None:
    """P3, P4, P6, P17."""
    office = await prepared(sandbox, tmp_path / "home", edits_on_both_sides, directory)
    assert await dies_everywhere(office, sync, settle) > 10
    if directory == API:
        assert await dies_after_every_write(office, sync, settle) == 2


@pytest.mark.parametrize("edited", ["xero", "karbon"])
async def test_an_edit_after_the_death_is_not_lost(
    sandbox: SandboxServer, tmp_path: Path, directory: str, edited: str
) -> None:
    """P4, P6: typed between the death and the next process, whether the write had arrived or not."""

    async def prepare(firm: Firm) -> None:
        [client] = await linked(firm, "Acme")
        await client.in_karbon(phone=NEW_PHONE)

    async def then_somebody_edits(firm: Firm) -> None:
        [(xero_id, key)] = (await firm.links()).items()
        client = Client(firm, xero_id, key)
        arrived = client.xero()["Phones"][0]["PhoneNumber"] == NEW_PHONE
        if edited == "xero":
            client.in_xero(EmailAddress="new@acme.example")
        else:
            await firm.edit_karbon(key, phone=OTHER_PHONE)
        await firm.sync()
        expected = NEW_PHONE if edited == "xero" else OTHER_PHONE
        assert arrived in (True, False)
        assert await client.both(Field.PHONE) == (expected, expected)
        if edited == "xero":
            assert await client.both(Field.EMAIL) == ("new@acme.example", "new@acme.example")

    office = await prepared(sandbox, tmp_path / "home", prepare, directory)
    assert await dies_everywhere(office, sync, then_somebody_edits) > 3


@pytest.mark.parametrize("kind", ["lost_reply", "refuse", "server_error", "half_applied", "empty_body", "html"])
async def test_a_lost_write_moves_no_base_and_is_made_good(firm: Firm, kind: str) -> None:
    """P6: what Xero did not acknowledge is not agreed; what it did all the same is no edit of Xero's."""
    clients = await linked(firm, "Acme", "Bravo", "Charlie")
    for client in clients:
        await client.in_karbon(phone=NEW_PHONE)
    base = await firm.rows("SELECT xero_phone, karbon_phone FROM link")
    lose(firm, kind, times=1 if kind == "html" else 3)
    with pytest.raises(RemoteError):
        await firm.sync()
    assert await firm.rows("SELECT xero_phone, karbon_phone FROM link") == base
    assert set(await firm.rows("SELECT state FROM journal WHERE action = 'update' AND run_id IS NOT NULL")) == {
        ("unknown",)
    }
    await clients[0].in_karbon(phone=OTHER_PHONE)
    await firm.sync()
    assert await clients[0].both(Field.PHONE) == (OTHER_PHONE, OTHER_PHONE)
    for client in clients[1:]:
        assert await client.both(Field.PHONE) == (NEW_PHONE, NEW_PHONE)
    await came_to_rest(firm)


async def test_a_lost_read_before_the_write_writes_nothing(firm: Firm) -> None:
    """P13: without its premise nothing is sent."""
    [client] = await linked(firm, "Acme")
    await client.in_karbon(phone=NEW_PHONE)
    lose(firm, "refuse", "GET", query={"IDs": client.id})
    with pytest.raises(RemoteError):
        await firm.sync()
    assert (firm.written_to_xero(), await client.both(Field.PHONE)) == ([], (OLD_PHONE, NEW_PHONE))
    await firm.sync()
    await came_to_rest(firm)


async def test_the_day_limit_in_the_middle_leaves_the_rest_for_the_next_run(firm: Firm) -> None:
    """P6: what was acknowledged stays so."""
    firm.xero.control("limits", minute=None, day=None)
    for number in range(60):
        firm.in_xero(f"Client {number}")
    await firm.first_sync()
    clients = [Client(firm, *pair) for pair in (await firm.links()).items()]
    for client in clients[:50]:
        await client.in_karbon(phone=NEW_PHONE)
    firm.xero.fault("rate_day", CONTACTS, method="POST", skip=1, value=7200)
    with suppress(Exception):
        await firm.sync()
    assert await phones(firm) == 40
    later(firm, 7200)
    assert (await firm.sync()).counts.changed_in_xero == 10
    assert await phones(firm) == 50
    await came_to_rest(firm)


async def phones(firm: Firm) -> int:
    return sum(bool(contact["Phones"]) for contact in firm.xero_contacts())


async def test_a_real_process_is_killed_during_a_batch_to_xero(firm: Firm) -> None:
    """P3, P6, P17: SIGKILL while Xero works on the second group; the next process finishes it."""
    firm.xero.control("limits", minute=None, day=None)
    for number in range(100):
        firm.in_xero(f"Client {number}")
    await firm.first_sync()
    clients = [Client(firm, *pair) for pair in (await firm.links()).items()]
    for client in clients[:90]:
        await client.in_karbon(phone=NEW_PHONE)
    firm.xero.fault("slow", CONTACTS, method="POST", skip=1, value=3)
    environment = {**os.environ, **firm.xero.environment(firm.program.settings), "XEROSYNC_USER": "mia"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "xerosync_tui", "sync", env=environment,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    while firm.xero.state()["faults_left"]:  # taken when the second write came in
        assert process.returncode is None
        await asyncio.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert await process.wait() == -signal.SIGKILL

    carried_over = "FROM journal WHERE action = 'update' AND run_id IS NOT NULL"
    states = dict(await firm.rows(f"SELECT state, count(*) {carried_over} GROUP BY state"))
    assert states == {"done": 40, "intended": 40}
    links = await firm.links()
    await firm.sync()
    assert await phones(firm) == 90
    assert await replayed(firm) == await firm.links() == links
    assert await firm.rows("SELECT 1 FROM journal WHERE state = 'intended'") == []
    await came_to_rest(firm)
