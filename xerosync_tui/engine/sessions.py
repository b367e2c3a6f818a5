"""Sessions with the remotes, over the tokens and keys that the vault holds for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection, ConnectionState, KarbonAccount, Organisation
from xerosync_tui.errors import ReconnectNeeded, RemoteUnreachable
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program, active, require
from xerosync_tui.remotes import http
from xerosync_tui.remotes.karbon import wire
from xerosync_tui.remotes.karbon.budget import Budget, OnWait
from xerosync_tui.remotes.karbon.session import Credentials, KarbonSession, OnRefusal
from xerosync_tui.remotes.karbon.wire import KarbonTenant
from xerosync_tui.remotes.xero import tokens
from xerosync_tui.remotes.xero.oauth import XeroOAuth
from xerosync_tui.remotes.xero.session import OnReconnect, XeroSession
from xerosync_tui.remotes.xero.tokens import TokenKeeper
from xerosync_tui.store import accounts, connections
from xerosync_tui.store.vault import Vault

AGAIN = Hint(Do.CONNECT_KARBON)


def vault(program: Program) -> Vault:
    """Where this program keeps its secrets."""
    return Vault(program.settings.key_file)


# Xero


@asynccontextmanager
async def xero(
    program: Program, connection: Connection | None = None, *, on_wait: OnWait | None = None
) -> AsyncIterator[XeroSession]:
    """Requests for a connection (None: the active one).

    ``on_wait(seconds left, reason)``: a limit makes us wait; 0 at its end. Raises what ``require`` raises. A
    ReconnectNeeded that comes up inside is kept for `status`.
    """
    it = connection or await active(program)
    require(it)

    async def keep_reason(error: ReconnectNeeded) -> None:
        await program.store.run(_needs_reconnect, it.id, it.connected_at, error.what)

    async with xero_by(program, tokens.ACTIVE, it.organisation, on_wait, keep_reason) as session:
        yield session


@asynccontextmanager
async def xero_by(
    program: Program,
    token: str,
    organisation: Organisation | None = None,
    on_wait: OnWait | None = None,
    on_reconnect: OnReconnect | None = None,
) -> AsyncIterator[XeroSession]:
    """Requests under the token set of that name."""
    async with http.new_client() as client:
        yield XeroSession(
            client,
            keeper(program, token),
            program.settings.xero_api_url,
            organisation,
            now=program.now,
            sleep=program.sleep,
            on_wait=on_wait,
            on_reconnect=on_reconnect,
        )


def keeper(program: Program, name: str) -> TokenKeeper:
    """Who keeps the token set of that name fresh."""
    return TokenKeeper(program.store, vault(program), oauth(program), now=program.now, sleep=program.sleep, name=name)


def oauth(program: Program) -> XeroOAuth:
    """Xero's OAuth 2.0 endpoints as set up here."""
    return XeroOAuth(program.settings, program.now)


def _needs_reconnect(db: SqliteDatabase, connection_id: int, connected_at: int, reason: str) -> None:
    # Unless a person has reconnected or disconnected meanwhile.
    now = connections.by_id(db, connection_id)
    if now.state is ConnectionState.CONNECTED and now.connected_at == connected_at:
        connections.change(db, connection_id, state=ConnectionState.RECONNECT.value, state_reason=reason)


# Karbon's API


@asynccontextmanager
async def karbon(
    program: Program, account: KarbonAccount, *, on_wait: OnWait | None = None
) -> AsyncIterator[KarbonSession]:
    """Requests to this account. Raises ReconnectNeeded where Karbon refused its keys before, or they are gone.

    A refusal that comes up inside is kept for `status`.
    """
    if account.trouble:
        raise ReconnectNeeded(account.trouble, AGAIN)
    kept = await program.store.run(vault(program).get, secret_of(account.tenant_key))
    if kept is None:
        raise ReconnectNeeded("The keys of the Karbon account are not here", AGAIN)

    async def keep_reason(error: ReconnectNeeded) -> None:
        await program.store.run(accounts.say_trouble, account, error.what)

    keys = Credentials(*msgspec.json.decode(kept, type=tuple[str, str]))
    async with karbon_by(program, keys, account.api_url, on_wait, keep_reason) as session:
        yield session


@asynccontextmanager
async def karbon_by(
    program: Program,
    keys: Credentials,
    api_url: str,
    on_wait: OnWait | None = None,
    on_refusal: OnRefusal | None = None,
) -> AsyncIterator[KarbonSession]:
    """Requests with these keys. All sessions of a program share the limit of an account."""
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


async def tenant_of(session: KarbonSession) -> KarbonTenant:
    """Whose account it is (``GET /v3/TenantSettings``, karbon.md 2.1). Raises what the session raises."""
    reply = await session.get("/v3/TenantSettings")
    try:
        return wire.read_tenant(reply.body)
    except ValueError as error:
        raise RemoteUnreachable(f"Karbon's answer says nothing of an account: {error}", "Try again later.") from error


async def look(program: Program, account: KarbonAccount) -> None:
    """See whether the keys still open this account, and know the contact types that it has now: one request.

    Raises ReconnectNeeded, RemoteRefused, RemoteUnreachable.
    """
    async with karbon(program, account) as session:
        tenant = await tenant_of(session)
    if tenant.key != account.tenant_key:
        raise ReconnectNeeded("The kept keys open another Karbon account than before", AGAIN)
    names = msgspec.json.encode(list(tenant.contact_types)).decode()
    await program.store.run(lambda db: accounts.change(db, account, contact_types=names))


def secret_of(tenant_key: str) -> str:
    """Under which name the vault keeps the keys of an account."""
    return f"karbon {tenant_key}"
