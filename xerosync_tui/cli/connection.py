"""Connecting, disconnecting, and what was chosen."""

from __future__ import annotations

import argparse
import getpass
import os
import sys

from xerosync_tui.cli import output
from xerosync_tui.cli.consent import choose, obtain_consent
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.connection import Connection, ImportFilter
from xerosync_tui.errors import UsageError
from xerosync_tui.program import Program, active
from xerosync_tui.services import connect as consent_flow
from xerosync_tui.services import contacts, karbon, overview


def connect(arguments: argparse.Namespace) -> int:
    """``xerosync connect``."""
    if arguments.app == "karbon":
        if given := [
            name for name in ("organisation", "filter", "contact_type") if getattr(arguments, name) is not None
        ]:
            raise UsageError(f"--{given[0].replace('_', '-')} goes with `xerosync connect`", "Leave it out.")
        return with_program(_connect_karbon)
    return with_program(lambda program: _connect(program, arguments))


async def _connect_karbon(program: Program) -> int:
    token, access_key = (_karbon_key(*which) for which in _KARBON_KEYS)
    joined = await karbon.connect(program, token, access_key)
    output.say(f"Connected: Karbon account {joined.account.tenant_key}, by its API. Nothing was read or written yet.")
    output.say(f"Contact types: {', '.join(joined.account.contact_types) or 'none'}.")
    if joined.connection is None:
        output.say("Next: xerosync connect")
        return 0
    again = "Its links are there again" if joined.known else "It shares no link with the directory before"
    output.say(f"{again}; those of the other one are kept for when it comes back.")
    output.say("Next: xerosync settings contact_type=..., then xerosync sync --preview")
    return 0


_KARBON_KEYS = (("XEROSYNC_KARBON_TOKEN", "Application token"), ("XEROSYNC_KARBON_ACCESS_KEY", "Access key"))


def _karbon_key(variable: str, label: str) -> str:
    """One of the two keys: from the environment, or typed unseen."""
    if key := os.environ.get(variable):
        return key
    if not sys.stdin.isatty():
        raise UsageError(f"The {label.lower()} of Karbon is not given", f"Set {variable}, or run it in a terminal.")
    return getpass.getpass(f"{label} (Karbon: Settings > Connected Apps > API Applications): ")


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
    before = await active(program)
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
    if arguments.app == "karbon":
        account = with_program(karbon.leave)
        output.say(
            f"The built-in directory is in use again. The keys of {account.tenant_key} are forgotten; links stay."
        )
        return 0
    warning = with_program(consent_flow.disconnect)
    output.say("Disconnected. Tokens are forgotten; links and history are kept.")
    if warning:
        output.note(warning)
    return 0


def settings(arguments: argparse.Namespace) -> int:
    """``xerosync settings``."""
    changes = output.pairs(arguments.changes)
    chosen = with_program(lambda program: _chosen(program, changes))
    if arguments.json:
        output.as_json(chosen)
    else:
        for key, value in chosen.items():
            output.say(f"{key}={value}")
    return 0


async def _chosen(program: Program, changes: dict[str, str]) -> dict[str, str]:
    chosen = overview.settings_of(await overview.change_settings(program, changes))
    account = await overview.account_in_use(program)
    return chosen | (overview.settings_of_account(account) if account else {})


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
