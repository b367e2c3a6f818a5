"""Settings of the connection: what takes part, and how new contacts are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from xerosync_tui.domain.connection import ADDRESSES, PHONES, Connection
from xerosync_tui.services import contacts, overview
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.ask import Ask
from xerosync_tui.tui.screens.base import Page
from xerosync_tui.tui.screens.menu import Menu
from xerosync_tui.tui.widgets.options import Options
from xerosync_tui.tui.words import FILTERS

_BOTH = {"ask": "ask me", "xero": "Xero's value stands", "karbon": "Karbon's value stands"}
_BESIDE = {"leave": "leave them unwritten", "write": "write them too"}
_BLANKS = {"no": "leave Xero as it is", "yes": "fill them into Xero"}
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "filter": FILTERS, "both_changed": _BOTH, "fill_blanks": _BLANKS, "beside_karbon": _BESIDE,
}  # fmt: skip
_TYPED: Mapping[str, tuple[str, ...]] = {"interval": (), "karbon_phones": PHONES, "karbon_addresses": ADDRESSES}
_TITLES = {
    "filter": ("Import filter", "Which Xero contacts take part."),
    "contact_type": ("Default contact type", "What new Karbon contacts become."),
    "both_changed": ("Changed on both sides", "Whose value stands when both sides changed the same field."),
    "fill_blanks": ("Only Karbon has a value", "Whether such a value is filled into Xero."),
    "interval": ("Interval", "Seconds between two runs of the sync that runs by itself."),
    "karbon_phones": (
        "Karbon: primary phone",
        "Labels by rank: of each card the first phone with the first of these. Changed, all cards are read again, and "
        "where another phone counts then, that is an edit in Karbon and goes to Xero.",
    ),
    "karbon_addresses": (
        "Karbon: billing address",
        "Labels by rank: of each card the first address with the first of these. Changed, all cards are read again, "
        "and where another address counts then, that is an edit in Karbon and goes to Xero.",
    ),
    "beside_karbon": (
        "Beside Karbon's own sync",
        "Clients that Karbon's own Xero sync links too. Left unwritten, nothing goes wrong. Written, there are two "
        "writers that may chase each other: switch the sync in Karbon off first.",
    ),
}


class SettingsPage(Page):
    """One line a setting; ``enter`` changes it."""

    CSS_PATH = "settings.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "change", "Change", id="settings.change"),
        Binding("escape", "back", "Back", id="settings.back"),
    ]

    KEYS: ClassVar[tuple[str, ...]] = overview.SETTINGS
    OF_ACCOUNT: ClassVar[tuple[str, ...]] = overview.KARBON_SETTINGS  # where Karbon's API is in use

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

    @property
    def _keys(self) -> tuple[str, ...]:
        return self.KEYS + self.OF_ACCOUNT if self.xerosync.account else self.KEYS

    def _chosen(self, connection: Connection) -> Mapping[str, str]:
        account = self.xerosync.account
        return overview.settings_of(connection) | (overview.settings_of_account(account) if account else {})

    def on_mount(self) -> None:
        """Begin at the setting that was asked for."""
        options = self.query_one(OptionList)
        options.highlighted = self._keys.index(self._first)
        options.focus()

    def reload(self) -> None:
        """The settings in force."""
        if connection := self.xerosync.connection:
            self._show(connection)

    def _show(self, connection: Connection) -> None:
        options = self.query_one(OptionList)
        chosen = self._chosen(connection)
        lines = {key: text.line(f"{_TITLES[key][0]:26}", (_in_words(key, chosen[key]), "bold")) for key in self._keys}
        if options.option_count != len(lines):
            options.clear_options()
            options.add_options([Option(line, id=key) for key, line in lines.items()])
            options.highlighted = self._keys.index(self._first)
            return
        for key, line in lines.items():
            options.replace_option_prompt(key, line)

    @on(OptionList.OptionHighlighted)
    def _explain(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one("#meaning", Static).update(text.safe(_TITLES[str(event.option_id)][1]))

    @on(OptionList.OptionSelected)
    async def _selected(self) -> None:
        await self.action_change()

    async def action_change(self) -> None:
        """Choose another value."""
        at, connection = self.query_one(OptionList).highlighted, self.xerosync.connection
        if at is None or connection is None:
            return
        key = self._keys[at]
        now = self._chosen(connection)[key]
        if key in _TYPED:
            self.app.push_screen(Ask(*_asked(key, now)), lambda value: self._set(key, value))
            return
        self._types = await contacts.types(self.program)  # somebody may have added one
        choices = self._choices(key)
        shown = [("", words, value) for value, words in choices.items()]
        self.app.push_screen(Menu(_TITLES[key][0], shown, now), lambda value: self._set(key, value))

    def _choices(self, key: str) -> Mapping[str, str]:
        if key == "contact_type":
            return {"": "no type", **{name: name for name in self._types}}
        return _CHOICES[key]

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
    return _CHOICES[key][value] if key in _CHOICES else value.replace(",", ", ")


def _asked(key: str, now: str) -> tuple[str, str, str]:
    """The title, the value and the hint of a setting that is typed."""
    if key == "interval":
        return "Seconds between two runs", now, ""
    return _TITLES[key][0], now, f"Labels by rank, with commas; the usual ones: {', '.join(_TYPED[key])}"
