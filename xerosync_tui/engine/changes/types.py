"""The contact types of the built-in directory: added, renamed and removed, each in the journal."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.states import Action
from xerosync_tui.engine.changes.base import Here
from xerosync_tui.engine.settling import Settling
from xerosync_tui.store import connections, directory
from xerosync_tui.store.journal import Intent


@dataclass(slots=True)
class ChangeTypes(Here):
    """A contact type becomes another one, on its contacts too; from nothing: it is added, to nothing: removed."""

    old: str
    new: str
    undoes: int = 0

    def whom(self) -> str:
        return self.new or self.old

    def intent(self, db: SqliteDatabase) -> Intent:
        before, after = ({"name": name} if name else {} for name in (self.old, self.new))
        return Intent(
            Action.TYPES, "", "", {}, {}, "contact type", by_hand=True, undoes=self.undoes,
            others_before=before, others_after=after,
        )  # fmt: skip

    def applied(self, now: Settling) -> None:
        now.undone += [self.undoes] if self.undoes else []
        if not self.old:
            directory.add_type(now.db, self.new)
        elif not self.new:
            directory.remove_type(now.db, self.old)
        else:
            connections.rename_type(now.db, self.old, self.new)
            directory.rename_type(now.db, self.old, self.new)
