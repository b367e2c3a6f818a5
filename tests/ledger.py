"""A ledger in memory: what Xero's contact list does, pages of any size, no network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from xerosync_tui.domain.contact import Contact, Field, Value, XeroContact, XeroStatus
from xerosync_tui.remotes.http import ConnectionLost
from xerosync_tui.remotes.ports import GROUP, LedgerOutcome, LedgerPage, LedgerRecord, Refused, Saved


def nothing() -> None:
    """Nobody edits anything."""


def as_sent(field: Field, value: Value) -> Value:
    """What is stored is what was sent."""
    return value


class MemoryLedger:
    """The ledger port over a dictionary. Names are unique among active contacts, whatever their case."""

    def __init__(self, contacts: Iterable[XeroContact] = (), page_size: int = 100) -> None:
        self.contacts = {contact.id: contact for contact in contacts}
        self.page_size = page_size
        self.asked: list[tuple[int, int | None]] = []
        self.meanwhile: Callable[[], None] = nothing  # what people do between two requests
        self.looked_at: Sequence[str] = ()  # what the last request read by id, to write it next
        self.honours_since = True
        self.withholds = 0  # elements that are counted but never told
        self.clock = 0  # what it says the time is; 0: nothing
        self.stores: Callable[[Field, Value], Value] = as_sent  # how it spells what it is sent
        self.lose_before = 0  # so many of the next writes never arrive
        self.lose_after = 0  # so many of the next writes are done, and their answer is lost
        self.writes: list[tuple[str, str]] = []  # (what, ContactID) of every element that was applied
        self._kept: dict[str, list[LedgerOutcome]] = {}  # answers by request
        self._made = 0

    def put(self, contact: XeroContact) -> None:
        """A new contact, or a new state of a known one."""
        self.contacts[contact.id] = contact

    def edit(self, id: str, at: int) -> None:
        """Somebody changes it at that time."""
        self.put(replace(self.contacts[id], updated=at))

    def newest(self) -> int:
        """A time after every change so far."""
        return max((contact.updated for contact in self.contacts.values()), default=0) + 1000

    async def page(self, number: int, *, modified_since: int | None = None) -> LedgerPage:
        """Page ``number``, oldest change first; changes are told apart to the second (xero.md 2.2)."""
        self.asked.append((number, modified_since))
        since = -1 if modified_since is None or not self.honours_since else modified_since // 1000
        found = [c for c in self.contacts.values() if c.updated // 1000 >= since]
        found.sort(key=lambda contact: (contact.updated, contact.id))
        start = (number - 1) * self.page_size
        pages = -(-len(found) // self.page_size)
        told = found[start : min(start + self.page_size, len(found) - self.withholds)]
        self.looked_at = ()
        self.meanwhile()
        return LedgerPage(tuple(told), (), pages, len(found), self.clock)

    async def read(self, ids: Sequence[str]) -> dict[str, LedgerRecord]:
        """These contacts as they are now."""
        found = {id: LedgerRecord(self.contacts[id], b"") for id in ids if id in self.contacts}
        self.looked_at = list(found)
        self.meanwhile()
        return found

    async def update(
        self, changes: Sequence[tuple[LedgerRecord, Mapping[Field, Value]]], request: str
    ) -> list[LedgerOutcome]:
        """Write these values."""
        assert len(changes) <= GROUP
        return self._once(request, lambda: [self._changed(record.contact.id, values) for record, values in changes])

    async def create(self, contact: Contact, marker: str, request: str) -> LedgerOutcome:
        """Make a contact."""
        return self._once(request, lambda: [self._created(contact, marker)])[0]

    async def marked(self, marker: str) -> XeroContact | None:
        """The contact that carries this marker."""
        return next((c for c in self.contacts.values() if c.contact_number == marker), None)

    async def archive(self, record: LedgerRecord, request: str) -> LedgerOutcome:
        """Archive a contact."""
        return self._once(request, lambda: [self._archived(record.contact.id)])[0]

    def _once(self, request: str, work: Callable[[], list[LedgerOutcome]]) -> list[LedgerOutcome]:
        if self.lose_before:
            self.lose_before -= 1
            raise ConnectionLost("the connection broke off")
        if request not in self._kept:
            self._kept[request] = work()
        if self.lose_after:
            self.lose_after -= 1
            raise ConnectionLost("the connection broke off")
        return self._kept[request]

    def _changed(self, id: str, values: Mapping[Field, Value]) -> LedgerOutcome:
        held = self.contacts[id]
        if held.status is not XeroStatus.ACTIVE:
            return Refused("Archived contacts cannot currently be edited via the API.")
        return self._store("update", held, values)

    def _created(self, contact: Contact, marker: str) -> LedgerOutcome:
        if any(c.contact_number == marker for c in self.contacts.values()):
            return Refused("The Contact Number is already assigned to another contact.")
        self._made += 1
        blank = XeroContact(f"made {self._made}", Contact(), contact_number=marker)
        return self._store("create", blank, {f: contact.value(f) for f in Field})

    def _archived(self, id: str) -> LedgerOutcome:
        gone = replace(self.contacts[id], status=XeroStatus.ARCHIVED, updated=self.newest())
        self.put(gone)
        self.writes.append(("archive", id))
        return Saved(gone)

    def _store(self, what: str, held: XeroContact, values: Mapping[Field, Value]) -> LedgerOutcome:
        name = str(values.get(Field.NAME, held.contact.name))
        others = (c for c in self.contacts.values() if c.id != held.id and c.status is XeroStatus.ACTIVE)
        if any(other.contact.name.casefold() == name.casefold() for other in others):
            return Refused(f"The contact name {name} is already assigned to another contact.")
        stored = {f: self.stores(f, value) for f, value in values.items()}
        saved = replace(held, contact=held.contact.with_values(stored), updated=self.newest())
        self.put(saved)
        self.writes.append((what, held.id))
        return Saved(saved)
