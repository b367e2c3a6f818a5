"""What the next sync would do with the links there are, pair by pair, from the mirrors that a preview has read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xerosync_tui.domain import decide
from xerosync_tui.domain.contact import Contact, Field, Value, XeroContact
from xerosync_tui.domain.link import Rules
from xerosync_tui.domain.merge import merge
from xerosync_tui.engine.work import at_hand
from xerosync_tui.program import Program
from xerosync_tui.store import changes
from xerosync_tui.store.changes import Pair

_PAGE = 500
Changes = Mapping[Field, tuple[Value, Value]]  # value now, value then


@dataclass(frozen=True, slots=True)
class Pending:
    """A linked pair with something to do: values to write on either side, fields in conflict, or why it ends."""

    xero: XeroContact
    karbon_key: str
    in_karbon: Changes
    in_xero: Changes
    conflicts: tuple[Field, ...]
    end: str = ""


async def listed(program: Program, most: int | None = None) -> list[Pending]:
    """The pairs with something to do, oldest link first; ``most`` of them. Raises NotConnected."""
    work = await program.store.read(at_hand, program)
    connection = work.connection
    found: list[Pending] = []
    place = 0
    while most is None or len(found) < most:
        pairs = await program.store.read(changes.looked, connection.id, place, _PAGE)
        if not pairs:
            break
        place = pairs[-1].id
        found += [one for pair in pairs if pair.synced and (one := _pending(pair, work.rules))]
    return found[:most]


def _pending(pair: Pair, rules: Rules) -> Pending | None:
    key = pair.linked.karbon.key if pair.linked else ""
    if end := decide.ends(pair.xero, gone=pair.gone):
        return Pending(pair.xero, key, {}, {}, (), end.value)
    if pair.linked is None:
        return None
    wanted = merge(pair.linked, rules)
    in_karbon = _beside(pair.linked.karbon.contact, wanted.to_karbon)
    in_xero = _beside(pair.xero.contact, wanted.to_xero)
    if not (in_karbon or in_xero or wanted.conflicts):
        return None
    return Pending(pair.xero, key, in_karbon, in_xero, wanted.conflicts)


def _beside(held: Contact, values: Mapping[Field, Value]) -> Changes:
    return {f: (held.value(f), value) for f, value in values.items()}
