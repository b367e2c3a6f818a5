"""Resolve Match Issues, Failed: what could not be read or written, and trying it again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from xerosync_tui import words
from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.decided import Decided
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.progress import Report
from xerosync_tui.domain.states import FailedSide
from xerosync_tui.services import contacts, lists
from xerosync_tui.services.contacts import ContactView
from xerosync_tui.services.lists import Failure
from xerosync_tui.tui import text
from xerosync_tui.tui.opening import open_in_xero
from xerosync_tui.tui.screens.create import Creation
from xerosync_tui.tui.screens.tabs import QueuePage
from xerosync_tui.tui.widgets.fitting import Fitted, paragraphs
from xerosync_tui.tui.widgets.listing import MarkingListing
from xerosync_tui.tui.widgets.table import Column


class Failed(QueuePage[Failure]):
    """The refusals above, the remote's words and ours below."""

    TAB = "failed"
    EMPTY = "Nothing failed."
    CSS_PATH = "tabs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "retry", "Retry", id="failed.retry"),
        Binding("R", "retry_all", "Retry all", id="failed.retry_all"),
        Binding("e", "edit", "Edit in Karbon", id="failed.edit"),
        Binding("o", "in_xero", "Open in Xero", show=False, id="failed.in_xero"),
    ]

    def desk(self) -> ComposeResult:
        """Queue, words."""
        with Vertical(id="desk"):
            yield MarkingListing(
                [
                    Column("Record", lambda r: r.name or r.record, share=3),
                    Column("What", lambda r: words.failed(r.side).short, width=20),
                    Column("Reason", lambda r: r.reason, share=4),
                    Column("When", lambda r: text.ago(r.at, self.program.now_ms()), width=7),
                ],
                empty="",
                id="queue",
            )
            with Vertical(id="beside"):
                yield Fitted("… enter shows all of it", id="words")

    def source(self, connection: Connection) -> lists.Listing[Failure]:
        """Failed records."""
        return lists.failures(self.program, connection)

    def draw(self) -> None:
        """Its words."""
        row = self._listing.table.current
        self.query_one("#words", Fitted).show(paragraphs(_words(row) if row else []))

    def details(self) -> tuple[object, Sequence[object]] | None:
        """Its words, uncut."""
        row = self._listing.table.current
        return (row.name or row.record, _words(row)) if row else None

    def action_retry(self) -> None:
        """Try it again now, or all marked ones."""
        if self.marked:
            self._retry([row for row in self.rows_of(self._listing.chosen) if row.at_once])
            return
        if (row := self.in_hand) is None:
            return
        if row.side is FailedSide.CREATE_IN_XERO:
            self._create(row)
        elif row.side is FailedSide.DECISION:
            self._back_to_the_issue(row)
        elif row.at_once:
            self._retry([row])
        else:
            self.xerosync.action_sync(full=True)

    def _retry(self, rows: Sequence[Failure]) -> None:
        async def retry(report: Report) -> Decided:
            from xerosync_tui.services import failed

            return await failed.retry(self.program, *(row.id for row in rows), report=report)

        def said(_: Decided) -> str:
            return f"{rows[0].name}: done." if len(rows) == 1 else f"{len(rows)} of {len(rows)} done."

        if not rows:
            self.unavailable("Only a full sync tries these again: R.")
            return
        self.decide([row.id for row in rows], retry, said)

    def _back_to_the_issue(self, row: Failure) -> None:
        """To the match issue that the decision was about."""
        from xerosync_tui.tui.screens.issues import Issues

        async def issue() -> int:
            from xerosync_tui.services import triage

            return await triage.issue_of(self.program, row.record)

        def found(number: int) -> None:
            self.xerosync.action_show_place("issues")
            if isinstance(page := self.app.screen, Issues):
                page.seek(number)

        self.xerosync.jobs.decide(issue, found)

    def _create(self, row: Failure) -> None:
        """What was not made in Xero is made anew: its name may be taken."""

        def found(view: ContactView) -> None:
            Creation(self.xerosync, row.record, view.record.contact, self.say_last).begin()

        self.xerosync.jobs.decide(lambda: contacts.one(self.program, row.record), found)

    def action_edit(self) -> None:
        """Correct it in Karbon, which is where its edit came from."""
        if (row := self.in_hand) is None:
            return

        async def record() -> DirectoryRecord:
            from xerosync_tui.services import failed

            return await failed.karbon_side(self.program, row.id)

        def found(it: DirectoryRecord) -> None:
            from xerosync_tui.tui.screens.edit import EditContact

            self.app.push_screen(EditContact(it))

        self.xerosync.jobs.decide(record, found)

    def action_retry_all(self) -> None:
        """A sync that reads and tries everything."""
        if self._listing.table.ids:
            self.xerosync.action_sync(full=True)

    async def action_in_xero(self) -> None:
        """The contact's page in Xero, where its record is one of Xero's."""
        row = self._listing.table.current
        if row is None:
            return
        if not row.xero_id:
            self.unavailable("It is not in Xero, so there is no page to open.")
        else:
            await open_in_xero(self.xerosync, row.record, row.name)


def _words(row: Failure) -> list[object]:
    """The remote's words, and what they mean here."""
    what = words.failed(row.side)
    return [(row.name or row.record, "bold"), what.means, row.reason, (what.retry, "dim")]
