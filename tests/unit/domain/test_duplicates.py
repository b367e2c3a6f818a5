"""Likely duplicates by what is made of names and addresses."""

from __future__ import annotations

import pytest

from xerosync_tui.domain.duplicates import Alike, Known, found_by_name


def groups(*contacts: tuple[str, str]) -> list[tuple[Alike, tuple[int, ...]]]:
    records = [Known(n, f"c{n}", name, email) for n, (name, email) in enumerate(contacts)]
    return [(kind, rows) for kind, _, rows in found_by_name(records, set())]


@pytest.mark.parametrize("tail", ["-1", " -1", " - 2", " (1)", "(copy)", " copy", " – 12"])
def test_a_tail_behind_somebodys_name(tail: str) -> None:
    assert groups(("Acme Pty Ltd", ""), (f"ACME Pty Ltd{tail}", "")) == [(Alike.TAIL, (0, 1))]


@pytest.mark.parametrize("name", ["Acme - 100", "Unit 1", "Acme-1", "Copy"])
def test_what_looks_like_a_tail_and_is_none(name: str) -> None:
    """A long number is a street's or a year's, and a name that nobody has without the tail is just a name."""
    assert groups(("Zenith", ""), (name, "")) == []


@pytest.mark.parametrize("name", ["Acme", "ACME LIMITED", "The Acme Pty. Ltd.", "Acmé Ltd"])
def test_another_spelling(name: str) -> None:
    assert groups(("Acme Pty Ltd", ""), (name, "")) == [(Alike.SPELLING, (0, 1))]


def test_much_alike_needs_more_than_a_name() -> None:
    assert groups(("Bob Smith", "b@smith.example"), ("Robert Smith", "rob@smith.example")) == [(Alike.ALIKE, (0, 1))]
    assert groups(("Bob Smith", "b@gmail.com"), ("Robert Smith", "rob@gmail.com")) == []
    assert groups(("Bob Smith", ""), ("Robert Smith", "")) == []


def test_nameless_contacts_are_nobodys_duplicates() -> None:
    assert groups(("", "a@b.example"), ("", "c@b.example"), ("  ", "")) == []


def test_those_who_share_the_very_name_are_no_second_group() -> None:
    records = [Known(0, "a", "Acme", ""), Known(1, "b", "ACME", "")]
    assert found_by_name(records, {0, 1}) == []
    assert found_by_name([*records, Known(2, "c", "Acme Ltd", "")], {0, 1}) == [(Alike.SPELLING, "", (0, 1, 2))]
