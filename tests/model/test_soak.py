"""A long life of one firm: thousands of rounds of edits, faults and syncs from one seed. ``pytest -m soak -s``.

``XEROSYNC_SOAK_ROUNDS`` (a multiple of 25), ``XEROSYNC_SOAK_SEED``, and ``XEROSYNC_SOAK_DIRECTORY=karbon`` for Karbon's
API in the place of the built-in directory, whose requests go wrong too.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.ledger import as_sent, nothing
from tests.model.two_way import TwoWay, Typed, opened, shortened
from xerosync_tui.domain.connection import BothChanged
from xerosync_tui.domain.contact import NO_ADDRESS, Field, XeroStatus
from xerosync_tui.domain.states import Side
from xerosync_tui.errors import XeroSyncError
from xerosync_tui.sandbox import SandboxOptions, SandboxServer
from xerosync_tui.sandbox.options import Limits

ROUNDS = int(os.environ.get("XEROSYNC_SOAK_ROUNDS", "2000"))  # a multiple of _CHECK_EVERY
SEED = int(os.environ.get("XEROSYNC_SOAK_SEED", "1"))
OVER_API = os.environ.get("XEROSYNC_SOAK_DIRECTORY", "") == "karbon"
_CHECK_EVERY = 25
_CONTACTS = 30


class Soak:
    """One firm and the dice."""

    def __init__(self, firm: TwoWay, dice: random.Random) -> None:
        self.firm, self.dice = firm, dice
        self.counts: Counter[str] = Counter()
        self.in_window: list[Typed] = []  # typed between the re-read and the write of a group (engine.md 2.7)

    async def round(self) -> None:
        """Some edits, perhaps a decision, then a run that may go wrong."""
        for _ in range(self.dice.randint(0, 4)):
            await self.edit()
        if self.dice.random() < 0.3:
            await self.decide()
        self.firm.clock += self.dice.choice([60, 300, 300, 4000, 90_000])
        self.firm.ledger.stores = self.dice.choice([as_sent, as_sent, as_sent, shortened])
        await self.run()

    async def edit(self) -> None:
        links = await self.links()
        if len(links) < _CONTACTS // 2:
            self.firm.new_in_xero(str(self.firm.unique(Field.NAME)), str(self.firm.unique(Field.EMAIL)))
        if not links:
            return
        xero_id, key = self.dice.choice(links)
        field = self.dice.choice(list(Field))
        value = self.firm.unique(field)
        if field is not Field.NAME and self.dice.random() < 0.15:
            value = NO_ADDRESS if field is Field.ADDRESS else ""
        where = self.dice.choice(["xero", "karbon", "both", "swap"])
        self.counts["edits"] += 1
        if where == "xero":
            self.firm.edit_xero(xero_id, field, value)
        elif where == "karbon":
            await self.firm.edit_karbon(key, field, value)
        elif where == "both":
            self.firm.edit_xero(xero_id, field, value)
            await self.firm.edit_karbon(key, field, self.firm.unique(field))
        else:
            await self.swap(key, self.dice.choice(links)[1])

    async def links(self) -> list[tuple[str, str]]:
        """Links whose Karbon contact is there: of a delete behind the API only the next sync knows."""
        there = await self.firm.karbon()
        return [(x, k) for x, k in sorted((await self.firm.links()).items()) if k in there]

    async def swap(self, one: str, other: str) -> None:
        karbon = await self.firm.karbon()
        if one != other:
            await self.firm.edit_karbon(one, Field.NAME, karbon[other].contact.name)
            await self.firm.edit_karbon(other, Field.NAME, karbon[one].contact.name)

    async def decide(self) -> None:
        what = self.dice.choice(["unsync", "again", "take", "status", "create", "undo", "delete", "chosen"])
        self.counts["decisions"] += 1
        links, ended = await self.links(), await self.firm.unsynced()
        with suppress(XeroSyncError):
            if what == "unsync" and links:
                await self.firm.unsync(self.dice.choice(links)[0])
            elif what == "again" and ended:
                await self.firm.rematch(*self.dice.choice(ended), take=self.dice.choice(list(Side)))
            elif what == "take" and (conflicts := await self.firm.in_conflict()):
                xero_id = self.dice.choice(sorted(conflicts))
                await self.firm.take(xero_id, sorted(conflicts[xero_id])[0], self.dice.choice(list(Side)))
            elif what == "status":
                statuses = [XeroStatus.ARCHIVED, XeroStatus.ACTIVE, XeroStatus.ACTIVE, XeroStatus.GDPRREQUEST]
                self.firm.set_status(self.dice.choice(sorted(self.firm.ledger.contacts)), self.dice.choice(statuses))
            elif what == "create":
                await self.create()
            elif what == "undo":
                await self.firm.undo()
            elif what == "delete" and len(links) > _CONTACTS // 3:
                await self.firm.delete_karbon(self.dice.choice(links)[1])
            elif what == "chosen":
                await self.firm.choose(self.dice.choice(list(BothChanged)))

    async def create(self) -> None:
        key = await self.firm.new_in_karbon(str(self.firm.unique(Field.NAME)), str(self.firm.unique(Field.EMAIL)))
        fault = self.dice.choice(["none", "before", "after"])
        self.counts[f"creations, fault {fault}"] += 1
        self.firm.ledger.lose_before, self.firm.ledger.lose_after = int(fault == "before"), int(fault == "after")
        try:
            await self.firm.create_in_xero(key)
        finally:
            self.firm.ledger.lose_before = self.firm.ledger.lose_after = 0

    async def run(self) -> None:
        self.firm.ledger.meanwhile = self.edit_in_the_window
        of_karbon = ["Karbon in trouble", "dies after a write to Karbon"] if OVER_API else []
        fault = self.dice.choice(["none", "none", "dies", "loses requests", "loses answers", *of_karbon])
        self.counts[f"runs, fault {fault}"] += 1
        if fault == "none":
            await self.firm.sync(full=self.dice.random() < 0.05)
        elif fault == "dies":
            await self.firm.sync_dying(self.dice.randint(1, 25))
        elif fault == "Karbon in trouble":
            kind = self.dice.choice(["refuse", "lost_reply", "server_error", "unavailable", "touch", "rate_minute"])
            method = self.dice.choice(["GET", "POST", "PUT", "PATCH"])
            await self.firm.sync_in_karbons_trouble(kind, method, self.dice.randint(1, 4))
        elif fault == "dies after a write to Karbon":
            await self.firm.sync_dying_after(self.dice.randint(1, 5))
        else:
            lost = self.dice.randint(1, 3)
            before = fault == "loses requests"
            await self.firm.sync_in_trouble(before=lost if before else 0, after=0 if before else lost)
        self.firm.ledger.meanwhile = nothing

    def edit_in_the_window(self) -> None:
        """Somebody edits in Xero while a group is between its re-read and its write, or while pages are read.

        Half of the former are edits of a contact of that group: by chance alone the window would hardly be hit.
        """
        if self.dice.random() < 0.05:
            group = self.firm.ledger.looked_at
            near = group if group and self.dice.random() < 0.5 else sorted(self.firm.ledger.contacts)
            xero_id, field = self.dice.choice(near), self.dice.choice(list(Field))
            before = set(self.firm.typed.values())
            if self.firm.edit_xero(xero_id, field, self.firm.unique(field)):
                self.counts["edits in Xero while pages are read" if not group else "edits in the window"] += 1
                if xero_id in group:
                    self.in_window += set(self.firm.typed.values()) - before

    async def check(self) -> None:
        for typed in await self.firm.lost():
            assert typed in self.in_window, f"{typed} is lost"
            self.counts["hits of the window"] += 1
            self.firm.typed = {where: t for where, t in self.firm.typed.items() if t != typed}
        await self.firm.links_are_one_to_one()
        await self.firm.the_journal_gives_the_links()
        markers = [c.contact_number for c in self.firm.ledger.contacts.values() if c.contact_number]
        assert len(markers) == len(set(markers)), "created twice"


@contextmanager
def karbon_server() -> Iterator[SandboxServer | None]:
    """The server of Karbon's API, where the soak is to run over it."""
    if not OVER_API:
        yield None
        return
    with SandboxServer(SandboxOptions(size=0, karbon=True, limits=Limits(karbon_minute=None))) as server:
        yield server


@pytest.mark.soak
async def test_soak() -> None:
    with karbon_server() as server, opened(server) as firm:
        for _ in range(_CONTACTS):
            firm.new_in_xero(str(firm.unique(Field.NAME)), str(firm.unique(Field.EMAIL)))
        await firm.start()
        soak = Soak(firm, random.Random(SEED))
        for number in range(1, ROUNDS + 1):
            await soak.round()
            if number % _CHECK_EVERY == 0:
                await firm.settle()
                await soak.check()
                await firm.both_sides_agree()
        print(f"\nsoak: seed {SEED}, {ROUNDS} rounds; edits lost 0, created twice 0")
        for name, count in sorted(soak.counts.items()):
            print(f"  {count:6} {name}")
        for state, number_of in await firm.rows("SELECT action || ', ' || state, count(*) FROM journal GROUP BY 1"):
            print(f"  {number_of:6} journal: {state}")
