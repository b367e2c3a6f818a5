"""Settings of the connection: what takes part, and how new contacts are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from xerosync_tui.domain.connection import Connection
from xerosync_tui.services import contacts, overview
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.ask import Ask
from xerosync_tui.tui.screens.base import Page
from xerosync_tui.tui.screens.menu import Menu
from xerosync_tui.tui.widgets.options import Options
from xerosync_tui.tui.words import FILTERS

_BOTH = {"ask": "ask me", "xero": "Xero's value stands", "karbon": "Karbon's value stands"}
_BLANKS = {"no": "leave Xero as it is", "yes": "fill them into Xero"}
_TITLES = {
    "filter": ("Import filter", "Which Xero contacts take part."),
    "contact_type": ("Default contact type", "What new Karbon contacts become."),
    "both_changed": ("Changed on both sides", "Whose value stands when both sides changed the same field."),
    "fill_blanks": ("Only Karbon has a value", "Whether such a value is filled into Xero."),
    "interval": ("Interval", "Seconds between two runs of the sync that runs by itself."),
}


class SettingsPage(Page):
    """One line a setting; ``enter`` changes it."""

    CSS_PATH = "settings.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "change", "Change", id="settings.change"),
        Binding("escape", "back", "Back", id="settings.back"),
    ]

    KEYS: ClassVar[tuple[str, ...]] = overview.SETTINGS

    def __init__(self, key: str = "filter") -> None:
        super().__init__()
        self._first = key
        self._types: list[str] = []

    @property
    def crumb(self) -> object:
        """Its step."""
        return "Settings"

    def body(self) -> ComposeResult:
        """The settings, and what the one under the cursor means."""
        yield Options(id="settings", compact=True)
        yield Static("", id="meaning", markup=False)

    def on_mount(self) -> None:
        """Begin at the setting that was asked for."""
        options = self.query_one(OptionList)
        options.highlighted = self.KEYS.index(self._first)
        options.focus()

    def reload(self) -> None:
        """The settings in force."""
        if connection := self.xerosync.connection:
            self._show(connection)

    def _show(self, connection: Connection) -> None:
        options = self.query_one(OptionList)
        chosen = overview.settings_of(connection)
        lines = {key: text.line(f"{_TITLES[key][0]:26}", (_in_words(key, chosen[key]), "bold")) for key in self.KEYS}
        if not options.option_count:
            options.add_options([Option(line, id=key) for key, line in lines.items()])
            options.highlighted = self.KEYS.index(self._first)
            return
        for key, line in lines.items():
            options.replace_option_prompt(key, line)

    @on(OptionList.OptionHighlighted)
    def _explain(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one("#meaning", Static).update(text.safe(f" {_TITLES[str(event.option_id)][1]}"))

    @on(OptionList.OptionSelected)
    async def _selected(self) -> None:
        await self.action_change()

    async def action_change(self) -> None:
        """Choose another value."""
        at, connection = self.query_one(OptionList).highlighted, self.xerosync.connection
        if at is None or connection is None:
            return
        key = self.KEYS[at]
        if key == "interval":
            now = overview.settings_of(connection)[key]
            self.app.push_screen(Ask("Seconds between two runs", now), lambda value: self._set(key, value))
            return
        self._types = await contacts.types(self.program)  # somebody may have added one
        choices = self._choices(key)
        shown = [("", words, value) for value, words in choices.items()]
        now = overview.settings_of(connection)[key]
        self.app.push_screen(Menu(_TITLES[key][0], shown, now), lambda value: self._set(key, value))

    def _choices(self, key: str) -> Mapping[str, str]:
        if key == "contact_type":
            return {"": "no type", **{name: name for name in self._types}}
        return {"filter": FILTERS, "both_changed": _BOTH, "fill_blanks": _BLANKS}[key]

    def _set(self, key: str, value: str | None) -> None:
        if value is None:
            return
        self.xerosync.jobs.decide(
            lambda: overview.change_settings(self.program, {key: value}),
            lambda connection: self.xerosync.say(f"{_TITLES[key][0]}: {_in_words(key, value)}"),
        )


def _in_words(key: str, value: str) -> str:
    if key == "contact_type":
        return value or "no type"
    if key == "interval":
        return f"{value} s"
    words: Mapping[str, str] = {"filter": FILTERS, "both_changed": _BOTH, "fill_blanks": _BLANKS}[key]
    return words[value]
