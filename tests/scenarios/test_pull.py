"""Reading Xero and Karbon: drift, troubles, and what comes later (engine.md 2.6)."""

from __future__ import annotations

import pytest

from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.match import Reason
from xerosync_tui.errors import NeedsPerson, RemoteRefused, RemoteUnreachable
from xerosync_tui.services import clients
from xerosync_tui.store import connections

from .firm import CONTACTS, Firm

EMAIL = "accounts@acme.example"


async def watermark(firm: Firm) -> int | None:
    found = await firm.program.store.run(connections.active)
    assert found
    return found.read_until


async def nothing_was_planned(firm: Firm) -> None:
    """P11: no plan, no preview to act upon, and the next read begins where this one did."""
    assert await firm.rows("SELECT * FROM plan_row") == []
    assert await watermark(firm) is None
    with pytest.raises(NeedsPerson, match="preview"):
        await firm.sync()
    assert await firm.rows("SELECT state FROM run") == [("failed",)]


@pytest.mark.parametrize("kind", ["touch", "drop_last"])
async def test_a_list_that_drifts_is_read_again(firm: Firm, kind: str) -> None:
    ids = {firm.in_xero(f"Client {n}") for n in range(3)}
    firm.xero.fault(kind, CONTACTS)
    await firm.first_sync()
    assert set(await firm.links()) == ids


@pytest.mark.parametrize("size", [1003])
async def test_a_contact_that_moves_to_another_page_is_not_missed(firm: Firm) -> None:
    firm.xero.fault("touch", CONTACTS, query={"page": "1"})  # the second page now lacks its first contact
    shown = await firm.preview()
    pages = [entry["query"]["page"] for entry in firm.asked()]
    assert (pages[:3], len(pages) <= 6) == (["1", "2", "1"], True)
    assert shown.counts.read == len(firm.xero_contacts()) == 1003
    assert await firm.rows("SELECT count(*) FROM xero_contact") == [(1003,)]


@pytest.mark.parametrize("size", [2100])
async def test_an_edit_in_every_request_misses_nobody(firm: Firm) -> None:
    firm.xero.fault("touch", CONTACTS, times=1000)
    shown = await firm.preview()
    assert shown.counts.read == len(firm.xero_contacts()) == 2100
    assert await firm.rows("SELECT count(*) FROM xero_contact") == [(2100,)]
    assert shown.requests < 20


async def test_a_list_that_never_fits_together_plans_nothing(firm: Firm) -> None:
    """P11."""
    for n in range(3):
        firm.in_xero(f"Client {n}")
    firm.xero.fault("drop_last", CONTACTS, times=1000)
    with pytest.raises(RemoteUnreachable, match="did not fit together"):
        await firm.preview()
    await nothing_was_planned(firm)


@pytest.mark.parametrize("size", [2100])
@pytest.mark.parametrize("kind", ["server_error", "unavailable", "refuse", "empty_body", "malformed_json", "html"])
async def test_page_three_fails(firm: Firm, kind: str) -> None:
    """P10, P11: nothing is planned, and the watermark stays."""
    firm.xero.fault(kind, CONTACTS, query={"page": "3"}, times=3)
    with pytest.raises(RemoteUnreachable):
        await firm.preview()
    await nothing_was_planned(firm)


@pytest.mark.parametrize(
    "kind", ["server_error", "refuse", "empty_body", "malformed_json", "rate_minute", "lost_reply"]
)
async def test_a_passing_trouble_is_outlasted(firm: Firm, kind: str) -> None:
    x = firm.in_xero("Acme")
    firm.xero.fault(kind, CONTACTS)
    await firm.first_sync()
    assert set(await firm.links()) == {x}


async def test_an_empty_answer_where_links_exist_plans_nothing(firm: Firm) -> None:
    """P11."""
    x = firm.in_xero("Acme", EMAIL)
    await firm.first_sync()
    firm.edit("delete", x)
    with pytest.raises(RemoteRefused, match="no contacts at all"):
        await firm.sync(full=True)
    assert set(await firm.links()) == {x}


@pytest.mark.parametrize("answer", ["empty", "304"])
async def test_nothing_new(firm: Firm, answer: str) -> None:
    x = firm.in_xero("Acme", EMAIL)
    firm.xero.control("switches", not_modified=answer)
    await firm.first_sync()
    before = await watermark(firm)
    firm.xero.advance(60)
    firm.edit("raw", x, patch={})
    firm.edit("update", x, contact={}, updated="2020-01-01T00:00:00")  # nothing is newer than the watermark
    done = await firm.sync()
    assert (done.counts.read, done.requests) == (0, 1)
    assert (await watermark(firm), set(await firm.links())) == (before, {x})


async def test_an_organisation_without_contacts(firm: Firm) -> None:
    done = await firm.first_sync()
    assert (done.open_issues, await firm.links()) == (0, {})


@pytest.mark.parametrize("inclusive", [True, False])
async def test_a_change_in_the_second_of_the_watermark_is_seen(firm: Firm, inclusive: bool) -> None:
    """P10."""
    firm.xero.control("switches", since_inclusive=inclusive)
    firm.edit("create", contact={"Name": "First"}, updated="2026-01-01T10:00:00.100")
    await firm.first_sync()
    second = firm.edit("create", contact={"Name": "Second"}, updated="2026-01-01T10:00:00.900")
    await firm.sync()
    assert second in await firm.links()


@pytest.mark.parametrize(("updated", "full"), [("2026-01-01T10:00:57", False), ("2026-01-01T09:30:00", True)])
async def test_a_change_that_shows_late_is_seen(firm: Firm, updated: str, full: bool) -> None:
    """P10: by the next increment where it is a matter of seconds, else by the audit."""
    firm.edit("create", contact={"Name": "First"}, updated="2026-01-01T10:01:00")
    await firm.first_sync()
    late = firm.edit("create", contact={"Name": "Late"}, updated=updated)
    await firm.sync(full=full)
    assert late in await firm.links()


@pytest.mark.parametrize("hours", [-2, 2])
async def test_the_watermark_is_xeros_time_not_ours(firm: Firm, hours: int) -> None:
    """P10."""
    firm.xero.control("clock", skew=hours * 3600)
    firm.in_xero("Before")
    await firm.first_sync()
    later = firm.in_xero("Later")
    await firm.sync()
    assert later in await firm.links()


async def test_a_server_that_ignores_if_modified_since(firm: Firm) -> None:
    firm.xero.control("switches", ignore_modified_since=True)
    firm.in_xero("Acme", EMAIL)
    await firm.first_sync()
    journal = await firm.journal()
    done = await firm.sync()
    assert (done.counts.read, await firm.journal()) == (1, journal)


async def test_newcomers_are_imported_by_the_same_rules(firm: Firm) -> None:
    await firm.first_sync()
    waiting = await firm.in_karbon("Waiting", "waiting@acme.example")
    await firm.in_karbon("Same", "old@acme.example")
    match = firm.in_xero("Waiting", "waiting@acme.example")
    new = firm.in_xero("New")
    conflict = firm.in_xero("Same", "new@acme.example")
    await firm.sync()
    links = await firm.links()
    assert (links[match], set(links)) == (waiting, {match, new})
    assert (await firm.issues())[conflict].reason is Reason.EMAIL_DIFFERS


async def test_a_newcomer_like_a_client_is_a_match_issue(firm: Firm) -> None:
    first = firm.in_xero("Acme", EMAIL)
    await firm.first_sync()
    second = firm.in_xero("Acme", EMAIL)
    await firm.sync()
    assert set(await firm.links()) == {first}
    assert (await firm.issues())[second].reason is Reason.TAKEN


async def test_a_conflict_that_solves_itself_goes(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    k = await firm.in_karbon("Acme", "old@acme.example")
    await firm.first_sync()
    assert x in await firm.issues()
    await firm.edit_karbon(k, email=EMAIL)
    await firm.sync()
    assert (await firm.issues(), await firm.links()) == ({}, {x: k})


async def test_an_edit_in_xero_is_mirrored(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    await firm.first_sync()
    firm.edit("update", x, contact={"Name": "Acme Renamed"})
    await firm.sync()
    assert await firm.rows("SELECT name FROM xero_contact") == [("Acme Renamed",)]


async def test_deleted_in_karbon_it_is_not_imported_again(firm: Firm) -> None:
    """P9: A tombstone: the link has ended, the Xero contact shows under Unsynced, and nothing is made anew."""
    x = firm.in_xero("Acme", EMAIL)
    await firm.first_sync()
    [key] = (await firm.links()).values()
    await firm.delete_karbon(key)
    for full in (False, True, False):
        await firm.sync(full=full)
    assert (await firm.links(), await firm.karbon(), await firm.issues()) == ({}, {}, {})
    [ended] = await clients.unsynced(firm.program)
    assert (ended.xero.id, ended.karbon_key, ended.why) == (x, key, "deleted in Karbon")
    assert [row for row in await firm.journal() if row[0] == "unlink"] == [("unlink", "done", x, key)]
    assert [c["ContactStatus"] for c in firm.xero_contacts()] == ["ACTIVE"]  # a delete does not spread (P9)


async def test_a_karbon_contact_deleted_before_the_first_sync_is_no_candidate(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    k = await firm.in_karbon("Acme", EMAIL)
    await firm.preview()
    await firm.delete_karbon(k)
    await firm.preview()
    await firm.sync()
    links = await firm.links()
    assert links.keys() == {x}
    assert links[x] != k


async def test_a_full_read_forgets_what_vanished(firm: Firm) -> None:
    firm.in_xero("Stays")
    x = firm.in_xero("Acme", "new@acme.example")
    await firm.in_karbon("Acme", "old@acme.example", kind=Kind.PERSON)
    await firm.first_sync()
    firm.edit("delete", x)
    await firm.sync(full=True)
    assert await firm.issues() == {}
