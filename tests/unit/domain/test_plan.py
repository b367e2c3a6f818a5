"""What the first link writes (engine.md 2.3, the rows without a base), and what a plan's digest covers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records import ADDRESS, karbon, xero
from xerosync_tui.domain.contact import NO_CONTACT, Address, Contact, Field, Kind, Value
from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.plan import PlannedRow, first_link, plan_link, plan_new

ELSEWHERE = replace(ADDRESS, city="Perth")
VALUES: dict[Field, tuple[Value, Value]] = {  # two values that differ
    Field.NAME: ("Acme", "Acme Ltd"),
    Field.EMAIL: ("a@acme.example", "b@acme.example"),
    Field.PHONE: ("02 5550 1234", "02 5550 9999"),
    Field.ADDRESS: (ADDRESS, ELSEWHERE),
}
SPELLINGS: dict[Field, tuple[Value, Value]] = {  # two spellings of one value
    Field.NAME: ("Acme’s  Café", "ACME'S café"),
    Field.EMAIL: ("Accounts@Acme.example", "mailto:accounts@acme.EXAMPLE"),
    Field.PHONE: ("02 5550 1234", "+61 (2) 5550-1234"),
    Field.ADDRESS: (ADDRESS, replace(ADDRESS, country="AU", city="PARRAMATTA")),
}
BLANKS: dict[Field, list[Value]] = {
    Field.EMAIL: ["", " ", "\u200b"],
    Field.PHONE: ["", " ", "-", "\t"],
    Field.ADDRESS: [Address(), Address(line1=" "), Address(city="\u200b", country="  ")],
}
FILLED_AND_BLANK = [(field, blank) for field, blanks in BLANKS.items() for blank in blanks]


def of(field: Field, value: Value) -> Contact:
    return Contact(name="Acme").with_values({field: value})


@pytest.mark.parametrize("field", Field)
def test_both_filled_and_different_xero_wins(field: Field) -> None:
    ours, theirs = VALUES[field]
    link = first_link(of(field, ours), of(field, theirs), "AU")

    assert link.karbon_writes == {field: ours}
    assert link.overwritten(of(field, theirs)) == {field: theirs}
    assert not link.only_karbon


@pytest.mark.parametrize("field", Field)
@pytest.mark.parametrize("turned", [False, True])
def test_equal_by_key_writes_nothing(field: Field, turned: bool) -> None:
    ours, theirs = SPELLINGS[field][::-1] if turned else SPELLINGS[field]
    link = first_link(of(field, ours), of(field, theirs), "AU")

    assert (dict(link.karbon_writes), link.only_karbon) == ({}, ())


@pytest.mark.parametrize(("field", "blank"), FILLED_AND_BLANK)
def test_only_xero_filled_fills_karbon(field: Field, blank: Value) -> None:
    ours = VALUES[field][0]
    link = first_link(of(field, ours), of(field, blank), "AU")

    assert link.karbon_writes == {field: ours}
    assert not link.only_karbon


@pytest.mark.parametrize(("field", "blank"), FILLED_AND_BLANK)
def test_only_karbon_filled_is_counted_and_never_erased(field: Field, blank: Value) -> None:
    link = first_link(of(field, blank), of(field, VALUES[field][0]), "AU")

    assert (dict(link.karbon_writes), link.only_karbon) == ({}, (field,))


@pytest.mark.parametrize("theirs", [ADDRESS, Address(city="Perth")])
def test_a_mere_country_overwrites_no_address(theirs: Address) -> None:
    link = first_link(of(Field.ADDRESS, Address(country="Australia")), of(Field.ADDRESS, theirs), "AU")
    assert (dict(link.karbon_writes), link.only_karbon) == ({}, (Field.ADDRESS,))


def test_two_mere_countries_say_nothing() -> None:
    link = first_link(of(Field.ADDRESS, Address(country="AU")), of(Field.ADDRESS, Address(country="NZ")), "AU")
    assert (dict(link.karbon_writes), link.only_karbon) == ({}, ())


def test_both_empty_is_agreement() -> None:
    link = first_link(NO_CONTACT, NO_CONTACT, "AU")
    assert (dict(link.karbon_writes), link.only_karbon) == ({}, ())


def test_the_organisations_country_says_what_a_phone_is() -> None:
    australian, british = of(Field.PHONE, "020 7946 0000"), of(Field.PHONE, "+44 20 7946 0000")
    assert not first_link(australian, british, "GB").karbon_writes
    assert first_link(australian, british, "AU").karbon_writes


texts = st.sampled_from(
    ["", " ", "a", "A", "b", "a@x.co", "A@X.CO", "b@x.co", "02 5550 1234", "+61255501234", "é", "-"]
)
contacts = st.builds(
    Contact,
    texts,
    texts,
    texts,
    st.builds(Address, line1=texts, city=texts, country=st.sampled_from(["", "AU", "Australia", "NZ"])),
)


@given(contacts, contacts)
def test_after_the_first_link_a_second_has_nothing_to_do(ours: Contact, theirs: Contact) -> None:
    link = first_link(ours, theirs, "AU")
    written = theirs.with_values(dict(link.karbon_writes))

    assert not first_link(ours, written, "AU").karbon_writes
    assert set(link.karbon_writes).isdisjoint(link.only_karbon)
    assert all(written.value(field) == theirs.value(field) for field in link.only_karbon)
    assert all(written.value(field) for field in Field if theirs.value(field))


X = xero("x1", email="a@acme.example", phone="02 5550 1234")
K = karbon("k1", email="a@acme.example", phone="02 5550 9999")


def planned() -> PlannedRow:
    return plan_link(Verdict.FULL_MATCH, X, K, "AU")


def test_a_planned_link_says_what_it_changes() -> None:
    assert planned().changes == {Field.PHONE: ("02 5550 9999", "02 5550 1234")}
    assert plan_new(X).changes == {}


@pytest.mark.parametrize(
    "other",
    [
        plan_link(Verdict.CONFLICT, X, K, "AU"),
        plan_link(Verdict.FULL_MATCH, replace(X, id="x2"), K, "AU"),
        plan_link(Verdict.FULL_MATCH, X, replace(K, key="k2"), "AU"),
        plan_link(Verdict.FULL_MATCH, replace(X, contact=replace(X.contact, phone="02 5550 1111")), K, "AU"),
        plan_link(Verdict.FULL_MATCH, X, replace(K, contact=replace(K.contact, phone="02 5550 8888")), "AU"),
        plan_link(Verdict.FULL_MATCH, X, replace(K, contact=replace(K.contact, address=ADDRESS)), "AU"),
        plan_new(X),
    ],
)
def test_a_digest_changes_with_what_would_be_done_and_what_it_rests_on(other: PlannedRow) -> None:
    assert other.digest != planned().digest


def test_a_digest_changes_with_the_kind_of_record_to_make() -> None:
    company = replace(X, company_number="123 456 789")
    person = replace(X, contact=replace(X.contact, name="Jane Smith"), first_name="Jane", last_name="Smith")
    guesses = [plan_new(person).guess, plan_new(replace(person, company_number="1")).guess]

    assert [guess.kind for guess in guesses if guess] == [Kind.PERSON, Kind.ORGANIZATION]
    assert plan_new(person).digest != plan_new(replace(person, company_number="1")).digest
    assert plan_new(company).digest == plan_new(replace(company, updated=5)).digest


def test_a_digest_ignores_what_does_not_matter() -> None:
    same = plan_link(Verdict.FULL_MATCH, replace(X, updated=9, is_customer=True), replace(K, version=7), "AU")
    assert same.digest == planned().digest


def test_a_digest_takes_any_text() -> None:
    assert plan_new(xero("x", "a\x00b\n🙂 שלום")).digest
