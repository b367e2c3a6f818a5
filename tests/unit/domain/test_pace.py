"""The day's calls last for a whole day, and some stay for what a person asks for (engine.md 2.6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync_tui.domain.pace import pause

HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize("interval", [60, 300, 7200])
def test_where_xero_says_nothing_the_setting_stands(interval: int) -> None:
    assert pause(interval, None) == interval


@pytest.mark.parametrize("interval", [300, 7200])
@pytest.mark.parametrize("left", [5000, 1000])
def test_where_there_is_plenty_the_setting_stands(interval: int, left: int) -> None:
    assert pause(interval, left) == interval


@pytest.mark.parametrize(("left", "seconds"), [(1000, 96), (388, 300), (244, 600), (124, 3600), (101, DAY)])
def test_where_little_is_left_it_is_spread_over_a_day(left: int, seconds: int) -> None:
    """What is left less the hundred in reserve."""
    assert pause(60, left) == seconds


@pytest.mark.parametrize("left", [100, 99, 1, 0])
def test_the_reserve_is_touched_once_an_hour_only(left: int) -> None:
    """Somebody must notice when a new day begins: Xero does not tell."""
    assert pause(60, left) == HOUR
    assert pause(2 * HOUR, left) == 2 * HOUR


@given(st.integers(30, DAY), st.integers(0, 10_000) | st.none())
def test_it_is_never_sooner_than_was_set(interval: int, left: int | None) -> None:
    assert pause(interval, left) >= interval


@given(st.integers(30, DAY), st.integers(101, 10_000))
def test_a_day_of_idle_runs_uses_no_more_than_is_left(interval: int, left: int) -> None:
    assert DAY // pause(interval, left) <= left
