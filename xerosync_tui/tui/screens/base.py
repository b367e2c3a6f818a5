"""What all screens share: pages with the top line and the keys, and dialogs over them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import Reactive
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from xerosync_tui.program import Program
from xerosync_tui.tui import text
from xerosync_tui.tui.widgets.key_bar import KeyBar
from xerosync_tui.tui.widgets.listing import Listing
from xerosync_tui.tui.widgets.table import Table
from xerosync_tui.tui.widgets.top_bar import SHORT, TopBar

if TYPE_CHECKING:
    from xerosync_tui.tui.app import XeroSyncApp

Result = TypeVar("Result")

PLACES = {  # the numbered screens, in their order
    "apps": "Connected Apps",
    "clients": "Client List",
    "issues": "Match issues",
    "contacts": "Contacts",
    "activity": "Activity",
}


class Page(Screen[None]):
    """A page. Subclasses give ``body`` and ``reload``; ``PLACE`` is the number of a main screen.

    Each leads to the numbered screens.
    """

    PLACE: ClassVar[int] = 0
    AUTO_FOCUS = ""  # each page knows what comes first
    focused = Reactive(None, repaint=False)  # else the whole page is drawn anew with every change of the focus
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back", show=False, id="page.back"),
        Binding("question_mark", "keys", "Keys", key_display="?", id="page.keys"),
        *(
            Binding(str(number), f"place('{place}')", name, show=False, id=f"main.{place}")
            for number, (place, name) in enumerate(PLACES.items(), 1)
        ),
        Binding("q", "leave", "Quit", show=False, id="main.quit"),
    ]

    @property
    def xerosync(self) -> XeroSyncApp:
        """The app, typed."""
        from xerosync_tui.tui.app import XeroSyncApp

        assert isinstance(self.app, XeroSyncApp)
        return self.app

    @property
    def program(self) -> Program:
        """What the services want."""
        return self.xerosync.program

    def compose(self) -> ComposeResult:
        """Top line, body, keys."""
        yield TopBar(self._place_below())
        if not self.PLACE:
            yield Static("", id="trail", markup=False)
        yield from self.body()
        yield KeyBar()

    def body(self) -> ComposeResult:
        """What is between the first and the last line."""
        raise NotImplementedError

    def reload(self) -> None:
        """Show how things are now: called when the page comes up, and when the data changed under it."""

    def renew(self) -> None:
        """Draw anew what says something else by now, such as how long ago it was."""
        for table in self.query(Table):
            table.renew()

    def job_moved(self) -> None:
        """A job of the program moved on, began or ended."""

    def on_screen_resume(self) -> None:
        """A page that comes up again may be behind."""
        self.xerosync.show_state()
        self.show_trail()
        self.reload()

    # The way here

    @property
    def crumb(self) -> object:
        """What this page shows, as the last step of the way here."""
        return ""

    def trail(self) -> Content:
        """The way here: the numbered screen, and the pages over it."""
        below = self._place_below()
        pages = [page for page in self.app.screen_stack if isinstance(page, Page) and not page.PLACE]
        steps: list[object] = [f" {below} {SHORT[below - 1]}" if below else " "]
        for page in pages:
            steps += [" ▸ ", (page.crumb, "bold" if page is self else "")]
        return text.line(*steps)

    def show_trail(self) -> None:
        """Draw it, where it has a line."""
        for line in self.query("#trail").results(Static):
            line.update(self.trail())

    def _place_below(self) -> int:
        """The number of the screen that this page was opened from."""
        first = self.app.screen_stack[0]
        return self.PLACE or (first.PLACE if isinstance(first, Page) else 0)

    def leave(self, then: Callable[[], object]) -> None:
        """Do ``then``, which ends this page; a page with something to lose asks first."""
        then()

    def action_back(self) -> None:
        """Out of a filter, else to the page below; on a main page there is none."""
        if any(listing.back_out() for listing in self.query(Listing) if listing.display):
            return
        if len(self.app.screen_stack) > 1 and not self.PLACE:
            self.leave(self.app.pop_screen)

    def action_place(self, place: str) -> None:
        """To a numbered screen."""
        self.leave(lambda: self.xerosync.action_show_place(place))

    def action_leave(self) -> None:
        """Quit the program."""
        self.leave(self.xerosync.action_leave)

    def action_keys(self) -> None:
        """What every key does here."""
        from xerosync_tui.tui.screens.keys import Keys

        self.app.push_screen(Keys(self))

    @on(Table.Unreadable)
    def _unreadable(self, event: Table.Unreadable) -> None:
        self.xerosync.tell(event.error)


class MainPage(Page):
    """One of the numbered screens."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Clear the filter", show=False, id="page.back"),
        Binding("s", "app.sync", "Sync now", id="main.sync"),
        Binding("p", "app.preview", "Preview", show=False, id="main.preview"),
    ]


class Dialog(ModalScreen[Result]):
    """A box over the page; ``esc`` closes it and does nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close", show=False, id="dialog.close")]

    def __init__(self, title: object) -> None:
        super().__init__()
        self._title = text.safe(title)

    def compose(self) -> ComposeResult:
        """The box around ``content``."""
        with VerticalScroll(id="box", can_focus=False) as box:
            box.border_title = self._title
            yield from self.content()

    def content(self) -> ComposeResult:
        """What is in the box."""
        raise NotImplementedError

    @property
    def asks(self) -> str:
        """What tells it from others of its kind."""
        return self._title.plain

    def on_screen_resume(self) -> None:
        """A key that came twice before the box was there asks once."""
        if self.app.screen is not self:
            return
        below = self.app.screen_stack[-2]
        if isinstance(below, Dialog) and type(below) is type(self) and below.asks == self.asks:
            self.dismiss(None)

    def action_close(self) -> None:
        """Close without a result."""
        self.dismiss(None)


class Told(Dialog[None]):
    """Something that must be read: an error with its next step."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "close", "Close", show=False, id="told.close")]

    def __init__(self, title: object, what: object, next_step: object = "") -> None:
        super().__init__(title)
        self._what, self._next_step = text.safe(what), text.safe(next_step)

    @property
    def asks(self) -> str:
        """Its words."""
        return f"{self._title} {self._what} {self._next_step}"

    def content(self) -> ComposeResult:
        """What happened, and what helps."""
        yield Static(self._what, markup=False)
        if self._next_step:
            yield Static(self._next_step, classes="dialog--next", markup=False)
        yield Static(text.line(("esc", "bold"), " Close"), classes="dialog--keys", markup=False)


class Confirm(Dialog[bool]):
    """Whether to do what cannot be lightly taken back; says what is lost. ``y`` does it, nothing else does."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "yes", "Yes", show=False, id="confirm.yes")]

    def __init__(self, title: object, loss: Content, yes: str, no: str = "Leave it as it is") -> None:
        super().__init__(title)
        self._loss, self._yes, self._no = loss, yes, no

    def content(self) -> ComposeResult:
        """What would be lost."""
        yield Static(self._loss, markup=False)
        yield Static(
            text.line(("y", "bold"), f" {self._yes}   ", ("esc", "bold"), f" {self._no}"),
            classes="dialog--keys",
            markup=False,
        )

    def action_yes(self) -> None:
        """Do it."""
        self.dismiss(True)
