"""The keys of the config file on the screens: what they do, and every place that names them."""

from __future__ import annotations

import importlib
import pkgutil
import string
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import _character_to_key, key_to_character
from textual.screen import Screen
from textual.widgets import Input

import xerosync_tui.tui
from tests.tui.conftest import Desk
from tests.tui.driving import Screens, opened
from xerosync_tui.keyboard import ACTIONS, FIXED, KEY_NAMES, SCREENS, WHILE_TYPING, _name_of, place_of
from xerosync_tui.tui import keymap
from xerosync_tui.tui.screens.base import Page
from xerosync_tui.tui.screens.clients import Clients
from xerosync_tui.tui.screens.contact import ContactPage
from xerosync_tui.tui.screens.issues import Issues


def kinds(of: type = DOMNode) -> Iterator[type[DOMNode]]:
    """Every class of the screens."""
    for module in pkgutil.walk_packages(xerosync_tui.tui.__path__, f"{xerosync_tui.tui.__name__}."):
        importlib.import_module(module.name)
    waiting: list[type] = [of]
    while waiting:
        found: list[type] = waiting.pop().__subclasses__()
        waiting += found
        yield from (kind for kind in found if kind.__module__.startswith(xerosync_tui.tui.__name__))


def bindings() -> Iterator[Binding]:
    """Every binding that has a name."""
    for kind in kinds():
        yield from (b for b in vars(kind).get("BINDINGS", ()) if isinstance(b, Binding) and b.id)


@asynccontextmanager
async def with_keys(desk: Desk, stage: str, keys: dict[str, str]) -> AsyncIterator[Screens]:
    """The screens over a config file with these keys."""
    async with desk.program(stage) as plain:
        program = replace(plain, settings=replace(plain.settings, keys=keys))
        async with opened(program) as screens:
            yield screens


def bar(screens: Screens) -> str:
    """The last line."""
    return screens.text().splitlines()[-1]


# What the settings know of the screens


def test_the_settings_know_every_action_and_its_keys() -> None:
    found = {str(binding.id): binding.key for binding in bindings()}
    assert found == ACTIONS, "xerosync_tui/settings.py lists every action; enter it there too"


def test_the_settings_know_which_actions_meet_on_a_screen() -> None:
    for kind in kinds(Screen):
        together = {place_of(b.id) for _, b in kind._merge_bindings() if b.id}
        assert any(together <= set(screen) for screen in SCREENS), f"{kind.__name__}: {together} in settings.SCREENS"


def test_the_settings_know_what_works_while_typing() -> None:
    for binding in bindings():
        if binding.priority:
            assert str(binding.id).startswith(WHILE_TYPING), binding.id


def test_the_usual_keys_would_pass_the_check() -> None:
    for action, keys in ACTIONS.items():
        for key in keys.split(","):
            assert key in KEY_NAMES or (len(key) == 1 and key.isalnum()), action
            typed = (key_to_character(key) or "\0").isprintable()
            assert not (action.startswith(WHILE_TYPING) and typed), action


def test_key_names_are_those_of_textual() -> None:
    sent = {str(key.value) for keys in ANSI_SEQUENCES_KEYS.values() if isinstance(keys, tuple) for key in keys}
    sent |= {_character_to_key(c) for c in string.punctuation} | {"space", "enter", "escape", "tab", "backspace"}
    assert {key for key in KEY_NAMES if not key.startswith("alt+")} - sent == set()
    for character in string.punctuation + string.ascii_letters + string.digits + "ä§€":
        assert _name_of(character) == _character_to_key(character)


# The screens follow


async def test_another_key_acts_and_the_usual_one_no_more(desk: Desk) -> None:
    async with with_keys(desk, "synced", {"main.clients": "f5,w"}) as screens:
        await screens.press("2")
        assert not isinstance(screens.app.screen, Clients)
        for key in ("f5", "w"):
            await screens.press(key)
            await screens.until("Billing email")
            assert isinstance(screens.app.screen, Clients)
            await screens.press("1")
            await screens.until("Needs you")


async def test_two_actions_may_change_places(desk: Desk) -> None:
    keys = {"issues.confirm": "n", "issues.create": "c"}
    async with with_keys(desk, "synced", keys) as screens:
        await screens.press("3")
        await screens.until("Confirm would")
        assert "n Confirm match" in bar(screens) and "c Create new" in bar(screens)
        actions = {key: active.binding.id for key, active in screens.app.screen.active_bindings.items()}
        assert (actions["n"], actions["c"]) == ("issues.confirm", "issues.create")


async def test_the_bar_the_help_and_the_palette_name_the_given_key(desk: Desk) -> None:
    async with with_keys(
        desk, "synced", {"issues.confirm": "y,enter", "tabs.details": "D", "page.keys": "f1"}
    ) as screens:
        await screens.press("3")
        await screens.until("Confirm would")
        assert "y Confirm match" in bar(screens) and bar(screens).endswith("f1 Keys")
        await screens.press("f1")
        await screens.until("issues.confirm")
        (row,) = [line for line in screens.text().splitlines() if "issues.confirm" in line]
        assert row.strip("│ ").startswith("y ⏎ ")
        await screens.press("escape", "ctrl+p")
        await screens.until("part of a client")
        await screens.type("confirm match")
        await screens.until("key y")


async def test_a_key_of_another_screen_is_named_as_given(desk: Desk) -> None:
    async with with_keys(desk, "synced", {"contacts.import": "I", "main.contacts": "9"}) as screens:
        await screens.press("ctrl+p")
        await screens.until("part of a client")
        await screens.type("import csv")
        await screens.until("key 9, then I")
        assert keymap.sign(screens.app, "contacts.import") == "I"
        assert keymap.sign(screens.app, "main.sync") == "s"


@pytest.mark.parametrize(("place", "key"), [("[", "]"), ("]", "["), ("\\", "[")])
async def test_keys_that_are_markup_elsewhere_are_drawn_as_they_are(desk: Desk, place: str, key: str) -> None:
    keys = {"main.contacts": _name_of(place), "contacts.import": _name_of(key), "main.sync": "$"}
    async with with_keys(desk, "synced", keys) as screens:
        assert "$ Sync now" in bar(screens)
        await screens.press("ctrl+p")
        await screens.until("part of a client")
        await screens.type("import csv")
        await screens.until(f"key {place}, then {key}\n")


async def test_an_action_that_shares_its_key_keeps_it_when_the_other_gets_another(desk: Desk) -> None:
    """S starts the first sync, and is another way to say s after it."""
    async with with_keys(desk, "synced", {"preview.start": "T"}) as screens:
        await screens.press("p")
        await screens.until(lambda: "S" in screens.app.screen.active_bindings)
        assert screens.app.screen.active_bindings["S"].binding.id == "preview.sync_too"


async def test_a_list_of_choices_still_says_what_choosing_does(desk: Desk) -> None:
    """Its enter has no name of its own: the page has the words for it, as long as enter is a key of the page."""
    for keys, said in (("enter,w", "⏎ Change"), ("w", "w Change")):
        desk.home = desk.home.with_name(keys)
        async with with_keys(desk, "connected", {"settings.change": keys}) as screens:
            await screens.press("e")
            await screens.until("Interval")
            assert said in bar(screens) and bar(screens).count("Change") == 1
            await screens.press("question_mark")
            await screens.until("settings.change")
            (row,) = [line for line in screens.text().splitlines() if "settings.change" in line]
            assert ("⏎" in row) == ("enter" in keys)
            await screens.press("escape", "w")
            await screens.until("▸ all contacts")


async def test_the_ways_out_stay_beside_a_given_key(desk: Desk) -> None:
    async with with_keys(desk, "synced", {"contact.back": "escape,backspace"}) as screens:
        for key in ("backspace", "escape"):
            await screens.press("2")
            await screens.until("Billing email")
            await screens.press("enter")
            await screens.until(lambda: isinstance(screens.app.screen, ContactPage))
            await screens.press(key)
            await screens.until(lambda: isinstance(screens.app.screen, Clients))


async def test_a_given_key_is_typed_in_a_filter(desk: Desk) -> None:
    async with with_keys(desk, "synced", {"tabs.details": "w", "issues.confirm": "enter"}) as screens:
        await screens.press("3")
        await screens.until("Confirm would")
        await screens.press("slash", "w", "c")
        assert isinstance(screens.app.screen, Issues)
        assert screens.app.screen.query_one(Input).value == "wc"


def test_the_ways_out_have_no_action_but_their_own() -> None:
    taken = {key for keys in ACTIONS.values() for key in keys.split(",")}
    assert set(FIXED) - taken == {"ctrl+p"}  # which is Textual's own


# The key help


async def test_the_help_names_the_actions_and_scrolls(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("3")
        await screens.until("Confirm would")
        page = screens.app.screen
        assert isinstance(page, Page)
        await screens.press("question_mark")
        await screens.until("On this screen")
        lines = [line.strip("│ ") for line in screens.text().splitlines()]
        heads = [line for line in lines if line.startswith(("On ", "In "))]
        assert heads[0] == "On this screen"
        assert any(line.startswith("c ") and line.endswith("issues.confirm") for line in lines)
        assert "app.suspend" not in screens.text()
        await screens.press("pagedown", "pagedown", "pagedown")
        await screens.until("app.suspend")
        assert "page.back" in screens.text() and "config.toml" in screens.text()
        await screens.press("pageup", "pageup", "pageup")
        await screens.until("issues.confirm")
        assert max(map(len, screens.text().splitlines())) <= 80


async def test_a_name_the_help_tells_is_one_the_config_takes(desk: Desk) -> None:
    async with desk.at("synced", (80, 60)) as screens:
        for key in ("1", "2", "3", "4", "5"):
            await screens.press(key)
            await screens.settled()
            await screens.press("question_mark")
            await screens.until("On every screen")
            words = [word for line in screens.text().splitlines() for word in line.strip("│ ").split()]
            named = {word for word in words if word.replace("_", "").replace(".", "").isalpha() and "." in word[1:-1]}
            assert {"main.quit", "page.keys"} <= named
            assert named - {"config.toml"} <= set(ACTIONS)
            await screens.press("escape")
