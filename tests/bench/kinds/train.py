"""Makes ``weights.bin`` from labelled names, and measures what the classifier is worth. Run by hand.

    python -m tests.bench.kinds.train NAMES.csv ... --words WORDS.csv [--weights FILE] [--without-each]

NAMES.csv has the columns name, label (person or organisation) and source, WORDS.csv those of
tests/bench/kinds/words.csv. With ``pip install -r tests/bench/kinds/requirements.txt`` the same files give the same
bytes on the same machine and versions. ``--without-each`` trains once for each source, without it, and tells the
accuracy there: a random split would flatter by about three points (MODEL_CARD.md).
"""

from __future__ import annotations

import argparse
import csv
import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.bench.kinds.listed_words import Weights, listed
from tests.bench.kinds.made_names import made, ordinary_words
from xerosync_tui.domain.kinds.features import TABLE_BITS, class_of, features, tokens
from xerosync_tui.domain.kinds.model import MAGIC, Model
from xerosync_tui.domain.kinds.words import LEGAL_WORDS

SEED = 20261128
MADE_PEOPLE, MADE_FIRMS = 30_000, 36_000
_ORDINARY = 4  # how often a word of everyday English counts as met in firms' names
_HIDDEN = 30  # percent of the words that made names may not know: the lists they are made from are all known
_STEPS, _RATE, _RIDGE = 150, 0.08, 2e-5
_REGISTERED, _STRIPPED = ("listed_", "medical_device_corps"), "_stripped"
_SUFFIX = LEGAL_WORDS | {"(", ")", ",", "&", "tbk", "public"}
_SLOPE = 0.8  # measured over the sources left out: the model is that much less sure than it believes


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled name."""

    name: str
    person: bool
    source: str

    @property
    def group(self) -> str:
        """The source without what was done to it: ``listed_KLS_stripped`` is a part of the listed firms."""
        return re.sub(r"_(person|company)_labeled$|\(.*\)$|_[A-Z]{3}(_stripped)?$|_stripped$", "", self.source)


def read(paths: Sequence[Path]) -> list[Row]:
    """The rows of the files in their order, each name once."""
    rows: dict[str, Row] = {}
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            for each in csv.DictReader(file):
                key = " ".join(tokens(each["name"]))
                if key and _tells(each):
                    rows.setdefault(key, Row(each["name"], each["label"] == "person", each["source"]))
    for row in [row for row in rows.values() if row.source.startswith(_REGISTERED)]:
        bare = _without_suffix(row.name)
        if key := " ".join(tokens(bare)):
            rows.setdefault(key, Row(bare, False, row.source.removesuffix(_STRIPPED) + _STRIPPED))
    return list(rows.values())


def _without_suffix(name: str) -> str:
    """A registered firm's name without its legal suffix, as it is spoken of."""
    words = name.split()
    while len(words) > 1 and set(tokens(words[-1])) <= _SUFFIX:
        words.pop()
    return " ".join(words).rstrip(" ,&(")


def _tells(row: Mapping[str, str]) -> bool:
    """Whether the name alone can tell: "Val", a person, and "Chopin", a school, teach the opposite of each other."""
    many = len(row["name"].split()) > 1
    return many or (row["label"] != "person" and row["source"] != "chicago_preschools")


def make(seed: int) -> list[Row]:
    """The rows that ``made_names`` writes."""
    return [Row(name, label == "person", source) for name, label, source in made(seed, MADE_PEOPLE, MADE_FIRMS)]


# Classes of words


class WordCounts:
    """How often, by group of sources, a word is the first or last of a person's name or stands in a firm's."""

    def __init__(self, rows: Iterable[Row], lists: tuple[Weights, Weights]) -> None:
        self.by_group: dict[str, tuple[Counter[str], Counter[str], Counter[str]]] = defaultdict(
            lambda: (Counter(), Counter(), Counter())
        )
        for row in rows:
            if row.source == "made":
                continue
            first, last, firm = self.by_group[row.group]
            words = [word for word in tokens(row.name) if class_of(word, {}) == "u"]
            if not row.person:
                firm.update(set(words))
            elif len(words) > 1:
                turned = "," in row.name
                first[words[-1 if turned and len(words) == 2 else 1 if turned else 0]] += 1
                last[words[0 if turned else -1]] += 1
        self.lists = lists
        ordinary = {word for kind in ordinary_words().values() for word in kind if class_of(word, {}) == "u"}
        self.by_group["ordinary"][2].update(dict.fromkeys(sorted(ordinary), _ORDINARY))

    def classes(self, leaving_out: str = "") -> dict[str, str]:
        """Word: class, counted without a group, so that the model meets words it was not told of."""
        first, last, firm = Counter(self.lists[0]), Counter(self.lists[1]), Counter[str]()
        for group, (a, b, c) in self.by_group.items():
            if group != leaving_out:
                first.update(a), last.update(b), firm.update(c)
        found = {}
        for word in sorted(first.keys() | last.keys() | firm.keys()):
            if letter := _class(first[word], last[word], firm[word]):
                found[word] = letter
        return found


def _class(first: int, last: int, firm: int) -> str:
    people = first + last
    if people + firm < 3:
        return ""
    if people < 0.5 * firm:
        return "C" if people < 0.12 * firm else "M"
    if people < 2 * firm:
        return "M"
    return "F" if first > 4 * last else "S" if last > 4 * first else "B"


# The regression


@dataclass(slots=True)
class Table:
    """Features of many names: ``places[starts[i]:starts[i + 1]]`` are those of name i."""

    places: np.ndarray
    starts: np.ndarray
    labels: np.ndarray
    weights: np.ndarray


def table(rows: Sequence[Row], counts: WordCounts) -> Table:
    """The features of ``rows``, each with the classes counted without its own group."""
    known = {group: counts.classes(group) for group in sorted({row.group for row in rows})}
    known["made"] = {w: c for w, c in counts.classes().items() if zlib.crc32(w.encode()) % 100 >= _HIDDEN}
    found = [[p for part in features(row.name, tokens(row.name), known[row.group]) for p in part] for row in rows]
    sizes = np.array([len(each) for each in found])
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    labels = np.array([1.0 if row.person else 0.0 for row in rows])
    return Table(np.concatenate([np.array(f, np.int64) for f in found]), starts, labels, _balance(rows))


def _balance(rows: Sequence[Row]) -> np.ndarray:
    """A weight for each row: a source counts by the root of its size, people as much as organizations."""
    sizes = Counter(row.source for row in rows)
    weights = np.array([(3.0 if row.source == "made" else 1.0) / math.sqrt(sizes[row.source]) for row in rows])
    people = np.array([row.person for row in rows])
    weights[people] /= weights[people].sum()
    weights[~people] /= weights[~people].sum()
    return weights / 2


def fit(data: Table) -> tuple[np.ndarray, float]:
    """Weights and bias of the logistic regression with ridge, by Adam over all rows at once: no chance in it."""
    weights, bias = np.zeros(1 << TABLE_BITS), 0.0
    mean, square = np.zeros(len(weights) + 1), np.zeros(len(weights) + 1)
    owner = np.repeat(np.arange(len(data.labels)), np.diff(np.append(data.starts, len(data.places))))
    for step in range(1, _STEPS + 1):
        z = np.add.reduceat(weights[data.places], data.starts) + bias
        error = (1 / (1 + np.exp(-z)) - data.labels) * data.weights
        slope = np.append(np.bincount(data.places, error[owner], len(weights)) + _RIDGE * weights, error.sum())
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        move = _RATE * (1 - step / (_STEPS + 1)) * (mean / (1 - 0.9**step))
        move /= np.sqrt(square / (1 - 0.99**step)) + 1e-9
        weights -= move[:-1]
        bias -= move[-1]
    return weights, bias


def pack(weights: np.ndarray, bias: float, classes: Mapping[str, str]) -> bytes:
    """The file: one byte a weight, and the words by class, compressed."""
    weights, bias = weights * _SLOPE, bias * _SLOPE
    scale = float(np.quantile(np.abs(weights[weights != 0]), 0.9995)) / 127
    small = np.clip(np.round(weights / scale), -127, 127).astype(np.int8)
    words = "\n".join(" ".join(sorted(w for w, c in classes.items() if c == letter)) for letter in "FSBCM")
    head = f"{scale:.9e} {bias:.9e}\n".encode()
    return MAGIC + zlib.compress(head + small.tobytes() + words.encode(), 9)


def train(rows: Sequence[Row], lists: tuple[Weights, Weights]) -> bytes:
    """The file that these rows and lists of first and last names make."""
    counts = WordCounts(rows, lists)
    return pack(*fit(table(rows, counts)), counts.classes())


# What it is worth


def without_each(rows: Sequence[Row], lists: tuple[Weights, Weights], tell: Callable[[str], None]) -> None:
    """For each group of sources, the accuracy there of a model trained without it."""
    for group in sorted({row.group for row in rows} - {"made"}):
        model = Model(train([row for row in rows if row.group != group], lists))
        for source in sorted({row.source for row in rows if row.group == group}):
            asked = [row for row in rows if row.source == source]
            right = sum((model.person(row.name) > 0.5) == row.person for row in asked)
            tell(f"{source:40} {len(asked):6} {right / len(asked):.3f}")


def main(words: Sequence[str] | None = None) -> int:
    """Train, write, say what was written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", type=Path)
    parser.add_argument("--words", required=True, type=Path)
    parser.add_argument("--weights", type=Path, default=Path(__file__).with_name("weights.bin"))
    parser.add_argument("--without-each", action="store_true", help="measure; writes nothing")
    given = parser.parse_args(words)
    rows, lists = [*read(given.names), *make(SEED)], listed(given.words)
    if given.without_each:
        without_each(rows, lists, print)
        return 0
    packed = train(rows, lists)
    given.weights.write_bytes(packed)
    print(f"{given.weights}: {len(packed)} bytes from {len(rows)} names")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
