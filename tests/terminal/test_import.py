"""Bringing in a CSV by command: whatever the file is, one line says so and nothing is half done."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Inside
from .shell import Shell

GOOD = b"Name,Email\nAda Lovelace,ada@example.com\nAcme Pty Ltd,office@acme.example\n"


@pytest.mark.parametrize(
    ("data", "words", "said"),
    [
        (b"", (), "the file is empty"),
        (b"\n\n", (), "the file is empty"),
        ("Name\nJosé\n".encode("latin-1"), (), "is not UTF-8"),
        (b"Name\n" + bytes(range(256)), (), "not"),
        (b"PK\x03\x04xlsx", (), "spreadsheet"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", (), "not"),
        (b"Email,Phone\na@b.example,1\n", (), "no column holds a name"),
        (b'Name,Email\n"Ada,a@b.example\nBob,b@b.example\n', (), "never closed"),
        (b"Name,Name\nA,B\n", (), "two columns are called Name"),
        (GOOD, ("--map", "Nope=name"), "there is no column 'Nope'"),
        (GOOD, ("--map", "Name=nope"), "there is no field 'nope'"),
        (GOOD, ("--map", "Name"), "is not KEY=VALUE"),
        (GOOD, ("--map", "Name=name", "--map", "Name=email"), "given twice"),
        (GOOD, ("--map", "Name=name", "--map", "Email=phone", "--map", "email=phone"), ""),
    ],
    ids=range(14),
)
def test_a_file_that_cannot_be_read(
    empty: Shell, inside: Inside, tmp_path: Path, data: bytes, words: tuple[str, ...], said: str
) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(data)
    ran = inside(empty, "import", str(path), *words).failed(2, said)
    assert ran.said.count("\n") == 1
    assert inside(empty, "contacts", "--json").json == []


def test_a_path_that_is_no_file(empty: Shell, inside: Inside, tmp_path: Path) -> None:
    inside(empty, "import", str(tmp_path / "nothing.csv")).failed(2, "No such file")
    inside(empty, "import", str(tmp_path)).failed(2, "Is a directory")
    inside(empty, "import", "").failed(2)


def test_a_file_name_that_is_not_text(empty: Shell, tmp_path: Path) -> None:
    path = bytes(tmp_path) + b"/\xff\x1b[31m.csv"
    Path(path.decode(errors="surrogateescape")).write_bytes(GOOD)
    assert empty("import", path.decode(errors="surrogateescape")).code == 0
    ran = empty("import", (path + b"x").decode(errors="surrogateescape")).failed(2, "No such file")
    assert b"\x1b" not in ran.err


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"x" * 10_000_000 + b",a@b.example", "10,000,000 characters"),
        (b"\x1b]52;c;AAAA\x07,a@b.example", "control character U+001B"),
        (b",a@b.example", "has no name"),
        (b"\xe2\x80\x8b,a@b.example", "has no name"),
        (b"A,b,c,d", "has 4 cells"),
    ],
    ids=["10 MB", "OSC 52", "blank", "invisible", "too many"],
)
def test_one_bad_row_imports_nothing_unless_left_out(
    empty: Shell, inside: Inside, tmp_path: Path, row: bytes, reason: str
) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(GOOD + row + b"\n")
    ran = inside(empty, "import", str(path)).failed(3, "line 4", reason, "Nothing was imported")
    assert b"\x1b" not in ran.err
    assert len(ran.err) < 1000
    assert inside(empty, "contacts", "--json").json == []
    preview = inside(empty, "import", str(path), "--preview", "--json").well().json
    assert (preview["written"], len(preview["rejected"])) == (False, 1)
    done = inside(empty, "import", str(path), "--skip-bad")
    assert (done.code, b"Line 4" in done.out) == (3, True)
    assert len(inside(empty, "contacts", "--json").json) == 2


def test_importing_twice_adds_nothing(empty: Shell, inside: Inside, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes(GOOD)
    inside(empty, "import", str(path)).well()
    again = inside(empty, "import", str(path), "--json").well().json
    assert (again["people"], again["organizations"], again["present"]) == (0, 0, 2)


def test_columns_can_be_mapped(empty: Shell, inside: Inside, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes("Mandant;Post\nÄrzte GmbH;info@aerzte.example\n".encode())
    inside(empty, "import", str(path), "--map", "Mandant=name", "--map", "Post=email").well()
    (one,) = inside(empty, "contacts", "--json").json
    assert (one["name"], one["email"]) == ("Ärzte GmbH", "info@aerzte.example")
