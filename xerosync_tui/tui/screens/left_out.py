"""Xero contacts that the import filter leaves out: counted, searched, and linked by hand."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from xerosync_tui.domain.contact import XeroContact
from xerosync_tui.services import lists, triage
from xerosync_tui.tui.opening import open_in_xero
from xerosync_tui.tui.screens.base import Page
from xerosync_tui.tui.undoing import way_back
from xerosync_tui.tui.widgets.listing import Listing
from xerosync_tui.tui.widgets.table import Column


class LeftOut(Page):
    """The list; each contact can be matched with a Karbon contact, or made one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "match", "Match with a Karbon contact", id="left_out.match"),
        Binding("n", "create", "Create in Karbon", id="left_out.create"),
        Binding("o", "in_xero", "Open in Xero", id="left_out.in_xero"),
    ]

    @property
    def crumb(self) -> object:
        """Its step."""
        return "Left out by the import filter"

    def body(self) -> ComposeResult:
        """The list."""
        yield Listing(
            [
                Column("Name", lambda x: x.contact.name, share=5),
                Column("Billing email", lambda x: x.contact.email or "-", share=5),
                Column("Phone", lambda x: x.contact.phone or "-", width=16, wide=True),
                Column("Supplier", lambda x: "yes" if x.is_supplier else "-", width=8),
            ],
            empty="The import filter leaves no contact out.",
            id="left-out",
            mark_width=0,
        )

    @property
    def _listing(self) -> Listing[XeroContact]:
        return self.query_one("#left-out", Listing)

    def reload(self) -> None:
        """The contacts left out now."""
        if connection := self.xerosync.connection:
            self._listing.show(lists.left_out(self.program, connection))

    @on(Listing.Shown)
    def _shown(self) -> None:
        if not self.focused:
            self._listing.table.focus()

    def action_match(self) -> None:
        """Choose the Karbon contact."""
        from xerosync_tui.tui.screens.match import match_by_hand

        xero = self._listing.table.current
        if xero is not None:
            match_by_hand(
                self.xerosync,
                xero.id,
                xero.contact,
                lambda decided: self.xerosync.say(f"{decided.name}: linked. {way_back(self.xerosync, decided)}"),
            )

    def action_create(self) -> None:
        """A new Karbon contact, linked."""
        xero = self._listing.table.current
        if xero is None:
            return
        self.xerosync.jobs.decide(
            lambda: triage.create_new(self.program, xero.id),
            lambda decided: self.xerosync.say(
                f"{decided.name}: created in Karbon and linked. {way_back(self.xerosync, decided)}"
            ),
        )

    async def action_in_xero(self) -> None:
        """The contact's page in Xero."""
        xero = self._listing.table.current
        if xero is not None:
            await open_in_xero(self.xerosync, xero.id, xero.contact.name)
