"""How often to ask Xero, so that its day limit lasts (engine.md 2.6)."""

from __future__ import annotations

A_RUN = 300  # business cards that a run of the continuous sync reads
_RESERVE = 100  # calls of a day that are kept for what a person asks for
_DAY = 86_400


def pause(interval: int, day_left: int | None) -> int:
    """Seconds until the next run; ``day_left`` is what Xero last said is left of the day (None: it said nothing).

    When a day begins anew Xero does not tell (xero.md 4), so what is left has to last for a whole one.
    """
    if day_left is None:
        return interval
    spare = day_left - _RESERVE
    if spare <= 0:
        return max(interval, _DAY // 24)
    return max(interval, _DAY // spare)
