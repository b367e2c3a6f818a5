"""New names where names are unique: nobody before the holder of the wanted name; rings are found (engine.md 2.4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xerosync_tui.domain.renames import Order, Rename, in_order

Renames = dict[str, Rename]


def renames(**names: str) -> Renames:
    """By id, ``held>wanted``."""
    return {id: Rename(*text.split(">")) for id, text in names.items()}


@st.composite
def some_renames(draw: Callable[[Any], Any], repeated: bool = False) -> Renames:
    """Contacts among which each name is held once; ``repeated``: perhaps more often, as before a first clean-up."""
    ids = draw(st.lists(st.sampled_from("abcdefghij"), unique=True))
    names = st.sampled_from(["", *"ABCDEFGHIJKL"])
    held: dict[str, str] = {}
    for id in ids:
        name = draw(names)
        held[id] = name if repeated or name not in held.values() else ""
    return {id: Rename(held[id], draw(names)) for id in ids}


def shuffled(of: st.SearchStrategy[Renames]) -> st.SearchStrategy[tuple[Renames, Renames]]:
    return of.flatmap(lambda one: st.permutations(list(one.items())).map(lambda rows: (one, dict(rows))))


def rank(order: Order) -> dict[str, int]:
    """When each goes: rings first, all at once, then wave after wave."""
    ringed = {one: -1 for ring in order.cycles for one in ring}
    return {**ringed, **{one: place for place, wave in enumerate(order.waves) for one in wave}}


@pytest.mark.parametrize(
    ("given", "waves", "cycles"),
    [
        ({}, [], []),
        ({"a": "A>"}, [["a"]], []),
        ({"a": "A>B"}, [["a"]], []),
        ({"a": "A>A"}, [["a"]], []),  # its case alone
        ({"a": "A>B", "b": ">"}, [["a", "b"]], []),
        ({"a": "A>B", "b": "B>C"}, [["b"], ["a"]], []),
        ({"a": "A>B", "b": "B>C", "c": "C>D"}, [["c"], ["b"], ["a"]], []),
        ({"a": "A>B", "b": "B>A"}, [], [["a", "b"]]),
        ({"a": "A>B", "b": "B>C", "c": "C>A"}, [], [["a", "b", "c"]]),
        ({"a": "A>C", "c": "C>B", "b": "B>A"}, [], [["a", "c", "b"]]),
        ({"a": "A>B", "b": "B>A", "c": "C>A"}, [["c"]], [["a", "b"]]),
        ({"a": "A>B", "b": "B>A", "c": "C>A", "d": "D>C"}, [["c"], ["d"]], [["a", "b"]]),
        ({"a": "A>B", "b": "B>A", "c": "C>D", "d": "D>C"}, [], [["a", "b"], ["c", "d"]]),
        ({"c": "C>B", "a": "A>C", "b": "B>C"}, [["a"]], [["c", "b"]]),
        ({"a": "A>C", "b": "B>C", "c": "C>D"}, [["c"], ["a", "b"]], []),  # both want it: the ledger refuses one
    ],
)
def test_the_order(given: dict[str, str], waves: list[list[str]], cycles: list[list[str]]) -> None:
    order = in_order(renames(**given))
    assert [list(wave) for wave in order.waves] == waves
    assert [list(ring) for ring in order.cycles] == cycles


@given(some_renames(repeated=True))
def test_everybody_goes_once(given: Renames) -> None:
    order = in_order(given)
    going = [one for group in (*order.waves, *order.cycles) for one in group]
    assert sorted(going) == sorted(given)
    assert all(order.waves) and all(len(ring) > 1 for ring in order.cycles)


@given(some_renames())
@example(renames(a="A>B", b="B>A", c="C>A", d="D>C", e="E>D"))
def test_nobody_goes_before_or_with_the_holder_of_the_wanted_name(given: Renames) -> None:
    order = in_order(given)
    when = rank(order)
    holders = {rename.held: one for one, rename in given.items() if rename.held}
    for wave in order.waves:
        for one in wave:
            holder = holders.get(given[one].wanted, one)
            assert holder == one or when[holder] < when[one]


@given(some_renames())
def test_in_a_ring_each_wants_the_name_of_the_next(given: Renames) -> None:
    for ring in in_order(given).cycles:
        for one, after in zip(ring, [*ring[1:], ring[0]], strict=True):
            assert given[one].wanted == given[after].held


@given(some_renames())
def test_every_ring_is_found(given: Renames) -> None:
    """Whoever comes back to itself by asking who holds the wanted name is in one."""
    holders = {rename.held: one for one, rename in given.items() if rename.held}
    order = in_order(given)
    for start in given:
        one: str | None = start
        for _ in given:
            one = holders.get(given[one].wanted) if one is not None else None
            if one == start:
                break
        own = given[start].held and given[start].held == given[start].wanted
        assert (start in [x for ring in order.cycles for x in ring]) is (one == start and not own)


@given(shuffled(some_renames(repeated=True)))
def test_the_order_of_the_rows_does_not_matter(given: tuple[Renames, Renames]) -> None:
    one, other = given
    assert in_order(one) == in_order(other)


@given(some_renames())
def test_carried_out_in_that_order_no_name_is_held_twice(given: Renames) -> None:
    """Rings with a first member that steps aside, then one after the other. Who wants nothing is in nobody's way."""
    wanted = [rename.wanted for rename in given.values()]
    given = {one: r if r.wanted and wanted.count(r.wanted) == 1 else Rename("", "") for one, r in given.items()}
    order, holds = in_order(given), {one: rename.held for one, rename in given.items()}

    def take(one: str, name: str) -> None:
        holders = [other for other, held in holds.items() if held == name and other != one]
        assert not holders, (one, name, holders)
        holds[one] = name

    for ring in order.cycles:
        take(ring[0], "aside")
        for one in (*reversed(ring[1:]), ring[0]):
            take(one, given[one].wanted)
    for wave in order.waves:
        for one in wave:
            if given[one].wanted:
                take(one, given[one].wanted)
    assert holds == expected(given)


def expected(given: Mapping[str, Rename]) -> dict[str, str]:
    return {one: rename.wanted or rename.held for one, rename in given.items()}


def test_a_chain_of_thousands_is_one_order() -> None:
    """As after an import that shifted a column by a row."""
    chain = {f"{n:05}": Rename(f"name {n}", f"name {n + 1}") for n in range(5000)}
    order = in_order(chain)
    assert [list(wave) for wave in order.waves] == [[f"{n:05}"] for n in reversed(range(5000))]
    ring = {**chain, "04999": Rename("name 4999", "name 0")}
    assert [len(one) for one in in_order(ring).cycles] == [5000]
