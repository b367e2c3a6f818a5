"""Reading a long list that does not stand still: nobody is missed, or nothing is planned (promise P11)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count, cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledger import MemoryLedger
from tests.records import xero
from xerosync_tui.errors import RemoteUnreachable

from .firm import Firm, opened

MINUTE = 60_000
PAGE = 10


def ledger_of(times: list[int]) -> MemoryLedger:
    return MemoryLedger([xero(f"x{n:03}", f"Client {n}", updated=at) for n, at in enumerate(times)], PAGE)


def edited_in_every_request(ledger: MemoryLedger, ids: Iterator[str]) -> None:
    """People never stop: one edit between any two requests, a second after the one before."""
    now = count(max(c.updated for c in ledger.contacts.values()) + MINUTE, 1000)
    ledger.meanwhile = lambda: ledger.edit(next(ids), next(now))


async def mirrored(firm: Firm) -> set[str]:
    return {str(row[0]) for row in await firm.rows("SELECT xero_id FROM xero_contact")}


async def watermark(firm: Firm) -> int | None:
    return (await firm.connection()).read_until


@pytest.mark.parametrize("oldest_first", [True, False])
async def test_one_edit_in_every_request_of_a_long_read(oldest_first: bool) -> None:
    ledger = ledger_of([n * MINUTE for n in range(25 * PAGE)])
    edited_in_every_request(ledger, cycle(sorted(ledger.contacts, reverse=not oldest_first)))
    with opened(ledger) as firm:
        await firm.start([])
        counts = await firm.preview()
        assert await mirrored(firm) == ledger.contacts.keys()
        assert counts.new == len(ledger.contacts)
        assert len(ledger.asked) < 3 * 25


moments = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4 * PAGE)), min_size=1, max_size=6)


@settings(max_examples=30, deadline=None)
@given(moments, st.randoms(use_true_random=False))
def test_many_contacts_of_one_moment(stretches: list[tuple[int, int]], dice: object) -> None:
    """An import gives thousands the same time of change. Read to the end or refused, nobody is missed unnoticed."""
    times = [seconds * 1000 for seconds, number in stretches for _ in range(number)]
    ledger = ledger_of(times)
    ids = sorted(ledger.contacts)
    edited_in_every_request(ledger, iter(lambda: dice.choice(ids), None))  # type: ignore[attr-defined]

    async def read() -> None:
        with opened(ledger) as firm:
            await firm.start([])
            await firm.preview()
            assert await mirrored(firm) == ledger.contacts.keys()

    asyncio.run(read())


async def test_what_is_edited_while_it_is_read_is_read_as_edited_in_the_end() -> None:
    ledger = ledger_of([n * MINUTE for n in range(5 * PAGE)])
    with opened(ledger) as firm:
        await firm.start([])
        edits = iter([("x000", 100 * MINUTE), ("x030", 101 * MINUTE)])
        ledger.meanwhile = lambda: ledger.edit(*edit) if (edit := next(edits, None)) else None
        await firm.preview()
        ledger.meanwhile = lambda: None
        await firm.preview()
        rows = await firm.rows("SELECT xero_id, updated FROM xero_contact")
        assert set(rows) == {(contact.id, contact.updated) for contact in ledger.contacts.values()}
        assert await watermark(firm) == 101 * MINUTE


@pytest.mark.parametrize("edits", [0, 1])
async def test_a_ledger_that_ignores_since(edits: int) -> None:
    """It tells everything each time; that is slow, not wrong."""
    ledger = ledger_of([n * MINUTE for n in range(5 * PAGE)])
    ledger.honours_since = False
    with opened(ledger) as firm:
        await firm.start([])
        edit = iter(["x000"][:edits])
        ledger.meanwhile = lambda: ledger.edit(who, 100 * MINUTE) if (who := next(edit, "")) else None
        for _ in range(2):
            counts = await firm.preview()
            assert (await mirrored(firm), counts.new) == (set(ledger.contacts), 5 * PAGE)


@pytest.mark.parametrize("honours_since", [True, False])
@pytest.mark.parametrize("number", [3, PAGE, 3 * PAGE + 5])
async def test_a_last_page_that_always_lacks_somebody(number: int, honours_since: bool) -> None:
    ledger = ledger_of([n * MINUTE for n in range(number)])
    ledger.withholds, ledger.honours_since = 1, honours_since
    with opened(ledger) as firm:
        await firm.start([])
        with pytest.raises(RemoteUnreachable, match="did not fit together"):
            await firm.preview()
        assert (await firm.rows("SELECT 1 FROM plan_row"), await watermark(firm)) == ([], None)
        assert len(ledger.asked) < 50


async def test_a_date_of_the_future_hides_no_later_change() -> None:
    """P10: the watermark never passes the ledger's own clock."""
    ledger = ledger_of([MINUTE, 10**9 * MINUTE])
    ledger.clock = 2 * MINUTE
    with opened(ledger) as firm:
        await firm.start([])
        await firm.preview()
        assert await watermark(firm) == 2 * MINUTE
        ledger.put(xero("later", "Later", updated=3 * MINUTE))
        ledger.clock = 4 * MINUTE
        await firm.preview()
        assert "later" in await mirrored(firm)


async def test_a_clock_that_was_put_back_does_not_put_back_the_watermark() -> None:
    ledger = ledger_of([5 * MINUTE])
    ledger.clock = 6 * MINUTE
    with opened(ledger) as firm:
        await firm.start([])
        await firm.preview()
        ledger.edit("x000", 7 * MINUTE)
        ledger.clock = 1 * MINUTE
        await firm.preview()
        assert await watermark(firm) == 5 * MINUTE
