"""Contacts: everybody in Karbon, be it the built-in directory or Karbon's API as last read."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.states import LinkState
from xerosync_tui.errors import XeroSyncError
from xerosync_tui.services import contacts, lists
from xerosync_tui.services.contacts import ContactView
from xerosync_tui.tui import text
from xerosync_tui.tui.opening import open_in_karbon
from xerosync_tui.tui.screens.base import Dialog, MainPage
from xerosync_tui.tui.screens.menu import Menu, row_menu
from xerosync_tui.tui.undoing import NO_WAY_BACK, way_back
from xerosync_tui.tui.widgets.listing import Listing
from xerosync_tui.tui.widgets.table import Column
from xerosync_tui.tui.words import UNREAD, email_in_list

if TYPE_CHECKING:
    from xerosync_tui.domain.decided import Decided

_EMPTY = "The directory is empty. i imports a CSV file, n adds a contact."


class Contacts(MainPage):
    """The list; add, edit, delete, import."""

    PLACE = 4
    CSS_PATH = "contacts.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", id="contacts.open"),
        Binding("n", "add", "New", id="contacts.add"),
        Binding("e", "edit", "Edit", id="contacts.edit"),
        Binding("delete,D", "delete", "Delete", key_display="D", id="contacts.delete"),
        Binding("i", "bring_in", "Import CSV", id="contacts.import"),
        Binding("u", "unlinked", "Unlinked only", show=False, id="contacts.unlinked"),
        Binding("v", "guesses", "Guesses only", show=False, id="contacts.guesses"),
        Binding("K", "kind", "Person / organization", show=False, id="contacts.kind"),
        Binding("c", "right", "Kind is right", show=False, id="contacts.right"),
        Binding("O", "in_karbon", "Open in Karbon", show=False, id="contacts.in_karbon"),
        Binding("full_stop", "row_menu", "More", key_display=".", show=False, id="contacts.menu"),
    ]
    ROW_ACTIONS: ClassVar[tuple[str, ...]] = (
        "contacts.open",
        "contacts.edit",
        "contacts.kind",
        "contacts.right",
        "contacts.in_karbon",
        "contacts.delete",
    )

    def __init__(self) -> None:
        super().__init__()
        self._unlinked = self._guesses = False

    def body(self) -> ComposeResult:
        """The list, and how many of them only a list told of."""
        yield Static("", id="unread", markup=False)
        yield Listing(
            [
                Column("Name", lambda r: r.record.contact.name, share=5),
                Column("Billing email", lambda r: email_in_list(r.record), share=5),
                Column("Phone", lambda r: r.record.contact.phone or "-", width=16, wide=True),
                Column("Kind", lambda r: r.record.kind.value + ("?" if r.record.kind_guess else ""), width=13),
                Column("Type", lambda r: r.record.contact_type or "-", width=10),
                Column("Xero", lambda r: "✓" if r.synced else "-", width=4),
            ],
            empty=_EMPTY,
            id="contacts",
            mark_width=0,
        )

    @property
    def _listing(self) -> Listing[lists.KarbonRow]:
        return self.query_one("#contacts", Listing)

    def reload(self) -> None:
        """The directory as it is now."""
        self._say_what_is_missing()
        only = {"free": self._unlinked, "guesses": self._guesses}
        self._listing.show(lists.contacts(self.program, self.xerosync.connection, **only))

    def _say_what_is_missing(self) -> None:
        status, account = self.xerosync.status, self.xerosync.account
        unread = status.cards.unread if status else 0
        if account:
            self._listing.say_when_empty("Nothing is read yet: 1, then p reads Karbon and Xero; nothing is written.")
        else:
            self._listing.say_when_empty(_EMPTY)
        line = self.query_one("#unread", Static)
        line.display = bool(account and unread)
        line.update(text.safe(f" {UNREAD}: {text.number(unread)}; their list told name and one email", "dim"))

    @on(Listing.Shown)
    def _shown(self) -> None:
        if self.focused is None:
            self._listing.table.focus()

    def action_open(self) -> None:
        """The contact's own page."""
        from xerosync_tui.tui.screens.contact import ContactPage

        if (row := self._listing.table.current) is not None:
            self.app.push_screen(ContactPage(row.record.key))

    def action_add(self) -> None:
        """A new person or organization."""
        from xerosync_tui.tui.screens.edit import EditContact

        def chosen(kind: str | None) -> None:
            if kind:
                self.app.push_screen(EditContact(kind=Kind(kind)))

        self.app.push_screen(Menu("A new", [("", kind.value, kind.value) for kind in Kind]), chosen)

    def action_edit(self) -> None:
        """Change the contact."""
        from xerosync_tui.tui.screens.edit import EditContact

        if (row := self._listing.table.current) is not None:
            self.app.push_screen(EditContact(row.record))

    async def action_in_karbon(self) -> None:
        """The contact's page in Karbon."""
        if (row := self._listing.table.current) is not None:
            record = row.record
            await open_in_karbon(self.xerosync, record.kind, record.key, record.contact.name)

    def action_delete(self) -> None:
        """Delete the contact, once what is lost was read; Karbon's API can do no such thing."""
        if (row := self._listing.table.current) is not None:
            key = row.record.key
            self.run_worker(delete(self, key), group="delete", exit_on_error=False)

    def action_bring_in(self) -> None:
        """People and organizations from a CSV file."""
        from xerosync_tui.tui.screens.importing import begin_import

        begin_import(self.xerosync)

    def action_unlinked(self) -> None:
        """All contacts, or those without a link."""
        self._unlinked = not self._unlinked
        self.xerosync.say("Only contacts without a link." if self._unlinked else "All contacts.")
        self.reload()

    def action_guesses(self) -> None:
        """All contacts, or those whose kind is a guess that nobody has looked at."""
        self._guesses = not self._guesses
        told = "Only kinds that are guesses: K makes it the other, c says that it is right."
        self.xerosync.say(told if self._guesses else "All contacts.")
        self.reload()

    def action_kind(self) -> None:
        """Make a person an organization, or the other way round."""
        if (row := self._listing.table.current) is not None:
            self._choose(row.record.key, row.record.kind.other)

    def action_right(self) -> None:
        """Say that the kind is right: it is no guess any more."""
        if (row := self._listing.table.current) is not None:
            self._choose(row.record.key, row.record.kind)

    def _choose(self, key: str, kind: Kind) -> None:
        def chosen(record: DirectoryRecord) -> None:
            self.xerosync.say(f"{record.contact.name}: {record.kind}.")
            self.reload()

        self.xerosync.jobs.decide(lambda: contacts.change_kind(self.program, key, kind), chosen)

    def action_row_menu(self) -> None:
        """The three dots."""
        if (row := self._listing.table.current) is not None:
            row_menu(self, row.record.contact.name, self.ROW_ACTIONS)


class ConfirmDelete(Dialog[str]):
    """Whether to delete, and whether to archive the Xero contact too; says what is lost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer('delete')", "Delete", show=False, id="delete.yes"),
        Binding("A", "answer('archive')", "Delete and archive", show=False, id="delete.archive"),
    ]

    def __init__(self, view: ContactView) -> None:
        super().__init__(f"Delete {view.record.contact.name}?")
        self._view = view
        self._linked = view.link is not None and view.link.state is LinkState.SYNCED

    def content(self) -> ComposeResult:
        """What would be lost."""
        rows: list[object] = [f"The {self._view.record.kind.value} and everything kept about it here is lost."]
        keys: list[object] = [("y", "bold"), " Delete   ", ("esc", "bold"), " Leave it as it is"]
        if self._linked:
            rows += ["Its link with Xero ends; the Xero contact stays, and is not imported again.", ""]
            rows += [text.line(("A", "bold"), " archives the Xero contact too:"), NO_WAY_BACK]
            keys = [
                ("y", "bold"),
                " Delete   ",
                ("A", "bold"),
                " Delete, archive in Xero   ",
                ("esc", "bold"),
                " Leave it",
            ]
        yield Static(text.lines(*rows), markup=False)
        yield Static(text.line(*keys), classes="dialog--keys", markup=False)

    def action_answer(self, answer: str) -> None:
        """Do it."""
        if answer == "delete" or self._linked:
            self.dismiss(answer)


async def delete(page: Contacts, key: str) -> None:
    """Ask, saying what is lost; then delete."""
    try:
        view = await contacts.one(page.program, key)
    except XeroSyncError as error:  # gone a moment ago
        page.xerosync.tell(error)
        return
    jobs, name = page.xerosync.jobs, view.record.contact.name
    answer: str | None = "delete"
    if not page.xerosync.account:  # Karbon's API cannot: the service says so
        answer = await page.app.push_screen_wait(ConfirmDelete(view))
    if not answer:
        return

    def deleted(decided: Decided) -> None:
        page.xerosync.say(f"{name}: deleted. {way_back(page.xerosync, decided)}")
        if answer == "archive" and view.link:
            jobs.decide(archive, lambda archived: page.xerosync.say(f"{archived.name}: deleted; archived in Xero."))

    async def archive() -> Decided:
        from xerosync_tui.services import clients

        assert view.link is not None
        return await clients.archive_in_xero(page.program, view.link.xero.id)

    jobs.decide(lambda: contacts.delete(page.program, key), deleted)
