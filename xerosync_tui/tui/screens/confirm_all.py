"""Confirm several matches with one key, once was read what each of them changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from xerosync_tui.domain.contact import Field
from xerosync_tui.services.triage import CandidateView, IssueView
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import Dialog
from xerosync_tui.tui.widgets.fitting import Paragraphs
from xerosync_tui.tui.widgets.reading import Reading
from xerosync_tui.tui.widgets.sides import losses


class ConfirmAll(Dialog[bool]):
    """The matches, each with what Karbon would lose and gain; ``left`` says why others are not among them."""

    CSS_PATH = "details.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "yes", "Yes", show=False, id="confirm.yes")]

    def __init__(self, title: str, pairs: Sequence[tuple[IssueView, CandidateView]], left: str = "") -> None:
        super().__init__(title)
        self._pairs, self._left = pairs, left

    def content(self) -> ComposeResult:
        """The list, in Karbon's terms: nothing changes in Xero."""
        rows: list[object] = [(_in_all([candidate for _, candidate in self._pairs]), "bold"), self._left, ""]
        for view, candidate in self._pairs:
            rows.append(text.line((view.xero.contact.name, "bold"), "  with  ", candidate.karbon.contact.name))
            rows += losses(candidate) or [text.safe("  changes nothing", "dim")]
        with Reading(id="rows"):
            yield Paragraphs(rows)
        keys = text.line(
            ("y", "bold"),
            f" Confirm {text.counted(len(self._pairs), 'match', 'matches')}   ",
            ("esc", "bold"),
            " Leave them",
        )
        yield Static(keys, classes="dialog--keys", markup=False)

    def on_mount(self) -> None:
        """Its keys scroll."""
        self.query_one(Reading).focus()

    def action_yes(self) -> None:
        """Do it."""
        self.dismiss(True)


def _in_all(candidates: Sequence[CandidateView]) -> str:
    """How many values of Karbon's would be lost, field by field."""
    lost = Counter(f for c in candidates for f, (old, _) in c.changes.items() if old)
    said = [text.counted(lost[f], f.label, f"{f.label}{'es' if f is Field.ADDRESS else 's'}") for f in Field if lost[f]]
    return f"Overwrites in Karbon: {', '.join(said)}." if said else "Overwrites nothing in Karbon."
