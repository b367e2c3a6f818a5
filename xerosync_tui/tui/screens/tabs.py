"""What the tabs of Resolve Match Issues share: their line, a queue that moves on, and the last decision."""

from __future__ import annotations

from array import array
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from operator import attrgetter
from typing import ClassVar, Generic, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.decided import Decided, Stays
from xerosync_tui.domain.display import fitted, width
from xerosync_tui.domain.progress import Progress, Report
from xerosync_tui.errors import MachineError, NotConnected, XeroSyncError
from xerosync_tui.services import lists
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import MainPage
from xerosync_tui.tui.screens.details import Details
from xerosync_tui.tui.undoing import offer_in_words, take_back_last
from xerosync_tui.tui.widgets.listing import MarkingListing
from xerosync_tui.tui.widgets.table import Table
from xerosync_tui.tui.words import next_step

Row = TypeVar("Row")
_GAUGE = 5  # cells

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

    Above the queue stands what ``z`` will undo, or what became of the last key, out of reach of the short words in
    the corner.
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
        self._said = ""  # what became of the last key, where that is more than what ``z`` undoes
        self._offer = ""  # what ``z`` undoes

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
        self._look_what_z_undoes()

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
        status = self.xerosync.status
        parts: list[object] = [" "]
        for place, (title, count) in TABS.items():
            here = place == self.TAB
            number = self.waiting if here else attrgetter(count)(status.counts) if status else 0
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

    def decide(
        self,
        rows: Collection[int],
        work: Callable[[Report], Awaitable[Decided]],
        said: Callable[[Decided], str] | None = None,
    ) -> None:
        """Carry out one decision about these rows in the background: the next row is there at once.

        What stays is here again, with the reason, and stops nothing. ``said``: the outcome in words, where that is
        not what ``z`` undoes.
        """

        async def decided() -> Decided | None:
            try:
                found = await work(self._count)
            except (MachineError, NotConnected):
                raise
            except XeroSyncError as error:
                self.say_last(f"! {text.sentence(error.what)} {next_step(error)}".rstrip())
                self.xerosync.say(error.what, severity="error")
                await self.refused([Stays("", error.what, about=str(row)) for row in rows])
                return None
            if found.stays:
                await self.refused(found.stays)
            return found

        def over() -> None:
            self._decided.difference_update(rows)
            self.reload()

        def done(found: Decided | None) -> None:
            if found and found.stays:
                self.say_last(_stays_in_words(found, len(rows)))
            elif found and (found.done or said):
                self.say_last(said(found) if said else "")
            if found and found.later:
                self.xerosync.say(text.sentence(found.later))
            over()

        def failed(error: Exception) -> None:
            over()
            self.xerosync.tell(error)

        self._said = ""
        self._decided.update(rows)
        self._listing.unmark()
        self.reload()
        self.xerosync.jobs.decide(decided, done, failed)

    def _count(self, progress: Progress) -> None:
        self.say_last(f"{text.number(progress.done)} of {text.number(progress.total or 0)} done")

    async def refused(self, stays: Sequence[Stays]) -> None:
        """What could not be decided, before its rows are here again."""

    def say_last(self, words: str) -> None:
        """What became of the last key, until there is another; empty: what ``z`` undoes is all there is to say."""
        self._said = words
        self._draw_last()

    def _look_what_z_undoes(self) -> None:
        self._offer = offer_in_words(self.xerosync)
        self._draw_last()

    def _draw_last(self) -> None:
        """What became of the last key leaves room for what ``z`` undoes, half of the line at most."""
        room = max(self.size.width // 2, self.size.width - width(self._offer) - 4)
        said = fitted(self._said, room).rstrip() if self._offer else self._said
        self.query_one("#last", Static).update(text.safe(f" {'  '.join(filter(None, (said, self._offer)))}"))

    def action_undo(self) -> None:
        """Undo the last decision that stands, of one key, as one."""

        def done(words: str, issue: int) -> None:
            self.say_last(words)
            self.was_undone(issue)
            self.reload()

        take_back_last(self.xerosync, done, self._look_what_z_undoes)

    def was_undone(self, issue: int) -> None:
        """Something was undone here; ``issue`` is open again (0: none)."""

    def action_details(self) -> None:
        """Everything about the row under the cursor, whatever there is room for."""
        if found := self.details():
            self.app.push_screen(Details(*found))

    def unavailable(self, why: str) -> None:
        """Why a key does nothing."""
        self.xerosync.say(why, severity="warning")


def _stays_in_words(found: Decided, asked: int) -> str:
    """How many of several were not done, and why the first was not."""
    why, stays = found.stays[0].in_words, len(found.stays)
    return text.sentence(f"! {why}" if asked == 1 else f"! {asked - stays} of {asked} done, {stays} not: {why}")
