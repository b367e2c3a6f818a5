"""Taking decisions back: everything is as before, or it is refused and nothing changes (engine.md 2.9)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from xerosync_tui.domain.contact import Contact, Kind
from xerosync_tui.domain.match import Reason
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.services import connect, contacts, triage
from xerosync_tui.services.undo import undo

from .firm import API, Case, Firm
from .sandboxed import consent_to, program_over

NEW, OLD = "new@acme.example", "old@acme.example"


@pytest.mark.parametrize("decide", ["confirm", "create", "another", "ignore"])
async def test_taken_back_everything_is_as_before(firm: Firm, case: Case, decide: str) -> None:
    other = await firm.in_karbon("Somebody Else", "else@acme.example")
    before = {key: replace(record, version=0) for key, record in (await firm.karbon()).items()}
    target = await case.target()
    if decide == "confirm":
        decision = await triage.confirm(firm.program, target)
    elif decide == "create":
        decision = await triage.create_new(firm.program, target)
    elif decide == "another":
        decision = await triage.confirm(firm.program, target, other)
    else:
        decision = await triage.ignore(firm.program, int(target))

    done = await undo(firm.program, decision.entry)

    assert {key: replace(record, version=0) for key, record in (await firm.karbon()).items()} == before
    assert await firm.links() == {}
    assert (await case.issue()).id == done.issue == int(target)
    assert [row[:2] for row in await firm.journal()] == [(decision_name(decide), "undone"), (undo_name(decide), "done")]
    await firm.sync()  # and nothing decides it again by itself
    assert (await firm.links(), len(await firm.issues())) == ({}, 1)


def decision_name(decide: str) -> str:
    return {"confirm": "link", "another": "link"}.get(decide, decide)


def undo_name(decide: str) -> str:
    return "reopen" if decide == "ignore" else "undo"


@pytest.mark.parametrize("decide", ["confirm", "create"])
async def test_undo_is_refused_after_an_edit_of_what_was_written(firm: Firm, case: Case, decide: str) -> None:
    target = await case.target()
    decision = await (triage.confirm if decide == "confirm" else triage.create_new)(firm.program, target)
    await firm.edit_karbon(decision.karbon_key, email="third@acme.example")
    before = await firm.journal()
    no_way_at_all = decide == "create" and firm.directory == API
    with pytest.raises(NeedsPerson, match="cannot delete" if no_way_at_all else "edited in Karbon since"):
        await undo(firm.program)
    assert (await firm.karbon())[decision.karbon_key].contact.email == "third@acme.example"
    assert (await firm.links(), await firm.journal()) == ({case.xero_id: decision.karbon_key}, before)


async def test_undo_keeps_an_edit_of_another_field(firm: Firm, case: Case) -> None:
    await triage.confirm(firm.program, await case.target())
    await firm.edit_karbon(case.key, phone="02 5550 7777")
    await undo(firm.program)
    assert (await firm.karbon())[case.key].contact == Contact("ACME Pty Ltd", OLD, "02 5550 7777")


@pytest.mark.parametrize("field", ["phone", "other_phones", "client_identifier", "country"])
async def test_a_created_contact_that_was_edited_is_not_deleted(firm: Firm, case: Case, field: str) -> None:
    """Whatever of it: what a person typed is not thrown away."""
    decision = await triage.create_new(firm.program, await case.target())
    await firm.edit_karbon(decision.karbon_key, **{field: "0400 000 003"})
    before, journal = await firm.karbon(), await firm.journal()
    with pytest.raises(NeedsPerson, match=r"edited in Karbon since \(other fields\)"):
        await undo(firm.program)
    assert (await firm.karbon(), await firm.journal()) == (before, journal)


async def test_a_created_contact_that_was_edited_and_synced_since_is_not_deleted(firm: Firm, case: Case) -> None:
    decision = await triage.create_new(firm.program, await case.target())
    await firm.edit_karbon(decision.karbon_key, phone="02 5550 7777")
    await firm.sync()
    with pytest.raises(NeedsPerson, match="edited in Karbon since"):
        await undo(firm.program)


async def test_a_created_contact_that_another_connection_uses_is_not_deleted(firm: Firm, case: Case) -> None:
    decision = await triage.create_new(firm.program, await case.target())
    main, other = (await consent_to(firm.program))[:2]
    await connect.choose(firm.program, other)
    namesake = firm.edit("create", tenant=other.id, contact={"Name": "Acme Pty Ltd", "EmailAddress": NEW})
    await firm.first_sync()
    assert (await firm.links())[namesake] == decision.karbon_key
    await connect.choose(firm.program, main)
    with pytest.raises(NeedsPerson, match="another connection"):
        await undo(firm.program, decision.entry)
    assert decision.karbon_key in await firm.karbon()


async def test_typed_name_parts_come_back(firm: Firm) -> None:
    """By the rule ``Ann`` would be a middle name; a person typed it as part of the first."""
    x = firm.in_xero("Mary A Smith", NEW, FirstName="Mary", LastName="Smith")
    typed = {"first_name": "Mary Ann", "last_name": "Smith", "email": NEW}
    before = await contacts.add(firm.program, Kind.PERSON, typed)
    await firm.first_sync()
    await triage.confirm(firm.program, x)
    renamed = (await firm.karbon())[before.key]
    assert (renamed.first_name, renamed.middle_name, renamed.last_name) == ("Mary", "A", "Smith")
    await undo(firm.program)
    record = (await firm.karbon())[before.key]
    assert record == replace(before, version=record.version)


async def test_one_part_of_a_name_is_edited_and_the_others_stay_as_they_were_typed(firm: Firm) -> None:
    """P8: by the rule ``Ann`` would be a middle name."""
    made = await contacts.add(firm.program, Kind.PERSON, {"first_name": "Mary Ann", "last_name": "Smith"})
    assert (made.first_name, made.middle_name, made.last_name) == ("Mary Ann", "", "Smith")
    edited = await contacts.edit(firm.program, made.key, {"last_name": "Jones"})
    assert (edited.first_name, edited.middle_name, edited.last_name) == ("Mary Ann", "", "Jones")
    assert edited.contact.name == "Mary Ann Jones"
    await undo(firm.program)
    back = (await contacts.one(firm.program, made.key)).record
    assert back == replace(made, version=back.version)
    await contacts.delete(firm.program, made.key)
    await undo(firm.program)
    restored = (await contacts.one(firm.program, made.key)).record
    assert restored == replace(made, version=restored.version)


async def test_undo_is_refused_when_karbon_has_deleted_it(firm: Firm, case: Case) -> None:
    await triage.confirm(firm.program, await case.target())
    await firm.delete_karbon(case.key)
    with pytest.raises(NeedsPerson, match="no longer there"):
        await undo(firm.program)


async def test_an_ignored_issue_that_was_decided_since_is_not_taken_back(firm: Firm, case: Case) -> None:
    target = await case.target()
    ignored = await triage.ignore(firm.program, int(target))
    await triage.confirm(firm.program, target)
    with pytest.raises(UsageError, match="nothing that was done and stands"):
        await undo(firm.program, ignored.entry)
    assert await firm.links() == {case.xero_id: case.key}
    await undo(firm.program)  # the match
    with pytest.raises(UsageError, match="no decision"):
        await undo(firm.program)


async def test_ignored_twice_is_refused(firm: Firm, case: Case) -> None:
    number = int(await case.target())
    await triage.ignore(firm.program, number)
    with pytest.raises(UsageError, match="ignored already"):
        await triage.ignore(firm.program, number)


async def test_taken_back_twice_is_refused(firm: Firm, case: Case) -> None:
    decision = await triage.confirm(firm.program, await case.target())
    await undo(firm.program, decision.entry)
    for entry in (decision.entry, None, 9999):
        with pytest.raises(UsageError, match=r"decision|nothing that was done and stands"):
            await undo(firm.program, entry)


async def test_what_a_run_did_is_no_decision_of_a_person_but_can_be_taken_back_by_its_number(firm: Firm) -> None:
    xero_id = firm.in_xero("Acme")
    await firm.first_sync()
    [(entry,)] = await firm.rows("SELECT id FROM journal")
    with pytest.raises(UsageError):
        await undo(firm.program)
    await undo(firm.program, entry)
    assert (await firm.links(), await firm.karbon()) == ({}, {})
    assert list(await firm.issues()) == [xero_id]


async def test_the_last_decision_is_ones_own(firm: Firm, case: Case) -> None:
    await triage.confirm(firm.program, await case.target())
    noa = replace(firm.program.settings, user="noa")
    async with program_over(noa, firm.xero) as program:
        with pytest.raises(UsageError, match="noa has made no decision"):
            await undo(program)
    assert len(await firm.links()) == 1


async def test_decided_taken_back_and_decided_again(firm: Firm, case: Case) -> None:
    await triage.confirm(firm.program, await case.target())
    await undo(firm.program)
    decision = await triage.create_new(firm.program, await case.target())
    assert await firm.links() == {case.xero_id: decision.karbon_key}
    await undo(firm.program)
    assert (await case.issue()).reason is Reason.EMAIL_DIFFERS


async def test_a_persons_name_comes_back(firm: Firm) -> None:
    x = firm.in_xero("Mary Ann Smith", NEW, FirstName="Mary", LastName="Smith")
    key = await firm.in_karbon("Mary Smith", NEW, kind=Kind.PERSON)
    await firm.first_sync()
    await triage.confirm(firm.program, x)
    renamed = (await firm.karbon())[key]
    assert (renamed.first_name, renamed.middle_name, renamed.last_name) == ("Mary", "Ann", "Smith")
    await undo(firm.program)
    record = (await firm.karbon())[key]
    assert (record.contact.name, record.first_name, record.middle_name, record.last_name) == (
        "Mary Smith", "Mary", "", "Smith",
    )  # fmt: skip


async def test_the_journal_gives_the_links_after_all_that(firm: Firm, case: Case) -> None:
    """P17: replayed, with what was taken back and what Karbon deleted."""
    kept = firm.in_xero("Kept")
    gone = firm.in_xero("Gone")
    await firm.sync()
    await firm.delete_karbon((await firm.links())[gone])
    await triage.confirm(firm.program, await case.target())
    await undo(firm.program)
    await triage.create_new(firm.program, await case.target())
    await firm.sync()

    replayed: dict[str, str] = {}
    for action, state, x, k in await firm.journal():
        assert state in ("done", "undone")
        if action in ("link", "create"):
            replayed[x] = k
        elif action in ("unlink", "undo"):
            del replayed[x]
    assert replayed == await firm.links()
    assert replayed.keys() == {kept, case.xero_id}
