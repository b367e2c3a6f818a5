"""Lines in a box of fixed size: what it has no room for is left out under a sign."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import zip_longest

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from xerosync_tui.tui import text

Lines = Callable[[int], Sequence[Content]]  # by the cells there are for a line


class Fitted(Static):
    """Shows lines that are made for its width. The last one is ``more`` where there are too many."""

    def __init__(self, more: str = "…", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__("", id=id, classes=classes, markup=False)
        self._more = text.safe(more, "dim")
        self._lines: Lines = lambda room: []

    def show(self, lines: Lines) -> None:
        """Show these, here and at any other width."""
        self._lines = lines
        self._fit()

    def on_resize(self) -> None:
        """They are made anew."""
        self._fit()

    def _fit(self) -> None:
        room, height = self.size
        if not room or not height:
            return
        lines = self._lines(room)
        if len(lines) > height:
            lines = [*lines[: height - 1], self._more]
        shown = Content("\n").join(lines)
        if not (isinstance(self.content, Content) and shown.is_same(self.content)):
            self.update(shown, layout=False)  # its size is not that of its lines


def wrapped(content: Content, room: int, most: int = 0) -> list[Content]:
    """``content`` in lines of at most ``room`` cells; ``most`` of them, the last one then ending in an ellipsis."""
    lines = [line.rstrip() for line in content.wrap(room)]
    if most and len(lines) > most:
        cut = Content(" ").join(lines[most - 1 : most + 1])
        lines = [*lines[: most - 1], cut.truncate(room, ellipsis=True)]
    return lines


def paragraphs(rows: Sequence[object]) -> Lines:
    """Each row wrapped, further lines of it below its own beginning; a row as ``text.lines`` takes it."""

    def lines(room: int) -> list[Content]:
        found: list[Content] = []
        for row in text.lines(*rows).split(allow_blank=True) if rows else []:
            inset = len(row.plain) - len(row.plain.lstrip(" "))
            rest = row[inset:]
            first, *others = [rest] if rest.cell_length <= room - inset else wrapped(rest, max(8, room - inset - 2))
            found += [line.pad_left(inset) for line in (first, *(other.pad_left(2) for other in others))]
        return found

    return lines


class Paragraphs(Static):
    """Rows as ``paragraphs`` takes them, as high as they are at its width."""

    def __init__(self, rows: Sequence[object]) -> None:
        super().__init__(text.lines(*rows), markup=False)
        self._lines = paragraphs(rows)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """How many lines there are."""
        return len(self._lines(width))

    def render(self) -> Content:
        """The lines."""
        return Content("\n").join(self._lines(self.content_size.width))


def beside(columns: Sequence[Sequence[Content]], widths: Sequence[int], gap: int = 1) -> list[Content]:
    """Lines side by side, each column padded to its width."""
    blank = Content("")
    return [
        Content(" " * gap).join(
            line.pad_right(width - line.cell_length) for line, width in zip(row, widths, strict=True)
        )
        for row in zip_longest(*columns, fillvalue=blank)
    ]
