"""A short list of choices, whose cursor is a sign and not colour alone."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widgets import OptionList


class Options(OptionList, inherit_bindings=False):
    """An OptionList with ``▸`` before the choice under the cursor; the keys are those of every list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_up", "Up", show=False, id="list.up"),
        Binding("down,j", "cursor_down", "Down", show=False, id="list.down"),
        Binding("pageup", "page_up", "Page up", show=False, id="list.page_up"),
        Binding("pagedown", "page_down", "Page down", show=False, id="list.page_down"),
        Binding("home,g", "first", "First", show=False, id="list.first"),
        Binding("end,G", "last", "Last", show=False, id="list.last"),
        Binding("enter", "select", "Choose", show=False),  # without an id: the page says what choosing does
    ]

    def render_line(self, y: int) -> Strip:
        """The line, with the cursor's sign in the room that is kept for it (app.tcss)."""
        strip = super().render_line(y)
        line = self.scroll_offset.y + y
        if line >= len(self._lines) or self._lines[line] != (self.highlighted, 0):
            return strip
        [first, *_] = strip.crop(0, 1)
        return Strip([Segment("▸", first.style), *strip.crop(1)], strip.cell_length)
