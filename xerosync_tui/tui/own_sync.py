"""The sync that runs by itself while the screens are open and no ``xerosync watch`` does it (product.md 3.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xerosync_tui.errors import MachineError, XeroSyncError
from xerosync_tui.services import timing
from xerosync_tui.services.timing import Due

if TYPE_CHECKING:
    from xerosync_tui.services.sync import RunResult
    from xerosync_tui.tui.app import XeroSyncApp

_REST = 60_000  # ms after a run that failed before it could be written down


class OwnSync:
    """Starts a sync whenever one is due. It says nothing: the top line and the last run do."""

    def __init__(self, app: XeroSyncApp) -> None:
        self._app = app
        self._not_before = 0
        self._told = ""
        self.due = Due(None)
        self.watched = False

    async def read(self) -> None:
        """When the next run is due, and whether somebody else starts it. Raises MachineError."""
        self.due = await timing.due(self._app.program)
        self.watched = timing.is_watched(self._app.program.settings)

    def start_if_due(self) -> None:
        """Start it, unless somebody is at work already. Raises MachineError."""
        app, status = self._app, self._app.status
        if self.due.at is None or app.program.now_ms() < max(self.due.at, self._not_before):
            return
        if status is None or status.at_work or app.jobs.kind or app.jobs.waiting:
            return
        self.watched = timing.is_watched(app.program.settings)
        if not self.watched:
            app.jobs.start("sync", self._work, lambda _: None, self._failed)

    async def _work(self, report: Callable[..., None]) -> RunResult:
        from xerosync_tui.services import sync as run

        return await run.sync(self._app.program, report)

    def _failed(self, error: Exception) -> None:
        """A brake, an unreachable Xero, a held lock stand on Connected Apps; anything else is told, once."""
        self._not_before = self._app.program.now_ms() + _REST
        no_news = isinstance(error, XeroSyncError) and not isinstance(error, MachineError)
        if not no_news and str(error) != self._told:
            self._told = str(error)
            self._app.tell(error)
