"""Person or organization: which of Karbon's two records a contact becomes.

Karbon cannot convert one into the other, so a guess says why it was made and how probable it is; the admin has the last
word. Evidence that leaves no doubt is tried first, in this order (matching.md 4); the rest is weighed by a model that
was trained on names, and by what the email adds. Decided here, where Karbon publishes no rule: a trading name ("J Smith
Plumbing") is an organization, so are two people under one name ("John & Mary Smith"), since a Karbon person has one
first name, and so are a trust and an estate.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.kinds import model, scripts
from xerosync_tui.domain.kinds.features import fold, tokens
from xerosync_tui.domain.kinds.words import (
    FREE_MAIL,
    HONORIFICS,
    JOINERS,
    LEGAL_SUFFIXES,
    ORGANIZATION_WORDS,
    ROLE_MAILBOXES,
    SHORT_SUFFIXES,
)
from xerosync_tui.domain.normalise import email_key, name_key, spelling

SURE = 0.90  # what is less probable is a guess, and listed for review
_LIKELY = 0.75
_SIGN = 0.97  # a word for a firm in a script that the model has not learned; chosen, not trained
_LONGEST_SUFFIX = 3
_ROLE, _OWN_DOMAIN = 3.0, 2.0  # what an email says against a person, in the model's logits; chosen, not trained
_LATIN_ENDS = "\u0250"
_NO_DOTS = str.maketrans("", "", ".,()")
_FIRMS = ORGANIZATION_WORDS | JOINERS
_PERSONS_NUMBER = "999-99-9999"  # a US social security number; a US firm's is 99-9999999


@dataclass(frozen=True, slots=True)
class KindGuess:
    """The kind, how probable it is (0.5 to 1), and the reason in words for an admin; 1 is evidence, not a model."""

    kind: Kind
    probability: float
    reason: str

    @property
    def certain(self) -> bool:
        """Whether it needs no review; otherwise it is a guess."""
        return self.probability >= SURE

    @property
    def percent(self) -> int:
        """How probable it is, in percent, where it is a guess that waits for review; else 0."""
        return 0 if self.certain else int(self.probability * 100)

    @property
    def sureness(self) -> str:
        """``sure``, or for a guess ``likely 83 %`` and ``unsure 61 %``."""
        if self.certain:
            return "sure"
        return f"{'likely' if self.probability >= _LIKELY else 'unsure'} {self.percent} %"


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


CHOSEN = "a person's own choice"


def number_shape(text: str) -> str:
    """A company's or person's number without what identifies anybody: ``2019/123456/07`` is ``9999/999999/99``.

    All that is kept of CompanyNumber: only its shape tells anything (a company's, or a US person's SSN).
    """
    return "".join("9" if c.isdigit() else "A" if c.isalpha() else c for c in spelling(text))


def guess_kind(
    name: str,
    first_name: str = "",
    last_name: str = "",
    company_number: str = "",
    email: str = "",
) -> KindGuess:
    """Whether a Xero contact is a person or an organization.

    First and last name are the contact person's (xero.md 2.4): alone they prove nothing. ``company_number`` may be the
    number or its shape.
    """
    evidence = _Evidence(spelling(name), spelling(first_name), spelling(last_name), spelling(company_number), email)
    for rule in _RULES:
        if guess := rule(evidence):
            return guess
    return _weighed(evidence)


# Evidence that leaves no doubt


def _company_number(it: _Evidence) -> KindGuess | None:
    if not it.company_number:
        return None
    if number_shape(it.company_number) == _PERSONS_NUMBER:
        return KindGuess(Kind.PERSON, 1.0, "the company number has the shape of a person's")
    return KindGuess(Kind.ORGANIZATION, 1.0, "has a company number")


def _first_and_last_name(it: _Evidence) -> KindGuess | None:
    if not (it.first_name and it.last_name):
        return None
    key = name_key(it.name)
    if key == name_key(f"{it.first_name} {it.last_name}"):
        return KindGuess(Kind.PERSON, 1.0, "the name is first name + last name")
    if key in (name_key(f"{it.last_name} {it.first_name}"), name_key(f"{it.last_name}, {it.first_name}")):
        return KindGuess(Kind.PERSON, 1.0, "the name is last name + first name")
    return None


def _legal_suffix(it: _Evidence) -> KindGuess | None:
    words = it.words
    for count in range(min(_LONGEST_SUFFIX, len(words) - 1), 0, -1):
        typed = " ".join(words[-count:])
        plain = typed.translate(_NO_DOTS)
        if plain.casefold() in LEGAL_SUFFIXES or plain in SHORT_SUFFIXES:
            return KindGuess(Kind.ORGANIZATION, 1.0, f"ends in {typed}")
    return None


def _honorific(it: _Evidence) -> KindGuess | None:
    """A title before a name; "Dr Rao Dental" and "Mr & Mrs Rao" are for the model."""
    words = it.words
    if len(words) < 2 or words[0].casefold().rstrip(".") not in HONORIFICS:
        return None
    if len(words) > 4 or any(fold(w.strip(".,()'\"")) in _FIRMS for w in words[1:]):
        return None
    return KindGuess(Kind.PERSON, 1.0, f"begins with {words[0]}")


_RULES: tuple[Callable[[_Evidence], KindGuess | None], ...] = (
    _company_number,
    _first_and_last_name,
    _legal_suffix,
    _honorific,
)


# The model, and what the email adds


def _weighed(it: _Evidence) -> KindGuess:
    known = model.shipped()
    words = tokens(it.name)
    if not words:
        return KindGuess(Kind.ORGANIZATION, 0.5, "nothing says that it is a person")
    if not it.name.isascii() and not any(word[0] < _LATIN_ENDS and word.isalpha() for word in words):
        return _by_script(it)
    parts = known.parts(it.name, words)
    z = sum(parts) + known.bias
    against, why = _of_email(it)
    person = model.logistic(z - against)
    if person > 0.5:
        return KindGuess(Kind.PERSON, person, _why_person(it, words, parts, known))
    alone = 1 - model.logistic(z) >= SURE  # then the name is the better reason
    said = _why_organization(it, words, parts, known) if alone or not why else why
    return KindGuess(Kind.ORGANIZATION, 1 - person, said)


def _by_script(it: _Evidence) -> KindGuess:
    if sign := scripts.firm_sign(it.name):
        return KindGuess(Kind.ORGANIZATION, _SIGN, f"has {sign}")
    if scripts.chinese_person(it.name):
        return KindGuess(Kind.PERSON, _LIKELY, f"{it.name[0]} is a common Chinese last name")
    return KindGuess(Kind.ORGANIZATION, 0.5, "in a script that the model has not learned")


def _of_email(it: _Evidence) -> tuple[float, str]:
    """How much the email speaks for an organization, and why; (0, "") where it says nothing."""
    mailbox, _, domain = (email_key(it.email) or "").partition("@")
    if mailbox in ROLE_MAILBOXES:
        return _ROLE, f"the email is {mailbox}@"
    own = domain.partition(".")[0].replace("-", "")
    if len(own) > 3 and own not in FREE_MAIL and own == "".join(tokens(it.name)):
        return _OWN_DOMAIN, "the email's domain is the name"
    return 0.0, ""


def _why_organization(it: _Evidence, words: list[str], parts: list[float], known: model.Model) -> str:
    for word in it.words:
        bare = word.strip(".,()'\"")
        if fold(bare) in ORGANIZATION_WORDS:
            return f'has the word "{bare}"'
    for word in it.words[1:-1]:
        if word.lower() in JOINERS:
            return f'two names joined by "{word}"'
    if words[0] == "the" and len(words) > 1:
        return f"begins with {it.words[0]}"
    told = min(range(len(words)), key=parts.__getitem__)
    if known.classes.get(words[told]) == "C":
        return f'has the word "{_as_typed(it, words[told])}"'
    return "one word, as brands are" if len(words) == 1 else "reads like an organization's name"


def _why_person(it: _Evidence, words: list[str], parts: list[float], known: model.Model) -> str:
    if len(words) > 2 and words[1] == ",":
        return "written as last name, first name"
    told = max(range(len(words)), key=parts.__getitem__)
    sort = known.classes.get(words[told], "")
    if sort == "F" or (sort == "B" and told == 0 and len(words) > 1):
        return f'"{_as_typed(it, words[told])}" is a first name'
    if sort in ("S", "B"):
        return f'"{_as_typed(it, words[told])}" is a last name'
    return "reads like a person's name"


def _as_typed(it: _Evidence, token: str) -> str:
    """The word of the name that became ``token``, as it stands there."""
    for word in re.findall(r"[^\W_]+(?:['’.][^\W_]+)*", it.name):
        if tokens(word) == [token]:
            return str(word)
    return token
