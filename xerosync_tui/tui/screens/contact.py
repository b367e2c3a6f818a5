"""One Karbon contact: its fields, its Xero Client section, and what was done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.events import Resize
from textual.widgets import Static

from xerosync_tui.domain.connection import KarbonAccount
from xerosync_tui.domain.contact import Contact, Field, XeroStatus
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.states import LinkState
from xerosync_tui.errors import UsageError, XeroSyncError
from xerosync_tui.services import contacts, lists, overview
from xerosync_tui.services.contacts import ContactView, LinkView
from xerosync_tui.services.history import Step
from xerosync_tui.tui import text
from xerosync_tui.tui.opening import open_in_karbon, open_in_xero
from xerosync_tui.tui.screens.base import Page
from xerosync_tui.tui.screens.create import Creation
from xerosync_tui.tui.screens.journal import details_of, step_columns, undo_step
from xerosync_tui.tui.unsyncing import ask_to_unsync
from xerosync_tui.tui.widgets.fitting import Fitted, paragraphs
from xerosync_tui.tui.widgets.table import Table
from xerosync_tui.tui.words import UNREAD

if TYPE_CHECKING:
    from xerosync_tui.domain.decided import Decided

_MOST = 500  # entries of its history


class ContactPage(Page):
    """Left what Karbon knows, right what it is linked with, below its history."""

    CSS_PATH = "contact.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Edit", id="contact.edit"),
        Binding("o", "in_xero", "Open in Xero", id="contact.in_xero"),
        Binding("O", "in_karbon", "Open in Karbon", show=False, id="contact.in_karbon"),
        Binding("u", "unsync", "Unsync", id="contact.unsync"),
        Binding("C", "create", "Create Contact in Xero", id="contact.create"),
        Binding("z", "undo", "Undo", id="contact.undo"),
        Binding("enter", "undo", "Undo", show=False, id="contact.undo_too"),
        Binding("h", "details", "History line", show=False, id="contact.details"),
        Binding("escape", "back", "Back", id="contact.back"),
    ]

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key
        self._view: ContactView | None = None
        self._gone = False

    @property
    def crumb(self) -> object:
        """Its name."""
        return self._view.record.contact.name if self._view else "This contact was deleted" if self._gone else "…"

    def body(self) -> ComposeResult:
        """The two sides, the history."""
        with Horizontal(id="sides"):
            for side, title in (("karbon", "Karbon"), ("client", "Xero Client")):
                box = Fitted(id=side, classes="side")
                box.border_title = title
                yield box
        yield Static("", classes="listing--titles", markup=False)
        yield Table(step_columns(self.program.now_ms, named=False), id="history", mark_width=0)

    @property
    def _history(self) -> Table[Step]:
        return self.query_one("#history", Table)

    def on_mount(self) -> None:
        """The history has the keys."""
        self._history.focus()

    def on_resize(self, event: Resize) -> None:
        """The titles stand over their columns."""
        self.query_one(".listing--titles", Static).update(text.safe(self._history.heading(event.size.width)))

    def reload(self) -> None:
        """The contact as it is now."""
        self._read()

    def renew(self) -> None:
        """How long it has been linked."""
        self.reload()

    @work(exclusive=True, group="contact", exit_on_error=False)
    async def _read(self) -> None:
        try:
            self._view = await contacts.one(self.program, self._key)
        except UsageError:
            self._view = None
            self._gone = True
            self.show_trail()
            return
        self.set_class(self.xerosync.account is not None, "-rules")
        view, now, connected = self._view, self.program.now_ms(), self.xerosync.connection is not None
        self.show_trail()
        self.query_one("#karbon", Fitted).show(paragraphs(_karbon(view.record, self.xerosync.account)))
        self.query_one("#client", Fitted).show(paragraphs(_client(view.link, now, connected=connected)))
        self._show_history(view.link)

    def _show_history(self, link: LinkView | None) -> None:
        """What was done with the two, newest first."""
        found = lists.steps(self.program, xero_id=link.xero.id if link else "", karbon_key=self._key)
        try:
            self._history.show(found.first("", found.orders[0], _MOST), found.rows)
        except XeroSyncError as error:
            self.xerosync.tell(error)

    def action_edit(self) -> None:
        """Change it."""
        from xerosync_tui.tui.screens.edit import EditContact

        if self._view is not None:
            self.app.push_screen(EditContact(self._view.record))

    async def action_in_xero(self) -> None:
        """The Xero contact's page."""
        if self._view is None or self._view.link is None:
            self.xerosync.say("It is not linked with a Xero contact, so there is no page to open.", severity="warning")
            return
        xero = self._view.link.xero
        await open_in_xero(self.xerosync, xero.id, xero.contact.name)

    async def action_in_karbon(self) -> None:
        """The contact's page in Karbon's web app."""
        if self._view is None:
            return
        record = self._view.record
        if self.xerosync.account is None:
            self.xerosync.say("It lives in the built-in directory: this is its page.")
        else:
            await open_in_karbon(self.xerosync, record.kind, record.key, record.contact.name)

    # The link

    @property
    def _synced(self) -> LinkView | None:
        link = self._view.link if self._view else None
        return link if link and link.state is LinkState.SYNCED else None

    def action_unsync(self) -> None:
        """Stop syncing it."""
        if (link := self._synced) is None:
            self.xerosync.say("It is not synced, so there is nothing to stop.", severity="warning")
            return

        def done(ended: Decided) -> None:
            self.xerosync.say(f"{ended.names[0]}: unsynced. z on the newest line undoes it.")
            self.reload()

        ask_to_unsync(self.xerosync, {link.xero.id: link.xero.contact.name}, done)

    def action_create(self) -> None:
        """Make it in Xero, or link it with one that is there."""
        connection, view = self.xerosync.connection, self._view
        if view is None:
            return
        if self._synced:
            self.xerosync.say("It has its Xero client already: o opens it.", severity="warning")
        elif connection is None or connection.started_at is None:
            self.xerosync.say("This comes with the first sync: press 1.", severity="warning")
        else:
            Creation(self.xerosync, view.record.key, view.record.contact, self._created).begin()

    def _created(self, words: str) -> None:
        self.xerosync.say(words)
        self.reload()

    # The history

    def action_undo(self) -> None:
        """Undo the line under the cursor."""
        step = self._history.current
        if step is None:
            self.xerosync.say("Nothing was done with it yet, so there is nothing to undo.", severity="warning")
        else:
            undo_step(self, step)

    def action_details(self) -> None:
        """The line under the cursor, uncut."""
        if (step := self._history.current) is not None:
            self.app.push_screen(details_of(step))


def _karbon(record: DirectoryRecord, account: KarbonAccount | None) -> Sequence[object]:
    parted = account is None  # of the API's contacts, the rule parts the name
    names = " / ".join(p for p in (record.first_name, record.middle_name, record.last_name) if p)
    others = (
        ("names", names if parted else ""),
        ("phones", ", ".join(record.other_phones)),
        ("identifier", record.client_identifier),
        ("key", record.key),
    )
    return [
        text.line(f"{record.kind.value}, ", (record.contact_type or "no type", "bold")),
        *([] if record.whole else [(UNREAD, "bold")]),
        *([(_why_this_kind(record), "dim")] if record.kind_reason else []),
        *_fields(record.contact),
        *(_rules(account) if account else []),
        text.line(("kept in Karbon only: ", "dim"), "; ".join(f"{label} {value}" for label, value in others if value)),
    ]


def _why_this_kind(record: DirectoryRecord) -> str:
    guess = f" (a guess, {record.kind_guess} % sure)" if record.kind_guess else ""
    return f"{record.kind.value}: {record.kind_reason}{guess}"


def _rules(account: KarbonAccount) -> list[object]:
    """Which entry of the business card is the synced one: Karbon's API has no flags for it (karbon.md 2.6)."""
    chosen = overview.settings_of_account(account)
    phones, addresses = (chosen[key].replace(",", ", ") for key in ("karbon_phones", "karbon_addresses"))
    rules = ("email: first of its card", f"phone: first of {phones}", f"address: first of {addresses}")
    return [(rule, "dim") for rule in rules]


def _fields(contact: Contact) -> list[object]:
    return [text.line((f"{f.label.rpartition(' ')[2]:8}", "dim"), str(contact.value(f)) or "-") for f in Field]


def _client(link: LinkView | None, now: int, *, connected: bool) -> Sequence[object]:
    if link is None:
        if not connected:
            return [("○ Xero is not connected.", "bold")]
        return [
            ("○ Not in Xero, or not linked with it.", "bold"),
            text.line(("C", "bold"), " makes it in Xero: Create Contact. Who is there already is shown first."),
        ]
    xero = link.xero
    status = [] if xero.status is XeroStatus.ACTIVE else [(f"! {xero.status.value} in Xero", "bold")]
    if link.state is LinkState.SYNCED:
        state: list[object] = [text.line((_standing(link), "bold"), (f"  {link.why}", "dim"))]
        times = f"linked {text.ago(link.linked_at, now)} ago, synced {text.ago(link.synced_at, now)} ago"
    else:
        state = [(f"○ no longer synced: {link.why}", "bold")]
        times = "Under Unsynced (3) it can be matched again."
    return [*state, *status, *_fields(xero.contact), (times, "dim"), ("ContactID", "dim"), xero.id]


def _standing(link: LinkView) -> str:
    if link.refused:
        return "! the last edit was refused (3, Failed)"
    return "○ goes over with the next sync" if link.waits else "✓ synced"
