"""Which email, phone and address of a business card are the synced ones.

Karbon has no billing email, no primary phone and no billing address in its API, nor flags for them
(karbon.md 2.6), so a rule chooses, by label and order. It is stable: the entry that is read is the entry that
is replaced, all others keep their bytes and their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from xerosync_tui.domain.connection import ADDRESSES, PHONES
from xerosync_tui.domain.contact import NO_ADDRESS, Address, Contact, Field, Value
from xerosync_tui.domain.normalise import address_key

Card = Mapping[str, Any]
Entry = dict[str, Any]

_LINES = 4
# ISO's own names of these are too long for an address.
_SHORT_NAMES = {"GB": "United Kingdom", "US": "United States"}


@dataclass(frozen=True, slots=True)
class Slots:
    """The rule. Cards have no billing flags, only labels (karbon.md 2.5, 2.6).

    - The card is the primary one (``IsPrimaryCard``), or else the first.
    - The email is the first one of that card: emails have no labels.
    - The phone is the first with the first of these labels that occurs. Fax and Other are nobody's phone.
    - The address likewise.

    Where none is eligible, a new value is a new entry under the first label. Clearing takes the entry away, so
    another one that is eligible is read from then on.
    """

    phones: tuple[str, ...] = PHONES
    addresses: tuple[str, ...] = ADDRESSES

    def read(self, card: Card) -> Contact:
        """The synced values of a card, without a name. Raises ValueError where one is not what it should be."""
        emails, phones, addresses = _emails(card), _entries(card, "PhoneNumbers"), _entries(card, "Addresses")
        email, phone, address = self._email(emails), self._phone(phones), self._address(addresses)
        return Contact(
            email=emails[email] if email is not None else "",
            phone=_text(phones[phone], "Number") if phone is not None else "",
            address=_read_address(addresses[address]) if address is not None else NO_ADDRESS,
        )

    def written(self, card: Card, values: Mapping[Field, Value]) -> dict[str, Any]:
        """``card`` with these values in their entries and everything else as it was (karbon.md 2.7: PUT clears)."""
        changed = dict(card)
        for field, value in values.items():
            if isinstance(value, Address):
                addresses = _entries(card, "Addresses")
                entry = _written_address(value) if value else None
                changed["Addresses"] = _laid(addresses, self._address(addresses), entry, self.addresses[0])
            elif field is Field.PHONE:
                phones = _entries(card, "PhoneNumbers")
                place = self._phone(phones)
                before = "" if place is None else _text(phones[place], "CountryCode")
                number = {"Number": value, **_country_of_number(value, before)} if value else None
                changed["PhoneNumbers"] = _laid(phones, place, number, self.phones[0])
            elif field is Field.EMAIL:
                emails = _emails(card)
                place = self._email(emails)
                at = len(emails) if place is None else place
                changed["EmailAddresses"] = [*emails[:at], *([value] if value else []), *emails[at + 1 :]]
        return changed

    def _email(self, emails: list[str]) -> int | None:
        return next((at for at, email in enumerate(emails) if email.strip()), None)

    def _phone(self, phones: list[Entry]) -> int | None:
        filled = [at for at, phone in enumerate(phones) if _text(phone, "Number").strip()]
        return _first(phones, filled, self.phones)

    def _address(self, addresses: list[Entry]) -> int | None:
        filled = [at for at, address in enumerate(addresses) if _read_address(address)]
        return _first(addresses, filled, self.addresses)


DEFAULT = Slots()


def _first(entries: list[Entry], filled: list[int], labels: tuple[str, ...]) -> int | None:
    for label in labels:
        for at in filled:
            if _text(entries[at], "Label").casefold() == label.casefold():
                return at
    return None


def _laid(entries: list[Entry], place: int | None, parts: Entry | None, label: str) -> list[Entry]:
    """``entries`` with ``parts`` over the one at ``place``: its key and label stay. No parts: it is taken away."""
    if place is None:
        return [*entries, {**parts, "Label": label}] if parts else entries
    return [*entries[:place], *([{**entries[place], **parts}] if parts else []), *entries[place + 1 :]]


def _emails(card: Card) -> list[str]:
    emails = card.get("EmailAddresses") or []
    if not isinstance(emails, list) or not all(isinstance(email, str) for email in emails):
        raise ValueError("its EmailAddresses are not a list of texts")
    return list(emails)


def _entries(card: Card, name: str) -> list[Entry]:
    entries = card.get(name) or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"its {name} are not a list of objects")
    return list(entries)


def _text(entry: Mapping[str, Any], name: str) -> str:
    text = entry.get(name)
    if not isinstance(text, str | None):
        raise ValueError(f"its {name} is not a text")
    return text or ""


def _read_address(entry: Entry) -> Address:
    """AddressLines is one text (karbon.md 2.5): its lines are ours, the fourth takes what is over."""
    lines = _text(entry, "AddressLines").splitlines()
    first, rest = lines[: _LINES - 1], ", ".join(lines[_LINES - 1 :])
    line1, line2, line3 = [*first, "", "", ""][:3]
    return Address(
        line1, line2, line3, rest,
        _text(entry, "City"), _text(entry, "StateProvinceCounty"), _text(entry, "ZipCode"),
        _country_name(_text(entry, "CountryCode")),
    )  # fmt: skip


def _written_address(address: Address) -> Entry:
    lines = (address.line1, address.line2, address.line3, address.line4)
    return {
        "AddressLines": "\n".join(lines).rstrip("\n"),
        "City": address.city,
        "StateProvinceCounty": address.region,
        "ZipCode": address.postal_code,
        "CountryCode": _country_code(address.country) or None,
    }


def _country_code(text: str) -> str:
    """The ISO code of a country (karbon.md 2.5); what is no country known to ISO stays as it was typed."""
    import iso3166

    key = address_key(Address(country=text))  # names, codes and short forms of a country have one key
    code = key[-1].upper() if key else ""
    return code if code in iso3166.countries_by_alpha2 else text


@lru_cache(maxsize=256)
def _country_name(code: str) -> str:
    """The name that an address shows for a code; the code itself where ISO's name is not a plain one."""
    import iso3166

    country = iso3166.countries_by_alpha2.get(code)
    if country is None:
        return code
    name = _SHORT_NAMES.get(code, country.name)
    plain = not set(name) & set("(),") and _country_code(name) == code
    return name if plain else code


def _country_of_number(number: str, before: str) -> Entry:
    """CountryCode for a number that brings its own (``+64 ...``), since the old one may contradict it."""
    if not number.startswith("+"):
        return {}
    import phonenumbers  # slow to import, and few numbers need it

    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return {}
    return {"CountryCode": region} if region and (region != before) else {}
