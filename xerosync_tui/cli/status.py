"""``xerosync status``: how things stand, without asking Xero."""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass
from typing import Any

from xerosync_tui.cli import output, preview
from xerosync_tui.cli.history import run_document
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.connection import Connection, ConnectionState
from xerosync_tui.domain.display import counted
from xerosync_tui.program import Program
from xerosync_tui.services import overview, timing
from xerosync_tui.services.overview import AtWork


@dataclass(frozen=True, slots=True)
class _Found:
    """How things stand, when the next run is due, and whether a `watch` is there to start it."""

    status: overview.Status
    due: timing.Due
    watched: bool
    day_limit_until: int | None


def status(arguments: argparse.Namespace) -> int:
    """``xerosync status``: 4 when there is no working connection."""
    found = with_program(_read)
    if arguments.json:
        output.as_json(_document(found))
    else:
        _print(found)
    connection = found.status.connection
    working = connection is not None and connection.state is ConnectionState.CONNECTED
    return 0 if working else 4


async def _read(program: Program) -> _Found:
    found = await overview.status(program)
    until = found.connection.quota_until if found.connection else None
    over = until is None or until <= program.now_ms()
    return _Found(found, await timing.due(program), timing.is_watched(program.settings), None if over else until)


def _document(found: _Found) -> dict[str, Any]:
    connection, run, holder = found.status.connection, found.status.last_run, found.status.holder
    return {
        "connection": _connection_document(connection) if connection else None,
        "counts": asdict(found.status.counts),
        "last_run": run_document(run) if run else None,
        "next_run": {"at": output.moment(found.due.at), "reason": found.due.reason, "watched": found.watched},
        "at_work": found.status.at_work,
        "holder": _holder_document(holder) if holder else None,
        "brake": preview.brake_document(connection.brake if connection else None),
        "day_limit_until": output.moment(found.day_limit_until),
        "karbon_api": _account_document(found.status) if found.status.account else None,
    }


def _account_document(status: overview.Status) -> dict[str, Any]:
    account = status.account
    assert account
    asked, theirs = status.native
    return {
        "account": account.tenant_key,
        "url": account.api_url,
        "trouble": account.trouble,
        "contacts": status.cards.total,
        "cards_to_read": status.cards.unread,
        "asked_about_karbons_own_sync": asked,
        "linked_by_karbons_own_sync": theirs,
        **overview.settings_of_account(account),
    }


def _holder_document(holder: AtWork) -> dict[str, Any]:
    return {"process": holder.pid, "who": holder.who, "doing": holder.doing, "since": output.moment(holder.since)}


def _connection_document(connection: Connection) -> dict[str, Any]:
    return {
        "organisation": connection.organisation.name,
        "organisation_id": connection.organisation.id,
        "state": connection.state.value,
        "reason": connection.state_reason,
        "directory": connection.directory,
        "connected_at": output.moment(connection.connected_at),
        "first_sync_started_at": output.moment(connection.started_at),
        **overview.settings_of(connection),
    }


def _print(found: _Found) -> None:
    connection, run, holder = found.status.connection, found.status.last_run, found.status.holder
    if connection is None:
        output.say("Not connected. Connect with: xerosync connect")
        return
    reason = f": {connection.state_reason}" if connection.state_reason else ""
    output.say(f"{connection.organisation.name}: {connection.state.value}{reason}")
    if connection.state is ConnectionState.RECONNECT:
        output.say("Give consent again: xerosync reconnect")
    for key, value in asdict(found.status.counts).items():
        output.say(f"  {key.replace('_', ' '):16} {value}")
    if account := found.status.account:
        output.say(f"Karbon: its API, account {account.tenant_key}{f': {account.trouble}' if account.trouble else ''}")
        for line in preview.reading(found.status):
            output.say(f"  {line}")
    if found.status.at_work:
        output.say("At work now" + (f": {_at_work(holder)}" if holder else ""))
    if connection.brake:
        preview.print_brake(connection.brake)
    if found.day_limit_until:
        output.say(f"Xero's day limit is used up until {output.moment(found.day_limit_until)}")
    if run:
        error = f" ({run.error})" if run.error else ""
        at, requests = output.moment(run.started_at), counted(run.requests, "request")
        output.say(f"Last run: {run.kind}, {run.state}{error}, {at}, {requests}")
        if left := found.status.quota.day_left:
            output.say(f"Requests left at Xero today: {left}")
    output.say(f"Next run: {_next(found)}")


def _at_work(holder: AtWork) -> str:
    return f"{holder.who}, {holder.doing}, since {output.moment(holder.since)}, process {holder.pid}"


def _next(found: _Found) -> str:
    if found.due.at is None:
        return f"none, {found.due.reason}"
    reason = f" ({found.due.reason})" if found.due.reason else ""
    by = "by `xerosync watch`" if found.watched else "when `xerosync watch` or the screens are running"
    return f"due {output.moment(found.due.at)}{reason}, {by}"
