"""A searchable list: filter, titles, the table, and what is said when there is nothing to show."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import ClassVar, Generic, Protocol, TypeVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.widgets import Input, Static

from xerosync_tui.domain.display import clean, fitted
from xerosync_tui.errors import XeroSyncError
from xerosync_tui.tui import text
from xerosync_tui.tui.widgets.line import Line
from xerosync_tui.tui.widgets.table import Column, Table

Row = TypeVar("Row")
Read = TypeVar("Read", covariant=True)
_NARROW = 40  # cells, below which the filter needs what there is
_NAMED = 30  # cells of what is searched for, where it is named
_FIRST = 200  # rows that are read before the first paint; the others follow in the background


class Source(Protocol[Read]):
    """Where the rows come from: ``services.lists.Listing``."""

    orders: tuple[str, ...]

    def first(self, search: str, order: str, most: int = 200) -> array[int]:
        """The first ids, at once."""

    async def ids(self, search: str, order: str) -> array[int]:
        """All ids."""

    def rows(self, ids: Sequence[int]) -> Mapping[int, Read]:
        """The rows of these ids that are still there."""


class Fixed(Generic[Row]):
    """Rows that are all there, in their order, found by a name."""

    orders: tuple[str, ...] = ("order",)

    def __init__(self, rows: Sequence[Row], name: Callable[[Row], str]) -> None:
        self._rows, self._names = rows, [name(row).casefold() for row in rows]

    def first(self, search: str, order: str, most: int = 200) -> array[int]:
        """The first places."""
        return self._found(search)[:most]

    async def ids(self, search: str, order: str) -> array[int]:
        """All places."""
        return self._found(search)

    def _found(self, search: str) -> array[int]:
        wanted = search.strip().casefold()
        return array("q", (place for place, name in enumerate(self._names) if wanted in name))

    def rows(self, ids: Sequence[int]) -> dict[int, Row]:
        """The rows in these places."""
        return {place: self._rows[place] for place in ids}


class Filter(Line):
    """The search; ``enter``, ``down`` and ``esc`` lead back to the rows, and ``esc`` empties it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave(True)", "Clear", id="filter.clear"),
        Binding("enter,down", "leave(False)", "To the rows", key_display="⏎", id="filter.leave"),
    ]

    def action_leave(self, clear: bool) -> None:
        """Back to the rows."""
        if clear:
            self.value = ""
        self.screen.query_one(Table).focus()


class Listing(Vertical, Generic[Row]):
    """A list of a page. ``show`` gives it its source, and again whenever the data changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", id="list.filter"),
        Binding("greater_than_sign", "next_order", "Sort", key_display=">", show=False, id="list.sort"),
    ]

    class Shown(Message):
        """Raised when the list shows another snapshot."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        *,
        empty: str | Content,
        id: str | None = None,
        mark: Callable[[Row], str] | None = None,
        mark_width: int = 1,
    ) -> None:
        super().__init__(id=id)
        self.table: Table[Row] = Table(columns, mark=mark, mark_width=mark_width)
        self._empty = empty
        self._source: Source[Row] | None = None
        self._order = ""
        self._total = 0
        self._complete = False

    def compose(self) -> ComposeResult:
        """The filter and the count on one line, the titles, the rows."""
        with Horizontal(classes="listing--bar"):
            yield Static(text.safe("/"), classes="listing--slash", markup=False)
            yield Filter(placeholder="filter", classes="listing--filter")
            yield Static("", classes="listing--count", markup=False)
        yield Static("", classes="listing--titles", markup=False)
        yield self.table
        yield Static("", classes="listing--empty", markup=False)

    @property
    def search(self) -> str:
        """What is searched for."""
        return self.query_one(Filter).value

    @property
    def total(self) -> int:
        """How many rows there are without a filter, as far as they were read."""
        return self._total

    def say_when_empty(self, words: str | Content) -> None:
        """What an empty list says from here on."""
        self._empty = words

    def show(self, source: Source[Row]) -> None:
        """Show the rows of ``source``: the first at once, all of them soon after."""
        another = self._source is None or self._source.orders != source.orders
        self._source = source
        if self._order not in source.orders:
            self._order = source.orders[0]
        self._look(top=another)
        if self.search:
            self._count(source)

    @work(exclusive=True, group="count", exit_on_error=False)
    async def _count(self, source: Source[Row]) -> None:
        """How many there are without the filter, now that something changed."""
        with suppress(XeroSyncError):  # the rows themselves tell it
            self._total = len(await source.ids("", self._order))
            self._describe(len(self.table.ids))

    def _look(self, *, top: bool) -> None:
        """Take a new snapshot; ``top``: it is another list, so the cursor starts anew."""
        if self._source is None:
            return
        if top or not self.table.ids:
            try:
                first = self._source.first(self.search, self._order, _FIRST)
            except XeroSyncError as error:
                self.table.tell(Table.Unreadable(error))
                return
            self._complete = len(first) < _FIRST
            self._apply(first, top=top)
            if self._complete:
                return
        self._look_at_all(self._source, self.search, self._order)

    @work(exclusive=True, group="snapshot", exit_on_error=False)
    async def _look_at_all(self, source: Source[Row], search: str, order: str) -> None:
        try:
            ids = await source.ids(search, order)
        except XeroSyncError as error:
            self.table.tell(Table.Unreadable(error))
            return
        self._complete = True
        self._apply(ids, top=False)

    def _apply(self, ids: array[int], *, top: bool) -> None:
        if self._source is None:
            return
        if not self.search:
            self._total = len(ids)
        self.table.show(ids, self._source.rows, top=top)
        self.set_class(not ids, "-empty")
        self._describe(len(ids))
        self.post_message(self.Shown())

    def _describe(self, found: int) -> None:
        if found == 0:
            wanted = fitted(clean(self.search), _NAMED).rstrip()
            none = f"Nothing here holds “{wanted}”. esc clears the filter." if self.search else self._empty
            self.query_one(".listing--empty", Static).update(none if isinstance(none, Content) else text.safe(none))
        count = text.number(found) if self._complete else "…"
        marked = sum(row in self.table.marked for row in self.table.ids) if self.table.marked else 0
        narrow = self.size.width < _NARROW
        of = "/" if narrow else " of "
        if marked:  # which is the news, and there is no room for more
            count = f"{text.number(marked)}{of}{count} marked"
        elif self.search and self._total:
            count += f"{of}{text.number(self._total)}"
        if not marked and not narrow and self._source and len(self._source.orders) > 1:
            count += f"   by {self._order}"
        self.query_one(".listing--count", Static).update(text.safe(count))

    def on_resize(self, event: Resize) -> None:
        """The titles stand over their columns."""
        self._describe(len(self.table.ids))
        self.query_one(".listing--titles", Static).update(text.safe(self.table.heading(event.size.width)))

    @on(Input.Changed, ".listing--filter")
    def _searched(self) -> None:
        self._look(top=True)

    def action_filter(self) -> None:
        """Type to filter."""
        self.query_one(Filter).focus()

    def back_out(self) -> bool:
        """Show all rows again. Whether there was a filter."""
        there, self.query_one(Filter).value = bool(self.search), ""
        return there

    def action_next_order(self) -> None:
        """Sort by the next column."""
        if self._source:
            orders = self._source.orders
            self._order = orders[(orders.index(self._order) + 1) % len(orders)]
            self._look(top=True)


class MarkingListing(Listing[Row]):
    """A list whose rows can be marked; what a key does, it does to all of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "Mark", show=False, id="list.mark"),
        Binding("shift+down", "mark_on(1)", "Mark and go down", show=False, id="list.mark_down"),
        Binding("shift+up", "mark_on(-1)", "Mark and go up", show=False, id="list.mark_up"),
        Binding("M", "mark_range", "Mark from the last mark to here", show=False, id="list.mark_range"),
        Binding("asterisk", "mark_all", "Mark all, or none", key_display="*", show=False, id="list.mark_all"),
    ]

    _all_of: str | None = None  # the search of which all rows are marked, while not all of them are read

    @property
    def chosen(self) -> list[int]:
        """The marked rows in the order of the list; else the one under the cursor. None that a filter hides."""
        table = self.table
        here = [] if table.current_id is None else [table.current_id]
        return [row for row in table.ids if row in table.marked] or here

    def _apply(self, ids: array[int], *, top: bool) -> None:
        if self._complete:
            if self._all_of == self.search:
                self.table.marked |= set(ids) - set(self.table.ids)
            self._all_of = None
            if not self.search:
                self.table.marked &= set(ids)
        super()._apply(ids, top=top)

    def back_out(self) -> bool:
        """Show all rows again, then unmark them. Whether there was anything to leave."""
        there = super().back_out() or bool(self.table.marked)
        if not self.search:
            self.unmark()
        return there

    def unmark(self) -> None:
        """No row is marked any more."""
        self._all_of = None
        self.table.unmark()
        self._describe(len(self.table.ids))

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        self.table.toggle_mark()
        self._describe(len(self.table.ids))

    def action_mark_on(self, direction: int) -> None:
        """Mark on the way down or up."""
        self.table.mark_on(direction)
        self._describe(len(self.table.ids))

    def action_mark_range(self) -> None:
        """Mark a stretch."""
        self.table.mark_range()
        self._describe(len(self.table.ids))

    def action_mark_all(self) -> None:
        """Mark all that the filter shows, those too that are still being read, or none."""
        self.table.mark_all()
        self._all_of = self.search if self.table.marked and not self._complete else None
        self._describe(len(self.table.ids))
