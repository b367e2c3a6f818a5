"""What of a name and an address suggestions look at, and the blocks that tell which contacts are worth comparing.

Blocks (after matching.md 3): each word, its first four letters, the first six of the joined name, an
email domain that is the contact's own, a mailbox that is nobody's role; and a word with the
initial of another one ("chandler p"), which finds an initial or a slip among many who share the word, and the first
two letters of both ("ch+ph"), which finds a slip in each. Two contacts
without a block in common are never compared. A block is kept as a number: two that fall together only cost a
comparison.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations, pairwise
from string import ascii_lowercase
from unicodedata import combining, normalize
from zlib import crc32

from xerosync_tui.domain.kinds.words import HONORIFICS, LEGAL_SUFFIXES, ROLE_MAILBOXES
from xerosync_tui.domain.nicknames import full_names
from xerosync_tui.domain.normalise import email_key, spelling

_PREFIX, _BOTH, _JOINED = 4, 2, 6  # letters of a block
_MANY = 4  # words, from which on only neighbours make a block together


def _slips(word: str) -> set[str]:
    """A word with two letters turned or one doubled; a long one also with one left out or another one."""
    found = {word[:n] + word[n + 1] + word[n] + word[n + 2 :] for n in range(len(word) - 1)}
    found |= {word[:n] + word[n] + word[n:] for n in range(len(word))}
    if len(word) > _JOINED:
        for n in range(len(word)):
            found |= {word[:n] + letter + word[n + 1 :] for letter in ("", *ascii_lowercase)}
    return found


_LEGAL = frozenset(word for suffix in LEGAL_SUFFIXES for word in suffix.split()) - {"&", "and"}
_LEGAL |= _slips("limited") | _slips("pty") | _slips("ltd")
_TITLES = frozenset(HONORIFICS)
_LINKS = frozenset({"and", "the", "of"})  # words that tell nothing; "&" and "+" become "and"
_TRADING = re.compile(r"\b(?:trading as|t/as?|d/?b/?a|a\.?k\.?a|atf|as trustee for)\b|[()\[\]]")
_NO_LETTER = re.compile(r"[\W_]+")
_LETTERS = {
    "'": None, "’": None, "`": None, "&": " and ", "+": " and ", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
    "æ": "ae", "œ": "oe", "ı": "i",
}  # fmt: skip
_PLAIN = str.maketrans({c: " " for c in map(chr, range(128)) if not c.isalnum()} | _LETTERS)
_FREE_DOMAINS = """
    gmail.com googlemail.com outlook.com outlook.com.au hotmail.com hotmail.com.au hotmail.co.uk hotmail.co.nz
    live.com live.com.au live.co.uk msn.com yahoo.com yahoo.com.au yahoo.co.uk yahoo.co.nz ymail.com rocketmail.com
    icloud.com me.com mac.com aol.com bigpond.com bigpond.net.au bigpond.com.au optusnet.com.au iinet.net.au
    internode.on.net tpg.com.au dodo.com.au westnet.com.au adam.com.au ozemail.com.au xtra.co.nz slingshot.co.nz
    orcon.net.nz btinternet.com sky.com virginmedia.com talktalk.net ntlworld.com comcast.net verizon.net att.net
    sbcglobal.net cox.net bellsouth.net charter.net protonmail.com proton.me pm.me gmx.com gmx.net gmx.de web.de
    t-online.de mail.com zoho.com fastmail.com hey.com rogers.com sympatico.ca shaw.ca telus.net qq.com 163.com
    naver.com
"""
FREE_DOMAINS = frozenset(_FREE_DOMAINS.split())


@dataclass(frozen=True, slots=True)
class Form:
    """A contact as suggestions see it.

    ``parts``: the telling words of the name, folded, a space between; where it holds several names ("trading as",
    brackets) all of it first, then each. ``legal``: the words of the legal form that was taken off, folded, and
    ``title`` that of a person. ``email``: its key, "" for none.
    """

    parts: tuple[str, ...]
    legal: str
    title: str
    email: str


def form_of(name: str, email: str) -> Form:
    """The form of a contact's name and address."""
    text, key = name.casefold(), email_key(email) or ""
    if not _TRADING.search(text):
        words, legal, title = _read(text)
        return Form((words,), legal, title, key)
    read = [one for piece in _TRADING.split(text) if (one := _read(piece))[0]]
    if len(read) < 2:  # ATF Accountants
        words, legal, title = _read(text)
        return Form((words,), legal, title, key)
    parts = [words for words, _, _ in read]
    legal = next((legal for _, legal, _ in read if legal), "")
    return Form((" ".join(parts), *parts), legal, read[0][2], key)


def plain(name: str) -> str:
    """A name without accents and case, its punctuation kept."""
    return "".join(c for c in normalize("NFKD", spelling(name)) if not combining(c)).casefold()


def folded(text: str) -> list[str]:
    """The words of a case folded text in plain letters, without accents and punctuation."""
    if text.isascii():
        return text.translate(_PLAIN).split()
    return _NO_LETTER.sub(" ", plain(text).translate(_PLAIN)).split()


def _read(text: str) -> tuple[str, str, str]:
    """Of one name, case folded: its telling words, its legal form, its title."""
    words = [word for word in folded(text.replace("p/l", "pty ltd")) if word not in _LINKS]
    last = len(words)
    while last > 1 and words[last - 1] in _LEGAL:
        last -= 1
    first = 1 if last > 1 and words[0] in _TITLES else 0
    return " ".join(words[first:last]), " ".join(words[last:]), words[0] if first else ""


def own_domain(email: str) -> str:
    """The domain of an email key, unless everybody can have an address in it."""
    domain = email.rpartition("@")[2]
    return "" if domain in FREE_DOMAINS else domain


def mailbox(email: str) -> str:
    """The part of an email key before the @, plain, unless it is a role's: accounts@, info@."""
    return "" if email.rpartition("@")[0] in ROLE_MAILBOXES else plain_mailbox(email)


def plain_mailbox(email: str) -> str:
    """The part of an email key before the @ without dots, dashes and plus tag."""
    return email.rpartition("@")[0].partition("+")[0].translate(_JOINING)


_JOINING = str.maketrans("", "", "._-")


def blocks_of(form: Form) -> dict[int, float]:
    """The blocks of a contact, each with how much it tells beside others that are as rare."""
    words = form.parts[0].split()
    found: dict[str, float] = {}
    for word in words:
        found["w" + word] = 1.0
        if len(word) > _PREFIX:
            found["p" + word[:_PREFIX]] = 0.5
        for full in full_names(word):
            found["w" + full] = 0.8
    for one, other in combinations(words, 2) if len(words) < _MANY else pairwise(words):
        found[f"{one} {other[0]}"] = found[f"{other} {one[0]}"] = 1.0
        found["+".join(sorted((one[:_BOTH], other[:_BOTH])))] = 0.6
    for part in form.parts:
        found["j" + part.replace(" ", "")[:_JOINED]] = 0.5
    if form.email:
        if domain := own_domain(form.email):
            found["d" + domain] = 1.0
        if local := mailbox(form.email):
            found["l" + local] = 1.0
    return {crc32(text.encode("utf-8", "surrogatepass")): weight for text, weight in found.items()}
