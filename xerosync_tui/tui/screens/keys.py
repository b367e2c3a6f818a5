"""``?``: what every key does on the page below."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from xerosync_tui.domain.display import fitted
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import Dialog
from xerosync_tui.tui.widgets.key_bar import in_order

if TYPE_CHECKING:
    from xerosync_tui.tui.screens.base import Page


class Keys(Dialog[None]):
    """The keys in force, each with what it does."""

    CSS_PATH = "keys.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,q", "close", "Close", show=False, id="keys.close"),
        Binding("down,j", "scroll(1)", "Down", show=False, id="keys.down"),
        Binding("up,k", "scroll(-1)", "Up", show=False, id="keys.up"),
    ]

    def __init__(self, page: Page) -> None:
        super().__init__("Keys")
        found: dict[tuple[str, str], list[str]] = {}
        for binding in in_order(page):
            if binding.id and binding.description:
                keys = found.setdefault((binding.action, binding.description), [])
                if (key := page.app.get_key_display(binding)) not in keys:  # several may share one sign
                    keys.append(key)
        self._rows = [(" ".join(keys), words) for (_, words), keys in found.items()]

    def content(self) -> ComposeResult:
        """Two columns: keys, words."""
        shown = [text.line((fitted(keys, 14), "bold"), words) for keys, words in self._rows]
        yield Static(text.lines(*shown), markup=False)
        yield Static(text.line(("esc", "bold"), " Close   ", ("ctrl+p", "bold"), " All actions by name"), markup=False)

    def action_scroll(self, by: int) -> None:
        """Where the window is too small for all."""
        self.query_one("#box").scroll_relative(y=by, animate=False)
