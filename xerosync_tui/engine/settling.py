"""What acknowledged changes mean in our own tables: collected change by change, written in one transaction (P6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Field, KarbonContact, Value, XeroContact
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.link import Linked
from xerosync_tui.domain.states import FailedSide
from xerosync_tui.engine.work import Work
from xerosync_tui.store import changes, issues, journal, links, mirror, runs
from xerosync_tui.store.changes import Halves
from xerosync_tui.store.links import NewLink


@dataclass(slots=True)
class Settling:
    """The rows of one transaction. ``counts`` are added to those of the work."""

    db: SqliteDatabase
    work: Work
    counts: Counts = field(default_factory=Counts)
    xeros: list[XeroContact] = field(default_factory=list)  # as Xero holds them now
    karbons: list[KarbonContact] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)  # Karbon keys
    replaced: list[str] = field(default_factory=list)  # ContactIDs whose ended link makes room
    links: list[NewLink] = field(default_factory=list)
    kept: dict[str, Mapping[Field, Value]] = field(default_factory=dict)  # by ContactID: Karbon's value goes to Xero
    bases: list[tuple[Linked, Halves]] = field(default_factory=list)
    ended: list[tuple[str, str]] = field(default_factory=list)  # (ContactID, why)
    quiet: list[int] = field(default_factory=list)  # links with nothing left to do
    look: list[str] = field(default_factory=list)  # ContactIDs of links to look at again
    conflicts: dict[str, Sequence[Field]] = field(default_factory=dict)  # by ContactID: the fields that wait now
    decided: list[str] = field(default_factory=list)  # ContactIDs whose match issue is over
    undone: list[int] = field(default_factory=list)  # entries
    cleared: dict[FailedSide, list[str]] = field(default_factory=dict)
    failed: dict[FailedSide, list[tuple[str, str, str]]] = field(default_factory=dict)  # (record, name, reason)

    @property
    def now(self) -> int:
        """Milliseconds since the epoch."""
        return self.work.program.now_ms()

    def clear(self, side: FailedSide, record: str) -> None:
        """This has not failed any more."""
        self.cleared.setdefault(side, []).append(record)

    def fail(self, side: FailedSide, record: str, name: str, reason: str) -> None:
        """List this as failed, in the remote's words."""
        self.failed.setdefault(side, []).append((record, name, reason))

    def write(self) -> None:
        """All of it, observations before what rests on them."""
        db, now = self.db, self.now
        journal.mark_undone(db, self.undone)
        if self.work.joined is None:
            return
        connection = self.work.joined.id
        mirror.put_xero(db, connection, self.xeros, self.work.run or 0)
        mirror.put_karbon(db, connection, self.karbons, now)
        mirror.mark_gone(db, connection, self.gone)
        links.end(db, connection, self.ended)
        links.forget_ended(db, connection, self.replaced)
        links.add(db, connection, self.links, now)
        changes.keep_karbons(db, connection, self.kept)
        changes.acknowledge(db, self.bases, now)
        changes.put_conflicts(db, connection, dict.fromkeys((x for x, _ in self.ended), ()) | self.conflicts, now)
        changes.done_looking(db, self.quiet)
        changes.look_at(db, connection, self.look)
        issues.close_all(db, connection, self.decided)
        journal.supersede_ignored(db, connection, self.decided)
        if self.cleared and runs.count_failed(db, connection):
            for side, records in self.cleared.items():
                runs.clear_failed(db, connection, side, records)
        for side, failed in self.failed.items():
            runs.put_failed(db, connection, side, failed, now)
