"""Person or organization: the guess, how probable it is, and why. What it is worth is measured in MODEL_CARD.md.

The weights are made by ``tests/bench/kinds/train.py``, by hand.
"""

from xerosync_tui.domain.kinds.evidence import CHOSEN, SURE, KindGuess, guess_kind, number_shape

__all__ = ["CHOSEN", "SURE", "KindGuess", "guess_kind", "number_shape"]
