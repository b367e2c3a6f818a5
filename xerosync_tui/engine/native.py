"""Beside Karbon's own Xero sync: two writers would chase each other, so a person decides (karbon.md 2.3, 2.7).

``ExternalKey`` tells, in two requests a contact, whether Karbon itself links a Xero contact. Each is asked about
once, before it is first written; a sample of the full matches is asked about at the preview.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.match import Verdict
from xerosync_tui.program import Program
from xerosync_tui.remotes.ports import Directory
from xerosync_tui.store import accounts, cards, plans

if TYPE_CHECKING:
    from xerosync_tui.remotes.karbon.api import KarbonDirectory

SAMPLE = 20  # full matches
REASON = (
    "Karbon's own Xero sync links this contact too, and two writers would chase each other. Switch it off in Karbon "
    "and set beside_karbon=write, or unsync the client here"
)


async def linked_by_karbon(
    program: Program, directory: Directory, connection: Connection, xero_ids: Sequence[str]
) -> set[str]:
    """Those of these that are left unwritten. Raises what the directory raises."""
    if not connection.uses_api or not xero_ids:
        return set()
    if await program.store.read(_may_write, connection):
        return set()
    return await _asked(program, cast("KarbonDirectory", directory), connection, xero_ids)


async def sample(program: Program, directory: Directory, connection: Connection) -> None:
    """Ask about some full matches of the plan. Raises what the directory raises."""
    if not connection.uses_api:
        return
    found = await program.store.read(plans.some_of, connection.id, Verdict.FULL_MATCH, SAMPLE)
    await _asked(program, cast("KarbonDirectory", directory), connection, found)


async def _asked(
    program: Program, directory: KarbonDirectory, connection: Connection, xero_ids: Sequence[str]
) -> set[str]:
    known = await program.store.read(cards.native, connection.id, xero_ids)
    for xero_id in xero_ids:
        if xero_id not in known:
            keys = [row.key for row in await directory.linked_with_xero(xero_id)]
            known[xero_id] = bool(keys)
            await program.store.run(cards.put_native, connection.id, {xero_id: keys}, program.now_ms())
    return {xero_id for xero_id in xero_ids if known[xero_id]}


def left_unwritten(db: SqliteDatabase, connection: Connection, xero_ids: Sequence[str]) -> set[str]:
    """Those of these that were asked about, and are left unwritten."""
    if not connection.uses_api or not xero_ids or _may_write(db, connection):
        return set()
    return {xero_id for xero_id, linked in cards.native(db, connection.id, xero_ids).items() if linked}


def _may_write(db: SqliteDatabase, connection: Connection) -> bool:
    account = accounts.of_directory(db, connection.directory)
    return account is not None and account.write_beside
