"""Invented contacts, and what becomes of one when it is typed a second time in another system.

Written before the ranking was tuned, and without a look at it: the words, the short forms of names and the slips here
are this file's own.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from xerosync_tui.sandbox import names


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FREE = (
    "gmail.com",
    "gmail.com",
    "gmail.com",
    "outlook.com",
    "hotmail.com",
    "bigpond.com",
    "yahoo.com.au",
    "icloud.com",
)
_ROLES = ("accounts", "info", "admin", "office", "hello")
_ENDS = (".com.au", ".com.au", ".com", ".net.au", ".co.nz")
_SUFFIXES = ("Pty Ltd", "Pty Ltd", "Pty. Ltd.", "Pty Limited", "Ltd", "Limited", "Inc", "")
_HEADS = _words("""
    Ash Black Brad Bright Brook Cald Carl Cliff Clay Cran Dal Dun East Elder Fair Farn Gold Gran Hart Haw Hazel Hol
    Kel Kings Lang Lin Lock Long Mar Mel Mid Mor Nor Oak Pem Pens Rad Red Rock Rush Shel Stan Stock Sut Thorn Tre
    Wake War Wex Whit Win Wood Wy
""")
_TAILS = _words("""
    ford worth ley ton field wood bury ham wick stone combe dale man shaw croft well by ridge more land ston brook
    gate hurst den cote borough mont ville grove
""")
_TALLER = [
    "Quay",
    "Mill",
    "Peak",
    "Reef",
    "Vale",
    "Cove",
    "Bluff",
    "Dune",
    "Crest",
    "Fjord",
    "Spur",
    "Mesa",
    "Lode",
    "Weald",
    "Strand",
    "Loch",
    "Glen",
    "Tarn",
    "Rill",
    "Holt",
]
_SHORT = {
    "Robert": "Bob Rob", "William": "Bill Will", "Richard": "Rick Dick", "Margaret": "Maggie Peggy",
    "Michael": "Mike Mick", "James": "Jim Jimmy", "Catherine": "Cathy Kate", "Andrew": "Andy", "Anthony": "Tony",
    "Christine": "Chris Chrissy", "Daniel": "Dan Danny", "Deborah": "Deb Debbie", "Edward": "Ted Eddie",
    "Eleanor": "Ellie", "Frances": "Fran", "Geoff": "Geoffrey", "Gerald": "Gerry", "Gwen": "Gwendolyn",
    "Harold": "Harry", "Isabel": "Bella", "Jacob": "Jake", "Jessica": "Jess", "John": "Jack Johnny",
    "Jonathan": "Jon", "Joseph": "Joe", "Judith": "Judy", "Ken": "Kenneth", "Lachlan": "Lachie",
    "Madeleine": "Maddie", "Malcolm": "Mal", "Matthew": "Matt", "Megan": "Meg", "Nathan": "Nate",
    "Nicholas": "Nick", "Nicole": "Nikki", "Oliver": "Ollie", "Pamela": "Pam", "Patricia": "Trish Pat",
    "Patrick": "Pat Paddy", "Penelope": "Penny", "Peter": "Pete", "Philip": "Phil", "Rachel": "Rach",
    "Raymond": "Ray", "Rebecca": "Bec Becky", "Ronald": "Ron", "Rosemary": "Rosie", "Russell": "Russ",
    "Samantha": "Sam", "Samuel": "Sam", "Sandra": "Sandy", "Stephen": "Steve", "Stuart": "Stu", "Susan": "Sue",
    "Teresa": "Terri", "Thomas": "Tom", "Tim": "Timothy", "Trevor": "Trev", "Valerie": "Val", "Vanessa": "Ness",
    "Victor": "Vic", "Vincent": "Vince", "Virginia": "Ginny", "Walter": "Wally", "Zac": "Zachary", "David": "Dave",
    "Benjamin": "Ben", "Alexander": "Alex", "Donna": "Don",
}  # fmt: skip
_ACCENTS = {"a": "áàä", "e": "éèë", "i": "íï", "o": "óöø", "u": "úü", "c": "ç", "n": "ñ", "s": "š", "z": "ž", "l": "ł"}


@dataclass(frozen=True)
class Made:
    """A contact that was made up. ``first``: a person's first names; ``firm``: what an organization is called by."""

    name: str
    email: str
    first: str = ""
    last: str = ""
    firm: str = ""
    suffix: str = ""


class People:
    """A dice and the words it falls on."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        tails = [head + tail for head in _HEADS for tail in _TAILS]
        self.dice.shuffle(tails)
        self.surnames = [*names.LAST, *tails]
        self.often = [1 / (rank + 40) for rank in range(len(self.surnames))]  # a few are many people's
        self.brands = [*names.BRAND, *(head + tall.lower() for head in _HEADS for tall in _TALLER)]
        self.domains: set[str] = set()

    def population(self, size: int) -> list[Made]:
        """So many contacts; about one person in forty shares the full name with another."""
        found: list[Made] = []
        taken: set[str] = set()
        while len(found) < size:
            made = self.person() if self.dice.random() < 0.45 else self.organization()
            key = made.name.casefold()
            if key in taken and (made.firm or self.dice.random() > 0.1):
                continue
            taken.add(key)
            found.append(made)
        return found

    def surname(self) -> str:
        return self.dice.choices(self.surnames, self.often)[0]

    def person(self) -> Made:
        first, last = self.dice.choice(names.FIRST), self.surname()
        if self.dice.random() < 0.35:
            first += f" {self.dice.choice(names.FIRST)}"
        return Made(f"{first} {last}", self.persons_email(first.split()[0], last), first=first, last=last)

    def persons_email(self, first: str, last: str) -> str:
        lot, year = self.dice.random(), self.dice.randrange(50, 100)
        if lot < 0.12:
            return ""
        first, last = first.lower(), "".join(c for c in last.lower() if c.isalpha())
        forms = (
            f"{first}.{last}",
            f"{first}{last}{year}",
            f"{first[0]}{last}",
            f"{last}{first[0]}{year}",
            f"{first}{year}",
        )
        local = self.dice.choice(forms)
        return f"{local}@{self.dice.choice(_FREE) if lot < 0.72 else self.domain(last)}"

    def domain(self, word: str) -> str:
        """A domain of one's own after a word."""
        return f"{word}{self.dice.choice(('', '', 'group', 'family', 'au'))}{self.dice.choice(_ENDS)}"

    def organization(self) -> Made:
        dice = self.dice
        brand, trade, last = dice.choice(self.brands), dice.choice(names.TRADES), self.surname()
        town = dice.choice(names.TOWN)[0]
        firm = dice.choice(
            (f"{brand} {trade}", f"{brand} {trade}", f"{brand} {dice.choice(self.brands)} {trade}", f"{last} {trade}",
             f"{last} & {self.surname()} {trade}", f"{brand} {trade} {town}", f"{last} Family Trust",
             f"{''.join(dice.choices('ABCDEFGHJKLMNPRSTW', k=3))} {trade}",
             f"{dice.choice(names.FIRST)} {last} {trade}", f"{town} {brand} {trade}")
        )  # fmt: skip
        suffix = dice.choice(_SUFFIXES)
        return Made(f"{firm} {suffix}".strip(), self.firms_email(firm), firm=firm, suffix=suffix)

    def firms_email(self, firm: str) -> str:
        lot = self.dice.random()
        if lot < 0.12:
            return ""
        words = "".join(c if c.isalpha() else " " for c in firm.lower()).split()
        if lot < 0.3:
            return f"{''.join(words[:2])}@{self.dice.choice(_FREE)}"
        local = self.dice.choice((*_ROLES, self.dice.choice(names.FIRST).lower()))
        return f"{local}@{self.domain(''.join(words[: self.dice.choice((1, 2, 2, 3))]))}"


# What becomes of a name. Each returns None where it cannot happen to this contact.

Slip = Callable[[People, Made], str | None]


def typo(people: People, made: Made) -> str | None:
    letters, dice = list(made.name), people.dice
    for _ in range(dice.choice((1, 1, 2))):
        places = [n for n in range(1, len(letters) - 1) if letters[n].isalpha() and letters[n + 1].isalpha()]
        if not places:
            return None
        n = dice.choice(places)
        how = dice.randrange(4)
        if how == 0:
            del letters[n]
        elif how == 1:
            letters.insert(n, letters[n])
        elif how == 2:
            letters[n], letters[n + 1] = letters[n + 1], letters[n]
        else:
            letters[n] = dice.choice("abcdefghijklmnopqrstuvwxyz")
    return "".join(letters)


def word_order(people: People, made: Made) -> str | None:
    words = (made.firm or made.name).split()
    if len(words) < 2:
        return None
    people.dice.shuffle(words)
    return f"{' '.join(words)} {made.suffix}".strip()


def last_first(people: People, made: Made) -> str | None:
    return f"{made.last.upper()}, {made.first}" if made.first else None


def initials(people: People, made: Made) -> str | None:
    if not made.first:
        return None
    dot = people.dice.choice((".", "", ". "))
    return f"{dot.join(word[0] for word in made.first.split())}{dot.strip()} {made.last}"


def suffix_changed(people: People, made: Made) -> str | None:
    if not made.firm:
        return None
    return f"{made.firm} {people.dice.choice([one for one in _SUFFIXES if one != made.suffix])}".strip()


def nickname(people: People, made: Made) -> str | None:
    first, *more = made.first.split() or [""]
    short = _SHORT.get(first)
    return f"{people.dice.choice(short.split())} {' '.join([*more, made.last])}" if short else None


def trading_as(people: People, made: Made) -> str | None:
    if not made.firm:
        return None
    owner = people.dice.choice(
        (f"{people.person().name}", f"{people.surname()} Holdings Pty Ltd", f"The {people.surname()} Trust")
    )
    how = people.dice.choice(("{owner} T/A {firm}", "{owner} trading as {firm}", "{firm} ({owner})"))
    return how.format(owner=owner, firm=made.firm)


def diacritics(people: People, made: Made) -> str | None:
    places = [n for n, letter in enumerate(made.name) if letter in _ACCENTS]
    if not places:
        return None
    letters = list(made.name)
    for n in people.dice.sample(places, min(len(places), people.dice.choice((1, 2)))):
        letters[n] = people.dice.choice(_ACCENTS[letters[n]])
    return "".join(letters)


def word_dropped(people: People, made: Made) -> str | None:
    words = (made.firm or made.name).split()
    if len(words) < 3:
        return None
    del words[people.dice.randrange(len(words))]
    return f"{' '.join(words)} {made.suffix}".strip()


def punctuation(people: People, made: Made) -> str | None:
    if not made.firm:
        return None
    name = made.name.replace("&", "and") if "&" in made.name else f"The {made.name}"
    return people.dice.choice((name, name.upper(), name.replace(" ", "  "), name.replace("Pty Ltd", "P/L")))


def title_or_middle(people: People, made: Made) -> str | None:
    if not made.first:
        return None
    first, *more = made.first.split()
    if more:
        return people.dice.choice((f"{first} {made.last}", f"{first} {more[0][0]}. {made.last}"))
    return f"{people.dice.choice(('Mr', 'Mrs', 'Dr', 'Ms'))} {made.name}"


def unchanged(people: People, made: Made) -> str | None:
    return made.name.upper() if people.dice.random() < 0.5 else made.name


# What becomes of an email.


def email_same(people: People, made: Made) -> str:
    return made.email


def email_changed(people: People, made: Made) -> str:
    """Another mailbox of the same firm, the same mailbox elsewhere, a dot, a tag or a slip."""
    local, _, domain = made.email.partition("@")
    if not local:
        return ""
    dice = people.dice
    if domain in _FREE:
        other = dice.choice([one for one in _FREE if one != domain])
        return dice.choice((f"{local}@{other}", f"{local}+xero@{domain}", f"{local[:-1]}@{domain}"))
    return f"{dice.choice([role for role in _ROLES if role != local])}@{domain}"


def email_unrelated(people: People, made: Made) -> str:
    other = people.person()
    return other.email or f"{other.first.split()[0].lower()}{people.dice.randrange(1000)}@gmail.com"


def email_missing(people: People, made: Made) -> str:
    return ""


_EMAILS = (email_same, email_changed, email_unrelated, email_missing)
_OFTEN = (60, 20, 10, 10)
NAMES: tuple[Slip, ...] = (
    typo, word_order, last_first, initials, suffix_changed, nickname, trading_as, diacritics, word_dropped, punctuation,
    title_or_middle,
)  # fmt: skip
KINDS = (*(slip.__name__ for slip in NAMES), "email_changed", "email_unrelated")


@dataclass(frozen=True)
class Query:
    """A contact as the other system has it; ``true``: its place in the population."""

    kind: str
    email_is: str
    name: str
    email: str
    true: int


def queries(people: People, population: list[Made], number: int) -> list[Query]:
    """So many, the kinds in turns."""
    found: list[Query] = []
    while len(found) < number:
        place = people.dice.randrange(len(population))
        query = _corrupted(people, population[place], place, KINDS[len(found) % len(KINDS)])
        if query:
            found.append(query)
    return found


def _corrupted(people: People, made: Made, place: int, kind: str) -> Query | None:
    if kind.startswith("email_"):
        if not made.email:
            return None
        slip: Slip = people.dice.choice((unchanged, punctuation if made.firm else unchanged))
        change = email_changed if kind == "email_changed" else email_unrelated
    else:
        slip = next(one for one in NAMES if one.__name__ == kind)
        [change] = people.dice.choices(_EMAILS, _OFTEN)
    name = slip(people, made)
    if name is None or (name == made.name and change is email_same):
        return None
    return Query(kind, change.__name__ if made.email else "email_missing", name, change(people, made), place)


def strangers(people: People, population: list[Made], number: int) -> list[Made]:
    """Contacts that are none of these, though some share a name's words, a surname, or a domain with one."""
    taken = {made.name.casefold() for made in population}
    found: list[Made] = []
    while len(found) < number:
        made = people.person() if people.dice.random() < 0.45 else people.organization()
        if made.name.casefold() not in taken:
            found.append(replace(made))
    return found
