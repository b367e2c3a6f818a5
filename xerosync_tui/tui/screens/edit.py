"""Add or change a Karbon contact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, Static

from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.display import clean
from xerosync_tui.errors import XeroSyncError
from xerosync_tui.services import contacts
from xerosync_tui.tui import text, words
from xerosync_tui.tui.screens.base import Confirm, Page
from xerosync_tui.tui.widgets.line import Line

_LABELS = {
    "name": "Name",
    "first_name": "First name",
    "middle_name": "Middle name",
    "last_name": "Last name",
    "email": "Billing email",
    "phone": "Primary phone",
    "other_phones": "Other phones",
    "line1": "Address",
    "line2": "",
    "line3": "",
    "line4": "",
    "city": "City",
    "region": "State",
    "postal_code": "Postcode",
    "country": "Country",
    "contact_type": "Contact type",
    "client_identifier": "Identifier",
}
_NOT_WRITTEN = ("other_phones", "client_identifier")  # through Karbon's API
_UNREAD = " ○ Its card is not read yet: a field that shows nothing may be filled there. It is read before you save."
_PERSON = ("first_name", "middle_name", "last_name")


class EditContact(Page):
    """A line for each field. Only what was changed is stored; the services check it."""

    CSS_PATH = "edit.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "save", "Save", id="edit.save", priority=True),
        # With priority: what is typed behind a tab, in one go over a slow line, belongs to the next field.
        Binding("tab", "app.focus_next", "Next field", show=False, id="edit.tab", priority=True),
        Binding("shift+tab", "app.focus_previous", "Field before", show=False, id="edit.back_tab", priority=True),
        Binding("down", "app.focus_next", "Next field", show=False, id="edit.next"),
        Binding("up", "app.focus_previous", "Field before", show=False, id="edit.previous"),
        Binding("escape", "back", "Leave", id="edit.back"),
    ]

    def __init__(self, record: DirectoryRecord | None = None, kind: Kind = Kind.ORGANIZATION) -> None:
        super().__init__()
        self._record = record
        self._kind = record.kind if record else kind
        self._before = record.as_texts() if record else dict.fromkeys(_LABELS, "")
        self._saving = False

    @property
    def crumb(self) -> object:
        """What is being written."""
        return f"{'Change' if self._record else 'New'} {self._kind.value}"

    def body(self) -> ComposeResult:
        """The fields."""
        with VerticalScroll(can_focus=False):
            for name in self._names():
                with Horizontal(classes="field"):
                    yield Static(text.safe(_LABELS[name]), classes="label", markup=False)
                    yield Line(clean(self._before[name]), id=name)
        yield Static(_UNREAD if self._record and not self._record.whole else "", id="refused", markup=False)

    def _names(self) -> Iterator[str]:
        hidden: tuple[str, ...] = ("name",) if self._kind is Kind.PERSON else _PERSON
        if self.xerosync.account:
            hidden += _NOT_WRITTEN
        yield from (name for name in _LABELS if name not in hidden)

    async def on_mount(self) -> None:
        """The types that there are, as a hint."""
        self.query_one("#contact_type", Input).placeholder = "one of: " + ", ".join(
            map(clean, await contacts.types(self.program))
        )
        self.query(Input).first().focus()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.focus_next()

    def _changes(self) -> dict[str, str]:
        """What was typed: a field that still shows what it showed is not touched."""
        fields = {str(field.id): field.value for field in self.query(Input)}
        return {name: value for name, value in fields.items() if value != clean(self._before[name])}

    def action_save(self) -> None:
        """Store the changes; what cannot stand is said, and stays to be mended."""
        changes = self._changes()
        if not changes:
            self.app.pop_screen()
            return
        if self._saving:
            return
        self._saving = True
        record = self._record
        self.xerosync.jobs.decide(
            lambda: (
                contacts.edit(self.program, record.key, changes, seen=record)
                if record
                else contacts.add(self.program, self._kind, changes)
            ),
            self._saved,
            self._refused,
        )

    def _saved(self, record: DirectoryRecord) -> None:
        self.xerosync.say(f"{record.contact.name}: saved.")
        self._record, self._before, self._saving = record, record.as_texts(), False
        if self.app.screen is self:
            self.app.pop_screen()

    def _refused(self, error: Exception) -> None:
        self._saving = False
        if not isinstance(error, XeroSyncError) or not self.is_attached:
            self.xerosync.tell(error)
        else:
            self.query_one("#refused", Static).update(text.line((f" ! {error.what} ", "bold"), words.next_step(error)))

    def leave(self, then: Callable[[], object]) -> None:
        """What was typed is lost, so it asks."""
        changes = self._changes()
        if not changes:
            then()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                then()

        typed = text.safe(f"What you typed is lost: {', '.join(_LABELS[n] or 'Address' for n in changes)}.")
        self.app.push_screen(Confirm("Leave without saving?", typed, "Leave", "Go on editing"), answered)
