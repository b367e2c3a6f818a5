"""The first sync: what it links, what it leaves to a person, and that it does what the preview showed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.domain.contact import Contact, Field, Kind
from xerosync_tui.domain.match import Reason
from xerosync_tui.domain.progress import Progress
from xerosync_tui.engine.lock import sync_lock
from xerosync_tui.errors import LockHeld, UsageError
from xerosync_tui.sandbox import SandboxServer
from xerosync_tui.services import overview, triage, undo

from .firm import BUILTIN, Firm, opened, settings_for
from .sandboxed import program_over

EMAIL = "accounts@acme.example"


async def test_a_full_match_is_linked_and_xero_wins(firm: Firm) -> None:
    x = firm.in_xero("Acme Pty Ltd", EMAIL, "02 5550 1234")
    k = await firm.in_karbon("ACME  PTY LTD", EMAIL.upper(), "02 5550 9999")

    shown = await firm.preview()
    done = await firm.sync()

    assert (shown.counts.full_match, shown.counts.overwrite[Field.PHONE]) == (1, 1)
    assert (done.counts.linked, done.counts.overwritten, done.open_issues) == (1, 1, 0)
    assert await firm.links() == {x: k}
    assert (await firm.karbon())[k].contact == Contact("ACME  PTY LTD", EMAIL.upper(), "02 5550 1234")


async def test_no_match_makes_a_karbon_contact(firm: Firm) -> None:
    company = firm.in_xero("Wattle Bakery Pty Ltd", EMAIL, "02 5550 1234")
    person = firm.in_xero("Jane van der Berg", FirstName="Jane", LastName="van der Berg")

    done = await firm.first_sync()

    links, karbon = await firm.links(), await firm.karbon()
    assert (done.counts.created, len(karbon)) == (2, 2)
    made = karbon[links[company]]
    assert (made.contact, made.kind) == (Contact("Wattle Bakery Pty Ltd", EMAIL, "02 5550 1234"), Kind.ORGANIZATION)
    has_a_place_for_it = firm.directory == BUILTIN
    assert (made.contact_type, bool(made.kind_reason)) == ("Client", has_a_place_for_it)
    jane = karbon[links[person]]
    assert (jane.kind, jane.first_name, jane.last_name) == (Kind.PERSON, "Jane", "van der Berg")


async def test_only_karbon_has_a_value(firm: Firm) -> None:
    x = firm.in_xero("Acme", EMAIL)
    k = await firm.in_karbon("Acme", EMAIL, "02 5550 1234")
    shown = await firm.preview()
    await firm.sync()

    assert shown.counts.only_karbon[Field.PHONE] == 1
    assert await firm.links() == {x: k}
    assert (await firm.karbon())[k].contact.phone == "02 5550 1234"
    assert firm.written_to_xero() == []


async def test_each_kind_of_conflict_waits_with_its_reason(firm: Firm) -> None:
    await firm.in_karbon("Same Name", "old@acme.example")
    await firm.in_karbon("Old Name", "same@acme.example")
    for n in range(2):
        await firm.in_karbon("Twice There", f"twice{n}@acme.example")
    await firm.in_karbon("Crossed", "elsewhere@acme.example")
    await firm.in_karbon("Somebody", "crossed@acme.example")
    await firm.in_karbon("Rivals", "rivals@acme.example")
    await firm.in_karbon("Claimed", "claimed@acme.example")
    rivals = [firm.in_xero("Rivals", "rivals@acme.example") for _ in range(2)]
    expected = {
        firm.in_xero("Same Name", "new@acme.example"): Reason.EMAIL_DIFFERS,
        firm.in_xero("Same Name Without Email", "same@acme.example"): Reason.NAME_DIFFERS,
        firm.in_xero("Twice There", "none@acme.example"): Reason.SEVERAL,
        firm.in_xero("Crossed", "crossed@acme.example"): Reason.CROSSED,
        **dict.fromkeys(rivals, Reason.RIVALS),
        firm.in_xero("Shares The Address", "claimed@acme.example"): Reason.TAKEN,
    }
    full = firm.in_xero("Claimed", "claimed@acme.example")
    before = await firm.karbon()

    done = await firm.first_sync()

    assert {x: issue.reason for x, issue in (await firm.issues()).items()} == expected
    assert done.open_issues == done.counts.conflict == len(expected)
    assert set(await firm.links()) == {full}
    assert {k: record.contact for k, record in (await firm.karbon()).items()} == {
        k: record.contact for k, record in before.items()
    }


async def test_nine_clients_on_one_accounts_address(firm: Firm) -> None:
    pairs = {}
    for n in range(9):
        x = firm.in_xero(f"Client {n}", "accounts@firm.example")
        pairs[x] = await firm.in_karbon(f"Client {n}", "accounts@firm.example")
    done = await firm.first_sync()
    assert (await firm.links(), done.open_issues) == (pairs, 0)


async def test_two_david_smiths(firm: Firm) -> None:
    """Each with an address of his own on both sides: two full matches. A third one alike is nobody's."""
    pairs = {}
    for email in ("david@one.example", "david@two.example"):
        x = firm.in_xero("David Smith", email)
        pairs[x] = await firm.in_karbon("David Smith", email, kind=Kind.PERSON)
    third = firm.in_xero("David Smith", "david@three.example")

    await firm.first_sync()

    assert await firm.links() == pairs
    [issue] = (await firm.issues()).values()
    assert (issue.xero.id, issue.reason, [c.taken for c in issue.candidates]) == (third, Reason.TAKEN, [True, True])


async def test_two_new_david_smiths_are_two_contacts(firm: Firm) -> None:
    firm.in_xero("David Smith", "david@one.example")
    firm.in_xero("David Smith", "david@two.example")
    done = await firm.first_sync()
    assert (done.counts.created, len(await firm.karbon()), done.open_issues) == (2, 2, 0)
    again = await firm.sync()
    assert (again.open_issues, len(await firm.karbon())) == (0, 2)


async def test_empty_emails_are_not_equal(firm: Firm) -> None:
    x = firm.in_xero("Acme")
    await firm.in_karbon("Acme")
    await firm.in_karbon("Another")
    other = firm.in_xero("New One")
    await firm.first_sync()
    assert (await firm.issues())[x].reason is Reason.EMAIL_DIFFERS
    assert set(await firm.links()) == {other}


async def test_archived_merged_and_erased_contacts_match_nothing(firm: Firm) -> None:
    archived, loser, erased = (firm.in_xero(name, EMAIL) for name in ("Acme", "Loser", "Erased"))
    survivor = firm.in_xero("Survivor", "survivor@acme.example")
    for name in ("Acme", "Loser", "Erased"):
        await firm.in_karbon(name, EMAIL)
    firm.edit("archive", archived)
    firm.edit("merge", loser=loser, survivor=survivor)
    firm.edit("gdpr", erased)

    shown = await firm.preview()
    await firm.sync()

    assert shown.counts.archived == 2
    assert set(await firm.links()) == {survivor}
    assert await firm.issues() == {}
    assert len(await firm.karbon()) == 4
    for x in (archived, erased):
        with pytest.raises(UsageError, match="cannot be linked"):
            await triage.create_new(firm.program, x)


async def test_the_filter_leaves_out_and_a_person_links_by_hand(sandbox: SandboxServer, tmp_path: Path) -> None:
    async with opened(sandbox, tmp_path / "home") as firm:
        await firm.connect(ImportFilter.CUSTOMERS)
        customer = firm.in_xero("Customer", "customer@acme.example", IsCustomer=True)
        supplier = firm.in_xero("Supplier", "supplier@acme.example", IsSupplier=True)
        neither = firm.in_xero("Neither", "neither@acme.example")
        keys = {name: await firm.in_karbon(name.title(), f"{name}@acme.example") for name in ("customer", "supplier")}

        done = await firm.first_sync()
        assert (done.counts.left_out, await firm.links()) == (2, {customer: keys["customer"]})
        assert {x.id for x in await overview.left_out(firm.program)} == {supplier, neither}
        assert [x.id for x in await overview.left_out(firm.program, "supp")] == [supplier]

        await triage.confirm(firm.program, supplier, keys["supplier"])
        await triage.create_new(firm.program, neither)
        assert set(await firm.links()) == {customer, supplier, neither}
        assert await overview.left_out(firm.program) == []
        await firm.sync()  # a filter does not end a link
        assert set(await firm.links()) == {customer, supplier, neither}


async def test_another_filter_brings_the_others_in(sandbox: SandboxServer, tmp_path: Path) -> None:
    async with opened(sandbox, tmp_path / "home") as firm:
        await firm.connect(ImportFilter.CUSTOMERS)
        firm.in_xero("Customer", IsCustomer=True)
        firm.in_xero("Supplier", IsSupplier=True)
        await firm.first_sync()
        await overview.change_settings(firm.program, {"filter": "customers-suppliers"})
        assert (await firm.sync()).counts.created == 1
        assert len(await firm.links()) == 2


async def test_becoming_a_customer_shows_in_a_full_read(sandbox: SandboxServer, tmp_path: Path) -> None:
    """IsCustomer does not move UpdatedDateUTC (xero.md 2.3)."""
    async with opened(sandbox, tmp_path / "home") as firm:
        await firm.connect(ImportFilter.CUSTOMERS)
        x = firm.in_xero("Acme", updated="2020-01-01T00:00:00")
        firm.in_xero("Newest", IsCustomer=True)
        firm.edit("update", x, contact={}, updated="2020-01-01T00:00:00")
        await firm.first_sync()
        firm.edit("customer", x)
        assert x not in await firm.links()
        await firm.sync(full=True)
        assert x in await firm.links()


async def test_it_asks_for_no_more_than_it_must(firm: Firm) -> None:
    for n in range(3):
        firm.in_xero(f"Client {n}")
    shown, done, again = await firm.preview(), await firm.sync(), await firm.sync()
    assert [entry["query"]["page"] for entry in firm.asked()] == ["1", "1", "1"]
    assert (shown.requests, done.requests, again.requests) == (1, 1, 1)
    assert all(entry["query"]["includeArchived"] == "true" for entry in firm.asked())


async def test_a_second_run_writes_nothing(firm: Firm) -> None:
    firm.in_xero("Acme", EMAIL, "02 5550 1234")
    firm.in_xero("New")
    await firm.in_karbon("Acme", EMAIL)
    await firm.first_sync()
    journal, karbon = await firm.journal(), await firm.karbon()
    for full in (False, True):
        done = await firm.sync(full=full)
        assert (done.counts.linked, done.counts.created) == (0, 0)
    assert (await firm.journal(), await firm.karbon()) == (journal, karbon)
    assert firm.written_to_xero() == []


@pytest.mark.parametrize("size", [1300])
async def test_cancelled_in_the_middle_and_gone_on_with(firm: Firm, sandbox: SandboxServer, tmp_path: Path) -> None:
    await firm.preview()
    running: asyncio.Task[object]

    def cancel_at_the_first_page(progress: Progress) -> None:
        if progress.phase == "Linking" and progress.done:
            running.cancel()

    running = asyncio.ensure_future(firm.sync(report=cancel_at_the_first_page))
    with pytest.raises(asyncio.CancelledError):
        await running
    in_the_middle = len(await firm.links())
    assert (await firm.rows("SELECT state FROM run ORDER BY id DESC LIMIT 1")) == [("cancelled",)]
    await firm.sync(confirmed=False)  # the word was given

    async with program_over(settings_for(firm.xero, tmp_path / "undisturbed"), firm.xero) as program:
        undisturbed = Firm(program, firm.xero)
        await undisturbed.connect()
        await undisturbed.first_sync()
        whole = await undisturbed.end_state()
    assert 0 < in_the_middle < len(whole.links)
    assert await firm.end_state() == whole


async def test_a_second_process_is_told_to_wait(firm: Firm) -> None:
    firm.in_xero("Acme", EMAIL)
    await firm.preview()
    async with sync_lock(firm.program.settings):
        for refused in (firm.preview(), firm.sync(), triage.create_new(firm.program, "x"), undo.undo(firm.program, 1)):
            with pytest.raises(LockHeld) as raised:
                await refused
            assert raised.value.exit_code == 6
    assert await firm.journal() == []
    await firm.sync()  # the lock was let go
    assert len(await firm.links()) == 1
