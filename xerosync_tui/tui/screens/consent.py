"""Set-up, step 1: Xero's consent, with the browser wherever it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from xerosync_tui.domain.connection import Connection, Organisation
from xerosync_tui.domain.display import clean
from xerosync_tui.errors import NeedsPerson, NotConnected, XeroSyncError
from xerosync_tui.tui import text, words
from xerosync_tui.tui.screens.base import Confirm, Page
from xerosync_tui.tui.screens.menu import Menu
from xerosync_tui.tui.widgets.line import Line

if TYPE_CHECKING:
    from xerosync_tui.services.connect import Consent

STEPS = ("Consent", "Choices", "Preview", "First sync")


def steps(step: int) -> str:
    """The steps of the set-up, with where it is; earlier ones are ticked."""
    shown = [f"{n} {name}{' ✓' if n < step else ''}" for n, name in enumerate(STEPS, 1)]
    shown[step - 1] = f"[{shown[step - 1]}]"
    return " Connect Xero   " + "   ".join(shown)


class ConsentPage(Page):
    """Shows the page to open and waits for the answer: by the browser's redirect, or pasted."""

    CSS_PATH = "consent.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer", "Answer it here", id="consent.answer"),
        Binding("o", "open", "Open it", id="consent.open"),
        Binding("v", "paste", "Paste the answer", id="consent.paste"),
        Binding("r", "again", "Again", id="consent.again"),
        Binding("escape", "back", "Back", id="consent.back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._consent: Consent | None = None
        self._answers: asyncio.Queue[str] = asyncio.Queue()
        self._answering = False

    def trail(self) -> Content:
        """The step of the set-up; once it is set up, what is connected again."""
        connection = self.xerosync.connection
        if connection is None or connection.started_at is None:
            return text.safe(steps(1))
        return text.line(" Reconnect ", (connection.organisation.name, "bold"))

    def body(self) -> ComposeResult:
        """What to do, the address, and where to paste."""
        with VerticalScroll(id="consent", can_focus=False):
            yield Static("", id="what", markup=False)
            yield Static("", id="address", markup=False)
            yield Static("", id="how", markup=False)
            yield Line(placeholder="the address your browser ends up at", id="answer")
            yield Static("", id="state", markup=False)

    def on_mount(self) -> None:
        """Ask Xero at once."""
        self.set_focus(None)
        self._obtain()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The sandbox's page can be answered in the demo only."""
        return action != "answer" or self.xerosync.answer_consent is not None

    @work(exclusive=True, group="consent", exit_on_error=False)
    async def _obtain(self) -> None:
        """From the address to the organisations. Leaving the page cancels it, and with it the listener."""
        try:
            organisations = await self._consented()
            await self._choose(organisations)
        except XeroSyncError as error:
            self._say(error)
        except Exception as error:
            self.xerosync.tell(error)

    async def _consented(self) -> list[Organisation]:
        from xerosync_tui.services import connect

        self._consent = await connect.begin(self.program)
        self._show(self._consent, connect.ssh_hint(self.program.settings))
        listener = asyncio.ensure_future(self._listen(self._consent))
        try:
            while True:
                answer = await self._answers.get()
                self.query_one("#state", Static).update("◐ asking Xero")
                try:
                    return await connect.finish(self.program, self._consent, answer)
                except NotConnected as error:  # the wrong page, or no consent: the right one may still come
                    self._say(error)
        finally:
            listener.cancel()
            self._consent = None  # it serves once

    async def _listen(self, consent: Consent) -> None:
        from xerosync_tui.services import connect

        try:
            self._answers.put_nowait(await connect.wait_for_redirect(self.program, consent))
        except XeroSyncError as error:  # the port is taken, or nobody came: an answer can still be pasted
            self._say(error)

    def _show(self, consent: Consent, hint: str) -> None:
        here = self.xerosync.answer_consent is not None
        what: list[object] = [("Open this page in a browser, sign in to Xero and allow access.", "bold")]
        if (connection := self.xerosync.connection) and connection.started_at is not None:
            what.append(f"Allow access to {connection.organisation.name}: its links and choices stay as they are.")
        if here:
            what.append(("This is the sandbox: y answers its page for you.", "bold"))
        self.query_one("#what", Static).update(text.lines(*what))
        self.query_one("#address", Static).update(text.safe(consent.url))
        self.query_one("#how", Static).update(
            text.lines(
                "o opens it here, or sends it to your terminal's clipboard.",
                "Is the browser on another machine? Run there first, so that it finds its way back:",
                text.line("  ", (hint, "bold")),
                "or press v and paste the address that the browser ends up at.",
            )
        )
        self.query_one("#state", Static).update("○ waiting for Xero's answer")

    def _say(self, error: XeroSyncError) -> None:
        step = words.next_step(error)
        if isinstance(error, NotConnected):
            step = (
                "r asks for a new page."
                if self._consent is None
                else "v pastes the right address, r asks for a new page."
            )
        self.query_one("#state", Static).update(text.lines((f"! {error.what}", "bold"), step))

    # The answer

    def action_answer(self) -> None:
        """Answer the sandbox's consent page as a person in a browser would, once at a time."""
        if self._consent is None:
            self.xerosync.say("This page was answered already; press r to start again.", severity="warning")
        elif not self._answering:
            self._answering = True
            self.query_one("#state", Static).update("◐ answering")
            self.run_worker(self._answer(self._consent.url), group="answer", exit_on_error=False)

    async def _answer(self, url: str) -> None:
        try:
            if self.xerosync.answer_consent is not None:
                await self.xerosync.answer_consent(url)
        except Exception as error:  # whatever stands in for the browser may raise
            self._say(
                NotConnected(f"The page could not be answered ({type(error).__name__})", "Press r to start again.")
            )
        finally:
            self._answering = False

    async def action_open(self) -> None:
        """In a browser here, or as a link."""
        from xerosync_tui.tui.links import open_link

        if self._consent is not None:
            # No QR code: a phone's loopback is another than the one that Xero redirects to.
            await open_link(self.xerosync, self._consent.url, "Xero's consent page", code=False)

    def action_paste(self) -> None:
        """To the line for the address."""
        self.query_one("#answer", Input).focus()

    def on_paste(self, event: events.Paste) -> None:
        """Whatever is pasted can only be the answer."""
        field = self.query_one("#answer", Input)
        field.value = clean(event.text.strip().splitlines()[0]) if event.text.strip() else ""
        field.focus()

    @on(Input.Submitted, "#answer")
    def _pasted(self, event: Input.Submitted) -> None:
        if event.value.strip() and self._consent is not None:
            self._answers.put_nowait(event.value.strip())
            event.input.value = ""
            self.set_focus(None)

    def action_again(self) -> None:
        """A new consent."""
        self._obtain()

    def action_back(self) -> None:
        """Out of the line for the address first."""
        if self.focused is not None:
            self.set_focus(None)
        else:
            super().action_back()

    # The organisation

    async def _choose(self, organisations: list[Organisation]) -> None:
        self.query_one("#state", Static).update("✓ Xero has answered")
        before = self.xerosync.connection
        if before is not None:
            for organisation in organisations:
                if organisation.id == before.organisation.id:
                    await self._connect(organisation)
                    return
        if len(organisations) == 1:
            await self._confirmed(organisations[0], before)
            return
        choices = [("", o.name, o.id) for o in organisations]
        chosen = await self.app.push_screen_wait(Menu("Which organisation?", choices))
        for organisation in organisations:
            if organisation.id == chosen:
                await self._confirmed(organisation, before)
                return
        raise NeedsPerson("No organisation was chosen", "Press r to start again.")

    async def _confirmed(self, organisation: Organisation, before: Connection | None) -> None:
        from xerosync_tui.services import connect

        if before is not None and (warning := connect.another(before, organisation)):
            asked = Confirm(f"Connect {organisation.name}?", text.safe(warning), "Connect it")
            if not await self.app.push_screen_wait(asked):
                raise NeedsPerson("Left as it was", "Press r to start again.")
        await self._connect(organisation)

    async def _connect(self, organisation: Organisation) -> None:
        from xerosync_tui.services import connect
        from xerosync_tui.tui.screens.setup import Choices

        self.query_one("#state", Static).update("◐ connecting")
        connection = await connect.choose(self.program, organisation)
        self.xerosync.say(f"Connected: {connection.organisation.name}.")
        await self.xerosync.read_status()
        if connection.started_at is None:
            self.app.switch_screen(Choices())  # not awaited: it cancels the worker that this is
        else:
            self.app.pop_screen()
            if connection.brake is None:
                self.xerosync.action_sync()
