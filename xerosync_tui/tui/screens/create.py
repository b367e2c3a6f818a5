"""Make the Xero contact of a Karbon one: who is there already comes first, then a link to them or a new one."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.widgets import Static

from xerosync_tui.domain.contact import Contact, Field
from xerosync_tui.errors import NeedsPerson
from xerosync_tui.services import contacts
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.ask import Ask
from xerosync_tui.tui.screens.base import Confirm, Page
from xerosync_tui.tui.screens.details import contact_rows
from xerosync_tui.tui.screens.match import ask_to_match
from xerosync_tui.tui.screens.rematch import ask_whose, rematch
from xerosync_tui.tui.widgets.table import Column, Table

if TYPE_CHECKING:
    from xerosync_tui.domain.decided import Decided
    from xerosync_tui.services.clients import Namesake
    from xerosync_tui.tui.app import XeroSyncApp


@dataclass(frozen=True, slots=True)
class Creation:
    """Making the Karbon contact ``key`` in Xero; ``done`` is given what to say once the two are linked."""

    app: XeroSyncApp
    key: str
    contact: Contact
    done: Callable[[str], None]

    def begin(self, refused: Exception | None = None) -> None:
        """Look who is there already. ``refused``: why it could not simply be made."""

        def seen(read: tuple[Contact, Sequence[Namesake]]) -> None:
            now, found = replace(self, contact=read[0]), read[1]
            if found:
                self.app.push_screen(Namesakes(now, found, getattr(refused, "what", "")))
            elif refused:
                self.app.tell(refused)
            else:
                now.ask()

        self.app.jobs.decide(self._candidates, seen)

    async def _candidates(self) -> tuple[Contact, Sequence[Namesake]]:
        """The Karbon contact as it is now, its card having been read for this, and who is like it in Xero."""
        from xerosync_tui.services import clients

        found = await clients.candidates_in_xero(self.app.program, self.key)
        return (await contacts.one(self.app.program, self.key)).record.contact, found

    def ask(self, name: str = "", *, anyway: bool = False) -> None:
        """Make it once what is sent was read; ``name``: under that one."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.app.jobs.decide(lambda: self._make(name, anyway), made, failed)

        def made(linked: Decided) -> None:
            self._over(f"{linked.name}: made in Xero, and linked.")

        def failed(error: Exception) -> None:
            if isinstance(error, NeedsPerson):
                self.begin(error)
            else:
                self.app.tell(error)

        sent = self.contact.with_values({Field.NAME: name}) if name else self.contact
        rows = [
            *contact_rows("This is what Xero gets:", sent),
            "Xero deletes no contact: it can only be archived there.",
        ]
        self.app.push_screen(Confirm(f"Create {sent.name} in Xero?", text.lines(*rows), "Create"), answered)

    async def _make(self, name: str, anyway: bool) -> Decided:
        from xerosync_tui.services import clients

        return await clients.create_in_xero(self.app.program, self.key, name=name, anyway=anyway)

    def link(self, one: Namesake) -> None:
        """Link to a Xero contact instead, once what that changes was read."""
        xero = one.xero
        words = f"{xero.contact.name}: linked."
        if one.linked:  # its link has ended, else this is refused in words
            ask_whose(
                self.app,
                xero.id,
                self.key,
                lambda side, seen: self.app.jobs.decide(
                    lambda: rematch(self.app.program, xero.id, self.key, side, seen), lambda _: self._over(words)
                ),
            )
        else:
            ask_to_match(self.app, xero.id, xero.contact.name, self.key, lambda _: self._over(words))

    def _over(self, words: str) -> None:
        if isinstance(self.app.screen, Namesakes):
            self.app.pop_screen()
        self.done(words)


class Namesakes(Page):
    """Xero contacts that share the name or the billing email."""

    CSS_PATH = "create.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "link", "Link to this one", id="create.link"),
        Binding("C", "create", "Create a new one", id="create.create"),
        Binding("N", "rename", "Another name", id="create.rename"),
        Binding("escape", "back", "Back", id="create.back"),
    ]

    def __init__(self, creation: Creation, found: Sequence[Namesake], refused: str) -> None:
        super().__init__()
        self._creation, self._found, self._refused = creation, found, refused
        self.table: Table[Namesake] = Table(_COLUMNS, mark_width=0)

    @property
    def crumb(self) -> object:
        """Its step."""
        return "Create in Xero? These are there already:"

    def body(self) -> ComposeResult:
        """Who is there."""
        refused = text.safe(f" ! {self._refused}" if self._refused else "", "bold")
        yield Static(refused, id="refused", markup=False)
        yield Static("", classes="listing--titles", markup=False)
        yield self.table

    def on_mount(self) -> None:
        """They were read before."""

        def read(ids: Sequence[int]) -> Mapping[int, Namesake]:
            return {number: self._found[number] for number in ids}

        self.table.show(array("q", range(len(self._found))), read, top=True)
        self.table.focus()

    def on_resize(self, event: Resize) -> None:
        """The titles stand over their columns."""
        self.query_one(".listing--titles", Static).update(text.safe(self.table.heading(event.size.width)))

    def action_link(self) -> None:
        """Link to the one under the cursor."""
        if (row := self.table.current) is not None:
            self._creation.link(row)

    def action_create(self) -> None:
        """Make another one beside them, unless Xero would refuse it."""
        if any(one.takes_name for one in self._found):
            words = "Xero has each name once: enter links to the one that has it, N gives this one another name."
            self.xerosync.say(words, severity="warning")
        else:
            self._creation.ask(anyway=True)

    def action_rename(self) -> None:
        """Make it under another name."""

        def named(name: str | None) -> None:
            if name and name.strip():
                self._creation.ask(name.strip(), anyway=True)

        self.app.push_screen(Ask("Its name in Xero", self._creation.contact.name), named)


def _same(one: Namesake) -> str:
    return " and ".join(word for word, same in (("name", one.same_name), ("email", one.same_email)) if same)


_COLUMNS: list[Column[Namesake]] = [
    Column("Name", lambda one: one.xero.contact.name, share=4),
    Column("Billing email", lambda one: one.xero.contact.email or "-", share=4),
    Column("The same", _same, width=14),
    Column("Linked", lambda one: "yes" if one.synced else "was" if one.linked else "no", width=6),
]
