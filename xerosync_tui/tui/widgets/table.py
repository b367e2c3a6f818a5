"""A list of any length: the ids of its rows in an array, and only the rows in sight read and drawn."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from xerosync_tui.domain.display import clean, fitted
from xerosync_tui.domain.display import column as as_column
from xerosync_tui.errors import XeroSyncError

Row = TypeVar("Row")

_PAGE = 64  # rows that one read brings
_PAGES_KEPT = 32
_WIDE = 100  # columns from which on the columns marked ``wide`` are shown


@dataclass(frozen=True, slots=True)
class Column(Generic[Row]):
    """A column: its title, the text of a row's cell, and its width in cells (0: a share of what is left)."""

    title: str
    cell: Callable[[Row], str]
    width: int = 0
    share: int = 1
    wide: bool = False  # only where there is room


def widths(columns: Sequence[Column[Row]], room: int) -> list[int]:
    """The cells each column gets; 0 for one that is left out. A space stands behind each."""
    shown = [c for c in columns if room >= _WIDE or not c.wide]
    free = max(0, room - sum(c.width for c in shown) - len(shown))
    shares = sum(c.share for c in shown if not c.width) or 1
    return [0 if c not in shown else c.width or max(4, free * c.share // shares) for c in columns]


class Table(ScrollView, Generic[Row], can_focus=True, inherit_bindings=False):
    """Rows by id. ``show`` gives it a snapshot; rows that are gone since are drawn blank until the next."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--row", "table--cursor", "table--mark"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="list.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="list.down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="list.page_up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="list.page_down"),
        Binding("home,g", "edge(0)", "First", show=False, id="list.first"),
        Binding("end,G", "edge(1)", "Last", show=False, id="list.last"),
    ]

    class Moved(Message):
        """Raised when another row is under the cursor; also when its row was read anew."""

        def can_replace(self, message: Message) -> bool:
            """Only the last place counts."""
            return isinstance(message, Table.Moved)

    class Unreadable(Message):
        """Raised when a page cannot be read."""

        def __init__(self, error: XeroSyncError) -> None:
            super().__init__()
            self.error = error

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        *,
        id: str | None = None,
        mark: Callable[[Row], str] | None = None,
        mark_width: int = 1,
    ) -> None:
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.ids: array[int] = array("q")
        self.marked: set[int] = set()
        self._mark = mark
        self._mark_width = mark_width
        self._cursor = 0
        self._sought: int | None = None
        self._read: Callable[[Sequence[int]], Mapping[int, Row]] = lambda ids: {}
        self._pages: OrderedDict[int, Mapping[int, Row]] = OrderedDict()
        self._strips: dict[tuple[int, bool], Strip] = {}
        self._drawn: dict[int, Strip] = {}  # by line, what Textual was given last
        self._laid_out: tuple[Size, Size, Size] | None = None

    # What is shown

    def show(self, ids: array[int], read: Callable[[Sequence[int]], Mapping[int, Row]], *, top: bool = False) -> None:
        """Show this snapshot. The cursor stays on its contact, and that where it is; ``top``: at the beginning."""
        on, line = self.current_id, self._cursor - self.scroll_offset.y
        self._read = read
        self.ids = ids
        self._forget()
        if self._sought is not None and self._sought in ids:
            on, self._sought, top = self._sought, None, False
        if not top:
            self._cursor = self._place_of(on, default=self._cursor)
        else:
            self._cursor = line = 0
        self.virtual_size = Size(self.size.width, len(ids))
        self.scroll_to(y=max(0, self._cursor - line), animate=False, force=True)
        self._draw_what_differs()
        self.tell(self.Moved())

    def _place_of(self, row_id: int | None, default: int) -> int:
        if row_id is not None:
            try:
                return self.ids.index(row_id)
            except ValueError:
                pass  # gone from the list: whoever stands there now
        return max(0, min(default, len(self.ids) - 1))

    def renew(self) -> None:
        """Draw anew what says something else by now, such as how long ago it was."""
        self._strips.clear()
        self._draw_what_differs()

    def reread(self) -> None:
        """Read the rows anew where they stand: what they say has changed, not which they are."""
        self._forget()
        self._draw_what_differs()

    def _forget(self) -> None:
        self._pages.clear()
        self._strips.clear()

    @property
    def cursor(self) -> int:
        """The place of the row under the cursor."""
        return self._cursor

    @property
    def current_id(self) -> int | None:
        """The id under the cursor; None for an empty list."""
        return self.ids[self._cursor] if self._cursor < len(self.ids) else None

    @property
    def current(self) -> Row | None:
        """The row under the cursor; None when there is none, or it is gone."""
        return self.row_at(self._cursor)

    def row_at(self, place: int) -> Row | None:
        """The row at a place of the list."""
        if not 0 <= place < len(self.ids):
            return None
        number = place // _PAGE
        page = self._pages.get(number)
        if page is None:
            page = self._page(number)
        return page.get(self.ids[place])

    def _page(self, number: int) -> Mapping[int, Row]:
        wanted = self.ids[number * _PAGE : (number + 1) * _PAGE]
        try:
            page = self._read(wanted)
        except XeroSyncError as error:
            self.tell(self.Unreadable(error))
            page = {}
        self._pages[number] = page
        if len(self._pages) > _PAGES_KEPT:
            self._pages.popitem(last=False)
        return page

    def seek(self, row_id: int) -> None:
        """Put the cursor on this row when a snapshot that holds it is shown."""
        self._sought = row_id

    # Moving

    def go(self, place: int) -> None:
        """Put the cursor on a place, as near as there is one, and scroll it into sight.

        By half a screen at least: scrolling draws the whole table anew, moving the cursor two lines of it.
        """
        place = max(0, min(place, len(self.ids) - 1))
        if place == self._cursor or not self.ids:
            return
        before, self._cursor = self._cursor, place
        top, height = self.scroll_offset.y, self.size.height
        if top <= place < top + height:
            self.refresh_line(before)
            self.refresh_line(place)
        else:
            half = height // 2
            to = min(place, top - half) if place < top else max(place - height + 1, top + half)
            self.scroll_to(y=to, animate=False, force=True)
            self.refresh()
        self.tell(self.Moved())

    def action_move(self, by: int) -> None:
        """A row up or down."""
        self.go(self._cursor + by)

    def action_page(self, direction: int) -> None:
        """A page up or down."""
        self.go(self._cursor + direction * max(1, self.size.height - 1))

    def action_edge(self, last: int) -> None:
        """The first or the last row."""
        self.go(len(self.ids) - 1 if last else 0)

    def toggle_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away, and go on to the next."""
        row_id = self.current_id
        if row_id is None:
            return
        self.marked ^= {row_id}
        self.redraw(self._cursor)
        self.go(self._cursor + 1)

    def mark_on(self, direction: int) -> None:
        """Mark the row under the cursor, go on, and mark that one too."""
        before = self._cursor
        self.go(before + direction)
        self._mark_between(before, self._cursor)

    def mark_range(self) -> None:
        """Mark all from the nearest marked row above, or else below, to the cursor."""
        above = next((p for p in range(self._cursor - 1, -1, -1) if self.ids[p] in self.marked), None)
        below = next((p for p in range(self._cursor + 1, len(self.ids)) if self.ids[p] in self.marked), self._cursor)
        self._mark_between(below if above is None else above, self._cursor)

    def mark_all(self) -> None:
        """Mark all rows there are, or none when they all are."""
        every = set(self.ids)
        self.marked = self.marked - every if every <= self.marked else self.marked | every
        self._strips.clear()
        self.refresh()

    def unmark(self) -> None:
        """Mark none."""
        self.marked.clear()
        self._strips.clear()
        self.refresh()

    def _mark_between(self, one: int, other: int) -> None:
        self.marked.update(self.ids[min(one, other) : max(one, other) + 1])
        self._strips.clear()
        self.refresh()

    def tell(self, message: Message) -> None:
        """Post it as the table's own: made in the parent's handler it would not get past the parent."""
        self.post_message(message.set_sender(self))

    def redraw(self, place: int) -> None:
        """Draw one row anew."""
        for under_cursor in (True, False):
            self._strips.pop((place, under_cursor), None)
        self.refresh_line(place)

    def on_click(self, event: events.Click) -> None:
        """The cursor goes where the mouse says."""
        self.go(self.scroll_offset.y + event.y)

    # Drawing

    def on_resize(self) -> None:
        """Columns follow the width."""
        self._strips.clear()
        self.virtual_size = Size(self.size.width, len(self.ids))
        top, height = self.scroll_offset.y, self.size.height
        if self.ids and self._cursor >= top + height > top:
            self.scroll_to(y=self._cursor - height + 1, animate=False, force=True)

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        # A layout anywhere on the page comes by here, and Textual would draw the scrollbar anew each time.
        laid_out = size, self.virtual_size, container_size
        if laid_out == self._laid_out:
            return False
        self._laid_out = laid_out
        return super()._size_updated(size, virtual_size, container_size, layout)

    def notify_style_update(self) -> None:
        """Another theme, or the focus came or went: everything is drawn anew."""
        super().notify_style_update()
        self._strips.clear()

    def render_line(self, y: int) -> Strip:
        """One row, from the store or from what was drawn before."""
        strip = self._drawn[y] = self._line(y)
        return strip

    def _draw_what_differs(self) -> None:
        # A snapshot is mostly the one before: the database changed elsewhere, or this is the whole after its beginning.
        for y in range(self.size.height):
            if self._line(y) != self._drawn.get(y):
                self.refresh(Region(0, y, self.size.width, 1))

    def _line(self, y: int) -> Strip:
        place = self.scroll_offset.y + y
        if place >= len(self.ids):
            return Strip.blank(self.size.width, self.rich_style)
        key = (place, place == self._cursor)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) > 2000:
                self._strips.clear()
            strip = self._strips[key] = self._draw(*key)
        return strip

    def _draw(self, place: int, under_cursor: bool) -> Strip:
        marked = self.ids[place] in self.marked
        style = self.get_component_rich_style(
            "table--cursor" if under_cursor else "table--mark" if marked else "table--row"
        )
        row = self.row_at(place)
        head = f"{'▸' if under_cursor else ' '}{self._mark_of(row, marked)} "
        text = head + ("" if row is None else self._cells(row, self.size.width - len(head)))
        return Strip([Segment(fitted(text, self.size.width), style)], self.size.width)

    def _mark_of(self, row: Row | None, marked: bool) -> str:
        if self._mark and row is not None:
            return self._mark(row)
        return fitted("●" if marked else "", self._mark_width)

    def _cells(self, row: Row, room: int) -> str:
        sizes = widths(self.columns, room)
        return " ".join(
            as_column(clean(column.cell(row)), size) for column, size in zip(self.columns, sizes, strict=True) if size
        )

    def heading(self, room: int) -> str:
        """The titles over the columns, for a table ``room`` cells wide."""
        head = "  " + " " * self._mark_width
        sizes = widths(self.columns, room - len(head))
        return head + " ".join(fitted(c.title, size) for c, size in zip(self.columns, sizes, strict=True) if size)
