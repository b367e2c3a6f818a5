"""What waits for a person beside match issues, as lists of any length: field conflicts, ended links, failures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Field, KarbonContact
from xerosync_tui.domain.link import Linked
from xerosync_tui.store import changes, links, lists, mirror
from xerosync_tui.store.lists import UnsyncedClient
from xerosync_tui.store.models import FailedRecord
from xerosync_tui.store.runs import Failure, failure_from_row
from xerosync_tui.store.snapshots import Query, marks


@dataclass(frozen=True, slots=True)
class FieldConflict:
    """A field that both sides of a linked pair changed; ``fields`` are all of that pair that are in conflict."""

    id: int
    field: Field
    both: Linked
    fields: tuple[Field, ...]


def field_conflicts(connection: int) -> Query[FieldConflict]:
    """Fields in conflict, those of a contact together."""

    def rows(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, FieldConflict]:
        sql = (
            "SELECT c.id, c.xero_id, c.field, (SELECT group_concat(o.field, ' ') FROM field_conflict o "
            "WHERE o.connection_id = c.connection_id AND o.xero_id = c.xero_id) "
            f"FROM field_conflict c WHERE c.id IN ({marks(ids)})"
        )
        found = {}
        for number, xero_id, field, names in db.execute_sql(sql, tuple(ids)).fetchall():
            if both := changes.linked(db, connection, xero_id):
                fields = tuple(f for f in Field if f.value in str(names).split())
                found[number] = FieldConflict(number, Field(field), both, fields)
        return found

    return Query(
        "c.id",
        "field_conflict c JOIN xero_contact x ON x.connection_id = c.connection_id AND x.xero_id = c.xero_id "
        "WHERE c.connection_id = ?",
        (connection,),
        ("x.name_key", "x.email_key"),
        {"name": "x.name_key, c.xero_id, c.id", "oldest": "c.opened_at, c.id"},
        rows,
    )


@dataclass(frozen=True, slots=True)
class EndedLink:
    """A link that ended, the Karbon contact it had (None: deleted there), and whether the survivor is synced."""

    link: UnsyncedClient
    karbon: KarbonContact | None
    survivor_synced: bool


def unsynced(connection: int) -> Query[EndedLink]:
    """Links that ended."""

    def rows(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, EndedLink]:
        found = {}
        for link in lists.unsynced_by_id(db, connection, ids):
            survivor = link.survivor
            synced = bool(survivor and links.synced_of(db, connection, [survivor.id]))
            found[link.id] = EndedLink(link, mirror.karbon_contact(db, connection, link.karbon_key), synced)
        return found

    return Query(
        "l.id",
        "link l JOIN xero_contact x ON x.connection_id = l.connection_id AND x.xero_id = l.xero_id "
        "WHERE l.connection_id = ? AND l.state = 'unsynced'",
        (connection,),
        ("x.name_key", "x.email_key"),
        {"name": "x.name_key, l.id", "reason": "l.why, x.name_key, l.id"},
        rows,
    )


def failures(connection: int) -> Query[Failure]:
    """Records that could not be read or written."""

    def rows(db: SqliteDatabase, ids: Sequence[int]) -> dict[int, Failure]:
        wanted = FailedRecord.select().where(FailedRecord.id.in_(list(ids)))
        return {row.id: failure_from_row(row) for row in wanted.execute(db)}

    return Query(
        "f.id",
        "failed_record f WHERE f.connection_id = ?",
        (connection,),
        ("f.name", "f.reason"),
        {"newest": "f.at DESC, f.id DESC", "name": "f.name COLLATE NOCASE, f.id"},
        rows,
    )
