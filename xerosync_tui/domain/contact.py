"""One vocabulary for both sides: the four synced fields, and a record of either system around them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any


class Field(StrEnum):
    """A synced field. These four and no other; no fallback to other slots (product.md section 2)."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"

    @property
    def label(self) -> str:
        """The field's name as an admin reads it."""
        return _LABELS[self]


_LABELS = {
    Field.NAME: "name",
    Field.EMAIL: "billing email",
    Field.PHONE: "primary phone",
    Field.ADDRESS: "billing address",
}


@dataclass(frozen=True, slots=True)
class Address:
    """A billing address in Xero's parts (xero.md 2.4); an unknown part is an empty string."""

    line1: str = ""
    line2: str = ""
    line3: str = ""
    line4: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""

    def __bool__(self) -> bool:
        return any(self.parts())

    def parts(self) -> tuple[str, ...]:
        """All eight parts, in order."""
        return (
            self.line1, self.line2, self.line3, self.line4,
            self.city, self.region, self.postal_code, self.country,
        )  # fmt: skip

    def __str__(self) -> str:
        """On one line: ``12 Builder St, Parramatta NSW 2150, Australia``."""
        town = " ".join(part for part in (self.city, self.region, self.postal_code) if part)
        lines = (self.line1, self.line2, self.line3, self.line4, town, self.country)
        return ", ".join(part for part in lines if part)


ADDRESS_PARTS: tuple[str, ...] = tuple(f.name for f in fields(Address))
NO_ADDRESS = Address()

Value = str | Address


@dataclass(frozen=True, slots=True)
class Contact:
    """The four synced fields as one side spells them. Empty means not filled."""

    name: str = ""
    email: str = ""
    phone: str = ""
    address: Address = NO_ADDRESS

    def value(self, field: Field) -> Value:
        """The value of ``field``; falsy when not filled."""
        value: Value = getattr(self, field)  # a StrEnum is its name; .value costs a descriptor
        return value

    def with_values(self, values: dict[Field, Value]) -> Contact:
        """A copy in which ``values`` replace what was there."""
        named: dict[str, Any] = {field.value: value for field, value in values.items()}
        return replace(self, **named)


NO_CONTACT = Contact()


class Kind(StrEnum):
    """Which of Karbon's two records a contact is. Karbon cannot convert one into the other."""

    PERSON = "person"
    ORGANIZATION = "organization"

    @property
    def other(self) -> Kind:
        """Which of the two it is not."""
        return Kind.ORGANIZATION if self is Kind.PERSON else Kind.PERSON


class XeroStatus(StrEnum):
    """ContactStatus (xero.md 2.4). A value we do not know makes the record a failed one.

    GONE is our own: a linked contact that a complete read did not meet any more.
    """

    ACTIVE = "ACTIVE"
    ARCHIVED = "ARCHIVED"
    GDPRREQUEST = "GDPRREQUEST"
    GONE = "GONE"


@dataclass(frozen=True, slots=True)
class XeroContact:
    """A contact as Xero last told it; ``updated`` is UpdatedDateUTC in milliseconds since the epoch."""

    id: str
    contact: Contact
    status: XeroStatus = XeroStatus.ACTIVE
    updated: int = 0
    is_customer: bool = False
    is_supplier: bool = False
    first_name: str = ""
    last_name: str = ""
    company_number: str = ""
    contact_number: str = ""
    merged_to: str = ""


@dataclass(frozen=True, slots=True)
class KarbonContact:
    """A contact of the Karbon directory; ``version`` grows with every change of that record.

    Not ``whole``: only a list told of it. Then the email is a hint, and phone and address are not known.
    """

    key: str
    kind: Kind
    contact: Contact
    contact_type: str = ""
    client_identifier: str = ""
    version: int = 0
    whole: bool = True
