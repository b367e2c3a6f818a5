"""Numbers as a few characters: how much is left of a limit, how a day went."""

from __future__ import annotations

from collections.abc import Sequence

_LEVELS = "▁▂▃▄▅▆▇█"
_GAUGE = 10  # cells within its ends


def gauge(left: int, limit: int) -> str:
    """What is left of a limit, as a bar; empty only when nothing is, full only when everything is."""
    filled = max(0, min(_GAUGE, round(_GAUGE * left / limit)))
    if 0 < left < limit:
        filled = max(1, min(_GAUGE - 1, filled))
    return f"▕{'█' * filled}{'░' * (_GAUGE - filled)}▏"


def sparkline(numbers: Sequence[int], room: int) -> str:
    """The last of these numbers, a character each: the lowest for none, the highest for the most there was."""
    shown = numbers[-room:] if room > 0 else ()
    most = max(shown, default=0)
    top = len(_LEVELS) - 1
    return "".join(_LEVELS[max(1, round(top * n / most)) if n else 0] for n in shown)
