"""Full name to parts and back: nothing is lost, and usual names are cut where an admin would cut them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.normalise import same_spelling
from xerosync_tui.domain.person_name import PersonName, split

WORD = st.sampled_from(["Jane", "van", "DER", "de", "Cruz", "Jr.", "III", "SMITH,", "&", "y"])
WORDS = st.lists(WORD).map(" ".join)


@pytest.mark.parametrize(
    ("full", "first", "middle", "last"),
    [
        ("Jane Smith", "Jane", "", "Smith"),
        ("Jane Mary Ann Smith", "Jane", "Mary Ann", "Smith"),
        ("  Jane \n Smith ", "Jane", "", "Smith"),
        ("Madonna", "Madonna", "", ""),
        ("", "", "", ""),
        ("SMITH, Jane", "SMITH,", "", "Jane"),
        ("Jan van der Berg", "Jan", "", "van der Berg"),
        ("Jan Van Der Berg", "Jan", "", "Van Der Berg"),
        ("Maria Elena de la Cruz", "Maria", "Elena", "de la Cruz"),
        ("Van Morrison", "Van", "", "Morrison"),
        ("Al Pacino", "Al", "", "Pacino"),
        ("de la Cruz", "de", "", "la Cruz"),
        ("Robert Downey Jr.", "Robert", "", "Downey Jr."),
        ("John van Dam III", "John", "", "van Dam III"),
        ("John III", "John", "", "III"),
    ],
)
def test_split(full: str, first: str, middle: str, last: str) -> None:
    assert split(full) == PersonName(first, middle, last)


@given(st.text() | WORDS)
def test_the_parts_make_the_name_that_was_typed(full: str) -> None:
    assert same_spelling(Field.NAME, split(full).full, full)


@given(st.text() | WORDS)
def test_splitting_again_gives_the_same_parts(full: str) -> None:
    assert split(split(full).full) == split(full)


@given(st.text() | WORDS)
def test_a_name_of_two_words_has_a_first_and_a_last_name(full: str) -> None:
    name = split(full)
    assert bool(name.first and name.last) == (len(full.split()) > 1)
