"""A notice over everything while the window is too small for the screens."""

from __future__ import annotations

from textual.app import App
from textual.geometry import Size
from textual.widgets import Static

from xerosync_tui.tui import text

SMALLEST = Size(80, 24)
_SPARE = 1  # the screens have it all in a line and a column less, as below tmux's status line


def is_too_small(size: Size) -> bool:
    """Whether the screens have no room in a window of that size."""
    return size.width < SMALLEST.width - _SPARE or size.height < SMALLEST.height - _SPARE


class TooSmall(Static):
    """Covers the screen it is mounted on; what lies below stays as it was."""

    def __init__(self, size: Size) -> None:
        super().__init__(markup=False)
        self.say(size)

    def say(self, size: Size) -> None:
        """How large the window is, and how large it has to be."""
        needs = f"XeroSync needs {SMALLEST.width}x{SMALLEST.height}; this is {size.width}x{size.height}."
        self.update(text.lines((needs, "bold"), "Make the window larger; nothing is lost. ctrl+q quits."))


def follow(app: App[int], size: Size) -> None:
    """Put the notice over the screen in front, or take it away, in a window of that size."""
    if not app.screen_stack:  # the window's size is known before the first screen
        return
    small = is_too_small(size)
    if not small and not app.screen.has_class("-too-small"):
        return
    notices = app.screen.query(TooSmall)
    app.screen.set_class(small, "-too-small")
    if not small:
        notices.remove()
    elif notices:
        notices.first().say(size)
    else:
        app.screen.mount(TooSmall(size))
