"""How much two contacts are alike, and what is said about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xerosync_tui.domain.contact import Contact
from xerosync_tui.domain.forms import blocks_of, form_of
from xerosync_tui.domain.suggest import SHOWN, STRONG, explain

SMITH = Contact("John Smith")


def why(a: Contact, b: Contact) -> tuple[str, ...]:
    return explain(a, b).reasons


@pytest.mark.parametrize(
    ("name", "other", "said"),
    [
        ("Acme Pty Ltd", "ACME", ("Pty Ltd dropped",)),
        ("Acme", "Acme Limited", ("Limited added",)),
        ("Acme Ltd", "Acme Limited", ("Limited for Ltd",)),
        ("Acme P/L", "Acme Pty Ltd", ("punctuation apart",)),
        ("Acme Limifed", "Acme Ltd", ("Ltd for Limifed",)),
        ("Smith & Sons", "Smith and Sons", ("punctuation apart",)),
        ("Müller", "Muller", ("accents apart",)),
        ("SMITH, John", "John Smith", ("last name first",)),
        ("Plumbing Kestrel", "Kestrel Plumbing", ("words in another order",)),
        ("J. Smith", "John Smith", ("initial for first name",)),
        ("EM Bailey", "Emma Miranda Bailey", ("initial for first name",)),
        ("Bob Smith", "Robert Smith", ("Robert for Bob",)),
        ("Bronwyn Dxion", "Bronwyn Dixon", ("“dixon” for “dxion”",)),
        ("Kestrel Design Plumbing", "Kestrel Plumbing", ("without “design”",)),
        ("Kestrel Plumbing", "Kestrel Design Plumbing", ("with “design”",)),
        ("Mr John Smith", "John Smith", ("Mr dropped",)),
        ("Jo Jones T/A Kestrel Plumbing", "Kestrel Plumbing", ("one of two names",)),
        ("ATF Accountants", "ATF Accountants Pty Ltd", ("Pty Ltd added",)),
        ("john smith", "John Smith", ("same name",)),
    ],
)
def test_what_differs_is_said_and_shown(name: str, other: str, said: tuple[str, ...]) -> None:
    found = explain(Contact(name), Contact(other))
    assert found.reasons == said
    assert SHOWN <= found.score <= 1 < STRONG  # a name alone is never strong


@pytest.mark.parametrize(
    ("email", "other", "said"),
    [
        ("a@acme.example", "A@ACME.example", "same email"),
        ("a@acme.example", "info@acme.example", "same email domain"),
        ("j.smith@gmail.com", "jsmith+x@gmail.com", "same email but for dots or a tag"),
        ("j.smith@gmail.com", "j.smith@outlook.com", "same mailbox elsewhere"),
        ("brett.bowen@acme.example", "bret.bowen@acmee.example", "email alike"),
    ],
)
def test_an_address_beside_the_name_makes_it_strong(email: str, other: str, said: str) -> None:
    found = explain(Contact("John Smith", email), Contact("John Smith", other))
    assert found.reasons == (said, "same name")
    assert found.strong and found.mark == "strong" and str(found).startswith(f"strong: {said}")


@pytest.mark.parametrize(
    ("email", "other"),
    [
        ("jo@gmail.com", "kim@gmail.com"),  # everybody's domain
        ("info@acme.example", "info@zenith.example"),  # everybody's mailbox
        ("", ""),
        ("not an address", "not an address"),
    ],
)
def test_what_everybody_has_is_no_evidence(email: str, other: str) -> None:
    assert why(Contact("John Smith", email), Contact("John Smith", other)) == ("same name",)
    assert explain(Contact("John Smith", email), Contact("John Smith", other)).score == 1


@pytest.mark.parametrize("name", ["Joan Smyth-Bailey", "Smith Plumbing", "K. Smith", "", "Kestrel", "J"])
def test_who_is_hardly_alike_is_not_shown(name: str) -> None:
    assert explain(Contact(name), SMITH).score < SHOWN


def test_one_address_is_shown_whatever_the_names_are_and_is_weak() -> None:
    found = explain(Contact("Acme", "office@acme.example"), Contact("John Smith", "office@acme.example"))
    assert (found.score, str(found)) == (SHOWN, "weak: same email, another name")


def test_the_nearer_one_comes_first() -> None:
    nearer = [
        ("Kelly C. Jackson", "Kelly Chloe Jackson", "Kelly Jackson"),
        ("J. Smith", "John Smith", "Karl Smith"),
        ("Acme Pty Ltd", "Acme Pty Ltd", "Acme Inc"),
        ("Shelfjord Kitchens", "Adelaide Shelfjord Kitchens", "Ashfjord Kitchens"),
        ("S. Swan", "Susan Swan", "Swan Seafood"),
    ]
    for name, right, wrong in nearer:
        assert explain(Contact(name), Contact(right)).score > explain(Contact(name), Contact(wrong)).score, name


TEXT = st.text(max_size=30) | st.from_regex(
    r"[A-Z][a-z]{1,6} ([A-Z]\. )?(T/A )?[A-Z][a-z]{1,8}( Pty Ltd)?", fullmatch=True
)


@given(TEXT, TEXT, TEXT, TEXT)
def test_any_text_has_a_likeness_within_bounds_either_way(a: str, b: str, c: str, d: str) -> None:
    one, other = Contact(a, b), Contact(c, d)
    there, back = explain(one, other).score, explain(other, one).score
    assert 0 <= there <= 1.45 and 0 <= back <= 1.45
    assert abs(there - back) < 0.25  # which of two words is taken first may differ


@given(TEXT, TEXT)
def test_a_contact_is_most_like_itself_and_shares_all_its_blocks(name: str, email: str) -> None:
    form = form_of(name, email)
    assert blocks_of(form) == blocks_of(form_of(name, email))
    whole = 1.0 if form.parts[0] else 0.0
    score = explain(Contact(name, email), Contact(name, email)).score
    assert score == (max(whole + 0.45, SHOWN) if form.email else whole)
