"""Changes that Xero is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Contact, Field, Value, XeroContact
from xerosync_tui.domain.link import Linked
from xerosync_tui.domain.states import Action, EntryState, FailedSide, Side
from xerosync_tui.engine.changes.base import Change, InXero, edit_of, filled
from xerosync_tui.engine.settling import Settling
from xerosync_tui.remotes.ports import LedgerRecord
from xerosync_tui.store import journal, links
from xerosync_tui.store.changes import Halves
from xerosync_tui.store.journal import Intent
from xerosync_tui.store.links import NewLink


@dataclass(slots=True)
class ToXero(InXero):
    """Values that go over. What Xero stored, perhaps in its own spelling, is what both agree on from here on."""

    linked: Linked
    values: Mapping[Field, Value]
    why: str = "changed in Karbon"
    base: Halves = field(default_factory=dict)
    undoes: int = 0

    def whom(self) -> str:
        return self.linked.xero.contact.name

    def planned(self) -> XeroContact:
        return self.linked.xero

    def written(self) -> Mapping[Field, Value]:
        return self.values

    def intent(self, db: SqliteDatabase) -> Intent:
        return edit_of(self.linked, Side.XERO, self.values, self.why, undoes=self.undoes)

    def saved(self, now: Settling, xero: XeroContact) -> None:
        now.xeros.append(xero)
        halves = {f: (xero.contact.value(f), self.linked.karbon.contact.value(f)) for f in self.values}
        now.bases.append((self.linked, {**halves, **self.base}))
        if Field.NAME in self.values:
            journal.close_swap(now.db, now.work.connection.id, xero.id, now.now, EntryState.DONE)
        now.clear(FailedSide.TO_XERO, xero.id)
        now.undone += [self.undoes] if self.undoes else []
        now.counts.changed_in_xero += 1

    def refused(self, now: Settling, reason: str) -> None:
        now.fail(FailedSide.TO_XERO, self.linked.xero.id, self.whom(), f"Xero refused the edit: {reason}")
        now.quiet.append(self.linked.id)
        now.counts.failed += 1


@dataclass(slots=True)
class StepAside(InXero):
    """The first of a ring of renames takes a temporary name, which the journal holds until it has its own again."""

    linked: Linked
    wanted: Value
    aside: str
    why: str

    def whom(self) -> str:
        return self.linked.xero.contact.name

    def planned(self) -> XeroContact:
        return self.linked.xero

    def written(self) -> Mapping[Field, Value]:
        return {Field.NAME: self.aside}

    def intent(self, db: SqliteDatabase) -> Intent:
        after = {Field.NAME: self.wanted}
        return edit_of(self.linked, Side.XERO, after, self.why, marker=self.aside, action=Action.SWAP)

    def saved(self, now: Settling, xero: XeroContact) -> None:
        """A temporary name is no observation."""

    def refused(self, now: Settling, reason: str) -> None:
        now.fail(FailedSide.TO_XERO, self.linked.xero.id, self.whom(), f"Xero refused a temporary name: {reason}")
        now.quiet.append(self.linked.id)
        now.counts.failed += 1


@dataclass(slots=True)
class StepBack(InXero):
    """A ring of renames was refused: this member takes its old name back, and Karbon's edit has not gone over."""

    linked: Linked
    why: str = "the ring of names was refused"

    def whom(self) -> str:
        return self.linked.xero.contact.name

    def planned(self) -> XeroContact:
        return self.linked.xero

    def written(self) -> Mapping[Field, Value]:
        return {Field.NAME: self.whom()}

    def intent(self, db: SqliteDatabase) -> Intent:
        return edit_of(self.linked, Side.XERO, self.written(), self.why)

    def saved(self, now: Settling, xero: XeroContact) -> None:
        now.xeros.append(xero)
        now.bases.append((self.linked, {Field.NAME: (xero.contact.name, self.linked.karbon_base.name)}))
        journal.close_swap(now.db, now.work.connection.id, xero.id, now.now, EntryState.DONE)


@dataclass(slots=True)
class DropTemporaryName(InXero):
    """A contact whose link has ended holds a temporary name of ours: it gets its own back."""

    record: LedgerRecord
    before: str
    why: str = "a temporary name is removed"

    def whom(self) -> str:
        return self.before

    def planned(self) -> XeroContact:
        return self.record.contact

    def written(self) -> Mapping[Field, Value]:
        return {Field.NAME: self.before}

    def intent(self, db: SqliteDatabase) -> Intent:
        held = {Field.NAME: self.record.contact.contact.name}
        return Intent(Action.UPDATE, self.record.contact.id, "", held, self.written(), self.why, Side.XERO)

    def saved(self, now: Settling, xero: XeroContact) -> None:
        now.xeros.append(xero)


@dataclass(slots=True)
class Archive(Change):
    """Archive a contact in Xero. The API has no way back (xero.md 2.5)."""

    xero: XeroContact

    def whom(self) -> str:
        return self.xero.contact.name

    def intent(self, db: SqliteDatabase) -> Intent:
        return Intent(Action.ARCHIVE, self.xero.id, "", {}, {}, "its Karbon contact is gone", Side.XERO)


@dataclass(slots=True)
class MakeInXero(Change):
    """Make the Xero contact of a Karbon contact, and link the two (engine.md 2.5).

    ``marker`` in ContactNumber says which contact is ours; ``request`` is the Idempotency-Key.
    """

    karbon_key: str
    contact: Contact
    before: Mapping[Field, Value]  # Karbon's values that differ from what is made
    why: str
    marker: str
    request: str

    def whom(self) -> str:
        return self.contact.name

    def intent(self, db: SqliteDatabase) -> Intent:
        return Intent(
            Action.CREATE_IN_XERO, "", self.karbon_key, self.before, filled(self.contact), self.why, Side.XERO,
            marker=self.marker, request=self.request,
        )  # fmt: skip

    def saved(self, now: Settling, made: XeroContact) -> str:
        """Link the two; the base is what was sent, and Karbon's side what it held then. Why it cannot be, or empty."""
        connection, key = now.work.connection.id, self.karbon_key
        now.xeros.append(made)
        if links.is_synced(now.db, connection, made.id, key):
            return "it was made in Xero, but one of the two was linked with another meanwhile"
        base = self.contact.with_values(dict(self.before))
        now.links.append(NewLink(made.id, key, self.why, made.contact, base))
        now.look.append(made.id)  # Karbon's may have been edited since
        now.clear(FailedSide.CREATE_IN_XERO, key)
        return ""

    def refused(self, now: Settling, reason: str) -> None:
        """Xero said no."""
        now.fail(FailedSide.CREATE_IN_XERO, self.karbon_key, self.whom(), f"Not made in Xero: {reason}")


def made_from(intent: Intent) -> MakeInXero:
    """The change that an open intent began."""
    contact = Contact().with_values(dict(intent.after))
    return MakeInXero(intent.karbon_key, contact, intent.before, intent.why, intent.marker, intent.request)
