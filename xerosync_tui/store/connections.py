"""Connections: which one is active, what was chosen for it, how far it has read."""

from __future__ import annotations

from typing import Any

import msgspec
from peewee import SqliteDatabase

from xerosync_tui.domain.connection import (
    BothChanged,
    Brake,
    Connection,
    ConnectionState,
    ImportFilter,
    Organisation,
)
from xerosync_tui.store import accounts, models, runs


def active(db: SqliteDatabase) -> Connection | None:
    """The active connection, also when its consent is gone; None before the first."""
    row = models.ConnectionRow.select().where(models.ConnectionRow.active).first(db)
    return _from_row(row) if row else None


def by_id(db: SqliteDatabase, connection_id: int) -> Connection:
    """The connection with that id, which exists."""
    return _from_row(models.ConnectionRow.select().where(models.ConnectionRow.id == connection_id).get(db))


def activate(db: SqliteDatabase, organisation: Organisation, directory: str, now: int) -> Connection:
    """The connection of exactly this pair, made or taken up again, and the only active one from here on.

    Another organisation is another row: it never sees the links of this one (promise P18).
    """
    table = models.ConnectionRow
    table.update(active=False).execute(db)
    details = {
        "organisation_name": organisation.name,
        "short_code": organisation.short_code,
        "country": organisation.country,
        "xero_connection_id": organisation.connection_id,
        "state": ConnectionState.CONNECTED.value,
        "state_reason": "",
        "active": True,
        "connected_at": now,
    }
    pair = (table.organisation_id == organisation.id) & (table.directory == directory)
    if not table.update(**details).where(pair).execute(db):
        table.insert(organisation_id=organisation.id, directory=directory, **details).execute(db)
    return _from_row(table.select().where(pair).get(db))


def join(db: SqliteDatabase, now: int) -> Connection | None:
    """The organisation of the active connection, joined to the directory that is in use; None before the first.

    Its state stays what it was: whether Xero's consent holds has nothing to do with Karbon.
    """
    before = active(db)
    if before is None:
        return None
    joined = activate(db, before.organisation, directory_identity(db), now)
    return change(db, joined.id, state=before.state.value, state_reason=before.state_reason)


def change(db: SqliteDatabase, connection_id: int, /, **values: Any) -> Connection:
    """The connection after ``values`` (column names of the table) were set."""
    table = models.ConnectionRow
    table.update(**values).where(table.id == connection_id).execute(db)
    return by_id(db, connection_id)


def set_brake(db: SqliteDatabase, connection_id: int, brake: Brake | None) -> None:
    """Remember what a run was stopped for; None: nothing any more."""
    change(db, connection_id, brake=msgspec.json.encode(brake).decode() if brake else "")


def rename_type(db: SqliteDatabase, old: str, new: str) -> None:
    """Follow the rename of a contact type that is some connection's default."""
    models.ConnectionRow.update(contact_type=new).where(models.ConnectionRow.contact_type == old).execute(db)


def count_of_type(db: SqliteDatabase, name: str) -> int:
    """How many connections have that contact type as their default."""
    return int(models.ConnectionRow.select().where(models.ConnectionRow.contact_type == name).count(db))


def choose(db: SqliteDatabase, connection: Connection, columns: dict[str, Any]) -> Connection:
    """The connection after a person chose these.

    Another filter is another plan: for the first sync, what was previewed and confirmed is not any more.
    """
    if columns.get("import_filter", connection.import_filter.value) != connection.import_filter.value:
        columns = {**columns, "plan_run": None}
        if not runs.first_sync_done(db, connection.id):
            columns |= {"previewed_at": None, "started_at": None}
    return change(db, connection.id, **columns)


def directory_identity(db: SqliteDatabase) -> str:
    """Which directory is in use: links of one never serve another (promise P18)."""
    if account := accounts.active(db):
        return account.directory
    return "built-in:" + str(
        models.Counter.select(models.Counter.value).where(models.Counter.name == "directory_identity").scalar(db)
    )


def _from_row(row: Any) -> Connection:
    return Connection(
        id=row.id,
        organisation=Organisation(
            id=row.organisation_id,
            name=row.organisation_name,
            connection_id=row.xero_connection_id,
            short_code=row.short_code,
            country=row.country,
        ),
        directory=row.directory,
        state=ConnectionState(row.state),
        state_reason=row.state_reason,
        import_filter=ImportFilter(row.import_filter),
        contact_type=row.contact_type,
        both_changed=BothChanged(row.both_changed),
        fill_xero_blanks=row.fill_xero_blanks,
        interval_seconds=row.interval_seconds,
        connected_at=row.connected_at,
        started_at=row.started_at,
        previewed_at=row.previewed_at,
        plan_run=row.plan_run,
        read_until=row.read_until,
        directory_version=row.directory_version,
        shown_brake=msgspec.json.decode(row.brake, type=Brake) if row.brake else None,
        audited_at=row.audited_at,
        quota_until=row.quota_until,
    )
