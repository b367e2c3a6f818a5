"""What the tabs of Resolve Match Issues share: their line, a queue that moves on, and the last decision."""

from __future__ import annotations

from array import array
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from xerosync_tui.domain.connection import Connection
from xerosync_tui.services import lists
from xerosync_tui.services.undo import Undone
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import MainPage
from xerosync_tui.tui.screens.details import Details
from xerosync_tui.tui.undoing import undone_in_words
from xerosync_tui.tui.widgets.listing import Listing
from xerosync_tui.tui.widgets.table import Table

Row = TypeVar("Row")
Result = TypeVar("Result")

TABS = {  # by the place that shows it: its title, and its count in the status
    "issues": ("Conflicts", "match_issues"),
    "field_conflicts": ("Field conflicts", "field_conflicts"),
    "unsynced": ("Unsynced", "unsynced"),
    "failed": ("Failed", "failed"),
}


class Undecided(Generic[Row]):
    """A list without the rows that were decided a moment ago; what was decided is not carried out yet."""

    def __init__(self, source: lists.Listing[Row], decided: Collection[int]) -> None:
        self._source, self._decided = source, decided
        self.orders = source.orders

    def first(self, search: str, order: str, most: int = 200) -> array[int]:
        """The first ids, at once."""
        return self._without(self._source.first(search, order, most + len(self._decided)))

    async def ids(self, search: str, order: str) -> array[int]:
        """All ids."""
        return self._without(await self._source.ids(search, order))

    def _without(self, ids: array[int]) -> array[int]:
        return array("q", (i for i in ids if i not in self._decided)) if self._decided else ids

    def rows(self, ids: Sequence[int]) -> Mapping[int, Row]:
        """The rows of these ids."""
        return self._source.rows(ids)


class QueuePage(MainPage, Generic[Row]):
    """A tab. Subclasses give ``desk`` with a Listing ``#queue``, ``source``, ``draw`` and ``details``.

    The last decision stays in words above the queue, out of reach of the short words in the corner.
    """

    PLACE = 3
    TAB: ClassVar[str]
    EMPTY: ClassVar[str]  # what the queue says when nothing is left
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "tab(1)", "Next tab", show=False, id="tabs.next", priority=True),
        Binding("shift+tab", "tab(-1)", "Tab before", show=False, id="tabs.previous", priority=True),
        Binding("z", "undo", "Undo", id="tabs.undo"),
        Binding("enter", "details", "All of it", show=False, id="tabs.details"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._decided: set[int] = set()
        self._drawn: int | None = None

    def body(self) -> ComposeResult:
        """The tabs, the last decision, the desk."""
        yield Static("", id="tabs", markup=False)
        yield Static("", id="last", markup=False)
        yield from self.desk()

    def desk(self) -> ComposeResult:
        """The queue, and what is known of the row under the cursor."""
        raise NotImplementedError

    def source(self, connection: Connection) -> lists.Listing[Row]:
        """The queue's rows."""
        raise NotImplementedError

    def draw(self) -> None:
        """Show the row under the cursor: called when it is another one, or was read anew."""
        raise NotImplementedError

    def details(self) -> tuple[object, Sequence[object]] | None:
        """All that is known of the row under the cursor: a title, and rows as ``text.lines`` takes them."""
        raise NotImplementedError

    @property
    def _listing(self) -> Listing[Row]:
        return self.query_one("#queue", Listing)

    # The queue

    def reload(self) -> None:
        """What waits now."""
        status = self.xerosync.status
        connection = status.connection if status else None
        if status is None:
            self._listing.say_when_empty("Reading ...")
        elif connection is None:
            self._listing.say_when_empty("Nothing is connected yet. Press 1, then enter.")
        elif connection.started_at is None:
            self._listing.say_when_empty("Match issues come with the first sync. Press p for its preview.")
        else:
            self._listing.say_when_empty(self.EMPTY)
        rows = self.source(connection) if connection else cast("lists.Listing[Row]", lists.issues(self.program, None))
        self._listing.show(Undecided(rows, self._decided))

    @on(Listing.Shown)
    def _shown(self) -> None:
        if self.focused is None:
            self._listing.table.focus()
        self._show_tabs()
        self.set_class(not self._listing.table.ids, "-nothing")

    @on(Table.Moved)
    def _moved(self) -> None:
        self._drawn = self._listing.table.current_id
        self.draw()

    @property
    def in_hand(self) -> Row | None:
        """The row under the cursor, once it is on the screen: a key that came too early decides nothing."""
        table = self._listing.table
        if table.current_id != self._drawn or self._drawn in self._decided:
            return None
        return table.current

    # The tabs

    def _show_tabs(self) -> None:
        counts = self.xerosync.status.counts if self.xerosync.status else {}
        parts: list[object] = [" "]
        for place, (title, count) in TABS.items():
            here = place == self.TAB
            number = len(self._listing.table.ids) if here else counts.get(count, 0)
            parts.append((f" {title} {text.number(number)} ", "bold reverse" if here else ""))
        self.query_one("#tabs", Static).update(text.line(*parts, (self.beside_tabs(), "dim")))

    def beside_tabs(self) -> str:
        """A word at the end of their line."""
        return ""

    def action_tab(self, by: int) -> None:
        """The tab beside."""
        places = list(TABS)
        self.xerosync.action_show_place(places[(places.index(self.TAB) + by) % len(places)])

    # Decisions

    def decide(self, row: int, work: Callable[[], Awaitable[Result]], said: Callable[[Result], str]) -> None:
        """Carry it out in the background; the next one is there at once, and a refusal brings ``row`` back."""

        def over() -> None:
            self._decided.discard(row)
            self.reload()

        def done(result: Result) -> None:
            over()
            self.say_last(said(result))

        def failed(error: Exception) -> None:
            over()
            self.xerosync.tell(error)

        self._decided.add(row)
        self.reload()
        self.xerosync.jobs.decide(work, done, failed)

    def say_last(self, words: str) -> None:
        """The last decision, until there is another."""
        self.query_one("#last", Static).update(text.safe(f" {words}"))

    def action_undo(self) -> None:
        """Take back the last decision that stands."""
        from xerosync_tui.services import undo

        def done(undone: Undone) -> None:
            self.say_last(undone_in_words(undone))
            self.was_undone(undone)
            self.reload()

        self.xerosync.jobs.decide(lambda: undo.undo(self.program), done)

    def was_undone(self, undone: Undone) -> None:
        """Something was taken back here."""

    def action_details(self) -> None:
        """Everything about the row under the cursor, whatever there is room for."""
        if found := self.details():
            self.app.push_screen(Details(*found))

    def unavailable(self, why: str) -> None:
        """Why a key does nothing."""
        self.xerosync.say(why, severity="warning")
