"""Connected Apps: is it all right, and does it need me?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from xerosync_tui.domain.connection import Connection, ConnectionState
from xerosync_tui.services.overview import Status
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import Confirm, MainPage
from xerosync_tui.tui.screens.status_words import at_work, karbon_card, last_run, next_run, today, xero_card
from xerosync_tui.tui.widgets.fitting import Fitted, paragraphs
from xerosync_tui.tui.widgets.options import Options
from xerosync_tui.tui.widgets.top_bar import progress_in_words

_WIDEST = 120  # cells, for what is read as a line


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for a person: in words, and what leads to it."""

    words: Content
    go: Callable[[Apps], None]


class Apps(MainPage):
    """Two cards, the last run, and what needs a person."""

    PLACE = 1
    CSS_PATH = "apps.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="apps.open"),
        Binding("t", "settings('contact_type')", "Contact type", id="apps.type"),
        Binding("f", "settings('filter')", "Filter", id="apps.filter"),
        Binding("e", "settings('filter')", "Settings", show=False, id="apps.settings"),
        Binding("x", "stop", "Stop the run", show=False, id="apps.stop"),
        Binding("K", "karbon", "Connect Karbon", show=False, id="apps.karbon"),
        Binding("d", "disconnect", "Disconnect", id="apps.disconnect"),
        Binding("a", "approve", "Approve what was stopped", show=False, id="apps.approve"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._needs: list[Need] = []

    def body(self) -> ComposeResult:
        """Cards, runs, needs."""
        with Horizontal(id="cards"):
            for name in ("Xero", "Karbon"):
                card = Fitted(id=name.lower(), classes="card")
                card.border_title = name
                yield card
        yield Static("", id="runs", markup=False)
        yield Static("", id="needs-title", markup=False)
        yield Options(id="needs", compact=True)

    def reload(self) -> None:
        """Draw the state as last read."""
        status = self.xerosync.status
        if status is None:
            self.query_one("#xero", Fitted).show(paragraphs(["Reading ..."]))
            return
        self.query_one("#xero", Fitted).show(paragraphs(xero_card(status, self.program.now_ms())))
        self.query_one("#karbon", Fitted).show(
            paragraphs(karbon_card(status, previews=self.xerosync.jobs.kind == "preview"))
        )
        self.job_moved()
        self._show_needs(_needs(status))

    def renew(self) -> None:
        """How long it has been connected, and when the last run was."""
        self.reload()

    def on_resize(self) -> None:
        """More or fewer syncs of today fit."""
        self.call_after_refresh(self.job_moved)

    def job_moved(self) -> None:
        """The lines about the runs follow a run under way."""
        status, jobs, now = self.xerosync.status, self.xerosync.jobs, self.program.now_ms()
        if status is None:
            return
        then = next_run(status, self.xerosync.own_sync, now)
        if jobs.kind:
            then = text.line("  Now        ", progress_in_words(jobs.kind, jobs.progress), ("   x stops it", "dim"))
        elif status.holder:
            then = at_work(status.holder, now)
        runs = self.query_one("#runs", Static)
        room = min(runs.size.width or _WIDEST, _WIDEST)
        words = text.lines(last_run(status, now, room), then, today(status, room))
        if runs.content != words:
            runs.update(words)

    def _show_needs(self, needs: list[Need]) -> None:
        options = self.query_one(OptionList)
        title = "  Needs you" if needs else "  Nothing needs you."
        self.query_one("#needs-title", Static).update(text.safe(title, "bold"))
        if [n.words for n in needs] != [n.words for n in self._needs]:
            at = options.highlighted or 0
            options.clear_options()
            options.add_options([Option(need.words) for need in needs])
            options.highlighted = min(at, len(needs) - 1) if needs else None
        self._needs = needs
        if self.focused is None:
            options.focus()

    @on(OptionList.OptionSelected)
    def _selected(self) -> None:
        self.action_open()

    def action_open(self) -> None:
        """What is under the cursor."""
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._needs):
            self._needs[at].go(self)

    def connect(self) -> None:
        """Consent, to connect or to connect again."""
        from xerosync_tui.tui.screens.consent import ConsentPage

        self.app.push_screen(ConsentPage())

    def action_karbon(self) -> None:
        """Connect Karbon's API, give it other keys, or go back to the built-in directory."""
        from xerosync_tui.tui.screens.karbon import ask_about_karbon

        ask_about_karbon(self.xerosync)

    def action_approve(self) -> None:
        """Do what a brake stopped, once was read what it is."""
        connection = self.xerosync.connection
        brake = connection.brake if connection else None
        if brake is None:
            self.xerosync.say("No sync was stopped, so there is nothing to approve.", severity="warning")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.xerosync.action_sync(approved=brake.digest)

        loss = text.lines(
            f"{brake.reason}.",
            "esc, then p lists what it would do. This holds for exactly that:",
            "if anything else has changed meanwhile, it stops again.",
        )
        self.app.push_screen(Confirm("Do it all the same?", loss, "Do it"), answered)

    def action_settings(self, key: str) -> None:
        """The settings, at one of them."""
        from xerosync_tui.tui.screens.settings import SettingsPage

        if self.xerosync.connection is None:
            self.xerosync.say("Nothing is connected yet; the settings belong to a connection.", severity="warning")
            return
        self.app.push_screen(SettingsPage(key))

    def action_stop(self) -> None:
        """Stop the run under way."""
        if self.xerosync.jobs.stop():
            self.xerosync.say("Stopped. What was done stays done; the next sync goes on from there.")
        else:
            self.xerosync.say("No run of this program is under way.")

    def action_disconnect(self) -> None:
        """Let go of Xero, once what that means was read."""
        connection = self.xerosync.connection
        if connection is None or connection.state is ConnectionState.DISCONNECTED:
            self.xerosync.say("Xero is not connected, so there is nothing to disconnect.", severity="warning")
            return
        links = self.xerosync.status.counts.synced if self.xerosync.status else 0
        loss = text.lines(
            "Syncing stops, and the tokens on this machine are forgotten.",
            f"The {text.counted(links, 'link')} and the history are kept for when you connect it again.",
            "Nothing is changed in Xero or Karbon.",
        )
        title = f"Disconnect {connection.organisation.name}?"
        self.app.push_screen(Confirm(title, loss, "Disconnect"), self._disconnect)

    def _disconnect(self, confirmed: bool | None) -> None:
        if not confirmed:
            return

        async def work() -> str:
            from xerosync_tui.services import connect

            return await connect.disconnect(self.program)

        self.xerosync.jobs.decide(work, lambda warning: self.xerosync.say(warning or "Disconnected."))


def _needs(status: Status) -> list[Need]:
    """What waits for a person, the most urgent first."""
    refused = Need(text.line("Karbon refuses its keys: give new ones", ("   enter", "dim")), Apps.action_karbon)
    beside = Need(
        text.line("Karbon's own Xero sync is at work too", ("   enter: what to do", "dim")),
        lambda page: page.action_settings("beside_karbon"),
    )
    account = status.account
    return [
        *([refused] if account and account.trouble else []),
        *_of_xero(status),
        *([beside] if account and status.native[1] and not account.write_beside else []),
    ]


def _of_xero(status: Status) -> list[Need]:
    connection = status.connection
    if connection is None or connection.state is ConnectionState.DISCONNECTED:
        return [Need(text.line("Connect Xero", ("   enter", "dim")), Apps.connect)]
    if connection.state is ConnectionState.RECONNECT:
        again = Need(text.line("Reconnect: give consent again", ("   enter", "dim")), Apps.connect)
        return [again, *_queues(status)]
    return _work(status, connection)


def _work(status: Status, connection: Connection) -> list[Need]:
    needs = []
    if connection.started_at is None:
        seen = connection.previewed_at is not None
        step = "The first sync waits for your word" if seen else "Choices and preview of the first sync"
        needs.append(Need(text.safe(step), lambda page: page.xerosync.action_preview()))
    elif connection.brake:
        stopped = text.line(
            ("! A sync was stopped. ", "bold"), connection.brake.reason, ("   enter looks, a approves", "dim")
        )
        needs.append(Need(stopped, lambda page: page.xerosync.action_preview()))
    elif connection.plan_run is not None and not status.at_work:
        words = text.safe("A sync was interrupted: go on with it")
        needs.append(Need(words, lambda page: page.xerosync.action_sync()))
    return [*needs, *_queues(status)]


def _queues(status: Status) -> list[Need]:
    """What waits for a person in the tabs of Resolve Match Issues."""
    counts = status.counts
    queues = (  # the tabs of Resolve Match Issues
        ("issues", counts.match_issues, "match issue"),
        ("field_conflicts", counts.field_conflicts, "field conflict"),
        ("failed", counts.failed, "failed record"),
        ("unsynced", counts.unsynced, "unsynced client"),
    )
    return [Need(_waiting(place, text.counted(n, one), status), _to(place)) for place, n, one in queues if n]


def _waiting(place: str, words: str, status: Status) -> Content:
    """How many wait there; of failed records, the first by name."""
    failed = status.failed if place == "failed" else None
    if failed is None:
        return text.safe(words)
    return text.line(f"{words:<19}", (f"{failed.name or failed.record}: {failed.reason}", "dim"))


def _to(place: str) -> Callable[[Apps], None]:
    return lambda page: page.xerosync.action_show_place(place)
