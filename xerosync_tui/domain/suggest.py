"""How much two contacts look like one, and why in words. A suggestion for a person; nothing is ever linked by it.

Importing this imports rapidfuzz, which is slow: where the program starts, import it late.

The score is that of the names, 0 to 1, and up to 0.45 for the addresses (matching.md 3). Where there is no true pair
at all somebody else's still gets high: hence a person decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from rapidfuzz.fuzz import ratio, token_set_ratio, token_sort_ratio

from xerosync_tui.domain.contact import Contact
from xerosync_tui.domain.forms import Form, form_of, mailbox, own_domain, plain, plain_mailbox
from xerosync_tui.domain.nicknames import full_names, same_first_name
from xerosync_tui.domain.normalise import name_key

SHOWN, STRONG = 0.85, 1.1
_EMAIL = 0.45  # what equal addresses are worth beside equal names
_ALIKE = 80  # per cent, from which two words are one with a slip
_SHORTEST_SLIP = 4  # letters


@dataclass(frozen=True, slots=True)
class Resemblance:
    """The score, and what is alike and what differs, the telling things first."""

    score: float
    reasons: tuple[str, ...]

    @property
    def strong(self) -> bool:
        """Whether it is rarely wrong (the README has the measured precision)."""
        return self.score >= STRONG

    @property
    def mark(self) -> str:
        """In a word."""
        return "strong" if self.strong else "weak"

    def __str__(self) -> str:
        """``strong: same email domain, Pty Ltd dropped``."""
        return f"{self.mark}: {', '.join(self.reasons)}" if self.reasons else self.mark


def score(a: Form, b: Form) -> float:
    """How much the two look like one contact; those with one address are always worth showing."""
    both = name_score(a, b) + _EMAIL * email_score(a.email, b.email)
    return max(both, SHOWN) if a.email and a.email == b.email else both


def name_score(a: Form, b: Form) -> float:
    """The best of the names that the two hold: nearly 1 for the same words in any order, 1 with the same legal form."""
    best = _words_score(a.parts[0], b.parts[0])
    if len(a.parts) > 1 or len(b.parts) > 1:
        best = max(best, *(0.95 * _words_score(x, y) for x in a.parts for y in b.parts))
    return max(0.0, best - (a.legal != b.legal) * 0.01)


def _words_score(a: str, b: str) -> float:
    if a == b:
        return 1.0 if a else 0.0
    mine, theirs = a.split(), b.split()
    pairing = paired(mine, theirs)
    if pairing is not None:
        return 1.0 - _lost(pairing, len(mine)) - 0.02 * turned(mine, theirs, pairing)
    best = max(token_sort_ratio(a, b), ratio(a.replace(" ", ""), b.replace(" ", "")), 0.9 * token_set_ratio(a, b))
    contradicted = any(len(word) == 1 for word in {*mine} ^ {*theirs})
    return best / 100 * (0.9 if contradicted else 1.0)


class How(Enum):
    """What makes two words one, or why a word has none beside it."""

    INITIAL = "initial"
    SHORT = "short form"
    SLIP = "slip"
    LEFT_OUT = "left out"


Pairing = list[tuple[str, str, How]]


def _lost(pairing: Pairing, words: int) -> float:
    """What a pairing takes off the score; initials take less the more words beside them are the same."""
    lost, initials = 0.0, 0
    for x, y, how in pairing:
        if how is How.INITIAL:
            initials += 1
        elif how is How.SLIP:
            lost += (1.0 - ratio(x, y) / 100) / 2
        elif how is How.LEFT_OUT:
            lost += 0.085
        else:  # ``greta`` and ``maggie`` are further apart than either and ``margaret``
            lost += 0.05 if x in full_names(y) or y in full_names(x) else 0.09
    return lost + (0.12 / max(1, words - len(pairing)) if initials else 0.0)


def paired(a: Sequence[str], b: Sequence[str]) -> Pairing | None:
    """The words that differ, each beside the one it stands for; None where too few are alike, or one on
    either side stands for nothing."""
    mine, theirs = [w for w in a if w not in b], [w for w in b if w not in a]
    common = len(mine) < len(a) and len(theirs) < len(b)
    found: Pairing = []
    for x in list(mine):
        if beside := next(((y, how) for y in theirs if (how := _how(x, y))), None):
            found.append((x, *beside))
            mine.remove(x)
            theirs.remove(beside[0])
    if not common and sum(how is not How.INITIAL for *_, how in found) < 2:
        return None
    _pair_initials(mine, theirs, found, turned=False)
    _pair_initials(theirs, mine, found, turned=True)
    if mine and theirs:
        return None
    return [*found, *((x, "", How.LEFT_OUT) for x in mine), *(("", y, How.LEFT_OUT) for y in theirs)]


def turned(a: Sequence[str], b: Sequence[str], pairing: Pairing) -> bool:
    """Whether the first words stand elsewhere on the other side."""
    for x, y, how in pairing:
        if how is How.LEFT_OUT and (x or y) in (a[0], b[0]):
            return False
        if x.split()[:1] == [a[0]] and y.split()[:1] == [b[0]]:
            return False
    return a[0] != b[0]


def _pair_initials(mine: list[str], theirs: list[str], found: Pairing, *, turned: bool) -> None:
    """``em`` stands for ``emma miranda``: such words leave both lists."""
    for x in list(mine):
        words = theirs[: len(x)]
        if 1 < len(x) < 4 and x == "".join(word[0] for word in words):
            found.append((" ".join(words), x, How.INITIAL) if turned else (x, " ".join(words), How.INITIAL))
            del theirs[: len(x)]
            mine.remove(x)


def _how(x: str, y: str) -> How | None:
    if 1 in (len(x), len(y)):
        return How.INITIAL if x[0] == y[0] else None
    if same_first_name(x, y):
        return How.SHORT
    if x[0] != y[0] or min(len(x), len(y)) < _SHORTEST_SLIP:
        return None
    return How.SLIP if ratio(x, y) >= _ALIKE else None


def email_score(a: str, b: str) -> float:
    """How much two email keys look like one contact's: 1 for the same, 0 for nothing in common or none."""
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    same_box = plain_mailbox(a) == plain_mailbox(b)
    domain = own_domain(a)
    if a.rpartition("@")[2] == b.rpartition("@")[2]:
        if same_box:
            return 0.97
        if domain:
            return 0.6
    if same_box and mailbox(a):
        return 0.75
    return _slip(a, b)


def _slip(a: str, b: str) -> float:
    alike = ratio(a, b)
    return 0.6 * alike / 100 if alike >= 85 else 0.0


def explain(a: Contact, b: Contact) -> Resemblance:
    """How much the two look like one contact, and why; ``b`` is described beside ``a``."""
    one, other = form_of(a.name, a.email), form_of(b.name, b.email)
    return Resemblance(score(one, other), (*_about_emails(one.email, other.email), *_about_names(a.name, b.name)))


def _about_emails(a: str, b: str) -> list[str]:
    if not a or not b:
        return []
    if a == b:
        return ["same email"]
    if a.rpartition("@")[2] == b.rpartition("@")[2]:
        if plain_mailbox(a) == plain_mailbox(b):
            return ["same email but for dots or a tag"]
        if own_domain(a):
            return ["same email domain"]
    if plain_mailbox(a) == plain_mailbox(b) and mailbox(a):
        return ["same mailbox elsewhere"]
    return ["email alike"] if email_score(a, b) else []


def _about_names(a: str, b: str) -> list[str]:
    key = name_key(a)
    if key is None or key == name_key(b):
        return ["same name"] if key else []
    one, other = form_of(a, ""), form_of(b, "")
    found: list[str] = []
    pairs = [(x, y) for x in one.parts for y in other.parts]
    x, y = max(pairs, key=lambda pair: _words_score(*pair))  # of equal ones the whole names, which come first
    if (x, y) != (one.parts[0], other.parts[0]):
        found.append("one of two names")
    said = _about_words(x.split(), y.split(), comma="," in a + b)
    if x != y and not said:
        return ["another name"]
    found += said
    found += _about_ends(one.legal, other.legal) + _about_ends(one.title, other.title)
    if not found:
        found.append("accents apart" if plain(a) == plain(b) else "punctuation apart")
    return found


def _about_words(a: list[str], b: list[str], *, comma: bool) -> list[str]:
    if a == b:
        return []
    pairing = paired(a, b)
    if pairing is None:
        return ["name alike"] if _words_score(" ".join(a), " ".join(b)) >= SHOWN else []
    order = [_TURNED[comma]] if turned(a, b, pairing) else []
    return order + list(dict.fromkeys(_in_words(*pair) for pair in pairing))


_TURNED = {True: "last name first", False: "words in another order"}


def _in_words(x: str, y: str, how: How) -> str:
    if how is How.INITIAL:
        return "initial for first name" if len(x) + len(y) > 2 else "initials"
    if how is How.SHORT:
        return f"{y.title()} for {x.title()}"
    if how is How.SLIP:
        return f"“{y}” for “{x}”"
    return f"without “{x}”" if x else f"with “{y}”"


def _about_ends(a: str, b: str) -> list[str]:
    """What is said of a legal form, or a title, that only one has, or that differs."""
    if a == b:
        return []
    if a and b:
        return [f"{b.title()} for {a.title()}"]
    return [f"{a.title()} dropped"] if a else [f"{b.title()} added"]
