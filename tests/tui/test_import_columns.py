"""Columns that the import does not know by name are mapped by hand, on the screen as on the command line."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from tests.tui.conftest import Desk
from tests.tui.driving import Screens
from xerosync_tui.errors import UsageError
from xerosync_tui.services import contacts
from xerosync_tui.tui.screens.importing import _as_typed, _mapping

CSV = """\
Who,"Mail, work",Remarks
Aardvark Plumbing,office@aardvark.example,Prospect
"""


async def fill(screens: Screens, line: str, words: str) -> None:
    screens.app.screen.query_one(line, Input).value = words
    await screens.press("enter")


async def test_columns_are_mapped_and_the_import_follows_them(desk: Desk) -> None:
    file = desk.home.parent / "export.csv"
    file.write_text(CSV, encoding="utf-8")
    async with desk.at("fresh") as screens:
        await screens.press("4", "i")
        await screens.until("The path of")
        await fill(screens, "#path", str(file))
        await screens.until("no column holds a name")
        await screens.until("COLUMN=name")
        await fill(screens, "#columns", "Who=title")
        await screens.until("there is no field 'title'")
        await fill(screens, "#columns", 'Who=name, "Mail, work=email"')
        await screens.until("Columns: Who = name, Mail, work = email")
        await screens.press("m")
        await screens.until("Fields: ")
        assert screens.app.screen.query_one("#columns", Input).value == 'Who=name, "Mail, work=email"'
        await fill(screens, "#columns", 'Who=name, "Mail, work=email", Remarks=contact_type')
        await screens.until("Remarks = contact_type")
        await screens.press("m", "escape", "y")
        await screens.until("Imported")
        ((made, _),) = await contacts.listed(screens.app.program, "Aardvark Plumbing")
        assert (made.contact.email, made.contact_type) == ("office@aardvark.example", "Prospect")


@pytest.mark.parametrize(
    ("typed", "mapping"),
    [
        ("", {}),
        (" , ", {}),
        ("Who = name,Tel=phone", {"Who": "name", "Tel": "phone"}),
        ('"a, ""b""=name"', {'a, "b"': "name"}),
        ("a=b=name", {"a=b": "name"}),
    ],
)
def test_pairs_are_read_as_they_are_shown_again(typed: str, mapping: dict[str, str]) -> None:
    assert _mapping(typed) == _mapping(_as_typed(mapping)) == mapping


@pytest.mark.parametrize("typed", ["Who", "=name", "Who=", "a=name, a=phone"])
def test_what_is_no_pair_is_said(typed: str) -> None:
    with pytest.raises(UsageError):
        _mapping(typed)
