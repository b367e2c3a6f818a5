"""Marking all rows of a list, while they are still being read."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Static

import xerosync_tui.tui
from xerosync_tui.tui.widgets.listing import MarkingListing
from xerosync_tui.tui.widgets.table import Column

MANY = 762


class Slow:
    """Rows of which the first are there at once, and all of them once the gate is open."""

    orders = ("number",)

    def __init__(self) -> None:
        self.gate = asyncio.Event()

    def first(self, search: str, order: str, most: int = 200) -> array[int]:
        return array("q", range(most))

    async def ids(self, search: str, order: str) -> array[int]:
        await self.gate.wait()
        return array("q", range(MANY))

    def rows(self, ids: Sequence[int]) -> dict[int, str]:
        return {row: f"Person {row}" for row in ids}


class Listed(App[None]):
    CSS_PATH = Path(xerosync_tui.tui.__file__).with_name("app.tcss")

    def __init__(self) -> None:
        super().__init__()
        self.source = Slow()
        self.listing: MarkingListing[str] = MarkingListing([Column("Name", str)], empty="Nobody.")

    def compose(self) -> ComposeResult:
        yield self.listing

    async def begin(self, pilot: Pilot[None]) -> None:
        self.listing.show(self.source)
        self.listing.table.focus()
        await pilot.pause()

    async def read_all(self, pilot: Pilot[None]) -> None:
        self.source.gate.set()
        await self.workers.wait_for_complete()
        await pilot.pause()

    @property
    def count(self) -> str:
        return str(self.listing.query_one(".listing--count", Static).content)


@pytest.mark.parametrize(("width", "count"), [(26, "762/762 marked"), (80, "762 of 762 marked")])
async def test_all_marks_those_too_that_are_read_a_moment_later(width: int, count: str) -> None:
    app = Listed()
    async with app.run_test(size=(width, 24)) as pilot:
        await app.begin(pilot)
        await pilot.press("asterisk")
        assert len(app.listing.chosen) == 200
        await app.read_all(pilot)
        assert len(app.listing.chosen) == MANY and app.count == count


@pytest.mark.parametrize(
    ("keys", "marked"),
    [(("asterisk", "escape"), 0), (("asterisk", "asterisk"), 0), (("space",), 1), (("asterisk", "space"), MANY - 1)],
)
async def test_what_was_unmarked_meanwhile_stays_so(keys: tuple[str, ...], marked: int) -> None:
    app = Listed()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.begin(pilot)
        for key in keys:
            if key == "escape":
                app.listing.back_out()
            await pilot.press(key)
        await app.read_all(pilot)
        assert len(app.listing.table.marked) == marked
