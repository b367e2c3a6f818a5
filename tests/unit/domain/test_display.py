"""What ``clean`` lets through is harmless, whatever came in; columns stay straight."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync_tui.domain.display import clean, fitted, width

ANYTHING = st.text(st.characters(codec=None) | st.sampled_from("\x1b\x07\x9b\u202e\u2028\u2066\u200d\ud800\x85\n"))
HARMFUL = {"Cc", "Cs", "Zl", "Zp", "Co"}


@given(ANYTHING)
def test_nothing_a_terminal_obeys_comes_through(text: str) -> None:
    shown = clean(text)
    for character in shown:
        category = unicodedata.category(character)
        assert category not in HARMFUL
        assert category != "Cf" or character in "\u200c\u200d"
        assert unicodedata.bidirectional(character) not in {
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        }
    shown.encode()  # no surrogate
    assert len(shown.splitlines()) <= 1
    assert clean(shown) == shown


@given(st.text(st.characters(categories=["L", "N", "P", "S", "M"])))
def test_letters_of_every_script_stay_as_they_are(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "␛[31m"),
        ("\x1b]52;c;QQ==\x07", "␛]52;c;QQ==␇"),
        ("a\r\nb\tc\x0bd", "a  b c d"),
        ("a\u2028b\u2029c\x85d\u00a0e", "a b c d e"),
        ("\x7f\x9b", "\ufffd\ufffd"),
        ("\u202egnp.exe", "\ufffdgnp.exe"),
        ("\u200bx\ufeff", "\ufffdx\ufffd"),
        ("\ud83d", "\ufffd"),
        ("Donau\u00addampf", "Donaudampf"),
        ("נעמי \u200d عمر", "נעמי \u200d عمر"),
        ("👩\u200d👧", "👩\u200d👧"),
        (None, "None"),
        (12.5, "12.5"),
    ],
)
def test_how_it_is_shown(text: object, shown: str) -> None:
    assert clean(text) == shown


@given(ANYTHING, st.integers(1, 40))
def test_a_fitted_text_takes_exactly_its_room(text: str, room: int) -> None:
    shown = fitted(clean(text), room)
    assert width(shown) == room
    if width(clean(text)) <= room:
        assert shown.rstrip(" ") == clean(text).rstrip(" ")


@pytest.mark.parametrize(
    ("text", "cells"),
    [("", 0), ("abc", 3), ("山田", 4), ("e\u0301", 1), ("ｆ", 2), ("한국", 4), ("a\u200db", 2), ("…", 1)],
)
def test_cells(text: str, cells: int) -> None:
    assert width(text) == cells


def test_wide_text_is_cut_between_characters() -> None:
    assert fitted("山田商事", 6) == "山田… "
    assert fitted("山田商事", 5) == "山田…"
