"""Printing: plain tables keep their columns straight, JSON is ASCII, words are what they seem."""

from __future__ import annotations

import json

import pytest

from xerosync_tui.cli import output
from xerosync_tui.domain.display import width
from xerosync_tui.errors import UsageError


def test_columns_stay_straight(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [("山田商事株式会社", "1"), ("Zoe\u0301", "2"), ("\x1b[31mRed", "3"), ("L" * 99, "4"), ("", "5")]
    output.table(("Name", "Key"), rows)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1 + len(rows)
    assert {width(line[:-1]) for line in lines[1:]} == {38}
    assert "\x1b" not in "".join(lines)


def test_a_contact_id_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    contact_id = "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
    output.table(("ContactID",), [(contact_id,)])
    assert contact_id in capsys.readouterr().out


def test_an_empty_table_has_its_headings(capsys: pytest.CaptureFixture[str]) -> None:
    output.table(("Name", "Key"), [])
    assert capsys.readouterr().out == "Name  Key\n"


def test_json_is_ascii(capsys: pytest.CaptureFixture[str]) -> None:
    document = {"name": "Zoé \x1b]52; 山 \u202e"}
    output.as_json(document)
    out = capsys.readouterr().out
    assert out.isascii() and out.isprintable() is False and "\x1b" not in out
    assert json.loads(out) == document


def test_csv_to_a_file_is_as_it_is(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    output.as_csv(("a", "b"), [("x,y", 'say "no"'), ("line\nbreak", "é")])
    expected = 'a,b\n"x,y","say ""no"""\n"line\nbreak",é\n'
    print(end="", flush=True)
    assert capfdbinary.readouterr().out.decode() == expected


@pytest.mark.parametrize("words", [["name"], ["=x"], [""], ["a=1", "a=2"]])
def test_words_that_are_no_pairs(words: list[str]) -> None:
    with pytest.raises(UsageError):
        output.pairs(words)


def test_pairs() -> None:
    assert output.pairs(["a=1", "b=", "c=d=e", "ü=ö"]) == {"a": "1", "b": "", "c": "d=e", "ü": "ö"}


@pytest.mark.parametrize(("milliseconds", "text"), [(None, None), (0, "1970-01-01T00:00:00+00:00")])
def test_moments(milliseconds: int | None, text: str | None) -> None:
    assert output.moment(milliseconds) == text
