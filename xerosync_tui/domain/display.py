"""Text from outside on its way to a terminal. This is the only way: contact names can hold anything."""

from __future__ import annotations

import unicodedata

_JOINERS = frozenset("\u200c\u200d")  # scripts and emoji need them, and they move nothing
_REPLACEMENT = "\ufffd"


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


def fitted(text: str, room: int) -> str:
    """Cleaned ``text`` in exactly ``room`` cells: filled with spaces, or cut with an ellipsis."""
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


def _cells(character: str) -> int:
    if character in _JOINERS or unicodedata.category(character) in {"Mn", "Me"}:
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
