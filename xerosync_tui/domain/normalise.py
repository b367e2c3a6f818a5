"""Two kinds of equal (engine.md 2.1): *spelling* tells an edit, a *key* tells that two values match.

Neither is ever written to a remote: what is written is the user's own spelling. Values that are equal by
spelling are equal by key. Keys are safe rather than clever: ``Ltd.`` and ``Ltd``, ``&`` and ``and``, ``José``
and ``Jose`` differ, because a false match overwrites a client's record and a missed one costs a key press
(matching.md 1).
"""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category, normalize

from xerosync_tui.domain.contact import Address, Contact, Field, Value

_TYPOGRAPHIC = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)

_DOMAIN = r"(?:[a-z0-9_-]+\.)+[a-z0-9_-]+"
_PLAIN_PHONE = re.compile(r"\+?[0-9 ().-]+")
_TELLING_DIGITS = 6
_PLAIN_EMAIL = re.compile(rf"[a-z0-9!#$%&'*+/=?^_`{{|}}~.-]+@{_DOMAIN}")
_EMAIL_KEY = re.compile(rf'[^\s\x00-\x1f\x7f-\x9f@,;:<>()\[\]\\"]+@{_DOMAIN}')
_DISPLAY_NAME = re.compile(r"[^<>@,;]*<([^<>]*)>")
_LONGEST_DOMAIN = 253  # RFC 1035; also keeps IDNA away from megabytes of junk

# True equals of an ISO name that iso3166 does not list.
_COUNTRY_ALIASES = {
    "GB": ("UK", "U.K.", "United Kingdom"),
    "US": ("U.S.", "U.S.A.", "United States"),
    "AE": ("UAE", "U.A.E."),
    "BN": ("Brunei",),
    "BO": ("Bolivia",),
    "CI": ("Ivory Coast",),
    "CV": ("Cape Verde",),
    "CZ": ("Czech Republic",),
    "IR": ("Iran",),
    "KP": ("North Korea",),
    "KR": ("South Korea",),
    "LA": ("Laos",),
    "MD": ("Moldova",),
    "MO": ("Macau",),
    "NL": ("The Netherlands",),
    "RU": ("Russia",),
    "SY": ("Syria",),
    "TR": ("Turkey",),
    "TZ": ("Tanzania",),
    "VE": ("Venezuela",),
    "VN": ("Vietnam",),
}


def spelling(text: str) -> str:
    """``text`` as NFKC, without format characters (zero width), white space trimmed and collapsed."""
    if not text.isascii():
        text = normalize("NFKC", _without_format_characters(text))
    return " ".join(text.split())


def name_key(text: str) -> str | None:
    """The key of a contact's name: its spelling, case folded, with typographic quotes and dashes as ASCII.

    None for a blank name, which equals nothing. Idempotent.
    """
    return _fold(text) or None


def email_key(text: str) -> str | None:
    """The key of an email address: ``mailto:`` and ``<>`` off, first of several, case folded, domain in IDNA.

    None where ``text`` does not begin with an address. Never raises. Idempotent.
    """
    plain = text.strip().lower()
    if _PLAIN_EMAIL.fullmatch(plain):
        return plain
    return _awkward_email_key(spelling(text))


def phone_key(text: str, region: str) -> str:
    """E.164, with ``;ext=``, where ``text`` can be a number dialled from ``region`` (ISO alpha-2).

    Anything else is its letters and digits, case folded: Xero takes any text (xero.md 2.4). "" for none.
    """
    return _phone_key(spelling(text), region.upper())


@lru_cache(maxsize=1 << 14)  # a preview and the sync after it compare the same ones
def address_key(address: Address) -> tuple[str, ...]:
    """The key of an address: its filled lines, then city, region, postal code and country; () for none.

    A country's name, its ISO codes and its common short forms are equal.
    """
    if not address:
        return ()
    lines = (_fold(line) for line in (address.line1, address.line2, address.line3, address.line4))
    town = (_fold(part) for part in (address.city, address.region, address.postal_code))
    key = (*(line for line in lines if line), *town, _country_key(address.country))
    return key if any(key) else ()


def same_spelling(field: Field, a: Value, b: Value) -> bool:
    """Whether ``a`` and ``b``, two values of ``field``, are spelled the same. Two empty values are."""
    if a == b:
        return True
    if isinstance(a, Address) and isinstance(b, Address):
        return all(spelling(x) == spelling(y) for x, y in zip(a.parts(), b.parts(), strict=True))
    return spelling(_text(field, a)) == spelling(_text(field, b))


def same_key(field: Field, a: Value, b: Value, region: str) -> bool:
    """Whether ``a`` and ``b``, two values of ``field``, mean the same; ``region`` as for phone_key.

    Two empty values do. (In matching they do not: there a missing key equals nothing.) Emails that have no
    key are compared as text.
    """
    if a == b:
        return True
    if isinstance(a, Address) and isinstance(b, Address):
        return address_key(a) == address_key(b)
    a, b = _text(field, a), _text(field, b)
    if field is Field.PHONE:
        plainly = _same_digits(a, b)
        return phone_key(a, region) == phone_key(b, region) if plainly is None else plainly
    if field is Field.EMAIL:
        key_a, key_b = email_key(a), email_key(b)
        if key_a is not None or key_b is not None:
            return key_a == key_b
    return _fold(a) == _fold(b)


def is_alike(a: Contact, b: Contact) -> bool:
    """Whether both have the same name and the same email, or no email, by key."""
    return name_key(a.name) == name_key(b.name) and email_key(a.email) == email_key(b.email)


def _same_digits(a: str, b: str) -> bool | None:
    """What the digits alone tell of two phones; None where it takes the library, which is slow.

    Country code and trunk prefix stand in front, so numbers whose last digits differ are different.
    """
    if not (_PLAIN_PHONE.fullmatch(a) and _PLAIN_PHONE.fullmatch(b)):
        return None
    digits_a, digits_b = re.sub("[^+0-9]", "", a), re.sub("[^+0-9]", "", b)
    if digits_a == digits_b:
        return True
    if (
        min(len(digits_a), len(digits_b)) > _TELLING_DIGITS
        and digits_a[-_TELLING_DIGITS:] != digits_b[-_TELLING_DIGITS:]
    ):
        return False
    return None


def _text(field: Field, value: Value) -> str:
    if isinstance(value, Address):
        raise TypeError(f"an address where the {field.label} belongs")
    return value


def _without_format_characters(text: str) -> str:
    return "".join(char for char in text if category(char) != "Cf")


def _fold(text: str) -> str:
    if not text.isascii():
        text = normalize("NFKC", _without_format_characters(text)).translate(_TYPOGRAPHIC).casefold()
        text = normalize("NFKC", text)  # case folding takes some characters apart
        return " ".join(text.split())
    return " ".join(text.lower().split())


def _awkward_email_key(text: str) -> str | None:
    if named := _DISPLAY_NAME.match(text):
        text = named[1]
    first = re.split(r"[,;\s]", text.lstrip(",; "), maxsplit=1)[0].strip("<>")
    if first[:7].lower() == "mailto:":
        first = first[7:].strip("<>")
    local, _, domain = first.rpartition("@")
    key = f"{_fold(local)}@{_idna(domain)}"
    return key if _EMAIL_KEY.fullmatch(key) else None


def _idna(domain: str) -> str:
    """The A-label form, or "". IDNA maps the case itself: folding would make straße.de strasse.de."""
    if domain.isascii():
        return domain.lower()
    if len(domain) > _LONGEST_DOMAIN:
        return ""
    import idna  # its tables are megabytes, and few addresses need them

    try:
        return idna.encode(domain, uts46=True).decode("ascii").lower()
    except UnicodeError:
        return ""


@lru_cache(maxsize=1 << 16)
def _phone_key(text: str, region: str) -> str:
    if not text:
        return ""
    import phonenumbers  # slow to import, and not needed before the first phone is compared

    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        return "".join(char for char in _fold(text) if char.isalnum())
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{e164};ext={number.extension}" if number.extension else e164


def _country_key(text: str) -> str:
    folded = _fold(text)
    return _country_codes().get(folded, folded)


@lru_cache(maxsize=1)
def _country_codes() -> dict[str, str]:
    """From every folded name, code and alias of a country to its folded alpha-2 code."""
    import iso3166

    codes = {}
    for country in iso3166.countries:
        for known_as in (country.name, country.apolitical_name, country.alpha2, country.alpha3):
            codes[_fold(known_as)] = country.alpha2.lower()
    for alpha2, aliases in _COUNTRY_ALIASES.items():
        codes.update(dict.fromkeys(map(_fold, aliases), alpha2.lower()))
    return codes
