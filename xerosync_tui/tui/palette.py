"""What the command palette offers: every action of the page in front, the numbered screens, and what they do;
and any contact by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import SystemCommand
from textual.binding import Binding
from textual.command import CommandList, CommandPalette, Hit, Hits, Provider
from textual.screen import Screen
from textual.widgets import Input

from xerosync_tui.domain.display import clean
from xerosync_tui.services import lists
from xerosync_tui.tui import keymap, text
from xerosync_tui.tui.screens.base import PLACES, MainPage, Page
from xerosync_tui.tui.screens.tabs import TABS
from xerosync_tui.tui.widgets.key_bar import COMMON, in_force

if TYPE_CHECKING:
    from xerosync_tui.tui.app import XeroSyncApp

_MOST = 20  # contacts that a search shows


def commands(app: XeroSyncApp, screen: Screen[object]) -> Iterable[SystemCommand]:
    """The commands while ``screen`` is in front."""
    seen = set()
    for active in in_force(screen):
        binding = active.binding
        name = (binding.action, binding.description)
        if binding.id and binding.description and name not in seen and not binding.action.startswith("place("):
            seen.add(name)
            act = partial(app.run_action, binding.action, active.node)
            yield SystemCommand(binding.description, f"key {app.get_key_display(binding)}", act)
    for binding in _declared(MainPage):
        if binding.action.startswith("app.") and (binding.action, binding.description) not in seen:
            there = f"key {keymap.shown(app, binding)} on the numbered screens"
            yield SystemCommand(binding.description, there, partial(app.run_action, binding.action))
    for place, make in app.MODES.items():
        page = cast(Callable[[], Page], make)()  # for its bindings alone
        title = PLACES.get(place) or TABS[place][0]
        there = f"key {keymap.sign(app, f'main.{place}' if place in PLACES else 'main.issues')}"
        there += "" if place in PLACES else f", then {keymap.sign(app, 'tabs.next')}"
        yield SystemCommand(f"Go to {title}", there, partial(_lead, app, place))
        for binding in [] if isinstance(screen, type(page)) else _own_bindings(page):
            sign = keymap.shown(app, binding)
            lead = partial(_lead, app, place, f"{sign}  {binding.description}")
            named = f"{title}: {binding.description}"
            yield SystemCommand(named, f"{there}, then {sign}", lead, discover=False)  # found by typing
    yield SystemCommand("Theme", "Light, dark, or the terminal's own colours", app.action_change_theme)


def _declared(kind: type[Page]) -> list[Binding]:
    return [binding for binding in kind.BINDINGS if isinstance(binding, Binding)]


def _own_bindings(page: Page) -> Iterable[Binding]:
    """What can be done on this page alone, without the keys that move about."""
    found: dict[tuple[str, str], Binding] = {}
    for _, binding in page._bindings:
        home = (binding.id or "").partition(".")[0]
        if home and home not in COMMON and binding.description not in {"Up", "Down"}:
            found.setdefault((binding.action, binding.description), binding)
    return found.values()


def _lead(app: XeroSyncApp, place: str, hint: str = "") -> None:
    """To a numbered screen, saying the key to press there: nothing is done to a row that is not in sight."""

    def go() -> None:
        app.action_show_place(place)
        if hint:
            app.say(hint)

    page = app.screen
    if isinstance(page, Page):
        page.leave(go)
    else:
        go()


class Palette(CommandPalette):
    """The palette over the page in front."""

    def __init__(self) -> None:
        super().__init__(placeholder="An action, or a part of a client's name or email", id="--command-palette")

    def on_mount(self) -> None:
        """No blinking: each blink is a packet over a slow line."""
        self.query_one(Input).cursor_blink = False

    @on(Input.Changed)
    def _typed(self) -> None:
        """``enter`` must not take what was found for the letters before."""
        self.query_one(CommandList).clear_options()


class ContactsByName(Provider):
    """The contacts whose name or email holds what is typed: the synced clients first, then other Karbon contacts."""

    async def search(self, query: str) -> Hits:
        """At most twenty. Raises MachineError, which the clock of the program tells."""
        from xerosync_tui.tui.app import XeroSyncApp

        assert isinstance(self.app, XeroSyncApp)
        found = await contacts_named(self.app, query)
        for place, (key, name, email) in enumerate(found):
            shown = text.lines(name, (email or "no billing email", "dim"))
            yield Hit((_MOST - place) / 1000, shown, partial(_open, self.app, key), text=clean(name))


async def contacts_named(app: XeroSyncApp, query: str) -> list[tuple[str, str, str]]:
    """The Karbon key, name and email of the first contacts that hold ``query``. Raises MachineError."""
    clients = await lists.clients(app.program, app.connection).found(query, _MOST)
    found = [(client.karbon_key, client.contact.name, client.contact.email) for client in clients]
    if room := _MOST - len(found):
        others = await lists.contacts(app.program, app.connection, free=True).found(query, room)
        found += [(row.record.key, row.record.contact.name, row.record.contact.email) for row in others]
    return found


def _open(app: XeroSyncApp, key: str) -> None:
    """The contact's own page, over the one in front."""
    from xerosync_tui.tui.screens.contact import ContactPage

    app.push_screen(ContactPage(key))
