"""The trained part: one logistic regression over the features of a name, a byte a weight (MODEL_CARD.md)."""

from __future__ import annotations

import math
import pkgutil
import zlib
from functools import cache
from itertools import chain, repeat

from xerosync_tui.domain.kinds.features import TABLE_BITS, features, tokens

MAGIC = b"XSK1"
_CLASSES = "FSBCM"


class Model:
    """What a weights file holds. Raises ValueError for bytes that are none."""

    def __init__(self, packed: bytes) -> None:
        if not packed.startswith(MAGIC):
            raise ValueError("not a weights file of this version")
        head, _, rest = zlib.decompress(packed[len(MAGIC) :]).partition(b"\n")
        scale, bias = head.split()
        self._scale, self.bias = float(scale), float(bias)
        self._weights = memoryview(rest[: 1 << TABLE_BITS]).cast("b")
        lists = [words.split(" ") for words in rest[1 << TABLE_BITS :].decode().split("\n")]
        letters = (repeat(letter, len(words)) for letter, words in zip(_CLASSES, lists, strict=True))
        self.classes: dict[str, str] = dict(zip(chain.from_iterable(lists), chain.from_iterable(letters), strict=True))

    def parts(self, name: str, words: list[str]) -> list[float]:
        """How much each of ``words``, and last the name as a whole, speaks for a person; below 0, against it."""
        weight, scale = self._weights.__getitem__, self._scale
        return [scale * sum(map(weight, places)) for places in features(name, words, self.classes)]

    def person(self, name: str) -> float:
        """The probability that ``name`` is a person's."""
        return logistic(sum(self.parts(name, tokens(name))) + self.bias)


def logistic(z: float) -> float:
    """Between 0 and 1, for any ``z``."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


@cache
def shipped() -> Model:
    """The model of this version. Read once, at the first name: a constant of the package, not the outer world."""
    packed = pkgutil.get_data(__package__, "weights.bin")
    assert packed is not None
    return Model(packed)
