"""What a run found and did, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.match import Reason, Verdict


@dataclass(slots=True)
class Counts:
    """Contacts, unless a comment says otherwise. ``left`` of a quota is None while Xero has not said it."""

    read: int = 0
    archived: int = 0
    # The plan of Xero contacts without a link
    full_match: int = 0
    conflict: int = 0
    new: int = 0
    left_out: int = 0
    reasons: dict[Reason, int] = field(default_factory=dict)  # of the conflicts
    overwrite: dict[Field, int] = field(default_factory=dict)  # values of Karbon's that full matches would replace
    fill: dict[Field, int] = field(default_factory=dict)
    only_karbon: dict[Field, int] = field(default_factory=dict)
    unread_matches: int = 0  # full matches whose business card is not read yet
    new_people: int = 0
    new_organizations: int = 0
    guesses: int = 0
    # The plan of linked contacts
    to_karbon: int = 0
    to_xero: int = 0
    # What was done; agreed, field conflicts and ended are planned too
    agreed: int = 0
    field_conflicts: int = 0  # fields
    ended: int = 0  # links
    linked: int = 0
    created: int = 0
    overwritten: int = 0  # values in Karbon
    filled: int = 0  # values in Karbon
    changed_in_karbon: int = 0
    changed_in_xero: int = 0
    created_in_xero: int = 0
    deferred: int = 0
    failed: int = 0
    left_for_next_run: int = 0
    waits_for_card: int = 0
    # Requests
    karbon_requests: int = 0
    day_left: int | None = None
    minute_left: int | None = None

    def add(self, other: Counts) -> None:
        """Add ``other``; what it says of a quota replaces what was known."""
        for one in _NUMBERS:
            setattr(self, one, getattr(self, one) + getattr(other, one))
        for one in _TABLES:
            mine = getattr(self, one)
            for key, number in getattr(other, one).items():
                mine[key] = mine.get(key, 0) + number
        for one in _QUOTAS:
            if (left := getattr(other, one)) is not None:
                setattr(self, one, left)

    @property
    def changes(self) -> int:
        """How much was changed on either side."""
        return (
            self.linked
            + self.created
            + self.changed_in_karbon
            + self.changed_in_xero
            + self.created_in_xero
            + self.ended
        )

    def of(self, verdict: Verdict) -> int:
        """How many Xero contacts without a link a plan says this of."""
        match verdict:
            case Verdict.FULL_MATCH:
                return self.full_match
            case Verdict.CONFLICT:
                return self.conflict
            case Verdict.NEW:
                return self.new
            case Verdict.LEFT_OUT:
                return self.left_out

    def as_dict(self) -> dict[str, Any]:
        """What is not zero, for JSON; of a quota also that nothing is left."""
        found = asdict(self).items()
        return {name: value for name, value in found if value or (name in _QUOTAS and value is not None)}


def counts_from(found: Mapping[str, Any]) -> Counts:
    """The inverse of ``Counts.as_dict``. What this program does not know is left out."""
    counts = Counts(**{name: value for name, value in found.items() if name in {*_NUMBERS, *_QUOTAS}})
    counts.reasons = {Reason(key): number for key, number in found.get("reasons", {}).items()}
    for name in _TABLES[1:]:
        setattr(counts, name, {Field(key): number for key, number in found.get(name, {}).items()})
    return counts


_TABLES = ("reasons", "overwrite", "fill", "only_karbon")
_QUOTAS = ("day_left", "minute_left")
_NUMBERS = tuple(f.name for f in fields(Counts) if f.name not in {*_TABLES, *_QUOTAS})
