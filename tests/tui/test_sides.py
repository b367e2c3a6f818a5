"""What is marked in a value: the words, or of words much alike the letters, that the other side does not have."""

from __future__ import annotations

import pytest

from xerosync_tui.domain.contact import Contact, Field
from xerosync_tui.tui.widgets.sides import marked, record_sides


def parts(mine: str, theirs: str) -> list[str]:
    found = marked(mine, theirs)
    assert found.plain == mine
    return [found.plain[span.start : span.end] for span in found.spans]


@pytest.mark.parametrize(
    ("mine", "theirs", "differs"),
    [
        ("James Morgan", "Josh Morgan", ["James"]),
        ("Smith Pty Ltd", "Smyth Pty Ltd", ["i"]),
        ("02 9000 1111", "02 9000 1112", ["1"]),
        ("accounts@bayside.example", "account@bayside.example", ["s"]),
        (
            "account@bayside.example",
            "accounts@bayside.example",
            ["account@bayside.example"],
        ),  # what it lacks has no place
        ("The Bayside Club", "Bayside Club", ["The"]),
        ("Bayside Club", "The Bayside Club", []),
        ("BAYSIDE CLUB", "Bayside Club", []),
        ("Straße 7", "Strasse 7", []),
        ("Weiß", "Weisz", ["Weiß"]),  # folded, its letters have other places
        ("ab", "", ["ab"]),
    ],
)
def test_what_differs_is_marked_and_no_more(mine: str, theirs: str, differs: list[str]) -> None:
    assert parts(mine, theirs) == differs


def test_equal_is_equal_however_it_is_spelled() -> None:
    """The sign says so, and marks would say the contrary."""
    xero = Contact(name="Bayside Club", phone="+61 8 5550 5820")
    karbon = Contact(name="Baysyde Club", phone="(08) 5550 5820")
    changes = {Field.NAME: (karbon.name, xero.name)}
    for side in record_sides(xero, karbon, changes, [], []):
        named, phone = (next(line for line in side(40) if word in line.plain) for word in ("Club", "5820"))
        assert "underline" in str(named.spans) and "underline" not in str(phone.spans)


def test_what_looks_like_markup_is_only_text() -> None:
    assert parts("Smith [/] Co", "Smith [b] Co") == ["/"]
