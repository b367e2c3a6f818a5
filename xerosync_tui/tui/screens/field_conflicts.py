"""Resolve Match Issues, Field conflicts: what both sides changed; whose value stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.decided import Decided
from xerosync_tui.domain.progress import Report
from xerosync_tui.domain.states import Side
from xerosync_tui.services import lists
from xerosync_tui.services.lists import FieldConflict
from xerosync_tui.tui import text
from xerosync_tui.tui.opening import open_in_karbon, open_in_xero
from xerosync_tui.tui.screens.tabs import QueuePage
from xerosync_tui.tui.widgets.fitting import Fitted, beside, paragraphs, wrapped
from xerosync_tui.tui.widgets.listing import MarkingListing
from xerosync_tui.tui.widgets.sides import marked
from xerosync_tui.tui.widgets.table import Column

_COLUMNS = ("last agreed", "Xero now", "Karbon now")
_MOST = 4  # lines of one value


class FieldConflicts(QueuePage[FieldConflict]):
    """The fields on one side, their three values on the other."""

    TAB = "field_conflicts"
    EMPTY = "No field was changed on both sides."
    CSS_PATH = "tabs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "take('xero')", "Xero's value", id="fields.xero"),
        Binding("b", "take('karbon')", "Karbon's value", id="fields.karbon"),
        Binding("o", "in_xero", "Open in Xero", id="fields.in_xero"),
        Binding("O", "in_karbon", "Open in Karbon", show=False, id="fields.in_karbon"),
    ]

    def desk(self) -> ComposeResult:
        """Queue, values, what would be lost."""
        with Horizontal(id="desk"):
            yield MarkingListing(
                [
                    Column("Client", lambda r: r.both.xero.contact.name),
                    Column("Field", lambda r: r.field.value, width=8),
                ],
                empty="",
                id="queue",
            )
            with Vertical(id="beside"):
                yield Fitted("… enter shows all of it", id="values", classes="side")
                yield Fitted("… enter shows all of it", id="words")

    def source(self, connection: Connection) -> lists.Listing[FieldConflict]:
        """Fields in conflict."""
        return lists.field_conflicts(self.program, connection)

    def draw(self) -> None:
        """The three values of each field of the client that is in conflict."""
        row, values = self._listing.table.current, self.query_one("#values", Fitted)
        values.border_title = text.safe(row.both.karbon.contact.name if row else "")
        values.show(lambda room: _values(row, room) if row else [])
        self.query_one("#words", Fitted).show(paragraphs(_losses(row) if row else []))

    def details(self) -> tuple[object, Sequence[object]] | None:
        """All values, uncut."""
        if (row := self._listing.table.current) is None:
            return None
        rows: list[object] = []
        for field in row.fields:
            rows.append((field.label, "bold"))
            held = zip(_COLUMNS, _held(row, field), strict=True)
            rows += [text.line((f"  {title:12}", "dim"), value or "-") for title, value in held]
        return row.both.xero.contact.name, [*rows, "", *_losses(row)]

    def action_take(self, side: str) -> None:
        """Both sides get this one's value of the field under the cursor, or of all marked ones."""
        if not self.marked and self.in_hand is None:
            return
        rows = self.rows_of(self._listing.chosen)

        async def take(_: Report) -> Decided:
            from xerosync_tui.services import fields

            picks = []
            for row in rows:
                seen = fields.seen_in(row.both.xero, row.both.karbon, [row.field])
                picks.append(fields.PickedSides(row.both.xero.id, {row.field: Side(side)}, seen))
            return await fields.take_all(self.program, picks)

        if rows:
            self.decide([row.id for row in rows], take)

    async def action_in_xero(self) -> None:
        """The client's page in Xero."""
        if (row := self._listing.table.current) is not None:
            await open_in_xero(self.xerosync, row.both.xero.id, row.both.xero.contact.name)

    async def action_in_karbon(self) -> None:
        """The contact's page in Karbon."""
        if (row := self._listing.table.current) is not None:
            karbon = row.both.karbon
            await open_in_karbon(self.xerosync, karbon.kind, karbon.key, karbon.contact.name)


def _held(row: FieldConflict, field: Field) -> tuple[str, str, str]:
    """The last agreed value, what Xero holds, what Karbon holds; both bases where they are stored differently."""
    bases = [str(base.value(field)) for base in (row.both.xero_base, row.both.karbon_base)]
    agreed = bases[0] if bases[0] == bases[1] else " / ".join(base or "-" for base in bases)
    return agreed, str(row.both.xero.contact.value(field)), str(row.both.karbon.contact.value(field))


def _values(row: FieldConflict, room: int) -> list[Content]:
    width = (room - 2) // 3
    widths = (width, width, room - 2 - 2 * width)
    lines = beside([wrapped(text.safe(title, "dim"), width) for title in _COLUMNS], widths)
    for field in row.fields:
        head = f"▸ {field.label}" if field is row.field else f"  {field.label}"
        lines.append(text.safe(head, "bold" if field is row.field else ""))
        agreed, xero, karbon = _held(row, field)
        shown = (text.safe(agreed or "-"), marked(xero, agreed) if xero else "-", marked(karbon, agreed) or "-")
        columns = [wrapped(text.line(value), size, _MOST) for value, size in zip(shown, widths, strict=True)]
        lines += beside(columns, widths)
    return lines


def _losses(row: FieldConflict) -> list[object]:
    _, xero, karbon = _held(row, row.field)
    return [
        text.line(("x", "bold"), " takes Xero's: in Karbon ", (karbon or "the empty value", "strike"), " is lost."),
        text.line(("b", "bold"), " takes Karbon's: in Xero ", (xero or "the empty value", "strike"), " is lost."),
        ("The other fields stay as they are; z undoes it.", "dim"),
    ]
