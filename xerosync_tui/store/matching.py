"""How each unlinked Xero contact stands among its namesakes, asked set-wise and read a page at a time.

EXISTS and counts that stop at two, not joins: a join on a common name or a shared address explodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.domain.contact import Contact, KarbonContact, XeroContact
from xerosync_tui.domain.match import Candidate, Standing
from xerosync_tui.domain.normalise import email_key, name_key
from xerosync_tui.store.mirror import (
    KARBON_FIELDS,
    XERO_FIELDS,
    XERO_WIDTH,
    karbon_from_row,
    xero_from_row,
)

_TAKES_PART = {
    ImportFilter.ALL: "1",
    ImportFilter.CUSTOMERS: "x.is_customer",
    ImportFilter.CUSTOMERS_SUPPLIERS: "(x.is_customer OR x.is_supplier)",
}
UNLINKED = "NOT EXISTS (SELECT 1 FROM link l WHERE l.connection_id = {0}.connection_id AND l.xero_id = {0}.xero_id)"
_LINKED_KARBON = "EXISTS (SELECT 1 FROM link l WHERE l.connection_id = {0}.connection_id AND l.karbon_key = {0}.key)"
_PAIRS = (
    "FROM karbon_contact k WHERE k.connection_id = x.connection_id AND k.name_key = x.name_key "
    "AND k.email_key = x.email_key AND k.gone = 0"
)
_RIVALS = (
    "(SELECT count(*) FROM (SELECT 1 FROM xero_contact y WHERE y.connection_id = {0}.connection_id "
    "AND y.name_key = {0}.name_key AND y.email_key = {0}.email_key AND y.status = 'ACTIVE' "
    "AND " + UNLINKED.format("y") + " LIMIT 2))"
)
# The value of a Likeness. One CASE, so that each row asks only what its verdict still needs.
_LIKENESS = (
    "CASE (SELECT coalesce(sum(CASE WHEN " + _LINKED_KARBON.format("k") + f" THEN 2 ELSE 1 END), 0) {_PAIRS}) "
    f"WHEN 1 THEN {_RIVALS.format('x')} "
    "WHEN 0 THEN -(EXISTS (SELECT 1 FROM karbon_contact k WHERE k.connection_id = x.connection_id "
    "AND k.name_key = x.name_key AND k.gone = 0) OR "
    "EXISTS (SELECT 1 FROM karbon_contact k WHERE k.connection_id = x.connection_id "
    "AND k.email_key = x.email_key AND k.gone = 0)) "
    "ELSE 3 END"
)
# A contact that we asked Xero to make, and nobody knows yet whether it did (engine.md 2.5).
_OURS = (
    "(x.contact_number <> '' AND EXISTS (SELECT 1 FROM journal j WHERE j.state = 'intended' "
    "AND j.connection_id = x.connection_id AND j.marker = x.contact_number))"
)
# A contact that Karbon's API was asked to make for it, and nobody knows yet whether it did.
BEING_MADE = (
    "EXISTS (SELECT 1 FROM journal j WHERE j.state = 'intended' AND j.action = 'create' "
    "AND j.connection_id = x.connection_id AND j.xero_id = x.xero_id)"
)
_SCAN = (
    f"SELECT x.id, x.xero_id, {{takes_part}}, {_LIKENESS}, "
    "EXISTS (SELECT 1 FROM issue i WHERE i.connection_id = x.connection_id AND i.xero_id = x.xero_id "
    "AND i.held) "
    # The plus keeps SQLite on the rowid: an index on the connection would sort every page anew.
    "FROM xero_contact x WHERE +x.connection_id = ? AND x.id > ? AND x.status = 'ACTIVE' "
    f"AND {UNLINKED.format('x')} AND NOT {_OURS} AND NOT {BEING_MADE} ORDER BY x.id LIMIT ?"
)


def standings(
    db: SqliteDatabase, connection: int, import_filter: ImportFilter, after: int, limit: int
) -> list[Standing]:
    """The next ``limit`` unlinked active Xero contacts behind mirror row ``after``, in row order."""
    rows = db.execute_sql(
        _SCAN.format(takes_part=_TAKES_PART[import_filter]),
        (connection, after, limit),
    )
    return [Standing._make(row) for row in rows]


def pairs(db: SqliteDatabase, rows: Sequence[int]) -> dict[int, str]:
    """By mirror row of a full match: the key of the Karbon contact that shares both its keys."""
    sql = (
        "SELECT x.id, k.key FROM xero_contact x JOIN karbon_contact k ON k.connection_id = x.connection_id "
        "AND k.name_key = x.name_key AND k.email_key = x.email_key AND k.gone = 0 "
        f"WHERE x.id IN ({', '.join('?' * len(rows))})"
    )
    return dict(db.execute_sql(sql, rows).fetchall())


def contacts_with_pairs(db: SqliteDatabase, rows: Sequence[int]) -> dict[int, tuple[XeroContact, KarbonContact | None]]:
    """By mirror row: the Xero contact and, where exactly one Karbon contact shares both keys, that one."""
    sql = (
        f"SELECT x.id, {XERO_FIELDS.format('x')}, {KARBON_FIELDS.format('k')} "
        "FROM xero_contact x LEFT JOIN karbon_contact k ON k.connection_id = x.connection_id "
        "AND k.name_key = x.name_key AND k.email_key = x.email_key AND k.gone = 0 "
        f"WHERE x.id IN ({', '.join('?' * len(rows))})"
    )
    found: dict[int, tuple[XeroContact, KarbonContact | None]] = {}
    for row in db.execute_sql(sql, rows):
        karbon = row[1 + XERO_WIDTH :]
        unique = karbon[0] is not None and row[0] not in found
        found[row[0]] = (xero_from_row(row[1:]), karbon_from_row(karbon) if unique else None)
    return found


# Claimed: the other half of a full match that is about to be made (engine.md 2.2).
_CLAIMED = (
    f"({_RIVALS.format('k')} = 1 AND (SELECT count(*) FROM karbon_contact o "
    "WHERE o.connection_id = k.connection_id AND o.name_key = k.name_key AND o.email_key = k.email_key "
    "AND o.gone = 0) = 1 AND EXISTS (SELECT 1 FROM xero_contact x WHERE x.connection_id = k.connection_id "
    "AND x.name_key = k.name_key AND x.email_key = k.email_key AND x.status = 'ACTIVE' AND {takes_part} "
    f"AND {UNLINKED.format('x')} AND NOT EXISTS (SELECT 1 FROM issue i "
    "WHERE i.connection_id = x.connection_id AND i.xero_id = x.xero_id AND i.held)))"
)
# IS, so that a missing key gives 0 and not NULL; it still equals nothing.
_SAME_NAME = "(k.name_key IS x.name_key AND k.name_key IS NOT NULL)"
_SAME_EMAIL = "(k.email_key IS x.email_key AND k.email_key IS NOT NULL)"
_CANDIDATES = (
    f"SELECT k.key, {_SAME_NAME}, {_SAME_EMAIL}, {_LINKED_KARBON.format('k')} OR "
    f"(NOT ({_SAME_NAME} AND {_SAME_EMAIL}) AND {_CLAIMED}) AS taken "
    # Two look-ups by index: one join with OR would read the whole directory for each contact.
    # The limits are for an address like none@firm.example on thousands of contacts.
    "FROM xero_contact x JOIN karbon_contact k ON k.id IN (SELECT id FROM (SELECT n.id FROM karbon_contact n "
    "WHERE n.connection_id = x.connection_id AND n.name_key = x.name_key AND n.gone = 0 LIMIT 200) "
    "UNION SELECT id FROM (SELECT e.id FROM karbon_contact e "
    "WHERE e.connection_id = x.connection_id AND e.email_key = x.email_key AND e.gone = 0 LIMIT 200)) "
    f"WHERE x.connection_id = ? AND x.xero_id = ? "
    # The namesakes first, so that a crowd on one address does not push them over the limit.
    f"ORDER BY taken, {_SAME_NAME} + {_SAME_EMAIL} DESC, {_SAME_NAME} DESC, k.key LIMIT ?"
)
_MOST_CANDIDATES = 50


def candidates(db: SqliteDatabase, connection: int, xero_id: str, import_filter: ImportFilter) -> list[Candidate]:
    """The Karbon contacts that share a key with it: free ones first, then by how much they share."""
    rows = db.execute_sql(
        _CANDIDATES.format(takes_part=_TAKES_PART[import_filter]),
        (connection, xero_id, _MOST_CANDIDATES),
    )
    return [Candidate(key, bool(name), bool(email), bool(taken)) for key, name, email, taken in rows]


class XeroCandidate(NamedTuple):
    """A Xero contact that shares a key with a Karbon contact; ``linked``: it has, or had, a link."""

    xero: XeroContact
    same_name: bool
    same_email: bool
    linked: bool
    synced: bool


_XERO_CANDIDATES = (
    f"SELECT {XERO_FIELDS.format('x')}, x.name_key IS :name AND :name IS NOT NULL, "
    "x.email_key IS :email AND :email IS NOT NULL, NOT " + UNLINKED.format("x") + ", "
    "EXISTS (SELECT 1 FROM link l WHERE l.connection_id = x.connection_id AND l.xero_id = x.xero_id "
    "AND l.state = 'synced') FROM xero_contact x "
    "WHERE x.connection_id = :connection AND x.status = 'ACTIVE' AND (x.name_key = :name OR x.email_key = :email) "
    "ORDER BY coalesce(x.name_key = :name, 0) + coalesce(x.email_key = :email, 0) DESC, x.name_key, x.id LIMIT :most"
)


def xero_candidates(db: SqliteDatabase, connection: int, contact: Contact) -> list[XeroCandidate]:
    """Active Xero contacts that share the name or the email of a Karbon contact, the most alike first."""
    keys = {"name": name_key(contact.name), "email": email_key(contact.email)}
    rows = db.execute_sql(_XERO_CANDIDATES, {**keys, "connection": connection, "most": _MOST_CANDIDATES})
    return [XeroCandidate(xero_from_row(row), *(bool(flag) for flag in row[XERO_WIDTH:])) for row in rows]


_STRANGER = (
    "SELECT 1 FROM karbon_contact k WHERE k.connection_id = x.connection_id AND k.gone = 0 "
    "AND k.{0}_key = x.{0}_key AND NOT " + _LINKED_KARBON.format("k")
)


def with_strangers(db: SqliteDatabase, rows: Sequence[int]) -> set[int]:
    """Mirror rows of Xero contacts of which an unlinked Karbon contact has the name or the email by now."""
    sql = (
        f"SELECT x.id FROM xero_contact x WHERE x.id IN ({', '.join('?' * len(rows))}) "
        f"AND (EXISTS ({_STRANGER.format('name')}) OR EXISTS ({_STRANGER.format('email')}))"
    )
    return {row for (row,) in db.execute_sql(sql, rows)}


def rivals(db: SqliteDatabase, connection: int, xero_id: str) -> int:
    """Active unlinked Xero contacts with both keys of this one, itself included; counts to 2."""
    sql = f"SELECT {_RIVALS.format('x')} FROM xero_contact x WHERE x.connection_id = ? AND x.xero_id = ?"
    row = db.execute_sql(sql, (connection, xero_id)).fetchone()
    return int(row[0]) if row else 0
