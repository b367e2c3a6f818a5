"""First names and last names by themselves, from word lists with how common they are. Only the trainer uses this."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import names

from tests.bench.kinds.made_names import pools
from xerosync_tui.domain.kinds.features import tokens

Weights = Counter[str]  # folded word: how much it counts
_LAST_NAMES = 40_000  # of the census's 88,000
_LEAST, _POOL, _MOST_OF_POOLS = 3, 3, 9  # 3: the least that makes a class of a word
_WOMEN_OR_MEN, _PEOPLE = 1.2e6, 2.5e6  # for one percent of the census


def listed(path: Path) -> tuple[Weights, Weights]:
    """First names and last names: those of `pools`, of the census, and of the file ``path`` (tests/bench/kinds)."""
    first, last = _pooled()
    _at_least(first, _census("male.first", _WOMEN_OR_MEN) | _census("female.first", _WOMEN_OR_MEN))
    _at_least(last, _census("all.last", _PEOPLE))
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found = {tokens(word)[0]: int(row["weight"]) for word in row["words"].split()}
            _at_least(first if row["label"] == "first name" else last, found)
    return first, last


def weight(people: float) -> int:
    """What a name borne by so many people counts: the fourth root, so that ten thousand times as many count tenfold."""
    return max(_LEAST, round(math.sqrt(math.sqrt(people))))


def _at_least(weights: Weights, more: Mapping[str, int]) -> None:
    for word, count in more.items():
        weights[word] = max(weights[word], count)


def _pooled() -> tuple[Weights, Weights]:
    first, last = Weights(), Weights()
    for firsts, lasts in pools().values():
        first.update({word for name in firsts for word in tokens(name)[:1]})
        last.update({word for name in lasts for word in tokens(name)[-1:]})
    return _few(first), _few(last)


def _few(countries: Weights) -> Weights:
    return Counter({word: min(_POOL * n, _MOST_OF_POOLS) for word, n in countries.items()})


def _census(kind: str, people: float) -> dict[str, int]:
    """The commonest names of the United States' census of 1990, as the package ``names`` has them, in percent."""
    lines = (Path(names.__file__).parent / f"dist.{kind}").read_text().splitlines()[:_LAST_NAMES]
    rows = [line.split() for line in lines]
    return {row[0].lower(): weight(float(row[1]) * people) for row in rows}
