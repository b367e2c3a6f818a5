"""Link an unsynced contact again: choose with whom, see what either side would lose, choose whose data stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from xerosync_tui.domain.contact import KarbonContact, XeroContact
from xerosync_tui.domain.decided import Decided
from xerosync_tui.domain.states import Side
from xerosync_tui.program import Program
from xerosync_tui.tui import text
from xerosync_tui.tui.history_words import field_by_field
from xerosync_tui.tui.screens.base import Dialog
from xerosync_tui.tui.screens.match import ChooseKarbon
from xerosync_tui.tui.screens.menu import Menu
from xerosync_tui.tui.widgets.fitting import Paragraphs
from xerosync_tui.tui.widgets.reading import Reading

if TYPE_CHECKING:
    from xerosync_tui.services.clients import Rematch
    from xerosync_tui.tui.app import XeroSyncApp

_ANOTHER = "another"


class WhoseData(Dialog[Side]):
    """What linking the two would change, by whose data stands where both are filled and differ."""

    CSS_PATH = "details.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "take('xero')", "Xero's data", show=False, id="rematch.xero"),
        Binding("b", "take('karbon')", "Karbon's data", show=False, id="rematch.karbon"),
    ]

    def __init__(self, by_xero: Rematch, by_karbon: Rematch) -> None:
        super().__init__(f"{by_xero.xero.contact.name}: link with {by_xero.karbon.contact.name}?")
        self._plans = (("x", "Xero's", by_xero), ("b", "Karbon's", by_karbon))

    def content(self) -> ComposeResult:
        """Both ways."""
        rows: list[object] = []
        for key, whose, plan in self._plans:
            rows.append(text.line((key, "bold"), f" {whose} data stands"))
            for where, changes in (("Karbon", plan.in_karbon), ("Xero", plan.in_xero)):
                rows += [f"  in {where}:", *field_by_field(changes)] if changes else [f"  nothing changes in {where}"]
        with Reading(id="rows"):
            yield Paragraphs(rows)
        keys = text.line(
            ("x", "bold"), " Xero's data   ", ("b", "bold"), " Karbon's data   ", ("esc", "bold"), " Leave it"
        )
        yield Static(keys, classes="dialog--keys", markup=False)

    def on_mount(self) -> None:
        """Its keys scroll."""
        self.query_one(Reading).focus()

    def action_take(self, side: str) -> None:
        """This one's."""
        self.dismiss(Side(side))


def choose_partner(
    app: XeroSyncApp, xero: XeroContact, former: KarbonContact | None, chosen: Callable[[str], None]
) -> None:
    """Choose the Karbon contact to link ``xero`` with: the one from before, or another; ``chosen`` is given its key."""
    name = xero.contact.name

    def answered(key: str | None) -> None:
        if key == _ANOTHER:
            app.push_screen(ChooseKarbon(xero.contact, chosen, ended=True))
        elif key:
            chosen(key)

    if former is None:
        answered(_ANOTHER)
        return
    choices = [("", f"{former.contact.name}, as before", former.key), ("", "another Karbon contact", _ANOTHER)]
    app.push_screen(Menu(f"Link {name} with", choices), answered)


def ask_whose(app: XeroSyncApp, xero_id: str, key: str, chosen: Callable[[Side, str], None]) -> None:
    """Show what linking the two would change; ``chosen`` is given whose data stands and the digest of it."""

    async def plans() -> tuple[Rematch, Rematch]:
        from xerosync_tui.services import clients

        by_xero = await clients.plan_rematch(app.program, xero_id, key, Side.XERO)
        return by_xero, await clients.plan_rematch(app.program, xero_id, key, Side.KARBON)

    def ask(both: tuple[Rematch, Rematch]) -> None:
        app.push_screen(WhoseData(*both), lambda side: chosen(side, both[0].digest) if side else None)

    app.jobs.decide(plans, ask)


async def rematch(program: Program, xero_id: str, key: str, side: Side, seen: str) -> Decided:
    """Link the two. Raises what ``clients.rematch`` raises."""
    from xerosync_tui.services import clients

    return await clients.rematch(program, xero_id, key, side, seen=seen)
