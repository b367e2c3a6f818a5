"""Two kinds of equal: what is one client, what is an edit, and that no text from outside breaks either."""

from __future__ import annotations

import subprocess
import sys
from unicodedata import is_normalized

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xerosync_tui.domain.contact import NO_ADDRESS, Address, Field, Value
from xerosync_tui.domain.normalise import (
    address_key,
    email_key,
    name_key,
    phone_key,
    same_key,
    same_spelling,
    spelling,
)

# Any code point, lone surrogates included; and the ones that fold, join or vanish, close together.
ANY_TEXT = st.text(st.characters(exclude_categories=()))
TRICKY = st.text(" \t\n\u00a0\u200b\u200d\u00ad\u0345\u0301\u0130ıǰŉßẞſKﬁ½\u1fb7ΣςσÅ가각ᄀ’–@.<>,;:aB")
TEXT = ANY_TEXT | TRICKY
ASCII = st.text(st.characters(max_codepoint=127))
EMAILISH = st.from_regex(r"[ <]?(mailto:)?[a-zA-Z.ß’+]{0,4}@[a-zA-Zü.ß。_-]{0,9}[>,; ]{0,2}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("  Jane \u00a0 Smith\r\n", "Jane Smith"),
        ("Jane\nSmith", "Jane Smith"),
        ("Ja\u200bne\ufeff Smith\u202c", "Jane Smith"),
        ("Jose\u0301", "José"),
        ("Ｊａｎｅ", "Jane"),
        (" \u200b ", ""),
    ],
)
def test_spelling_sees_past_unicode_form_and_white_space(text: str, spelled: str) -> None:
    assert spelling(text) == spelled


@pytest.mark.parametrize(("a", "b"), [("macdonald", "MacDonald"), ("O’Brien", "O'Brien"), ("A – B", "A - B")])
def test_a_case_or_quote_edit_is_an_edit_of_the_same_name(a: str, b: str) -> None:
    assert spelling(a) != spelling(b)
    assert name_key(a) == name_key(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Acme Ltd.", "Acme Ltd"),
        ("Smith & Sons", "Smith and Sons"),
        ("Acme Pty. Ltd.", "Acme Pty Ltd"),
        ("Acme Limited", "Acme Ltd"),
        ("José Silva", "Jose Silva"),
        ("Smith, Jane", "Jane Smith"),
        ("SmithJones", "Smith Jones"),
    ],
)
def test_what_only_suggests_a_match_is_not_equal(a: str, b: str) -> None:
    assert name_key(a) != name_key(b)


@pytest.mark.parametrize("text", ["", "  \n", "\u200b\u00a0\u2060"])
def test_a_blank_name_has_no_key(text: str) -> None:
    assert name_key(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Jane@Example.com",
        "  jane@example.com\t",
        "mailto:jane@example.com",
        "MAILTO:jane@example.com",
        "<jane@example.com>",
        "<mailto:jane@example.com>",
        "Jane Smith <jane@example.com>",
        "jane@example.com, bob@example.com",
        "jane@example.com;bob@example.com",
        "jane@example.com bob@example.com",
        "jane@example.com, Bob <bob@example.com>",
        ", jane@example.com",
        "jane\u200b@example.com",
        "ｊane＠example．com",
    ],
)
def test_one_address_however_it_is_wrapped(text: str) -> None:
    assert email_key(text) == "jane@example.com"


@pytest.mark.parametrize(
    "text",
    ["", "  ", "n/a", "jane", "jane@", "@example.com", "jane@localhost", "jane smith@example.com",
     "a@b@example.com", "jane@example..com", "jane@example.com\x00", "ja\x00ne@example.com",
     "jane@☃" + "x" * 300 + ".com"],
)  # fmt: skip
def test_what_is_not_an_address_has_no_key(text: str) -> None:
    assert email_key(text) is None


def test_a_domain_is_one_domain_in_unicode_and_in_punycode() -> None:
    assert email_key("Info@Müller.DE") == email_key("info@XN--mller-kva.de") == "info@xn--mller-kva.de"


def test_two_domains_that_only_fold_together_stay_two() -> None:
    assert email_key("info@straße.de") != email_key("info@strasse.de")


@pytest.mark.parametrize(
    ("a", "b"),
    [("jane+xero@example.com", "jane@example.com"), ("j.ane@example.com", "jane@example.com")],
)
def test_plus_tags_and_dots_are_other_addresses(a: str, b: str) -> None:
    assert email_key(a) != email_key(b)


@given(TEXT)
@example("ǰ")
@example("\u03b1\u0345\u0301")
def test_keys_are_idempotent_and_spelling_decides_them(text: str) -> None:
    assert spelling(spelling(text)) == spelling(text)
    key = name_key(text)
    assert key is None or name_key(key) == key
    assert name_key(spelling(text)) == key
    assert key is None or is_normalized("NFKC", key)


@given(TEXT | EMAILISH)
def test_email_key_is_idempotent_and_spelling_decides_it(text: str) -> None:
    key = email_key(text)
    assert key is None or email_key(key) == key
    assert email_key(spelling(text)) == key


@given(ASCII)
def test_plain_and_general_path_agree_on_names(text: str) -> None:
    # A zero-width space changes no key, but sends the text along the general path.
    assert name_key(text + "\u200b") == name_key(text)


@given(ASCII | EMAILISH | st.emails())
def test_plain_and_general_path_agree_on_emails(text: str) -> None:
    assert email_key("\u200b" + text) == email_key(text)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("(02) 9876 5432", "+61 2 9876 5432"),
        ("0412 345 678", "+61412345678"),
        ("Ph: 0412-345-678", "0412345678"),
        ("\u202d0412 345 678\u202c", "0412 345 678"),
        ("02 9876 5432 ext 12", "02 9876 5432 x12"),
        ("Ask Bob", "ask  bob!"),
    ],
)
def test_one_phone_however_it_is_written(a: str, b: str) -> None:
    assert phone_key(a, "AU") == phone_key(b, "AU") != ""


@pytest.mark.parametrize(
    ("text", "region", "key"),
    [
        ("0412 345 678", "AU", "+61412345678"),
        ("0412 345 678", "au", "+61412345678"),
        ("+44 20 7946 0000", "AU", "+442079460000"),
        ("02 9876 5432 ext 12", "AU", "+61298765432;ext=12"),
        ("02 9876 5432 / 0412 345 678", "AU", "02987654320412345678"),
        ("0412 345 678", "", "0412345678"),
        ("0412 345 678", "XX", "0412345678"),
        ("none", "AU", "none"),
        ("", "AU", ""),
        (" \u200b", "AU", ""),
    ],
)
def test_phone_key(text: str, region: str, key: str) -> None:
    assert phone_key(text, region) == key


def test_another_extension_is_another_phone() -> None:
    assert phone_key("02 9876 5432 x12", "AU") != phone_key("02 9876 5432", "AU")


@given(TEXT | st.text("+0123456789 ()-x/"))
def test_spelling_decides_the_phone_key(text: str) -> None:
    assert phone_key(text, "NZ") == phone_key(spelling(text), "NZ")


def test_phonenumbers_is_imported_only_when_a_phone_is_compared() -> None:
    code = "import sys, xerosync_tui.domain.normalise; sys.exit('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    "country",
    ["Australia", "AUSTRALIA", "AU", "aus", " Au "],
)
def test_a_country_is_its_name_and_its_codes(country: str) -> None:
    assert address_key(Address(city="Perth", country=country)) == ("perth", "", "", "au")


@pytest.mark.parametrize(
    ("alias", "code"),
    [("UK", "GB"), ("United Kingdom", "GBR"), ("U.S.A.", "US"), ("United States of America", "USA"),
     ("South Korea", "KR"), ("Türkiye", "Turkey"), ("The Netherlands", "NL")],
)  # fmt: skip
def test_common_names_of_a_country(alias: str, code: str) -> None:
    assert address_key(Address(country=alias)) == address_key(Address(country=code))


@pytest.mark.parametrize("part", ["England", "Great Britain", "Holland"])
def test_a_part_of_a_country_is_not_the_country(part: str) -> None:
    assert address_key(Address(country=part)) not in (
        address_key(Address(country="GB")),
        address_key(Address(country="NL")),
    )


def test_empty_address_lines_do_not_count_but_the_other_parts_stay_in_place() -> None:
    gap = Address(line1="Level 2", line3="12 Builder  St", city="Perth")
    assert address_key(gap) == address_key(Address("level 2", "12 builder st", city="PERTH"))
    assert address_key(Address(city="Perth")) != address_key(Address(region="Perth"))
    assert address_key(Address(line1="Perth")) != address_key(Address(city="Perth"))


def test_an_empty_address_has_an_empty_key() -> None:
    assert address_key(NO_ADDRESS) == address_key(Address(line1=" ", country="\u200b")) == ()


@pytest.mark.parametrize(
    ("field", "a", "b"),
    [
        (Field.NAME, "Jane  Smith", "Jane Smith"),
        (Field.EMAIL, "", " "),
        (Field.PHONE, "0412\u00a0345", "0412 345"),
        (Field.ADDRESS, Address("1 High  St"), Address("1 High St ")),
        (Field.ADDRESS, NO_ADDRESS, Address()),
    ],
)
def test_same_spelling_is_also_the_same_key(field: Field, a: Value, b: Value) -> None:
    assert same_spelling(field, a, b)
    assert same_key(field, a, b, "AU")


@pytest.mark.parametrize(
    ("field", "a", "b"),
    [
        (Field.NAME, "ACME", "Acme"),
        (Field.EMAIL, "Jane@example.com", "jane@example.com"),
        (Field.EMAIL, "N/A", "n/a"),
        (Field.PHONE, "0412 345 678", "+61 412 345 678"),
        (Field.ADDRESS, Address("1 High St", country="Australia"), Address("", "1 High St", country="AU")),
    ],
)
def test_the_same_key_spelled_differently(field: Field, a: Value, b: Value) -> None:
    assert not same_spelling(field, a, b)
    assert same_key(field, a, b, "AU")


@pytest.mark.parametrize(
    ("field", "a", "b"),
    [
        (Field.NAME, "Acme", ""),
        (Field.EMAIL, "", "jane@example.com"),
        (Field.EMAIL, "n/a", "jane@example.com"),
        (Field.EMAIL, "n/a", "none"),
        (Field.PHONE, "", "0412 345 678"),
        (Field.ADDRESS, NO_ADDRESS, Address(country="AU")),
        (Field.ADDRESS, Address("1 High St", country="AU"), Address("1 High St", country="NZ")),
    ],
)
def test_different_by_key(field: Field, a: Value, b: Value) -> None:
    assert not same_spelling(field, a, b)
    assert not same_key(field, a, b, "AU")


@given(st.sampled_from([Field.NAME, Field.EMAIL, Field.PHONE]), TRICKY, TRICKY)
def test_equal_by_spelling_is_equal_by_key(field: Field, a: str, b: str) -> None:
    assert same_key(field, a, spelling(a), "AU")
    assert not same_spelling(field, a, b) or same_key(field, a, b, "AU")


_PHONES = st.text("0123456789 ()-.+", max_size=16) | st.from_regex(r"(\+61|0061|0)?[2-4]?[0-9]{6,9}", fullmatch=True)


@given(_PHONES, _PHONES)
def test_digits_alone_never_contradict_the_phone_keys(a: str, b: str) -> None:
    assert same_key(Field.PHONE, a, b, "AU") == (phone_key(a, "AU") == phone_key(b, "AU"))
