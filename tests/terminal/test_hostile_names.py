"""Contact names can hold anything; what reaches a terminal is harmless, and JSON gives it back as it was."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Inside, Office, an_office, organisation
from .shell import Ran, Shell

NAMES = {
    "newlines": "First line\nSecond line\r\nThird",
    "colours": "\x1b[31mRed\x1b[0m Pty Ltd",
    "clipboard": "Clip \x1b]52;c;cm0gLXJmIH4=\x07 Co",
    "c1": "C1 \x9b31m \x90q\x9c \x85 Co",
    "bidi": "Bidi \u202e\u2066gnp.exe\u2069\u200f Co",
    "right to left": "شركة الاختبار المحدودة",
    "separators": "Line\u2028Para\u2029Sep",
    "long": "L" * 255,
    "wide": "山田商事株式会社",
    "combining": "Zoe\u0301 Sa\u0300rl",
    "null": "Nul\x00 Co",
    "tags": "Tag\U000e0041\U000e007f Co",
}
FORBIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp", "Co"}


def assert_harmless(ran: Ran) -> None:
    for line in (ran.out + ran.err).decode().split("\n"):  # strictly UTF-8, and only our own line ends
        bad = [c for c in line if unicodedata.category(c) in FORBIDDEN and c not in "\u200c\u200d"]
        assert not bad, (line, bad)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A connected home after the first sync with a Xero that holds every such name."""
    with an_office(tmp_path_factory.mktemp("hostile"), size=10) as office:
        for n, name in enumerate(NAMES.values()):
            contact = {"Name": f"plain {n}", "EmailAddress": f"n{n}@example.com"}
            made = office.control("edit", op="create", contact=contact)
            office.control("edit", op="raw", id=made["ContactID"], patch={"Name": name})
        contacts = "".join(f"Rival {n},n{n}@example.com\n" for n in (1, 2, 4, 8))
        rivals = tmp_path_factory.mktemp("rivals") / "rivals.csv"
        rivals.write_text("Name,Email\n" + contacts)
        office.shell("import", str(rivals)).well()
        office.shell.connect("--organisation", organisation(office)).well()
        assert_harmless(office.shell("sync", "--preview").well())
        assert_harmless(office.shell("sync", "--yes").well())
        yield office


@pytest.mark.parametrize("words", ["clients", "contacts", "left-out", "issues", "status", "issues --tab failed"])
def test_every_list_is_harmless(hostile: Office, inside: Inside, words: str) -> None:
    ran = inside(hostile.shell, *words.split())
    assert ran.code == 0
    assert_harmless(ran)


def test_json_gives_the_names_back(hostile: Office, inside: Inside) -> None:
    ran = inside(hostile.shell, "clients", "--json").well()
    waiting = inside(hostile.shell, "issues", "--json").well()
    assert ran.out.isascii() and waiting.out.isascii()
    known = {client["name"] for client in ran.json} | {issue["xero"]["name"] for issue in waiting.json}
    assert set(NAMES.values()) - known <= {NAMES["null"]}


def test_decisions_and_errors_about_them_are_harmless(hostile: Office, inside: Inside, tmp_path: Path) -> None:
    shell = hostile.shell.copied(tmp_path / "home")
    issues = {issue["xero"]["name"]: str(issue["id"]) for issue in inside(shell, "issues", "--json").json}
    clipboard, coloured = issues[NAMES["clipboard"]], issues[NAMES["colours"]]
    assert_harmless(inside(shell, "resolve", clipboard, "--match", "--preview").well())
    assert_harmless(inside(shell, "resolve", clipboard, "--match").well())
    assert_harmless(inside(shell, "resolve", clipboard, "--match").failed(2))
    assert_harmless(inside(shell, "resolve", coloured, "--create").well())
    assert_harmless(inside(shell, "undo").well())
    taken = next(
        c for c in inside(shell, "clients", "--json").json if c["name"] == NAMES["bidi"] or "\x1b" in c["name"]
    )
    assert_harmless(inside(shell, "resolve", coloured, "--match", taken["karbon_key"]).failed(2, "belongs to"))
    assert_harmless(inside(shell, "edit", taken["karbon_key"], f"name={NAMES['bidi']}").well())
    assert_harmless(inside(shell, "edit", taken["karbon_key"], f"name={NAMES['clipboard']}").failed(2))
    assert_harmless(inside(shell, "delete", taken["karbon_key"]).well())


def test_an_organisation_with_such_a_name(hostile: Office, tmp_path: Path) -> None:
    """Its name comes with the connection, and is shown by nearly every command."""
    main = next(iter(hostile.server.world.organisations.values()))
    shell = Shell(tmp_path / "home", hostile.shell.environment)
    before, main.name = main.name, "Evil \x1b]52;c;AAAA\x07\n\u202e Co"
    try:
        assert_harmless(shell.connect("--organisation", main.tenant_id))
        assert_harmless(shell("status"))
        assert_harmless(shell("doctor"))
    finally:
        main.name = before
