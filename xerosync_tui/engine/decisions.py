"""What a person decides, done at once by whoever holds the lock (engine.md 2.10).

Free, this process takes the lock and does it itself. Held, the decision is written down; the holder carries it
out between two of its own steps, and its answer, or its refusal, comes back here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from importlib import import_module
from typing import Any, TypeVar, cast

import msgspec

from xerosync_tui import errors
from xerosync_tui.domain.connection import Connection
from xerosync_tui.engine.lock import is_held
from xerosync_tui.engine.recovery import at_work
from xerosync_tui.errors import LockHeld, XeroSyncError
from xerosync_tui.log import record
from xerosync_tui.program import Program
from xerosync_tui.store import processes
from xerosync_tui.store.processes import Question

T = TypeVar("T")
Work = Callable[..., Awaitable[Any]]  # (program, connection, **arguments)

_SILENT = 20_000  # ms without a heartbeat
_PATIENCE = 2.0  # seconds for a holder to show that it lives
_LOOK = 0.05  # seconds between two looks for an answer
_known: dict[str, tuple[Work, Any]] = {}


def decision(answer: type[T]) -> Callable[[Callable[..., Awaitable[T]]], Callable[..., Awaitable[T]]]:
    """Marks a function as one that ``decide`` can be asked for, by its name; ``answer`` is what it returns."""

    def mark(work: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
        _known[f"{work.__module__}:{work.__name__}"] = (work, answer)
        return work

    return mark


async def decide(program: Program, work: Callable[..., Awaitable[T]], **arguments: Any) -> T:
    """What ``work(program, connection, **arguments)`` returns, done by the holder of the lock.

    Raises what it raises, wherever it was done; NotConnected; LockHeld when the holder is silent.
    """
    question = 0
    while True:
        try:
            async with at_work(program) as connection:
                if question and (answered := await program.store.run(processes.withdraw, question)):
                    return cast(T, _unpacked(answered))
                return await work(program, connection, **arguments)
        except LockHeld:
            what = f"{work.__module__}:{work.__name__}"
            if not question:
                packed = msgspec.json.encode(arguments).decode()
                user, now = program.settings.user, program.now_ms()
                question = await program.store.run(processes.ask, user, what, packed, now)
        if answered := await _answer(program, question):
            return cast(T, _unpacked(answered))


async def _answer(program: Program, question: int) -> Question | None:
    """The answer, or None as soon as the lock is free. Raises LockHeld when the holder shows no life."""
    waited = 0.0
    try:
        while is_held(program.settings):
            if found := await program.store.read(processes.answered, question):
                await program.store.run(processes.withdraw, question)
                return found
            holder = await program.store.read(processes.holder)
            if waited > _PATIENCE and (holder is None or program.now_ms() - holder.beat > _SILENT):
                raise _silent(holder)
            await asyncio.sleep(_LOOK)
            waited += _LOOK
    except (asyncio.CancelledError, XeroSyncError):
        await program.store.run(processes.withdraw, question)
        raise
    return None


def _silent(holder: processes.AtWork | None) -> LockHeld:
    known = f"{holder.who}'s process {holder.pid}, with {holder.doing}," if holder else "A process"
    return LockHeld(
        f"{known} is at work on this data and does not answer",
        "If it is stopped, let it go on or end it; then try again.",
    )


def _unpacked(question: Question) -> Any:
    if question.state == "refused":
        said = msgspec.json.decode(question.answer, type=dict[str, str])
        kind = getattr(errors, said["kind"], XeroSyncError)
        raise kind(said["what"], said["next_step"])
    return msgspec.json.decode(question.answer, type=_known[question.what][1])


async def carry_out_waiting(program: Program, connection: Connection) -> None:
    """Do what others asked, one after the other, each in its own name."""
    for question in await program.store.read(processes.waiting):
        state, answer = await _carried_out(program, connection, question)
        await program.store.run(processes.answer, question.id, state, answer)


async def _carried_out(program: Program, connection: Connection, question: Question) -> tuple[str, str]:
    theirs = replace(program, settings=replace(program.settings, user=question.who))
    try:
        import_module(question.what.partition(":")[0])  # a process that only syncs has not loaded every decision
        work, _ = _known[question.what]
        arguments = msgspec.json.decode(question.arguments, type=dict[str, Any])
        return "done", msgspec.json.encode(await work(theirs, connection, **arguments)).decode()
    except XeroSyncError as error:
        said = {"kind": type(error).__name__, "what": error.what, "next_step": error.next_step}
    except Exception as error:  # whatever it is, it is the asker's, and the run goes on
        place = record(error, program.settings.log_dir)
        said = {"kind": "XeroSyncError", "what": "It could not be done", "next_step": place}
    return "refused", msgspec.json.encode(said).decode()
