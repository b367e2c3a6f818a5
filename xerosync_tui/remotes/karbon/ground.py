"""What a run knows of the Karbon account, and what others did to it since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xerosync_tui.domain.contact import Contact, KarbonContact, Kind
from xerosync_tui.domain.normalise import email_key, is_alike, name_key
from xerosync_tui.remotes.karbon import lists
from xerosync_tui.remotes.karbon.lists import Listed
from xerosync_tui.remotes.karbon.records import Records
from xerosync_tui.remotes.karbon.session import KarbonSession
from xerosync_tui.remotes.karbon.wire import TICKS, Row
from xerosync_tui.remotes.ports import Create, Update

OVERLAP = 60 * TICKS  # read once more: a change may show later than its time, and lists tell seconds (karbon.md 2.3)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a contact: its kind, which its key does not tell, and its version."""

    kind: Kind
    version: int


class Ground:
    """What the plan rests on (``known``), our own writes, and the strangers: what others made or changed since.

    ``looked_until`` is up to where nobody's change was missed. What is known of a contact may be newer: it was
    edited after the list, and before it was read. ``ours`` are versions that an interrupted run of ours wrote.
    """

    def __init__(
        self,
        session: KarbonSession,
        records: Records,
        known: Mapping[str, Known],
        looked_until: int,
        ours: Iterable[int],
    ) -> None:
        self.known = dict(known)
        self.looked_until = looked_until
        self.existing: set[str] | None = None  # every key there is, once all were listed
        self._session, self._records, self._ours = session, records, frozenset(ours)
        self._strangers: dict[str, KarbonContact] = {}
        self._new: set[str] = set()  # strangers that no mirror has yet
        self._listed: dict[str, Contact] = {}  # what a list told, and no card since

    def rest_on(self, contact: KarbonContact) -> None:
        """The plan, or our own write, knows this contact as it is now."""
        self.known[contact.key] = Known(contact.kind, contact.version)
        self._listed.pop(contact.key, None)

    def told(self, contact: KarbonContact) -> None:
        """Another plan will rest on this contact as it is now."""
        self.rest_on(contact)
        if not contact.whole:
            self._listed[contact.key] = contact.contact
        self._strangers.pop(contact.key, None)

    def forget(self, key: str) -> None:
        """It was deleted."""
        self.known.pop(key, None)
        self._strangers.pop(key, None)

    def stands(self, row: Row, settled: int) -> bool:
        """Whether a row shows a contact that is known already; in the second ``settled`` and later nobody can tell.

        A stranger was met, and told to nobody.
        """
        return row.key not in self._strangers and self.may_be_known(row) and row.modified // TICKS < settled // TICKS

    def may_be_known(self, row: Row) -> bool:
        """Whether nothing speaks against its being known: it shows the second of the version that is."""
        known = self.known.get(row.key)
        return known is not None and known.version // TICKS == row.modified // TICKS

    def is_news(self, contact: KarbonContact) -> bool:
        """Whether it is another version than the one that is known."""
        known = self.known.get(contact.key)
        return known is None or known.version != contact.version

    def newcomers(self) -> list[KarbonContact]:
        """Strangers that nobody knew, until they are ``kept``."""
        return [contact for key, contact in self._strangers.items() if key in self._new]

    def kept(self) -> None:
        """The mirror has the newcomers."""
        self._new.clear()

    def made(self, key: str) -> None:
        """It is there from now on, and ours."""
        if self.existing is not None:
            self.existing.add(key)

    async def list_all(self) -> dict[Kind, Listed]:
        """Every row. Raises what ``lists.complete`` raises."""
        listed = {kind: await lists.complete(self._session, kind) for kind in Kind}
        self.existing = {key for one in listed.values() for key in one.rows.keys() | one.bad.keys()}
        return listed

    async def list_since(self, version: int) -> dict[Kind, Listed]:
        """The rows changed since, and some before. Raises what ``lists.since`` raises."""
        return {kind: await lists.since(self._session, kind, max(version - OVERLAP, 0)) for kind in Kind}

    async def look_for_strangers(self, *, creating: bool) -> None:
        """Keep what others added or changed since the plan; before creating, all keys that exist (engine.md 2.5).

        Raises what the session raises.
        """
        newest = self.newest()
        complete = creating and self.existing is None
        listed = await (self.list_all() if complete else self.list_since(self.looked_until))
        for one in listed.values():
            self._now_exist(one)
            for row in one.rows.values():
                if not self.stands(row, newest):
                    await self._look_at(row)
        self.looked_until = max(
            [self.looked_until, *(row.modified for one in listed.values() for row in one.rows.values())]
        )

    async def new_since_the_look(self, kind: Kind) -> list[Row]:
        """Rows of contacts that were not there when it was last looked, and are from now on."""
        listed = await lists.since(self._session, kind, max(self.looked_until - OVERLAP, 0))
        before = set(self.existing or ())
        self._now_exist(listed)
        return [row for row in listed.rows.values() if row.key not in before]

    def newest(self) -> int:
        """The newest version that is known."""
        return max((known.version for known in self.known.values()), default=0)

    def _now_exist(self, listed: Listed) -> None:
        if self.existing is not None:
            self.existing |= listed.rows.keys() | listed.bad.keys()

    async def _look_at(self, row: Row) -> None:
        try:
            record = await self._records.read(row.key, row.kind)
        except ValueError:
            return  # the next read tells of it by name
        if record is None:
            self.forget(row.key)
            return
        contact, known = record.contact, self.known.get(row.key)
        same = known is not None and self._is_same(known, contact)
        self.rest_on(contact)
        if same or contact.version in self._ours:
            return
        self._strangers[contact.key] = contact
        if known is None:
            self._new.add(contact.key)

    def _is_same(self, known: Known, contact: KarbonContact) -> bool:
        """Whether the plan knew this version; of a list row its second and what it told, of our own unread one none."""
        listed = self._listed.get(contact.key)
        as_listed = listed is not None and is_alike(listed, contact.contact)
        return known.version in (contact.version, 0) or (
            known.version // TICKS == contact.version // TICKS and as_listed
        )

    def claimed(self, write: Create | Update) -> str:
        """Whether somebody came in between who may be the same contact; empty when not, or where a person asked for it.

        A new contact gives way to one shared key, a full match only to another full match.
        """
        if write.by_hand:
            return ""
        creating = isinstance(write, Create)
        wanted = write.contact if isinstance(write, Create) else write.expected
        name, email = name_key(wanted.name), email_key(wanted.email)
        for stranger in self._strangers.values():
            if isinstance(write, Update) and stranger.key == write.key:
                continue
            same_name = name == name_key(stranger.contact.name)
            same_email = email is not None and email == email_key(stranger.contact.email)
            if (same_name or same_email) if creating else (same_name and same_email):
                return f"{stranger.contact.name} was added or changed in Karbon meanwhile."
        return ""
