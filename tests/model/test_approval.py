"""What a preview shows that a brake would stop can be approved without a sync that was stopped before (P12)."""

from __future__ import annotations

import pytest

from tests.model.two_way import TwoWay, opened
from xerosync_tui.domain.connection import Brake
from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.states import RunKind
from xerosync_tui.engine import sides
from xerosync_tui.engine.decisions import at_work
from xerosync_tui.engine.run import look
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.store import runs

MANY = 24


async def many_edits(firm: TwoWay) -> None:
    for number in range(MANY):
        firm.new_in_xero(f"Client {number}", f"c{number}@x.example")
    await firm.start()
    assert len(await firm.links()) == MANY
    for xero_id in await firm.links():
        assert firm.edit_xero(xero_id, Field.EMAIL, firm.unique(Field.EMAIL))


async def shown(firm: TwoWay) -> Brake | None:
    """The brake that a preview finds."""
    async with at_work(firm.program, "a preview") as work:
        begun = (work.connection.id, RunKind.PREVIEW, "mia", "1001", firm.program.now_ms())
        work.run = await firm.store.run(runs.begin, *begun)
        async with sides.ledger(work), sides.karbon(work):
            return await look(work, full=False)


async def test_what_a_preview_showed_goes_once_it_is_approved() -> None:
    with opened() as firm:
        await many_edits(firm)
        found = await shown(firm)
        assert found and (await firm.connection()).brake is None  # no sync was stopped
        done = await firm._run(full=False, first=False, approved=found.digest)
        assert (done.changed_in_karbon, (await firm.connection()).brake) == (MANY, None)


async def test_people_go_on_typing_after_the_preview() -> None:
    """What it showed goes, and the little that came since, within what needs no approval."""
    with opened() as firm:
        await many_edits(firm)
        found = await shown(firm)
        first, *_ = await firm.links()
        assert found and firm.edit_xero(first, Field.EMAIL, firm.unique(Field.EMAIL))
        done = await firm._run(full=False, first=False, approved=found.digest)
        assert done.changed_in_karbon == MANY
        await firm.nothing_is_lost()


async def test_without_its_code_nothing_that_a_preview_showed_goes() -> None:
    with opened() as firm:
        await many_edits(firm)
        found = await shown(firm)
        assert found
        with pytest.raises(UsageError, match="not the code"):
            await firm._run(full=False, first=False, approved="0" * len(found.digest))
        with pytest.raises(NeedsPerson, match="stopped"):
            await firm._run(full=False, first=False, approved="")
