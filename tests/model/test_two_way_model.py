"""Random lives of a firm: every promise after every step, whatever dies, is refused or is lost on the way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.ledger import as_sent
from tests.model.two_way import opened, shortened
from xerosync_tui.domain.connection import BothChanged
from xerosync_tui.domain.contact import NO_ADDRESS, Field, Value, XeroStatus
from xerosync_tui.domain.states import Side
from xerosync_tui.errors import XeroSyncError
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.sandbox.options import Limits

which = st.integers(0, 20)
a_field = st.sampled_from(Field)
a_side = st.sampled_from(Side)


class Life(RuleBasedStateMachine):
    """Both sides are edited; the sync runs, or dies. Karbon is the built-in directory."""

    server: ClassVar[SandboxServer | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.place = opened(self.server)
        self.firm = self.place.__enter__()
        self.quiet = False

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def attempt(self, work: Coroutine[Any, Any, Any]) -> None:
        """What a person tries, and may be refused."""
        with contextlib.suppress(XeroSyncError):
            self.do(work)

    @initialize(size=st.integers(1, 4))
    def begin(self, size: int) -> None:
        for number in range(size):
            self.firm.new_in_xero(f"Client {number}", f"c{number}@x.example")
        self.do(self.firm.start())

    def linked(self, number: int) -> tuple[str, str] | None:
        there = self.do(self.firm.karbon())
        pairs = sorted((x, k) for x, k in self.do(self.firm.links()).items() if k in there)
        return pairs[number % len(pairs)] if pairs else None

    @rule(number=which, field=a_field)
    def somebody_edits_in_xero(self, number: int, field: Field) -> None:
        if pair := self.linked(number):
            self.firm.edit_xero(pair[0], field, self.firm.unique(field))

    @rule(number=which, field=a_field)
    def somebody_edits_in_karbon(self, number: int, field: Field) -> None:
        if pair := self.linked(number):
            self.do(self.firm.edit_karbon(pair[1], field, self.firm.unique(field)))

    @rule(number=which, field=a_field)
    def both_make_the_same_edit(self, number: int, field: Field) -> None:
        if pair := self.linked(number):
            value = self.firm.unique(field)
            if self.firm.edit_xero(pair[0], field, value):
                self.do(self.firm.edit_karbon(pair[1], field, value))

    @rule(number=which, field=st.sampled_from([Field.EMAIL, Field.PHONE, Field.ADDRESS]), in_xero=st.booleans())
    def somebody_clears(self, number: int, field: Field, in_xero: bool) -> None:
        empty: Value = NO_ADDRESS if field is Field.ADDRESS else ""
        if pair := self.linked(number):
            if in_xero:
                self.firm.edit_xero(pair[0], field, empty)
            else:
                self.do(self.firm.edit_karbon(pair[1], field, empty))

    @rule(number=which)
    def somebody_writes_a_name_in_capitals(self, number: int) -> None:
        if pair := self.linked(number):
            name = self.do(self.firm.karbon())[pair[1]].contact.name
            self.do(self.firm.edit_karbon(pair[1], Field.NAME, name.swapcase()))

    @rule(first=which, second=which)
    def names_change_places_in_karbon(self, first: int, second: int) -> None:
        one, other = self.linked(first), self.linked(second)
        if one and other and one != other:
            karbon = self.do(self.firm.karbon())
            names = karbon[one[1]].contact.name, karbon[other[1]].contact.name
            self.do(self.firm.edit_karbon(one[1], Field.NAME, names[1]))
            self.do(self.firm.edit_karbon(other[1], Field.NAME, names[0]))

    @rule()
    def a_new_contact_in_xero(self) -> None:
        self.firm.new_in_xero(str(self.firm.unique(Field.NAME)), str(self.firm.unique(Field.EMAIL)))

    @rule()
    def a_new_contact_in_karbon_is_made_in_xero(self) -> None:
        name, email = str(self.firm.unique(Field.NAME)), str(self.firm.unique(Field.EMAIL))
        key = self.do(self.firm.new_in_karbon(name, email))
        self.attempt(self.firm.create_in_xero(key))

    @rule(before=st.booleans())
    def a_creation_in_xero_loses_its_answer(self, before: bool) -> None:
        name, email = str(self.firm.unique(Field.NAME)), str(self.firm.unique(Field.EMAIL))
        key = self.do(self.firm.new_in_karbon(name, email))
        self.firm.ledger.lose_before, self.firm.ledger.lose_after = int(before), int(not before)
        self.attempt(self.firm.create_in_xero(key))
        self.firm.ledger.lose_before = self.firm.ledger.lose_after = 0

    @rule(number=which, status=st.sampled_from([XeroStatus.ARCHIVED, XeroStatus.ACTIVE, XeroStatus.GDPRREQUEST]))
    def xero_changes_a_status(self, number: int, status: XeroStatus) -> None:
        ids = sorted(self.firm.ledger.contacts)
        self.firm.set_status(ids[number % len(ids)], status)

    @rule(number=which, into=which)
    def xero_merges(self, number: int, into: int) -> None:
        ids = sorted(self.firm.ledger.contacts)
        loser, survivor = ids[number % len(ids)], ids[into % len(ids)]
        if loser != survivor:
            self.firm.set_status(loser, XeroStatus.ARCHIVED, survivor)

    @rule(number=which)
    def somebody_deletes_in_karbon(self, number: int) -> None:
        if pair := self.linked(number):
            self.do(self.firm.delete_karbon(pair[1]))

    @rule(number=which)
    def an_admin_unsyncs(self, number: int) -> None:
        if pair := self.linked(number):
            self.attempt(self.firm.unsync(pair[0]))

    @rule(number=which, take=a_side)
    def an_admin_links_again(self, number: int, take: Side) -> None:
        if ended := self.do(self.firm.unsynced()):
            xero_id, key = ended[number % len(ended)]
            self.attempt(self.firm.rematch(xero_id, key, take))

    @rule(number=which, side=a_side)
    def an_admin_takes_a_sides_value(self, number: int, side: Side) -> None:
        conflicts = sorted((x, f) for x, found in self.do(self.firm.in_conflict()).items() for f in found)
        if conflicts:
            self.attempt(self.firm.take(*conflicts[number % len(conflicts)], side))

    @rule(both_changed=st.sampled_from(BothChanged))
    def an_admin_chooses_who_wins(self, both_changed: BothChanged) -> None:
        self.do(self.firm.choose(both_changed))

    @rule()
    def an_admin_takes_something_back(self) -> None:
        self.attempt(self.firm.undo())

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.firm.clock += hours * 3600

    @rule(shortens=st.booleans())
    def xero_spells_phones_its_own_way(self, shortens: bool) -> None:
        self.firm.ledger.stores = shortened if shortens else as_sent

    @rule(full=st.booleans())
    def the_sync_runs(self, full: bool) -> None:
        self.do(self.firm.sync(full=full))

    @rule(step=st.integers(1, 30))
    def the_sync_dies(self, step: int) -> None:
        self.do(self.firm.sync_dying(step))

    @rule(before=st.integers(0, 2), after=st.integers(0, 2))
    def the_network_loses_things(self, before: int, after: int) -> None:
        self.do(self.firm.sync_in_trouble(before=before, after=after))

    @invariant()
    def promises(self) -> None:
        self.do(self.firm.nothing_is_lost())
        self.do(self.firm.links_are_one_to_one())
        self.do(self.firm.the_journal_gives_the_links())

    @precondition(lambda self: True)
    @rule()
    def it_comes_to_rest(self) -> None:
        """P3: at most two runs, then one that writes nothing; and both sides agree."""
        self.do(self.firm.settle())
        before, written = list(self.firm.ledger.writes), self.firm.karbon_writes()
        self.do(self.firm.sync())
        assert (self.firm.ledger.writes, self.firm.karbon_writes()) == (before, written)
        self.do(self.firm.both_sides_agree())
        aside = {c.id for c in self.firm.ledger.contacts.values() if c.contact.name.startswith("~")}
        failed = {str(x) for (x,) in self.do(self.firm.rows("SELECT record FROM failed_record"))}
        assert aside <= failed, "a temporary name stayed, and nobody was told"
        intended = self.do(self.firm.rows("SELECT xero_id FROM journal WHERE state = 'intended'"))
        assert {str(x) for (x,) in intended} <= aside
        markers = [c.contact_number for c in self.firm.ledger.contacts.values() if c.contact_number]
        assert len(markers) == len(set(markers))  # P7

    def teardown(self) -> None:
        try:
            self.it_comes_to_rest()
            self.promises()
        finally:
            self.place.__exit__(None, None, None)
            self.loop.close()


class LifeOverTheApi(Life):
    """Karbon is behind its API: a write is several requests, and each may be the last thing that was done."""

    @rule(writes=st.integers(1, 6))
    def the_sync_dies_after_a_write(self, writes: int) -> None:
        self.do(self.firm.sync_dying_after(writes))

    @rule(
        kind=st.sampled_from(["refuse", "lost_reply", "server_error", "unavailable", "touch", "rate_minute"]),
        method=st.sampled_from(["GET", "POST", "PUT", "PATCH"]),
        times=st.integers(1, 4),
    )
    def karbon_is_in_trouble(self, kind: str, method: str, times: int) -> None:
        self.do(self.firm.sync_in_karbons_trouble(kind, method, times))


@pytest.fixture(scope="module", autouse=True)
def karbon() -> Iterator[None]:
    """One server for all lives; each begins with an empty Karbon."""
    options = SandboxOptions(size=0, karbon=True, limits=Limits(karbon_minute=None))
    with SandboxServer(options) as LifeOverTheApi.server:
        yield


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)

TestLifeOverTheApi = LifeOverTheApi.TestCase
TestLifeOverTheApi.settings = settings(
    max_examples=6, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
