"""What firms are told to clean by hand before the first sync: likely duplicates within Xero and within Karbon."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain.duplicates import Alike, Group, Known, found_by_name, resemblance
from xerosync_tui.domain.states import Side
from xerosync_tui.engine.decisions import looking
from xerosync_tui.errors import NeedsPerson
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program
from xerosync_tui.store import duplicates


@dataclass(frozen=True, slots=True)
class OneSide:
    """What one side holds: ``contacts`` that were looked at (in Xero the active ones), and the groups among them."""

    contacts: int
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Both sides. ``xero_read``: whether Xero was ever read; without that nothing is known about it."""

    xero: OneSide
    karbon: OneSide
    xero_read: bool


async def found(program: Program) -> Found:
    """Likely duplicates in Xero as last read, and in Karbon as it is now.

    Raises NotConnected; NeedsPerson where neither side holds anything to look at; LockHeld.
    """
    async with looking(program) as work:  # the mirror has what is new
        connection = work.connection
    xero, karbon = [await program.store.read(_side, connection.id, side) for side in Side]
    if not xero.contacts and not karbon.contacts:
        raise NeedsPerson("Neither Xero nor Karbon has been read", Hint(Do.PREVIEW))
    return Found(xero, karbon, connection.read_until is not None)


def _side(db: SqliteDatabase, connection: int, side: Side) -> OneSide:
    names = duplicates.sharing(db, connection, side, "name_key")
    emails = duplicates.sharing(db, connection, side, "email_key")
    shared = {record.row for group in names for record in group}
    by_name = found_by_name(duplicates.walk(db, connection, side), shared)
    wanted = sorted({row for _, _, rows in by_name for row in rows})
    rows = duplicates.records(db, connection, side, wanted)
    groups = [Group(Alike.NAME, "the same name", tuple(group)) for group in names]
    for kind, why, members in by_name:
        records = tuple(rows[row] for row in members)
        groups.append(Group(kind, why or ", ".join(resemblance(records).reasons), records))
    groups += [Group(Alike.EMAIL, "the same billing email", tuple(group)) for group in emails if _names(group)]
    order = list(Alike)
    groups.sort(key=lambda group: (order.index(group.kind), group.records[0].name.casefold()))
    return OneSide(duplicates.count(db, connection, side), tuple(groups))


def _names(group: list[Known]) -> bool:
    """Whether they have several names: otherwise they are a group by name already."""
    return len({record.name for record in group}) > 1
