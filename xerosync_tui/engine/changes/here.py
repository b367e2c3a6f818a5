"""Changes of our own tables alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.link import Linked
from xerosync_tui.domain.states import Action, Side
from xerosync_tui.engine.changes.base import Here
from xerosync_tui.engine.settling import Settling
from xerosync_tui.store import issues
from xerosync_tui.store.journal import Intent


@dataclass(slots=True)
class Unlink(Here):
    """End a synced link: the row stays, its field conflicts are none any more (engine.md 2.4)."""

    name: str
    xero_id: str
    karbon_key: str
    why: str

    def whom(self) -> str:
        return self.name

    def intent(self, db: SqliteDatabase) -> Intent:
        return Intent(Action.UNLINK, self.xero_id, self.karbon_key, {}, {}, self.why)

    def applied(self, now: Settling) -> None:
        now.ended.append((self.xero_id, self.why))


@dataclass(slots=True)
class Ignore(Here):
    """Leave a match issue listed among the ignored ones."""

    name: str
    xero_id: str
    why: str

    def whom(self) -> str:
        return self.name

    def intent(self, db: SqliteDatabase) -> Intent:
        return Intent(Action.IGNORE, self.xero_id, "", {}, {}, self.why)

    def applied(self, now: Settling) -> None:
        issues.set_ignored(now.db, now.work.connection.id, self.xero_id, True)


@dataclass(slots=True)
class Choose(Here):
    """A person chose whose value of a field stands; writing it to the other side is a change of its own.

    Where Karbon's stands, Xero's has been seen and is to be replaced: Karbon's alone counts as changed from here on.
    """

    linked: Linked
    winner: Side
    fields: Sequence[Field]

    def whom(self) -> str:
        return self.linked.xero.contact.name

    def intent(self, db: SqliteDatabase) -> Intent:
        it = self.linked
        xero, karbon = ({f: c.value(f) for f in self.fields} for c in (it.xero.contact, it.karbon.contact))
        lost, stands = (karbon, xero) if self.winner is Side.XERO else (xero, karbon)
        bases = ({f: base.value(f) for f in self.fields} for base in (it.xero_base, it.karbon_base))
        xeros, karbons = bases
        why = f"{self.winner.value.title()}'s value was chosen"
        return Intent(
            Action.CHOOSE, it.xero.id, it.karbon.key, lost, stands, why, self.winner.other,
            xero_base=xeros, karbon_base=karbons,
        )  # fmt: skip

    def applied(self, now: Settling) -> None:
        it = self.linked
        now.look.append(it.xero.id)
        if self.winner is Side.KARBON:
            now.bases.append((it, {f: (it.xero.contact.value(f), it.karbon_base.value(f)) for f in self.fields}))
