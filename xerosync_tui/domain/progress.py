"""How far a running job is, for whoever watches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xerosync_tui.domain.counts import Counts


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job is. ``total`` is None while unknown; ``wait`` is seconds left of a rate limit, of ``remote``.

    ``counts`` are those of the run so far, ``requests`` all that were sent to Xero in it.
    """

    phase: str
    done: int = 0
    total: int | None = None
    wait: float | None = None
    counts: Counts | None = None
    requests: int = 0
    remote: str = "Xero"


Report = Callable[[Progress], None]


def waiting(report: Report, remote: str = "Xero") -> Callable[[float, str], None]:
    """What a session says while a limit makes it wait, as a report."""

    def wait(seconds: float, reason: str) -> None:
        report(Progress(reason, wait=seconds, remote=remote))

    return wait


def unwatched(progress: Progress) -> None:
    """The report of a job that nobody watches."""
