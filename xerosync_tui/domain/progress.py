"""What a running job tells whoever watches it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job is. ``total`` is None while unknown; ``wait`` is seconds left of a rate limit, of ``remote``.

    ``counts`` are those of ``apply_plan`` so far, ``requests`` all that were sent to Xero in this run.
    """

    phase: str
    done: int = 0
    total: int | None = None
    wait: float | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    remote: str = "Xero"


Report = Callable[[Progress], None]


def waiting(report: Report, remote: str = "Xero") -> Callable[[float, str], None]:
    """What a session tells while a limit makes it wait, as a report."""

    def wait(seconds: float, reason: str) -> None:
        report(Progress(reason, wait=seconds, remote=remote))

    return wait


def unwatched(progress: Progress) -> None:
    """The report of a job that nobody watches."""
