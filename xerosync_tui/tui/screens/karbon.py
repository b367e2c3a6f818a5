"""Connect Karbon's API: its two keys, the check, and what comes next; and the way back to the built-in directory."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from xerosync_tui.errors import ReconnectNeeded, XeroSyncError
from xerosync_tui.tui import text, words
from xerosync_tui.tui.screens.base import Confirm, Page
from xerosync_tui.tui.screens.menu import Menu
from xerosync_tui.tui.widgets.line import Line

if TYPE_CHECKING:
    from xerosync_tui.domain.connection import KarbonAccount
    from xerosync_tui.services.karbon import Joined
    from xerosync_tui.tui.app import XeroSyncApp

_FIELDS = {"token": "Application token", "access-key": "Access key"}
_ABOUT = text.lines(
    "Karbon, Settings, Connected Apps, API Applications: an application there shows two keys.",
    "Paste both, each into its line. They are not shown, and are kept encrypted on this machine.",
    "",
    "ctrl+s asks Karbon whether they fit. Nothing is written in Karbon, now or before a preview is confirmed.",
    "The links of the directory in use are kept apart, and are there again when it comes back.",
)
_AGAIN = "Paste both again, as Karbon shows them, then ctrl+s."


class KarbonPage(Page):
    """Two lines, typed unseen; what Karbon says to them; then on with the set-up."""

    CSS_PATH = "karbon.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "connect", "Check and connect", id="karbon.connect", priority=True),
        Binding("enter", "go_on", "Go on", id="karbon.go_on"),
        # With priority: what is pasted behind a tab, in one go over a slow line, belongs to the next field.
        Binding("tab", "app.focus_next", "Next field", show=False, id="karbon.tab", priority=True),
        Binding("shift+tab", "app.focus_previous", "Field before", show=False, id="karbon.back_tab", priority=True),
        Binding("down", "app.focus_next", "Next field", show=False, id="karbon.next"),
        Binding("up", "app.focus_previous", "Field before", show=False, id="karbon.previous"),
        Binding("escape", "back", "Back", id="karbon.back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asking = False
        self._joined: Joined | None = None

    @property
    def crumb(self) -> object:
        """Its step."""
        return "Connect Karbon's API"

    def body(self) -> ComposeResult:
        """Where the keys come from, the two lines, what became of them."""
        yield Static(_ABOUT, id="about", markup=False)
        for name, label in _FIELDS.items():
            with Horizontal(classes="field"):
                yield Static(label, classes="label", markup=False)
                yield Line(id=name, password=True)
        yield Static("", id="state", markup=False)

    def on_mount(self) -> None:
        """To the first line."""
        self.query(Input).first().focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys are given once; then it goes on."""
        return (self._joined is not None) == (action == "go_on") if action in ("connect", "go_on") else True

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        if event.input.id == "token":
            self.focus_next()
        else:
            self.action_connect()

    def action_connect(self) -> None:
        """Ask Karbon, once at a time."""
        token, access_key = (field.value for field in self.query(Input))
        if not self._asking:
            self._ask(token, access_key)

    @work(exclusive=True, group="karbon", exit_on_error=False)
    async def _ask(self, token: str, access_key: str) -> None:
        """Leaving the page before Karbon answers leaves everything as it was."""
        from xerosync_tui.services import karbon

        self._asking = True
        self._say(f"◐ asking Karbon at {self.program.settings.karbon_api_url}")
        try:
            self._joined = await karbon.connect(self.program, token, access_key)
        except XeroSyncError as error:
            step = _AGAIN if isinstance(error, ReconnectNeeded) else words.next_step(error)
            self._say(text.lines((f"! {error.what}", "bold"), step))
        except Exception as error:
            self._say("")
            self.xerosync.tell(error)
        else:
            await self._connected(self._joined)
        finally:
            self._asking = False

    async def _connected(self, joined: Joined) -> None:
        for field in self.query(Input):
            field.value, field.disabled = "", True
        self.set_focus(None)
        self._say(_in_words(joined))
        self.refresh_bindings()
        await self.xerosync.read_status()

    def _say(self, what: object) -> None:
        self.query_one("#state", Static).update(text.line(what))

    def action_go_on(self) -> None:
        """The step of the set-up that comes next."""
        from xerosync_tui.tui.screens.setup import next_step

        self.app.switch_screen(next_step(self.xerosync))


def _in_words(joined: Joined) -> Content:
    """What is connected, and what comes next."""
    account, connection = joined.account, joined.connection
    types = ", ".join(account.contact_types) or "none"
    links = "It shares no link with the directory before, whose links are kept for when it comes back."
    if joined.known:
        links = "It was in use before: its links are there again."
    after = "the consent of Xero"
    if connection is not None:
        after = "the next preview" if connection.started_at else "the default contact type, then the preview"
    return text.lines(
        (f"✓ Connected: Karbon account {account.tenant_key}. Nothing was read or written yet.", "bold"),
        f"Contact types there: {types}.",
        links,
        text.line(("enter", "bold"), f" goes on: {after}."),
    )


def ask_about_karbon(app: XeroSyncApp) -> None:
    """Connect Karbon's API; where it is in use, other keys or the built-in directory again."""
    account = app.account
    if account is None:
        app.push_screen(KarbonPage())
        return

    def answered(choice: str | None) -> None:
        if choice == "keys":
            app.push_screen(KarbonPage())
        elif choice:
            _ask_to_leave(app, account)

    choices = [("", "give new keys", "keys"), ("", "back to the built-in directory", "leave")]
    app.push_screen(Menu(f"Karbon account {account.tenant_key}", choices), answered)


def _ask_to_leave(app: XeroSyncApp, account: KarbonAccount) -> None:
    links = app.status.counts.synced if app.status else 0

    def answered(yes: bool | None) -> None:
        if yes:
            app.jobs.decide(leave, lambda _: app.say("The built-in directory is in use again."))

    async def leave() -> None:
        from xerosync_tui.services import karbon

        await karbon.leave(app.program)
        await app.read_status()

    loss = text.lines(
        f"The keys of account {account.tenant_key} on this machine are forgotten.",
        f"Its {text.counted(links, 'link')} and the history are kept for when it is connected again;",
        "the links of the built-in directory are there again. Nothing is changed in Xero or Karbon.",
    )
    app.push_screen(Confirm("Back to the built-in directory?", loss, "Back to it"), answered)
