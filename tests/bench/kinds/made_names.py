"""Names made from word lists, for what the gathered ones are thin in: written for this, nobody's register.

Trusts, partnerships, couples, trades under a person's name, brands without a suffix, Maori and Pacific organizations;
names of people from many countries, in every order they are typed in. The words and forms are in ``made_words.txt``;
beside its first names and last names stand Faker's (MIT), by country. Only the trainer uses this.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random

import wonderwords

from xerosync_tui.domain.kinds.words import ORGANIZATION_WORDS

Pool = tuple[list[str], list[str]]  # first names, last names
Forms = list[tuple[int, str]]  # how often, and what it looks like
ORGANIZATION, PERSON = "organisation", "person"


@cache
def sections() -> dict[str, str]:
    """The parts of ``made_words.txt`` by their headings, in its order."""
    text = Path(__file__).with_name("made_words.txt").read_text(encoding="utf-8")
    parts = re.split(r"^\[(.*)\]$", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@cache
def words(section: str) -> list[str]:
    """The words of a section."""
    return [word.replace("-", " ") for word in sections()[section].split()]


@cache
def forms(section: str) -> Forms:
    """The forms of a section with their weights."""
    found = []
    for item in re.split(r"\s*[|\n]\s*", sections()[section].strip()):
        weight, _, form = item.partition(" ")
        found.append((int(weight), form))
    return found


@cache
def own() -> dict[str, Pool]:
    """The people's names that Faker has few or none of."""
    kinds = [heading.removeprefix("first ") for heading in sections() if heading.startswith("first ")]
    return {kind: (words(f"first {kind}"), words(f"last {kind}")) for kind in kinds}


def pools() -> dict[str, Pool]:
    """First and last names by country: the lists here and those of Faker in Latin letters."""
    found = dict(own())
    package = importlib.import_module("faker.providers.person")
    for module in sorted(pkgutil.iter_modules(package.__path__), key=lambda m: m.name):
        if not module.ispkg:
            continue
        provider = importlib.import_module(f"{package.__name__}.{module.name}").Provider
        first, last = _faker_names(provider, "first"), _faker_names(provider, "last")
        if len(first) >= 20 and len(last) >= 20:
            found[module.name] = (first, last)
    return found


def _faker_names(provider: type, which: str) -> list[str]:
    names: set[str] = set()
    for attribute in dir(provider):
        if attribute.startswith(which) and "name" in attribute:
            value = getattr(provider, attribute)
            if isinstance(value, tuple | list | dict):
                names.update(word for word in value if isinstance(word, str))
    return sorted({word.title() if word.isupper() else word for word in names if word and ord(max(word)) < 0x250})


def made(seed: int, people: int, firms: int) -> Iterator[tuple[str, str, str]]:
    """(name, label, source), the same for the same seed and version of Faker."""
    random, found = Random(seed), pools()
    names = sorted(found)
    weighted = names + [name for name in own() for _ in range(4)]
    for form in _drawn(random, forms("person forms"), people):
        filling = _person_words(random, found[random.choice(weighted)]) | {"noun": random.choice(_bearable()).title()}
        yield _typed(random, form.format(**filling)), PERSON, "made"
    for form in _drawn(random, forms("firm forms"), firms // 2):
        filling = _person_words(random, found[random.choice(weighted)]) | _firm_words(random)
        yield _typed(random, form.format(**filling)), ORGANIZATION, "made"
    for form in _drawn(random, forms("plain forms"), firms // 3):
        filling = _person_words(random, found[random.choice(weighted)]) | _firm_words(random)
        yield _typed(random, form.format(**filling)), ORGANIZATION, "made"
    for form in _drawn(random, forms("community forms"), firms // 6):
        yield _typed(random, form.format(**_community_words(random))), ORGANIZATION, "made"


def _community_words(random: Random) -> dict[str, str]:
    iwi, other = random.sample(words("iwi"), 2)
    own, own2 = random.sample(words("maori words"), 2)
    pacific, pacific2 = random.sample(words("pacific words"), 2)
    return {
        "iwi": random.choice((iwi, iwi, iwi, f"{iwi} {other}")), "place": random.choice(words("places")),
        "mw": own, "mw2": own2, "pw": pacific, "pw2": pacific2,
    }  # fmt: skip


def _drawn(random: Random, of: Forms, count: int) -> list[str]:
    return random.choices([form for _, form in of], [weight for weight, _ in of], k=count)


def _person_words(random: Random, pool: Pool) -> dict[str, str]:
    first, last = pool
    f, g = random.choice(first), random.choice(first)
    letters = [random.choice(first)[0] for _ in range(2)]
    surnames = [random.choice(last) for _ in range(3)]
    return dict(zip("fgijlkm", (f, g, *letters, *surnames), strict=True))


@cache
def ordinary_words() -> dict[str, list[str]]:
    """Nouns, adjectives and verbs of everyday English, as the package ``wonderwords`` (MIT) has them."""
    folder = Path(wonderwords.__file__).parent / "assets"
    return {
        kind: sorted(
            {word for word in (folder / f"{kind}list.txt").read_text().split() if len(word) > 2 and word.isalpha()}
        )
        for kind in ("noun", "adjective", "verb")
    }


@cache
def _bearable() -> list[str]:
    """Nouns that people may be called by: "Jane Bank" is left to firms."""
    return [noun for noun in ordinary_words()["noun"] if noun not in ORGANIZATION_WORDS]


def _ordinary(random: Random, kind: str) -> str:
    return random.choice(ordinary_words()[kind]).title()


def _firm_words(random: Random) -> dict[str, str]:
    def one(section: str) -> str:
        return random.choice(words(section))

    def any_of(kind: str) -> str:
        return _ordinary(random, kind)

    parts, ends = one("brand parts"), one("brand ends")
    initials = "".join(random.choice("ABCDEFGHJKLMNPRSTVW") for _ in range(3))
    thing, thing2 = one("things"), one("things")
    return {
        "trade": one("trades"), "trade2": one("trades"), "place": one("places"), "place2": one("places"),
        "body": one("bodies"), "quality": one("qualities"), "thing": thing, "thing2": thing2, "thinglow": thing.lower(),
        "thing2low": thing2.lower(), "brand": parts + ends, "iii": initials, "ii": initials[:2],
        "n": str(random.randint(1, 120)), "noun": any_of("noun"), "noun2": any_of("noun"), "adj": any_of("adjective"),
        "verb": any_of("verb"),
    }  # fmt: skip


_TYPED: tuple[Callable[[str], str], ...] = (str, str, str, str, str, str.upper, str.lower)


def _typed(random: Random, name: str) -> str:
    """As somebody in an office types it: mostly as it is, sometimes all capitals or none."""
    return random.choice(_TYPED)(name)
