"""The keyboard: every action of the screens with its keys, and the ``[keys]`` of config.toml that change them.

Checked with the other settings and not by the screens, so that every command tells a mistake in it.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from xerosync_tui.errors import MachineError

_BY_PLACE = {  # every action of the screens and its keys; a test compares this with the screens
    "app": {"suspend": "ctrl+z", "quit": "ctrl+c,ctrl+q"},
    "page": {"back": "escape", "keys": "question_mark"},
    "main": {
        "apps": "1", "clients": "2", "issues": "3", "contacts": "4", "activity": "5",
        "sync": "s", "preview": "p", "quit": "q",
    },
    "list": {
        "up": "up,k", "down": "down,j", "page_up": "pageup", "page_down": "pagedown",
        "first": "home,g", "last": "end,G",
        "filter": "slash", "sort": "greater_than_sign",
        "mark": "space", "mark_down": "shift+down", "mark_up": "shift+up", "mark_range": "M", "mark_all": "asterisk",
    },
    "filter": {"clear": "escape", "leave": "enter,down"},
    "apps": {
        "open": "enter", "type": "t", "filter": "f", "settings": "e", "stop": "x", "karbon": "K", "disconnect": "d",
        "approve": "a",
    },
    "karbon": {
        "connect": "ctrl+s", "go_on": "enter", "tab": "tab", "back_tab": "shift+tab", "next": "down", "previous": "up",
        "back": "escape",
    },
    "settings": {"change": "enter", "back": "escape"},
    "choices": {"preview": "p"},
    "consent": {"answer": "y", "open": "o", "paste": "v", "again": "r", "back": "escape"},
    "preview": {
        "start": "S", "sync": "s", "sync_too": "S", "veto": "space", "veto_too": "space", "kind": "K", "kind_too": "K",
        "next": "tab", "previous": "shift+tab", "row": "enter", "fill": "b", "again": "p", "stop": "x",
        "back": "escape",
    },
    "clients": {
        "contact": "enter", "in_xero": "o", "in_karbon": "O", "unsync": "u", "undo": "z", "history": "h",
        "menu": "full_stop", "left_out": "l", "export": "E",
    },
    "left_out": {"match": "a", "create": "n", "in_xero": "o"},
    "tabs": {"next": "tab", "previous": "shift+tab", "undo": "z", "details": "enter"},
    "issues": {
        "confirm": "c", "create": "n", "next_candidate": "right", "previous_candidate": "left", "another": "a",
        "ignore": "i", "alike": "L", "show_ignored": "v", "in_xero": "o", "in_karbon": "O",
    },
    "fields": {"xero": "x", "karbon": "b", "in_xero": "o", "in_karbon": "O"},
    "unsynced": {"rematch": "m", "create": "n", "archive": "A", "in_xero": "o", "in_karbon": "O"},
    "failed": {"retry": "r", "retry_all": "R", "edit": "e", "in_xero": "o"},
    "match": {"choose": "enter", "back": "escape"},
    "contacts": {
        "open": "enter", "add": "n", "edit": "e", "delete": "delete,D", "import": "i", "unlinked": "u",
        "guesses": "v", "kind": "K", "right": "c", "in_karbon": "O", "menu": "full_stop",
    },
    "contact": {
        "edit": "e", "in_xero": "o", "in_karbon": "O", "unsync": "u", "create": "C", "undo": "z", "undo_too": "enter",
        "details": "h", "back": "escape",
    },
    "create": {"link": "enter", "create": "C", "rename": "N", "back": "escape"},
    "edit": {
        "save": "ctrl+s", "tab": "tab", "back_tab": "shift+tab", "next": "down", "previous": "up", "back": "escape",
    },
    "importing": {"do": "y", "columns": "m", "back": "escape"},
    "activity": {"journal": "enter", "undo": "z", "entries": "a", "idle": "v"},
    "journal": {"undo": "z", "details": "enter", "contact": "O", "back": "escape"},
    "dialog": {"close": "escape"},
    "told": {"close": "enter,space"},
    "confirm": {"yes": "y"},
    "delete": {"yes": "y", "archive": "A"},
    "rematch": {"xero": "x", "karbon": "b"},
    "details": {"close": "enter"},
    "link": {"select_by_hand": "m"},
    "address": {"close": "m"},
    "ask": {"close": "escape"},
    "keys": {
        "close": "question_mark,q", "up": "up,k", "down": "down,j", "page_up": "pageup", "page_down": "pagedown",
    },
}  # fmt: skip
ACTIONS = {f"{place}.{name}": keys for place, names in _BY_PLACE.items() for name, keys in names.items()}
_ON_PAGES = ("app", "page", "main", "list")
_NUMBERED = ("main.sync", "main.preview")  # which only the numbered pages have
_PAGES = (
    "apps numbered", "clients numbered", "tabs issues numbered", "tabs fields numbered", "tabs unsynced numbered",
    "tabs failed numbered", "contacts numbered", "activity numbered", "settings choices", "consent", "karbon",
    "preview", "left_out", "match", "contact", "create", "edit", "importing", "journal",
)  # fmt: skip
_DIALOGS = ("told", "confirm", "delete", "rematch", "details list", "link", "address", "ask", "keys", "list")
SCREENS = (  # places whose keys are in force together
    *((*_ON_PAGES, *page.split()) for page in _PAGES),
    *(("app", "dialog", *dialog.split()) for dialog in _DIALOGS),
    *(("app", "filter", *page.split()) for page in ("tabs", "preview")),
)
FIXED = ("escape", "ctrl+c", "ctrl+q", "ctrl+p")  # the ways out, and all actions by name
WHILE_TYPING = (  # what must work in a line of text, where a character is typed; by how the names begin
    "app.quit", "edit.", "karbon.", "filter.", "preview.next", "preview.previous", "tabs.next", "tabs.previous",
)  # fmt: skip

_SHORT_NAMES = {
    "solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at", "hyphen_minus": "minus",
    "plus_sign": "plus", "low_line": "underscore",
}  # fmt: skip
_EXAMPLE = '[keys] and below it "issues.confirm" = "y"'
_MOVING = ("up", "down", "left", "right", "home", "end", "insert", "delete", "pageup", "pagedown")


def _name_of(character: str) -> str:
    """The name that Textual has for the key of a character: ``question_mark`` for ``?``."""
    if character.isalnum():
        return character
    name = unicodedata.name(character).lower().replace("-", "_").replace(" ", "_")
    return _SHORT_NAMES.get(name, name)


_TYPED = frozenset({"space", *map(_name_of, string.punctuation)})
KEY_NAMES = _TYPED | {  # what a terminal can send; there ctrl+h, ctrl+i and ctrl+m are backspace, tab and enter
    *_MOVING,
    *(f"{held}+{key}" for held in ("shift", "ctrl", "ctrl+shift") for key in _MOVING),
    *("escape", "enter", "tab", "shift+tab", "backspace"),
    *(f"f{number}" for number in range(1, 13)),
    *(f"ctrl+{letter}" for letter in string.ascii_lowercase if letter not in "him"),
    *(f"alt+{character}" for character in string.ascii_lowercase + string.digits),
}


def key_map(path: Path, table: object) -> dict[str, str]:
    """The keys by action, as Textual names them. Raises MachineError for what cannot be."""
    if not isinstance(table, dict):
        raise MachineError(f"keys in {path} must be a table, not {table!r}", f"Write {_EXAMPLE}.")
    keys = {action: ",".join(_keys_of(path, action, value)) for action, value in table.items()}
    for action, key, other in _clashes(keys):
        raise MachineError(
            f"[keys] in {path}: {key!r} is both {action} and {other} on one screen", f"Give {other} another key too."
        )
    return keys


def _keys_of(path: Path, action: str, value: object) -> Iterator[str]:
    """The names of the keys that ``value`` gives to an action. Raises MachineError."""
    place = f"{action} in [keys] of {path}"
    if isinstance(value, dict):
        raise MachineError(f"{place} is a table", f"Put the whole name in quotes: {_EXAMPLE}.")
    if action not in ACTIONS:
        raise MachineError(f"[keys] in {path} has an unknown action: {action!r}", _near(action))
    if not isinstance(value, str):
        raise MachineError(f"{place} must be text, not {value!r}", 'Several keys are written "y,enter".')
    found: list[str] = []
    for word in value.split(","):
        key = _key_named(place, word.strip())
        if key in found:
            raise MachineError(f"{place} names {key!r} twice")
        if key in FIXED and key not in ACTIONS[action].split(","):
            raise MachineError(f"{place} cannot be {key!r}, which does the same everywhere", "Choose another key.")
        if action.startswith(WHILE_TYPING) and (key in _TYPED or len(word.strip()) == 1):
            raise MachineError(f"{place} cannot be {key!r}, which is typed there", "Choose one such as ctrl+t or f5.")
        found.append(key)
    if lost := [key for key in ACTIONS[action].split(",") if key in FIXED and key not in found]:
        raise MachineError(f"{place} must keep {', '.join(lost)}", f'Write "{",".join([*lost, *found])}".')
    yield from found


def _key_named(place: str, word: str) -> str:
    if not word:
        raise MachineError(f"{place} names no key", "A comma is written comma; leave the line out for the usual key.")
    if len(word) == 1 and word.isprintable():
        return _name_of(word)
    if word not in KEY_NAMES:
        raise MachineError(
            f"{place} is no key: {word!r}", "Keys are y, Y, ?, enter, space, pagedown, shift+down, ctrl+t, f5 ..."
        )
    return word


def _near(action: str) -> str:
    """What may have been meant."""
    import difflib

    near = difflib.get_close_matches(action, ACTIONS)
    return f"Near it: {', '.join(near)}." if near else "The key help (?) of each screen has the names."


def _clashes(keys: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """An action of ``keys``, a key, and another action that has it too where both are in force.

    Not those that share it from the start, being for different moments.
    """
    for action, given in keys.items():
        for other in _beside(action):
            theirs = keys.get(other, ACTIONS[other]).split(",")
            from_the_start = {*ACTIONS[action].split(",")} & {*ACTIONS[other].split(",")}
            for key in given.split(","):
                if key in theirs and key not in from_the_start:
                    yield action, key, other


def place_of(action: str) -> str:
    """The place in ``SCREENS`` where an action is in force."""
    return "numbered" if action in _NUMBERED else action.partition(".")[0]


def _beside(action: str) -> list[str]:
    """The other actions that are in force together with this one."""
    place = place_of(action)
    places = {beside for screen in SCREENS if place in screen for beside in screen}
    return [other for other in ACTIONS if other != action and place_of(other) in places]
