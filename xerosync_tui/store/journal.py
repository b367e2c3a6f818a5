"""The journal: what was intended, done or failed, with before, after, who and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Field, Value
from xerosync_tui.domain.merge import End
from xerosync_tui.store.models import Journal
from xerosync_tui.store.values import values_from_json, values_to_json

DECISIONS = ("link", "create", "ignore", "unlink", "choose")  # what a person can take back
ABANDONED, UNKNOWN = "abandoned", "unknown"
BY_HAND = "edited here"  # why a person's edit of a contact was written
_UNDO = "undo "  # how the reason of a write that takes an entry back begins; its id follows
_KEPT_OPEN = ("create in Xero", "swap")  # the next run looks in Xero what became of them


@dataclass(frozen=True, slots=True)
class Intent:
    """Something about to be done to a pair. ``before`` holds the values that ``after`` replaces, on ``side``.

    ``marker``: the ContactNumber that a contact made in Xero carries, or the temporary name of a swap.
    ``request``: the Idempotency-Key that a creation in Xero is sent under. ``xero_base`` and ``karbon_base``: of a
    choice, what both sides had last agreed on. ``newest_known``: of a creation in Karbon's API, the newest mirror row
    before it.
    """

    action: str  # as in models.Journal
    xero_id: str
    karbon_key: str
    before: Mapping[Field, Value]
    after: Mapping[Field, Value]
    why: str
    side: str = ""
    marker: str = ""
    request: str = ""
    xero_base: Mapping[Field, Value] = field(default_factory=dict)
    karbon_base: Mapping[Field, Value] = field(default_factory=dict)
    newest_known: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal row as it stands. ``at`` is milliseconds since the epoch."""

    id: int
    at: int
    who: str
    state: str
    run: int | None
    version: int
    intent: Intent
    error: str = ""


def intend(
    db: SqliteDatabase, connection: int, run: int | None, who: str, now: int, intents: Sequence[Intent]
) -> list[int]:
    """Write these down before they are done; returns their ids in order."""
    # The caller's transaction holds the write lock, so the next ids are ours to give.
    first = db.execute_sql("SELECT coalesce(max(id), 0) + 1 FROM journal").fetchone()[0]
    db.connection().executemany(
        "INSERT INTO journal (id, connection_id, run_id, at, who, action, state, xero_id, karbon_key, before, "
        "after, why, error, side, marker, request, xero_base, karbon_base, newest_known) "
        "VALUES (?, ?, ?, ?, ?, ?, 'intended', ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?)",
        [
            (first + n, connection, run, now, who, i.action, i.xero_id, i.karbon_key,
             values_to_json(i.before), values_to_json(i.after), i.why, i.side, i.marker, i.request,
             values_to_json(i.xero_base), values_to_json(i.karbon_base), i.newest_known)
            for n, i in enumerate(intents)
        ],
    )  # fmt: skip
    return list(range(first, first + len(intents)))


class Result(NamedTuple):
    """What became of an intent; ``version`` is that of the Karbon contact as it was stored.

    ``xero_id`` when only the answer told it: a contact was made in Xero.
    """

    entry: int
    state: str
    karbon_key: str
    error: str = ""
    version: int = 0
    xero_id: str = ""


def settle(db: SqliteDatabase, now: int, results: Iterable[Result]) -> None:
    """Close intents."""
    db.connection().executemany(
        "UPDATE journal SET state = ?, karbon_key = ?, error = ?, version = ?, finished_at = ?, "
        "xero_id = coalesce(nullif(?, ''), xero_id) WHERE id = ?",
        [(r.state, r.karbon_key, r.error, r.version, now, r.xero_id, r.entry) for r in results],
    )


def settle_keeping_keys(db: SqliteDatabase, now: int, results: Iterable[Result]) -> None:
    """Close intents whose Karbon contact stays as it was written down."""
    db.connection().executemany(
        "UPDATE journal SET state = ?, error = ?, finished_at = ? WHERE id = ?",
        [(r.state, r.error, now, r.entry) for r in results],
    )


def close_swap(db: SqliteDatabase, connection: int, xero_id: str, now: int, state: str = "done") -> None:
    """This contact holds no temporary name any more."""
    db.execute_sql(
        "UPDATE journal SET state = ?, finished_at = ? WHERE state = 'intended' AND action = 'swap' "
        "AND connection_id = ? AND xero_id = ?",
        (state, now, connection, xero_id),
    )


def settle_dead(db: SqliteDatabase, connection: int, now: int, *, over_api: bool = False) -> None:
    """Close what a process that died had begun; ``over_api``: the directory is Karbon's API.

    In the built-in directory nothing of it was done: row, write and acknowledgement are one transaction. Whether
    an update reached a remote, the next read tells. What must not be done twice stays open (engine.md 2.4, 2.5).
    """
    kept = [*_KEPT_OPEN, "create", "undo"] if over_api else _KEPT_OPEN
    remote = ("xero", "karbon") if over_api else ("xero", "xero")
    marks = ", ".join("?" * len(kept))
    db.execute_sql(
        "UPDATE journal SET state = CASE WHEN side IN (?, ?) THEN ? ELSE ? END, error = 'the run was interrupted', "
        f"finished_at = ? WHERE state = 'intended' AND connection_id = ? AND action NOT IN ({marks})",
        (*remote, UNKNOWN, ABANDONED, now, connection, *kept),
    )


def is_made_for(db: SqliteDatabase, connection: int, xero_id: str) -> bool:
    """Whether Karbon's API was asked to make a contact for this one, and nobody knows yet whether it did."""
    return any(entry.intent.xero_id == xero_id for entry in open_creations(db, connection))


def open_creations(db: SqliteDatabase, connection: int) -> list[Entry]:
    """Contacts that Karbon's API was asked to make, and nobody knows yet whether it did."""
    return [entry for entry in open_intents(db, connection) if entry.intent.action == "create"]


def open_undos(db: SqliteDatabase, connection: int) -> list[Entry]:
    """Links that were being taken back through Karbon's API, and nobody knows whether it did."""
    return [entry for entry in open_intents(db, connection) if entry.intent.action == "undo"]


def open_swaps(db: SqliteDatabase, connection: int) -> dict[str, tuple[str, str]]:
    """Contacts that may hold a temporary name in Xero: by ContactID, that name and the one from before."""
    return {
        e.intent.xero_id: (e.intent.marker, str(e.intent.before[Field.NAME]))
        for e in open_intents(db, connection)
        if e.intent.action == "swap"
    }


def open_intents(db: SqliteDatabase, connection: int) -> list[Entry]:
    """Intents whose outcome is not known yet."""
    rows = Journal.select().where((Journal.connection == connection) & (Journal.state == "intended"))
    return [entry_from_row(row) for row in rows.execute(db)]


def unknown_writes(db: SqliteDatabase, connection: int) -> list[Entry]:
    """Edits and archivings that were sent to a remote, and nobody knows whether they arrived."""
    lost = (Journal.state == UNKNOWN) & Journal.action.in_(("update", "archive"))
    mine = (Journal.connection == connection) & lost
    return [entry_from_row(row) for row in Journal.select().where(mine).order_by(Journal.id).execute(db)]


def is_by_hand(intent: Intent) -> bool:
    """Whether this edit is a person's own, or takes one back: the base stays, and it goes over to the other side."""
    return intent.why == BY_HAND or bool(undone_by(intent))


def undone_by(intent: Intent) -> int:
    """The entry that this one takes back; 0: none."""
    return int(intent.why.removeprefix(_UNDO)) if intent.why.startswith(_UNDO) else 0


def is_being_made(db: SqliteDatabase, connection: int, karbon_key: str) -> bool:
    """Whether Xero was asked to make this Karbon contact, and nobody knows yet whether it did."""
    mine = (Journal.connection == connection) & (Journal.state == "intended") & (Journal.marker != "")
    return bool(Journal.select().where(mine & (Journal.karbon_key == karbon_key)).exists(db))


def versions_after(db: SqliteDatabase, connection: int, version: int) -> list[int]:
    """Versions of Karbon contacts after ``version`` that our writes took."""
    newer = (Journal.connection == connection) & (Journal.version > version)
    return [row.version for row in Journal.select(Journal.version).where(newer).execute(db)]


def by_id(db: SqliteDatabase, connection: int, entry: int) -> Entry | None:
    """The entry with that id."""
    row = Journal.select().where((Journal.connection == connection) & (Journal.id == entry)).first(db)
    return entry_from_row(row) if row else None


def latest(db: SqliteDatabase, connection: int, xero_id: str) -> Entry | None:
    """The newest entry about a Xero contact."""
    mine = (Journal.connection == connection) & (Journal.xero_id == xero_id)
    row = Journal.select().where(mine).order_by(Journal.id.desc()).first(db)
    return entry_from_row(row) if row else None


_NEWEST_FIRST = Journal.id.desc()


def listed(
    db: SqliteDatabase,
    connection: int,
    *,
    run: int = 0,
    xero_id: str = "",
    karbon_key: str = "",
    before: int = 0,
    limit: int = 200,
) -> list[Entry]:
    """Entries, newest first: of a run, of a Xero or Karbon contact, or all; ``before``: older than that one."""
    wanted = Journal.connection == connection
    if run:
        wanted &= Journal.run == run
    if xero_id:
        wanted &= Journal.xero_id == xero_id
    if karbon_key:
        wanted &= Journal.karbon_key == karbon_key
    if before:
        wanted &= Journal.id < before
    return [
        entry_from_row(row) for row in Journal.select().where(wanted).order_by(_NEWEST_FIRST).limit(limit).execute(db)
    ]


def carried_out(db: SqliteDatabase, connection: int, entry: int) -> list[Entry]:
    """The writes to Xero that a decision brought with it, newest first."""
    mine = (Journal.connection == connection) & (Journal.why == with_decision(entry)) & (Journal.state == "done")
    return [entry_from_row(row) for row in Journal.select().where(mine).order_by(_NEWEST_FIRST).execute(db)]


def with_decision(entry: int) -> str:
    """Why a value was written: a decision, whose entry this is, brought it with it."""
    return f"with decision {entry}"


def decided_after(db: SqliteDatabase, connection: int, entry: Entry) -> bool:
    """Whether another link of the same Xero contact was made or ended since."""
    return bool(_of_links(connection, entry).where(Journal.id > entry.id).exists(db))


def ended_before(db: SqliteDatabase, connection: int, entry: Entry) -> Entry | None:
    """The end of the link that this entry's link stands in the place of, if it does."""
    row = _of_links(connection, entry).where(Journal.id < entry.id).order_by(_NEWEST_FIRST).first(db)
    return entry_from_row(row) if row and row.action == "unlink" else None


def _of_links(connection: int, entry: Entry) -> Any:
    """What made and ended links of the same Xero contact, and stands; an undo leaves things as they were before."""
    mine = (Journal.connection == connection) & (Journal.xero_id == entry.intent.xero_id) & (Journal.state == "done")
    actions = Journal.action.in_(("link", "create", "create in Xero", "unlink"))
    return Journal.select().where(mine & actions & ~Journal.why.startswith("undo "))


def written_after(db: SqliteDatabase, connection: int, entry: Entry) -> set[Field]:
    """Fields of this pair that a later entry wrote."""
    later = (Journal.connection == connection) & (Journal.xero_id == entry.intent.xero_id) & (Journal.id > entry.id)
    rows = Journal.select().where(later & (Journal.state == "done") & (Journal.action != "swap")).execute(db)
    return {f for row in rows for f in values_from_json(row.after)}


def supersede_ignored(db: SqliteDatabase, connection: int, xero_ids: Sequence[str]) -> None:
    """These were decided: that they were ignored before is nothing to take back any more."""
    ignored = (Journal.connection == connection) & (Journal.action == "ignore") & (Journal.state == "done")
    if Journal.select().where(ignored).exists(db):
        for xero_id in xero_ids:
            Journal.update(state="undone").where(ignored & (Journal.xero_id == xero_id)).execute(db)


def mark_undone(db: SqliteDatabase, entry: int) -> None:
    """This entry was taken back by a later one."""
    Journal.update(state="undone").where(Journal.id == entry).execute(db)


def last_decision(db: SqliteDatabase, connection: int, who: str) -> Entry | None:
    """This person's newest decision that stands: made by hand, not by a run."""
    row = (
        Journal.select()
        .where(
            (Journal.connection == connection)
            & (Journal.who == who)
            & Journal.run.is_null()
            & (Journal.state == "done")
            & (Journal.action.in_(DECISIONS))
            & ~Journal.why.startswith("undo ")  # z again goes further back, not forth
            & (Journal.why != End.DELETED.value)  # which nothing brings back
        )
        .order_by(Journal.id.desc())
        .first(db)
    )
    return entry_from_row(row) if row else None


def entry_from_row(row: Any) -> Entry:
    """From a row of the table."""
    before, after = values_from_json(row.before), values_from_json(row.after)
    bases = values_from_json(row.xero_base), values_from_json(row.karbon_base)
    about = (row.side, row.marker, row.request, *bases)
    intent = Intent(row.action, row.xero_id, row.karbon_key, before, after, row.why, *about, row.newest_known)
    return Entry(row.id, row.at, row.who, row.state, row.run_id, row.version, intent, row.error)
