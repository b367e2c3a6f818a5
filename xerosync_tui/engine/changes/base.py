"""What all changes have in common, by where they are made: in Karbon, in Xero, or in our own tables alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Contact, Field, KarbonContact, Value, XeroContact
from xerosync_tui.domain.link import Linked
from xerosync_tui.domain.states import Action, Side
from xerosync_tui.engine.settling import Settling
from xerosync_tui.remotes.ports import LedgerRecord, Write
from xerosync_tui.store.journal import Intent


class Change:
    """One change of one record. ``issue``: the match issue that it opened again, if any."""

    issue = 0

    def whom(self) -> str:
        """The name of whom it is about."""
        raise NotImplementedError

    def intent(self, db: SqliteDatabase) -> Intent:
        """What the journal says of it, before it is done."""
        raise NotImplementedError


class InKarbon(Change):
    """Something that the directory is asked to write."""

    stays_open: ClassVar[bool] = False  # while nobody knows whether it was done, so is its entry (promise P7)

    def crossing(self) -> str:
        """Whose values of Xero it writes: nothing that Karbon's own sync may be writing too; empty: nobody's."""
        return ""

    def request(self) -> Write:
        """What is asked."""
        raise NotImplementedError

    def stored(self, now: Settling, karbon: KarbonContact) -> None:
        """The directory has it, as ``karbon``."""

    def refused(self, now: Settling, reason: str, *, deferred: bool) -> None:
        """It was not written: its premise no longer held (``deferred``), or the directory said no."""


class InXero(Change):
    """Values to write over a contact in Xero."""

    def planned(self) -> XeroContact:
        """The contact as the plan saw it."""
        raise NotImplementedError

    def written(self) -> Mapping[Field, Value]:
        """What is written over it."""
        raise NotImplementedError

    def saved(self, now: Settling, xero: XeroContact) -> None:
        """Xero has it, as ``xero``."""
        raise NotImplementedError

    def refused(self, now: Settling, reason: str) -> None:
        """Xero said no."""


class Here(Change):
    """A change of our own tables, in one transaction with its journal entry."""

    def applied(self, now: Settling) -> None:
        """Do it."""
        raise NotImplementedError


def filled(contact: Contact) -> dict[Field, Value]:
    """The values of a contact, without those that are empty."""
    return {f: contact.value(f) for f in Field if contact.value(f)}


def edit_of(
    linked: Linked, side: Side, values: Mapping[Field, Value], why: str, *,
    undoes: int = 0, marker: str = "", action: Action = Action.UPDATE,
) -> Intent:  # fmt: skip
    """The journal entry of writing these values to one side of a link."""
    held = linked.xero.contact if side is Side.XERO else linked.karbon.contact
    before = {f: held.value(f) for f in values}
    about = (linked.xero.id, linked.karbon.key, before, values, why, side)
    return Intent(action, *about, undoes=undoes, marker=marker)


def as_read(record: LedgerRecord, saved: XeroContact) -> XeroContact:
    """What a write answered; of fields that its answer lacks (xero.md 2.6), what was read before it stands."""
    return replace(record.contact, contact=saved.contact, updated=saved.updated)
