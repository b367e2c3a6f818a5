"""Set-up, step 2: the choices that the preview needs; and which step comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from xerosync_tui.domain.connection import ConnectionState
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import Page
from xerosync_tui.tui.screens.consent import ConsentPage, steps
from xerosync_tui.tui.screens.preview import PreviewPage
from xerosync_tui.tui.screens.settings import SettingsPage
from xerosync_tui.tui.widgets.options import Options

if TYPE_CHECKING:
    from xerosync_tui.tui.app import XeroSyncApp


def next_step(app: XeroSyncApp) -> Page:
    """The page of the set-up that comes next."""
    connection = app.connection
    if connection is None or connection.state is not ConnectionState.CONNECTED:
        return ConsentPage()
    if connection.started_at is None and connection.previewed_at is None:
        return Choices()
    return PreviewPage()


class Choices(SettingsPage):
    """The import filter and the default contact type, before anything is read."""

    KEYS = ("filter", "contact_type")
    OF_ACCOUNT = ()
    BINDINGS: ClassVar[list[BindingType]] = [Binding("p", "preview", "Preview", id="choices.preview")]

    def trail(self) -> Content:
        """The step of the set-up."""
        return text.safe(steps(2))

    def body(self) -> ComposeResult:
        """The two settings, and what comes next."""
        yield Options(id="settings", compact=True)
        yield Static("", id="meaning", markup=False)
        words = text.line(" ", ("p", "bold"), " reads both sides and shows what would happen. Nothing is written.")
        yield Static(words, markup=False)

    def action_preview(self) -> None:
        """On to the preview."""
        self.app.switch_screen(PreviewPage())
