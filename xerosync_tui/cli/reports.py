"""What a decision did, and how it is undone: said in the same way by every command that decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xerosync_tui.cli import output
from xerosync_tui.domain.decided import Decided
from xerosync_tui.program import Program
from xerosync_tui.services import undo


async def way_back(program: Program, decided: Decided) -> str:
    """How a decision is undone, or why it cannot be: read from what ``undo`` would do."""
    found = await undo.offer(program, decided.id)
    if isinstance(found, undo.CanUndo):
        return f"Undo: xerosync undo d{found.decision}"
    reason = found.reason.rstrip(".")
    return reason if reason.startswith("It cannot be undone") else f"It cannot be undone: {reason}"


async def report(
    program: Program, decided: Decided, did: str, *, as_json: bool, more: Mapping[str, Any] | None = None
) -> int:
    """Say what was decided about one contact, and what of it comes later; 0."""
    if as_json:
        one = {"name": decided.name, "xero_id": decided.xero_id, "karbon_key": decided.karbon_key}
        output.as_json({"decision": f"d{decided.id}", **one, "later": decided.later, **(more or {})})
        return 0
    if decided.later:
        output.say(f"{decided.name}: {decided.later}.")
    output.say(f"{decided.name}: {did}. {await way_back(program, decided)}")
    return 0
