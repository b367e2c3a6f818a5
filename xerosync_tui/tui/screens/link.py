"""An address to take away: as a hyperlink, by the terminal's clipboard, by hand, or by a phone."""

from __future__ import annotations

import sys
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.color import Color
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.style import Style
from textual.widgets import Static

from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import Dialog

_QUIET = 2  # light modules around the code: half of what the norm asks for, so that it fits 80x24
_HALVES = " ▄▀█"  # by the dark ones of two modules, the upper counting two
_DARK_ON_LIGHT = Style(foreground=Color(0, 0, 0), background=Color(255, 255, 255))  # whatever the theme: phones need it
_BESIDE = 32  # columns for the words and the address beside the code

_SENT = text.lines(
    "It was sent to your terminal, for its clipboard; no terminal says whether it took it.",
    text.line("tmux needs: ", ("set -g set-clipboard on", "bold")),
)
_KEYS = text.lines(
    text.line(("m", "bold"), "   Select the address by hand"),
    text.line(("esc", "bold"), " Close"),
)
_BY_HAND = text.line("Hold shift (on a Mac option or fn) while dragging.   ", ("esc", "bold"), " Back")


def qr_code(address: str) -> list[str]:
    """The QR code of ``address`` in half blocks: a character is two modules, the upper and the lower."""
    import segno

    rows = [list(row) for row in segno.make_qr(address, error="L").matrix_iter(border=_QUIET)]
    rows.append([0] * len(rows[0]))  # their number is odd
    return [
        "".join(_HALVES[2 * upper + lower] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    ]


class LinkPage(Dialog[None]):
    """Shows ``address``, which must be printable ASCII, and sends it to the terminal's clipboard."""

    CSS_PATH = "link.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "select_by_hand", "Select by hand", show=False, id="link.select_by_hand"),
    ]

    def __init__(self, address: str, title: str, *, code: bool = True, encoding: str | None = None) -> None:
        """``code``: with a QR code. ``encoding`` is the terminal's; by default that of the stream Textual draws on."""
        super().__init__(title)
        self._address = address
        self._encoding = encoding or (sys.__stderr__.encoding if sys.__stderr__ else "ascii")
        self._code = qr_code(address) if code else []

    def content(self) -> ComposeResult:
        """The words and the address, and the code beside them."""
        with Horizontal(id="link"):
            with Vertical(id="words"):
                yield Static("Open it in a browser where you are:", markup=False)
                yield Static(text.safe(self._address).stylize(Style(link=self._address)), id="address", markup=False)
                yield Static(_SENT, markup=False)
                yield Static("", id="without", markup=False)
                yield Static(_KEYS, classes="dialog--keys", markup=False)
            yield Static(Content.styled("\n".join(self._code), _DARK_ON_LIGHT), id="code", markup=False)

    def on_mount(self) -> None:
        """To the clipboard by OSC 52, which no terminal acknowledges."""
        self.app.copy_to_clipboard(self._address)

    def on_resize(self, event: Resize) -> None:
        """The code is shown where a phone could read it, else why it is not."""
        without = self._without_code(event.size)
        self.query_one("#code").display = not without
        reason = self.query_one("#without", Static)
        reason.update(without)
        reason.display = bool(without)

    def _without_code(self, window: Size) -> str:
        if not self._code:
            return "Open it on the machine that runs the ssh line, not on a phone."
        try:
            _HALVES.encode(self._encoding)
        except (UnicodeEncodeError, LookupError):
            return "No QR code: this terminal is not set to UTF-8."
        if self.app.no_color and self.app.native_ansi_color:  # then Textual takes black and white away too
            return "No QR code: it needs black on white, and NO_COLOR is set."
        width, height = len(self._code[0]) + 1 + _BESIDE + 2, len(self._code) + 1
        if window.width < width or window.height < height:
            return f"For the QR code, make the window {width}x{height} or larger."
        return ""

    def action_select_by_hand(self) -> None:
        """Nothing but the address."""
        self.app.push_screen(AddressPage(self._address))


class AddressPage(Dialog[None]):
    """Nothing but the address from edge to edge, without an escape sequence, for the mouse of the terminal."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("m", "close", "Back", show=False, id="address.close")]

    def __init__(self, address: str) -> None:
        super().__init__("")
        self._address = address

    def compose(self) -> ComposeResult:
        """The address above, how to take it below."""
        yield Static(text.safe(self._address), markup=False)
        yield Static(_BY_HAND, id="by-hand", markup=False)
