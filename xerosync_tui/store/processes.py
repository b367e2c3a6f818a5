"""Who is at work on this database, and what others ask of it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.store.models import Asked, Holder


@dataclass(frozen=True, slots=True)
class AtWork:
    """The holder of the lock; times in milliseconds since the epoch. ``beat`` is when it was last alive."""

    pid: int
    who: str
    doing: str
    since: int
    beat: int


def take(db: SqliteDatabase, holder: AtWork) -> None:
    """This process holds the lock now."""
    values = {"pid": holder.pid, "who": holder.who, "doing": holder.doing, "since": holder.since, "beat": holder.beat}
    leave(db)
    Holder.insert(id=1, **values).execute(db)


def beat(db: SqliteDatabase, now: int) -> None:
    """The holder is alive."""
    Holder.update(beat=now).where(Holder.id == 1).execute(db)


def leave(db: SqliteDatabase) -> None:
    """Nobody holds the lock."""
    Holder.delete().execute(db)


def holder(db: SqliteDatabase) -> AtWork | None:
    """Who said last that it holds the lock; it may have died since."""
    row = Holder.select().first(db)
    return AtWork(row.pid, row.who, row.doing, row.since, row.beat) if row else None


@dataclass(frozen=True, slots=True)
class Question:
    """Something asked of the holder; ``arguments`` and ``answer`` are JSON."""

    id: int
    who: str
    what: str
    arguments: str
    state: str  # waiting | done | refused
    answer: str


def ask(db: SqliteDatabase, who: str, what: str, arguments: str, now: int) -> int:
    """Ask the holder for something; returns the question's id."""
    values = {"who": who, "what": what, "arguments": arguments, "state": "waiting", "asked_at": now}
    return int(Asked.insert(**values).execute(db))


def waiting(db: SqliteDatabase) -> list[Question]:
    """What nobody has answered, in the order it was asked."""
    return [_from_row(row) for row in Asked.select().where(Asked.state == "waiting").order_by(Asked.id).execute(db)]


def answer(db: SqliteDatabase, question: int, state: str, text: str) -> None:
    """Answer a question."""
    Asked.update(state=state, answer=text).where(Asked.id == question).execute(db)


def answered(db: SqliteDatabase, question: int) -> Question | None:
    """The question with its answer; None while there is none."""
    row = Asked.select().where((Asked.id == question) & (Asked.state != "waiting")).first(db)
    return _from_row(row) if row else None


def withdraw(db: SqliteDatabase, question: int) -> Question | None:
    """Take a question back; if it was answered already, that is returned."""
    found = answered(db, question)
    Asked.delete().where(Asked.id == question).execute(db)
    return found


def _from_row(row: Asked) -> Question:
    return Question(row.id, row.who, row.what, row.arguments, row.state, row.answer)
