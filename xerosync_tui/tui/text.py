"""Text on its way into a widget. Whatever is drawn goes through here: it is cleaned, and never read as markup."""

from __future__ import annotations

from datetime import UTC, datetime

from textual.content import Content

from xerosync_tui.domain.display import clean, drawn
from xerosync_tui.domain.display import counted as counted
from xerosync_tui.domain.display import number as number


def safe(value: object, style: str = "") -> Content:
    """``value`` as it may be drawn, on one line, in ``style``."""
    shown = drawn(clean(value))
    return Content.styled(shown, style) if style else Content(shown)


def line(*parts: object) -> Content:
    """Parts side by side: each a value, a Content that is safe already, or a (value, style) pair."""
    return Content.assemble(*(_part(part) for part in parts))


def lines(*rows: object) -> Content:
    """Rows below each other, each as a part of ``line``."""
    return Content("\n").join(_part(row) for row in rows)


def sentence(words: str) -> str:
    """The words with a full stop, which those of a remote may have already."""
    return words if words.endswith((".", "!", "?", "…")) else f"{words}."


def _part(part: object) -> Content:
    if isinstance(part, Content):
        return part
    if isinstance(part, tuple):
        return safe(*part)
    return safe(part)


def ago(then: int | None, now: int) -> str:
    """How long ago a stored moment (milliseconds) was: ``2 min``; a date after a month."""
    if then is None:
        return "never"
    seconds = max(0, (now - then) // 1000)
    for size, unit in ((60, "s"), (60, "min"), (24, "h")):
        if seconds < size:
            return f"{seconds} {unit}"
        seconds //= size
    if seconds < 31:
        return "1 day" if seconds == 1 else f"{seconds} days"
    return datetime.fromtimestamp(then / 1000, UTC).date().isoformat()


def ahead(then: int, now: int) -> str:
    """How far ahead a moment (milliseconds) is: ``in 3 min``; ``now`` once it is there."""
    return f"in {ago(now, then)}" if then > now else "now"
