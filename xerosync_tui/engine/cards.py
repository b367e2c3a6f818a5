"""Reading business cards, where each takes a request of its own: the most urgent first, as many as a run may spend.

What was read is mirrored at once, so whoever comes next goes on from there. Karbon's limit is 120 requests a minute
for all tools of a firm together (karbon.md 2.2); a run of the continuous sync leaves a third of it to the others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.progress import Progress, Report
from xerosync_tui.engine.pull import read_cards
from xerosync_tui.program import Program
from xerosync_tui.remotes.ports import Directory
from xerosync_tui.store import cards

A_RUN = 300  # cards
IN_TURN = 20  # cards a run, of linked contacts that no list told of as changed
_TURN_AGAIN = 3_600_000  # ms: read an hour ago is read
_BATCH = 20  # cards kept at once
_SHOW = 100  # cards after which whoever looks is shown what they changed
PHASE = "Reading business cards"


async def read_some(program: Program, directory: Directory, connection: Connection, report: Report) -> None:
    """Read what a run may: what is urgent, and some linked contacts in turn. Raises what the directory raises."""
    if not connection.uses_api:
        return
    await _read(program, directory, connection, report, A_RUN)
    before = program.now_ms() - _TURN_AGAIN
    turn = await program.store.read(cards.in_turn, connection.id, before, IN_TURN)
    await read_cards(program, directory, connection, turn)


async def read_all(
    program: Program, directory: Directory, connection: Connection, report: Report, show: Callable[[], Awaitable[None]]
) -> None:
    """Read every card that is still to be read; ``show`` is called on the way. Raises what the directory raises."""
    while await _read(program, directory, connection, report, _SHOW):
        await show()


async def _read(program: Program, directory: Directory, connection: Connection, report: Report, most: int) -> int:
    """Read up to so many of the most urgent; returns how many."""
    done = 0
    while done < most:
        keys = await program.store.read(cards.most_urgent, connection.id, min(_BATCH, most - done))
        if not keys:
            break
        await read_cards(program, directory, connection, keys)
        done += len(keys)
        now = await program.store.read(cards.counted, connection.id)
        report(Progress(PHASE, now.total - now.unread, now.total))
    return done
