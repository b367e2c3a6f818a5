"""The bytes of a CSV file as records of cells. Knows nothing of contacts.

Nothing is guessed that could be wrong in silence: an encoding that is not Unicode is an error, and so is a quotation
mark that would swallow the rows after it.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO

from xerosync_tui.hints import Hint

_DELIMITERS = ",;\t"
_LONGEST_TEXT = 200


class ContactFileError(ValueError):
    """Raised when a whole file cannot be read as contacts. ``str()`` is one line; ``hint`` may add what helps."""

    def __init__(self, what: str, hint: Hint | str = "") -> None:
        super().__init__(what)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """One record: the line it begins on (from 1), its cells, its text shortened to one line.

    ``problem`` says why there are no cells, or is empty.
    """

    line: int
    cells: tuple[str, ...]
    text: str
    problem: str = ""


def read_records(data: bytes) -> list[CsvRecord]:
    """Every record of ``data`` that is not blank, the header first; never empty.

    Raises ContactFileError for an empty or binary file, another encoding than UTF-8 or UTF-16, an unclosed quote.
    """
    text = _decode(data)
    if "\0" in text.partition("\n")[0]:
        raise ContactFileError("this is not a text file; save it as CSV UTF-8 and try again")
    lines = list(StringIO(text, newline=""))  # str.splitlines would also split inside cells
    with _cells_of_any_size(len(text)):
        records = list(_records(lines))
    if not records:
        raise ContactFileError("the file is empty")
    if records[0].problem:
        raise ContactFileError(f"the header on line {records[0].line} cannot be read: {records[0].problem}")
    return records


def _decode(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        raise ContactFileError("this is a spreadsheet, not a CSV file; save it as CSV UTF-8 and try again")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body, encoding = data, "UTF-16"
    else:
        body, encoding = data.removeprefix(codecs.BOM_UTF8), "UTF-8"
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "UTF-8" and b"\0" in data:
            raise ContactFileError("this is not a text file; save it as CSV UTF-8 and try again") from None
        byte = len(data) - len(body) + error.start
        before = data[:byte]
        line = max(before.count(b"\n"), before.count(b"\r")) + 1
        raise ContactFileError(
            f"byte {byte + 1}, on line {line}, is not {encoding}; save the file as CSV UTF-8 and try again"
        ) from None


def _records(lines: Sequence[str]) -> Iterator[CsvRecord]:
    reader = csv.reader(lines, delimiter=_delimiter(lines), strict=True, skipinitialspace=True)
    while True:
        start = reader.line_num
        problem = ""
        try:
            cells = tuple(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            if "unexpected end of data" in str(error):
                raise ContactFileError(f"the quotation mark on line {start + 1} is never closed") from None
            cells, problem = (), "a quotation mark is out of place"
        if problem or any(cell.strip() for cell in cells):
            yield CsvRecord(start + 1, cells, _one_line(lines[start : reader.line_num]), problem)


def _delimiter(lines: Sequence[str]) -> str:
    """The commonest of comma, semicolon and tab in the header, outside quotes; a comma where there is none."""
    counts = dict.fromkeys(_DELIMITERS, 0)
    quoted = False
    for line in lines:
        for char in line:
            if char == '"':
                quoted = not quoted
            elif char in counts and not quoted:
                counts[char] += 1
        if line.strip() and not quoted:
            break
    return max(counts, key=lambda delimiter: counts[delimiter])


def _one_line(lines: Sequence[str]) -> str:
    text = " ".join(line.strip() for line in lines)
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


@contextmanager
def _cells_of_any_size(size: int) -> Iterator[None]:
    """An oversized cell must become a rejected row: at csv's own limit the whole read would fail."""
    before = csv.field_size_limit(size + 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)
