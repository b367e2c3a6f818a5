"""What a decision did: the one answer of everything that a person decides, wherever it was carried out."""

from __future__ import annotations

from dataclasses import dataclass

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.states import Action, Side


@dataclass(frozen=True, slots=True)
class Done:
    """One record that was decided about. ``entry`` is its journal entry, ``undoes`` the entry that it undoes (0: none).

    ``fields``: what was written, on ``side``. ``issue``: the match issue that is open again (0: none).
    """

    entry: int
    action: Action
    name: str
    xero_id: str
    karbon_key: str
    side: Side | None = None
    fields: tuple[Field, ...] = ()
    undoes: int = 0
    issue: int = 0


@dataclass(frozen=True, slots=True)
class Stays:
    """One record that was not, and why. ``about``: what was asked for; ``entry``: of an undo, the entry that stays.

    ``partly``: only some of it stays.
    """

    name: str
    reason: str
    entry: int = 0
    partly: bool = False
    about: str = ""

    @property
    def in_words(self) -> str:
        """The reason, which names the record once."""
        return self.reason if not self.name or self.name in self.reason else f"{self.name}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision and its records. ``later``: what Xero gets with the next sync, and why not now."""

    id: int = 0
    done: tuple[Done, ...] = ()
    stays: tuple[Stays, ...] = ()
    later: str = ""

    @property
    def entry(self) -> int:
        """The first journal entry."""
        return self.done[0].entry

    @property
    def name(self) -> str:
        """Whom it is about, where it is about one."""
        return self.done[0].name

    @property
    def names(self) -> tuple[str, ...]:
        """Whom it is about."""
        return tuple(one.name for one in self.done)

    @property
    def xero_id(self) -> str:
        """The ContactID, where it is about one."""
        return self.done[0].xero_id

    @property
    def karbon_key(self) -> str:
        """The Karbon key, where it is about one."""
        return self.done[0].karbon_key

    @property
    def issue(self) -> int:
        """The match issue that is open again (0: none, or several)."""
        found = {one.issue for one in self.done if one.issue}
        return found.pop() if len(found) == 1 else 0

    @property
    def undid(self) -> int:
        """How many entries it undid; what Xero got of it beside that is not counted again."""
        return len({one.undoes for one in self.done if one.undoes})

    def fields_in(self, side: Side) -> tuple[Field, ...]:
        """What was written on that side."""
        return tuple(dict.fromkeys(f for one in self.done if one.side is side for f in one.fields))
