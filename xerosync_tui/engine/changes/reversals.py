"""The changes that undo other changes, as objects like those of ``changes``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Field, KarbonContact, Value
from xerosync_tui.domain.link import Linked
from xerosync_tui.domain.merge import merge
from xerosync_tui.domain.states import Action, FailedSide, Side
from xerosync_tui.engine.changes.base import Here, InKarbon
from xerosync_tui.engine.plan import reason_for
from xerosync_tui.engine.settling import Settling
from xerosync_tui.remotes.ports import Delete, Update, Write
from xerosync_tui.store import changes, issues, journal, links, made, mirror
from xerosync_tui.store.changes import Halves
from xerosync_tui.store.journal import Entry, Intent
from xerosync_tui.store.links import NewLink


@dataclass(slots=True)
class EndLink(InKarbon):
    """Undo a link: Karbon has its values from before, or what was made is deleted; the contact waits, or is planned.

    ``held``: a person decided it, so it waits for a person again.
    """

    entry: Entry
    name: str
    write: Write
    held: bool = True
    issue: int = 0
    stays_open: ClassVar[bool] = True

    def whom(self) -> str:
        return self.name

    def intent(self, db: SqliteDatabase) -> Intent:
        was = self.entry.intent
        about = (was.xero_id, was.karbon_key, was.after, was.before, "")
        return Intent(Action.UNDO, *about, undoes=self.entry.id)

    def request(self) -> Write:
        return self.write

    def stored(self, now: Settling, karbon: KarbonContact) -> None:
        db, connection, was = now.db, now.work.connection, self.entry.intent
        now.undone.append(self.entry.id)
        now.conflicts[was.xero_id] = ()
        for side in (FailedSide.TO_XERO, FailedSide.TO_KARBON):
            now.clear(side, was.xero_id)
        if isinstance(self.write, Delete):
            mirror.mark_gone(db, connection.id, [was.karbon_key])
        else:
            mirror.put_karbon(db, connection.id, [karbon])
        self.issue = _without_link(now, self.entry, held=self.held)


def _without_link(now: Settling, entry: Entry, *, held: bool) -> int:
    """The link is gone as if it had never been; the issue that is open again, if one is.

    Where it stood in the place of a link that had ended, that one is listed again.
    """
    db, connection, was = now.db, now.work.connection, entry.intent
    if ended := journal.ended_before(db, connection.id, entry):
        xero = mirror.xero_contact(db, connection.id, ended.intent.xero_id)
        karbon = mirror.karbon_contact(db, connection.id, ended.intent.karbon_key)
        if xero:
            base = karbon.contact if karbon else xero.contact
            before = NewLink(xero.id, ended.intent.karbon_key, ended.intent.why, xero.contact, base)
            links.put_ended(db, connection.id, before, now.now)
        return 0
    links.remove(db, connection.id, was.xero_id)
    if not held:
        return 0
    reason = reason_for(db, connection, was.xero_id, held=True)
    return issues.hold(db, connection.id, was.xero_id, reason, now.now)


@dataclass(slots=True)
class Forget(Here):
    """Undo a link of the first sync of which something stays: both records stay as they are, and are planned again."""

    entry: Entry
    name: str

    def whom(self) -> str:
        return self.name

    def intent(self, db: SqliteDatabase) -> Intent:
        was = self.entry.intent
        return Intent(Action.UNDO, was.xero_id, was.karbon_key, {}, {}, "both records stay", undoes=self.entry.id)

    def applied(self, now: Settling) -> None:
        was = self.entry.intent
        now.undone.append(self.entry.id)
        now.conflicts[was.xero_id] = ()
        _without_link(now, self.entry, held=False)
        if was.action is Action.CREATE:
            made.put(now.db, now.work.connection.id, [(was.xero_id, was.karbon_key)])


@dataclass(slots=True)
class PutBack(InKarbon):
    """Undo a change that went over: Karbon has the old values, as an edit that goes over to Xero like any other."""

    entry: Entry
    linked: Linked
    values: Mapping[Field, Value]

    def whom(self) -> str:
        return self.linked.karbon.contact.name

    def intent(self, db: SqliteDatabase) -> Intent:
        before = {f: self.linked.karbon.contact.value(f) for f in self.values}
        about = (self.linked.xero.id, self.linked.karbon.key, before, self.values, "")
        return Intent(Action.UPDATE, *about, Side.KARBON, undoes=self.entry.id)

    def request(self) -> Write:
        return Update(self.linked.karbon.key, self.linked.karbon.contact, self.values)

    def stored(self, now: Settling, karbon: KarbonContact) -> None:
        now.undone.append(self.entry.id)
        now.karbons.append(karbon)
        now.look.append(self.linked.xero.id)


@dataclass(slots=True)
class Resume(Here):
    """Undo the end of a link: it goes on with its base, and what was edited meanwhile is merged."""

    entry: Entry
    name: str
    who: str

    def whom(self) -> str:
        return self.name

    def intent(self, db: SqliteDatabase) -> Intent:
        was = self.entry.intent
        return Intent(Action.LINK, was.xero_id, was.karbon_key, {}, {}, "", undoes=self.entry.id)

    def applied(self, now: Settling) -> None:
        now.undone.append(self.entry.id)
        links.resume(now.db, now.work.connection.id, self.entry.intent.xero_id, f"resumed by {self.who}")


@dataclass(slots=True)
class Reopen(Here):
    """Undo that an issue was ignored: it is open again. Nothing was written, so nothing comes back."""

    entry: Entry
    name: str
    issue: int = 0

    def whom(self) -> str:
        return self.name

    def intent(self, db: SqliteDatabase) -> Intent:
        return Intent(Action.REOPEN, self.entry.intent.xero_id, "", {}, {}, "", undoes=self.entry.id)

    def applied(self, now: Settling) -> None:
        connection, xero_id = now.work.connection.id, self.entry.intent.xero_id
        now.undone.append(self.entry.id)
        issues.set_ignored(now.db, connection, xero_id, False)
        self.issue = issues.id_of(now.db, connection, xero_id)


@dataclass(slots=True)
class WaitAgain(Here):
    """Undo a choice, once the side that lost has its value again: what was agreed before is the base, and both wait."""

    entry: Entry
    name: str
    base: Halves

    def whom(self) -> str:
        return self.name

    def intent(self, db: SqliteDatabase) -> Intent:
        was = self.entry.intent
        about = (was.xero_id, was.karbon_key, was.after, was.before, "")
        return Intent(Action.REOPEN, *about, was.side, undoes=self.entry.id)

    def applied(self, now: Settling) -> None:
        db, connection, xero_id = now.db, now.work.connection.id, self.entry.intent.xero_id
        now.undone.append(self.entry.id)
        if pair := changes.linked(db, connection, xero_id):
            changes.acknowledge(db, [(pair, self.base)], now.now)
        if pair := changes.linked(db, connection, xero_id):
            now.conflicts[xero_id] = merge(pair, now.work.rules).conflicts
        now.look.append(xero_id)
