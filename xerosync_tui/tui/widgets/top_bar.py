"""The first line of every page: where you are, what waits, and what the program is doing."""

from __future__ import annotations

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from xerosync_tui.domain.connection import ConnectionState
from xerosync_tui.domain.display import width
from xerosync_tui.domain.progress import Progress
from xerosync_tui.domain.states import RunKind, RunState
from xerosync_tui.services.overview import Status
from xerosync_tui.tui import text

_PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Apps", ()),
    ("Clients", ("synced",)),
    ("Issues", ("match_issues", "field_conflicts", "failed")),
    ("Contacts", ()),
    ("Activity", ()),
)
SHORT = tuple(name for name, _ in _PLACES)  # of the numbered screens


class TopBar(Widget):
    """Drawn from ``status`` and ``doing``; ``place`` is the number of the main screen, or 0."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place
        self.status: Status | None = None
        self.doing = ""

    def show(self, status: Status | None, doing: str) -> None:
        """Draw anew, if anything changed."""
        if (status, doing) != (self.status, self.doing):
            self.status, self.doing = status, doing
            self.refresh()

    def render(self) -> RenderResult:
        """The line; where there is little room, without the program's name, then without those of the other screens."""
        state = self.doing or state_in_words(self.status)
        free = self.size.width - width(state) - 2
        shorter = ((True, True, " "), (False, True, " "), (False, True, ""), (False, False, " "))
        tried = (self._places(*how) for how in shorter)
        left = next((line for line in tried if line.cell_length <= free), self._places(False, False, ""))
        return text.line(left, " " * max(1, free + 1 - left.cell_length), state)

    def _places(self, program: bool, others: bool, gap: str) -> Content:
        parts = [text.safe(" XeroSync ", "bold")] if program else []
        for number, (name, counts) in enumerate(_PLACES, 1):
            waiting = sum(getattr(self.status.counts, count) for count in counts) if self.status else 0
            here = number == self.place
            words = [str(number), *([name] if here or others else []), *([text.number(waiting)] if waiting else [])]
            parts.append(text.safe(f" {' '.join(words)}{gap}", "bold reverse" if here else ""))
        return text.line(*parts)


def state_in_words(status: Status | None) -> str:
    """What the program does when it runs no job of its own."""
    if status is None:
        return ""
    if status.at_work:
        return "◐ at work elsewhere"
    if status.connection is None or status.connection.state is ConnectionState.DISCONNECTED:
        return "○ not connected"
    if status.connection.state is ConnectionState.RECONNECT:
        return "! reconnect needed"
    if status.account and status.account.trouble:
        return "! Karbon refuses its keys"
    trouble = trouble_in_words(status)
    return f"! {trouble}" if trouble else "○ idle"


def trouble_in_words(status: Status) -> str:
    """What keeps a connection from syncing as it should, in a few words; empty when nothing does."""
    connection, run = status.connection, status.last_run
    if connection is None:
        return ""
    fresh = (
        run is not None and run.state is RunState.FAILED and connection.brake and run.started_at > connection.brake.at
    )
    if connection.brake and not fresh:
        return "sync stopped"
    if run is None or status.at_work:
        return ""
    if run.state is RunState.FAILED:
        if connection.quota_until and run.started_at < connection.quota_until:
            return "day limit used up"
        return f"last {'preview' if run.kind is RunKind.PREVIEW else 'sync'} failed"
    return "sync interrupted" if run.state is RunState.INTERRUPTED else ""


def progress_in_words(kind: str, progress: Progress | None) -> str:
    """A running job, short enough for the top line."""
    if progress is None:
        return f"◐ {kind}"
    if progress.wait:
        return f"◐ {kind}: waits {progress.wait:.0f} s for {progress.remote}"
    if progress.total:
        return f"◐ {kind} {text.number(progress.done)} of {text.number(progress.total)}"
    return f"◐ {kind}: {text.number(progress.done)} read" if progress.done else f"◐ {kind}"
