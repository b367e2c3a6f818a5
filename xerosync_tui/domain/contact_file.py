"""A CSV file of contacts as rows for the built-in directory (product.md 3.9).

A row is read whole or rejected with its line and the reason; it is never read in part. Importing a file twice adds
nothing: a row's identity is its client identifier, else its content and its ordinal among identical rows (cli.md).
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

from xerosync_tui.domain.contact import ADDRESS_PARTS, Address, Contact, Field, Kind
from xerosync_tui.domain.contact_columns import FIELD_NAMES, Columns, understand
from xerosync_tui.domain.csv_records import ContactFileError, CsvRecord, read_records
from xerosync_tui.domain.normalise import name_key, same_spelling, spelling
from xerosync_tui.domain.person_name import PersonName, split

__all__ = ["FIELD_NAMES", "ContactFile", "ContactFileError", "FileRow", "RejectedRow", "read_contacts"]

_LONGEST_CELL = 10_000  # longer than any contact's: most often a missing quotation mark that swallowed rows
_TELL = 500  # rows between two words about how far it is
_LONGEST = {"name": 255, "email": 255}  # xero.md 2.4
_LINE_BREAK = re.compile(r"[ ]*[\t\r\n]+[ ]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_KINDS = {
    "": None,
    "person": Kind.PERSON,
    "individual": Kind.PERSON,
    "organization": Kind.ORGANIZATION,
    "organisation": Kind.ORGANIZATION,
    "company": Kind.ORGANIZATION,
}
_NOTHING_MAPPED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FileRow:
    """One contact of the file; ``line`` is where it begins, counted from 1. ``kind`` is None where it is not said.

    First, middle and last name are the cells as typed. Beside a name of its own they may be a contact person's.
    """

    line: int
    identity: str
    kind: Kind | None
    contact: Contact
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    client_identifier: str = ""
    contact_type: str = ""
    other_phones: tuple[str, ...] = ()

    @property
    def person_name(self) -> PersonName:
        """The name in parts, should this be a person: as typed where the typed parts make the name."""
        typed = PersonName(self.first_name, self.middle_name, self.last_name)
        return typed if same_spelling(Field.NAME, typed.full, self.contact.name) else split(self.contact.name)


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that cannot be read: the line it begins on, why, and its text on one line (shortened)."""

    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class ContactFile:
    """A file understood: its rows, what was rejected, and which column was read as which field."""

    rows: tuple[FileRow, ...]
    rejected: tuple[RejectedRow, ...]
    columns: dict[str, str]
    ignored: tuple[str, ...]


def read_contacts(
    data: bytes, mapping: Mapping[str, str] = _NOTHING_MAPPED, tell: Callable[[int, int], None] = lambda done, all: None
) -> ContactFile:
    """The contacts of a CSV file. ``mapping`` says for a column which of FIELD_NAMES it holds.

    ``tell`` is given the rows read and all there are, now and then; what it raises ends the reading.
    Raises ContactFileError when the file as a whole cannot be read.
    """
    header, *records = read_records(data)
    columns = understand(header.cells, {**_kind_by_type(header.cells, records), **mapping})
    rows: list[FileRow] = []
    rejected: list[RejectedRow] = []
    identities = _Identities()
    for number, record in enumerate(records):
        if number % _TELL == 0:
            tell(number, len(records))
        try:
            values = _values(record, columns)
            rows.append(_row(record.line, identities.give(record.line, values), values))
        except _Rejected as why:
            rejected.append(RejectedRow(record.line, str(why), record.text))
    return ContactFile(tuple(rows), tuple(rejected), columns.recognised, columns.ignored)


def _kind_by_type(header: Sequence[str], records: Sequence[CsvRecord]) -> dict[str, str]:
    """A column ``Type`` that holds nothing but kinds says the kind, whatever it is called."""
    at = next((at for at, name in enumerate(header) if name.strip().casefold() == "type"), None)
    if at is None or any(name.strip().casefold() == "kind" for name in header):
        return {}
    held = {record.cells[at].strip().casefold() for record in records if len(record.cells) > at}
    return {header[at]: "kind"} if held - {""} and held <= _KINDS.keys() else {}


class _Rejected(Exception):
    """Raised when a row cannot be read; ``str()`` is the reason."""


_Values = dict[str, tuple[str, ...]]


class _Identities:
    """Gives each row of one file its identity."""

    def __init__(self) -> None:
        self._line_of: dict[str, int] = {}
        self._alike: Counter[str] = Counter()

    def give(self, line: int, values: _Values) -> str:
        identifier = _first(values, "client_identifier")
        if identifier:
            identity = f"id:{name_key(identifier)}"
            if identity in self._line_of:
                reason = f"the client identifier {identifier} is on line {self._line_of[identity]} already"
                raise _Rejected(reason)
            self._line_of[identity] = line
            return identity
        content = sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:32]
        self._alike[content] += 1
        return f"row:{content}:{self._alike[content]}"


def _row(line: int, identity: str, values: _Values) -> FileRow:
    return FileRow(
        line=line,
        identity=identity,
        kind=_KINDS[_first(values, "kind").casefold()],
        contact=Contact(
            name=_first(values, "name"),
            email=_first(values, "email"),
            phone=_first(values, "phone"),
            address=Address(**{part: _first(values, part) for part in ADDRESS_PARTS}),
        ),
        first_name=_first(values, "first_name"),
        middle_name=_first(values, "middle_name"),
        last_name=_first(values, "last_name"),
        client_identifier=_first(values, "client_identifier"),
        contact_type=_first(values, "contact_type"),
        other_phones=values.get("other_phone", ()),
    )


def _first(values: _Values, field: str) -> str:
    return next(iter(values.get(field, ())), "")


def _values(record: CsvRecord, columns: Columns) -> _Values:
    """The filled cells of each field, the name made of its parts where it has no cell of its own."""
    _check_shape(record, columns)
    values: _Values = {}
    for field, positions in columns.positions.items():
        cells = (_clean(field, record.cells[at]) for at in positions)
        if filled := tuple(cell for cell in cells if cell):
            values[field] = filled
    if "name" not in values and not columns.from_xero:
        parts = (_first(values, part) for part in ("first_name", "middle_name", "last_name"))
        if made := PersonName(*parts).full:
            values["name"] = (made,)
    _check_values(values)
    return values


def _check_shape(record: CsvRecord, columns: Columns) -> None:
    if record.problem:
        raise _Rejected(record.problem)
    longest = max(map(len, record.cells))
    if longest > _LONGEST_CELL:
        raise _Rejected(f"a cell has {longest:,} characters; is a quotation mark missing?")
    last_used = max(at for positions in columns.positions.values() for at in positions)
    if len(record.cells) <= last_used or any(cell.strip() for cell in record.cells[columns.count :]):
        raise _Rejected(f"has {len(record.cells)} cells where the header has {columns.count}")


def _clean(field: str, cell: str) -> str:
    """The cell on one line, without white space around it; "" where nothing of it can be seen."""
    text = _LINE_BREAK.sub(" ", cell.strip(" \t\r\n\u00a0"))
    if control := _CONTROL.search(text):
        raise _Rejected(f"the {_words(field)} has the control character U+{ord(control[0]):04X}")
    return text.strip() if spelling(text) else ""


def _check_values(values: _Values) -> None:
    if "name" not in values:
        raise _Rejected("has no name")
    for field, limit in _LONGEST.items():
        if (length := len(_first(values, field))) > limit:
            raise _Rejected(f"the {_words(field)} has {length} characters; at most {limit} fit")
    if (kind := _first(values, "kind")).casefold() not in _KINDS:
        raise _Rejected(f'the kind "{kind}" is neither person nor organization')


def _words(field: str) -> str:
    return field.replace("_", " ")
