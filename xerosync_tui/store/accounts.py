"""Accounts of Karbon's API: which one is in use, if any, and what was chosen for it. Their keys are in the vault."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from peewee import SqliteDatabase

from xerosync_tui.domain.connection import KARBON_API, KarbonAccount, is_karbon_api
from xerosync_tui.store import models

_table = models.KarbonAccountRow


def active(db: SqliteDatabase) -> KarbonAccount | None:
    """The account in use; None: the built-in directory is."""
    row = _table.select().where(_table.active).first(db)
    return _from_row(row) if row else None


def of_directory(db: SqliteDatabase, directory: str) -> KarbonAccount | None:
    """The account that a connection names so; None for the built-in directory."""
    row = _table.select().where(_table.tenant_key == directory.removeprefix(KARBON_API)).first(db)
    return _from_row(row) if row and is_karbon_api(directory) else None


def use(db: SqliteDatabase, tenant_key: str, api_url: str, contact_types: Sequence[str], now: int) -> KarbonAccount:
    """The account of this tenant, in use from here on; what was chosen for it before stays."""
    leave(db)
    told = {"api_url": api_url, "contact_types": msgspec.json.encode(list(contact_types)).decode()}
    values: dict[str, Any] = {**told, "active": True, "trouble": "", "connected_at": now}
    if not _table.update(**values).where(_table.tenant_key == tenant_key).execute(db):
        _table.insert(tenant_key=tenant_key, **values).execute(db)
    account = active(db)
    assert account
    return account


def leave(db: SqliteDatabase) -> None:
    """The built-in directory is in use from here on."""
    _table.update(active=False).execute(db)


def change(db: SqliteDatabase, account: KarbonAccount, **values: Any) -> None:
    """Set these columns."""
    _table.update(**values).where(_table.tenant_key == account.tenant_key).execute(db)


def say_trouble(db: SqliteDatabase, account: KarbonAccount, trouble: str) -> None:
    """Why Karbon refuses the keys, unless new ones were given since ``account`` was read."""
    mine = (_table.tenant_key == account.tenant_key) & (_table.connected_at == account.connected_at)
    _table.update(trouble=trouble).where(mine).execute(db)


def _from_row(row: Any) -> KarbonAccount:
    return KarbonAccount(
        row.tenant_key,
        row.api_url,
        row.connected_at,
        row.trouble,
        tuple(msgspec.json.decode(row.contact_types, type=list[str])),
        tuple(filter(None, row.phones.split(","))),
        tuple(filter(None, row.addresses.split(","))),
        bool(row.write_beside),
    )
