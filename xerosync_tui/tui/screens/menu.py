"""The row menu (the three dots): what can be done with one row."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import Dialog, Page
from xerosync_tui.tui.widgets.options import Options


class Menu(Dialog[str]):
    """Choices with their keys; returns the action chosen."""

    def __init__(self, title: str, choices: Sequence[tuple[str, str, str]], current: str = "") -> None:
        super().__init__(title)
        self._choices = choices  # key, words, action
        self._current = current  # the action that is in force

    def content(self) -> ComposeResult:
        """The choices."""
        room = 8 if any(key for key, _, _ in self._choices) else 0
        options = [Option(text.line((f"{key:{room}}", "bold"), words)) for key, words, _ in self._choices]
        choices = Options(*options, compact=True)
        actions = [action for _, _, action in self._choices]
        choices.highlighted = actions.index(self._current) if self._current in actions else 0
        yield choices
        keys = text.line(("enter", "bold"), " Take it   ", ("esc", "bold"), " Leave it")
        yield Static(keys, classes="dialog--keys", markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """One was chosen."""
        self.dismiss(self._choices[event.option_index][2])


def row_menu(page: Page, title: str, ids: Sequence[str]) -> None:
    """Offer those actions of the page, by the ids of their bindings."""
    found = {a.binding.id: a.binding for a in page.active_bindings.values()}
    choices = [(page.app.get_key_display(found[i]), found[i].description, found[i].action) for i in ids if i in found]

    async def act(action: str | None) -> None:
        if action:
            await page.run_action(action)

    page.app.push_screen(Menu(title, choices), act)
