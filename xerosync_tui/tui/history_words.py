"""What was done, in words: the counts of a run, the entries of the journal."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from xerosync_tui import words
from xerosync_tui.domain.contact import Field, Value
from xerosync_tui.domain.counts import Counts
from xerosync_tui.services.history import Entry
from xerosync_tui.tui import text


def did(counts: Counts) -> str:
    """What a run did, on one line."""
    return words.did(counts) or "nothing to do"


def action(entry: Entry) -> str:
    """What an entry did."""
    return words.action(entry.intent.action, entry.intent.side)


def state(entry: Entry) -> str:
    """What became of an entry; empty when it simply was done."""
    return words.entry_state(entry.state)


def on_one_line(entry: Entry) -> str:
    """The change of an entry, short."""
    said = [
        f"{f.label.rpartition(' ')[2]} {old or '-'} ▸ {new or '-'}" for f, (old, new) in entry.intent.changes.items()
    ]
    said += [f"{name} {old or '-'} ▸ {new or '-'}" for name, (old, new) in words.others(entry.intent.others).items()]
    return "; ".join(said) or entry.intent.why


def field_by_field(found: Mapping[Field, tuple[Value, Value]]) -> list[Content]:
    """A line for each field: before ▸ after."""
    return [
        text.line(f"  {f.label} ", (old, "strike") if old else "-", " ▸ ", (new, "bold") if new else "-")
        for f, (old, new) in found.items()
    ]
