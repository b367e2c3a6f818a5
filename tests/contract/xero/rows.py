"""The rows of `shared/reference/xero.md` that the sandbox must play, and how a test names the row it holds.

A row's name is its section and the text of its first column; one that repeats within a section is numbered.
"""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

REFERENCE = Path(__file__).resolve().parents[4] / "shared" / "reference"

ROWS: dict[str, tuple[str, ...]] = {
    "1.1": (
        "authorise (browser)",
        "token (code, refresh, client_credentials)",
        "revoke",
        "list connections",
        "disconnect one organisation",
        "accounting base",
    ),
    "1.2": (
        "secret",
        "client authentication at token URL",
        "refresh token",
        "organisations",
        "`xero-tenant-id`",
        "availability and price",
        "scopes",
    ),
    "1.3": (
        "authorise parameters",
        "code_verifier",
        "exchange body",
        "refresh body",
        "code lifetime",
        "token response keys",
    ),
    "1.4": (
        "scheme",
        "custom schemes (myapp://)",
        "wildcard",
        "how many",
        "matching",
        "`http://127.0.0.1:port`",
        "what Xero's own tools do",
        "a wrong redirect_uri, scope or client_id",
        "consent page",
    ),
    "1.5": (
        "offline_access",
        "accounting.contacts",
        "accounting.contacts.read",
        "accounting.settings.read",
        "openid profile email",
        "accounting.attachments(.read)",
        "`accounting.contacts`, `accounting.contacts.read`, `accounting.settings(.read)`, "
        "`accounting.attachments(.read)` are unchanged",
        "`accounting.transactions` -> accounting.invoices, .payments, .banktransactions, .manualjournals "
        "(each with `.read`); `accounting.reports.read` -> one scope per report",
        "apps created on or after 2026-03-02 only have granular scopes; older apps could request them from "
        "April 2026; broad scopes end September 2027; custom connections granular from 2026-04-29",
        "asking a new app for a retired broad scope fails with `invalid_scope`",
        "scopes only grow: a later consent adds; narrowing needs a revoke and a new consent; a refresh never widens",
    ),
    "1.6": (
        "access token",
        "refresh token",
        "rotation",
        "grace",
        "one token set, many orgs",
        "access token is a JWT",
        "id_token claims seen",
    ),
    "1.7": ("id", "tenantId", "tenantType", "tenantName", "authEventId", "createdDateUtc, updatedDateUtc"),
    "1.8": ("token URL 400", "token URL", "token URL #2", "API 401", "API 401 #2", "API 403"),
    "2.1": (
        "GET /Contacts",
        "GET /Contacts/{ContactID or ContactNumber}",
        "PUT /Contacts",
        "POST /Contacts",
        "POST /Contacts/{ContactID}",
        "DELETE",
        "GET/PUT /Contacts/{id}/History",
        "GET/PUT /ContactGroups, GET/POST /ContactGroups/{id}, PUT/DELETE …/Contacts[/{ContactID}]",
        "merge",
    ),
    "2.2": (
        "page",
        "pageSize",
        "pagination (response)",
        "includeArchived",
        "If-Modified-Since (header)",
        "order",
        "where",
        "searchTerm",
        "IDs",
        "summaryOnly",
        "high-volume guard",
    ),
    "2.3": (
        "name, email, phone, address, archive, merge loser",
        "Balances, IsCustomer, IsSupplier",
        "answer when nothing changed (200 with empty list, or 304)",
        "boundary second inclusive?",
    ),
    "2.4": (
        "ContactID",
        "ContactNumber",
        "AccountNumber",
        "Name",
        "FirstName, LastName",
        "EmailAddress",
        "CompanyNumber",
        "TaxNumber",
        "TaxNumberType",
        "BankAccountDetails",
        "DefaultCurrency",
        "Website, Discount, UpdatedDateUTC, Balances",
        "IsCustomer, IsSupplier",
        "ContactStatus",
        "MergedToContactID",
        "HasAttachments",
        "ContactPersons[]",
        "POBOX",
        "STREET",
        "DELIVERY",
    ),
    "2.5": (
        "field omitted",
        "`Phones` or `Addresses` omitted",
        "`Phones` sent with only some types",
        "clear one phone",
        "JSON null",
        "`ContactPersons` sent",
        "`ContactPersons: []`",
        "update needs Name?",
        "archive",
        "edit or re-archive an archived contact",
        "un-archive (ContactStatus ACTIVE)",
        "reuse the name of an archived contact",
        "ContactID that does not exist",
        "GDPRREQUEST",
    ),
    "2.6": (
        "envelope",
        "slots",
        "order of slots",
        "refused element",
        "dates",
        "404",
        "429",
        "omitted names",
    ),
    "3": (
        "batch size",
        "summarizeErrors",
        "with false",
        "without",
        "duplicate name",
        "nested errors",
        "matching results to inputs",
        "Idempotency-Key",
        "400",
        "401, 403",
        "404",
        "412",
        "429",
        "500",
        "501",
        "503",
    ),
    "4": (
        "concurrent",
        "minute",
        "day",
        "app minute",
        "increase",
        "window",
        "X-DayLimit-Remaining, X-MinLimit-Remaining",
        "X-AppMinLimit-Remaining",
        "X-Rate-Limit-Problem",
        "Retry-After",
    ),
    "7": ("contact (current)", "contact (documented)"),
}

# What the reference says in prose beside its tables.
PROSE: dict[str, tuple[str, ...]] = {
    "2": ("XML by default",),
    "2.1": ("body forms accepted",),
    "2.2": ("fields only when paged",),
    "2.4": ("Phone", "Address"),
    "7": ("Organisation",),
}

NOT_PLAYED: dict[str, str] = {
    "1.2 secret": "a property of the app's registration; a PKCE client sends none",
    "1.2 availability and price": "no behaviour on the wire",
    "1.2 scopes": "which app types are granular: no behaviour beyond 1.5",
    "1.4 how many": "a limit of Xero's developer portal",
    "1.5 apps created on or after 2026-03-02 only have granular scopes; older apps could request them from "
    "April 2026; broad scopes end September 2027; custom connections granular from 2026-04-29": (
        "dates; the sandbox's app is a new one, see the row on retired scopes"
    ),
    "2.1 GET/PUT /Contacts/{id}/History": "the program does not call it",
    "2.1 GET/PUT /ContactGroups, GET/POST /ContactGroups/{id}, PUT/DELETE …/Contacts[/{ContactID}]": (
        "the program does not call it"
    ),
    "4 increase": "a commercial rule",
    "7 contact (documented)": "the program uses the current form",
}

Test = TypeVar("Test", bound=Callable[..., Any])


def all_rows() -> set[str]:
    """Every row and prose rule by name."""
    sections = (*ROWS.items(), *PROSE.items())
    return {f"{section} {cell}" for section, cells in sections for cell in cells}


def row(*names: str) -> Callable[[Test], Test]:
    """Marks a test with the rows that it holds; an unknown name is an error at import."""
    unknown = set(names) - all_rows()
    if unknown:
        raise LookupError(f"no such row: {unknown}")

    def mark(test: Test) -> Test:
        test.rows = names  # type: ignore[attr-defined]
        return test

    return mark


def read_rows(markdown: str) -> dict[str, tuple[str, ...]]:
    """First columns of the tables under each numbered heading; a heading without number ends its section."""
    sections: dict[str, list[str]] = {}
    section: str | None = None
    in_table = False
    for line in markdown.splitlines():
        if heading := re.match(r"#+ (?:(\d+(?:\.\d+)?)\b)?", line):
            section = heading.group(1)
        is_row = line.startswith("|")
        cell = line.split("|")[1].strip() if is_row else ""
        if is_row and in_table and section and not re.fullmatch(r"[-: ]*", cell):
            sections.setdefault(section, []).append(cell)
        in_table = is_row
    return {name: _numbered(cells) for name, cells in sections.items()}


def _numbered(cells: list[str]) -> tuple[str, ...]:
    seen: Counter[str] = Counter()
    names = []
    for cell in cells:
        seen[cell] += 1
        names.append(cell if seen[cell] == 1 else f"{cell} #{seen[cell]}")
    return tuple(names)
