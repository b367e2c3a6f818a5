"""Lists of any length: the ids of all rows in their order, and the rows of some ids.

The ids are a snapshot, so that a list stands still while a sync writes underneath. A search is a LIKE on the
keys: as long as the index covers them that takes as long as a trigram index would, and costs no write.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import ImportFilter
from xerosync_tui.domain.contact import XeroContact
from xerosync_tui.domain.directory import DirectoryRecord, as_record
from xerosync_tui.domain.match import Reason, Verdict
from xerosync_tui.domain.normalise import email_key, name_key
from xerosync_tui.domain.states import IssueState
from xerosync_tui.store import directory
from xerosync_tui.store.lists import Client, client_from_row, outside, pattern
from xerosync_tui.store.matching import UNLINKED
from xerosync_tui.store.mirror import KARBON_FIELDS, XERO_FIELDS, karbon_from_row, xero_from_row

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Query(Generic[Row]):
    """A list. ``table`` is the FROM clause with its WHERE, ``parameters`` its values; ``searched`` are the columns
    that a search looks at, the name key first; ``orders`` are ORDER BY clauses by name, the first being the default.

    ``rows`` reads some ids.
    """

    id: str
    table: str
    parameters: tuple[object, ...]
    searched: tuple[str, ...]
    orders: Mapping[str, str]
    rows: Callable[[SqliteDatabase, Sequence[int]], dict[int, Row]]

    def ids(self, db: SqliteDatabase, search: str, order: str, most: int = -1) -> array[int]:
        """The ids of the rows that hold ``search``, in that order; ``most`` of them, all by default."""
        where, values = self._where(search)
        sql = f"SELECT {self.id} FROM {self.table}{where} ORDER BY {self.orders[order]} LIMIT ?"
        found = db.execute_sql(sql, (*self.parameters, *values, most))
        return array("q", (row[0] for row in found))

    def _where(self, search: str) -> tuple[str, tuple[str, ...]]:
        if not search.strip():
            return "", ()
        like = " OR ".join(f"{column} LIKE ? ESCAPE '\\'" for column in self.searched)
        name = pattern(name_key(search) or search.strip())
        rest = pattern(email_key(search) or search.strip())
        return f" AND ({like})", (name, *(rest for _ in self.searched[1:]))


def marks(ids: Sequence[int]) -> str:
    """A placeholder for each."""
    return ", ".join("?" * len(ids))


# Clients

_CLIENT = (
    "SELECT k.id, l.xero_id, k.key, k.kind, k.name, k.email, k.phone, k.address, k.contact_type, l.why, "
    "l.linked_at, l.synced_at, (SELECT count(*) FROM field_conflict c WHERE c.connection_id = l.connection_id "
    "AND c.xero_id = l.xero_id), EXISTS (SELECT 1 FROM failed_record f WHERE f.connection_id = l.connection_id "
    "AND f.side IN ('to_xero', 'to_karbon') AND f.record = l.xero_id) "
    "FROM karbon_contact k JOIN link l ON l.connection_id = k.connection_id "
    "AND l.karbon_key = k.key AND l.state = 'synced' WHERE k.id IN ({marks})"
)
_SYNCED_LINK = (
    "(SELECT {0} FROM link l WHERE l.connection_id = k.connection_id AND l.karbon_key = k.key AND l.state = 'synced')"
)


def clients(connection: int) -> Query[Client]:
    """Synced links, by the mirror row of their Karbon contact."""

    def rows(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, Client]:
        found = db.execute_sql(_CLIENT.format(marks=marks(ids)), tuple(ids))
        return {row[0]: client_from_row(row[1:]) for row in found}

    return Query(
        "k.id",
        f"karbon_contact k WHERE k.connection_id = ? AND k.gone = 0 AND EXISTS {_SYNCED_LINK.format(1)}",
        (connection,),
        ("k.name_key", "k.email_key"),
        {
            "name": "k.name_key, k.id",
            "email": "k.email = '', k.email_key, k.id",
            "type": "k.contact_type, k.name_key, k.id",
            "synced": f"{_SYNCED_LINK.format('l.synced_at')} DESC, k.id",
        },
        rows,
    )


# Karbon contacts


@dataclass(frozen=True, slots=True)
class KarbonRow:
    """A contact of the directory, and whether it is synced in the connection."""

    record: DirectoryRecord
    synced: bool


_LINKED_HERE = "EXISTS (SELECT 1 FROM link l WHERE l.connection_id = ? AND l.karbon_key = d.key AND l.state = 'synced')"


def contacts(connection: int, *, unlinked: bool = False, free: bool = False, guesses: bool = False) -> Query[KarbonRow]:
    """The built-in directory, by its row.

    ``unlinked``: only those without a row in any link; ``free``: without a synced one; ``guesses``: only those whose
    kind is a guess that nobody has looked at.
    """

    def rows(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, KarbonRow]:
        sql = f"SELECT d.id, d.key, {_LINKED_HERE} FROM directory_contact d WHERE d.id IN ({marks(ids)})"
        found = db.execute_sql(sql, (connection, *ids)).fetchall()
        records = directory.get_many(db, [key for _, key, _ in found])
        return {row: KarbonRow(records[key], bool(synced)) for row, key, synced in found if key in records}

    linked = "SELECT 1 FROM link l WHERE l.connection_id = ? AND l.karbon_key = d.key"
    if not unlinked:
        linked += " AND l.state = 'synced'"
    without = f" AND NOT EXISTS ({linked})" if unlinked or free else ""
    if guesses:
        without += " AND d.kind_guess > 0"
    return Query(
        "d.id",
        f"directory_contact d WHERE d.deleted = 0{without}",
        (connection,) if unlinked or free else (),
        ("d.name_key", "d.email", "d.client_identifier"),
        {
            "name": "d.name_key, d.id",
            "email": "d.email = '', d.email COLLATE NOCASE, d.id",
            "type": "d.contact_type, d.name_key, d.id",
            "kind": "d.kind, d.name_key, d.id",
        },
        rows,
    )


def mirrored_contacts(
    connection: int, *, unlinked: bool = False, free: bool = False, guesses: bool = False
) -> Query[KarbonRow]:
    """As ``contacts``, of Karbon's API as it was last read; no kind can be changed there, so ``guesses`` are none."""

    def rows(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, KarbonRow]:
        sql = (
            f"SELECT k.id, {_SYNCED_LINK.format(1)}, {KARBON_FIELDS.format('k')} FROM karbon_contact k "
            f"WHERE k.id IN ({marks(ids)}) AND k.gone = 0"
        )
        found = db.execute_sql(sql, tuple(ids)).fetchall()
        return {row[0]: KarbonRow(as_record(karbon_from_row(row[2:])), bool(row[1])) for row in found}

    linked = "SELECT 1 FROM link l WHERE l.connection_id = k.connection_id AND l.karbon_key = k.key"
    if not unlinked:
        linked += " AND l.state = 'synced'"
    without = f" AND NOT EXISTS ({linked})" if unlinked or free else ""
    without += " AND 0" if guesses else ""
    return Query(
        "k.id",
        f"karbon_contact k WHERE k.connection_id = ? AND k.gone = 0{without}",
        (connection,),
        ("k.name_key", "k.email_key", "k.client_identifier"),
        {
            "name": "k.name_key, k.id",
            "email": "k.email = '', k.email_key, k.id",
            "type": "k.contact_type, k.name_key, k.id",
            "kind": "k.kind, k.name_key, k.id",
        },
        rows,
    )


# What waits for a person


@dataclass(frozen=True, slots=True)
class IssueRow:
    """A Xero contact that waits, or in a preview will wait; ``id`` is 0 while there is no issue yet."""

    id: int
    xero_id: str
    name: str
    email: str
    reason: Reason | None  # of one outside the filter, None
    ignored: bool = False


def issues(connection: int, *, ignored: bool = False) -> Query[IssueRow]:
    """Open issues; ``ignored``: those too."""

    def rows(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, IssueRow]:
        sql = (
            "SELECT i.id, x.xero_id, x.name, x.email, i.reason, i.state FROM issue i JOIN xero_contact x "
            f"ON x.connection_id = i.connection_id AND x.xero_id = i.xero_id WHERE i.id IN ({marks(ids)})"
        )
        found = db.execute_sql(sql, tuple(ids))
        return {
            r[0]: IssueRow(r[0], r[1], r[2], r[3], Reason(r[4]), r[5] == IssueState.IGNORED)
            for r in found
            if r[5] != IssueState.CLOSED
        }

    states = "IN ('open', 'ignored')" if ignored else "= 'open'"
    return Query(
        "i.id",
        "issue i JOIN xero_contact x ON x.connection_id = i.connection_id AND x.xero_id = i.xero_id "
        f"WHERE i.connection_id = ? AND i.state {states}",
        (connection,),
        ("x.name_key", "x.email_key", "i.reason"),
        {"name": "x.name_key, i.id", "reason": "i.reason, x.name_key, i.id"},
        rows,
    )


# The plan

_PLAN = (
    "plan_row p JOIN xero_contact x ON x.connection_id = p.connection_id AND x.xero_id = p.xero_id "
    "WHERE p.connection_id = ? AND p.verdict = ?"
)


def planned(
    connection: int, verdict: Verdict, rows: Callable[[SqliteDatabase, Sequence[int]], dict[int, Row]]
) -> Query[Row]:
    """The rows of the plan with that verdict, guesses first, in the order they were read; ``rows`` works them out."""
    order = {"plan": "p.guess = 0, p.id" if verdict is Verdict.NEW else "p.id"}
    return Query("p.id", _PLAN, (connection, verdict.value), ("x.name_key", "x.email_key"), order, rows)


def waiting(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, IssueRow]:
    """Rows of the plan that do nothing: conflicts, contacts left out."""
    sql = (
        "SELECT p.id, x.xero_id, x.name, x.email, p.reason FROM plan_row p JOIN xero_contact x "
        f"ON x.connection_id = p.connection_id AND x.xero_id = p.xero_id WHERE p.id IN ({marks(ids)})"
    )
    found = db.execute_sql(sql, tuple(ids))
    return {row[0]: IssueRow(0, row[1], row[2], row[3], Reason(row[4]) if row[4] else None) for row in found}


def mirror_rows(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, int]:
    """By row of the plan: the mirror row of its Xero contact."""
    sql = (
        "SELECT p.id, x.id FROM plan_row p JOIN xero_contact x ON x.connection_id = p.connection_id "
        f"AND x.xero_id = p.xero_id WHERE p.id IN ({marks(ids)})"
    )
    return dict(db.execute_sql(sql, tuple(ids)).fetchall())


def left_out(connection: int, import_filter: ImportFilter) -> Query[XeroContact]:
    """Active, unlinked Xero contacts outside the filter."""

    def rows(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, XeroContact]:
        sql = f"SELECT x.id, {XERO_FIELDS.format('x')} FROM xero_contact x WHERE x.id IN ({marks(ids)})"
        return {row[0]: xero_from_row(row[1:]) for row in db.execute_sql(sql, tuple(ids))}

    return Query(
        "x.id",
        "xero_contact x WHERE x.connection_id = ? AND x.status = 'ACTIVE' "
        f"AND {outside(import_filter)} AND {UNLINKED.format('x')}",
        (connection,),
        ("x.name_key", "x.email_key"),
        {"name": "x.name_key, x.id"},
        rows,
    )
