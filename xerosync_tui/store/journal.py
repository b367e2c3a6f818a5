"""The journal: what was intended, done or failed, with before, after, who and why.

Entries about contacts of the built-in directory belong to the directory: they are there before any connection, and
show in every connection that uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Field, Value
from xerosync_tui.domain.states import Action, EntryState, Side
from xerosync_tui.store.models import JournalRow as Row
from xerosync_tui.store.values import values_from_json, values_to_json

Others = Mapping[str, Any]  # what a directory holds of a contact beside the four fields (domain.directory)

_KEPT_OPEN = (Action.CREATE_IN_XERO, Action.SWAP, Action.CREATE, Action.UNDO)  # the next run finds out what became
_LINKING = (Action.LINK, Action.CREATE, Action.CREATE_IN_XERO, Action.UNLINK)


class Place(NamedTuple):
    """Whose entries: of a connection (0: there is none yet), and of the directory that it uses."""

    connection: int
    directory: str


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes entries, for which run or decision. ``connection`` is None for entries of the directory alone."""

    place: Place
    who: str
    login: str
    run: int | None = None
    decision: int | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """Something about to be done to a pair. ``before`` holds the values that ``after`` replaces, on ``side``.

    ``others_before``, ``others_after``: the same of what the directory holds beside the four fields; then the entry
    belongs to the directory, not to a connection. ``undoes``: the entry that this one undoes.
    ``marker``: the ContactNumber that a contact made in Xero carries, or the temporary name of a swap.
    ``request``: the Idempotency-Key that a creation in Xero is sent under. ``xero_base`` and ``karbon_base``: of a
    choice, what both sides had last agreed on. ``newest_known``: of a creation in Karbon's API, the newest mirror row
    before it.
    """

    action: Action
    xero_id: str
    karbon_key: str
    before: Mapping[Field, Value]
    after: Mapping[Field, Value]
    why: str
    side: Side | None = None
    by_hand: bool = False
    undoes: int = 0
    others_before: Others = field(default_factory=dict)
    others_after: Others = field(default_factory=dict)
    marker: str = ""
    request: str = ""
    xero_base: Mapping[Field, Value] = field(default_factory=dict)
    karbon_base: Mapping[Field, Value] = field(default_factory=dict)
    newest_known: int = 0

    @property
    def changes(self) -> dict[Field, tuple[Value, Value]]:
        """Before and after, by field."""
        there = [f for f in Field if f in self.before or f in self.after]
        return {f: (self.before.get(f, ""), self.after.get(f, "")) for f in there}

    @property
    def others(self) -> dict[str, tuple[Any, Any]]:
        """The same beside the four fields, by name."""
        names = {**self.others_before, **self.others_after}
        return {name: (self.others_before.get(name), self.others_after.get(name)) for name in names}


@dataclass(frozen=True, slots=True)
class Entry:
    """A journal row as it stands. ``at`` is milliseconds since the epoch; ``directory`` is empty for a connection's."""

    id: int
    at: int
    who: str
    login: str
    state: EntryState
    run: int | None
    decision: int | None
    directory: str
    version: int
    intent: Intent
    error: str = ""


def intend(db: SqliteDatabase, author: Author, now: int, intents: Sequence[Intent]) -> list[int]:
    """Write these down before they are done; returns their ids in order."""
    # The caller's transaction holds the write lock, so the next ids are ours to give.
    first = db.execute_sql("SELECT coalesce(max(id), 0) + 1 FROM journal").fetchone()[0]
    connection, directory = author.place
    db.connection().executemany(
        "INSERT INTO journal (id, connection_id, directory, run_id, decision_id, at, who, login, action, state, side, "
        "xero_id, karbon_key, before, after, others_before, others_after, why, error, undoes, version, marker, "
        "request, xero_base, karbon_base, newest_known) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'intended', ?, ?, ?, ?, ?, ?, ?, ?, '', ?, 0, ?, ?, ?, ?, ?)",
        [
            (first + n, None if i.by_hand else connection, directory if i.by_hand else "", author.run,
             author.decision, now, author.who, author.login, i.action, i.side or "", i.xero_id, i.karbon_key,
             values_to_json(i.before), values_to_json(i.after), _to_json(i.others_before), _to_json(i.others_after),
             i.why, i.undoes, i.marker, i.request, values_to_json(i.xero_base), values_to_json(i.karbon_base),
             i.newest_known)
            for n, i in enumerate(intents)
        ],
    )  # fmt: skip
    return list(range(first, first + len(intents)))


class Result(NamedTuple):
    """What became of an intent; ``version`` is that of the Karbon contact as it was stored.

    ``xero_id`` and ``karbon_key`` where only the answer gave them.
    """

    entry: int
    state: EntryState
    error: str = ""
    karbon_key: str = ""
    xero_id: str = ""
    version: int = 0


def settle(db: SqliteDatabase, now: int, results: Iterable[Result]) -> None:
    """Close intents."""
    db.connection().executemany(
        "UPDATE journal SET state = ?, error = ?, version = ?, finished_at = ?, "
        "karbon_key = coalesce(nullif(?, ''), karbon_key), xero_id = coalesce(nullif(?, ''), xero_id) WHERE id = ?",
        [(r.state, r.error, r.version, now, r.karbon_key, r.xero_id, r.entry) for r in results],
    )


def close_swap(db: SqliteDatabase, connection: int, xero_id: str, now: int, state: EntryState) -> None:
    """This contact holds no temporary name any more."""
    db.execute_sql(
        "UPDATE journal SET state = ?, finished_at = ? WHERE state = 'intended' AND action = 'swap' "
        "AND connection_id = ? AND xero_id = ?",
        (state, now, connection, xero_id),
    )


def settle_dead(db: SqliteDatabase, connection: int, now: int) -> None:
    """Close what a process that died had begun (the caller holds the lock).

    In the built-in directory row, write and acknowledgement are one transaction, so nothing of it is open. Whether
    an update reached a remote, the next read shows. What must not be done twice stays open (engine.md 2.4, 2.5).
    """
    marks = ", ".join("?" * len(_KEPT_OPEN))
    db.execute_sql(
        "UPDATE journal SET state = CASE WHEN side = '' THEN ? ELSE ? END, error = 'the run was interrupted', "
        "finished_at = ? WHERE state = 'intended' AND (connection_id = ? OR connection_id IS NULL) "
        f"AND action NOT IN ({marks})",
        (EntryState.ABANDONED, EntryState.UNKNOWN, now, connection, *_KEPT_OPEN),
    )


def open_intents(db: SqliteDatabase, connection: int, *actions: Action) -> list[Entry]:
    """Intents whose outcome is not known yet; of these actions, if any are named."""
    wanted = (Row.connection == connection) & (Row.state == EntryState.INTENDED)
    if actions:
        wanted &= Row.action.in_(actions)
    return entries(db, Row.select().where(wanted))


def open_swaps(db: SqliteDatabase, connection: int) -> dict[str, tuple[str, str]]:
    """Contacts that may hold a temporary name in Xero: by ContactID, that name and the one from before."""
    return {
        e.intent.xero_id: (e.intent.marker, str(e.intent.before[Field.NAME]))
        for e in open_intents(db, connection, Action.SWAP)
    }


def unknown_writes(db: SqliteDatabase, place: Place) -> list[Entry]:
    """Edits and archivings that were sent to a remote, and nobody knows whether they arrived."""
    lost = (Row.state == EntryState.UNKNOWN) & Row.action.in_((Action.UPDATE, Action.ARCHIVE))
    return entries(db, Row.select().where(belongs_to(place) & lost).order_by(Row.id))


def is_made_for(db: SqliteDatabase, connection: int, xero_id: str) -> bool:
    """Whether Karbon's API was asked to make a contact for this one, and nobody knows yet whether it did."""
    return any(entry.intent.xero_id == xero_id for entry in open_intents(db, connection, Action.CREATE))


def is_being_made(db: SqliteDatabase, connection: int, karbon_key: str) -> bool:
    """Whether Xero was asked to make this Karbon contact, and nobody knows yet whether it did."""
    return any(e.intent.karbon_key == karbon_key for e in open_intents(db, connection, Action.CREATE_IN_XERO))


def versions_after(db: SqliteDatabase, connection: int, version: int) -> list[int]:
    """Versions of Karbon contacts after ``version`` that our writes took."""
    newer = (Row.connection == connection) & (Row.version > version)
    return [row.version for row in Row.select(Row.version).where(newer).execute(db)]


def by_id(db: SqliteDatabase, place: Place, entry: int) -> Entry | None:
    """The entry with that id."""
    found = entries(db, Row.select().where(belongs_to(place) & (Row.id == entry)))
    return found[0] if found else None


def latest(db: SqliteDatabase, connection: int, xero_id: str) -> Entry | None:
    """The newest entry about a Xero contact."""
    mine = (Row.connection == connection) & (Row.xero_id == xero_id)
    found = entries(db, Row.select().where(mine).order_by(NEWEST_FIRST).limit(1))
    return found[0] if found else None


NEWEST_FIRST = Row.id.desc()


def listed(
    db: SqliteDatabase,
    place: Place,
    *,
    run: int = 0,
    decision: int = 0,
    xero_id: str = "",
    karbon_key: str = "",
    before: int = 0,
    limit: int = 200,
) -> list[Entry]:
    """Entries, newest first: of a run, a decision, a Xero or Karbon contact, or all; ``before``: older than that one.

    With both ids: what is about either, of the Karbon contact what belongs to the directory.
    """
    wanted = belongs_to(place)
    if run:
        wanted &= Row.run == run
    if decision:
        wanted &= Row.decision == decision
    if xero_id and karbon_key:
        wanted &= (Row.xero_id == xero_id) | ((Row.xero_id == "") & (Row.karbon_key == karbon_key))
    elif xero_id:
        wanted &= Row.xero_id == xero_id
    elif karbon_key:
        wanted &= Row.karbon_key == karbon_key
    if before:
        wanted &= Row.id < before
    return entries(db, Row.select().where(wanted).order_by(NEWEST_FIRST).limit(limit))


def decided_after(db: SqliteDatabase, connection: int, entry: Entry) -> bool:
    """Whether another link of the same Xero contact was made or ended since."""
    return bool(_of_links(connection, entry).where(Row.id > entry.id).exists(db))


def ended_before(db: SqliteDatabase, connection: int, entry: Entry) -> Entry | None:
    """The end of the link that this entry's link stands in the place of, if it does."""
    found = entries(db, _of_links(connection, entry).where(Row.id < entry.id).order_by(NEWEST_FIRST).limit(1))
    return found[0] if found and found[0].intent.action is Action.UNLINK else None


def _of_links(connection: int, entry: Entry) -> Any:
    """What made and ended links of the same Xero contact, and stands; an undo leaves things as they were before."""
    mine = (Row.connection == connection) & (Row.xero_id == entry.intent.xero_id)
    standing = (Row.state == EntryState.DONE) & (Row.undoes == 0)
    return Row.select().where(mine & standing & Row.action.in_(_LINKING))


def written_after(db: SqliteDatabase, connection: int, entry: Entry) -> set[Field]:
    """Fields of this pair that a later entry wrote."""
    later = (Row.connection == connection) & (Row.xero_id == entry.intent.xero_id) & (Row.id > entry.id)
    standing = (Row.state == EntryState.DONE) & (Row.action != Action.SWAP)
    return {f for found in entries(db, Row.select().where(later & standing)) for f in found.intent.after}


def supersede_ignored(db: SqliteDatabase, connection: int, xero_ids: Sequence[str]) -> None:
    """These were decided: that they were ignored before cannot be undone any more."""
    ignored = (Row.connection == connection) & (Row.action == Action.IGNORE) & (Row.state == EntryState.DONE)
    if Row.select().where(ignored).exists(db):
        for xero_id in xero_ids:
            Row.update(state=EntryState.UNDONE).where(ignored & (Row.xero_id == xero_id)).execute(db)


def mark_undone(db: SqliteDatabase, entries: Iterable[int]) -> None:
    """These entries were undone by later ones."""
    db.connection().executemany("UPDATE journal SET state = 'undone' WHERE id = ?", [(entry,) for entry in entries])


def belongs_to(place: Place) -> Any:
    """The entries of that place."""
    of_directory = Row.connection.is_null() & (Row.directory == place.directory)
    return (Row.connection == place.connection) | of_directory


def entries(db: SqliteDatabase, query: Any) -> list[Entry]:
    """The entries that a query selects."""
    return [entry_from_row(row) for row in query.execute(db)]


def _to_json(others: Others) -> str:
    return msgspec.json.encode(others).decode() if others else "{}"


def entry_from_row(row: Any) -> Entry:
    """From a row of the table."""
    intent = Intent(
        Action(row.action),
        row.xero_id,
        row.karbon_key,
        values_from_json(row.before),
        values_from_json(row.after),
        row.why,
        Side(row.side) if row.side else None,
        by_hand=row.connection_id is None,
        undoes=row.undoes,
        others_before=msgspec.json.decode(row.others_before),
        others_after=msgspec.json.decode(row.others_after),
        marker=row.marker,
        request=row.request,
        xero_base=values_from_json(row.xero_base),
        karbon_base=values_from_json(row.karbon_base),
        newest_known=row.newest_known,
    )
    state = EntryState(row.state)
    about = (row.run_id, row.decision_id, row.directory, row.version)
    return Entry(row.id, row.at, row.who, row.login, state, *about, intent, row.error)
