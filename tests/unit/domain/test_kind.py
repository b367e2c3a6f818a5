"""Person or organization: the order of the rules, and the names at their edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.kind import KindGuess, guess_kind


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Harbour Pty Ltd", "ends in Pty Ltd"),
        ("HARBOUR PTY. LTD.", "ends in PTY. LTD."),
        ("Harbour (Pty) Ltd", "ends in (Pty) Ltd"),
        ("Jane Smith Limited", "ends in Limited"),
        ("Dr Jane Smith Inc.", "ends in Inc."),
        ("Nordwind GmbH", "ends in GmbH"),
        ("Smith & Co", "ends in & Co"),
        ("Lindt AG", "ends in AG"),
        ("J Smith Plumbing", 'has the word "Plumbing"'),
        ("The Smith Family Trust", 'has the word "Trust"'),
        ("The Corner", "begins with The"),
        ("Smith Family Trust", 'has the word "Trust"'),
        ("Smith Super Fund", 'has the word "Fund"'),
        ("Jane Smith t/as Bloom", 'has the word "t/as"'),
        ("Smith Holdings, Sydney", 'has the word "Holdings"'),
        ("Te Rūnanga o Ngāi Tahu", 'has the word "Rūnanga"'),
        ("John & Mary Smith", 'two names joined by "&"'),
        ("Smith and Jones", 'two names joined by "and"'),
        ("Jim's Mowing", 'has the word "Mowing"'),
        ("Jim's Place", "nothing says that it is a person"),
        ("7 Eleven", "nothing says that it is a person"),
        ("Qantas", "nothing says that it is a person"),
        ("", "nothing says that it is a person"),
    ],
)
def test_organization_by_name(name: str, reason: str) -> None:
    guess = guess_kind(name)
    assert (guess.kind, guess.reason) == (Kind.ORGANIZATION, reason)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Mr Smith", "begins with Mr"),
        ("Dr. Jane Smith", "begins with Dr."),
        ("Jane Smith", "2 capitalised words and no company word"),
        ("JANE SMITH", "2 capitalised words and no company word"),
        ("Smith, Jane", "2 capitalised words and no company word"),
        ("Jane M. O'Brien-Smith", "3 capitalised words and no company word"),
        ("Ludwig van Beethoven", "2 capitalised words and no company word"),
        ("José Núñez", "2 capitalised words and no company word"),
        ("Maria Sa", "2 capitalised words and no company word"),
    ],
)
def test_person_by_name(name: str, reason: str) -> None:
    guess = guess_kind(name)
    assert (guess.kind, guess.reason) == (Kind.PERSON, reason)


@pytest.mark.parametrize("name", ["Jane Smith", "Jim's Place", "Smith & Jones", "The Corner"])
def test_what_a_name_only_looks_like_is_not_certain(name: str) -> None:
    assert not guess_kind(name).certain


@pytest.mark.parametrize("name", ["Harbour Pty Ltd", "Harbour Plumbing", "Mrs Smith"])
def test_what_a_name_says_is_certain(name: str) -> None:
    assert guess_kind(name).certain


@pytest.mark.parametrize(
    ("first", "last", "kind", "certain"),
    [
        ("Grace", "Trust", Kind.PERSON, True),
        ("trust", "GRACE", Kind.PERSON, True),
        ("Bob", "Jones", Kind.ORGANIZATION, True),  # the contact person of the firm
        ("Grace", "", Kind.ORGANIZATION, True),
    ],
)
def test_first_and_last_name_count_only_as_the_name(first: str, last: str, kind: Kind, certain: bool) -> None:
    guess = guess_kind("Grace Trust", first, last)
    assert (guess.kind, guess.certain) == (kind, certain)


def test_last_comma_first_is_first_and_last_name() -> None:
    guess = guess_kind("Smith, Jane", "Jane", "Smith")
    assert guess == KindGuess(Kind.PERSON, "the name is last name + first name", certain=True)


def test_a_company_number_outweighs_the_name() -> None:
    guess = guess_kind("Jane Smith", "Jane", "Smith", company_number="123 456 789")
    assert guess == KindGuess(Kind.ORGANIZATION, "has a company number", certain=True)


def test_a_role_mailbox_outweighs_the_look_of_a_name() -> None:
    guess = guess_kind("Bright Path", email="Accounts@brightpath.example.com")
    assert guess == KindGuess(Kind.ORGANIZATION, "the email is accounts@", certain=False)
    assert guess_kind("Mr Smith", email="accounts@example.com").kind is Kind.PERSON


@given(st.text(), st.text(), st.text(), st.text())
def test_every_contact_gets_a_kind_and_a_reason_on_one_line(name: str, first: str, last: str, email: str) -> None:
    guess = guess_kind(name, first, last, email=email)
    assert guess.reason and "\n" not in guess.reason
