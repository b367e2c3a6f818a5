"""Something to read that may be longer than the window."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll


class Reading(VerticalScroll, inherit_bindings=False):
    """Scrolls by the keys of every list. Its page focuses it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False, id="list.up"),
        Binding("down,j", "scroll_down", "Down", show=False, id="list.down"),
        Binding("pageup", "page_up", "Page up", show=False, id="list.page_up"),
        Binding("pagedown", "page_down", "Page down", show=False, id="list.page_down"),
        Binding("home,g", "scroll_home", "First", show=False, id="list.first"),
        Binding("end,G", "scroll_end", "Last", show=False, id="list.last"),
    ]
