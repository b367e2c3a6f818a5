"""A decision is one thing: it survives who asked and who did it, and is undone as one (engine.md 2.8 to 2.10)."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from xerosync_tui.domain.contact import Field, Kind
from xerosync_tui.domain.states import Action, RequestState, Side
from xerosync_tui.engine.decisions import at_work
from xerosync_tui.engine.lock import sync_lock
from xerosync_tui.errors import LockHeld, NeedsPerson, UsageError
from xerosync_tui.program import Program
from xerosync_tui.services import clients, contacts, fields, importing, triage, undo
from xerosync_tui.services import history as past
from xerosync_tui.settings import load_settings
from xerosync_tui.store import processes

from .crashing import Crash, CrashingStore
from .firm import Firm
from .linked import NEW_PHONE, OLD_PHONE, OTHER_PHONE, conflicts, later, linked
from .sandboxed import program_over


@pytest.fixture
async def noa(firm: Firm) -> AsyncIterator[Program]:
    """Another admin's process on the same database."""
    async with program_over(replace(firm.program.settings, user="noa"), firm.xero) as program:
        yield program


# Requests to whoever holds the lock


async def test_an_asker_that_died_has_asked_for_nothing(firm: Firm) -> None:
    """P14: a real process, SIGKILL while it waits; 15 seconds later nobody carries out what it asked."""
    [client] = await linked(firm, "Acme")
    environment = {**os.environ, **firm.xero.environment(firm.program.settings), "XEROSYNC_USER": "noa"}
    async with sync_lock(firm.program.settings):
        asker = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "xerosync_tui", "unsync", client.id, env=environment,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        while not await firm.rows("SELECT * FROM asked"):
            assert asker.returncode is None
            await asyncio.sleep(0.01)
        asker.send_signal(signal.SIGKILL)
        await asker.wait()
    later(firm, 16)
    async with at_work(firm.program, "a sync") as work:
        from xerosync_tui.engine.decisions import carry_out_waiting

        await carry_out_waiting(work)
    assert client.id in await firm.links()
    assert await firm.rows("SELECT * FROM asked WHERE state = 'waiting'") == []


async def test_an_asker_that_waits_long_is_not_taken_for_dead(firm: Firm, noa: Program) -> None:
    """P14: its heartbeat is renewed as long as it waits, however long the holder is busy."""
    [client] = await linked(firm, "Acme")
    async with sync_lock(firm.program.settings):
        now = firm.program.now_ms()
        await firm.program.store.run(processes.take, processes.AtWork(1, "mia", "a sync", now, now + 3_600_000))
        asking = asyncio.create_task(clients.unsync(noa, [client.id]))
        while not (asked := await firm.rows("SELECT beat FROM asked")):
            await asyncio.sleep(0)
        later(firm, 60)
        while (await firm.rows("SELECT beat FROM asked"))[0][0] <= asked[0][0] + 15_000:
            await asyncio.sleep(0)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


async def test_a_holder_that_dies_between_doing_and_answering_has_answered(firm: Firm) -> None:
    """P14, P17: what it did is done once, and the asker hears of it."""
    [client] = await linked(firm, "Acme")
    settings = replace(firm.program.settings, user="noa")
    store = CrashingStore.open(settings.database)
    assert isinstance(store, CrashingStore)
    store.before = processes.close
    holder = Program(settings, store, now=firm.xero.now, sleep=firm.xero.sleep)
    asking = None
    with suppress(Crash):
        async with at_work(holder, "a sync"):
            asking = asyncio.create_task(clients.unsync(firm.program, [client.id]))
            while not store.dead:
                await asyncio.sleep(0)
    assert asking
    ended = await asking
    store.close()
    assert (ended.names, await firm.links()) == (("Acme",), {})
    assert await firm.rows("SELECT who, action, state FROM journal WHERE run_id IS NULL") == [("mia", "unlink", "done")]
    assert await firm.rows("SELECT * FROM asked") == []
    assert (await undo.last(firm.program)).offer  # and it is the asker's to undo


async def test_the_outcome_waits_for_an_asker_that_stood_still(firm: Firm, noa: Program) -> None:
    """P14: once it was taken up it runs to its end; the answer is there when the asker looks again."""
    [client] = await linked(firm, "Acme")
    settings = firm.program.settings
    asked = await firm.program.store.run(
        processes.ask, "noa", noa.settings.login, "xerosync_tui.services.clients:_unsync",
        f'{{"xero_ids": ["{client.id}"]}}', firm.program.now_ms(),
    )  # fmt: skip
    async with at_work(firm.program, "a sync") as work:
        from xerosync_tui.engine.decisions import carry_out_waiting

        await carry_out_waiting(work)
    later(firm, 3600)
    found = await firm.program.store.read(processes.by_id, asked)
    assert settings and found and found.state is RequestState.DONE and "Acme" in found.answer


async def test_the_lock_belongs_to_the_file_and_not_to_a_spelling_of_its_path(firm: Firm, tmp_path: Path) -> None:
    """P14: a second process that comes by a symbolic link waits too."""
    await linked(firm, "Acme")
    (tmp_path / "by another name").symlink_to(firm.program.settings.data_dir)
    environment = {"XEROSYNC_HOME": str(tmp_path / "by another name"), "XEROSYNC_USER": "noa"}
    other = replace(
        firm.program.settings, database=load_settings(environment).database, data_dir=tmp_path / "by another name"
    )
    async with at_work(firm.program, "a sync"), program_over(other, firm.xero) as program:
        with pytest.raises(LockHeld):
            async with at_work(program, "a sync"):
                pass


# Whose decision it is


async def test_a_shared_account_undoes_no_other_persons_decision(firm: Firm, noa: Program) -> None:
    """P17: the same name, another login."""
    [client] = await linked(firm, "Acme")
    ops = [replace(firm.program.settings, user="ops", login=login) for login in ("mia", "noa")]
    async with program_over(ops[0], firm.xero) as mine, program_over(ops[1], firm.xero) as theirs:
        await clients.unsync(mine, [client.id])
        assert (await undo.last(theirs)).offer is None
        with pytest.raises(UsageError, match="no decision"):
            await undo.undo(theirs)
        await undo.undo(mine)
    assert client.id in await firm.links()
    steps = await past.steps(firm.program, limit=2)
    assert {(step.entry.who, step.entry.login) for step in steps} == {("ops", "mia")}


async def test_a_decision_from_before_logins_were_kept_goes_by_the_name(firm: Firm) -> None:
    """2.10."""
    [client] = await linked(firm, "Acme")
    await clients.unsync(firm.program, [client.id])
    await firm.rows("UPDATE decision SET login = ''")
    async with program_over(replace(firm.program.settings, login="another"), firm.xero) as program:
        await undo.undo(program)
    assert client.id in await firm.links()


# One decision over many records


async def waiting(firm: Firm, number: int) -> list[triage.IssueView]:
    """So many conflicts with one candidate each."""
    for one in range(number):
        firm.in_xero(f"Conflict {one}", f"new@conflict{one}.example")
        await firm.in_karbon(f"Conflict {one}", f"old@conflict{one}.example")
    await firm.sync()
    return list((await firm.issues()).values())


async def test_many_confirmed_with_one_key_are_one_decision_for_any_process(firm: Firm) -> None:
    """P17: undone as one, from another process and after a restart."""
    await linked(firm, "Acme")
    views = await waiting(firm, 5)
    before = await firm.karbon()
    picks = [triage.PickedMatch(str(view.id), view.only.karbon.key, view.only.digest) for view in views if view.only]
    decided = await triage.confirm_all(firm.program, picks)
    assert (len(decided.done), decided.stays, len(await firm.links())) == (5, (), 6)
    async with program_over(firm.program.settings, firm.xero) as restarted:
        found = await undo.last(restarted)
        assert found.offer and (found.offer.decision, found.offer.records) == (decided.id, 5)
        undone = await undo.undo(restarted)
    assert len(undone.done) == 5
    assert (len(await firm.links()), len(await firm.issues())) == (1, 5)
    assert {key: one.contact for key, one in (await firm.karbon()).items()} == {
        key: one.contact for key, one in before.items()
    }


async def test_one_that_stays_of_many_is_offered_as_the_rest(firm: Firm) -> None:
    """2.9: undone partly, it says so."""
    clients_ = await linked(firm, "Acme", "Bravo")
    await clients.unsync(firm.program, [one.id for one in clients_])
    key = (await firm.karbon())[clients_[0].key].key
    await clients.rematch(firm.program, clients_[0].id, key, Side.XERO)
    await undo.undo(firm.program)  # of the link that was made since
    [first, *_] = await past.steps(firm.program, xero_id=clients_[1].id, limit=1)
    await undo.undo(firm.program, first.entry.id)
    found = await undo.last(firm.program)
    assert found.offer and (found.offer.kind, found.offer.partly, found.offer.records) == (Action.UNLINK, True, 1)
    await undo.undo(firm.program)
    assert len(await firm.links()) == 2


async def test_a_choice_for_two_clients_is_one(firm: Firm) -> None:
    """2.9: both sides, both clients, one decision."""
    found = await linked(firm, "Acme", "Bravo")
    for client in found:
        client.phone_in_xero(NEW_PHONE)
        await client.in_karbon(phone=OTHER_PHONE)
    await firm.sync()
    picks = [fields.PickedSides(client.id, {Field.PHONE: Side.KARBON}) for client in found]
    decided = await fields.take_all(firm.program, picks)
    assert [await client.both(Field.PHONE) for client in found] == [(OTHER_PHONE, OTHER_PHONE)] * 2
    assert (await undo.undo(firm.program)).done
    assert decided.id and set(await conflicts(firm)) == {client.id for client in found}
    assert [await client.both(Field.PHONE) for client in found] == [(NEW_PHONE, OTHER_PHONE)] * 2


async def test_part_of_a_decision_is_undone_with_it(firm: Firm) -> None:
    """2.9: the value that a choice wrote is no edit of its own."""
    [client] = await linked(firm, "Acme")
    client.phone_in_xero(NEW_PHONE)
    await client.in_karbon(phone=OTHER_PHONE)
    await firm.sync()
    decided = await fields.take(firm.program, client.id, {Field.PHONE: Side.KARBON})
    steps = await past.steps(firm.program, decision=decided.id)
    [part] = [step.entry.id for step in steps if step.entry.intent.action is Action.UPDATE]
    with pytest.raises(NeedsPerson, match=f"part of the decision d{decided.id}"):
        await undo.undo(firm.program, part)
    await undo.undo_decision(firm.program, decided.id)
    assert await client.both(Field.PHONE) == (NEW_PHONE, OTHER_PHONE)


async def test_what_cannot_be_undone_says_why_and_names_the_one_before(firm: Firm) -> None:
    """2.9."""
    found = await linked(firm, "Acme", "Bravo")
    await clients.unsync(firm.program, [found[0].id])
    await clients.unsync(firm.program, [found[1].id])
    await clients.archive_in_xero(firm.program, found[1].id)
    last = await undo.last(firm.program)
    assert [(one.kind, one.name) for one in last.refused] == [(Action.ARCHIVE, "Bravo"), (Action.UNLINK, "Bravo")]
    assert "only Xero's own web page" in last.refused[0].reason
    assert last.offer and (last.offer.kind, last.offer.name) == (Action.UNLINK, "Acme")


async def test_what_is_offered_is_what_is_undone(firm: Firm, noa: Program) -> None:
    """P17: the words beside ``z`` and the undo ask the same function, whatever has happened since."""
    found = await linked(firm, "Acme", "Bravo")
    await clients.unsync(firm.program, [found[1].id])
    await clients.unsync(firm.program, [found[0].id])
    await contacts.delete(noa, found[0].key)
    await firm.sync()
    [refused], offered = undo.look(firm.program).refused, undo.look(firm.program).offer
    assert offered and offered.name == "Bravo"
    with pytest.raises(NeedsPerson):
        await undo.undo_decision(firm.program, refused.decision)
    assert (await undo.undo_decision(firm.program, offered.decision)).names == ("Bravo",)


# The built-in directory's own


CSV = "Name,Email,Contact type\nZoe New,zoe@new.example,Client\nAcme,acme@client.example,VIP\nHarbour Ltd,,VIP\n"


async def test_an_import_is_undone_as_one_before_anything_is_connected(program: Program, tmp_path: Path) -> None:
    """2.9: entries of the directory are there before any connection; its new contact types go too."""
    (tmp_path / "some.csv").write_text(CSV)
    result = await importing.import_file(program, tmp_path / "some.csv", {})
    assert (result.people + result.organizations, result.new_types) == (3, ("VIP",))
    found = await undo.last(program)
    assert found.offer and (found.offer.decision, found.offer.kind) == (result.decision, Action.ADD)
    assert (await undo.undo(program)).stays == ()
    assert (
        await program.store.run(
            lambda db: db.execute_sql("SELECT * FROM directory_contact WHERE NOT deleted").fetchall()
        )
        == []
    )
    assert "VIP" not in await contacts.types(program)


async def test_a_row_of_an_import_that_was_edited_or_linked_stays(firm: Firm, tmp_path: Path) -> None:
    """2.9: and says so; the others go."""
    (tmp_path / "some.csv").write_text(CSV)
    result = await importing.import_file(firm.program, tmp_path / "some.csv", {})
    firm.in_xero("Acme", "acme@client.example")
    await firm.first_sync()
    [zoe] = [key for key, one in (await firm.karbon()).items() if one.contact.name == "Zoe New"]
    await contacts.edit(firm.program, zoe, {"phone": "02 5550 1234"})
    undone = await undo.undo_decision(firm.program, result.decision)
    assert sorted((one.name, one.reason.partition(" ")[0]) for one in undone.stays if one.name != "VIP") == [
        ("Acme", "Acme"), ("Zoe New", "Zoe"),
    ]  # fmt: skip
    assert {one.contact.name for one in (await firm.karbon()).values()} == {"Acme", "Zoe New"}


async def test_what_a_person_does_in_the_directory_is_undone_step_by_step(program: Program) -> None:
    """2.9: an addition, an edit, another kind, a deletion."""
    added = await contacts.add(program, Kind.PERSON, {"name": "Ann Lee", "email": "ann@lee.example"})
    key = added.key
    await contacts.edit(program, key, {"phone": "02 5550 1234", "client_identifier": "C1"})
    before = (await contacts.one(program, key)).record
    await contacts.change_kind(program, key)
    assert (await contacts.one(program, key)).record.kind is Kind.ORGANIZATION
    await contacts.delete(program, key)
    await undo.undo(program)
    await undo.undo(program)
    after = (await contacts.one(program, key)).record
    assert replace(after, version=0) == replace(before, version=0)
    await undo.undo(program)
    assert (await contacts.one(program, key)).record.contact.phone == ""
    await undo.undo(program)
    with pytest.raises(UsageError):
        await contacts.one(program, key)
    assert (await undo.last(program)).offer is None


async def test_a_deletion_that_ended_a_link_is_undone_with_it(firm: Firm) -> None:
    """2.9."""
    [client] = await linked(firm, "Acme")
    await contacts.delete(firm.program, client.key)
    await firm.sync()
    assert await firm.links() == {}
    await undo.undo(firm.program)
    assert (await client.karbon()).contact.phone == OLD_PHONE
    await firm.sync()
