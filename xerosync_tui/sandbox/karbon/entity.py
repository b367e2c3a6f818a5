"""Contacts (people) and organizations as Karbon stores them, and the vocabulary of their fields (karbon.md 2.5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

Kind = Literal["Contact", "Organization"]

NAMES: dict[Kind, tuple[str, ...]] = {
    "Contact": ("FirstName", "MiddleName", "LastName", "PreferredName", "Salutation", "Suffix"),
    "Organization": ("FullName",),
}
REQUIRED: dict[Kind, tuple[str, ...]] = {"Contact": ("FirstName", "LastName"), "Organization": ("FullName",)}
COMMON = ("ClientOwner", "ClientManager", "ContactType", "UserDefinedIdentifier")
LEVELS = ("Public", "Private", "Hidden")

CARD_TEXT = ("RoleOrTitle", "FacebookLink", "LinkedInLink", "TwitterLink", "SkypeLink")
CARD_LISTS = ("WebSites", "EmailAddresses")
PHONE_LENGTHS = {"Number": 20, "CountryCode": None, "Label": None}
ADDRESS_LENGTHS = {
    "AddressLines": 200,
    "City": 100,
    "StateProvinceCounty": 100,
    "ZipCode": 20,
    "CountryCode": None,
    "Label": None,
}
PARTS: dict[str, Mapping[str, int | None]] = {"PhoneNumbers": PHONE_LENGTHS, "Addresses": ADDRESS_LENGTHS}
"""The lists of a card whose items have parts, and the longest text of each part; None where karbon.md knows none."""

PART_KEYS = {"PhoneNumbers": "PhoneNumberKey", "Addresses": "AddressKey"}
LABELS = {
    "PhoneNumbers": ("Work", "Mobile", "Office", "Fax", "Home", "Other"),
    "Addresses": ("Physical", "Mailing", "Legal", "Home"),
}

TICKS = 10_000_000
"""Karbon's time has seven decimals; a stored time is a whole number of those."""


@dataclass(frozen=True, slots=True)
class BusinessCard:
    """One card. `lists` holds WebSites, EmailAddresses, PhoneNumbers and Addresses, as far as they are not empty."""

    key: str
    organization_key: str | None = None
    text: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @property
    def emails(self) -> tuple[str, ...]:
        return self.lists.get("EmailAddresses", ())


@dataclass(frozen=True, slots=True)
class Entity:
    """A contact or an organization; a change puts a new one in its place. The first card is the primary one.

    `external_keys` are the links of Karbon's own integrations: they can be filtered by and are never served.
    `raw` covers what is served (bad-input tests).
    """

    key: str
    kind: Kind
    modified: int
    text: Mapping[str, str]
    cards: tuple[BusinessCard, ...] = ()
    level: str = "Public"
    description: str = ""
    accounting: Mapping[str, Any] = field(default_factory=dict)
    team: tuple[Mapping[str, Any], ...] = ()
    external_keys: frozenset[str] = frozenset()
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """FullName: an organization's own, a person's first, middle and last name (karbon.md 2.5)."""
        if self.kind == "Organization":
            return self.text.get("FullName", "")
        return " ".join(part for name in NAMES["Contact"][:3] if (part := self.text.get(name, "")))

    def emails(self) -> Iterator[str]:
        """Every email of every card."""
        return (email for card in self.cards for email in card.emails)


def key_name(kind: Kind) -> str:
    return f"{kind}Key"


def to_the_second(modified: int) -> str:
    """A time as lists show it (karbon.md 2.3)."""
    return f"{datetime.fromtimestamp(modified // TICKS, UTC):%Y-%m-%dT%H:%M:%S}Z"


def to_seven_decimals(modified: int) -> str:
    """A time as a single record shows it (karbon.md 2.3)."""
    return f"{to_the_second(modified)[:-1]}.{modified % TICKS:07}Z"
