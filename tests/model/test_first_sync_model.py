"""The first sync of random firms: small alphabets, so that keys collide in every way there is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peewee import SqliteDatabase

from tests.ledger import MemoryLedger
from tests.records import ADDRESS, xero
from tests.unit.store.test_matching import keys
from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.domain.contact import Address, Contact, Field, Kind, XeroContact, XeroStatus
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.normalise import same_key
from xerosync_tui.engine import plan
from xerosync_tui.remotes.builtin import BuiltinDirectory
from xerosync_tui.remotes.ports import NotStored, Recorder, Write
from xerosync_tui.store import directory
from xerosync_tui.store.values import values_from_json, values_to_json

from .firm import Firm, Outcome, opened

names = st.sampled_from(["Ann Lee", "ANN  LEE", "Bob Ltd", "Cy"])
emails = st.sampled_from(["", "a@x.co", "A@X.co", "b@x.co", "none"])
phones = st.sampled_from(["", " ", "02 5550 1234", "+61 2 5550 1234", "5"])
addresses = st.sampled_from([Address(), ADDRESS, replace(ADDRESS, country="AU"), Address(city="Perth")])
statuses = st.sampled_from([XeroStatus.ACTIVE] * 6 + [XeroStatus.ARCHIVED, XeroStatus.GDPRREQUEST])
contacts = st.builds(Contact, names, emails, phones, addresses)


@dataclass(frozen=True)
class World:
    """Both sides before the first sync, how Xero pages its list, and what takes part."""

    xeros: Sequence[XeroContact]
    karbons: Sequence[DirectoryRecord]
    page_size: int
    filter: ImportFilter

    def active(self) -> dict[str, XeroContact]:
        return {x.id: x for x in self.xeros if x.status is XeroStatus.ACTIVE}

    def taking_part(self) -> set[str]:
        return {x.id for x in self.active().values() if self.filter is ImportFilter.ALL or x.is_customer}


@st.composite
def worlds(draw: st.DrawFn) -> World:
    xeros = [
        replace(xero(f"x{n}", status=draw(statuses), updated=n * 700, is_customer=draw(st.booleans())), contact=c)
        for n, c in enumerate(draw(st.lists(contacts, max_size=8)))
    ]
    karbons = [
        DirectoryRecord(f"k{n}", draw(st.sampled_from(Kind)), c, other_phones=("0400",), client_identifier=f"C{n}")
        for n, c in enumerate(draw(st.lists(contacts, max_size=6)))
    ]
    filters = st.sampled_from([ImportFilter.ALL, ImportFilter.CUSTOMERS])
    return World(xeros, karbons, draw(st.integers(1, 4)), draw(filters))


async def first_sync(world: World) -> Outcome:
    with opened(MemoryLedger(world.xeros, world.page_size), world.filter) as firm:
        await firm.start(world.karbons)
        before = await firm.karbon()
        shown = await firm.preview()
        assert await firm.karbon() == before  # a preview writes nothing
        assert await firm.rows("SELECT 1 FROM journal UNION ALL SELECT 1 FROM link") == []

        done = await firm.sync(first=True)
        preview_is_what_happened(shown, done)
        await everybody_is_somewhere(firm, world, shown)
        await nobody_is_linked_on_one_key(firm, before)
        await nothing_is_lost(firm, before)
        await the_journal_gives_the_links(firm)
        await a_second_run_does_nothing(firm)
        return await firm.outcome()


def preview_is_what_happened(shown: Counts, done: Counts) -> None:
    """P12."""
    assert done.full_match == shown.full_match == done.linked
    assert done.new == shown.new == done.created
    assert done.overwritten == sum(shown.overwrite.values())
    assert done.filled == sum(shown.fill.values())
    assert not done.deferred + done.failed + done.left_for_next_run


async def everybody_is_somewhere(firm: Firm, world: World, shown: Counts) -> None:
    """Each contact that takes part is linked or an issue, never both; the others are neither."""
    linked, waiting = set(await firm.pairs()), set((await firm.outcome()).issues)
    assert not linked & waiting
    assert linked | waiting == world.taking_part()
    assert len(waiting) == shown.conflict
    assert shown.left_out == len(world.active()) - len(world.taking_part())


async def nobody_is_linked_on_one_key(firm: Firm, before: Mapping[str, DirectoryRecord]) -> None:
    for xero_id, key in (await firm.pairs()).items():
        theirs = keys(firm.ledger.contacts[xero_id].contact)
        if key in before:
            assert theirs == keys(before[key].contact)
            assert None not in theirs
        else:
            assert theirs[0] not in {keys(record.contact)[0] for record in before.values()}
            assert theirs[1] is None or theirs[1] not in {keys(record.contact)[1] for record in before.values()}


async def nothing_is_lost(firm: Firm, before: Mapping[str, DirectoryRecord]) -> None:
    """P4, P8: a value that is gone is in the journal; what is not synced keeps its bytes."""
    after, pairs = await firm.karbon(), {key: xero_id for xero_id, key in (await firm.pairs()).items()}
    kept = {
        str(key): values_from_json(str(text)) for key, text in await firm.rows("SELECT karbon_key, before FROM journal")
    }
    for key, record in before.items():
        now = after[key]
        assert replace(now, contact=record.contact, version=0, first_name="", middle_name="", last_name="") == replace(
            record, version=0
        )
        for field in Field:
            was, held = record.contact.value(field), now.contact.value(field)
            if held != was:
                assert kept[key][field] == was
                assert held == firm.ledger.contacts[pairs[key]].contact.value(field)
                assert not same_key(field, held, Contact().value(field), "AU")  # never emptied
                assert not same_key(field, held, was, "AU")  # never only respelled (P20)
    assert set(before) <= set(after)


async def the_journal_gives_the_links(firm: Firm) -> None:
    """P17."""
    replayed: dict[str, str] = {}
    rows = await firm.rows("SELECT action, xero_id, karbon_key, state, after FROM journal ORDER BY id")
    for action, xero_id, key, state, after in rows:
        assert state == "done"
        assert action in ("link", "create")
        assert isinstance(json.loads(str(after)), dict)
        replayed[str(xero_id)] = str(key)
    assert replayed == await firm.pairs()


async def a_second_run_does_nothing(firm: Firm) -> None:
    """P3: zero writes, zero journal rows, the same issues."""
    journal = await firm.rows("SELECT * FROM journal")
    before, outcome = await firm.karbon(), await firm.outcome()
    done = await firm.sync(first=False)
    assert not done.linked + done.created + done.new + done.full_match
    assert await firm.rows("SELECT * FROM journal") == journal
    assert await firm.karbon() == before
    assert await firm.outcome() == Outcome(outcome.links, (await firm.outcome()).issues, outcome.karbon)
    assert (await firm.outcome()).issues.keys() == outcome.issues.keys()


@settings(max_examples=40, deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_first_sync(world: World, dice: Any) -> None:
    """All promises at once, and once more with every row in another order."""
    xeros, karbons = list(world.xeros), list(world.karbons)
    dice.shuffle(xeros)
    dice.shuffle(karbons)
    times = [x.updated for x in world.xeros]
    turned = [replace(x, updated=at) for x, at in zip(xeros, times, strict=True)]
    another = World(turned, karbons, 3, world.filter)

    assert asyncio.run(first_sync(world)) == asyncio.run(first_sync(another))


async def test_interrupted_between_two_pages_it_ends_as_it_would_have() -> None:
    """Namesakes on two pages: what the first page made must not turn the second into conflicts."""
    size = 2 * max(BuiltinDirectory.batch, plan._PAGE)
    people = [xero(f"x{n:05}", f"Client {n % (size // 2)}", f"{n}@x.co", updated=n) for n in range(size)]
    outcomes = []
    for stop_after in (0, 1):
        with opened(MemoryLedger(people, 10_000)) as firm:
            await firm.start([])
            await firm.preview()
            if stop_after:
                await stopped_after_a_page(firm)
                await firm.go_on()
            else:
                await firm.sync(first=True)
            outcomes.append(await firm.outcome())
    assert len(outcomes[0].links) == size
    assert outcomes[0] == outcomes[1]


class Stopped(Exception):
    """Raised between two pages."""


class OnePage(BuiltinDirectory):
    """A directory that takes one batch, then no more."""

    taken = False

    async def write(self, writes: Sequence[Write], recorder: Recorder) -> None:
        if self.taken:
            raise Stopped
        self.taken = True
        await super().write(writes, recorder)


async def stopped_after_a_page(firm: Firm) -> None:
    firm.kind_of_directory = OnePage
    with pytest.raises(Stopped):
        await firm.sync(first=True)
    firm.kind_of_directory = BuiltinDirectory
    assert 0 < len(await firm.pairs()) < len(firm.ledger.contacts)


class Refusing(BuiltinDirectory):
    """A directory that refuses whatever comes, as Karbon's API may."""

    async def write(self, writes: Sequence[Write], recorder: Recorder) -> None:
        def refuse(db: SqliteDatabase) -> None:
            recorder.intend(db)
            recorder.settle(db, [NotStored("Karbon says no")] * len(writes))

        await self._store.run(refuse)


async def test_what_karbon_refuses_is_failed_by_name_until_it_is_taken() -> None:
    with opened(MemoryLedger([xero("x1", "Acme")])) as firm:
        await firm.start([])
        await firm.preview()
        firm.kind_of_directory = Refusing
        assert (await firm.sync(first=True)).failed == 1
        failed = "SELECT side, record, name, reason FROM failed_record"
        assert await firm.rows(failed) == [("karbon", "x1", "Acme", "Karbon says no")]
        assert (await firm.pairs(), await firm.rows("SELECT state FROM journal")) == ({}, [("failed",)])

        firm.kind_of_directory = BuiltinDirectory
        await firm.sync(first=True)
        assert (len(await firm.pairs()), await firm.rows(failed)) == (1, [])


class Meddled(BuiltinDirectory):
    """A directory in which somebody edits a contact just before the sync writes to it."""

    async def write(self, writes: Sequence[Write], recorder: Recorder) -> None:
        def edit(db: SqliteDatabase) -> None:
            record = directory.get(db, "k1")
            assert record
            directory.update(db, [record.edited({"phone": "typed just now"})])

        await self._store.run(edit)
        await super().write(writes, recorder)


async def test_edited_between_plan_and_write_it_is_deferred_and_the_others_go_on() -> None:
    """P6 and P13: no link, no base and no lost value; the next run sees the edit and goes on from there."""
    xeros = [xero("x1", "Acme", "a@x.co", "1"), xero("x2", "Bob", "b@x.co", "2")]
    karbons = [DirectoryRecord(f"k{n}", Kind.PERSON, replace(x.contact, phone="")) for n, x in enumerate(xeros, 1)]
    with opened(MemoryLedger(xeros)) as firm:
        await firm.start(karbons)
        await firm.preview()
        firm.kind_of_directory = Meddled
        done = await firm.sync(first=True)
        assert (done.linked, done.deferred, await firm.pairs()) == (1, 1, {"x2": "k2"})
        assert (await firm.karbon())["k1"].contact.phone == "typed just now"

        firm.kind_of_directory = BuiltinDirectory
        await firm.sync(first=False)
        assert await firm.pairs() == {"x1": "k1", "x2": "k2"}
        assert await firm.rows("SELECT state FROM journal WHERE xero_id = 'x1' ORDER BY id") == [("failed",), ("done",)]
        assert await firm.rows("SELECT before FROM journal WHERE state = 'done' AND xero_id = 'x1'") == [
            (values_to_json({Field.PHONE: "typed just now"}),)
        ]
