"""How things stand, in words: the two cards of Connected Apps, the last run, the next one, who is at work."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from xerosync_tui.domain.connection import Connection, ConnectionState
from xerosync_tui.domain.pace import A_RUN
from xerosync_tui.domain.states import RunKind, RunState
from xerosync_tui.services import overview
from xerosync_tui.services.overview import AtWork, Status
from xerosync_tui.tui import history_words, text
from xerosync_tui.tui.own_sync import OwnSync
from xerosync_tui.tui.widgets.fitting import wrapped
from xerosync_tui.tui.widgets.spark import gauge, sparkline
from xerosync_tui.tui.widgets.top_bar import trouble_in_words
from xerosync_tui.tui.words import FILTERS

_INSET = 26  # where the reason of a failure stands, behind when it was
_MOST_OF_A_REASON = 3  # lines


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
        return [text.line(("! ", "bold"), organisation), ("  reconnect needed", "bold"), f"  {connection.state_reason}"]
    trouble, count = trouble_in_words(status), status.counts.xero_contacts
    return [
        text.line(("! " if trouble else "✓ ", "bold"), organisation),
        f"  connected for {text.ago(connection.connected_at, now)}, consent good",
        f"  {text.counted(count, 'contact')}" if count else "  contacts not read yet",
        *([(f"  {trouble}", "bold")] if trouble else []),
        *_quota(status, connection, now),
    ]


def _quota(status: Status, connection: Connection, now: int) -> list[object]:
    """What Xero said is left: of 60 requests a minute, and of the day, whose limit it does not tell (xero.md 4)."""
    counts = status.quota
    found: list[object] = []
    if (left := counts.minute_left) is not None:
        found.append(f"  minute {gauge(left, 60)} {left} of 60 left")
    left = counts.day_left
    if connection.quota_until and connection.quota_until > now:
        until = datetime.fromtimestamp(connection.quota_until / 1000).astimezone().strftime("%a %H:%M")
        found.append((f"  day    used up until {until}", "bold"))
    elif left is not None and status.day_limit:
        limit = text.number(status.day_limit)
        found.append(f"  day    {gauge(left, status.day_limit)} {text.number(left)} of {limit}")
    elif left is not None:
        found.append(f"  day    {text.number(left)} left, of a limit not known")
    return found or ["  limits not known"]


def karbon_card(status: Status, *, previews: bool) -> list[object]:
    """Which directory it is, and what was chosen for the connection; ``previews``: a preview reads it right now."""
    people = text.counted(status.karbon_people, "person", "people")
    held = f"{people}, {text.counted(status.karbon_organizations, 'organization')}"
    empty = not status.karbon_people and not status.karbon_organizations
    if status.account:
        rows = _account(status, "contacts not read yet" if empty else held, previews=previews)
    else:
        rows = [("✓ Built-in directory", "bold"), "empty: 4, then i brings a file of contacts in" if empty else held]
        if status.connection is None or status.connection.started_at is None:
            rows.append(text.line(("K", "bold"), " takes Karbon's API in its place"))
    if status.connection:
        chosen = overview.settings_of(status.connection)
        rows.append(f"new contacts become  {chosen['contact_type'] or 'no type'}")
        rows.append(f"takes part           {FILTERS[chosen['filter']]}")
    return rows


def _account(status: Status, held: str, *, previews: bool) -> list[object]:
    """The account of Karbon's API: trouble first, then how far it is read and who writes beside us."""
    account = status.account
    assert account
    name = f"Karbon's API  {account.tenant_key}"
    if account.trouble:
        way_on = text.line(("K", "bold"), " gives new keys")
        return [(f"! {name}", "bold"), (account.trouble, "bold"), way_on]
    reading, beside = reading_in_words(status, previews=previews), beside_in_words(status)
    return [(f"✓ {name}", "bold"), held, *filter(None, (reading, f"! {beside}" if beside else ""))]


def reading_in_words(status: Status, *, previews: bool) -> str:
    """How far the cards of Karbon's API are read, and how long the rest takes at least; empty once all are.

    ``previews``: a preview reads them right now.
    """
    cards, connection = status.cards, status.connection
    if status.account is None or connection is None or not cards.unread:
        return ""
    left = "p reads on"
    if previews:
        left = f"about {overview.minutes_to_read(cards.unread)} min"
    elif connection.started_at is not None:
        left = f"about {_minutes_by_syncs(cards.unread, connection.interval_seconds)} min"
    return f"cards read {text.number(cards.total - cards.unread)} of {text.number(cards.total)}, {left}"


def _minutes_by_syncs(cards_left: int, interval: int) -> int:
    """How long it takes where each sync reads some and leaves Karbon's limit to the firm's other tools."""
    return max(1, round(-(-cards_left // A_RUN) * interval / 60))


def beside_in_words(status: Status) -> str:
    """Whether Karbon's own Xero sync links clients too, and what is done about it; empty where it was not met."""
    asked, theirs = status.native
    if status.account is None or not theirs:
        return ""
    done = "written all the same" if status.account.write_beside else "left unwritten"
    return f"Karbon's own Xero sync links {text.number(theirs)} of {text.number(asked)} asked about: {done}"


def last_run(status: Status, now: int, room: int) -> Content:
    """When the last one that has ended was and what it did, or why it failed, in lines of ``room`` cells."""
    run = status.ended_run
    if run is None:
        return text.safe("  Last run   none yet")
    when = f"  Last run   {text.ago(run.started_at, now)} ago"
    if run.state is RunState.FAILED:  # the room is for the reason
        why = f"failed{f': {run.error}' if run.error else ''}"
        lines = wrapped(text.safe(why, "bold"), max(20, room - _INSET), _MOST_OF_A_REASON)
        first, *more = lines or [text.safe("failed", "bold")]
        return text.lines(text.line(f"{when:{_INSET}}", first), *(line.pad_left(_INSET) for line in more))
    when += f", {run.kind}"
    if run.state is not RunState.DONE:
        return text.line(f"{when}   ", (run.state, "bold"))
    seconds = ((run.finished_at or run.started_at) - run.started_at) / 1000
    did = "" if run.kind is RunKind.PREVIEW else f"   {history_words.did(run.counts)}"
    return text.safe(f"{when}{did}   {seconds:.1f} s   {text.counted(run.requests, 'request')}")


def next_run(status: Status, own_sync: OwnSync, now: int) -> Content:
    """When it is due, why not earlier, and who starts it."""
    due = own_sync.due
    if status.connection and status.connection.state is ConnectionState.RECONNECT:
        return text.safe("  Next run   none before Xero is connected again")
    if due.at is None:
        return text.line("  Next run   none: ", due.reason)
    state = status.last_run.state if status.last_run and not due.reason else None
    does = "tries again " if state is RunState.FAILED else "goes on with it " if state is RunState.INTERRUPTED else ""
    by = f"{does}by `xerosync watch`" if own_sync.watched else f"{does}by itself, while this is open"
    if status.connection and status.connection.brake:
        by = "reads on, and applies nothing before you decide"
    return text.line(
        "  Next run   ", text.ahead(due.at, now), f"   {due.reason}" if due.reason else "", (f"   {by}", "dim")
    )


def today(status: Status, room: int) -> Content:
    """How much each sync of today changed; in ``room`` cells there are the last ones."""
    changes = status.changes_today
    if status.connection is None or status.connection.started_at is None:
        return text.safe("")
    if not changes:
        return text.safe("  Today      no sync yet")
    words = f"{text.counted(sum(changes), 'change')} in {text.counted(len(changes), 'sync', 'syncs')}"
    head, tail = "  Today      ", f"   {words}, the newest last"
    return text.line(head, sparkline(changes, room - len(head) - len(tail)), (tail, "dim"))


def at_work(holder: AtWork, now: int) -> Content:
    """Which other program holds the lock."""
    since = text.ago(holder.since, now)
    return text.line("  Now        ", f"{holder.who}: {holder.doing}, for {since}", (f"   process {holder.pid}", "dim"))
