"""Who is at work on this database, and what others ask of it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.states import RequestState
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
class Request:
    """A decision that the holder was asked to carry out; ``arguments`` and ``answer`` are JSON.

    ``answer`` grows with what is done, in the transactions that do it.
    """

    id: int
    who: str
    login: str
    what: str
    arguments: str
    state: RequestState
    answer: str

    @property
    def token(self) -> str:
        """How the decision that carries it out names it."""
        return f"request {self.id}"


def ask(db: SqliteDatabase, who: str, login: str, what: str, arguments: str, now: int) -> int:
    """Ask the holder for something; returns the request's id."""
    values = {"who": who, "login": login, "what": what, "arguments": arguments, "answer": "", "asked_at": now}
    return int(Asked.insert(**values, state=RequestState.WAITING, beat=now).execute(db))


def renew(db: SqliteDatabase, request: int, now: int) -> None:
    """Whoever asked still waits."""
    Asked.update(beat=now).where(Asked.id == request).execute(db)


def waiting(db: SqliteDatabase) -> bool:
    """Whether anybody waits to be taken up."""
    return bool(Asked.select().where(Asked.state == RequestState.WAITING).exists(db))


def take_up(db: SqliteDatabase, now: int, silence: int) -> Request | None:
    """The next request, which is carried out from here on, whatever becomes of its asker; None: there is none.

    Requests whose asker has been silent for ``silence`` milliseconds are withdrawn.
    """
    Asked.delete().where((Asked.state == RequestState.WAITING) & (Asked.beat < now - silence)).execute(db)
    row = Asked.select().where(Asked.state == RequestState.WAITING).order_by(Asked.id).first(db)
    if row is None:
        return None
    Asked.update(state=RequestState.TAKEN).where(Asked.id == row.id).execute(db)
    return _from_row(row)


def keep(db: SqliteDatabase, request: int, answer: str) -> None:
    """What was done of a request so far."""
    Asked.update(answer=answer).where(Asked.id == request).execute(db)


def close(db: SqliteDatabase, request: int, state: RequestState, answer: str) -> None:
    """A request was carried out, or refused."""
    Asked.update(state=state, answer=answer).where(Asked.id == request).execute(db)


def by_id(db: SqliteDatabase, request: int) -> Request | None:
    """A request as it stands."""
    row = Asked.select().where(Asked.id == request).first(db)
    return _from_row(row) if row else None


def withdraw(db: SqliteDatabase, request: int) -> Request | None:
    """Take a request back, unless it was taken up; returns it as it stands, None where nobody had taken it up."""
    found = by_id(db, request)
    if found is None or found.state is RequestState.WAITING:
        Asked.delete().where(Asked.id == request).execute(db)
        return None
    return found


def forget(db: SqliteDatabase, request: int) -> None:
    """Its asker has the outcome."""
    Asked.delete().where(Asked.id == request).execute(db)


def forget_old(db: SqliteDatabase, before: int) -> None:
    """Outcomes that nobody came for."""
    Asked.delete().where((Asked.state != RequestState.WAITING) & (Asked.asked_at < before)).execute(db)


def _from_row(row: Asked) -> Request:
    return Request(row.id, row.who, row.login, row.what, row.arguments, RequestState(row.state), row.answer)
