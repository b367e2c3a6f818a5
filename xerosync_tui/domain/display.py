"""Text from outside on its way to a terminal. This is the only way: contact names can hold anything."""

from __future__ import annotations

import re
import unicodedata

_JOINERS = frozenset("\u200c\u200d")  # scripts and emoji need them, and they move nothing
_REPLACEMENT = "\ufffd"
_IN_ASCII = {  # each as wide as what it stands for
    **dict(zip("▁▂▃▄▅▆▇█", "_.:-=+*#", strict=True)),
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼", "+"),
    **dict.fromkeys("─━▔", "-"),
    **dict.fromkeys("│┃▌▐▊▎", "|"),
    **dict(zip("▸●○◐✓≠…░▕▏▀·←→↑↓", ">*o@v#~.[]^.<>^v", strict=True)),
    **dict(zip("’“”–", '\'""-', strict=True)),
    "🔎": "/ ",
}
# How wide these make a text, terminals disagree: joiners, emoji style, tones of skin, flags made of two letters.
_CONTESTED: dict[int, str | None] = {
    0x200D: None,
    0xFE0F: None,
    **dict.fromkeys(range(0x1F3FB, 0x1F400)),
    **{0x1F1E6 + n: chr(ord("A") + n) for n in range(26)},
}
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LEFT_TO_RIGHT_MARK = "\u200e"  # takes no cell, and ends what a terminal turns round


def clean(text: object) -> str:
    """``text`` on one line, without anything a terminal would obey.

    White space becomes a space; control characters their picture (ESC as ``␛``); bidirectional overrides,
    other invisible formats, unpaired surrogates and private controls a replacement character.
    """
    said = str(text)
    if said.isascii() and said.isprintable():
        return said
    return "".join(map(_visible, said))


def width(text: str) -> int:
    """How many terminal cells cleaned ``text`` takes: wide characters two, combining ones none."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def drawn(text: str) -> str:
    """Cleaned ``text`` so that all terminals give it the same cells, and none turns round what stands beside it.

    Emoji fall into their parts, flags into their letters; right-to-left text ends with a mark that takes no cell.
    """
    return text if text.isascii() else _closed(text.translate(_CONTESTED))


def _closed(text: str) -> str:
    open_end = _RIGHT_TO_LEFT.search(text) and not text.endswith(_LEFT_TO_RIGHT_MARK)
    return text + _LEFT_TO_RIGHT_MARK if open_end else text


def fitted(text: str, room: int) -> str:
    """Cleaned ``text`` in exactly ``room`` cells, the same in all terminals: filled with spaces, or cut with ``…``."""
    if not text.isascii():
        text = text.translate(_CONTESTED)
    taken = width(text)
    if taken > room:
        taken, kept = 1, []
        for character in text:
            taken += _cells(character)
            if taken > room:
                taken -= _cells(character)
                break
            kept.append(character)
        text = "".join(kept) + "…"
    return text + " " * (room - taken)


def column(text: str, room: int) -> str:
    """``fitted`` for a column on the screen: what stands beside right-to-left text stays where it is."""
    shown = fitted(text, room)
    return shown if shown.isascii() else _closed(shown)


def in_ascii(text: str) -> str:
    """``text`` for a terminal that knows nothing else, as wide as before: a letter it lacks becomes ``?``.

    Not the letter without its accent: two names that differ would look the same.
    """
    return "".join(c if c.isascii() else _IN_ASCII.get(c) or "?" * _cells(c) for c in text)


def _cells(character: str) -> int:
    if character in _JOINERS or unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    if "\u1160" <= character <= "\u11ff" or character == _LEFT_TO_RIGHT_MARK:  # vowels within a Korean syllable
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _visible(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    if character.isspace():
        return " "
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    category = unicodedata.category(character)
    return "" if category == "Cf" and code == 0xAD else _REPLACEMENT


def number(count: int) -> str:
    """A count as an admin reads it: ``1,310``."""
    return f"{count:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """``1 person``, ``1,310 people``."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"
