"""What the command palette offers: every action of the page in front, the numbered screens, and what they do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.app import SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from xerosync_tui.tui.screens.base import PLACES, Page
from xerosync_tui.tui.screens.tabs import TABS
from xerosync_tui.tui.widgets.key_bar import COMMON, in_force

if TYPE_CHECKING:
    from xerosync_tui.tui.app import XeroSyncApp


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
    for place, make in app.MODES.items():
        page = cast(Callable[[], Page], make)()  # for its bindings alone
        title = PLACES.get(place) or TABS[place][0]
        there = f"key {page.PLACE}" if place in PLACES else f"key {page.PLACE}, then tab"
        yield SystemCommand(f"Go to {title}", there, partial(_lead, app, place))
        for binding in [] if isinstance(screen, type(page)) else _own_bindings(page):
            key = app.get_key_display(binding)
            lead = partial(_lead, app, place, f"{key}  {binding.description}")
            named = f"{title}: {binding.description}"
            yield SystemCommand(named, f"{there}, then {key}", lead, discover=False)  # found by typing
    yield SystemCommand("Theme", "Light, dark, or the terminal's own colours", app.action_change_theme)


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
