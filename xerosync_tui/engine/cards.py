"""Reading business cards, where each takes a request of its own: the most urgent first, as many as a run may spend.

What was read is mirrored at once, so whoever comes next goes on from there. Karbon's limit is 120 requests a minute
for all tools with the same keys (karbon.md 2.2); a run of the continuous sync leaves a third of it to the others.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from xerosync_tui.domain.pace import A_RUN
from xerosync_tui.domain.progress import Progress
from xerosync_tui.engine.pull import read_cards
from xerosync_tui.engine.work import Work
from xerosync_tui.store import cards

IN_TURN = 20  # cards a run, of linked contacts that no list told of as changed
_TURN_AGAIN = 3_600_000  # ms: read an hour ago is read
_BATCH = 20  # cards kept at once
_SHOW = 100  # cards after which whoever looks is shown what they changed
PHASE = "Reading business cards"


async def read_some(work: Work) -> None:
    """Read what a run may: what is urgent, and some linked contacts in turn. Raises what the directory raises."""
    if not work.directory.has_cards:
        return
    await _read(work, A_RUN)
    before = work.program.now_ms() - _TURN_AGAIN
    await read_cards(work, await work.program.store.read(cards.in_turn, work.connection.id, before, IN_TURN))


async def read_all(work: Work, show: Callable[[], Awaitable[None]]) -> None:
    """Read every card that is still to be read; ``show`` is called on the way. Raises what the directory raises."""
    while await _read(work, _SHOW):
        await show()


async def _read(work: Work, most: int) -> int:
    """Read up to so many of the most urgent; returns how many."""
    connection, store = work.connection.id, work.program.store
    done = 0
    while done < most:
        keys = await store.read(cards.most_urgent, connection, min(_BATCH, most - done))
        if not keys:
            break
        await read_cards(work, keys)
        done += len(keys)
        now = await store.read(cards.counted, connection)
        work.report(Progress(PHASE, now.total - now.unread, now.total))
    return done
