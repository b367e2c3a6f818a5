"""The numbers of Connected Apps: the limit that Xero does not tell, the changes of a day, and how both are drawn."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stores import connect
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.states import RunKind, RunState
from xerosync_tui.services.overview import changes_per_run, day_limit
from xerosync_tui.store import runs
from xerosync_tui.store.database import Store
from xerosync_tui.store.runs import RunRecord
from xerosync_tui.tui.widgets.spark import gauge, sparkline

COUNTS = st.lists(st.integers(0, 10**6), max_size=50)


def a_run(kind: RunKind = RunKind.INCREMENTAL, state: RunState = RunState.DONE, **counts: Any) -> RunRecord:
    return RunRecord(1, kind, state, "anna", 0, 0, 1, Counts(**counts), "")


@pytest.mark.parametrize(
    ("seen", "limit"),
    [([], None), ([0], None), ([1], 1000), ([12, 1000], 1000), ([12, 1001], 5000), ([5000, 0], 5000), ([5001], None)],
)
def test_the_day_limit_is_the_smallest_not_below_what_was_left(seen: list[int], limit: int | None) -> None:
    assert day_limit(seen) == limit


def test_what_counts_as_a_change() -> None:
    newest_first = [
        a_run(linked=1, created=2, field_conflicts=9, read=50, day_left=900),
        a_run(RunKind.PREVIEW, linked=40),
        a_run(changed_in_xero=4, ended=1, failed=3),
        a_run(),
        a_run(state=RunState.FAILED, day_left=900),
        a_run(state=RunState.INTERRUPTED, linked=7),
        a_run(state=RunState.RUNNING),
    ]
    assert changes_per_run(newest_first) == (7, 0, 5, 3)


@pytest.mark.parametrize(
    ("left", "limit", "drawn"),
    [
        (0, 60, "▕░░░░░░░░░░▏"),
        (1, 1000, "▕█░░░░░░░░░▏"),
        (30, 60, "▕█████░░░░░▏"),
        (999, 1000, "▕█████████░▏"),
        (60, 60, "▕██████████▏"),
        (61, 60, "▕██████████▏"),
    ],
)
def test_a_gauge_is_empty_or_full_only_at_the_ends(left: int, limit: int, drawn: str) -> None:
    assert gauge(left, limit) == drawn


def test_a_sparkline_shows_nothing_lowest_and_the_most_highest() -> None:
    assert sparkline([0, 1, 4, 7, 0, 700], 9) == "▁▂▂▂▁█"
    assert sparkline([0, 0], 9) == "▁▁"
    assert sparkline([9, 0, 2], 2) == "▁█"
    assert sparkline([9], 0) == sparkline([], 9) == ""


@given(COUNTS, st.integers(0, 60))
def test_a_sparkline_never_shows_something_as_nothing(counts: list[int], room: int) -> None:
    shown = sparkline(counts, room)
    assert len(shown) == min(len(counts), room)
    last = counts[len(counts) - len(shown) :]
    assert [c == "▁" for c in shown] == [count == 0 for count in last]


async def test_runs_since_reads_no_further_back(store: Store) -> None:
    connection = (await store.run(connect)).id
    for at in (100, 200, 300):
        await store.run(runs.begin, connection, RunKind.INCREMENTAL, "anna", "1001", at)
    found = await store.read(runs.since, connection, 200)
    assert [run.started_at for run in found] == [300, 200]
    assert await store.read(runs.since, connection, 301) == []
    assert await store.read(runs.since, connection + 1, 0) == []
