"""Person or organization: the guess, how probable it is, and why. What it is worth is measured in MODEL_CARD.md.

``train`` and ``made_names`` make the weights; they are run by hand and imported by nothing here.
"""

from xerosync_tui.domain.kinds.evidence import CHOSEN, SURE, KindGuess, guess_kind, number_shape

__all__ = ["CHOSEN", "SURE", "KindGuess", "guess_kind", "number_shape"]
