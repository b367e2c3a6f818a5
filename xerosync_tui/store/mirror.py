"""What either side last told, with the keys that matching reads.

Rows come and go by the thousand here, so they are written with ``executemany`` rather than one model at
a time; the SQL is plain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Contact, KarbonContact, Kind, XeroContact, XeroStatus
from xerosync_tui.domain.normalise import email_key, name_key
from xerosync_tui.domain.states import CardState
from xerosync_tui.store.values import pack, unpack

_XERO_COLUMNS = (
    "connection_id", "xero_id", "name", "email", "phone", "address", "name_key", "email_key", "status",
    "updated", "is_customer", "is_supplier", "first_name", "last_name", "company_number", "contact_number",
    "merged_to", "seen_run",
)  # fmt: skip
_KARBON_COLUMNS = (
    "connection_id", "key", "kind", "name", "email", "phone", "address", "name_key", "email_key",
    "contact_type", "client_identifier", "version", "gone", "card", "read_at",
)  # fmt: skip

# The columns from which ``xero_from_row`` and ``karbon_from_row`` build a record, with a table alias.
XERO_FIELDS = (
    "{0}.xero_id, {0}.name, {0}.email, {0}.phone, {0}.address, {0}.status, {0}.updated, {0}.is_customer, "
    "{0}.is_supplier, {0}.first_name, {0}.last_name, {0}.company_number, {0}.contact_number, {0}.merged_to"
)
KARBON_FIELDS = (
    "{0}.key, {0}.kind, {0}.name, {0}.email, {0}.phone, {0}.address, {0}.contact_type, "
    "{0}.client_identifier, {0}.version, {0}.card"
)
XERO_WIDTH = 14
KARBON_WIDTH = 10


def _upsert(table: str, columns: Sequence[str], identity: Sequence[str]) -> str:
    marks = ", ".join("?" * len(columns))
    updates = ", ".join(f"{c} = excluded.{c}" for c in columns if c not in identity)
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) "
        f"ON CONFLICT ({', '.join(identity)}) DO UPDATE SET {updates}"
    )


_PUT_XERO = _upsert("xero_contact", _XERO_COLUMNS, ("connection_id", "xero_id"))
_PUT_KARBON = _upsert("karbon_contact", _KARBON_COLUMNS, ("connection_id", "key"))
# What a list tells of a contact whose card was read replaces none of that: which of several emails a list shows is
# unknown (karbon.md 2.5). Until its card is read again, the contact stays as it was.
_PUT_ROW = (
    f"INSERT INTO karbon_contact ({', '.join(_KARBON_COLUMNS)}) VALUES ({', '.join('?' * len(_KARBON_COLUMNS))}) "
    "ON CONFLICT (connection_id, key) DO UPDATE SET kind = excluded.kind, contact_type = excluded.contact_type, "
    "client_identifier = excluded.client_identifier, version = excluded.version, gone = 0, "
    "card = CASE WHEN card = 'unread' OR gone THEN 'unread' ELSE 'stale' END, "
    + ", ".join(
        f"{c} = CASE WHEN card = 'unread' OR gone THEN excluded.{c} ELSE {c} END"
        for c in ("name", "email", "phone", "address", "name_key", "email_key")
    )
)


def put_xero(db: SqliteDatabase, connection: int, contacts: Iterable[XeroContact], run: int) -> None:
    """Mirror these contacts, as seen by ``run``."""
    rows = (
        (
            connection, x.id, *pack(x.contact), name_key(x.contact.name), email_key(x.contact.email),
            x.status.value, x.updated, x.is_customer, x.is_supplier, x.first_name, x.last_name,
            x.company_number, x.contact_number, x.merged_to, run,
        )
        for x in contacts
    )  # fmt: skip
    db.connection().executemany(_PUT_XERO, rows)


def without_temporary_name(contact: XeroContact, swaps: Mapping[str, tuple[str, str]]) -> XeroContact:
    """The contact with the name from before, where it holds a temporary one of ours: that is no observation.

    ``swaps`` as journal.open_swaps gives them.
    """
    aside, before = swaps.get(contact.id, ("", ""))
    if not aside or contact.contact.name != aside:
        return contact
    return replace(contact, contact=replace(contact.contact, name=before))


def put_karbon(db: SqliteDatabase, connection: int, contacts: Iterable[KarbonContact], now: int = 0) -> None:
    """Mirror these contacts; ``now`` is when they were read, where their cards are read again in turn."""
    whole: list[tuple[Any, ...]] = []
    rows: list[tuple[Any, ...]] = []
    for k in contacts:
        row = (
            connection, k.key, k.kind.value, *pack(k.contact), name_key(k.contact.name),
            email_key(k.contact.email), k.contact_type, k.client_identifier, k.version, False,
        )  # fmt: skip
        if k.whole:
            whole.append((*row, CardState.READ, now))
        else:
            rows.append((*row, CardState.UNREAD, 0))
    db.connection().executemany(_PUT_KARBON, whole)
    db.connection().executemany(_PUT_ROW, rows)


def mark_gone(db: SqliteDatabase, connection: int, keys: Iterable[str]) -> None:
    """Remember that the directory no longer has these."""
    db.connection().executemany(
        "UPDATE karbon_contact SET gone = 1 WHERE connection_id = ? AND key = ?",
        [(connection, key) for key in keys],
    )


def drop_unseen(db: SqliteDatabase, connection: int, run: int) -> int:
    """After a complete read: forget unlinked Xero contacts that ``run`` did not see, and their issues.

    Returns how many.
    """
    cursor = db.execute_sql(
        "DELETE FROM xero_contact WHERE connection_id = ? AND seen_run <> ? AND NOT EXISTS "
        "(SELECT 1 FROM link WHERE link.connection_id = xero_contact.connection_id "
        "AND link.xero_id = xero_contact.xero_id)",
        (connection, run),
    )
    db.execute_sql(
        "UPDATE issue SET state = 'closed' WHERE connection_id = ? AND NOT EXISTS (SELECT 1 FROM xero_contact x "
        "WHERE x.connection_id = issue.connection_id AND x.xero_id = issue.xero_id)",
        (connection,),
    )
    return int(cursor.rowcount)


def counts(db: SqliteDatabase, connection: int) -> tuple[int, int]:
    """How many contacts are mirrored: Xero's, and Karbon's that are not gone."""
    xero = "SELECT count(*) FROM xero_contact WHERE connection_id = ?"
    karbon = "SELECT count(*) FROM karbon_contact WHERE connection_id = ? AND gone = 0"
    first, second = (db.execute_sql(sql, (connection,)).fetchone()[0] for sql in (xero, karbon))
    return first, second


def kinds(db: SqliteDatabase, connection: int) -> tuple[int, int]:
    """How many people and how many organizations are mirrored."""
    sql = (
        "SELECT count(*) FILTER (WHERE kind = 'person'), count(*) FROM karbon_contact "
        "WHERE connection_id = ? AND gone = 0"
    )
    people, all_of_them = db.execute_sql(sql, (connection,)).fetchone()
    return int(people), int(all_of_them) - int(people)


def mark_unseen(db: SqliteDatabase, connection: int, run: int, unreadable: Set[str]) -> None:
    """After a complete read: linked Xero contacts that ``run`` neither saw nor failed to read are gone."""
    sql = (
        "SELECT x.id, x.xero_id FROM xero_contact x JOIN link l ON l.connection_id = x.connection_id "
        "AND l.xero_id = x.xero_id WHERE x.connection_id = ? AND x.seen_run <> ? AND x.status <> 'GONE'"
    )
    unseen = [row for row, xero_id in db.execute_sql(sql, (connection, run)) if xero_id not in unreadable]
    db.connection().executemany("UPDATE xero_contact SET status = 'GONE' WHERE id = ?", [(row,) for row in unseen])


def count_archived(db: SqliteDatabase, connection: int) -> int:
    """Mirrored Xero contacts that are archived."""
    sql = "SELECT count(*) FROM xero_contact WHERE connection_id = ? AND status = 'ARCHIVED'"
    return int(db.execute_sql(sql, (connection,)).fetchone()[0])


def xero_contact(db: SqliteDatabase, connection: int, xero_id: str) -> XeroContact | None:
    """The mirrored contact with that ContactID."""
    row = db.execute_sql(
        f"SELECT {XERO_FIELDS.format('x')} FROM xero_contact x WHERE connection_id = ? AND xero_id = ?",
        (connection, xero_id),
    ).fetchone()
    return xero_from_row(row) if row else None


def newest_karbon(db: SqliteDatabase) -> int:
    """The newest row of a Karbon contact: one that is met later has a higher one."""
    return int(db.execute_sql("SELECT coalesce(max(id), 0) FROM karbon_contact").fetchone()[0])


def newer_alike(db: SqliteDatabase, connection: int, newest: int, sent: Contact) -> list[str]:
    """Keys of Karbon contacts that came into the mirror after row ``newest``, and have that name.

    Not by email: of several, a list may show another than the billing email (karbon.md 2.5).
    """
    sql = "SELECT key FROM karbon_contact WHERE connection_id = ? AND id > ? AND gone = 0 AND name_key IS ?"
    return [key for (key,) in db.execute_sql(sql, (connection, newest, name_key(sent.name)))]


def has_merged(db: SqliteDatabase, connection: int, xero_id: str) -> bool:
    """Whether Xero merged a contact that has, or had, a link into this one."""
    sql = (
        "SELECT 1 FROM link l JOIN xero_contact x ON x.connection_id = l.connection_id AND x.xero_id = l.xero_id "
        "WHERE l.connection_id = ? AND x.merged_to = ? LIMIT 1"
    )
    return db.execute_sql(sql, (connection, xero_id)).fetchone() is not None


def karbon_contact(db: SqliteDatabase, connection: int, key: str) -> KarbonContact | None:
    """The mirrored contact with that key, unless it is gone."""
    row = db.execute_sql(
        f"SELECT {KARBON_FIELDS.format('k')} FROM karbon_contact k WHERE connection_id = ? AND key = ? AND gone = 0",
        (connection, key),
    ).fetchone()
    return karbon_from_row(row) if row else None


def xero_from_row(row: Sequence[Any]) -> XeroContact:
    """A record from the columns of XERO_FIELDS."""
    return XeroContact(row[0], unpack(*row[1:5]), XeroStatus(row[5]), row[6], bool(row[7]), bool(row[8]), *row[9:14])


def karbon_from_row(row: Sequence[Any]) -> KarbonContact:
    """A record from the columns of KARBON_FIELDS."""
    key, kind, *values, contact_type, identifier, version, card = row[:KARBON_WIDTH]
    return KarbonContact(key, Kind(kind), unpack(*values), contact_type, identifier, version, card == CardState.READ)
