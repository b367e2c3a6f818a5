"""The directory port over Karbon's API.

What the port offers and Karbon cannot do is told as NotStored: there is no delete and no archive (karbon.md 2.13).
A contact's kind never changes: people and organizations are separate resources (karbon.md 2.13).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Contact, KarbonContact, Kind
from xerosync_tui.domain.normalise import is_alike
from xerosync_tui.errors import NotConnected, RemoteError, RemoteRefused, RemoteUnreachable
from xerosync_tui.remotes.karbon import lists, wire
from xerosync_tui.remotes.karbon.ground import Ground, Known
from xerosync_tui.remotes.karbon.lists import Listed
from xerosync_tui.remotes.karbon.records import NAMELESS, Records, in_words
from xerosync_tui.remotes.karbon.session import FORBIDDEN, MISTAKE_OR_FAULT, KarbonSession
from xerosync_tui.remotes.karbon.slots import DEFAULT, Slots
from xerosync_tui.remotes.karbon.wire import TICKS, Record, Row
from xerosync_tui.remotes.ports import (
    BadRecord,
    Cards,
    Create,
    Delete,
    DirectoryPage,
    NotStored,
    Outcome,
    Recorder,
    Stored,
    Update,
    Write,
)
from xerosync_tui.store.database import Store

__all__ = ["KarbonDirectory", "Known"]

_PAGE = 100  # contacts told at once
_NO_DELETE = NotStored("Karbon's API cannot delete or archive a contact. Do it in Karbon itself.")
_NOT_SHOWN = NotStored(
    "The answer was lost, and Karbon does not show the contact. The next run looks for it again.",
    deferred=True,
    unknown=True,
)
_SEVERAL = "The answer was lost, and Karbon shows several new contacts that may be it. The next run matches them."


class KarbonDirectory:
    """People and organizations of the session's account. A version is LastModifiedDateTime in ticks of 100 ns.

    ``known`` is what the plan rests on, every contact by its key, as it was told up to ``version``; what others
    write after it is held against every write. ``ours`` are later versions that an interrupted run of ours wrote;
    ``unreadable`` are keys of rows that are listed and cannot be read. ``keep`` is given contacts that nobody knew,
    before something is made: what is made is never one of them.
    Whether an edit of a business card alone moves LastModifiedDateTime is unknown (karbon.md 2.3): if not, only
    ``read`` tells of it.
    """

    batch = 20  # a write takes three requests and more, and a process may die at any of them
    has_cards = True
    can_delete = False

    def __init__(
        self,
        session: KarbonSession,
        store: Store,
        known: Mapping[str, Known],
        version: int,
        ours: Iterable[int] = (),
        slots: Slots = DEFAULT,
        unreadable: Collection[str] = (),
        keep: Callable[[SqliteDatabase, Sequence[KarbonContact]], None] | None = None,
    ) -> None:
        self._session, self._store = session, store
        self._unreadable, self._keep = set(unreadable), keep
        self._records = Records(session, slots)
        self._ground = Ground(session, self._records, known, version, ours)
        self._gone: set[str] = set()

    @property
    def requests(self) -> int:
        """All that the session sent."""
        return self._session.requests

    async def linked_with_xero(self, xero_id: str) -> tuple[str, ...]:
        """Keys of what Karbon's own integrations linked to this ContactID: two requests, and perhaps several keys.

        (karbon.md 2.3, ExternalKey: a filter and nothing else.) Raises what the session raises.
        """
        found = [await lists.linked_with(self._session, kind, xero_id) for kind in Kind]
        return tuple(key for one in found for key in one.rows)

    async def changes(self, since: int) -> AsyncIterator[DirectoryPage]:
        """Everything that changed after ``since`` (0: everything), oldest first, so that it can be gone on from.

        From list rows, a request for each hundred (karbon.md 2.3): what they tell is not whole. Raises
        RemoteUnreachable when the lists do not fit together, RemoteRefused when nothing is left of what was known
        (engine.md 2.6), and what the session raises.
        """
        listed = await (self._ground.list_all() if not since else self._ground.list_since(since))
        rows, unreadable = _both(listed)
        gone = tuple(sorted(await self._look_for_gone(listed, since)))
        settled = max(since, self._ground.newest())
        pages = list(_in_seconds([row for row in rows if not (since and self._ground.stands(row, settled))]))
        reached = since
        for number, page in enumerate(pages or [[]], 1):
            told, bad, reached = await self._told(page, since, reached)
            if number == 1:  # who stops here has them, and goes on from later than they are
                bad = (*unreadable, *bad)
            ended = gone if number >= len(pages) else ()
            if told or bad or ended:
                reached += bool(ended and not told)
                self._ground.looked_until = reached
                yield DirectoryPage(told, ended, reached, bad)

    async def _told(
        self, rows: Sequence[Row], since: int, reached: int
    ) -> tuple[tuple[KarbonContact, ...], tuple[BadRecord, ...], int]:
        """These contacts as far as they changed, what cannot be read, and how far that reaches."""
        told: list[KarbonContact] = []
        bad: list[BadRecord] = []
        for row in rows:
            reached = max(reached, row.modified)
            if not (since and self._ground.may_be_known(row)):
                told.append(_shallow(row))
                continue
            # Lists tell seconds: whether it was edited again within this one only the record itself says.
            now = await self._read_one(row.key, row.name)
            bad += now.bad
            told += [c for c in now.contacts if c.version > since or self._ground.is_news(c)]
            reached = max([reached, *(c.version for c in now.contacts if c.version // TICKS == row.modified // TICKS)])
        for contact in told:
            self._ground.told(contact)
        return tuple(told), tuple(bad), reached

    async def read(self, keys: Sequence[str]) -> Cards:
        """These contacts with their cards, a request for each. Raises what the session raises when it goes away."""
        found = [await self._read_one(key) for key in keys]
        contacts = tuple(contact for one in found for contact in one.contacts)
        gone = tuple(key for one in found for key in one.gone)
        for contact in contacts:
            self._ground.told(contact)
        for key in gone:
            self._ground.forget(key)
        self._gone |= set(gone)
        return Cards(contacts, gone, tuple(bad for one in found for bad in one.bad))

    async def _read_one(self, key: str, name: str = "") -> Cards:
        try:
            record = await self._records.read(key, self._kind(key))
        except (ValueError, RemoteRefused) as error:
            if isinstance(error, RemoteRefused) and error.status == FORBIDDEN:
                raise  # to the application, and so for every record
            return Cards((), bad=(wire.bad_record(key, name, str(error)),))
        return Cards((record.contact,)) if record else Cards((), (key,))

    async def _look_for_gone(self, listed: Mapping[Kind, Listed], since: int) -> set[str]:
        """Keys of deleted contacts: known, in no complete list, and not to be read either (karbon.md 2.13).

        The count that comes with every list (karbon.md 2.3) tells when it is worth listing all.
        """
        there = {key for one in listed.values() for key in one.rows}
        if since:
            counted = sum(one.counts[-1] for one in listed.values())
            if counted == len(self._ground.known.keys() | there | self._unreadable):
                return set()
            listed = await self._ground.list_all()
            there = {key for one in listed.values() for key in one.rows}
        if self._ground.known and not any(one.rows or one.bad for one in listed.values()):
            raise RemoteRefused(
                f"Karbon answered with no contacts at all although {len(self._ground.known)} are known",
                "Look into Karbon: is this the right account? Then run the sync again.",
            )
        unreadable = {key for one in listed.values() for key in one.bad}
        gone = (set() if since else set(self._gone)) | (self._unreadable - there - unreadable)
        self._unreadable = unreadable
        for key in self._ground.known.keys() - there:
            if not await self._is_there(key):
                self._ground.forget(key)
                gone.add(key)
        self._gone |= gone
        return gone

    async def _is_there(self, key: str) -> bool:
        """Whether a list may only have hidden it: what lists do with Private and Hidden is unknown (karbon.md 2.3)."""
        try:
            return await self._records.read(key, self._kind(key)) is not None
        except (ValueError, RemoteRefused):
            return True

    async def write(self, writes: Sequence[Write], recorder: Recorder) -> None:
        """Carry out the writes, one after the other: what one record got wrong, the others do not suffer for.

        Intents are recorded before the first request that writes, outcomes after the last. When Karbon goes away
        meanwhile, what was not done is recorded as deferred, and then that error is raised.
        """
        await self._ground.look_for_strangers(creating=any(isinstance(write, Create) for write in writes))
        await self._store.run(self._begin, recorder)
        self._ground.kept()
        outcomes: list[Outcome] = []
        failure: RemoteUnreachable | NotConnected | None = None
        for write in writes:
            sent = self._session.writes
            try:
                outcome = NotStored(failure.what, deferred=True) if failure else await self._carry_out(write)
            except (RemoteUnreachable, NotConnected) as error:
                failure = error
                unknown = self._session.writes > sent and isinstance(error, RemoteUnreachable)
                what = f"Nobody knows whether Karbon has it. {error.what}" if unknown else error.what
                outcome = NotStored(what, deferred=True, unknown=unknown)
            outcomes.append(outcome)
        await self._store.run(recorder.settle, outcomes)
        if failure:
            raise failure

    def _begin(self, db: SqliteDatabase, recorder: Recorder) -> None:
        if self._keep:
            self._keep(db, self._ground.newcomers())
        recorder.intend(db)

    async def _carry_out(self, write: Write) -> Outcome:
        if isinstance(write, Delete):
            return _NO_DELETE
        if reason := self._ground.claimed(write):
            return NotStored(reason, deferred=True)
        try:
            if isinstance(write, Create):
                outcome = await self._create(write)
            else:
                outcome = await self._update(write)
        except RemoteRefused as error:
            return NotStored(error.what)
        except ValueError as error:
            return NotStored(f"It cannot be read or written as Karbon has it: {error}")
        if isinstance(outcome, Stored):
            self._ground.rest_on(outcome.contact)
        return outcome

    async def _update(self, write: Update) -> Outcome:
        """The synced fields, then the contact type: of the rest nothing is written (karbon.md 2.7)."""
        kind = self._kind(write.key)
        if beyond := sorted(write.others.keys() - {"contact_type"}):
            return NotStored(f"XeroSync does not write {', '.join(beyond)} in Karbon.")
        outcome = await self._records.update(write, kind) if write.values or not write.others else None
        if "contact_type" not in write.others or isinstance(outcome, NotStored):
            assert outcome
            return outcome
        held, wanted = write.held.get("contact_type", ""), write.others["contact_type"]
        typed = await self._records.set_contact_type(write.key, kind, held, wanted)
        if isinstance(typed, NotStored) and write.values:
            return replace(typed, reason=f"{typed.reason} All but the contact type was written before that.")
        return typed

    async def _create(self, write: Create) -> Outcome:
        """Make a contact, once: the request is never repeated, since nothing would recognise it (karbon.md 2.13).

        A lost answer, and a 500, which may be a real fault (karbon.md 2.11), leave only looking for it.
        """
        if not write.contact.name.strip():
            return NAMELESS
        refused: RemoteRefused | None = None
        try:
            if key := await self._records.create(write):
                return Stored(await self._made(key, write))
        except RemoteRefused as error:
            if error.status != MISTAKE_OR_FAULT:
                return NotStored(in_words(error, write.kind, write.contact.name))
            refused = error
        except RemoteUnreachable:
            pass
        return await self._adopted(write, refused)

    async def _made(self, key: str, write: Create) -> KarbonContact:
        """The new contact as Karbon stores it; as it was sent where it cannot be read just now: it exists."""
        self._ground.made(key)
        try:
            record = await self._records.read(key, write.kind)
        except (ValueError, RemoteError):
            record = None
        return (
            record.contact
            if record
            else KarbonContact(key, write.kind, write.contact, write.others.get("contact_type", ""))
        )

    async def _adopted(self, write: Create, refused: RemoteRefused | None) -> Outcome:
        """The one contact like it whose key was not there before (engine.md 2.5); several are a match issue."""
        found: list[Record] = []
        for row in await self._ground.new_since_the_look(write.kind):
            try:
                record = await self._records.read(row.key, row.kind)
            except (ValueError, RemoteRefused):
                continue
            if record and is_alike(record.contact.contact, write.contact):
                found.append(record)
        if len(found) == 1:
            return Stored(found[0].contact)
        if found:
            return NotStored(_SEVERAL, deferred=True)
        return NotStored(refused.what) if refused else _NOT_SHOWN

    def _kind(self, key: str) -> Kind | None:
        known = self._ground.known.get(key)
        return known.kind if known else None


def _shallow(row: Row) -> KarbonContact:
    """What a list row tells: which of several emails it shows is unknown (karbon.md 2.5), so that is a hint."""
    contact = Contact(row.name, row.email)
    return KarbonContact(row.key, row.kind, contact, row.contact_type, row.client_identifier, row.modified, False)


def _both(listed: Mapping[Kind, Listed]) -> tuple[list[Row], list[BadRecord]]:
    rows = [row for one in listed.values() for row in one.rows.values()]
    return rows, [bad for one in listed.values() for bad in one.bad.values()]


def _in_seconds(rows: list[Row]) -> Iterator[list[Row]]:
    """Pages by time. A second is never parted: which of its rows comes first is not told (karbon.md 2.3)."""
    page: list[Row] = []
    for row in sorted(rows, key=lambda row: (row.modified // TICKS, row.key)):
        if len(page) >= _PAGE and page[-1].modified // TICKS != row.modified // TICKS:
            yield page
            page = []
        page.append(row)
    if page:
        yield page
