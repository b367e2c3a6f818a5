"""Beside Karbon's own Xero sync: two writers would chase each other, so a person decides (karbon.md 2.3, 2.7).

``ExternalKey`` tells, in two requests a contact, whether Karbon itself links a Xero contact. Each is asked about
once, before it is first written; a sample of the full matches is asked about at the preview.
"""

from __future__ import annotations

from collections.abc import Sequence

from peewee import SqliteDatabase

from xerosync_tui.domain.match import Verdict
from xerosync_tui.engine.work import Work
from xerosync_tui.store import accounts, cards, plans

SAMPLE = 20  # full matches
REASON = (
    "Karbon's own Xero sync links this contact too, and two writers would chase each other. Switch it off in Karbon "
    "and set beside_karbon=write, or unsync the client here"
)


async def linked_by_karbon(work: Work, xero_ids: Sequence[str]) -> set[str]:
    """Those of these that are left unwritten. Raises what the directory raises."""
    if not xero_ids or await work.program.store.read(_may_write, work):
        return set()
    return await _asked(work, xero_ids)


async def sample(work: Work) -> None:
    """Ask about some full matches of the plan. Raises what the directory raises."""
    await _asked(work, await work.program.store.read(plans.some_of, work.connection.id, Verdict.FULL_MATCH, SAMPLE))


async def _asked(work: Work, xero_ids: Sequence[str]) -> set[str]:
    connection, store = work.connection.id, work.program.store
    known = await store.read(cards.native, connection, xero_ids)
    for xero_id in xero_ids:
        if xero_id not in known:
            keys = await work.directory.linked_with_xero(xero_id)
            known[xero_id] = bool(keys)
            await store.run(cards.put_native, connection, {xero_id: keys}, work.program.now_ms())
    return {xero_id for xero_id in xero_ids if known[xero_id]}


def left_unwritten(db: SqliteDatabase, work: Work, xero_ids: Sequence[str]) -> set[str]:
    """Those of these that were asked about, and are left unwritten."""
    if not xero_ids or _may_write(db, work):
        return set()
    return {xero_id for xero_id, linked in cards.native(db, work.connection.id, xero_ids).items() if linked}


def _may_write(db: SqliteDatabase, work: Work) -> bool:
    """Whether all may be written: the firm has said so, or the directory has no other writer."""
    account = accounts.of_directory(db, work.directory_name)
    return account is None or account.write_beside
