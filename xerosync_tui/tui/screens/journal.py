"""The journal of a run or of a client: field by field, before and after, by whom and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from xerosync_tui import words
from xerosync_tui.domain.states import EntryState
from xerosync_tui.services import lists
from xerosync_tui.services.history import Step
from xerosync_tui.tui import history_words, text
from xerosync_tui.tui.screens.base import Page
from xerosync_tui.tui.screens.details import Details
from xerosync_tui.tui.undoing import take_back
from xerosync_tui.tui.widgets.fitting import Fitted, paragraphs
from xerosync_tui.tui.widgets.listing import Listing
from xerosync_tui.tui.widgets.table import Column, Table


class Journal(Page):
    """The entries above, the one under the cursor below. ``z`` undoes it."""

    CSS_PATH = "journal.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "undo", "Undo", id="journal.undo"),
        Binding("enter", "details", "All of it", id="journal.details"),
        Binding("O", "contact", "Open in Karbon", id="journal.contact"),
        Binding("escape", "back", "Back", id="journal.back"),
    ]

    def __init__(self, title: str, *, run: int = 0, xero_id: str = "", karbon_key: str = "") -> None:
        super().__init__()
        self._title, self._run, self._xero_id, self._karbon_key = title, run, xero_id, karbon_key

    @property
    def crumb(self) -> object:
        """Whose it is."""
        return self._title

    def body(self) -> ComposeResult:
        """The entries, the one under the cursor."""
        yield Listing(step_columns(self.program.now_ms), empty="Nothing was done.", id="steps", mark_width=0)
        yield Fitted("… enter shows all of it", id="step")

    @property
    def _table(self) -> Table[Step]:
        return self.query_one("#steps", Listing).table

    def reload(self) -> None:
        """The entries as they stand now."""
        self.query_one("#steps", Listing).show(
            lists.steps(self.program, run=self._run, xero_id=self._xero_id, karbon_key=self._karbon_key)
        )

    @on(Listing.Shown)
    def _shown(self) -> None:
        if self.focused is None:
            self._table.focus()

    @on(Table.Moved)
    def _moved(self) -> None:
        step = self._table.current
        self.query_one("#step", Fitted).show(paragraphs(in_words(step) if step else []))

    def action_undo(self) -> None:
        """Undo the entry under the cursor."""
        if (step := self._table.current) is not None:
            undo_step(self, step)

    def action_details(self) -> None:
        """The entry, uncut."""
        if (step := self._table.current) is not None:
            self.app.push_screen(details_of(step))

    def action_contact(self) -> None:
        """The Karbon contact it was about."""
        from xerosync_tui.tui.screens.contact import ContactPage

        step = self._table.current
        if step and step.entry.intent.karbon_key:
            self.app.push_screen(ContactPage(step.entry.intent.karbon_key))


def undo_step(page: Page, step: Step) -> None:
    """Undo it, or say why it stays."""
    if step.entry.state is not EntryState.DONE:
        page.xerosync.say(f"There is nothing to undo: {history_words.state(step.entry)}.", severity="warning")
    else:
        take_back(page.xerosync, step.entry.id, page.reload)


def in_words(step: Step) -> list[object]:
    """What an entry did, field by field, by whom and why."""
    entry = step.entry
    state = history_words.state(entry)
    return [
        text.line((f"{step.name}: {history_words.action(entry)}", "bold"), f", {state}" if state else ""),
        *history_words.field_by_field(entry.intent.changes),
        *(
            text.line(f"  {name} ", old or "-", " ▸ ", (new or "-", "bold"))
            for name, (old, new) in words.others(entry.intent.others).items()
        ),
        text.line(("who: ", "dim"), entry.who, ("   why: ", "dim"), entry.intent.why or "-"),
        *([text.line(("refused: ", "dim"), entry.error)] if entry.error else []),
    ]


def details_of(step: Step) -> Details:
    """The same uncut, and when it was."""
    when = datetime.fromtimestamp(step.entry.at / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
    return Details(step.name, [*in_words(step), text.line(("when: ", "dim"), when)])


def step_columns(now_ms: Callable[[], int], *, named: bool = True) -> list[Column[Step]]:
    """The columns of a list of entries; ``named``: of several contacts."""
    name: list[Column[Step]] = [Column("Contact", lambda step: step.name, share=3)] if named else []
    return [
        Column("When", lambda step: text.ago(step.entry.at, now_ms()), width=10),
        *name,
        Column("What", _what, width=18),
        Column("Before ▸ after", lambda step: history_words.on_one_line(step.entry), share=4),
        Column("Who", lambda step: step.entry.who, width=10),
    ]


def _what(step: Step) -> str:
    return history_words.state(step.entry) or history_words.action(step.entry)
