"""The Karbon contacts that a Xero contact can be matched with by hand: those that look like it, then all others."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Contact, KarbonContact
from xerosync_tui.domain.states import Side
from xerosync_tui.domain.suggest import SHOWN, Resemblance, explain
from xerosync_tui.store.mirror import KARBON_FIELDS, karbon_from_row
from xerosync_tui.store.snapshots import Query, marks
from xerosync_tui.store.suggesting import Suggested, suggested

LIKELIEST = "likeliest"
_MOST = 50  # suggestions of a list
_FREE = "NOT EXISTS (SELECT 1 FROM link l WHERE l.connection_id = m.connection_id AND l.karbon_key = m.key{synced})"


@dataclass(frozen=True, slots=True)
class Offer:
    """A Karbon contact; ``likeness`` to the contact that one is sought for, None where it is not worth a word."""

    karbon: KarbonContact
    likeness: Resemblance | None


def free(*, ended: bool) -> str:
    """The condition of a row ``m`` of Karbon's mirror that can be linked; ``ended``: one whose link has ended too."""
    return _FREE.format(synced=" AND l.state = 'synced'" if ended else "")


def suggestions(db: SqliteDatabase, connection: int, contact: Contact, most: int, *, ended: bool) -> list[Offer]:
    """The free Karbon contacts that look like ``contact``, the likeliest first."""
    found = suggested(db, connection, Side.KARBON, contact, most, where=free(ended=ended))
    rows = _read(db, contact, [one.row for one in found])
    return [rows[one.row] for one in found if one.row in rows]


def _read(db: SqliteDatabase, contact: Contact, ids: Sequence[int]) -> dict[int, Offer]:
    sql = f"SELECT k.id, {KARBON_FIELDS.format('k')} FROM karbon_contact k WHERE k.gone = 0 AND k.id IN ({marks(ids)})"
    offers = {}
    for row in db.execute_sql(sql, tuple(ids)):
        karbon = karbon_from_row(row[1:])
        likeness = explain(contact, karbon.contact)
        offers[row[0]] = Offer(karbon, likeness if likeness.score >= SHOWN else None)
    return offers


@dataclass(frozen=True, slots=True)
class OffersQuery(Query[Offer]):
    """That list, by the row of the mirror. A search finds what holds it, and what looks like it."""

    connection: int
    contact: Contact
    condition: str

    def ids(self, db: SqliteDatabase, search: str, order: str, most: int = -1) -> array[int]:
        """In the order ``likeliest``: what looks like the contact, what looks like the words, what holds them."""
        holding = Query.ids(self, db, search, order)
        if order == LIKELIEST:
            among = set(holding)
            like = [one.row for one in self._suggested(db, self.contact)]
            ranked = dict.fromkeys(row for row in like if row in among)
            if search.strip():
                ranked |= dict.fromkeys(one.row for one in self._suggested(db, Contact(search, search)))
            holding = array("q", [*ranked, *(row for row in holding if row not in ranked)])
        return holding if most < 0 else holding[:most]

    def _suggested(self, db: SqliteDatabase, contact: Contact) -> Sequence[Suggested]:
        return suggested(db, self.connection, Side.KARBON, contact, _MOST, where=self.condition)


def offers(connection: int, contact: Contact, *, ended: bool, ranked: bool) -> OffersQuery:
    """The list for ``contact``; ``ranked``: the index is there, so that the likeliest can come first."""
    by_name = "m.name_key, m.id"
    condition = free(ended=ended)
    return OffersQuery(
        "m.id",
        f"karbon_contact m WHERE m.connection_id = ? AND m.gone = 0 AND {condition}",
        (connection,),
        ("m.name_key", "m.email_key"),
        {LIKELIEST: by_name, "name": by_name} if ranked else {"unranked": by_name},
        lambda db, ids: _read(db, contact, ids),
        connection,
        contact,
        condition,
    )
