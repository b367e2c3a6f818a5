"""Printing: text that came from outside is cleaned, JSON is ASCII, progress goes to standard error."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from xerosync_tui.cli import streams
from xerosync_tui.domain.contact import Contact, Field, Kind, Value
from xerosync_tui.domain.display import clean, fitted, width
from xerosync_tui.errors import UsageError


def say(text: str = "") -> None:
    """A line of text on standard output, cleaned."""
    print(clean(text))


def note(text: str) -> None:
    """A line for people on standard error, cleaned."""
    streams.tell(clean(text))


def as_json(document: object) -> None:
    """One JSON document. ASCII only: the escapes of a hostile name stay escapes."""
    json.dump(document, sys.stdout, indent=2)
    sys.stdout.write("\n")


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A CSV on standard output; in UTF-8 and as it is, but cleaned where a terminal would show it."""
    show = sys.stdout.isatty()
    if not show and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([clean(cell) for cell in row] if show else row for row in rows)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns under headings, long cells cut."""
    cleaned = [[clean(cell) for cell in row] for row in rows]
    widths = [min(max([len(head), *(width(row[n]) for row in cleaned)]), _WIDEST) for n, head in enumerate(columns)]
    for row in [list(columns), *cleaned]:
        print("  ".join(fitted(cell, room) for cell, room in zip(row, widths, strict=True)).rstrip())


_WIDEST = 36  # a ContactID, which a person copies


def moment(milliseconds: int | None) -> str | None:
    """A stored time as ISO 8601 in UTC."""
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds")


def fields(contact: Contact) -> dict[str, Any]:
    """A contact's four fields for JSON; the address in its parts."""
    return {f.value: value_of(contact.value(f)) for f in Field}


def value_of(value: Value) -> Any:
    """A value for JSON."""
    if isinstance(value, str):
        return value
    return {part: getattr(value, part) for part in value.__slots__ if getattr(value, part)}


def changes(found: Mapping[Field, tuple[Value, Value]]) -> dict[str, Any]:
    """Before and after of some fields for JSON."""
    return {f.value: {"before": value_of(old), "after": value_of(new)} for f, (old, new) in found.items()}


def in_words(found: Mapping[Field, tuple[Value, Value]]) -> list[str]:
    """What a match does to Karbon, a line a field; what is lost comes first."""
    lost = [f"Karbon loses {f.label}: {old}  (becomes {new})" for f, (old, new) in found.items() if old]
    filled = [f"Karbon gains {f.label}: {new}" for f, (old, new) in found.items() if not old]
    return lost + filled or ["Nothing changes in Karbon."]


def kind_of(word: str) -> Kind:
    """``person`` or ``organization``. Raises UsageError for another word."""
    try:
        return Kind(word)
    except ValueError as error:
        raise UsageError(f"{word!r} is neither person nor organization") from error


def pairs(words: Sequence[str]) -> dict[str, str]:
    """``KEY=VALUE`` words as a dict. Raises UsageError for a word that is none, or a key given twice."""
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise UsageError(f"{word!r} is not KEY=VALUE")
        if key in found:
            raise UsageError(f"{key} is given twice")
        found[key] = value
    return found
