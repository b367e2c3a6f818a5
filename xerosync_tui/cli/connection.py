"""Connecting, disconnecting, what was chosen, and how things stand."""

from __future__ import annotations

import argparse
from typing import Any

from xerosync_tui.cli import output
from xerosync_tui.cli.consent import choose, obtain_consent
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.connection import Connection, ConnectionState, ImportFilter
from xerosync_tui.errors import UsageError
from xerosync_tui.services import connect as consent_flow
from xerosync_tui.services import contacts, overview
from xerosync_tui.services.program import Program


def connect(arguments: argparse.Namespace) -> int:
    """``xerosync connect``."""
    return with_program(lambda program: _connect(program, arguments))


def reconnect(arguments: argparse.Namespace) -> int:
    """``xerosync reconnect``: the same consent again; the organisation that was active is chosen by itself."""
    return with_program(lambda program: _reconnect(program, arguments))


async def _connect(program: Program, arguments: argparse.Namespace) -> int:
    if arguments.contact_type is not None:
        known = await contacts.types(program)
        if arguments.contact_type not in known:
            raise UsageError(f"There is no contact type {arguments.contact_type!r}", f"Types: {', '.join(known)}.")
    organisation = await choose(await obtain_consent(program), arguments.organisation)
    connection = await consent_flow.choose(
        program,
        organisation,
        import_filter=ImportFilter(arguments.filter) if arguments.filter else None,
        contact_type=arguments.contact_type,
    )
    _say_connected(connection)
    output.say("Next: xerosync sync --preview")
    return 0


async def _reconnect(program: Program, arguments: argparse.Namespace) -> int:
    before = await consent_flow.active(program)
    organisations = await obtain_consent(program)
    if arguments.organisation is None:
        connection = await consent_flow.reconnect(program, organisations)
    else:
        organisation = await choose(organisations, arguments.organisation)
        connection = await consent_flow.choose(program, organisation)
        if warning := consent_flow.another(before, organisation):
            output.say(warning)
    _say_connected(connection)
    return 0


def _say_connected(connection: Connection) -> None:
    chosen = overview.settings_of(connection)
    output.say(f"Connected: {connection.organisation.name} ({connection.organisation.country or 'country unknown'}).")
    output.say(f"Takes part: {chosen['filter']}. New Karbon contacts become: {chosen['contact_type'] or 'no type'}.")


def disconnect(arguments: argparse.Namespace) -> int:
    """``xerosync disconnect``."""
    warning = with_program(consent_flow.disconnect)
    output.say("Disconnected. Tokens are forgotten; links and history are kept.")
    if warning:
        output.note(warning)
    return 0


def settings(arguments: argparse.Namespace) -> int:
    """``xerosync settings``."""
    changes = output.pairs(arguments.changes)
    chosen = overview.settings_of(with_program(lambda program: overview.change_settings(program, changes)))
    if arguments.json:
        output.as_json(chosen)
    else:
        for key, value in chosen.items():
            output.say(f"{key}={value}")
    return 0


def types(arguments: argparse.Namespace) -> int:
    """``xerosync types``."""
    known = with_program(lambda program: _types(program, arguments.action, arguments.names))
    if arguments.json:
        output.as_json(known)
    else:
        for name in known:
            output.say(name)
    return 0


async def _types(program: Program, action: str | None, names: list[str]) -> list[str]:
    wanted = {None: 0, "add": 1, "remove": 1, "rename": 2}[action]
    if len(names) != wanted:
        raise UsageError(f"types {action or ''} takes {wanted} name{'' if wanted == 1 else 's'}")
    if action == "add":
        await contacts.add_type(program, names[0])
    elif action == "remove":
        await contacts.remove_type(program, names[0])
    elif action == "rename":
        await contacts.rename_type(program, names[0], names[1])
    return await contacts.types(program)


def status(arguments: argparse.Namespace) -> int:
    """``xerosync status``: 4 when there is no working connection."""
    found = with_program(overview.status)
    if arguments.json:
        output.as_json(_status_document(found))
    else:
        _print_status(found)
    working = found.connection is not None and found.connection.state is ConnectionState.CONNECTED
    return 0 if working else 4


def _status_document(found: overview.Status) -> dict[str, Any]:
    connection, run = found.connection, found.last_run
    document: dict[str, Any] = {
        "connection": None,
        "counts": dict(found.counts),
        "last_run": None,
        "next_run": None,  # nothing runs by itself yet
        "at_work": found.at_work,
    }
    if connection:
        document["connection"] = {
            "organisation": connection.organisation.name,
            "organisation_id": connection.organisation.id,
            "state": connection.state.value,
            "reason": connection.state_reason,
            "directory": connection.directory,
            "connected_at": output.moment(connection.connected_at),
            "first_sync_started_at": output.moment(connection.started_at),
            **overview.settings_of(connection),
        }
    if run:
        document["last_run"] = {
            "kind": run.kind,
            "state": run.state,
            "who": run.who,
            "started_at": output.moment(run.started_at),
            "finished_at": output.moment(run.finished_at),
            "requests": run.requests,
            "counts": dict(run.counts),
            "error": run.error,
        }
    return document


def _print_status(found: overview.Status) -> None:
    connection, run = found.connection, found.last_run
    if connection is None:
        output.say("Not connected. Connect with: xerosync connect")
        return
    reason = f": {connection.state_reason}" if connection.state_reason else ""
    output.say(f"{connection.organisation.name}: {connection.state.value}{reason}")
    if connection.state is ConnectionState.RECONNECT:
        output.say("Give consent again: xerosync reconnect")
    for key, value in found.counts.items():
        output.say(f"  {key.replace('_', ' '):16} {value}")
    if found.at_work:
        output.say("At work now" + (f": {run.who}, {run.kind}" if run and run.state == "running" else ""))
    if run:
        error = f" ({run.error})" if run.error else ""
        output.say(
            f"Last run: {run.kind}, {run.state}{error}, {output.moment(run.started_at)}, {run.requests} requests"
        )
