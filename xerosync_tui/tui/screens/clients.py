"""Client List: every synced client."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.services import lists
from xerosync_tui.tui import text
from xerosync_tui.tui.opening import open_in_karbon, open_in_xero
from xerosync_tui.tui.screens.ask import Ask
from xerosync_tui.tui.screens.base import MainPage
from xerosync_tui.tui.undoing import take_back_last, way_back
from xerosync_tui.tui.unsyncing import ask_to_unsync
from xerosync_tui.tui.widgets.listing import Listing, MarkingListing
from xerosync_tui.tui.widgets.table import Column

if TYPE_CHECKING:
    from xerosync_tui.domain.decided import Decided


class Clients(MainPage):
    """The list, and what can be done with the client under the cursor."""

    PLACE = 2
    CSS_PATH = "clients.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "contact", "Open", id="clients.contact"),
        Binding("o", "in_xero", "Open in Xero", id="clients.in_xero"),
        Binding("O", "in_karbon", "Open in Karbon", show=False, id="clients.in_karbon"),
        Binding("u", "unsync", "Unsync", id="clients.unsync"),
        Binding("z", "undo", "Undo", show=False, id="clients.undo"),
        Binding("E", "export", "Export as CSV", show=False, id="clients.export"),
        Binding("h", "history", "History", show=False, id="clients.history"),
        Binding("full_stop", "row_menu", "More", key_display=".", id="clients.menu"),
        Binding("l", "left_out", "Left out by the filter", show=False, id="clients.left_out"),
    ]
    ROW_ACTIONS: ClassVar[tuple[str, ...]] = (
        "clients.contact",
        "clients.in_xero",
        "clients.in_karbon",
        "clients.unsync",
        "clients.history",
    )

    def body(self) -> ComposeResult:
        """The list."""
        yield MarkingListing(self._columns(), empty="", id="clients")

    def _columns(self) -> list[Column[lists.Client]]:
        return [
            Column("Name", lambda c: c.contact.name, share=5),
            Column("Billing email", lambda c: c.contact.email or "-", share=5),
            Column("Phone", lambda c: c.contact.phone or "-", width=16, wide=True),
            Column("Type", lambda c: c.contact_type or "-", width=10),
            Column("Kind", lambda c: c.kind.value, width=12, wide=True),
            Column("Synced", lambda c: text.ago(c.synced_at, self.program.now_ms()), width=7),
            Column("State", _state, width=8),
        ]

    @property
    def _listing(self) -> MarkingListing[lists.Client]:
        return self.query_one("#clients", MarkingListing)

    def reload(self) -> None:
        """The clients as they are now, or why there are none."""
        status = self.xerosync.status
        if status is None:
            self._listing.say_when_empty("Reading ...")
        elif status.connection is None:
            self._listing.say_when_empty("No client is synced yet: Xero is not connected. Press 1, then enter.")
        elif status.connection.started_at is None:
            self._listing.say_when_empty("No client is synced yet. Press p for the preview and the first sync.")
        else:
            self._listing.say_when_empty("No client is synced. What waits for a decision is under 3.")
        self._listing.show(lists.clients(self.program, self.xerosync.connection))

    @on(Listing.Shown)
    def _shown(self) -> None:
        if not self.focused:
            self._listing.table.focus()

    def action_contact(self) -> None:
        """The Karbon contact."""
        from xerosync_tui.tui.screens.contact import ContactPage

        client = self._listing.table.current
        if client is not None:
            self.app.push_screen(ContactPage(client.karbon_key))

    async def action_in_xero(self) -> None:
        """The contact's page in Xero."""
        client = self._listing.table.current
        if client is not None:
            await open_in_xero(self.xerosync, client.xero_id, client.contact.name)

    async def action_in_karbon(self) -> None:
        """The contact's page in Karbon."""
        client = self._listing.table.current
        if client is not None:
            await open_in_karbon(self.xerosync, client.kind, client.karbon_key, client.contact.name)

    def action_unsync(self) -> None:
        """Stop syncing the marked clients, or the one under the cursor."""
        found = lists.clients(self.program, self.xerosync.connection).rows(self._listing.chosen)
        names = {client.xero_id: client.contact.name for client in found.values()}
        if names:
            ask_to_unsync(self.xerosync, names, self._unsynced)

    def _unsynced(self, ended: Decided) -> None:
        self._listing.unmark()
        self.reload()
        what = ended.names[0] if len(ended.names) == 1 else text.counted(len(ended.names), "client")
        self.xerosync.say(f"{what}: unsynced. {way_back(self.xerosync, ended)}")

    def action_undo(self) -> None:
        """Undo the last decision."""
        take_back_last(self.xerosync, lambda words, _: self.xerosync.say(words))

    def action_export(self) -> None:
        """The marked clients, or all, as a CSV file."""
        rows = lists.clients(self.program, self.xerosync.connection).rows(sorted(self._listing.table.marked))
        wanted = {client.xero_id for client in rows.values()}
        what = text.counted(len(wanted), "marked client") if wanted else "all clients"

        def asked(path: str | None) -> None:
            if path:
                self.xerosync.jobs.decide(lambda: write(Path(path)), self.xerosync.say)

        async def write(path: Path) -> str:
            from xerosync_tui.services import export

            count = await export.export_clients(self.program, path, wanted)
            return f"{text.counted(count, 'client')} written to {path}."

        here = str(Path.cwd() / "clients.csv")
        self.app.push_screen(Ask(f"Export {what}", here, "A new CSV file, on this machine:"), asked)

    def action_history(self) -> None:
        """What was done with the client."""
        from xerosync_tui.tui.screens.journal import Journal

        client = self._listing.table.current
        if client is not None:
            self.app.push_screen(Journal(client.contact.name, xero_id=client.xero_id, karbon_key=client.karbon_key))

    def action_row_menu(self) -> None:
        """The three dots."""
        from xerosync_tui.tui.screens.menu import row_menu

        client = self._listing.table.current
        if client is not None:
            marked = len(self._listing.chosen) if self._listing.table.marked else 0
            title = f"{client.contact.name}; Unsync is for {marked} marked" if marked > 1 else client.contact.name
            row_menu(self, title, self.ROW_ACTIONS)

    def action_left_out(self) -> None:
        """Contacts outside the import filter."""
        from xerosync_tui.tui.screens.left_out import LeftOut

        connection = self.xerosync.connection
        if connection is None or connection.import_filter is ImportFilter.ALL:
            self.xerosync.say("The import filter takes all Xero contacts: none is left out.")
            return
        self.app.push_screen(LeftOut())


def _state(client: lists.Client) -> str:
    if client.failed:
        return "! failed"
    return f"≠ {client.conflicts}" if client.conflicts else "✓"
