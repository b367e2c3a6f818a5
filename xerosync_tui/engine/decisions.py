"""What a person decides, done at once by whoever holds the lock (engine.md 2.10).

Free, this process takes the lock and does it itself. Held, the request is written down; the holder carries it out
between two of its own steps, and its outcome, or its refusal, comes back here. A request lives as long as its asker
shows that it waits. Once taken up it runs to its end, whatever becomes of the asker, and its outcome waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any, TypeVar

import msgspec

from xerosync_tui import errors
from xerosync_tui.domain.decided import Decided
from xerosync_tui.domain.progress import Report, unwatched
from xerosync_tui.domain.states import RequestState
from xerosync_tui.engine import sides
from xerosync_tui.engine.lock import is_held
from xerosync_tui.engine.pull import read_cards
from xerosync_tui.engine.work import Work, at_hand, hold
from xerosync_tui.errors import LockHeld, NeedsPerson, XeroSyncError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.log import record
from xerosync_tui.program import Program
from xerosync_tui.store import decisions, processes
from xerosync_tui.store.processes import Request

_SILENT = 20_000  # ms without a heartbeat of the holder
_LEFT = 15_000  # ms without one of the asker
_RENEW = 1.0  # seconds between two of the asker
_PATIENCE = 2.0  # seconds for a holder to show that it lives
_LOOK = 0.05  # seconds between two looks for an answer
Carry = Callable[..., Awaitable[Decided]]  # (work, **arguments)
_Carry = TypeVar("_Carry", bound=Carry)
_known: dict[str, Carry] = {}


def decision(carry: _Carry) -> _Carry:
    """Marks a function as one that ``decide`` can be asked for, by its name."""
    _known[_name(carry)] = carry
    return carry


def _name(carry: Carry) -> str:
    return f"{carry.__module__}:{carry.__name__}"


@asynccontextmanager
async def at_work(program: Program, doing: str = "a decision", *, connected: bool = True) -> AsyncIterator[Work]:
    """Work for the one process that may pull and apply now; it does what others ask meanwhile. Raises as ``hold``."""
    async with hold(program, doing, carry_out_waiting, connected=connected) as work:
        yield work


async def decide(
    program: Program, carry: Carry, *, connected: bool = True, report: Report = unwatched, **arguments: Any
) -> Decided:
    """What ``carry(work, **arguments)`` returns, done by the holder of the lock, once.

    Raises what it raises, wherever it was done; NotConnected, unless ``connected`` is False; LockHeld when the holder
    is silent.
    """
    request = 0
    while True:
        try:
            async with at_work(program, connected=connected) as work:
                found = await program.store.run(processes.withdraw, request) if request else None
                if found and (outcome := await _left_by_the_dead(work, found)):
                    return outcome
                work.report = report
                return await carry(work, **arguments)
        except LockHeld:
            if not request:
                packed = msgspec.json.encode(arguments).decode()
                it = program.settings
                asked = (it.user, it.login, _name(carry), packed, program.now_ms())
                request = await program.store.run(processes.ask, *asked)
        if answered := await _answer(program, request):
            return _unpacked(answered)


async def _answer(program: Program, request: int) -> Request | None:
    """The request with its outcome, or None as soon as the lock is free. Raises LockHeld when the holder is silent."""
    waited = renewed = 0.0
    store = program.store
    try:
        while is_held(program.settings):
            found = await store.read(processes.by_id, request)
            if found and found.state in (RequestState.DONE, RequestState.REFUSED):
                await store.run(processes.forget, request)
                return found
            holder = await store.read(processes.holder)
            if waited > _PATIENCE and (holder is None or program.now_ms() - holder.beat > _SILENT):
                raise _silent(holder, found)
            if waited - renewed >= _RENEW:
                renewed = waited
                await store.run(processes.renew, request, program.now_ms())
            await asyncio.sleep(_LOOK)
            waited += _LOOK
    except (asyncio.CancelledError, XeroSyncError):
        await store.run(processes.withdraw, request)
        raise
    return None


def _silent(holder: processes.AtWork | None, request: Request | None) -> LockHeld:
    known = f"{holder.who}'s process {holder.pid}, with {holder.doing}," if holder else "A process"
    taken = request is not None and request.state is RequestState.TAKEN
    what = f"{known} is at work on this data and does not answer"
    if taken:
        return LockHeld(f"{what}; it had begun with this decision", Hint(Do.HISTORY))
    return LockHeld(what, "If it is stopped, let it go on or end it; then try again.")


def _unpacked(request: Request) -> Decided:
    if request.state is RequestState.REFUSED:
        said = msgspec.json.decode(request.answer, type=_Refusal)
        kind = getattr(errors, said.kind, XeroSyncError)
        raise kind(said.what, Hint(Do[said.do], said.words) if said.do else said.words)
    return msgspec.json.decode(request.answer, type=Decided)


class _Refusal(msgspec.Struct):
    """An error on its way to another process."""

    kind: str
    what: str
    do: str
    words: str


def _packed(error: XeroSyncError) -> str:
    hint = error.hint
    do, words = (hint.do.name, hint.about) if isinstance(hint, Hint) else ("", hint)
    return msgspec.json.encode(_Refusal(type(error).__name__, error.what, do, words)).decode()


async def _left_by_the_dead(work: Work, request: Request) -> Decided | None:
    """What a holder that died had done of a request that it had taken up; None: nothing, so it can be done now."""
    store = work.program.store
    await store.run(processes.forget, request.id)
    if request.state is not RequestState.TAKEN or request.answer:
        return _unpacked(request)
    if await store.read(decisions.by_request, request.token):
        raise NeedsPerson(
            "The process that was carrying this out has ended, and nobody knows yet whether it was done",
            "Run a sync: it finds out.",
        )
    return None


async def carry_out_waiting(work: Work) -> None:
    """Do what others asked, one after the other, each in its own name. Whoever asked and left has asked for nothing."""
    program = work.program
    while request := await program.store.run(processes.take_up, program.now_ms(), _LEFT):
        state, answer = await _carried_out(work, request)
        await program.store.run(processes.close, request.id, state, answer)


async def _carried_out(work: Work, request: Request) -> tuple[RequestState, str]:
    program = work.program
    theirs = replace(program, settings=replace(program.settings, user=request.who, login=request.login))
    try:
        import_module(request.what.partition(":")[0])  # a process that only syncs has not loaded every decision
        arguments = msgspec.json.decode(request.arguments, type=dict[str, Any])
        done = await _known[request.what](
            Work(theirs, work.joined, work.directory_name, request=request.id), **arguments
        )
        return RequestState.DONE, msgspec.json.encode(done).decode()
    except XeroSyncError as error:
        return RequestState.REFUSED, _packed(error)
    except Exception as error:  # whatever it is, it is the asker's, and the run goes on
        place = record(error, program.settings.log_dir)
        return RequestState.REFUSED, _packed(XeroSyncError("It could not be done", place))


@asynccontextmanager
async def looking(program: Program, *keys: str) -> AsyncIterator[Work]:
    """Work that only reads, and waits for nobody: Karbon as it is now, or while somebody is at work, as last read.

    The contacts with these keys are read whole either way. Raises NotConnected, and what the directory raises.
    """
    async with AsyncExitStack() as opened:
        try:
            work = await opened.enter_async_context(at_work(program, "a look"))
            await opened.enter_async_context(sides.karbon_now(work, *keys))
        except LockHeld:
            work = await program.store.read(at_hand, program)
            _ = work.connection  # raises NotConnected
            await opened.enter_async_context(sides.karbon(work))
            await read_cards(work, keys)
        yield work
