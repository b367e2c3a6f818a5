"""Resolve Match Issues, Unsynced: links that ended, and what can become of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Contact, Field, Value, XeroContact, XeroStatus
from xerosync_tui.domain.decided import Decided
from xerosync_tui.domain.normalise import same_spelling
from xerosync_tui.domain.progress import Report
from xerosync_tui.domain.states import Side
from xerosync_tui.services import lists
from xerosync_tui.services.lists import EndedLink
from xerosync_tui.tui import text
from xerosync_tui.tui.opening import open_in_karbon, open_in_xero
from xerosync_tui.tui.screens.base import Confirm
from xerosync_tui.tui.screens.create import Creation
from xerosync_tui.tui.screens.details import contact_rows
from xerosync_tui.tui.screens.menu import Menu
from xerosync_tui.tui.screens.rematch import ask_whose, choose_partner, rematch
from xerosync_tui.tui.screens.tabs import QueuePage
from xerosync_tui.tui.undoing import NO_WAY_BACK
from xerosync_tui.tui.widgets.fitting import Fitted, paragraphs
from xerosync_tui.tui.widgets.listing import MarkingListing
from xerosync_tui.tui.widgets.sides import Sides, record_sides
from xerosync_tui.tui.widgets.table import Column

_GONE = text.lines(("Deleted in Karbon.", "bold"))


class Unsynced(QueuePage[EndedLink]):
    """The ended links on one side, what is left of the two on the other."""

    TAB = "unsynced"
    EMPTY = "No link has ended."
    CSS_PATH = "tabs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "rematch", "Match again", id="unsynced.rematch"),
        Binding("n", "create", "Create new", id="unsynced.create"),
        Binding("A", "archive", "Archive in Xero", id="unsynced.archive"),
        Binding("o", "in_xero", "Open in Xero", show=False, id="unsynced.in_xero"),
        Binding("O", "in_karbon", "Open in Karbon", show=False, id="unsynced.in_karbon"),
    ]

    def desk(self) -> ComposeResult:
        """Queue, both records, why and what now."""
        with Horizontal(id="desk"):
            yield MarkingListing(
                [Column("Client", lambda r: r.link.xero.contact.name), Column("Why", lambda r: r.link.why)],
                empty="",
                id="queue",
            )
            with Vertical(id="beside"):
                yield Sides()
                yield Fitted("… enter shows all of it", id="words")

    def source(self, connection: Connection) -> lists.Listing[EndedLink]:
        """Links that ended."""
        return lists.unsynced(self.program, connection)

    def draw(self) -> None:
        """What either side still holds."""
        row, pair = self._listing.table.current, self.query_one(Sides)
        if row is None:
            pair.show(lambda room: [], lambda room: [])
        else:
            karbon, xero = row.karbon.contact if row.karbon else None, row.link.xero
            status = [] if xero.status is XeroStatus.ACTIVE else [(f"! {xero.status.value}", "bold")]
            left, right = record_sides(xero.contact, karbon, _differences(xero.contact, karbon), status, [])
            pair.show(left, right if karbon else _GONE.wrap)
        self.query_one("#words", Fitted).show(paragraphs(_ways(row) if row else []))

    def details(self) -> tuple[object, Sequence[object]] | None:
        """Both records, uncut."""
        if (row := self._listing.table.current) is None:
            return None
        karbon = contact_rows("Karbon", row.karbon.contact) if row.karbon else [_GONE, ""]
        return row.link.xero.contact.name, [*contact_rows("Xero", row.link.xero.contact), *karbon, *_ways(row)]

    # What can become of them

    def action_rematch(self) -> None:
        """Link it, or the contact that Xero merged it into, with a Karbon contact."""
        if self.marked:
            self.unavailable("Each says first what it would lose: match them again one by one (esc unmarks).")
            return
        if (row := self.in_hand) is None:
            return
        xero = _living(row)
        if xero is None:
            self.unavailable("In Xero it is no active contact: bring it back there first, or use n.")
        elif row.survivor_synced:
            self.unavailable(f"{xero.contact.name} is synced already: unsync it first (2, u), then match it here.")
        else:
            choose_partner(self.xerosync, xero, row.karbon, lambda key: self._ask_whose(row, xero, key))

    def _ask_whose(self, row: EndedLink, xero: XeroContact, key: str) -> None:
        def chosen(side: Side, seen: str) -> None:
            self.decide([row.link.id], lambda _: rematch(self.program, xero.id, key, side, seen))

        ask_whose(self.xerosync, xero.id, key, chosen)

    def action_create(self) -> None:
        """A new contact from either side's data; for marked ones in Karbon."""
        if self.marked:
            rows = self.rows_of(self._listing.chosen)
            self._recreate([row for row in rows if row.link.xero.status is XeroStatus.ACTIVE])
            return
        if (row := self.in_hand) is None:
            return
        choices = []
        if row.link.xero.status is XeroStatus.ACTIVE:
            choices.append(("", "a new Karbon contact, from Xero's data", "karbon"))
        if row.karbon:
            choices.append(("", "a new Xero contact, from Karbon's data", "xero"))
        if not choices:
            self.unavailable("Neither side has it any more, so there is nothing to make a contact from.")
            return

        def chosen(where: str | None) -> None:
            if where == "karbon":
                self._recreate([row])
            elif where and row.karbon:
                Creation(self.xerosync, row.karbon.key, row.karbon.contact, self._created).begin()

        self.app.push_screen(Menu(f"{row.link.xero.contact.name}: create", choices), chosen)

    def _recreate(self, rows: Sequence[EndedLink]) -> None:
        async def make(_: Report) -> Decided:
            from xerosync_tui.services import clients

            return await clients.recreate(self.program, *(row.link.xero.id for row in rows))

        if rows:
            self.decide([row.link.id for row in rows], make)

    def _created(self, words: str) -> None:
        self.say_last(words)
        self.reload()

    def action_archive(self) -> None:
        """Archive it in Xero, once was read that nothing brings it back from here."""
        if (row := self.in_hand) is None:
            return
        name = row.link.xero.contact.name
        if row.link.xero.status is not XeroStatus.ACTIVE:
            self.unavailable(f"{name} is {row.link.xero.status.value} in Xero already.")
            return

        async def work(_: Report) -> Decided:
            from xerosync_tui.services import clients

            return await clients.archive_in_xero(self.program, row.link.xero.id)

        def answered(yes: bool | None) -> None:
            if yes:
                self.decide([row.link.id], work)

        self.app.push_screen(Confirm(f"Archive {name} in Xero?", NO_WAY_BACK, "Archive it"), answered)

    async def action_in_xero(self) -> None:
        """The contact's page in Xero."""
        if (row := self._listing.table.current) is not None:
            await open_in_xero(self.xerosync, row.link.xero.id, row.link.xero.contact.name)

    async def action_in_karbon(self) -> None:
        """The contact's page in Karbon."""
        row = self._listing.table.current
        if row and (karbon := row.karbon):
            await open_in_karbon(self.xerosync, karbon.kind, karbon.key, karbon.contact.name)


def _living(row: EndedLink) -> XeroContact | None:
    """The active Xero contact that a link could go on with: itself, or the one it was merged into."""
    xero = row.link.survivor if row.link.xero.merged_to else row.link.xero
    return xero if xero and xero.status is XeroStatus.ACTIVE else None


def _differences(xero: Contact, karbon: Contact | None) -> dict[Field, tuple[Value, Value]]:
    """By field, Karbon's value and the other one of Xero's."""
    if karbon is None:
        return {}
    both = {f: (karbon.value(f), xero.value(f)) for f in Field}
    return {f: (theirs, ours) for f, (theirs, ours) in both.items() if ours and not same_spelling(f, theirs, ours)}


def _ways(row: EndedLink) -> list[object]:
    """Why the link ended, and what can be done."""
    xero = row.link.xero
    rows: list[object] = [(f"No longer synced: {row.link.why}.", "bold")]
    if row.link.survivor:
        rows.append(f"Xero merged it into {row.link.survivor.contact.name}.")
    if row.survivor_synced:
        rows.append("That one is synced already: unsync it first (2, u) to match it with this Karbon contact.")
    elif living := _living(row):
        rows.append(text.line(("m", "bold"), f" links {living.contact.name} again; you choose whose data stands."))
    made = "Karbon or Xero" if row.karbon and xero.status is XeroStatus.ACTIVE else "Xero" if row.karbon else "Karbon"
    if row.karbon or xero.status is XeroStatus.ACTIVE:
        rows.append(text.line(("n", "bold"), f" makes a new contact in {made}."))
    if xero.status is XeroStatus.ACTIVE:
        rows.append(text.line(("A", "bold"), " archives it in Xero, for good."))
    rows.append(("Left alone, both records stay as they are.", "dim"))
    return rows
