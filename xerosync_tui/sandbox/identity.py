"""Invented clients, all different: who they are before either system writes them down."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from xerosync_tui.sandbox import names
from xerosync_tui.sandbox.contact import fold

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Identity:
    """A client. `phone` is national digits, `state` an Australian state, `last` is empty for an organization."""

    name: str
    first: str
    last: str
    email: str
    phone: str
    street: str
    city: str
    state: str
    postcode: str

    @property
    def is_person(self) -> bool:
        return bool(self.last)


class Dice(Random):
    """random.Random with quicker rolls: a large world needs a million of them."""

    def choice(self, options: Sequence[T]) -> T:  # type: ignore[override]
        return options[int(self.random() * len(options))]

    def randint(self, a: int, b: int) -> int:
        return a + int(self.random() * (b - a + 1))


class Registry:
    """Draws identities from `random`; no two share a name or an email, whatever their case or accents."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self._names: set[str] = set()
        self._emails: set[str] = set()

    def draw(self) -> Identity:
        """An organization, sole trader, trust or couple."""
        kind = self.random.random()
        if kind < 0.36:
            return self.person()
        return self._made(_company if kind < 0.84 else _trust if kind < 0.94 else _couple)

    def person(self) -> Identity:
        """A sole trader whose name is first and last name."""
        random = self.random
        while True:
            first, last = random.choice(names.FIRST), random.choice(names.LAST)
            name = f"{first} {last}"
            if fold(name) in self._names:
                first = f"{first} {random.choice(names.FIRST)}"
                name = f"{first} {last}"
            if fold(name) not in self._names:
                return self.named(name, first, last)

    def company(self) -> Identity:
        return self._made(_company)

    def named(self, name: str, first: str = "", last: str = "") -> Identity:
        """The client of this name; the rest is drawn."""
        self._names.add(fold(name))
        town, state, postcode, area = self.random.choice(names.TOWN)
        street = f"{self.random.randint(1, 420)} {self.random.choice(names.STREET)} {self._street_kind()}"
        return Identity(
            name, first, last, self._email(name, first, last), self._phone(area), street, town, state, postcode
        )

    def _made(self, make: Callable[[Random], str]) -> Identity:
        name = make(self.random)
        while fold(name) in self._names:
            name = make(self.random)
        return self.named(name)

    def _street_kind(self) -> str:
        return self.random.choice(names.STREET_KIND)

    def _email(self, name: str, first: str, last: str) -> str:
        slug = re.sub(r"[^a-z0-9]+", "-", fold(name).encode("ascii", "ignore").decode()).strip("-")[:40] or "office"
        if last:
            local, domain = re.sub(r"[^a-z0-9]+", ".", fold(f"{first} {last}")), "example.com.au"
        else:
            local, domain = self.random.choice(("accounts", "admin", "office", "info")), f"{slug}.example"
        email, number = f"{local}@{domain}", 2
        while email in self._emails:
            email, number = f"{local}{number}@{domain}", number + 1
        self._emails.add(email)
        return email

    def _phone(self, area: str) -> str:
        if self.random.random() < 0.4:
            return self.random.choice(names.MOBILE)
        return f"{area}{self.random.choice(('5550', '7010'))}{self.random.randint(0, 9999):04}"


def _company(random: Random) -> str:
    owner = random.choice(names.LAST) if random.random() < 0.25 else random.choice(names.BRAND)
    words = [owner, random.choice(names.TRADES)]
    if random.random() < 0.5:
        words.insert(1, random.choice(names.BRAND if owner in names.LAST else names.STREET))
    return " ".join([*words, random.choice(names.SUFFIX)]).strip()


def _trust(random: Random) -> str:
    kind = random.choice(("Family Trust", "Superannuation Fund", "Unit Trust", "Investment Trust"))
    return f"The {random.choice(names.LAST)} {random.choice(names.BRAND)} {kind}"


def _couple(random: Random) -> str:
    first, second = random.sample(names.FIRST, 2)
    return f"{first} {random.choice(('&', 'and'))} {second} {random.choice(names.LAST)}"
