"""The two ports: what a ledger can tell, and what a directory can tell and take.

A Karbon directory is the built-in one or the Karbon API; the contract suite runs on every implementation.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Contact, Field, KarbonContact, Kind, Value, XeroContact

Others = Mapping[str, Any]
NOTHING: Others = MappingProxyType({})

GROUP = 40  # how many contacts a ledger is asked about by id, and written to, at once (xero.md 2.2)


@dataclass(frozen=True, slots=True)
class BadRecord:
    """An element of an answer that could not be read; the others go on (promise P16)."""

    record: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A page of contacts; ``item_count`` is what the ledger says the whole list holds.

    ``told_at`` is the ledger's own clock at this answer, milliseconds since the epoch; 0: it did not say.
    """

    contacts: tuple[XeroContact, ...]
    bad: tuple[BadRecord, ...]
    page_count: int
    item_count: int
    told_at: int = 0


@dataclass(frozen=True, slots=True)
class LedgerRecord:
    """A contact as the ledger holds it right now; ``raw`` is its own form, for what a write must not touch."""

    contact: XeroContact
    raw: bytes


@dataclass(frozen=True, slots=True)
class Saved:
    """The ledger holds this now, perhaps in another spelling than was sent."""

    contact: XeroContact


@dataclass(frozen=True, slots=True)
class Refused:
    """The ledger refused this one contact, in its words."""

    reason: str


LedgerOutcome = Saved | Refused


class Ledger(Protocol):
    """What the sync asks of Xero."""

    async def page(self, number: int, *, modified_since: int | None = None) -> LedgerPage:
        """Page ``number`` (from 1) of all contacts, archived ones too, oldest change first.

        ``modified_since``: only those changed since, milliseconds since the epoch.
        """
        ...

    async def read(self, ids: Sequence[str]) -> dict[str, LedgerRecord]:
        """These contacts as they are now, by id; one that is not there, or cannot be read, is absent."""
        ...

    async def update(
        self, changes: Sequence[tuple[LedgerRecord, Mapping[Field, Value]]], request: str
    ) -> list[LedgerOutcome]:
        """Write these values over contacts just read, at most GROUP of them; what is not named keeps its bytes.

        ``request`` is new for each call: sent again under it, nothing is done twice.
        """
        ...

    async def create(self, contact: Contact, marker: str, request: str) -> LedgerOutcome:
        """Make a contact that carries ``marker``; ``request`` as for ``update``. Never touches an existing one."""
        ...

    async def marked(self, marker: str) -> XeroContact | None:
        """The contact that carries this marker."""
        ...

    async def archive(self, record: LedgerRecord, request: str) -> LedgerOutcome:
        """Archive a contact. The ledger has no way back (xero.md 2.5)."""
        ...


@dataclass(frozen=True, slots=True)
class DirectoryPage:
    """Changed contacts and the keys of deleted ones; ``version`` is how far this page reaches.

    A contact that is not ``whole`` can be had by ``read``.
    """

    contacts: tuple[KarbonContact, ...]
    gone: tuple[str, ...]
    version: int
    bad: tuple[BadRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Cards:
    """Contacts as they are now, whole; the keys of those that are not there any more; and what cannot be read."""

    contacts: tuple[KarbonContact, ...]
    gone: tuple[str, ...] = ()
    bad: tuple[BadRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Update:
    """Write ``values`` over a contact, if it still is what the plan saw (``expected``).

    ``others``: what is to change beside the four fields, as ``DirectoryRecord.others`` names it; ``held``: what that
    is now. ``version``: it must be unchanged in every respect; 0: only ``expected`` counts. ``by_hand`` as in Create.
    """

    key: str
    expected: Contact
    values: Mapping[Field, Value]
    others: Others = field(default_factory=lambda: NOTHING)
    held: Others = field(default_factory=lambda: NOTHING)
    version: int = 0
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class Create:
    """Make a contact. ``others``: what it holds beside the four fields, as ``DirectoryRecord.others`` names it.

    ``by_hand``: a person asked for exactly this; otherwise it gives way to whoever came in since the plan. ``key``:
    the one it had before it was deleted.
    """

    kind: Kind
    contact: Contact
    others: Others = field(default_factory=lambda: NOTHING)
    by_hand: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a contact, if it still is as ``expected``, and nothing else of it changed either."""

    key: str
    expected: Contact
    version: int


Write = Update | Create | Delete


@dataclass(frozen=True, slots=True)
class Stored:
    """The directory holds this now (before a Delete: held), perhaps in another spelling than was sent."""

    contact: KarbonContact


@dataclass(frozen=True, slots=True)
class NotStored:
    """Not written as asked. ``deferred``: the premise no longer held, or nobody knows (``unknown``); else refused.

    Where a directory takes several requests for one write, the reason says what of it was written.
    """

    reason: str
    deferred: bool = False
    unknown: bool = False


Outcome = Stored | NotStored


class Recorder(Protocol):
    """What must be recorded around writes; both are called inside a transaction of the store."""

    def intend(self, db: SqliteDatabase) -> None:
        """Journal every write of the batch, before the first is sent."""
        ...

    def settle(self, db: SqliteDatabase, outcomes: Sequence[Outcome]) -> None:
        """Record what became of each write, in the order of the batch."""
        ...


class Directory(Protocol):
    """What the sync asks of Karbon.

    ``batch``: how many writes are worth recording together. ``requests``: how many were sent so far. ``has_cards``:
    each contact takes a request of its own to be read whole (karbon.md 2.5). ``can_delete``: whether it takes a Delete.
    """

    has_cards: bool
    can_delete: bool

    @property
    def batch(self) -> int: ...

    @property
    def requests(self) -> int: ...

    def changes(self, since: int) -> AsyncIterator[DirectoryPage]:
        """Everything that changed after ``since`` (0: everything), in pages."""
        ...

    async def read(self, keys: Sequence[str]) -> Cards:
        """These contacts whole, as they are now."""
        ...

    async def write(self, writes: Sequence[Write], recorder: Recorder) -> None:
        """Carry out the writes, each on its own, recorded on the way. At most a batch of them."""
        ...

    async def linked_with_xero(self, xero_id: str) -> Sequence[str]:
        """Keys of the contacts that Karbon's own sync links to this Xero contact."""
        ...
