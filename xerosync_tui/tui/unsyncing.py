"""Unsync, from wherever a client is shown: what stops and what stays is said first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import Confirm

if TYPE_CHECKING:
    from xerosync_tui.domain.decided import Decided
    from xerosync_tui.tui.app import XeroSyncApp

_NAMED = 6


def ask_to_unsync(app: XeroSyncApp, names: Mapping[str, str], done: Callable[[Decided], None]) -> None:
    """Unsync these clients, the names by ContactID, once was read what that means."""

    async def work() -> Decided:
        from xerosync_tui.services import clients

        return await clients.unsync(app.program, list(names))

    def answered(yes: bool | None) -> None:
        if yes:
            app.jobs.decide(work, done)

    first = list(names.values())
    rows: list[object] = [f"  {name}" for name in first[:_NAMED]] if len(first) > 1 else []
    if len(first) > _NAMED:
        rows.append(f"  … and {text.number(len(first) - _NAMED)} more")
    rows += [
        "Syncing stops at once, in both directions.",
        "Both records stay as they are, in Xero and in Karbon.",
        "They are listed under Unsynced (3); z undoes it.",
    ]
    title = f"Unsync {first[0]}?" if len(first) == 1 else f"Unsync {text.counted(len(first), 'client')}?"
    app.push_screen(Confirm(title, text.lines(*rows), "Unsync"), answered)
