"""Connecting a Xero organisation, using it, and letting go of it (product.md 3.1).

A consent goes ``begin`` - ``wait_for_redirect`` or a pasted address - ``finish`` - ``choose`` or ``reconnect``.
Until an organisation is chosen, the tokens of the old consent stay in use.
"""

from __future__ import annotations

import re
import socket

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection, ConnectionState, ImportFilter, Organisation
from xerosync_tui.engine import sessions
from xerosync_tui.engine.lock import sync_lock
from xerosync_tui.errors import NeedsPerson, NotConnected, XeroSyncError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program, active
from xerosync_tui.remotes.xero import callback, tokens
from xerosync_tui.remotes.xero.oauth import Consent as Consent  # a word of this module for cli and tui
from xerosync_tui.settings import Settings
from xerosync_tui.store import connections
from xerosync_tui.store.vault import Vault


async def begin(program: Program) -> Consent:
    """A new consent; its ``url`` is what a person opens in a browser. Raises NotConnected without a Xero app."""
    if not program.settings.xero_client_id:
        raise NotConnected(
            "No Xero app is set up",
            "At developer.xero.com/app/manage make an app of the kind 'Auth Code with PKCE' with the redirect URI "
            f"{program.settings.redirect_uri}, and set XEROSYNC_XERO_CLIENT_ID to its client id.",
        )
    return await sessions.oauth(program).begin()


async def wait_for_redirect(program: Program, consent: Consent) -> str:
    """The address the browser was sent back to. Cancel it when a person pastes the address instead.

    Raises MachineError when the port is taken, NotConnected when nobody consents within five minutes.
    """
    return await callback.redirected(consent)


def ssh_hint(settings: Settings) -> str:
    """What to run on the admin's own machine, so that the browser there finds the listener here."""
    port = settings.redirect_port
    user = settings.user if re.fullmatch(r"[\w.-]+", settings.user) else "user"
    return f"ssh -L {port}:localhost:{port} {user}@{socket.gethostname()}"


async def finish(program: Program, consent: Consent, redirect_url: str) -> list[Organisation]:
    """The organisations to choose from. The tokens are stored before they are used (promise P15).

    Raises NotConnected when the consent was not given, or covers a practice only; RemoteError.
    """
    token = await sessions.oauth(program).exchange(consent, redirect_url)
    await program.store.run(tokens.save, sessions.vault(program), tokens.PENDING, token, program.now_ms())
    async with sessions.xero_by(program, tokens.PENDING) as xero:
        if found := await xero.connections():
            return found
    raise NotConnected(
        "The consent covers no organisation: a practice has no contacts to sync",
        "Start again, and choose an organisation on Xero's page.",
    )


async def choose(
    program: Program,
    organisation: Organisation,
    *,
    import_filter: ImportFilter | None = None,
    contact_type: str | None = None,
) -> Connection:
    """The active connection from here on, to ``organisation``; what is None stays as it was.

    An organisation connected before comes back with its links; another one starts without any (promise P18).
    Raises NotConnected, RemoteError.
    """
    async with sessions.xero_by(program, await program.store.run(_newest, sessions.vault(program))) as xero:
        known = await xero.organisation(organisation)
    chosen = {"import_filter": import_filter and import_filter.value, "contact_type": contact_type}
    changes = {name: value for name, value in chosen.items() if value is not None}
    async with sync_lock(program.settings):  # a sync under way keeps its organisation to the end
        return await program.store.run(_activate, sessions.vault(program), known, program.now_ms(), changes)


async def reconnect(program: Program, organisations: list[Organisation]) -> Connection:
    """The active connection, with the new consent. Raises NeedsPerson when it does not cover its organisation."""
    before = await active(program)
    for organisation in organisations:
        if organisation.id == before.organisation.id:
            return await choose(program, organisation)
    names = ", ".join(organisation.name for organisation in organisations)
    raise NeedsPerson(
        f"The consent covers {names}, not {before.organisation.name}. {another(before, organisations[0])}",
        Hint(Do.CONNECT_OTHER, organisations[0].name),
    )


def another(before: Connection, organisation: Organisation) -> str:
    """What choosing ``organisation`` means for the links of ``before``; empty when it is the same one."""
    old, new = before.organisation, organisation
    if old.id == new.id:
        return ""
    return (
        f"{new.name} is another organisation than {old.name}: it shares no link with it; "
        f"the links of {old.name} are kept for when you connect it again."
    )


async def disconnect(program: Program) -> str:
    """Let go of the active connection; links and history stay. Returns a warning, or empty text.

    It holds on this machine also when Xero cannot be told. Raises NotConnected when nothing is connected.
    """
    connection = await _not_disconnected(program)
    warning = ""
    try:
        await _let_go(program, connection.organisation)
    except XeroSyncError as error:
        warning = (
            f"Disconnected here, but Xero could not be told ({error.what}). "
            "In Xero, remove XeroSync under Settings, Connected apps."
        )
    async with sync_lock(program.settings):
        await program.store.run(_forget, sessions.vault(program), connection.id)
    return warning


async def _not_disconnected(program: Program) -> Connection:
    connection = await active(program)
    if connection.state is ConnectionState.DISCONNECTED:
        raise NotConnected("Xero is not connected", Hint(Do.CONNECT))
    return connection


async def _let_go(program: Program, organisation: Organisation) -> None:
    """Tell Xero. Revoking ends all the user's connections to the app, so only when none is left (xero.md 1.1)."""
    async with sessions.xero_by(program, tokens.ACTIVE) as xero:
        for tenant in await xero.tenants():
            if tenant.tenant_id == organisation.id:  # the kept connection id may be an older consent's
                await xero.remove_connection(tenant.id)
        if not await xero.tenants():
            await sessions.oauth(program).revoke(await sessions.keeper(program, tokens.ACTIVE).valid())


def _newest(db: SqliteDatabase, vault: Vault) -> str:
    return tokens.ACTIVE if vault.get(db, tokens.PENDING) is None else tokens.PENDING


def _activate(
    db: SqliteDatabase, vault: Vault, organisation: Organisation, now: int, changes: dict[str, str]
) -> Connection:
    tokens.promote(db, vault, now)
    directory = connections.directory_identity(db)
    connection = connections.activate(db, organisation, directory, now)
    return connections.choose(db, connection, changes) if changes else connection


def _forget(db: SqliteDatabase, vault: Vault, connection_id: int) -> None:
    for name in (tokens.ACTIVE, tokens.PENDING):
        vault.forget(db, name)
    connections.change(db, connection_id, state=ConnectionState.DISCONNECTED.value, state_reason="")
