"""How things stand, and what was chosen: status, settings, the lists."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import ADDRESSES, PHONES, BothChanged, Connection, ImportFilter, KarbonAccount
from xerosync_tui.domain.contact import Kind, XeroContact
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.states import LinkState, RunKind, RunState
from xerosync_tui.engine.lock import is_held
from xerosync_tui.errors import UsageError
from xerosync_tui.program import Program, active
from xerosync_tui.services import karbon
from xerosync_tui.store import (
    accounts,
    cards,
    changes,
    connections,
    directory,
    issues,
    links,
    lists,
    mirror,
    plans,
    processes,
    runs,
)
from xerosync_tui.store.cards import NO_CARDS, CardCounts
from xerosync_tui.store.processes import AtWork as AtWork  # a word of this module for cli and tui

SETTINGS = ("filter", "contact_type", "both_changed", "fill_blanks", "interval")
KARBON_SETTINGS = ("karbon_phones", "karbon_addresses", "beside_karbon")  # of an account of Karbon's API
_DAY = 24 * 3_600_000  # ms
_DAY_LIMITS = (1000, 5000)  # by the plan of the Xero app (xero.md 4)
_A_MINUTE = 118  # Karbon's limit over a minute and a second, as we keep it
_SHORTEST_INTERVAL, _LONGEST_INTERVAL = 30, 86_400


@dataclass(frozen=True, slots=True)
class Totals:
    """How many there are of what waits, and of what is known."""

    synced: int = 0
    match_issues: int = 0
    field_conflicts: int = 0
    unsynced: int = 0
    failed: int = 0
    xero_contacts: int = 0
    karbon_contacts: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """The connection (None before the first), counts, the newest run, and whether a process is at work now.

    ``holder``: who that is, as soon as it has said so. ``changes_today``: how much each sync of today changed, the
    newest last. ``day_limit``: Xero's, as far as it can be told. ``failed``: the oldest failed record. ``account``: of
    Karbon's API, None with the built-in directory; ``cards``: how far its cards are read; ``native``: of how many
    Xero contacts it was asked whether Karbon's own sync links them, and of how many it does.
    ``quota``: the counts of the newest run of the last day to which Xero said what is left. ``ended_run``: the newest
    run that nobody is at work on.
    """

    connection: Connection | None
    counts: Totals
    last_run: runs.RunRecord | None
    at_work: bool
    karbon_people: int = 0  # of the built-in directory, whether or not anything is connected; else as last read
    karbon_organizations: int = 0
    holder: AtWork | None = None
    changes_today: tuple[int, ...] = ()
    day_limit: int | None = None
    failed: runs.Failure | None = None
    account: KarbonAccount | None = None
    cards: CardCounts = NO_CARDS
    native: tuple[int, int] = (0, 0)
    quota: Counts = field(default_factory=Counts)
    ended_run: runs.RunRecord | None = None


async def status(program: Program) -> Status:
    """How things stand."""
    at_work = is_held(program.settings)
    now = program.now_ms()

    def read(db: SqliteDatabase) -> Status:
        connection = connections.active(db)
        account = accounts.active(db)
        people, organizations = (
            mirror.kinds(db, connection.id if connection else 0) if account else directory.counts(db)
        )
        holder = processes.holder(db) if at_work else None  # of a process that died, the row is left
        if connection is None:
            return Status(None, Totals(), None, at_work, people, organizations, holder, account=account)
        xero, karbon = mirror.counts(db, connection.id)
        counts = Totals(
            synced=links.count(db, connection.id),
            match_issues=issues.count(db, connection.id),
            field_conflicts=changes.count_conflicts(db, connection.id),
            unsynced=links.count(db, connection.id, LinkState.UNSYNCED),
            failed=runs.count_failed(db, connection.id),
            xero_contacts=xero,
            karbon_contacts=karbon,
        )
        last = runs.latest(db, connection.id)
        if last and not at_work:
            last = runs.of_the_dead(last)
        recent = runs.since(db, connection.id, now - _DAY)
        return Status(
            connection,
            counts,
            last,
            at_work,
            people,
            organizations,
            holder,
            changes_per_run([run for run in recent if run.started_at >= _midnight(now)]),
            day_limit([run.counts.day_left or 0 for run in recent]),
            runs.first_failure(db, connection.id),
            account,
            cards.counted(db, connection.id) if account else NO_CARDS,
            cards.count_native(db, connection.id) if account else (0, 0),
            next((run.counts for run in recent if run.counts.day_left is not None), Counts()),
            runs.latest_ended(db, connection.id) if last and last.state is RunState.RUNNING else last,
        )

    return await program.store.read(read)


def _midnight(now: int) -> int:
    """When the day of ``now`` began where this machine is; milliseconds since the epoch, as ``now``."""
    today = datetime.fromtimestamp(now / 1000).astimezone()
    return int(today.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def changes_per_run(newest_first: Sequence[runs.RunRecord]) -> tuple[int, ...]:
    """How much each of these syncs changed on either side, the newest last.

    A preview is none, and neither is one that did not end well, unless it had changed something by then.
    """
    synced = [run for run in reversed(newest_first) if run.kind is not RunKind.PREVIEW]
    return tuple(run.counts.changes for run in synced if run.counts.changes or run.state is RunState.DONE)


def day_limit(seen: Sequence[int]) -> int | None:
    """Xero's limit of a day, which it does not tell: the smallest that is not below what was left; None: unknown."""
    most = max(seen, default=0)
    return next((limit for limit in _DAY_LIMITS if most <= limit), None) if most else None


async def clients(program: Program, search: str = "") -> list[lists.Client]:
    """Synced links whose name or email holds ``search``, by name. Raises NotConnected."""
    connection = await active(program)
    return await program.store.read(lambda db: list(lists.clients(db, connection.id, search)))


async def left_out(program: Program, search: str = "") -> list[XeroContact]:
    """Xero contacts outside the filter, by name. Raises NotConnected."""
    connection = await active(program)
    return await program.store.read(
        lambda db: list(lists.left_out(db, connection.id, connection.import_filter, search))
    )


async def failures(program: Program) -> list[runs.Failure]:
    """Records that could not be read or written. Raises NotConnected."""
    connection = await active(program)
    return await program.store.read(runs.failures, connection.id)


def settings_of(connection: Connection) -> dict[str, str]:
    """What was chosen for a connection, by the keys of SETTINGS."""
    return {
        "filter": connection.import_filter.value,
        "contact_type": connection.contact_type,
        "both_changed": connection.both_changed.value,
        "fill_blanks": "yes" if connection.fill_xero_blanks else "no",
        "interval": str(connection.interval_seconds),
    }


def settings_of_account(account: KarbonAccount) -> dict[str, str]:
    """What was chosen for an account of Karbon's API, by the keys of KARBON_SETTINGS; labels by rank."""
    return {
        "karbon_phones": ",".join(account.phones or PHONES),
        "karbon_addresses": ",".join(account.addresses or ADDRESSES),
        "beside_karbon": "write" if account.write_beside else "leave",
    }


async def account_in_use(program: Program) -> KarbonAccount | None:
    """The account of Karbon's API that is in use; None: the built-in directory is."""
    return await program.store.read(accounts.active)


async def change_settings(program: Program, wanted: Mapping[str, str]) -> Connection:
    """The connection after the changes. Raises NotConnected, UsageError for a key or value there is not."""
    connection = await active(program)
    account = await program.store.read(accounts.active)
    known = list(account.contact_types) if account else await program.store.run(directory.types)
    if of_karbon := {key: text for key, text in wanted.items() if key in KARBON_SETTINGS}:
        await karbon.change(program, of_karbon)
        wanted = {key: text for key, text in wanted.items() if key not in of_karbon}
    columns: dict[str, Any] = {}
    for key, text in wanted.items():
        columns |= _column(key, text, known)
    if not columns:
        return connection
    return await program.store.run(_choose, connection, columns)


def _choose(db: SqliteDatabase, connection: Connection, columns: dict[str, Any]) -> Connection:
    """Another rule for edits is another answer for links that are at rest: the next run looks at all of them."""
    if columns.keys() & {"both_changed", "fill_xero_blanks"}:
        changes.look_everywhere(db, connection.id)
    return connections.choose(db, connection, columns)


def _column(key: str, text: str, types: list[str]) -> dict[str, Any]:
    if key == "filter":
        return {"import_filter": _one_of(key, text, [choice.value for choice in ImportFilter])}
    if key == "contact_type":
        return {"contact_type": _one_of(key, text, ["", *types])}
    if key == "both_changed":
        return {"both_changed": _one_of(key, text, [choice.value for choice in BothChanged])}
    if key == "fill_blanks":
        return {"fill_xero_blanks": _one_of(key, text, ["yes", "no"]) == "yes"}
    if key == "interval":
        return {"interval_seconds": _interval(text)}
    raise UsageError(f"There is no setting {key!r}", f"Settings: {', '.join((*SETTINGS, *KARBON_SETTINGS))}.")


def _one_of(key: str, text: str, choices: list[str]) -> str:
    if text not in choices:
        raise UsageError(f"{key} is one of {', '.join(choices)}, not {text!r}")
    return text


def _interval(text: str) -> int:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not _SHORTEST_INTERVAL <= seconds <= _LONGEST_INTERVAL:
        raise UsageError(f"interval is {_SHORTEST_INTERVAL} to {_LONGEST_INTERVAL} seconds, not {text!r}")
    return int(seconds)


async def plan_counts(program: Program) -> Counts | None:
    """The counts of the preview that waits for a person's word; None when a preview is needed first."""

    def read(db: SqliteDatabase) -> Counts | None:
        connection = connections.active(db)
        if connection is None or connection.previewed_at is None or connection.started_at is not None:
            return None
        last = runs.preview_of(db, connection.id, connection.previewed_at)
        return last.counts if last else None

    return await program.store.read(read)


async def vetoable(program: Program, xero_ids: Collection[str]) -> set[str]:
    """Those of these ids that the first sync takes a veto for: full matches of its preview. Raises NotConnected."""
    connection = await active(program)
    refused = await program.store.read(plans.not_full_matches, connection.id, list(xero_ids))
    return set(xero_ids) - set(refused)


def minutes_to_read(cards_left: int) -> int:
    """How long that takes at least: Karbon lets 120 requests a minute go, and a card takes one (karbon.md 2.2)."""
    return -(-cards_left // _A_MINUTE)


def karbon_page(program: Program, account: KarbonAccount, kind: Kind, key: str) -> str:
    """The address of a contact in Karbon, by the pattern of the settings: Karbon documents none (karbon.md 2.12)."""
    kinds = {Kind.PERSON: "contacts", Kind.ORGANIZATION: "organizations"}
    parts = {"{tenant}": account.tenant_key, "{kind}": kinds[kind], "{key}": key}
    address = program.settings.karbon_web_url
    for part, text in parts.items():
        address = address.replace(part, quote(text, safe=""))
    return address


def xero_page(program: Program, connection: Connection, xero_id: str) -> str:
    """The address of a contact in Xero (product.md 3.3)."""
    return f"{program.settings.xero_web_url}/app/{connection.organisation.short_code}/contacts/contact/{xero_id}"
