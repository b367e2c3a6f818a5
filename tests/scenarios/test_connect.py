"""Connecting, reconnecting and letting go, as a person does it."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import socket
import stat
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
import pytest

from xerosync_tui.domain.connection import Connection, ConnectionState, ImportFilter
from xerosync_tui.engine import sessions
from xerosync_tui.errors import MachineError, NeedsPerson, NotConnected, ReconnectNeeded, RemoteRefused
from xerosync_tui.program import Program, active
from xerosync_tui.remotes.xero import tokens
from xerosync_tui.services import connect
from xerosync_tui.settings import Settings
from xerosync_tui.store import connections
from xerosync_tui.store.vault import Vault

from .sandboxed import Xero, browse, consent_to, program_over

CONTACTS = {"page": "1", "pageSize": "5"}


async def read(program: Program) -> int:
    async with sessions.xero(program) as session:
        return (await session.get("/Contacts", CONTACTS)).status


async def kept(program: Program, name: str) -> str | None:
    return await program.store.run(Vault(program.settings.key_file).get, name)


async def test_consent_given_in_the_browser_connects(program: Program, xero: Xero) -> None:
    consent = await connect.begin(program)
    waiting = asyncio.create_task(connect.wait_for_redirect(program, consent))
    address = await browse(consent.url)
    async with httpx2.AsyncClient(trust_env=False, verify=False) as browser:
        stray = await browser.get(address.replace("state=", "state=another"))
        page = await browser.get(address)
    organisations = await connect.finish(program, consent, await waiting)
    connection = await connect.choose(
        program, organisations[0], import_filter=ImportFilter.CUSTOMERS, contact_type="Client"
    )

    assert stray.status_code == 400
    assert "close this window" in page.text
    assert connection.state is ConnectionState.CONNECTED
    assert connection.organisation.short_code.startswith("!")
    assert connection.organisation.country
    assert (connection.import_filter, connection.contact_type) == (ImportFilter.CUSTOMERS, "Client")
    assert await read(program) == 200


async def test_the_consent_asks_for_no_more_than_it_needs(program: Program) -> None:
    consent = await connect.begin(program)
    query = {name: values[0] for name, values in parse_qs(urlsplit(consent.url).query).items()}

    assert urlsplit(consent.url).path == "/identity/connect/authorize"
    assert query["scope"] == "offline_access accounting.contacts accounting.settings.read"
    assert query["redirect_uri"] == program.settings.redirect_uri
    assert (query["response_type"], query["code_challenge_method"]) == ("code", "S256")
    assert len(query["state"]) >= 32
    assert consent.verifier not in consent.url


async def test_no_xero_app_says_how_to_get_one(settings: Settings, xero: Xero) -> None:
    async with program_over(dataclasses.replace(settings, xero_client_id=""), xero) as program:
        with pytest.raises(NotConnected) as raised:
            await connect.begin(program)
    assert settings.redirect_uri in raised.value.next_step


async def test_consent_denied(program: Program) -> None:
    consent = await connect.begin(program)
    with pytest.raises(NotConnected, match="declined") as raised:
        await connect.finish(program, consent, await browse(consent.url, "deny"))
    assert raised.value.exit_code == 4


async def test_a_code_works_once(program: Program) -> None:
    consent = await connect.begin(program)
    address = await browse(consent.url)
    await connect.finish(program, consent, address)
    with pytest.raises(NotConnected, match="used or is too old"):
        await connect.finish(program, consent, address)


async def test_a_wrong_client_id_is_named_as_the_cause(settings: Settings, xero: Xero) -> None:
    async with program_over(settings, xero) as program:
        consent = await connect.begin(program)
        address = await browse(consent.url)
    async with program_over(dataclasses.replace(settings, xero_client_id="ANOTHER"), xero) as program:
        with pytest.raises(RemoteRefused, match="invalid_client") as raised:
            await connect.finish(program, consent, address)
    assert "XEROSYNC_XERO_CLIENT_ID" in raised.value.next_step


async def test_the_port_is_taken(program: Program) -> None:
    consent = await connect.begin(program)
    port = program.settings.redirect_port
    with socket.create_server(("127.0.0.1", port)), pytest.raises(MachineError, match=f"Port {port}") as raised:
        await connect.wait_for_redirect(program, consent)
    assert "XEROSYNC_REDIRECT_PORT" in raised.value.next_step


async def test_several_organisations_one_is_chosen(program: Program, xero: Xero) -> None:
    organisations = await consent_to(program)  # to the practice too, which is not offered
    assert not any("(practice)" in one.name for one in organisations)
    second = await connect.choose(program, organisations[1])

    assert len(organisations) >= 2
    assert second.organisation.id == organisations[1].id
    assert await read(program) == 200
    assert xero.state()["log"][-1]["tenant"] == organisations[1].id


async def test_a_practice_alone_is_refused(program: Program, xero: Xero) -> None:
    practices = [one["tenantId"] for one in xero.state()["organisations"] if "(practice)" in one["name"]]
    assert practices
    with pytest.raises(NotConnected, match="a practice has no contacts"):
        await consent_to(program, practices)


async def test_the_old_consent_serves_until_a_choice_is_made(
    program: Program, connection: Connection, xero: Xero
) -> None:
    before = await kept(program, tokens.ACTIVE)
    await consent_to(program)

    assert await kept(program, tokens.ACTIVE) == before
    assert await read(program) == 200


async def test_a_revoked_consent_needs_reconnecting_and_says_why(
    program: Program, connection: Connection, xero: Xero
) -> None:
    xero.fault("token_revoked", "/api.xro/2.0/Contacts")
    with pytest.raises(ReconnectNeeded, match="revoked") as raised:
        await read(program)

    after = await active(program)
    assert (after.state, after.state_reason) == (ConnectionState.RECONNECT, raised.value.what)
    requests = len(xero.statuses())
    with pytest.raises(ReconnectNeeded, match="revoked"):
        await read(program)
    assert len(xero.statuses()) == requests  # the second is refused from memory


async def test_a_missing_scope_is_not_refreshed_for_ever(program: Program, connection: Connection, xero: Xero) -> None:
    xero.fault("insufficient_scope", "/api.xro/2.0/Contacts")
    with pytest.raises(ReconnectNeeded, match="scope"):
        await read(program)
    assert xero.count("POST /connect/token") == 1
    assert (await active(program)).state is ConnectionState.RECONNECT


async def test_a_vanished_organisation_is_named(program: Program, connection: Connection, xero: Xero) -> None:
    xero.fault("organisation_gone", "/api.xro/2.0/Contacts")
    with pytest.raises(ReconnectNeeded, match=f"{connection.organisation.name} is no longer connected"):
        await read(program)
    assert (await active(program)).state is ConnectionState.RECONNECT


async def test_reconnecting_keeps_the_row_and_what_was_chosen(
    program: Program, connection: Connection, xero: Xero
) -> None:
    await program.store.run(connections.change, connection.id, contact_type="Client", import_filter="customers")
    xero.fault("token_revoked", "/api.xro/2.0/Contacts")
    with pytest.raises(ReconnectNeeded):
        await read(program)
    after = await connect.reconnect(program, await consent_to(program))

    assert after.id == connection.id
    assert (after.state, after.state_reason) == (ConnectionState.CONNECTED, "")
    assert (after.contact_type, after.import_filter) == ("Client", ImportFilter.CUSTOMERS)
    assert await read(program) == 200


async def test_reconnecting_another_organisation_says_so_and_starts_anew(
    program: Program, connection: Connection, xero: Xero
) -> None:
    """P18."""
    organisations = [one for one in await consent_to(program) if one.id != connection.organisation.id]
    with pytest.raises(NeedsPerson, match=f"not {connection.organisation.name}") as raised:
        await connect.reconnect(program, organisations)
    other = await connect.choose(program, organisations[0])

    assert "shares no link" in raised.value.what
    assert organisations[0].name in raised.value.next_step
    assert other.id != connection.id
    assert (await connect.choose(program, connection.organisation)).id == connection.id


async def test_disconnecting_leaves_other_organisations_of_the_consent_alone(
    program: Program, connection: Connection, xero: Xero
) -> None:
    assert await connect.disconnect(program) == ""

    connected = {one["tenantId"]: one["connected"] for one in xero.state()["organisations"]}
    assert connected.pop(connection.organisation.id) is False
    assert any(connected.values())
    assert xero.count("POST /connect/revocation") == 0
    assert (await active(program)).state is ConnectionState.DISCONNECTED
    assert await kept(program, tokens.ACTIVE) is None
    with pytest.raises(NotConnected):
        await read(program)
    with pytest.raises(NotConnected):
        await connect.disconnect(program)


async def test_disconnecting_the_last_organisation_revokes_the_consent(program: Program, xero: Xero) -> None:
    tenants = [one["tenantId"] for one in xero.state()["organisations"]]
    (only,) = await consent_to(program, tenants[:1])
    await connect.choose(program, only)
    assert await connect.disconnect(program) == ""
    assert xero.count("POST /connect/revocation") == 1


async def test_disconnecting_works_without_xero(settings: Settings, xero: Xero, connection: Connection) -> None:
    nobody = {"xero_api_url": "http://127.0.0.1:9", "xero_identity_url": "http://127.0.0.1:9"}
    async with program_over(dataclasses.replace(settings, **nobody), xero) as program:
        warning = await connect.disconnect(program)
        assert "127.0.0.1:9 refuses the connection" in warning
        assert (await active(program)).state is ConnectionState.DISCONNECTED
        assert await kept(program, tokens.ACTIVE) is None


async def test_a_session_that_outlived_a_disconnect_does_not_undo_it(
    program: Program, connection: Connection, xero: Xero
) -> None:
    async with sessions.xero(program) as session:
        await session.get("/Contacts", CONTACTS)
        await connect.disconnect(program)
        xero.fault("insufficient_scope", "/api.xro/2.0/Contacts")
        with pytest.raises(ReconnectNeeded):
            await session.get("/Contacts", CONTACTS)
    assert (await active(program)).state is ConnectionState.DISCONNECTED


async def test_a_lost_key_file_asks_for_a_new_consent(program: Program, connection: Connection, xero: Xero) -> None:
    program.settings.key_file.unlink()
    with pytest.raises(ReconnectNeeded, match="key file is gone"):
        await read(program)
    await connect.reconnect(program, await consent_to(program))
    assert await read(program) == 200


async def test_nothing_secret_is_left_lying_about(
    program: Program, settings: Settings, xero: Xero, caplog: pytest.LogCaptureFixture
) -> None:
    """P19."""
    caplog.set_level(logging.DEBUG)
    consent = await connect.begin(program)
    waiting = asyncio.create_task(connect.wait_for_redirect(program, consent))
    address = await browse(consent.url)
    async with httpx2.AsyncClient(trust_env=False, verify=False) as browser:
        await browser.get(address)
    browsers = ("httpx", "httpcore")  # the test's own browser logs what it visits
    listener = "".join(record.getMessage() for record in caplog.records if not record.name.startswith(browsers))
    caplog.clear()
    organisations = await connect.finish(program, consent, await waiting)
    await connect.choose(program, organisations[0])
    xero.advance(1801)
    await read(program)

    token = msgspec.json.decode(await kept(program, tokens.ACTIVE) or "")["token"]
    code = parse_qs(urlsplit(address).query)["code"][0]
    secrets = [token["access"], token["refresh"], code, consent.verifier, consent.state]
    home = settings.database.parent
    files = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    shown = listener + caplog.text + repr(consent) + repr(tokens.Token(token["access"], token["refresh"], 0.0))
    for secret in secrets:
        assert secret.encode() not in files
        assert secret not in shown
    assert stat.S_IMODE(settings.key_file.stat().st_mode) == 0o600


def test_the_ssh_line(settings: Settings) -> None:
    port = settings.redirect_port
    hint = connect.ssh_hint(dataclasses.replace(settings, user="anna"))
    assert hint.startswith(f"ssh -L {port}:localhost:{port} anna@")
    assert " user@" in connect.ssh_hint(dataclasses.replace(settings, user="Anna B"))
