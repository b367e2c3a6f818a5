"""A name as the numbers of a table: what the trainer counts and what the classifier adds up, by the same code.

Three sorts of feature, each hashed into one table: pieces of the words (three and four letters, and the word itself),
what class of word stands where (first name, last name, word of firms, initial, ...), and the look of the whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from zlib import crc32

from xerosync_tui.domain.kinds.words import (
    FUNCTION_WORDS,
    GENERATIONS,
    HONORIFICS,
    JOINERS,
    LEGAL_WORDS,
    ORGANIZATION_WORDS,
    PARTICLES,
)

TABLE_BITS = 17
_MASK = (1 << TABLE_BITS) - 1
_TOKEN = re.compile(r"[^\W_]+(?:['’.][^\W_]+)*|[&+,/@()!]")
_CAMEL, _DIGIT = re.compile("[a-z][A-Z]"), re.compile(r"\d")
_LONGEST = 12  # words that count: more are an address, or a sentence
_LONGEST_WORD = 24
_WORD, _PIECE, _PLACE, _CLASS, _SHAPE = range(1, 6)  # seeds: the same letters as another sort are another feature

Classes = Mapping[str, str]  # folded word: F first name, S last name, B both, C word of firms, M of both


def fold(text: str) -> str:
    """``text`` in lower case without diacritics, so that ``Rūnanga`` is ``runanga``."""
    if text.isascii():
        return text.lower()
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return plain.translate(_NO_DECOMPOSITION).casefold()


_NO_DECOMPOSITION = str.maketrans({"đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "’": "'", "‘": "'"})


def tokens(text: str) -> list[str]:
    """The words and telling signs of ``text``, folded, without dots and apostrophes; at most 12."""
    found = _TOKEN.findall(fold(text))[:_LONGEST]
    return [word.replace(".", "").replace("'", "")[:_LONGEST_WORD] or word for word in found]


def class_of(word: str, classes: Classes) -> str:
    """One letter that says what sort of word a token is; ``u`` where nothing is known of it."""
    if len(word) == 1:
        return "I" if word.isalpha() else "D" if word.isdigit() else word
    if known := _WRITTEN.get(word) or classes.get(word):
        return known
    if not word.isalpha():
        return "D"
    return "i" if len(word) == 2 or not _VOWELS.intersection(word) else "u"


_GROUPS = (
    ("p", PARTICLES), ("W", ORGANIZATION_WORDS), ("G", GENERATIONS), ("T", HONORIFICS), ("L", LEGAL_WORDS),
    ("o", FUNCTION_WORDS), ("&", JOINERS),
)  # fmt: skip
_WRITTEN = {word: letter for letter, group in _GROUPS for word in group}  # a later group wins
_VOWELS = frozenset("aeiouy")


def features(text: str, words: list[str], classes: Classes) -> list[list[int]]:
    """Places in the table: a list for each of ``words``, the tokens of ``text``, then one for the name as a whole."""
    sorts = [class_of(word, classes) for word in words]
    found = [_of_word(word) for word in words]
    found.append(_of_whole(text, words, "".join(sorts)))
    return found


def _of_word(word: str) -> list[int]:
    raw = word.encode()
    places = [crc32(raw, _WORD) & _MASK]
    if len(raw) > 2:
        framed = b"^" + raw + b"$"
        size = len(framed)
        places += [crc32(framed[at : at + 3], _PIECE) & _MASK for at in range(size - 2)]
        places += [crc32(framed[at : at + 4], _PIECE) & _MASK for at in range(size - 3)]
        places.append(crc32(framed[-5:], _PIECE) & _MASK)
    return places


def _of_whole(text: str, words: list[str], sorts: str) -> list[int]:
    if not words:
        return [crc32(b"", _SHAPE) & _MASK]
    framed = ("^" + sorts + "$").encode()
    places = [crc32(framed, _CLASS) & _MASK]
    places += [crc32(framed[at : at + 2], _CLASS) & _MASK for at in range(len(framed) - 1)]
    places += [crc32(framed[at : at + 3], _CLASS) & _MASK for at in range(len(framed) - 2)]
    places.append(crc32(words[0].encode(), _PLACE) & _MASK)
    places.append(crc32(words[-1].encode(), _PLACE + 100) & _MASK)
    places += [crc32(look, _SHAPE) & _MASK for look in _looks(text, sorts)]
    return places


def _looks(text: str, sorts: str) -> list[bytes]:
    persons = sum(map(sorts.count, "FSB"))
    firms = sum(map(sorts.count, "CWL"))
    looks = [
        b"n%d" % len(sorts),
        b"p%d f%d" % (min(persons, 3), min(firms, 3)),
        b"known %d of %d" % (persons, len(sorts)),
        b"set of " + "".join(sorted(set(sorts))).encode(),
    ]
    if "'s" in text or "’s" in text:
        looks.append(b"owner")
    if _CAMEL.search(text) and "Mc" not in text:
        looks.append(b"camel")
    if _DIGIT.search(text):
        looks.append(b"digit")
    if "-" in text:
        looks.append(b"hyphen")
    if "." in text.rstrip("."):
        looks.append(b"dot %d" % min(3, text.count(" ") + 1))
    return looks + _cases(text)


def _cases(text: str) -> list[bytes]:
    """Words that stand out by their capitals, where the whole is not typed in one case; and a lone word that is."""
    typed = text.split()
    if text.isupper() or text.islower():
        return [b"one upper" if text.isupper() else b"one lower"] if len(typed) == 1 else []
    looks = []
    if any(len(word) > 1 and word.isupper() and "." not in word for word in typed):
        looks.append(b"capitals")
    if any(word[0].islower() and word not in PARTICLES for word in typed):
        looks.append(b"small")
    if typed[0][0].islower():
        looks.append(b"small first")
    return looks
