"""Decisions: what a person did with one key or command. Their entries are in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from peewee import Case, SqliteDatabase, fn

from xerosync_tui.domain.states import Action, EntryState
from xerosync_tui.store import journal
from xerosync_tui.store.journal import Author, Entry, Place, belongs_to
from xerosync_tui.store.models import Decision
from xerosync_tui.store.models import JournalRow as Row


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision. ``at`` is milliseconds since the epoch; ``kind`` is the action of its entries, or UNDO."""

    id: int
    at: int
    who: str
    login: str
    kind: Action


def begin(db: SqliteDatabase, author: Author, connection: int | None, kind: Action, now: int, request: str) -> int:
    """A new decision, of a connection or (None) of the directory alone; returns its id.

    ``request`` is the name under which another process asked for it, if one did. Raises peewee.IntegrityError where
    that request was carried out already.
    """
    about = {"connection": connection, "directory": author.place.directory, "request": request}
    return int(Decision.insert(at=now, who=author.who, login=author.login, kind=kind, **about).execute(db))


def by_id(db: SqliteDatabase, place: Place, decision: int) -> DecisionRow | None:
    """The decision with that id."""
    row = Decision.select().where(_at(place) & (Decision.id == decision)).first(db)
    return _from_row(row) if row else None


def by_request(db: SqliteDatabase, request: str) -> bool:
    """Whether a decision was begun for that request."""
    return bool(Decision.select().where(Decision.request == request).exists(db))


def of_person(db: SqliteDatabase, place: Place, who: str, login: str) -> Iterator[DecisionRow]:
    """This person's decisions that stand, at least in part, newest first; what undid others, or tried again, is none.

    Decisions from before logins were kept go by the name alone.
    """
    mine = (Decision.who == who) & Decision.login.in_(("", login)) & Decision.kind.not_in((Action.UNDO, Action.RETRY))
    for row in Decision.select().where(_at(place) & mine).order_by(Decision.id.desc()).iterator(db):
        sql = "SELECT 1 FROM journal WHERE decision_id = ? AND state = 'done' LIMIT 1"
        if db.execute_sql(sql, (row.id,)).fetchone():
            yield _from_row(row)


def _at(place: Place) -> Any:
    of_directory = Decision.connection.is_null() & (Decision.directory == place.directory)
    return (Decision.connection == place.connection) | of_directory


def _from_row(row: Any) -> DecisionRow:
    return DecisionRow(row.id, row.at, row.who, row.login, Action(row.kind))


_BRINGS = (Action.LINK, Action.CHOOSE)  # what writes to Xero too, in entries of their own


def standing(db: SqliteDatabase, place: Place, decision: int, limit: int | None = None) -> list[Entry]:
    """What stands of a decision and is undone entry by entry: the newest first, but ends of links and types last.

    A link is resumed once its contact is there again, and a type goes once its contacts are gone. What an entry brought
    to Xero is undone with that entry.
    """
    last = Case(None, [(Row.action.in_((Action.UNLINK, Action.TYPES)), 1)], 0)
    return journal.entries(db, _standing(place, decision).order_by(last, journal.NEWEST_FIRST).limit(limit))


def count_standing(db: SqliteDatabase, place: Place, decision: int) -> int:
    """How many contacts that is about; one where it is about contact types alone.

    A contact that was deleted and its link that ended with it are one, and so are several fields of a client.
    """
    each = (fn.COUNT(fn.NULLIF(one, "").distinct()) for one in (Row.xero_id, Row.karbon_key))
    [found] = _standing(place, decision).select(*each).tuples().execute(db)
    return int(max(1, *found))


def _standing(place: Place, decision: int) -> Any:
    main = Row.alias()
    by_main = main.select().where(
        (main.decision == decision) & (main.xero_id == Row.xero_id) & main.action.in_(_BRINGS)
    )
    brought = (Row.action == Action.UPDATE) & Row.connection.is_null(False) & fn.EXISTS(by_main)
    of_decision = (Row.decision == decision) & (Row.state == EntryState.DONE)
    return Row.select().where(belongs_to(place) & of_decision & ~brought)


def brought_by(db: SqliteDatabase, place: Place, entry: Entry) -> list[Entry]:
    """What stands of what a link or a choice wrote beside itself, newest first."""
    if entry.decision is None:
        return []
    with_it = (Row.decision == entry.decision) & (Row.xero_id == entry.intent.xero_id)
    wrote = (Row.action == Action.UPDATE) & Row.connection.is_null(False) & (Row.state == EntryState.DONE)
    return journal.entries(db, Row.select().where(belongs_to(place) & with_it & wrote).order_by(journal.NEWEST_FIRST))


def brought_with(db: SqliteDatabase, place: Place, entry: Entry) -> Entry | None:
    """The link or the choice that wrote this entry beside itself, or that it is; None: it stands for itself."""
    if entry.decision is None or entry.intent.by_hand:
        return None
    with_it = (Row.decision == entry.decision) & (Row.xero_id == entry.intent.xero_id)
    found = journal.entries(db, Row.select().where(belongs_to(place) & with_it & Row.action.in_(_BRINGS)))
    return found[0] if found else None


def is_partly_undone(db: SqliteDatabase, decision: int) -> bool:
    """Whether some of a decision was undone."""
    undone = (Row.decision == decision) & (Row.state == EntryState.UNDONE)
    return bool(Row.select().where(undone).exists(db))
