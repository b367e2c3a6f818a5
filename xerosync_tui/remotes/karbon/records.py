"""One Karbon record at a time: read it, change it, make it (karbon.md 2.4, 2.7)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from xerosync_tui.domain.contact import Contact, Field, Kind, Value
from xerosync_tui.domain.normalise import same_spelling
from xerosync_tui.errors import RemoteRefused, RemoteUnreachable
from xerosync_tui.remotes.karbon import wire
from xerosync_tui.remotes.karbon.session import LOST_RACE, MISTAKE_OR_FAULT, KarbonSession
from xerosync_tui.remotes.karbon.slots import Slots
from xerosync_tui.remotes.karbon.wire import Record
from xerosync_tui.remotes.ports import Create, NotStored, Outcome, Stored, Update

# ClientTeam is for the PUT of a whole record: what leaving it out does is not stated (karbon.md 2.7).
_EXPAND = {"$expand": "BusinessCards,ClientTeam"}
_TRIES = 3  # after a lost race or a lost answer

DELETED = NotStored("It was deleted in Karbon meanwhile.", deferred=True)
EDITED = NotStored("It was edited in Karbon meanwhile.", deferred=True)
NAMELESS = NotStored("A contact in Karbon has a name.")


class Records:
    """The account's people and organizations, read and written singly; ``slots`` says what is the synced part."""

    def __init__(self, session: KarbonSession, slots: Slots) -> None:
        self._session, self._slots = session, slots

    async def read(self, key: str, kind: Kind | None = None) -> Record | None:
        """The record with its cards as it is now; None when it is not there: deleted, or of the other kind.

        Without ``kind`` both are asked (karbon.md 2.10: a key does not tell). Raises ValueError when it cannot
        be read, and what the session raises.
        """
        for one in (kind,) if kind else tuple(Kind):
            try:
                reply = await self._session.get(_path(one, key), _EXPAND)
            except RemoteRefused as error:
                if error.status != 404:  # code 4004 (karbon.md 2.11)
                    raise
            else:
                return wire.read_single(reply.body, one, key, self._slots)
        return None

    async def update(self, write: Update, kind: Kind | None) -> Outcome:
        """Write the values, if the record still is as expected. Raises what the session raises when it goes away.

        Names by PATCH, the rest by PUT of the whole card (karbon.md 2.7), each right after a read that holds
        the premise against it: Karbon has no compare-and-set, so a window of one request remains (2.7, 2.13).
        A lost race (409) and a lost answer both lead back to that read.
        """
        if not str(write.values.get(Field.NAME, "-")).strip():
            return NAMELESS
        sent: dict[Field, Value] = {}  # perhaps arrived
        done: set[Field] = set()  # acknowledged
        trouble = 0
        while True:
            record = await self.read(write.key, kind)
            if record is None:
                return DELETED
            now = record.contact.contact
            if not _premise_holds(now, write.expected, sent, done):
                return EDITED
            part = _next_part({f: v for f, v in write.values.items() if f not in done and now.value(f) != v})
            if not part:
                return Stored(record.contact)
            sent |= part
            try:
                await self._send(record, part)
                done |= part.keys()
            except RemoteRefused as error:
                if error.status != LOST_RACE:
                    settled = await self._after_refusal(error, write, record.contact.kind, part, done)
                    if settled:
                        return settled
                    done |= part.keys()
                elif (trouble := trouble + 1) == _TRIES:
                    return NotStored(f"Others were faster each time. {error.what}", deferred=True)
            except RemoteUnreachable:
                if (trouble := trouble + 1) == _TRIES:
                    raise

    async def _after_refusal(
        self, error: RemoteRefused, write: Update, kind: Kind, part: Mapping[Field, Value], done: set[Field]
    ) -> Outcome | None:
        """What a refusal means; None when the values are there all the same.

        404 and 500 also say that the record is gone, and 500 says nothing certain at all (karbon.md 2.11).
        """
        if error.status in (404, MISTAKE_OR_FAULT):
            record = await self.read(write.key, kind)
            if record is None:
                return DELETED
            if _arrived(record.contact.contact, part):
                return None
        name = part.get(Field.NAME)
        reason = in_words(error, kind, name) if isinstance(name, str) else error.what
        before = " The name was written before that." if done else ""
        return NotStored(f"{reason}{before}")

    async def _send(self, record: Record, part: Mapping[Field, Value]) -> None:
        kind, key = record.contact.kind, record.contact.key
        name = part.get(Field.NAME)
        if isinstance(name, str):
            await self._session.send("PATCH", _path(kind, key), wire.names(kind, name))
            return
        card = wire.card_with(record, part, self._slots)
        if wire.primary_card(record.raw) is None:  # a card is made by its owner's PUT only (karbon.md 2.7)
            await self._session.send("PUT", _path(kind, key), wire.whole(record, {"BusinessCards": [card]}))
            return
        card_key = card.get("BusinessCardKey")
        if not isinstance(card_key, str) or not card_key:
            raise ValueError("its business card has no key")
        await self._session.send("PUT", f"/v3/BusinessCards/{quote(card_key, safe='')}", card)

    async def set_contact_type(self, key: str, kind: Kind | None, expected: str, wanted: str) -> Outcome:
        """Give a contact another type, if it still has the expected one, by PUT of the whole record.

        (karbon.md 2.7: no PATCH of it; 2.8: by its name.) Raises as ``update``.
        """
        trouble, acknowledged = 0, False
        while True:
            record = await self.read(key, kind)
            if record is None:
                return DELETED
            held = record.contact.contact_type
            if held == wanted:
                return Stored(record.contact)
            if acknowledged:
                return NotStored("Karbon did not keep the contact type.")
            if held != expected:
                return EDITED
            try:
                document = wire.whole(record, {"ContactType": wanted})
                await self._session.send("PUT", _path(record.contact.kind, key), document)
                acknowledged = True
            except RemoteRefused as error:
                if error.status != LOST_RACE:
                    after = await self.read(key, kind)  # a 500 says nothing certain (karbon.md 2.11)
                    kept = after is not None and after.contact.contact_type == wanted
                    return Stored(after.contact) if after and kept else NotStored(error.what)
                if (trouble := trouble + 1) == _TRIES:
                    return NotStored(f"Others were faster each time. {error.what}", deferred=True)
            except RemoteUnreachable:
                if (trouble := trouble + 1) == _TRIES:
                    raise

    async def create(self, write: Create) -> str:
        """Make a contact, asked for once; its key, or "" when the answer cannot be read. Raises as the session."""
        document = wire.new(write, self._slots)
        reply = await self._session.send("POST", f"/v3/{wire.RESOURCE[write.kind]}", document)
        return wire.read_key(reply.body, write.kind)


def in_words(error: RemoteRefused, kind: Kind, name: str) -> str:
    """Why a name was refused: a person needs a first and a last one (karbon.md 2.4; wire.names has the rule)."""
    if kind is Kind.PERSON and not wire.names(kind, name)["LastName"]:
        return f"Karbon wants a first and a last name for a person, and this is one word. {error.what}"
    return error.what


def _path(kind: Kind, key: str) -> str:
    return f"/v3/{wire.RESOURCE[kind]}/{quote(key, safe='')}"


def _next_part(values: Mapping[Field, Value]) -> dict[Field, Value]:
    """What one request can carry: the name, or all that is on the card."""
    if Field.NAME in values:
        return {Field.NAME: values[Field.NAME]}
    return dict(values)


def _premise_holds(now: Contact, expected: Contact, sent: Mapping[Field, Value], done: set[Field]) -> bool:
    """Whether each value is the one the plan saw, or what we made of it."""
    return all(
        f in done or now.value(f) == expected.value(f) or (f in sent and _arrived(now, {f: sent[f]})) for f in Field
    )


def _arrived(now: Contact, values: Mapping[Field, Value]) -> bool:
    return all(same_spelling(f, now.value(f), value) for f, value in values.items())
