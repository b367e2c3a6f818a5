"""A dialog that asks for one line of text."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, Static

from xerosync_tui.domain.display import clean
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import Dialog
from xerosync_tui.tui.widgets.line import Line


class Ask(Dialog[str]):
    """Returns what was typed; ``esc`` leaves it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close", show=False, id="ask.close")]

    def __init__(self, title: object, value: str = "", hint: str = "") -> None:
        super().__init__(title)
        self._value, self._hint = clean(value), hint

    def content(self) -> ComposeResult:
        """The line."""
        if self._hint:
            yield Static(text.safe(self._hint), markup=False)
        yield Line(self._value)
        yield Static(
            text.line(("enter", "bold"), " Go on   ", ("esc", "bold"), " Leave it"),
            classes="dialog--keys",
            markup=False,
        )

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)
