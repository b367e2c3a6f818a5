"""Names that go round in a ring: each contact is to take the name of the next, and Xero's names are unique (2.4)."""

from __future__ import annotations

from collections.abc import Sequence

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.states import EntryState
from xerosync_tui.engine.changes.xero import StepAside, StepBack, ToXero
from xerosync_tui.engine.work import Work
from xerosync_tui.engine.write import Sound, premise, send

_LONGEST_NAME = 255


async def rotate(work: Work, ring: Sequence[ToXero]) -> None:
    """Each takes the name of the next. The first steps aside under a temporary name, held by the journal."""
    sound = await premise(work, ring)
    if len(sound) < len(ring):
        work.counts.deferred += len(sound)
        return
    edits = {one.change.planned().id: edit for one in sound for edit in ring if edit is one.change}
    first, *others = sound
    edit = edits[first.change.planned().id]
    aside = f"~{work.program.new_id()[:12]} {edit.whom()}"[:_LONGEST_NAME]
    away = StepAside(edit.linked, edit.values[Field.NAME], aside, edit.why)
    [moved_away] = await send(work, [Sound(away, first.record)], stays_open=True)
    if moved_away.state is EntryState.FAILED:
        return
    moved: list[Sound] = []
    for one in (*reversed(others), first):
        [written] = await send(work, [one])
        if not written.done:
            back = [*reversed(moved), first]
            await move_back(work, [(edits[s.change.planned().id], s) for s in back])
            return
        moved.append(one)


async def move_back(work: Work, moved: Sequence[tuple[ToXero, Sound]]) -> None:
    """A name was refused: those that moved, or stand aside, take theirs back, in this order."""
    for edit, one in moved:
        await send(work, [Sound(StepBack(edit.linked), one.record)])
