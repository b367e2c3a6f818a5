"""What was done, in words: the counts of a run, the entries of the journal."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from xerosync_tui.domain.contact import Field, Value
from xerosync_tui.services.history import Entry
from xerosync_tui.tui import text

_DID = {
    "linked": "linked",
    "created": "new here",
    "changed in Karbon": "changed here",
    "changed in Xero": "in Xero",
    "created in Xero": "new in Xero",
    "ended": "ended",
    "field conflicts": "in conflict",
    "deferred": "put off to the next sync",
    "failed": "failed",
}
_ACTIONS = {
    "link": "linked",
    "create": "made in Karbon",
    "add": "made in Karbon",
    "type": "contact type changed",
    "create in Xero": "made in Xero",
    "ignore": "ignored",
    "unlink": "link ended",
    "undo": "taken back",
    "archive": "archived in Xero",
    "swap": "name set aside",
}
_STATES = {
    "intended": "under way",
    "failed": "refused",
    "abandoned": "given up",
    "unknown": "answer lost",
    "undone": "taken back since",
}


def did(counts: Mapping[str, int]) -> str:
    """What a run did, on one line; ``here`` is Karbon."""
    return ", ".join(f"{text.number(counts[name])} {word}" for name, word in _DID.items() if counts.get(name)) or (
        "nothing to do"
    )


def action(entry: Entry) -> str:
    """What an entry did."""
    intent = entry.intent
    if intent.action == "choose":
        return "Karbon's value chosen" if intent.side == "xero" else "Xero's value chosen"
    if intent.action == "update":
        return "changed in Xero" if intent.side == "xero" else "changed in Karbon"
    return _ACTIONS.get(intent.action, intent.action)


def state(entry: Entry) -> str:
    """What became of an entry; empty when it simply was done."""
    return _STATES.get(entry.state, "")


def changes(entry: Entry) -> dict[Field, tuple[Value, Value]]:
    """Before and after by field."""
    before, after = entry.intent.before, entry.intent.after
    return {f: (before.get(f, ""), after.get(f, "")) for f in Field if f in before or f in after}


def on_one_line(entry: Entry) -> str:
    """The change of an entry, short."""
    said = [f"{f.label.rpartition(' ')[2]} {old or '-'} ▸ {new or '-'}" for f, (old, new) in changes(entry).items()]
    return "; ".join(said) or entry.intent.why


def field_by_field(found: Mapping[Field, tuple[Value, Value]]) -> list[Content]:
    """A line for each field: before ▸ after."""
    return [
        text.line(f"  {f.label} ", (old, "strike") if old else "-", " ▸ ", (new, "bold") if new else "-")
        for f, (old, new) in found.items()
    ]
