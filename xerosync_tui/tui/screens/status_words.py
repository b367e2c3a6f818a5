"""How things stand, in words: the two cards of Connected Apps, the last run, the next one, who is at work."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from xerosync_tui.domain.connection import Connection, ConnectionState
from xerosync_tui.services import overview
from xerosync_tui.services.overview import AtWork, Status
from xerosync_tui.tui import history_words, text
from xerosync_tui.tui.own_sync import OwnSync
from xerosync_tui.tui.words import FILTERS


def xero_card(status: Status, now: int) -> list[object]:
    """The connection, its consent, what is left of Xero's limits."""
    connection = status.connection
    if connection is None or connection.state is ConnectionState.DISCONNECTED:
        return [
            ("○ not connected", "bold"),
            *([f"Was {connection.organisation.name}, its links are kept."] if connection else []),
            "Connecting asks Xero for leave to read and write contacts only. Nothing is written on either side "
            "before you have seen the preview.",
        ]
    organisation = text.line((connection.organisation.name, "bold"), f"  {connection.organisation.country}")
    if connection.state is ConnectionState.RECONNECT:
        return [text.line(("! ", "bold"), organisation), ("reconnect needed", "bold"), connection.state_reason]
    return [
        text.line(("✓ ", "bold"), organisation),
        f"connected for {text.ago(connection.connected_at, now)}, consent good",
        f"contacts   {text.number(status.counts.get('xero_contacts', 0))}",
        *_quota(status, connection, now),
    ]


def _quota(status: Status, connection: Connection, now: int) -> list[object]:
    """What Xero said is left: of 60 requests a minute, and of the day, whose limit it does not tell (xero.md 2.6)."""
    counts = status.last_run.counts if status.last_run else {}
    found: list[object] = []
    if (left := counts.get("minute quota left")) is not None:
        filled = max(0, min(10, round(left / 6)))
        found.append(f"minute  ▕{'█' * filled}{'░' * (10 - filled)}▏ {left} of 60 left")
    if connection.quota_until and connection.quota_until > now:
        until = datetime.fromtimestamp(connection.quota_until / 1000).astimezone().strftime("%a %H:%M")
        found.append((f"day      used up until {until}", "bold"))
    elif (left := counts.get("day quota left")) is not None:
        found.append(f"day      {text.counted(left, 'request')} left")
    return found


def karbon_card(status: Status) -> list[object]:
    """The directory, and what was chosen for the connection."""
    people = text.counted(status.karbon_people, "person", "people")
    rows: list[object] = [
        ("✓ Built-in directory", "bold"),
        f"{people}, {text.counted(status.karbon_organizations, 'organization')}",
    ]
    if status.connection:
        chosen = overview.settings_of(status.connection)
        rows.append(f"new contacts become  {chosen['contact_type'] or 'no type'}")
        rows.append(f"takes part           {FILTERS[chosen['filter']]}")
    return rows


def last_run(status: Status, now: int) -> Content:
    """When it was and what it did, or why it failed."""
    run = status.last_run
    if run is None:
        return text.safe("  Last run   none yet")
    words = f"  Last run   {text.ago(run.started_at, now)} ago, {run.kind}"
    if run.state != "done":
        return text.line(words, (f"   {run.state}{f': {run.error}' if run.error else ''}", "bold"))
    seconds = ((run.finished_at or run.started_at) - run.started_at) / 1000
    did = "" if run.kind == "preview" else f"   {history_words.did(run.counts)}"
    return text.safe(f"{words}{did}   {seconds:.1f} s   {text.counted(run.requests, 'request')}")


def next_run(own_sync: OwnSync, now: int) -> Content:
    """When it is due, why not earlier, and who starts it."""
    due = own_sync.due
    if due.at is None:
        return text.line("  Next run   none: ", due.reason)
    by = "by `xerosync watch`" if own_sync.watched else "by itself, while this is open"
    return text.line(
        "  Next run   ", text.ahead(due.at, now), f"   {due.reason}" if due.reason else "", (f"   {by}", "dim")
    )


def at_work(holder: AtWork, now: int) -> Content:
    """Which other program holds the lock."""
    since = text.ago(holder.since, now)
    return text.line("  Now        ", f"{holder.who}: {holder.doing}, for {since}", (f"   process {holder.pid}", "dim"))
