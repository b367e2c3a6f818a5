"""Karbon's API in place of the built-in directory: its keys, its account, and letting go of it (product.md 3.1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec
from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection, KarbonAccount
from xerosync_tui.errors import NotConnected, ReconnectNeeded, RemoteUnreachable, UsageError
from xerosync_tui.remotes import http
from xerosync_tui.remotes.karbon import wire
from xerosync_tui.remotes.karbon.budget import Budget, OnWait
from xerosync_tui.remotes.karbon.session import Credentials, KarbonSession, OnRefusal
from xerosync_tui.remotes.karbon.wire import Tenant
from xerosync_tui.services.program import Program
from xerosync_tui.services.sync.lock import sync_lock
from xerosync_tui.store import accounts, cards, connections
from xerosync_tui.store.vault import Vault

_AGAIN = "Run `xerosync connect karbon`."


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
        _vault(program).put(db, _secret_of(tenant.key), secret, program.now_ms())
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
            raise UsageError("The built-in directory is in use", "See `xerosync status`.")
        accounts.leave(db)
        _vault(program).forget(db, _secret_of(account.tenant_key))
        connections.join(db, program.now_ms())
        return account

    async with sync_lock(program.settings):
        return await program.store.run(store)


async def look(program: Program, account: KarbonAccount) -> None:
    """See whether the keys still open this account, and know the contact types that it has now: one request.

    Raises ReconnectNeeded, RemoteRefused, RemoteUnreachable.
    """
    async with session(program, account) as one:
        tenant = await _tenant(one)
    if tenant.key != account.tenant_key:
        raise ReconnectNeeded("The kept keys open another Karbon account than before", _AGAIN)
    names = msgspec.json.encode(list(tenant.contact_types)).decode()
    await program.store.run(lambda db: accounts.change(db, account, contact_types=names))


@asynccontextmanager
async def session(
    program: Program, account: KarbonAccount, *, on_wait: OnWait | None = None
) -> AsyncIterator[KarbonSession]:
    """Requests to this account. Raises ReconnectNeeded where Karbon refused its keys before, or they are gone.

    A refusal that comes up inside is kept for `status`.
    """
    if account.trouble:
        raise ReconnectNeeded(account.trouble, _AGAIN)
    kept = await program.store.run(_vault(program).get, _secret_of(account.tenant_key))
    if kept is None:
        raise ReconnectNeeded("The keys of the Karbon account are not here", _AGAIN)

    async def keep_reason(error: ReconnectNeeded) -> None:
        await program.store.run(accounts.say_trouble, account, error.what)

    keys = Credentials(*msgspec.json.decode(kept, type=tuple[str, str]))
    async with _session(program, keys, account.api_url, on_wait, keep_reason) as one:
        yield one


@asynccontextmanager
async def _session(
    program: Program,
    keys: Credentials,
    api_url: str,
    on_wait: OnWait | None = None,
    on_refusal: OnRefusal | None = None,
) -> AsyncIterator[KarbonSession]:
    budget = program.budgets.setdefault(keys, Budget(program.now, program.sleep))
    async with http.new_client() as client:
        yield KarbonSession(
            client,
            keys,
            api_url,
            now=program.now,
            sleep=program.sleep,
            on_wait=on_wait,
            on_refusal=on_refusal,
            budget=budget,
        )


async def _asked(program: Program, keys: Credentials) -> Tenant:
    async with _session(program, keys, program.settings.karbon_api_url) as one:
        return await _tenant(one)


async def _tenant(session: KarbonSession) -> Tenant:
    reply = await session.get("/v3/TenantSettings")
    try:
        return wire.read_tenant(reply.body)
    except ValueError as error:
        raise RemoteUnreachable(f"Karbon's answer says nothing of an account: {error}", "Try again later.") from error


def _vault(program: Program) -> Vault:
    return Vault(program.settings.key_file)


def _secret_of(tenant_key: str) -> str:
    return f"karbon {tenant_key}"


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
        raise NotConnected("Karbon's API is not connected", _AGAIN)
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
