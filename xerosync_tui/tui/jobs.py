"""The jobs of the program in the background: a run at a time, and decisions. A failure ends nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from textual.worker import Worker, WorkerError

from xerosync_tui.domain.progress import Progress, Report

if TYPE_CHECKING:
    from xerosync_tui.tui.app import XeroSyncApp

T = TypeVar("T")
Failed = Callable[[Exception], None]


class Jobs:
    """Runs (sync, preview) of which there is one at a time, and short decisions, one after the other.

    Decisions do not wait for a run: whoever holds the lock carries them out (engine.md 2.10). A run waits for the
    decisions that were made before it, which hold the lock themselves.
    """

    def __init__(self, app: XeroSyncApp) -> None:
        self._app = app
        self._turn = asyncio.Lock()
        self._running: Worker[None] | None = None
        self.kind = ""  # of the run under way, "" for none
        self.progress: Progress | None = None
        self.waiting = 0  # decisions that were made and are not carried out yet

    def start(
        self,
        kind: str,
        work: Callable[[Report], Awaitable[T]],
        done: Callable[[T], None],
        failed: Failed | None = None,
    ) -> None:
        """Run ``work`` unless a run is under way already; then say so."""
        if self.kind:
            self._app.say(f"A {self.kind} is running; x on Connected Apps stops it.", severity="warning")
            return
        self.kind, self.progress = kind, None
        self._running = self._app.run_worker(self._run(work, done, failed), group="runs", exit_on_error=False)
        self._app.show_state()

    async def _run(
        self, work: Callable[[Report], Awaitable[T]], done: Callable[[T], None], failed: Failed | None
    ) -> None:
        try:
            async with self._turn:
                pass
            await self._told(lambda: work(self._report), done, failed)
        finally:
            self.kind, self.progress = "", None
            self._app.let_go()

    def decide(self, work: Callable[[], Awaitable[T]], done: Callable[[T], None], failed: Failed | None = None) -> None:
        """Do ``work`` in its turn: the order among the decisions is kept."""

        async def in_turn() -> T:
            async with self._turn:
                return await work()

        async def decided() -> None:
            try:
                await self._told(in_turn, done, failed)
            finally:
                self.waiting -= 1
                self._app.let_go()

        self.waiting += 1
        self._app.run_worker(decided(), group="decisions", exit_on_error=False)

    async def _told(
        self, work: Callable[[], Awaitable[Any]], done: Callable[[Any], None], failed: Failed | None
    ) -> None:
        try:
            result = await work()
        except Exception as error:
            (failed or self._app.tell)(error)
        else:
            done(result)

    def stop(self) -> bool:
        """Stop the run under way; what it did stays done. Whether there was one."""
        if self._running is None or not self.kind:
            return False
        self._running.cancel()
        return True

    async def halt(self) -> None:
        """Stop the run under way, let all that was decided be carried out, and have let go of the lock."""
        if self.stop() and self._running is not None:
            with suppress(WorkerError):
                await self._running.wait()
        async with self._turn:
            pass

    def _report(self, progress: Progress) -> None:
        self.progress = progress  # drawn by the app's clock, a few times a second
