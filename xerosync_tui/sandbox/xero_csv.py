"""Reads Xero's own contact export, so that a firm can rehearse on its own data (xero.md 10)."""

import csv
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xerosync_tui.sandbox.contact import Contact
from xerosync_tui.sandbox.ledger import FIRST_UPDATE_MS
from xerosync_tui.sandbox.options import SandboxInputError

Row = dict[str, str]

TEXT_COLUMNS = {
    "Name": "ContactName",
    "AccountNumber": "AccountNumber",
    "EmailAddress": "EmailAddress",
    "FirstName": "FirstName",
    "LastName": "LastName",
    "BankAccountDetails": "BankAccountNumber",
    "TaxNumber": "TaxNumber",
    "CompanyNumber": "CompanyNumber",
    "Website": "Website",
}
PHONE_COLUMNS = {"DEFAULT": "PhoneNumber", "FAX": "FaxNumber", "MOBILE": "MobileNumber", "DDI": "DDINumber"}
ADDRESS_PREFIX = {"POBOX": "PO", "STREET": "SA"}
ADDRESS_COLUMNS = {
    **{f"AddressLine{number}": f"AddressLine{number}" for number in range(1, 5)},
    "City": "City",
    "Region": "Region",
    "PostalCode": "PostalCode",
    "Country": "Country",
    "AttentionTo": "AttentionTo",
}


@dataclass(frozen=True, slots=True)
class Export:
    """The contacts of an export, and a line for each row that was left out."""

    contacts: tuple[Contact, ...]
    notes: list[str]


def read_xero_csv(path: Path) -> Export:
    """The contacts of the export at `path`; ids follow from the names, the file holds none.

    Of rows with one name the first is kept, as Xero's names are unique. Raises SandboxInputError when the file cannot
    be read, is not UTF-8, has broken quoting, or has no ContactName column.
    """
    contacts: dict[str, Contact] = {}
    notes: list[str] = []
    for line, row in _rows(path):
        name = row.get("ContactName", "")
        if not name.strip():
            notes.append(f"{path.name}, line {line}: no ContactName; left out")
        elif name.casefold() in contacts:
            notes.append(f"{path.name}, line {line}: the name {name!r} is there already; left out")
        else:
            contacts[name.casefold()] = _contact(row, len(contacts))
    return Export(tuple(contacts.values()), notes)


def _rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Each row by column name with the line on which it begins."""
    line = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = [column.strip().lstrip("*").strip() for column in next(reader, [])]
            if "ContactName" not in header:
                raise SandboxInputError(f"{path}, line 1: no column ContactName; is this Xero's contact export?")
            line = reader.line_num + 1
            for cells in reader:
                if cells:
                    yield line, dict(zip(header, cells, strict=False))
                line = reader.line_num + 1
    except OSError as error:
        raise SandboxInputError(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise SandboxInputError(f"{path}, line {line} or later: not UTF-8 text") from None
    except csv.Error as error:
        raise SandboxInputError(f"{path}, line {line}: {error}") from None


def _contact(row: Row, position: int) -> Contact:
    """Customer and supplier are not in the file: both, so that the contact passes every filter."""
    name = row["ContactName"]
    return Contact(
        contact_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"xero-csv:{name.casefold()}")),
        updated_ms=FIRST_UPDATE_MS + position * 1000,
        text={field: row[column] for field, column in TEXT_COLUMNS.items() if row.get(column)},
        phones={kind: {"PhoneNumber": row[column]} for kind, column in PHONE_COLUMNS.items() if row.get(column)},
        addresses={kind: parts for kind, prefix in ADDRESS_PREFIX.items() if (parts := _address(row, prefix))},
        persons=tuple(_persons(row)),
        is_customer=True,
        is_supplier=True,
    )


def _address(row: Row, prefix: str) -> dict[str, str]:
    return {part: row[prefix + column] for part, column in ADDRESS_COLUMNS.items() if row.get(prefix + column)}


def _persons(row: Row) -> Iterator[dict[str, str | bool]]:
    for number in range(1, 6):
        cells = [row.get(f"Person{number}{column}", "") for column in ("FirstName", "LastName", "Email")]
        if any(cells):
            include = row.get(f"Person{number}IncludeInEmail") or row.get(f"Person{number}IncludeInEmails", "")
            yield {
                "FirstName": cells[0],
                "LastName": cells[1],
                "EmailAddress": cells[2],
                "IncludeInEmails": include.strip().lower() in ("true", "yes", "1"),
            }
