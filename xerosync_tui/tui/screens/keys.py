"""``?``: what every key does on the page below."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from xerosync_tui.domain.display import fitted
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import Dialog
from xerosync_tui.tui.widgets.key_bar import COMMON, in_order

if TYPE_CHECKING:
    from xerosync_tui.tui.screens.base import Page

_KEYS, _WORDS = 14, 32  # columns; the names come after them
_HERE, _LIST, _EVERYWHERE = "On this screen", "In the list", "On every screen"


class Keys(Dialog[None]):
    """The keys in force, this page's first, each with what it does and the name that config.toml has for it."""

    CSS_PATH = "keys.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q", "close", "Close", show=False, id="keys.close"),
        Binding("down,j", "scroll(1)", "Down", show=False, id="keys.down"),
        Binding("up,k", "scroll(-1)", "Up", show=False, id="keys.up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="keys.page_down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="keys.page_up"),
    ]

    def __init__(self, page: Page) -> None:
        super().__init__("Keys")
        self._rows: list[object] = []
        found: dict[tuple[str, str, str], list[Binding]] = {}
        for binding in in_order(page):
            if binding.id and binding.description:
                found.setdefault((_group(binding), binding.action, binding.description), []).append(binding)
        for group, rows in groupby(found.items(), key=lambda row: row[0][0]):
            self._rows.append((" " * _KEYS + group, "underline"))
            for (_, _, words), bindings in rows:
                keys = dict.fromkeys(map(page.app.get_key_display, bindings))  # several may share one sign
                names = dict.fromkeys(str(binding.id) for binding in bindings)
                shown = f"{fitted(words, _WORDS - 1)} ", (" ".join(names), "dim")
                self._rows.append(text.line((fitted(" ".join(keys), _KEYS), "bold"), *shown))

    def content(self) -> ComposeResult:
        """Three columns: keys, words, names."""
        yield Static(text.lines(*self._rows), markup=False)
        yield Static(
            text.lines(
                text.line(("esc", "bold"), " Close   ", ("ctrl+p", "bold"), " All actions by name"),
                ('Other keys: in config.toml below [keys], for example "main.sync" = "y"', "dim"),
            ),
            classes="dialog--keys",
            markup=False,
        )

    def action_scroll(self, by: int) -> None:
        """Where the window is too small for all."""
        self.query_one("#box").scroll_relative(y=by, animate=False)

    def action_page(self, by: int) -> None:
        """A windowful."""
        box = self.query_one("#box")
        box.scroll_relative(y=by * box.scrollable_content_region.height, animate=False)


def _group(binding: Binding) -> str:
    """Under which words the key stands."""
    place = COMMON.get(str(binding.id).partition(".")[0], 0)
    if binding.key == "escape":
        return _EVERYWHERE
    return (_HERE, _LIST, _EVERYWHERE)[min(place, 2)]
