"""Karbon's cards take a request each: a preview that is stopped while it reads them leaves a plan that is true."""

from __future__ import annotations

import asyncio

import pytest

from tests.tui.office import Office, office, two_sided
from xerosync_tui.services import overview
from xerosync_tui.store import cards

__all__ = ["office", "two_sided"]  # fixtures


async def test_the_plan_is_that_of_the_cards_that_were_read(office: Office) -> None:
    await office.join()
    await office.firm.connect()
    office.hold_after(25)
    preview = asyncio.ensure_future(office.firm.preview())
    await office.waits.wait()
    preview.cancel()
    with pytest.raises(asyncio.CancelledError):
        await preview
    office.gate.set()
    now = await office.program.store.read(cards.counted, 1)
    counts = await overview.plan_counts(office.program)
    assert counts and 0 < counts.unread_matches < counts.full_match
    read = now.total - now.unread
    told = [sum(fields.values()) for fields in (counts.overwrite, counts.fill)]
    assert read == 20 and 0 < sum(told) < 3 * read  # of an unread card nobody can tell
    result = await office.firm.sync()
    verified = counts.full_match - counts.unread_matches
    assert result.counts.linked + result.counts.failed == verified
