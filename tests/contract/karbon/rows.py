"""The rows of `shared/reference/karbon.md` 2.1-2.11, and how a test names the row it holds.

A row is a line of a table or a list; its name is its section and how its first cell (or its text) begins. One that
repeats within a section is numbered.
"""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

REFERENCE = Path(__file__).resolve().parents[4] / "shared" / "reference"

ROWS: dict[str, tuple[str, ...]] = {
    "2.1": (
        "Base URL",
        "Two headers on every request",
        "Token is a 36-character GUID",
        "Both come from Settings",
        "Business or Enterprise plan only",
        "**One API application per Karbon account**",
        "Endpoints are permission-gated",
        "Account-level identity",
        "Licence covers",
        "Not OAuth",
        "Five hosting regions",
        "Smoke test",
        "HMAC, ETag",
    ),
    "2.2": (
        "At most 120 requests a minute",
        "Over it: 429",
        "Back off",
        "No X-RateLimit headers",
        "`Accept-Encoding: gzip`",
    ),
    "2.3": (
        "Envelope",
        "Page size",
        "`$top` above 100",
        "`$skip`",
        "Next page",
        "nextLink keeps filter/order?",
        "Count",
        "Stable order",
        "`$select`",
        "`startswith`, date functions",
        "`or`, `gt/ge/lt/le`",
        "String quoting",
        "Case",
        "`/v3/Contacts`",
        "`/v3/Organizations`",
        "`/v3/ClientGroups`",
        "`/v3/Users`",
        "**LastModifiedDateTime can be sorted on but not filtered on.**",
        "Does editing only a business card move",
        "Private/hidden contacts in lists",
        "Third-party caution",
        "`$filter=ExternalKey eq",
        "Same filter serves XPM",
        "Announced as `ExternalId`",
        "**Filter only.**",
        "Still answers after an unsync or disconnect?",
    ),
    "2.4": (
        "GET `/v3/Contacts`",
        "POST `/v3/Contacts`",
        "GET `/v3/Contacts/{key}`",
        "GET `/v3/Contacts/GetContactByUserDefinedIdentifier",
        "PUT `/v3/Contacts/{key}`",
        "PATCH `/v3/Contacts/{key}`",
        "GET, POST `/v3/Organizations`",
        "GET, PUT, PATCH `/v3/Organizations/{key}`",
        "GET `/v3/Organizations/GetOrganizationByUserDefinedIdentifier",
        "GET, POST `/v3/ClientGroups`",
        "GET, PUT `/v3/BusinessCards/{key}`",
        "GET, POST `/v3/CustomFields`",
        "GET, PUT `/v3/CustomFieldValues/{EntityKey}`",
        "GET `/v3/TenantSettings`",
        "GET, POST `/v3/Users`",
        "POST, DELETE `/v3/WebhookSubscriptions`",
    ),
    "2.5": (
        "ContactKey",
        "FullName, PreferredName, Salutation",
        "EmailAddress (one)",
        "PhoneNumber (one, string or null)",
        "Address (one string or null)",
        "RoleOrTitle, ClientOwner, ClientManager",
        "ContactType, UserDefinedIdentifier",
        "LastModifiedDateTime",
        "BusinessCardKey",
        "EntityType",
        "EntityKey",
        "IsPrimaryCard",
        "OrganizationKey",
        "RoleOrTitle",
        "EmailAddresses",
        "WebSites",
        "PhoneNumbers[]",
        "Addresses[]",
        "FacebookLink, LinkedInLink, TwitterLink, SkypeLink",
        "Phone CountryCode",
        "Order of EmailAddresses as primacy",
        "Spec flaw: BusinessCardKey",
    ),
    "2.6": ("Contact Name", "Billing Email", "Primary Phone Number", "Billing Address"),
    "2.7": (
        "Contact",
        "Organization",
        "ClientGroup",
        "Full update; 204",
        "BusinessCards omitted",
        "BusinessCards present",
        "RestrictionLevel omitted",
        "RegistrationNumbers upsert",
        "Other omitted fields",
        "Replaces the card",
        "This is the way to change",
    ),
    "2.8": (
        "Contacts carry the contact type **by Name**",
        "No endpoint creates or edits contact types",
        "Guide shows ContactTypes as plain strings",
        "Types are tenant-defined",
    ),
    "2.10": (
        "`POST /v3/WebhookSubscriptions`",
        "Types: Contact, Work",
        "`Contact` covers",
        "TargetUrl must start",
        "One subscription per type",
        "Payload:",
        "Contact ActionType",
        "ResourceType is always",
        "CustomField payload",
        "User: Inserted",
        "Changing a client team",
        "Coalesced",
        "SigningKey",
        "Failure: 10 tries",
        "`DELETE /v3/WebhookSubscriptions`",
        "Response deadline",
        "What a merge emits",
    ),
    "2.11": ("400", "400 #2", "400 #3", "401", "403", "404", "409", "429", "500"),
}

# What the reference says in prose beside its tables and lists.
PROSE: dict[str, tuple[str, ...]] = {
    "2.4": ("expand of organizations is BusinessCards", "the lookup has no prefix"),
    "2.5": ("list rows have no cards", "Person, single", "Organization, single", "AccountingDetail", "Keys"),
    "2.7": ("Prefer", "New card", "Concurrency", "RestrictionLevel", "ClientOwner", "native Xero sync"),
    "2.8": ("Returns",),
    "2.9": ("custom fields",),
    "2.13": ("no delete", "no archive", "no batch"),
    "2.14": ("6 LastName empty",),
}

_WEBHOOKS = "a terminal program has no public https address to receive them (2.10, last paragraph); it polls"
NOT_PLAYED: dict[str, str] = {
    "2.1 Both come from Settings": "how a person gets the credentials, not how a client uses them",
    "2.1 Business or Enterprise plan only": "a commercial rule",
    "2.1 Account-level identity": "who a change is attributed to cannot be seen through the API",
    "2.1 Licence covers": "a legal rule",
    "2.1 Five hosting regions": "one API host for all of them",
    "2.3 `/v3/ClientGroups`": "the native sync does not name client groups (1.1)",
    "2.3 `/v3/Users`": "a contact sync carries owners as they are and looks nobody up",
    "2.4 GET, POST `/v3/ClientGroups`": "the native sync does not name client groups (1.1)",
    "2.4 GET, POST `/v3/CustomFields`": "a contact sync does not use custom fields",
    "2.4 GET, PUT `/v3/CustomFieldValues/{EntityKey}`": "a contact sync does not use custom fields",
    "2.4 GET, POST `/v3/Users`": "a contact sync carries owners as they are and looks nobody up",
    "2.4 POST, DELETE `/v3/WebhookSubscriptions`": _WEBHOOKS,
    "2.7 ClientGroup": "the native sync does not name client groups (1.1)",
    "2.9 custom fields": "a contact sync does not use custom fields",
    "2.11 400 #2": "work items only",
    **{f"2.10 {name}": _WEBHOOKS for name in ROWS["2.10"]},
}

Test = TypeVar("Test", bound=Callable[..., Any])


def all_rows() -> set[str]:
    """Every row and prose rule by name."""
    sections = (*ROWS.items(), *PROSE.items())
    return {f"{section} {name}" for section, names in sections for name in names}


def row(*names: str) -> Callable[[Test], Test]:
    """Marks a test with the rows that it holds; an unknown name is an error at import."""
    unknown = set(names) - all_rows()
    if unknown:
        raise LookupError(f"no such row: {unknown}")

    def mark(test: Test) -> Test:
        test.reference_rows = names  # type: ignore[attr-defined]
        return test

    return mark


def read_rows(markdown: str) -> dict[str, list[str]]:
    """First cells of the tables and the points of the lists under each numbered heading.

    A heading without a number belongs to the section before it, unless it begins a new part of the document.
    """
    sections: dict[str, list[str]] = {}
    section: str | None = None
    in_table = False
    for line in markdown.splitlines():
        if heading := re.match(r"(#+) (?:(\d+(?:\.\d+)?)\b)?", line):
            section = heading.group(2) or (section if len(heading.group(1)) > 2 else None)
        is_row = line.startswith("|")
        cell = line.split("|")[1].strip() if is_row else line[2:] if line.startswith("- ") else ""
        if section and cell and (in_table or not is_row) and not re.fullmatch(r"[-: ]*", cell):
            sections.setdefault(section, []).append(cell)
        in_table = is_row
    return {name: _numbered(cells) for name, cells in sections.items()}


def _numbered(cells: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    names = []
    for cell in cells:
        seen[cell] += 1
        names.append(cell if seen[cell] == 1 else f"{cell} #{seen[cell]}")
    return names
