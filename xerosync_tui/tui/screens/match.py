"""Match with another Karbon contact: choose it among those that look like it, see what it would lose, say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from xerosync_tui.domain.contact import Contact
from xerosync_tui.domain.decided import Decided
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.services import triage
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import Confirm, Page
from xerosync_tui.tui.widgets.listing import Listing
from xerosync_tui.tui.widgets.table import Column
from xerosync_tui.tui.words import email_in_list

if TYPE_CHECKING:
    from xerosync_tui.services.suggestions import Offer
    from xerosync_tui.tui.app import XeroSyncApp


class ChooseKarbon(Page):
    """The Karbon contacts that are free, the likeliest first; ``enter`` takes the one under the cursor.

    ``chosen`` is given its key. ``ended``: with those whose link has ended.
    """

    CSS_PATH = "match.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Match with this one", id="match.choose"),
        Binding("escape", "back", "Back", id="match.back"),
    ]

    def __init__(self, contact: Contact, chosen: Callable[[str], None], *, ended: bool = False) -> None:
        super().__init__()
        self._contact, self._chosen, self._ended = contact, chosen, ended
        self._ranked = False

    @property
    def crumb(self) -> object:
        """Whom it is for."""
        return f"Match {self._contact.name} with"

    def body(self) -> ComposeResult:
        """The list."""
        yield Listing(
            [
                Column("Name", lambda r: r.karbon.contact.name, share=4),
                Column("Billing email", lambda r: email_in_list(r.karbon), share=4),
                Column("Alike", lambda r: str(r.likeness or ""), share=5),
            ],
            empty="Every Karbon contact is linked already.",
            id="free",
            mark_width=0,
        )

    @property
    def _listing(self) -> Listing[Offer]:
        return self.query_one("#free", Listing)

    def on_mount(self) -> None:
        """Rank them, as soon as what is new in Karbon is known."""
        from xerosync_tui.services import suggestions  # loads rapidfuzz

        def ready(_: object) -> None:
            self._ranked = True
            if self.is_attached:
                self.reload()

        self.xerosync.jobs.decide(lambda: suggestions.prepare(self.program), ready)

    def reload(self) -> None:
        """The contacts that are free now."""
        from xerosync_tui.services import suggestions

        connection = self.xerosync.connection
        free = suggestions.listing(self.program, connection, self._contact, ended=self._ended, ranked=self._ranked)
        self._listing.show(free)

    @on(Listing.Shown)
    def _shown(self) -> None:
        if self.focused is None:
            self._listing.action_filter()

    def action_choose(self) -> None:
        """This one."""
        if (row := self._listing.table.current) is not None:
            self.app.pop_screen()
            self._chosen(row.karbon.key)


def match_by_hand(app: XeroSyncApp, target: str, contact: Contact, done: Callable[[Decided], None]) -> None:
    """Choose a Karbon contact for ``target`` (an issue's id or a ContactID), show what it loses, and match."""

    def match(key: str) -> None:
        ask_to_match(app, target, contact.name, key, done)

    app.push_screen(ChooseKarbon(contact, match, ended=True))


def ask_to_match(app: XeroSyncApp, target: str, name: str, key: str, done: Callable[[Decided], None]) -> None:
    """Show what the Karbon contact ``key`` loses to ``target``, and match once that was read."""

    def ask(row: PlannedRow) -> None:
        def answered(yes: bool | None) -> None:
            if yes:
                app.jobs.decide(lambda: triage.confirm(app.program, target, key, seen=row.digest), done)

        other = row.karbon.contact.name if row.karbon else key
        app.push_screen(Confirm(f"{name}: match with {other}?", _losses(row), "Match them"), answered)

    app.jobs.decide(lambda: triage.plan_match(app.program, target, key), ask)


def _losses(row: PlannedRow) -> Content:
    if not row.changes:
        return text.safe("Nothing changes in Karbon, and nothing in Xero.")
    shown: list[object] = ["Karbon would change; nothing changes in Xero:"]
    for field, (old, new) in row.changes.items():
        was = text.line((old, "strike"), " ▸ ") if old else text.safe("filled: ")
        shown.append(text.line(f"  {field.label}: ", was, (new, "bold")))
    return text.lines(*shown)
