"""What the screens ask for at a glance: one contact with its link, and the numbers of the preview that waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.domain.match import Verdict
from xerosync_tui.errors import NotConnected, RemoteError, UsageError
from xerosync_tui.program import active
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.services import connect, contacts, overview
from xerosync_tui.services.contacts import ContactView
from xerosync_tui.store import connections, mirror

from .firm import CONTACTS, Firm, opened
from .sandboxed import consent_to

EMAIL = "accounts@acme.example"


async def choose(firm: Firm, place: int) -> str:
    """Connect the organisation at that place of the consent; its id."""
    organisation = (await consent_to(firm.program))[place]
    await connect.choose(firm.program, organisation, contact_type="Client")
    return organisation.id


async def counts(firm: Firm) -> dict[str, int] | None:
    """The verdicts of the preview that waits."""
    told = await overview.plan_counts(firm.program)
    return None if told is None else {v.value: told.of(v) for v in Verdict if told.of(v)}


async def change(firm: Firm, sql: str, *values: str) -> None:
    """What no service does yet, or only by a long way."""
    await firm.program.store.run(lambda db: db.execute_sql(sql, values))


# A contact


async def test_a_synced_contact_has_its_xero_contact_and_the_time_of_the_link(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL, "02 5550 1234")
    key = await firm.in_karbon("ACME", EMAIL)
    await firm.first_sync()
    xero = await firm.program.store.read(mirror.xero_contact, (await active(firm.program)).id, x)
    await change(firm, "UPDATE link SET synced_at = linked_at + 1")
    [(why, linked_at, synced_at)] = await firm.rows("SELECT why, linked_at, synced_at FROM link")

    view = await contacts.one(firm.program, key)

    assert view.record == (await firm.karbon())[key]
    assert view.link and xero and view.link.xero == xero
    assert (view.link.xero.contact.name, view.link.xero.contact.phone) == ("Acme", "02 5550 1234")
    assert (view.link.state, view.link.why) == ("synced", why)
    assert (view.link.linked_at, view.link.synced_at) == (linked_at, synced_at)


async def test_a_contact_without_a_link_has_none(firm: Firm) -> None:
    firm.in_xero("Acme", EMAIL)
    key = await firm.in_karbon("Somebody Else", "else@acme.example")
    await firm.first_sync()
    assert await contacts.one(firm.program, key) == ContactView((await firm.karbon())[key], None)


async def test_a_contact_is_shown_before_anything_is_connected(sandbox: SandboxServer, tmp_path: Path) -> None:
    async with opened(sandbox, tmp_path / "home") as firm:
        key = await firm.in_karbon("Acme", EMAIL)
        assert await contacts.one(firm.program, key) == ContactView((await firm.karbon())[key], None)


async def test_no_contact_of_that_key(firm: Firm) -> None:
    key = await firm.in_karbon("Acme", EMAIL)
    await firm.delete_karbon(key)
    for unknown in (key, "nobody"):
        with pytest.raises(UsageError, match=unknown):
            await contacts.one(firm.program, unknown)


async def test_a_link_that_ended_is_told_with_its_reason_until_another_one_holds(firm: Firm) -> None:
    for name in ("Acme", "Other"):
        firm.in_xero(name, f"{name}@acme.example")
        await firm.in_karbon(name, f"{name}@acme.example")
    await firm.first_sync()
    [(old, key), (new, _)] = await firm.rows("SELECT xero_id, karbon_key FROM link ORDER BY id")
    await change(firm, "UPDATE link SET state = 'unsynced', why = 'a person' WHERE xero_id = ?", old)
    ended = (await contacts.one(firm.program, key)).link
    assert ended and (ended.xero.id, ended.state, ended.why) == (old, "unsynced", "a person")

    await change(firm, "UPDATE link SET karbon_key = ? WHERE xero_id = ?", key, new)
    holds = (await contacts.one(firm.program, key)).link
    assert holds and (holds.xero.id, holds.state) == (new, "synced")


async def test_a_link_belongs_to_its_connection(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    key = await firm.in_karbon("Acme", EMAIL)
    await firm.first_sync()
    tenant = await choose(firm, 1)
    assert (await contacts.one(firm.program, key)).link is None

    y = firm.edit("create", tenant=tenant, contact={"Name": "Acme", "EmailAddress": EMAIL})
    await firm.first_sync()
    there = (await contacts.one(firm.program, key)).link
    await choose(firm, 0)
    here = (await contacts.one(firm.program, key)).link
    assert there and here and (there.xero.id, here.xero.id) == (y, x)


# The preview that waits


async def test_numbers_wait_from_the_preview_to_the_word(firm: Firm) -> None:
    firm.in_xero("Acme", EMAIL)
    firm.in_xero("New")
    firm.in_xero("Clash", "one@acme.example")
    await firm.in_karbon("Acme", EMAIL)
    await firm.in_karbon("Clash", "two@acme.example")
    assert await counts(firm) is None
    await firm.preview()
    assert await counts(firm) == {"full match": 1, "conflict": 1, "new": 1}

    firm.in_xero("Newer")
    assert await counts(firm) == {"full match": 1, "conflict": 1, "new": 1}
    await firm.preview()
    assert await counts(firm) == {"full match": 1, "conflict": 1, "new": 2}

    await firm.sync()
    assert await counts(firm) is None
    await firm.preview()
    assert await counts(firm) is None  # the first sync is done: nothing waits for a word


async def test_no_numbers_before_anything_is_connected(sandbox: SandboxServer, tmp_path: Path) -> None:
    async with opened(sandbox, tmp_path / "home") as firm:
        assert await counts(firm) is None


async def test_another_filter_takes_the_numbers_away(firm: Firm) -> None:
    firm.in_xero("Acme", EMAIL)
    await firm.preview()
    await overview.change_settings(firm.program, {"filter": ImportFilter.CUSTOMERS.value})
    assert await counts(firm) is None
    await firm.preview()
    assert await counts(firm) == {"left out": 1}


async def test_a_preview_that_failed_leaves_no_older_numbers(firm: Firm) -> None:
    firm.in_xero("Acme", EMAIL)
    await firm.preview()
    firm.xero.fault("html", CONTACTS)
    with pytest.raises(RemoteError):
        await firm.preview()
    assert await counts(firm) is None


async def test_a_first_sync_that_began_has_had_its_word(firm: Firm) -> None:
    firm.in_xero("Acme", EMAIL)
    await firm.preview()
    connection = await active(firm.program)
    await firm.program.store.run(connections.change, connection.id, started_at=1, plan_run=1)
    assert await counts(firm) is None


async def test_numbers_belong_to_their_connection(firm: Firm) -> None:
    firm.in_xero("Acme", EMAIL)
    await firm.preview()
    await choose(firm, 1)
    assert await counts(firm) is None
    there = await firm.preview()
    assert (await counts(firm) or {}).get("new") == there.counts.new != 1
    await choose(firm, 0)
    assert await counts(firm) == {"new": 1}


async def test_a_run_that_could_not_begin_leaves_the_numbers(firm: Firm) -> None:
    firm.in_xero("Acme", EMAIL)
    await firm.preview()
    await connect.disconnect(firm.program)
    with pytest.raises(NotConnected):
        await firm.preview()
    assert await counts(firm) == {"new": 1}
