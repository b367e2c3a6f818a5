"""Decisions: what a person did with one key or command. Their entries are in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from peewee import SqliteDatabase

from xerosync_tui.domain.states import Action
from xerosync_tui.store.journal import Author, Place
from xerosync_tui.store.models import Decision


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
