"""A contact as Xero stores it, and the fixed vocabulary of its fields (xero.md 2.4)."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

TEXT_LENGTHS: dict[str, int | None] = {
    "ContactNumber": 50,
    "AccountNumber": 50,
    "Name": 255,
    "FirstName": 255,
    "LastName": 255,
    "EmailAddress": 255,
    "CompanyNumber": 50,
    "TaxNumber": 50,
    "TaxNumberType": None,
    "BankAccountDetails": None,
    "DefaultCurrency": 3,
}
"""Writable text fields and their longest value; None where xero.md knows none."""

PHONE_LENGTHS = {"PhoneNumber": 50, "PhoneAreaCode": 10, "PhoneCountryCode": 20}
ADDRESS_LENGTHS = {
    "AddressLine1": 500,
    "AddressLine2": 500,
    "AddressLine3": 500,
    "AddressLine4": 500,
    "City": 255,
    "Region": 255,
    "PostalCode": 50,
    "Country": 50,
    "AttentionTo": 255,
}
PHONE_TYPES = ("DEFAULT", "DDI", "FAX", "MOBILE")
ADDRESS_TYPES = ("STREET", "POBOX")
STATUSES = ("ACTIVE", "ARCHIVED", "GDPRREQUEST")
NO_ID = "00000000-0000-0000-0000-000000000000"

Slots = Mapping[str, Mapping[str, str]]
"""Phones or addresses: type -> part -> text. A type without any text is left out."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One stored contact; a change puts a new one in its place. `raw` covers what is served (bad-input tests)."""

    contact_id: str
    updated_ms: int
    text: Mapping[str, str]
    phones: Slots = field(default_factory=dict)
    addresses: Slots = field(default_factory=dict)
    persons: tuple[Mapping[str, Any], ...] = ()
    status: str = "ACTIVE"
    is_customer: bool = False
    is_supplier: bool = False
    merged_to: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.text.get("Name", "")

    @property
    def writes_empty(self) -> bool:
        """Whether unset values are served as empty strings; on the others the key is missing (xero.md 2.6)."""
        return self.contact_id[0] in "02468ace"

    def stored(self) -> dict[str, Any]:
        """The contact as stored, for the controls; UpdatedDateUTC as ISO with zone."""
        return {
            "ContactID": self.contact_id,
            "ContactStatus": self.status,
            **self.text,
            "Phones": [{"PhoneType": kind, **parts} for kind, parts in self.phones.items()],
            "Addresses": [{"AddressType": kind, **parts} for kind, parts in self.addresses.items()],
            "ContactPersons": [dict(person) for person in self.persons],
            "IsCustomer": self.is_customer,
            "IsSupplier": self.is_supplier,
            "MergedToContactID": self.merged_to,
            "UpdatedDateUTC": datetime.fromtimestamp(self.updated_ms / 1000, UTC).isoformat(),
            **self.raw,
        }


def fold(text: str) -> str:
    """`text` without case and accents, as Xero's lookups compare (xero.md 2.2, where)."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
