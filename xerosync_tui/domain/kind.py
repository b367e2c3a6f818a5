"""Person or organization: which of Karbon's two records a contact becomes.

Karbon cannot convert one into the other, so a guess says why it was made and whether it is certain; the admin
has the last word. The rules are tried in order and the first that answers wins (order: matching.md 4).
Decided here, where Karbon publishes no rule: a trading name ("J Smith Plumbing") is an organization, so are
two people under one name ("John & Mary Smith"), since a Karbon person has one first name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.kind_words import (
    HONORIFICS,
    LEGAL_SUFFIXES,
    ORGANIZATION_WORDS,
    ROLE_MAILBOXES,
    SHORT_SUFFIXES,
)
from xerosync_tui.domain.normalise import email_key, name_key, spelling

_LETTERS = r"[^\W\d_]"
_NAME_WORD = re.compile(rf"{_LETTERS}+(?:['’-]{_LETTERS}+)*\.?,?")
_LONGEST_SUFFIX = 3


@dataclass(frozen=True, slots=True)
class KindGuess:
    """The kind, the reason in words for an admin, and whether only a person's own choice may overrule it."""

    kind: Kind
    reason: str
    certain: bool


@dataclass(frozen=True, slots=True)
class _Evidence:
    name: str
    first_name: str
    last_name: str
    company_number: str
    email: str

    @property
    def words(self) -> list[str]:
        return self.name.split()


def guess_kind(
    name: str,
    first_name: str = "",
    last_name: str = "",
    company_number: str = "",
    email: str = "",
) -> KindGuess:
    """Whether a Xero contact is a person or an organization.

    First and last name are the contact person's (xero.md 2.4): alone they prove nothing.
    """
    evidence = _Evidence(spelling(name), spelling(first_name), spelling(last_name), spelling(company_number), email)
    for rule in _RULES:
        if guess := rule(evidence):
            return guess
    return _organization("nothing says that it is a person", certain=False)


def _person(reason: str, *, certain: bool) -> KindGuess:
    return KindGuess(Kind.PERSON, reason, certain)


def _organization(reason: str, *, certain: bool) -> KindGuess:
    return KindGuess(Kind.ORGANIZATION, reason, certain)


def _company_number(it: _Evidence) -> KindGuess | None:
    return _organization("has a company number", certain=True) if it.company_number else None


def _first_and_last_name(it: _Evidence) -> KindGuess | None:
    if not (it.first_name and it.last_name):
        return None
    key = name_key(it.name)
    if key == name_key(f"{it.first_name} {it.last_name}"):
        return _person("the name is first name + last name", certain=True)
    if key in (name_key(f"{it.last_name} {it.first_name}"), name_key(f"{it.last_name}, {it.first_name}")):
        return _person("the name is last name + first name", certain=True)
    return None


def _legal_suffix(it: _Evidence) -> KindGuess | None:
    words = it.words
    for count in range(min(_LONGEST_SUFFIX, len(words) - 1), 0, -1):
        typed = " ".join(words[-count:])
        plain = re.sub(r"[.,()]", "", typed)
        if plain.casefold() in LEGAL_SUFFIXES or plain in SHORT_SUFFIXES:
            return _organization(f"ends in {typed}", certain=True)
    return None


def _organization_word(it: _Evidence) -> KindGuess | None:
    words = it.words
    for word in words:
        bare = word.strip(".,()'\"")
        if bare.casefold() in ORGANIZATION_WORDS:
            return _organization(f'has the word "{bare}"', certain=True)
    if len(words) > 1 and words[0].casefold() == "the":
        return _organization(f"begins with {words[0]}", certain=False)
    return None


def _two_names(it: _Evidence) -> KindGuess | None:
    for word in it.words[1:-1]:
        if word.casefold() in ("&", "and", "+", "et", "und"):
            return _organization(f'two names joined by "{word}"', certain=False)
    return None


def _honorific(it: _Evidence) -> KindGuess | None:
    words = it.words
    if len(words) > 1 and words[0].casefold().rstrip(".") in HONORIFICS:
        return _person(f"begins with {words[0]}", certain=True)
    return None


def _role_mailbox(it: _Evidence) -> KindGuess | None:
    mailbox = (email_key(it.email) or "").partition("@")[0]
    if mailbox in ROLE_MAILBOXES:
        return _organization(f"the email is {mailbox}@", certain=False)
    return None


def _looks_like_a_person(it: _Evidence) -> KindGuess | None:
    capitalised = [word for word in it.words if word[0].isupper()]
    if 2 <= len(capitalised) <= 3 and all(map(_may_be_in_a_name, it.words)):
        return _person(f"{len(capitalised)} capitalised words and no company word", certain=False)
    return None


def _may_be_in_a_name(word: str) -> bool:
    return bool(_NAME_WORD.fullmatch(word)) and not word.casefold().endswith(("'s", "’s"))


_RULES: tuple[Callable[[_Evidence], KindGuess | None], ...] = (
    _company_number,
    _first_and_last_name,
    _legal_suffix,
    _organization_word,
    _two_names,
    _honorific,
    _role_mailbox,
    _looks_like_a_person,
)
