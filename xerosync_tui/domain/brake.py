"""When a run would do too much to be what anybody meant (engine.md 2.8)."""

from __future__ import annotations

from dataclasses import dataclass

_FEW = 20
_SMALLEST_ALL = 3


@dataclass(frozen=True, slots=True)
class Impact:
    """What a run would do to the links there are: how many it would overwrite or end, how many look changed."""

    links: int
    overwritten: int
    ended: int
    changed: int


def brake(impact: Impact) -> str:
    """Why a run must not go on without a person's word; empty when it may."""
    touched = impact.overwritten + impact.ended
    whole = impact.links > _SMALLEST_ALL
    if whole and touched >= impact.links:
        return f"It would overwrite or end every one of the {impact.links} links"
    if touched > max(_FEW, impact.links // 10):
        does = [f"{does} {n}" for does, n in (("overwrite", impact.overwritten), ("end", impact.ended)) if n]
        return f"It would {' and '.join(does)} of {impact.links} links"
    if whole and impact.changed >= impact.links:
        return f"Every one of the {impact.links} linked contacts looks changed"
    return ""
