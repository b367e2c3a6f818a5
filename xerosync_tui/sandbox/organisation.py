"""One tenant: its contacts and the indexes that keep reading them fast."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from xerosync_tui.sandbox.contact import Contact, fold

INDEXED = ("Name", "EmailAddress", "AccountNumber", "ContactNumber")


class Organisation:
    """A Xero tenant. `revision` grows with every change, so that a selection can be kept until the next one."""

    def __init__(self, tenant_id: str, name: str, short_code: str, *, kind: str, country: str) -> None:
        self.tenant_id = tenant_id
        self.name = name
        self.short_code = short_code
        self.kind = kind
        self.country = country
        self.revision = 0
        self.kept_selection: tuple[object, list[Contact]] | None = None
        self.contacts: dict[str, Contact] = {}
        self._timeline: list[tuple[int, str]] = []
        self._index: dict[str, dict[str, set[str]]] = {field: defaultdict(set) for field in INDEXED}

    def load(self, contacts: Iterable[Contact]) -> None:
        """Fills an empty organisation."""
        for contact in contacts:
            self.contacts[contact.contact_id] = contact
            self._enter(contact)
        self._timeline = sorted((contact.updated_ms, key) for key, contact in self.contacts.items())
        self.revision += 1

    def put(self, contact: Contact) -> None:
        """Stores a new contact or a new state of a known one."""
        self.remove(contact.contact_id)
        self.contacts[contact.contact_id] = contact
        self._enter(contact)
        insort(self._timeline, (contact.updated_ms, contact.contact_id))
        self.revision += 1

    def remove(self, contact_id: str) -> None:
        """Forgets a contact; an unknown id changes nothing."""
        old = self.contacts.pop(contact_id, None)
        if old is None:
            return
        for field in INDEXED:
            self._index[field][fold(old.text.get(field, ""))].discard(contact_id)
        del self._timeline[bisect_left(self._timeline, (old.updated_ms, contact_id))]
        self.revision += 1

    def touch(self, contact: Contact, now_ms: int) -> Contact:
        """Stores `contact` as changed at `now_ms` (or a millisecond later than before) and returns it."""
        old = self.contacts.get(contact.contact_id)
        moved = now_ms + 1 if old is not None and old.updated_ms == now_ms else now_ms
        changed = replace(contact, updated_ms=moved)
        self.put(changed)
        return changed

    def having(self, field: str, value: str) -> list[Contact]:
        """The contacts whose indexed `field` equals `value` without case and accents, by id."""
        return [self.contacts[key] for key in sorted(self._index[field].get(fold(value), ()))]

    def by_update(self) -> Iterator[Contact]:
        """All contacts by UpdatedDateUTC, then ContactID: Xero's own order (xero.md 2.2)."""
        return (self.contacts[key] for _, key in self._timeline)

    def _enter(self, contact: Contact) -> None:
        for field in INDEXED:
            if value := contact.text.get(field):
                self._index[field][fold(value)].add(contact.contact_id)
