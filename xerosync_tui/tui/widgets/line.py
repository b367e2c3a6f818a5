"""A line to type in. What is pasted into it came from outside, and is cleaned like all that did."""

from __future__ import annotations

from textual import events
from textual.widgets import Input

from xerosync_tui.domain.display import clean

_LONGEST = 4000  # an address that a browser ends up at is the longest
_TYPED = {"slash": "/"}  # keys of which Textual does not know that they type something


class Line(Input):
    """An Input without blinking, whose value is not marked when it gets the focus."""

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        password: bool = False,
        id: str | None = None,
        classes: str = "",
    ) -> None:
        super().__init__(
            value,
            placeholder,
            password=password,
            compact=True,
            select_on_focus=False,
            max_length=_LONGEST,
            id=id,
            classes=classes,
        )
        self.cursor_blink = False  # a blink is bytes over a slow line

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether the key types something here."""
        return super().check_consume_key(key, character or _TYPED.get(key))

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        if lines := event.text.splitlines():
            self.replace(clean(lines[0]), *self.selection)
