"""The brakes of engine.md 2.8: more than max(20, 10 %), every link, every record changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync_tui.domain.brake import Impact, brake

COUNT = st.integers(0, 2000)


@pytest.mark.parametrize(
    ("links", "overwritten", "ended", "stops"),
    [
        (100, 20, 0, False),
        (100, 21, 0, True),
        (100, 0, 21, True),
        (100, 11, 10, True),  # together
        (100, 10, 10, False),
        (200, 20, 0, False),
        (209, 20, 0, False),
        (210, 21, 0, False),
        (210, 22, 0, True),
        (5000, 500, 0, False),
        (5000, 500, 1, True),
        (0, 0, 0, False),
    ],
)
def test_more_than_twenty_and_more_than_a_tenth(links: int, overwritten: int, ended: int, stops: bool) -> None:
    assert bool(brake(Impact(links, overwritten, ended, 0))) is stops


@pytest.mark.parametrize(
    ("links", "touched", "stops"), [(3, 3, False), (4, 3, False), (4, 4, True), (20, 19, False), (20, 20, True)]
)
def test_every_link_where_there_are_more_than_three(links: int, touched: int, stops: bool) -> None:
    for overwritten in (0, 1, touched):
        assert bool(brake(Impact(links, overwritten, touched - overwritten, touched))) is stops


@pytest.mark.parametrize(
    ("links", "changed", "stops"), [(3, 3, False), (4, 3, False), (4, 4, True), (5000, 4999, False), (5000, 5000, True)]
)
def test_every_record_changed_though_nothing_is_overwritten(links: int, changed: int, stops: bool) -> None:
    assert bool(brake(Impact(links, 0, 0, changed))) is stops


def test_nothing_to_do_stops_nothing() -> None:
    assert [brake(Impact(links, 0, 0, 0)) for links in range(10)] == [""] * 10


def test_the_reason_has_the_numbers_an_admin_looks_for() -> None:
    assert brake(Impact(300, 25, 7, 40)) == "It would overwrite 25 and end 7 of 300 links"
    assert "every one of the 12 links" in brake(Impact(12, 7, 5, 12))
    assert "12 linked contacts" in brake(Impact(12, 0, 0, 12))


@given(COUNT, COUNT, COUNT, COUNT, st.sampled_from(["overwritten", "ended", "changed"]))
def test_more_of_anything_never_lets_it_go(links: int, overwritten: int, ended: int, changed: int, which: str) -> None:
    before = {"overwritten": overwritten, "ended": ended, "changed": changed}
    if brake(Impact(links, **before)):
        assert brake(Impact(links, **{**before, which: before[which] + 1}))
