"""A Karbon person's name in parts. Xero has one name, Karbon has first, middle and last (engine.md 2.3).

The rule, for every person that is made or renamed from a single name:

- White space is tidied; no word is changed, dropped or moved. Joined again, the parts are the name as typed.
- One word is the first name; the last name stays empty.
- Otherwise the first word is the first name and the last word is the last name. Particles stay with the last
  name (``van der Berg``, ``de la Cruz``), and so do ``Jr``, ``Sr``, ``II``, ``III`` and ``IV``.
- Words in between are the middle name.
- A comma is not interpreted: ``SMITH, Jane`` stays as it was typed, and its first name is ``SMITH,``. Turned
  round it would no longer be the name that Xero holds.

Parts that a person typed are kept as long as they make the name; the rule only fills in where there are none.
"""

from __future__ import annotations

from dataclasses import dataclass

_PARTICLE_WORDS = """
    af al av bin binti da dal das de degli dei del della den der di do dos du el ibn la le st te ten ter
    van ver vom von y zu zum zur 't
"""
_PARTICLES = frozenset(_PARTICLE_WORDS.split())
_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})


@dataclass(frozen=True, slots=True)
class PersonName:
    """The parts of a person's name; an unknown part is an empty string."""

    first: str = ""
    middle: str = ""
    last: str = ""

    @property
    def full(self) -> str:
        """The parts in order, joined by single spaces: what Karbon shows, and what is synced."""
        return " ".join(part for part in (self.first, self.middle, self.last) if part)


def split(full: str) -> PersonName:
    """The parts of ``full`` by the rule above; ``split(full).full`` is spelled like ``full``."""
    words = full.split()
    if len(words) < 2:
        return PersonName(first="".join(words))
    last = len(words) - 1
    if last > 1 and words[last].casefold() in _SUFFIXES:
        last -= 1
    while last > 1 and words[last - 1].casefold() in _PARTICLES:
        last -= 1
    return PersonName(words[0], " ".join(words[1:last]), " ".join(words[last:]))
