"""A ledger in memory: what Xero's contact list does, pages of any size, no network."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from xerosync_tui.domain.contact import XeroContact
from xerosync_tui.remotes.ports import LedgerPage


def nothing() -> None:
    """Nobody edits anything."""


class MemoryLedger:
    """The ledger port over a dictionary. It only tells: this step of the program never writes to a ledger."""

    def __init__(self, contacts: Iterable[XeroContact] = (), page_size: int = 100) -> None:
        self.contacts = {contact.id: contact for contact in contacts}
        self.page_size = page_size
        self.asked: list[tuple[int, int | None]] = []
        self.meanwhile: Callable[[], None] = nothing  # what people do between two requests
        self.honours_since = True
        self.withholds = 0  # elements that are counted but never told
        self.clock = 0  # what it says the time is; 0: nothing

    def put(self, contact: XeroContact) -> None:
        """A new contact, or a new state of a known one."""
        self.contacts[contact.id] = contact

    def edit(self, id: str, at: int) -> None:
        """Somebody changes it at that time."""
        self.put(replace(self.contacts[id], updated=at))

    async def page(self, number: int, *, modified_since: int | None = None) -> LedgerPage:
        """Page ``number``, oldest change first; changes are told apart to the second (xero.md 2.2)."""
        self.asked.append((number, modified_since))
        since = -1 if modified_since is None or not self.honours_since else modified_since // 1000
        found = [c for c in self.contacts.values() if c.updated // 1000 >= since]
        found.sort(key=lambda contact: (contact.updated, contact.id))
        start = (number - 1) * self.page_size
        pages = -(-len(found) // self.page_size)
        told = found[start : min(start + self.page_size, len(found) - self.withholds)]
        self.meanwhile()
        return LedgerPage(tuple(told), (), pages, len(found), self.clock)
