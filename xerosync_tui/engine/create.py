"""Contacts made in Xero, at most once for each intent (engine.md 2.5, promise P7).

A marker in ContactNumber says which contact is ours. The journal has body, marker and Idempotency-Key before
anything is sent; when the answer is lost, the marker is looked up before the same is sent again, and Xero itself
refuses a second contact with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Contact, Field, KarbonContact, XeroContact
from xerosync_tui.errors import RemoteRefused
from xerosync_tui.program import Program
from xerosync_tui.remotes.ports import Ledger, Saved
from xerosync_tui.store import changes, journal, links, mirror, runs

ACTION = "create in Xero"
_KEY_LASTS = 5 * 60_000  # ms: Xero keeps an Idempotency-Key about six minutes (xero.md 3)
_SIDE = "create"  # of a failed record


@dataclass(slots=True)
class Creator:
    """Makes contacts in one ledger and links them."""

    program: Program
    ledger: Ledger
    connection: Connection

    async def create(self, karbon: KarbonContact, contact: Contact, why: str) -> journal.Entry:
        """Make ``contact`` in Xero for this Karbon contact; the journal entry, which is done.

        Raises RemoteRefused in Xero's words; RemoteUnreachable when nobody knows whether it was made, which the
        next sync finds out.
        """
        after = {f: contact.value(f) for f in Field if contact.value(f)}
        other = {f: karbon.contact.value(f) for f in after if karbon.contact.value(f) != contact.value(f)}
        marker, request = f"XS{self.program.new_id()[:24].upper()}", self.program.new_id()
        intent = journal.Intent(ACTION, "", karbon.key, other, after, why, "xero", marker, request)
        now, who = self.program.now_ms(), self.program.settings.user
        [number] = await self.program.store.run(journal.intend, self.connection.id, None, who, now, [intent])
        refused = await self._send(number, intent, intent.request)
        entry = await self.program.store.run(journal.by_id, self.connection.id, number)
        if refused or entry is None:
            raise RemoteRefused(f"{contact.name} was not made in Xero: {refused}", "Change it in Karbon, or link it.")
        return entry

    async def settle_open(self) -> Counter[str]:
        """Find out what became of creations whose answer was lost, and finish them; counts as a run does."""
        counts: Counter[str] = Counter()
        for entry in await self.program.store.run(_open, self.connection.id):
            fresh = self.program.now_ms() - entry.at < _KEY_LASTS
            found = None if fresh else await self.ledger.marked(entry.intent.marker)
            if found is not None:
                await self.program.store.run(self._adopt, entry.id, entry.intent, found)
                counts["created in Xero"] += 1
                continue
            request = entry.intent.request if fresh else self.program.new_id()
            refused = await self._send(entry.id, entry.intent, request)
            counts["failed" if refused else "created in Xero"] += 1
        return counts

    async def _send(self, entry: int, intent: journal.Intent, request: str) -> str:
        """Ask Xero for it; returns why it was refused, or "". What carries our marker is ours, whatever was said."""
        outcome = await self.ledger.create(Contact().with_values(dict(intent.after)), intent.marker, request)
        if isinstance(outcome, Saved):
            await self.program.store.run(self._adopt, entry, intent, outcome.contact)
            return ""
        if found := await self.ledger.marked(intent.marker):
            await self.program.store.run(self._adopt, entry, intent, found)
            return ""
        await self.program.store.run(self._refuse, entry, intent, outcome.reason)
        return outcome.reason

    def _adopt(self, db: SqliteDatabase, entry: int, intent: journal.Intent, made: XeroContact) -> None:
        """Link it: what Xero stored, and what Karbon held when it was asked for, is the base."""
        now, connection, key = self.program.now_ms(), self.connection.id, intent.karbon_key
        mirror.put_xero(db, connection, [made], 0)
        if links.is_synced(db, connection, made.id, key):
            said = "it was made in Xero, but one of the two was linked with another meanwhile"
            journal.settle(db, now, [journal.Result(entry, "failed", key, said, xero_id=made.id)])
            return
        base = Contact().with_values({**intent.after, **intent.before})
        links.add(db, connection, [links.NewLink(made.id, key, intent.why, made.contact, base)], now)
        changes.look_at(db, connection, [made.id])  # Karbon's may have been edited since
        journal.settle(db, now, [journal.Result(entry, "done", key, xero_id=made.id)])
        runs.clear_failed(db, connection, _SIDE, [key])

    def _refuse(self, db: SqliteDatabase, entry: int, intent: journal.Intent, reason: str) -> None:
        now, connection, key = self.program.now_ms(), self.connection.id, intent.karbon_key
        journal.settle(db, now, [journal.Result(entry, "failed", key, reason)])
        name = str(intent.after.get(Field.NAME, key))
        runs.put_failed(db, connection, _SIDE, [(key, name, f"Not made in Xero: {reason}")], now)


def _open(db: SqliteDatabase, connection: int) -> Sequence[journal.Entry]:
    return [entry for entry in journal.open_intents(db, connection) if entry.intent.action == ACTION]
