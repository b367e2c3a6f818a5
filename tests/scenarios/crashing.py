"""A store that dies at a given transaction, as the process would: before it began, or right after its commit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from peewee import SqliteDatabase

from xerosync_tui.store.database import Store

P = ParamSpec("P")
T = TypeVar("T")


class Crash(BaseException):
    """Raised where the process dies; nothing in the program may catch it."""


class CrashingStore(Store):
    """Dies at transaction ``at`` (from 1; 0 never), or before that of ``before``. Once dead it does nothing any more.

    ``steps`` counts the transactions.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.steps = 0
        self.at = 0
        self.before: object = None
        self.committed = False
        self.dead = False

    async def run(self, work: Callable[Concatenate[SqliteDatabase, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.dead:
            raise Crash
        self.steps += 1
        if self.steps != self.at and work is not self.before:
            return await super().run(work, *args, **kwargs)
        self.dead = True
        if self.committed:
            await super().run(work, *args, **kwargs)
        raise Crash
