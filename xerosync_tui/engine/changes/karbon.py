"""Changes that the directory is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Field, KarbonContact, Kind, Value
from xerosync_tui.domain.directory import DirectoryRecord, differing_others
from xerosync_tui.domain.link import Linked
from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.merge import Merge
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.domain.states import Action, FailedSide, Side
from xerosync_tui.engine.changes.base import InKarbon, edit_of, filled
from xerosync_tui.engine.settling import Settling
from xerosync_tui.remotes.ports import Create, Delete, Update, Write
from xerosync_tui.store import mirror
from xerosync_tui.store.changes import Halves
from xerosync_tui.store.journal import Intent
from xerosync_tui.store.links import NewLink


@dataclass(slots=True)
class Link(InKarbon):
    """Join a Xero contact to a Karbon contact, which gets its values; without one, a new one is made.

    ``replacing``: its link of before ended. ``kept``: fields of which Karbon's value goes to Xero afterwards.
    """

    row: PlannedRow
    contact_type: str
    replacing: bool = False
    kept: Sequence[Field] = ()
    stays_open: ClassVar[bool] = True

    def whom(self) -> str:
        return self.row.xero.contact.name

    def crossing(self) -> str:
        """A link that has nothing to write is nobody's: it takes no requests, and is made."""
        writes = self.replacing or not self.row.link or self.row.link.karbon_writes
        return self.row.xero.id if writes else ""

    @property
    def why(self) -> str:
        """Why the two are linked."""
        if self.row.verdict is Verdict.FULL_MATCH:
            return "same name and billing email"
        return "a person matched them" if self.row.karbon else "made from Xero"

    def intent(self, db: SqliteDatabase) -> Intent:
        row, xero = self.row, self.row.xero
        if row.karbon and row.link:
            after = dict(row.link.karbon_writes)
            before = {f: row.karbon.contact.value(f) for f in after}
            return Intent(Action.LINK, xero.id, row.karbon.key, before, after, self.why)
        newest = mirror.newest_karbon(db)
        return Intent(Action.CREATE, xero.id, "", {}, filled(xero.contact), self.why, newest_known=newest)

    def request(self) -> Write:
        row = self.row
        if row.karbon and row.link:
            return Update(row.karbon.key, row.karbon.contact, row.link.karbon_writes)
        others: dict[str, str | int] = {"contact_type": self.contact_type}
        if row.guess:
            others |= {"kind_reason": row.guess.reason, "kind_guess": row.guess.percent}
        return Create(row.guess.kind if row.guess else Kind.ORGANIZATION, row.xero.contact, others)

    def stored(self, now: Settling, karbon: KarbonContact) -> None:
        xero, link = self.row.xero, self.row.link
        if self.replacing:
            now.replaced.append(xero.id)
        unfilled = link.only_karbon if link else ()
        now.karbons.append(karbon)
        now.links.append(NewLink(xero.id, karbon.key, self.why, xero.contact, karbon.contact, unfilled))
        if self.kept:
            now.kept[xero.id] = {f: xero.contact.value(f) for f in self.kept}
        now.decided.append(xero.id)
        now.clear(FailedSide.LINK, xero.id)
        if link and self.row.karbon:
            lost = len(link.overwritten(self.row.karbon.contact))
            now.counts.linked += 1
            now.counts.overwritten += lost
            now.counts.filled += len(link.karbon_writes) - lost
        else:
            now.counts.created += 1

    def refused(self, now: Settling, reason: str, *, deferred: bool) -> None:
        if not deferred:
            now.fail(FailedSide.LINK, self.row.xero.id, self.whom(), reason)


@dataclass(slots=True)
class ToKarbon(InKarbon):
    """Write what a merge says over a linked Karbon contact.

    ``base``: what counts as agreed then, if not what both hold.
    """

    linked: Linked
    merge: Merge
    why: str = "changed in Xero"
    base: Halves = field(default_factory=dict)
    undoes: int = 0

    def whom(self) -> str:
        return self.linked.karbon.contact.name

    def crossing(self) -> str:
        return self.linked.xero.id

    def intent(self, db: SqliteDatabase) -> Intent:
        return edit_of(self.linked, Side.KARBON, self.merge.to_karbon, self.why, undoes=self.undoes)

    def request(self) -> Write:
        return Update(self.linked.karbon.key, self.linked.karbon.contact, self.merge.to_karbon)

    def stored(self, now: Settling, karbon: KarbonContact) -> None:
        halves = {f: (value, karbon.contact.value(f)) for f, value in self.merge.to_karbon.items()}
        now.bases.append((self.linked, halves | dict(self.base)))
        now.karbons.append(karbon)
        now.clear(FailedSide.TO_KARBON, self.linked.xero.id)
        now.undone += [self.undoes] if self.undoes else []
        now.counts.changed_in_karbon += 1

    def refused(self, now: Settling, reason: str, *, deferred: bool) -> None:
        if not deferred:
            now.fail(FailedSide.TO_KARBON, self.linked.xero.id, self.whom(), reason)
            if not self.merge.to_xero:
                now.quiet.append(self.linked.id)


@dataclass(slots=True)
class Edit(InKarbon):
    """A person's edit of a Karbon contact. The base stays: of a linked contact it goes over to Xero.

    ``exactly``: only while nothing at all of the contact has changed.
    """

    before: DirectoryRecord
    after: DirectoryRecord
    why: str = "edited here"
    undoes: int = 0
    exactly: bool = True

    def whom(self) -> str:
        return self.after.contact.name

    @property
    def values(self) -> dict[Field, Value]:
        """The synced fields that change."""
        held, wanted = self.before.contact, self.after.contact
        return {f: wanted.value(f) for f in Field if wanted.value(f) != held.value(f)}

    def intent(self, db: SqliteDatabase) -> Intent:
        old = {f: self.before.contact.value(f) for f in self.values}
        others_before, others_after = differing_others(self.before, self.after)
        return Intent(
            Action.UPDATE, "", self.before.key, old, self.values, self.why, Side.KARBON, by_hand=True,
            undoes=self.undoes, others_before=others_before, others_after=others_after,
        )  # fmt: skip

    def request(self) -> Write:
        held, others = differing_others(self.before, self.after)
        version = self.before.version if self.exactly else 0
        return Update(self.before.key, self.before.contact, self.values, others, held, version, by_hand=True)

    def stored(self, now: Settling, karbon: KarbonContact) -> None:
        seen_by_hand(now, karbon)
        now.undone += [self.undoes] if self.undoes else []


@dataclass(slots=True)
class Add(InKarbon):
    """A Karbon contact that a person makes, by hand or from a file; with a key, one that was deleted comes back."""

    record: DirectoryRecord
    why: str = "made here"
    undoes: int = 0

    def whom(self) -> str:
        return self.record.contact.name

    def intent(self, db: SqliteDatabase) -> Intent:
        it = self.record
        return Intent(
            Action.ADD, "", it.key, {}, filled(it.contact), self.why, Side.KARBON, by_hand=True, undoes=self.undoes,
            others_after=it.others(),
        )  # fmt: skip

    def request(self) -> Write:
        it = self.record
        return Create(it.kind, it.contact, it.others(), by_hand=True, key=it.key)

    def stored(self, now: Settling, karbon: KarbonContact) -> None:
        seen_by_hand(now, karbon)
        if self.undoes:
            now.undone.append(self.undoes)
            now.karbons.append(karbon)  # the link that ended with it is resumed in the same breath


@dataclass(slots=True)
class Remove(InKarbon):
    """Delete a contact of the built-in directory, as it stands."""

    record: DirectoryRecord
    why: str = "deleted here"
    undoes: int = 0

    def whom(self) -> str:
        return self.record.contact.name

    def intent(self, db: SqliteDatabase) -> Intent:
        it = self.record
        return Intent(
            Action.DELETE, "", it.key, filled(it.contact), {}, self.why, Side.KARBON, by_hand=True,
            undoes=self.undoes, others_before=it.others(),
        )  # fmt: skip

    def request(self) -> Write:
        return Delete(self.record.key, self.record.contact, self.record.version)

    def stored(self, now: Settling, karbon: KarbonContact) -> None:
        now.gone.append(karbon.key)
        now.undone += [self.undoes] if self.undoes else []


def seen_by_hand(now: Settling, karbon: KarbonContact) -> None:
    """What the API answered is mirrored; the built-in directory's own changes are read with the next pull."""
    if now.work.directory.has_cards:
        now.karbons.append(karbon)
