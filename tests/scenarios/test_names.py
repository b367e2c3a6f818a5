"""Names are unique in Xero: swaps and rings of linked clients go through a temporary name (engine.md 2.4)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.states import Side
from xerosync_tui.errors import RemoteError
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.services import fields

from .firm import Firm
from .linked import OTHER_PHONE, Client, asked_by, came_to_rest, conflicts, linked, lose, sync_while
from .linked import failed as failures
from .restarts import dies_everywhere, prepared

NAMES = ("Acme", "Bravo", "Charlie")


async def turned(clients: list[Client]) -> list[str]:
    """Each takes the name of the next in Karbon; the names as they are to be."""
    names = [(await client.karbon()).contact.name for client in clients]
    wanted = [*names[1:], names[0]]
    for client, name in zip(clients, wanted, strict=True):
        await client.in_karbon(name=name)
    return wanted


def in_xero(clients: list[Client]) -> list[str]:
    return [str(client.xero()["Name"]) for client in clients]


async def nothing_stands_aside(firm: Firm) -> None:
    assert not [c["Name"] for c in firm.xero_contacts() if c["Name"].startswith("~")]
    assert await firm.rows("SELECT 1 FROM journal WHERE state = 'intended'") == []


@pytest.mark.parametrize("size_of_ring", [2, 3])
async def test_names_that_change_places_in_karbon_change_places_in_xero(firm: Firm, size_of_ring: int) -> None:
    """P2, P5: links stay, and no name is ever on two contacts."""
    clients = await linked(firm, *NAMES)
    links = await firm.links()
    wanted = await turned(clients[:size_of_ring])
    result = await firm.sync()
    assert in_xero(clients) == [*wanted, *NAMES[size_of_ring:]]
    assert (result.counts.changed_in_xero, await failures(firm), await firm.links()) == (size_of_ring, {}, links)
    await nothing_stands_aside(firm)
    await came_to_rest(firm)


async def test_names_that_change_places_in_xero_change_places_in_karbon(firm: Firm) -> None:
    """P2: a swap never moves a link."""
    clients = await linked(firm, *NAMES)
    links = await firm.links()
    for client, name in zip(clients, (*NAMES[1:], NAMES[0]), strict=True):
        client.in_xero(Name=name)
    await firm.sync()
    assert [(await client.karbon()).contact.name for client in clients] == [*NAMES[1:], NAMES[0]]
    assert await firm.links() == links
    await came_to_rest(firm)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
async def test_a_chain_of_names_is_written_from_its_free_end(firm: Firm, order: tuple[int, ...]) -> None:
    """P5: whoever frees a name goes first, whatever the order of the links; nothing steps aside."""
    found = await linked(firm, *NAMES)
    clients = [found[place] for place in order]
    names = [NAMES[place] for place in order]
    for client, name in zip(clients, [*names[1:], "Delta"], strict=True):
        await client.in_karbon(name=name)
    result = await firm.sync()
    assert in_xero(clients) == [*names[1:], "Delta"]
    assert (result.counts.changed_in_xero, await failures(firm)) == (3, {})
    assert not [row for row in await firm.journal() if row[0] == "swap"]
    await came_to_rest(firm)


async def test_a_ring_and_edits_of_other_fields_go_over_together(firm: Firm) -> None:
    """P5."""
    clients = await linked(firm, *NAMES)
    await turned(clients)
    for number, client in enumerate(clients):
        await client.in_karbon(phone=f"02 5550 600{number}")
    await firm.sync()
    for number, client in enumerate(clients):
        assert await client.both(Field.PHONE) == (f"02 5550 600{number}",) * 2
    await came_to_rest(firm)


@pytest.mark.parametrize("kind", ["refuse", "lost_reply", "server_error", "empty_body", "half_applied", "rate_minute"])
async def test_whatever_request_of_a_ring_is_lost_the_next_run_finishes_it(firm: Firm, kind: str) -> None:
    """P3, P5: each of the four writes in turn; a name never stays aside."""
    firm.xero.control("limits", minute=None, day=None)
    clients = await linked(firm, *NAMES)
    for place in range(4):
        wanted = await turned(clients)
        lose(firm, kind, skip=place)
        with suppress(RemoteError):
            await firm.sync()
        assert firm.xero.state()["faults_left"] == 0
        await firm.sync()
        await firm.sync()
        assert in_xero(clients) == wanted, f"the write at place {place}"
        assert [(await client.karbon()).contact.name for client in clients] == wanted
        await nothing_stands_aside(firm)
        assert await failures(firm) == {}


async def test_a_temporary_name_is_never_observed(firm: Firm) -> None:
    """P4: half a swap is no edit of Xero's; not even when Karbon's names are taken back meanwhile."""
    clients = (await linked(firm, *NAMES))[:2]
    await turned(clients)
    lose(firm, "refuse", skip=1)
    with pytest.raises(RemoteError):
        await firm.sync()
    assert [name.startswith("~") for name in in_xero(clients)].count(True) == 1
    for client, name in zip(clients, NAMES, strict=False):
        await client.in_karbon(name=name)
    await firm.sync()
    assert in_xero(clients) == list(NAMES[:2])
    assert [(await client.karbon()).contact.name for client in clients] == list(NAMES[:2])
    await nothing_stands_aside(firm)
    await came_to_rest(firm)


@pytest.mark.parametrize("size_of_ring", [2, 3])
async def test_killed_at_any_step_a_ring_is_finished_by_the_next_process(
    sandbox: SandboxServer, tmp_path: Path, size_of_ring: int
) -> None:
    """P3, P4, P17."""

    async def prepare(firm: Firm) -> None:
        await turned((await linked(firm, *NAMES))[:size_of_ring])

    async def sync(firm: Firm) -> None:
        await firm.sync()

    async def settle(firm: Firm) -> None:
        await firm.sync()
        await nothing_stands_aside(firm)

    office = await prepared(sandbox, tmp_path / "home", prepare)
    assert await dies_everywhere(office, sync, settle) > 10


async def test_a_ring_with_a_member_in_conflict_does_not_start(firm: Firm) -> None:
    """P4: it goes over once a person has decided."""
    clients = (await linked(firm, *NAMES))[:2]
    wanted = await turned(clients)
    clients[1].in_xero(Name="BRAVO!")
    await firm.sync()
    assert await conflicts(firm) == {clients[1].id: (Field.NAME,)}
    assert not [row for row in await firm.journal() if row[0] == "swap"]
    await fields.take(firm.program, clients[1].id, {Field.NAME: Side.KARBON})
    await firm.sync()
    assert in_xero(clients) == wanted
    await came_to_rest(firm)


@pytest.mark.parametrize("member", [0, 1, 2])
async def test_when_xero_refuses_one_of_a_ring_all_keep_their_names(firm: Firm, member: int) -> None:
    """P16: reported by name; nobody's name stays aside, and Karbon's edits stay typed."""
    clients = await linked(firm, *NAMES)
    wanted = await turned(clients)
    await clients[member].in_karbon(email="nobody at home")
    await firm.sync()
    await firm.sync()
    assert in_xero(clients) == list(NAMES)
    assert [(await client.karbon()).contact.name for client in clients] == wanted
    assert await failures(firm)
    await nothing_stands_aside(firm)
    assert await asked_by(firm) == ["GET"]

    await clients[member].in_karbon(email="new@client.example")
    await firm.sync()
    await firm.sync(full=True)
    assert (in_xero(clients), await failures(firm)) == (wanted, {})


async def test_when_xero_refuses_the_temporary_name_nothing_moves(firm: Firm) -> None:
    """P16."""
    clients = (await linked(firm, *NAMES))[:2]
    await turned(clients)
    lose(firm, "element_errors", times=1, value="Not this name.")
    await firm.sync()
    assert in_xero(clients) == list(NAMES[:2])
    assert any("temporary name: Not this name." in reason for reason in (await failures(firm)).values())
    await nothing_stands_aside(firm)


async def test_a_ring_whose_member_was_edited_in_xero_meanwhile_waits(firm: Firm) -> None:
    """P13: all of it, and the next run does it."""
    clients = (await linked(firm, *NAMES))[:2]
    wanted = await turned(clients)
    result = await sync_while(firm, "Writing to Karbon", lambda: clients[0].phone_in_xero(OTHER_PHONE))
    assert (result.counts.deferred, in_xero(clients)) == (2, list(NAMES[:2]))
    await firm.sync()
    assert in_xero(clients) == wanted
    assert await clients[0].both(Field.PHONE) == (OTHER_PHONE, OTHER_PHONE)
    await came_to_rest(firm)


async def test_the_name_of_an_archived_contact_is_free(firm: Firm) -> None:
    """P5: Xero's names are unique among active contacts."""
    [client] = await linked(firm, "Acme")
    archived = firm.in_xero("Bravo")
    firm.edit("archive", archived)
    await client.in_karbon(name="Bravo")
    await firm.sync()
    assert (await client.both(Field.NAME), await failures(firm)) == (("Bravo", "Bravo"), {})
    await came_to_rest(firm)


async def test_a_name_that_another_contact_has_is_refused_and_nothing_is_overwritten(firm: Firm) -> None:
    """P16, P4."""
    [client] = await linked(firm, "Acme")
    stranger = Client(firm, firm.in_xero("Bravo", "bravo@client.example"), "")
    before = stranger.xero()
    await client.in_karbon(name="bravo", phone="02 5550 6000")
    await firm.sync()
    assert (await client.both(Field.NAME), stranger.xero()) == (("Acme", "bravo"), before)
    assert "already assigned to another contact" in (await failures(firm))["Acme"]
    firm.edit("archive", stranger.id)
    await firm.sync(full=True)
    assert (await client.both(Field.NAME), await failures(firm)) == (("bravo", "bravo"), {})
