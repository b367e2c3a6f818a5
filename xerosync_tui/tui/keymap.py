"""The keys of the config file on the screens, and the sign of a key wherever words name it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual.binding import Binding

from xerosync_tui.keyboard import ACTIONS

if TYPE_CHECKING:
    from xerosync_tui.tui.app import XeroSyncApp


def apply(app: XeroSyncApp) -> None:
    """Give the actions the keys of the config file, which were checked when it was read."""
    keys = app.program.settings.keys
    app.set_keymap({**_sharing(keys), **keys})


def _sharing(keys: Mapping[str, str]) -> dict[str, str]:
    """The actions that share a key with one that gets others: Textual 8.2.8 would take it from them too."""
    return {
        other: theirs
        for action in keys
        for other, theirs in ACTIONS.items()
        if other.partition(".")[0] == action.partition(".")[0] and {*theirs.split(",")} & {*ACTIONS[action].split(",")}
    }


def shown(app: XeroSyncApp, binding: Binding) -> str:
    """The sign of the first key of a binding as a class declares it."""
    if given := app.program.settings.keys.get(binding.id or ""):
        return app.get_key_display(binding.with_key(given.partition(",")[0]))
    return app.get_key_display(binding)


def sign(app: XeroSyncApp, action: str) -> str:
    """The sign of the first key of an action: what words that tell a person to press it have to say."""
    return shown(app, Binding(ACTIONS[action].partition(",")[0], "", id=action))
