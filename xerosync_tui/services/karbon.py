"""Karbon's API in place of the built-in directory: its keys, its account, and letting go of it (product.md 3.1)."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection, KarbonAccount
from xerosync_tui.engine import sessions
from xerosync_tui.engine.lock import sync_lock
from xerosync_tui.errors import NotConnected, UsageError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program
from xerosync_tui.remotes.karbon.session import Credentials
from xerosync_tui.remotes.karbon.wire import KarbonTenant
from xerosync_tui.store import accounts, cards, connections


@dataclass(frozen=True, slots=True)
class Joined:
    """The account in use, and the connection that is active with it (None: no Xero organisation yet).

    ``known``: it was in use before, and its links are there again.
    """

    account: KarbonAccount
    connection: Connection | None
    known: bool


async def connect(program: Program, token: str, access_key: str) -> Joined:
    """Use the account that these keys open, once Karbon took them (``GET /v3/TenantSettings``, karbon.md 2.1).

    The links of another directory are kept apart (promise P18). Raises NotConnected for what can be no key,
    ReconnectNeeded when Karbon refuses them, RemoteRefused without permission, RemoteUnreachable, LockHeld.
    """
    keys = Credentials(token.strip(), access_key.strip())
    tenant = await _asked(program, keys)
    secret = msgspec.json.encode([keys.token, keys.access_key]).decode()

    def store(db: SqliteDatabase) -> Joined:
        known = accounts.of_directory(db, f"karbon:{tenant.key}") is not None
        sessions.vault(program).put(db, sessions.secret_of(tenant.key), secret, program.now_ms())
        url, now = program.settings.karbon_api_url, program.now_ms()
        account = accounts.use(db, tenant.key, url, tenant.contact_types, now)
        return Joined(account, connections.join(db, now), known)

    async with sync_lock(program.settings):  # a sync under way keeps its directory to the end
        return await program.store.run(store)


async def leave(program: Program) -> KarbonAccount:
    """Use the built-in directory again, and forget the account's keys; its links are kept for when it comes back.

    Raises UsageError where the built-in directory is in use, LockHeld.
    """

    def store(db: SqliteDatabase) -> KarbonAccount:
        account = accounts.active(db)
        if account is None:
            raise UsageError("The built-in directory is in use", Hint(Do.STATUS))
        accounts.leave(db)
        sessions.vault(program).forget(db, sessions.secret_of(account.tenant_key))
        connections.join(db, program.now_ms())
        return account

    async with sync_lock(program.settings):
        return await program.store.run(store)


async def _asked(program: Program, keys: Credentials) -> KarbonTenant:
    async with sessions.karbon_by(program, keys, program.settings.karbon_api_url) as session:
        return await sessions.tenant_of(session)


# What was chosen for it

_PHONES = ("Work", "Mobile", "Office", "Fax", "Home", "Other")  # Karbon's labels (karbon.md 2.5)
_ADDRESSES = ("Physical", "Mailing", "Legal", "Home")


async def change(program: Program, wanted: dict[str, str]) -> None:
    """Set ``karbon_phones``, ``karbon_addresses`` (labels by rank, with commas) or ``beside_karbon`` (leave, write).

    Other labels may make another entry of each card the synced one: all cards are read again, and what differs
    then is an edit in Karbon. Raises NotConnected without an account, UsageError for a value there is not.
    """
    account = await program.store.read(accounts.active)
    if account is None:
        raise NotConnected("Karbon's API is not connected", sessions.AGAIN)
    values: dict[str, object] = {}
    for key, text in wanted.items():
        if key == "beside_karbon":
            if text not in ("leave", "write"):
                raise UsageError(f"beside_karbon is one of leave, write, not {text!r}")
            values["write_beside"] = text == "write"
        else:
            known = _PHONES if key == "karbon_phones" else _ADDRESSES
            values[key.removeprefix("karbon_")] = ",".join(_labels(key, text, known))

    def store(db: SqliteDatabase) -> None:
        accounts.change(db, account, **values)
        connection = connections.active(db)
        if connection and values.keys() & {"phones", "addresses"}:
            cards.forget_all(db, connection.id)

    await program.store.run(store)


def _labels(key: str, text: str, known: tuple[str, ...]) -> list[str]:
    by_name = {label.casefold(): label for label in known}
    wanted = [label.strip() for label in text.split(",") if label.strip()]
    if unknown := [label for label in wanted if label.casefold() not in by_name]:
        raise UsageError(f"{key}: there is no label {unknown[0]!r}", f"Labels: {', '.join(known)}.")
    return list(dict.fromkeys(by_name[label.casefold()] for label in wanted))
