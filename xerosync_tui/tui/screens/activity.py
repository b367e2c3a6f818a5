"""Activity: what was done, run by run; each leads to its journal."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from xerosync_tui import words
from xerosync_tui.domain.states import RunState
from xerosync_tui.services import lists
from xerosync_tui.services.lists import RunRecord
from xerosync_tui.tui import history_words, text
from xerosync_tui.tui.screens.base import MainPage
from xerosync_tui.tui.screens.journal import Journal
from xerosync_tui.tui.undoing import take_back_run
from xerosync_tui.tui.widgets.fitting import Fitted, paragraphs
from xerosync_tui.tui.widgets.listing import Listing
from xerosync_tui.tui.widgets.table import Column, Table

_MARKS = {RunState.DONE: "✓", RunState.RUNNING: "◐"}


class Activity(MainPage):
    """The runs, newest first, and the one under the cursor in words."""

    PLACE = 5
    CSS_PATH = "activity.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "journal", "Open", id="activity.journal"),
        Binding("z", "undo", "Undo the run", id="activity.undo"),
        Binding("a", "all_entries", "All entries", id="activity.entries"),
        Binding("v", "idle", "Runs that did nothing", show=False, id="activity.idle"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._busy = True

    def body(self) -> ComposeResult:
        """Which runs, the list, the words."""
        yield Static("", id="which", markup=False)
        yield Listing(self._columns(), empty="", id="runs", mark=lambda r: _MARKS.get(r.state, "!"))
        yield Fitted(id="run")

    def _columns(self) -> list[Column[RunRecord]]:
        return [
            Column("Started", lambda r: text.ago(r.started_at, self.program.now_ms()), width=10),
            Column("Kind", lambda r: r.kind.value, width=11),
            Column("Found", lambda r: text.number(r.counts.read), width=7),
            Column("New", lambda r: text.number(_new(r)), width=6),
            Column("Here", lambda r: text.number(r.counts.changed_in_karbon), width=6),
            Column("Xero", lambda r: text.number(r.counts.changed_in_xero), width=6),
            Column("Failed", lambda r: text.number(r.counts.failed), width=6),
            Column("Req.", lambda r: text.number(r.requests), width=5),
            Column("Seconds", lambda r: _seconds(r), width=7),
            Column("Who", lambda r: r.who, wide=True),
        ]

    @property
    def _listing(self) -> Listing[RunRecord]:
        return self.query_one("#runs", Listing)

    def reload(self) -> None:
        """The runs as they stand now."""
        which = "Runs that did something (v: all)" if self._busy else "All runs (v: those that did something)"
        self.query_one("#which", Static).update(text.safe(f" {which}", "dim"))
        only = "No run did anything yet; v shows all." if self._busy else "There was no run yet."
        self._listing.say_when_empty(only if self.xerosync.connection else "Nothing is connected yet.")
        self._listing.show(lists.activity(self.program, self.xerosync.connection, busy=self._busy))

    @on(Listing.Shown)
    def _shown(self) -> None:
        if self.focused is None:
            self._listing.table.focus()

    @on(Table.Moved)
    def _moved(self) -> None:
        run = self._listing.table.current
        self.query_one("#run", Fitted).show(paragraphs(_in_words(run) if run else []))

    def action_journal(self) -> None:
        """What the run did, entry by entry."""
        if (run := self._listing.table.current) is not None:
            ago = text.ago(run.started_at, self.program.now_ms())
            self.app.push_screen(Journal(f"Run {run.id}, {run.kind}, {ago} ago", run=run.id))

    def action_all_entries(self) -> None:
        """Everything that was done, by runs and by people."""
        self.app.push_screen(Journal("Everything"))

    def action_undo(self) -> None:
        """Undo what the run did."""
        if (run := self._listing.table.current) is not None:
            take_back_run(self.xerosync, run.id, self.reload)

    def action_idle(self) -> None:
        """With or without the runs that found nothing to do."""
        self._busy = not self._busy
        self.reload()


def _new(run: RunRecord) -> int:
    return run.counts.linked + run.counts.created + run.counts.created_in_xero


def _seconds(run: RunRecord) -> str:
    return f"{(run.finished_at - run.started_at) / 1000:.1f}" if run.finished_at else "-"


def _in_words(run: RunRecord) -> list[object]:
    how = history_words.did(run.counts) if run.state is RunState.DONE else words.run_state(run.state)
    rows: list[object] = [(f"Run {run.id}, {run.kind}, by {run.who}: {how}", "bold")]
    return [*rows, run.error] if run.error else rows
