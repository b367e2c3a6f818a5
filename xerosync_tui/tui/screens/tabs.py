"""What the tabs of Resolve Match Issues share: their line, a queue that moves on, and the last decision."""

from __future__ import annotations

from array import array
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeVar, cast, runtime_checkable

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from xerosync_tui.domain.connection import Connection
from xerosync_tui.errors import MachineError, NotConnected, XeroSyncError
from xerosync_tui.services import lists
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import MainPage
from xerosync_tui.tui.screens.details import Details
from xerosync_tui.tui.undoing import take_back_last
from xerosync_tui.tui.widgets.listing import MarkingListing
from xerosync_tui.tui.widgets.table import Table

Row = TypeVar("Row")
_GAUGE = 5  # cells
Result = TypeVar("Result")

TABS = {  # by the place that shows it: its title, and its count in the status
    "issues": ("Conflicts", "match_issues"),
    "field_conflicts": ("Field conflicts", "field_conflicts"),
    "unsynced": ("Unsynced", "unsynced"),
    "failed": ("Failed", "failed"),
}


@dataclass(frozen=True, slots=True)
class Choice(Generic[Result]):
    """A decision that was made: about which row, whom it is about, and what carries it out."""

    row: int
    name: str
    work: Callable[[], Awaitable[Result]]


@runtime_checkable
class Decided(Protocol):
    """What a decision returns that can be taken back: its entry in the journal."""

    @property
    def entry(self) -> int:
        """What ``undo`` takes."""


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
        self._most = 0  # rows that waited here at once since this page is there

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
    def _listing(self) -> MarkingListing[Row]:
        return self.query_one("#queue", MarkingListing)

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

    @on(MarkingListing.Shown)
    def _shown(self) -> None:
        if self.focused is None:
            self._listing.table.focus()
        self._show_tabs()
        self.set_class(not self._listing.table.ids, "-nothing")

    @on(Table.Moved)
    def _moved(self) -> None:
        self._drawn = self._listing.table.current_id
        self.draw()

    def rows_of(self, ids: Sequence[int]) -> list[Row]:
        """These rows, in that order, without those that are gone."""
        connection = self.xerosync.connection
        found = self.source(connection).rows(ids) if connection else {}
        return [found[i] for i in ids if i in found]

    @property
    def marked(self) -> bool:
        """Whether rows in sight are marked: then a key is about all of them."""
        table = self._listing.table
        return bool(table.marked.intersection(table.ids))

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
            number = self.waiting if here else counts.get(count, 0)
            parts.append((f" {title} {text.number(number)} ", "bold reverse" if here else ""))
        self.query_one("#tabs", Static).update(text.line(*parts, "  ", self._progress(), (self.beside_tabs(), "dim")))

    @property
    def waiting(self) -> int:
        """How many rows wait here."""
        return self._listing.total

    def _progress(self) -> str:
        """How far this sitting is; nothing before its first decision."""
        left = self.waiting
        self._most = max(self._most, left)
        if left == self._most:
            return ""
        done = self._most - left
        filled = done * _GAUGE // self._most
        return f"{text.number(done)}/{text.number(self._most)} ▕{'█' * filled}{'░' * (_GAUGE - filled)}▏ "

    def beside_tabs(self) -> str:
        """A word at the end of their line."""
        return ""

    def action_tab(self, by: int) -> None:
        """The tab beside."""
        places = list(TABS)
        self.xerosync.action_show_place(places[(places.index(self.TAB) + by) % len(places)])

    # Decisions

    def decide(self, choices: Sequence[Choice[Result]], said: Callable[[Sequence[Result]], str]) -> None:
        """Carry them out in the background, in their order: the next row is there at once.

        ``said`` puts into words what was done. What is refused comes back, and stops nothing.
        """

        async def work() -> list[Result]:
            found = []
            for choice in choices:
                try:
                    found.append(await choice.work())
                except (MachineError, NotConnected):
                    raise
                except XeroSyncError as error:
                    await self.refused(choice, error)
                if len(choices) > 1:
                    self.say_last(f"{len(found)} of {len(choices)} done")
            return found

        def over() -> None:
            self._decided.difference_update(choice.row for choice in choices)
            self.reload()

        def done(results: Sequence[Result]) -> None:
            over()
            entries = tuple(result.entry for result in results if isinstance(result, Decided))
            if len(entries) > 1:
                self.xerosync.together.append(entries)
            if results:
                self.say_last(said(results))

        def failed(error: Exception) -> None:
            over()
            self.xerosync.tell(error)

        self._decided.update(choice.row for choice in choices)
        self._listing.unmark()
        self.reload()
        self.xerosync.jobs.decide(work, done, failed)

    async def refused(self, choice: Choice[Result], error: XeroSyncError) -> None:
        """A decision could not be carried out: its row is here again, and why is said without stopping anything."""
        what = error.what if choice.name in error.what else f"{choice.name}: {error.what}"
        self.say_last(f"! {what}. {error.next_step}".rstrip())
        self.xerosync.say(what, severity="error")

    def say_last(self, words: str) -> None:
        """The last decision, until there is another."""
        self.query_one("#last", Static).update(text.safe(f" {words}"))

    def action_undo(self) -> None:
        """Take back the last decision that stands, or all that were made by one key."""

        def done(words: str, issue: int) -> None:
            self.say_last(words)
            self.was_undone(issue)
            self.reload()

        take_back_last(self.xerosync, done)

    def was_undone(self, issue: int) -> None:
        """Something was taken back here; ``issue`` is open again (0: none)."""

    def action_details(self) -> None:
        """Everything about the row under the cursor, whatever there is room for."""
        if found := self.details():
            self.app.push_screen(Details(*found))

    def unavailable(self, why: str) -> None:
        """Why a key does nothing."""
        self.xerosync.say(why, severity="warning")
