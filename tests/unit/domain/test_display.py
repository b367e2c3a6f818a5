"""What ``clean`` lets through is harmless, whatever came in; columns stay straight."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync_tui.domain.display import clean, column, drawn, fitted, in_ascii, width

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
    assert width(column(clean(text), room)) == room
    if width(drawn(clean(text))) <= room:
        assert shown.rstrip(" ") == drawn(clean(text)).rstrip(" \u200e")


@given(ANYTHING)
def test_drawing_twice_changes_nothing_more(text: str) -> None:
    once = drawn(clean(text))
    assert drawn(once) == once


@pytest.mark.parametrize(
    ("text", "shown", "cells"),
    [
        ("👨\u200d👩\u200d👧 Ltd", "👨👩👧 Ltd", 10),
        ("👍🏽", "👍", 2),
        ("❤\ufe0f", "❤", 1),
        ("🇦🇺 Imports", "AU Imports", 10),
        ("e\u0301", "e\u0301", 1),
        ("日本語", "日本語", 6),
        ("\u1112\u1161\u11ab", "\u1112\u1161\u11ab", 2),
    ],
)
def test_what_terminals_measure_differently_is_drawn_as_its_parts(text: str, shown: str, cells: int) -> None:
    assert drawn(text) == shown
    assert width(shown) == cells


@pytest.mark.parametrize("name", ["שלום", "مرحبا", "a שלום 12"])
def test_right_to_left_text_ends_before_its_column_does(name: str) -> None:
    """A terminal that turns text round would take the blanks and the next column along."""
    assert column(name, 12).rstrip(" ") == f"{fitted(name, 12)}\u200e"
    assert drawn(name) == f"{name}\u200e"


@pytest.mark.parametrize(
    ("text", "cells"),
    [("", 0), ("abc", 3), ("山田", 4), ("e\u0301", 1), ("ｆ", 2), ("한국", 4), ("a\u200db", 2), ("…", 1)],
)
def test_cells(text: str, cells: int) -> None:
    assert width(text) == cells


def test_wide_text_is_cut_between_characters() -> None:
    assert fitted("山田商事", 6) == "山田… "
    assert fitted("山田商事", 5) == "山田…"


@given(ANYTHING)
def test_in_ascii_everything_is_ascii_and_as_wide_as_before(text: str) -> None:
    shown = drawn(clean(text))
    assert in_ascii(shown).isascii()
    assert len(in_ascii(shown)) == width(shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("▸ ● ○ ◐ ✓ ≠ …", "> * o @ v # ~"),
        ("▕███░░▏ 48 of 60", "[###..] 48 of 60"),
        ("▁▂▃▄▅▆▇█", "_.:-=+*#"),
        ("╭─ Xero ─╮│", "+- Xero -+|"),
        ("Müller, 日本, e\u0301", "M?ller, ????, e"),
        ("Zoë or Zoe", "Zo? or Zoe"),  # names that differ never look the same
    ],
)
def test_stand_ins(text: str, shown: str) -> None:
    assert in_ascii(text) == shown
