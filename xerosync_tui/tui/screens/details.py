"""Everything about one thing, to read; longer than the window if need be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from xerosync_tui.domain.contact import Contact, Field
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import Dialog
from xerosync_tui.tui.widgets.fitting import Paragraphs
from xerosync_tui.tui.widgets.reading import Reading


class Details(Dialog[None]):
    """Rows as ``text.lines`` takes them, under a title."""

    CSS_PATH = "details.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "close", "Close", show=False, id="details.close")]

    def __init__(self, title: object, rows: Sequence[object]) -> None:
        super().__init__(title)
        self._rows = rows

    def content(self) -> ComposeResult:
        """The rows."""
        with Reading(id="rows"):
            yield Paragraphs(self._rows)
        yield Static(text.line(("esc", "bold"), " Close"), classes="dialog--keys", markup=False)

    def on_mount(self) -> None:
        """Its keys scroll."""
        self.query_one(Reading).focus()


def contact_rows(title: str, contact: Contact) -> list[object]:
    """The synced fields of one side, uncut."""
    fields = [text.line((f"  {f.label:16}", "dim"), contact.value(f) or "-") for f in Field]
    return [(title, "bold"), *fields, ""]
