"""Records that failed, and trying them again (promise P16)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from peewee import SqliteDatabase

from xerosync_tui.domain.decided import Decided, Stays
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.merge import merge
from xerosync_tui.domain.progress import Progress, Report, unwatched
from xerosync_tui.domain.states import Action, FailedSide
from xerosync_tui.engine import sides
from xerosync_tui.engine.carry import to_xero
from xerosync_tui.engine.changes.karbon import ToKarbon
from xerosync_tui.engine.decisions import decide, decision
from xerosync_tui.engine.work import Work, at_hand
from xerosync_tui.engine.write import write
from xerosync_tui.errors import RemoteError, UsageError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program, active, require
from xerosync_tui.services import contacts
from xerosync_tui.store import changes, issues, mirror, runs


async def retry(program: Program, *numbers: int, report: Report = unwatched) -> Decided:
    """Try failed records again, now, as one decision; what failed again stays, with the reason.

    Of one, raises UsageError where there is none with that number, or a sync is what tries it again, and RemoteError;
    of several it stays too. Raises NotConnected, LockHeld.
    """
    return await decide(program, _retry, report=report, numbers=list(numbers))


@decision
async def _retry(work: Work, numbers: Sequence[int]) -> Decided:
    require(work.connection)
    for done, number in enumerate(numbers):
        failure = await work.program.store.run(runs.failure, work.connection.id, number)
        try:
            if failure is None:
                raise UsageError(f"There is no failed record {number}", Hint(Do.FAILED))
            await _retry_one(work, failure)
        except (RemoteError, UsageError) as error:
            if len(numbers) == 1:
                raise
            work.stays.append(Stays(failure.name if failure else "", error.what, about=str(number)))
            continue
        if again := await work.program.store.run(runs.failure, work.connection.id, number):
            work.stays.append(Stays(again.name, again.reason, about=str(number)))
        work.report(Progress("Trying again", done + 1, len(numbers)))
    return work.decided()


async def _retry_one(work: Work, failure: runs.Failure) -> None:
    match failure.side:
        case FailedSide.TO_XERO | FailedSide.TO_KARBON:
            await _write_again(work, failure.record)
        case FailedSide.READ_XERO if failure.at_once:
            await _read_again(work, failure)
        case FailedSide.READ_KARBON:
            async with sides.karbon_now(work, failure.record):
                pass  # read again, it is none that failed, or one that fails for another reason
        case FailedSide.DECISION:
            raise UsageError(f"{failure.name} waits for another decision", Hint(Do.RESOLVE))
        case FailedSide.CREATE_IN_XERO:
            raise UsageError(f"{failure.name} was not made in Xero", Hint(Do.CREATE_IN_XERO))
        case FailedSide.LINK | FailedSide.READ_XERO:
            raise UsageError(f"{failure.name} is tried again by the next sync", Hint(Do.SYNC_FULL))


async def keep_refused(program: Program, reasons: Mapping[int, str]) -> None:
    """List refused decisions about match issues as failed; they are gone from there once the issue is decided.

    ``reasons``: by issue. One that was decided meanwhile is left out. Raises NotConnected, MachineError.
    """
    connection = await active(program)

    def keep(db: SqliteDatabase) -> None:
        found = ((issues.by_id(db, connection.id, issue), reason) for issue, reason in reasons.items())
        rows = [(issue.xero.id, issue.xero.contact.name, reason) for issue, reason in found if issue]
        runs.put_failed(db, connection.id, FailedSide.DECISION, rows, program.now_ms())

    await program.store.run(keep)


async def karbon_side(program: Program, number: int) -> DirectoryRecord:
    """The Karbon contact that a failed record is about. Raises UsageError where it is about none."""

    def read(db: SqliteDatabase) -> str:
        connection = at_hand(db, program).connection.id
        failure = runs.failure(db, connection, number)
        pair = changes.linked(db, connection, failure.record) if failure else None
        return pair.karbon.key if pair else failure.record if failure else ""

    key = await program.store.read(read)
    try:
        return (await contacts.one(program, key)).record
    except UsageError:
        raise UsageError("It has no Karbon contact yet, so there is nothing to edit") from None


async def _write_again(work: Work, xero_id: str) -> None:
    work.kind = Action.RETRY  # which is nothing that ``undo`` takes by itself: it does what a run would
    connection, store = work.connection.id, work.program.store
    before = await store.run(changes.linked, connection, xero_id)
    async with sides.karbon_now(work, *([before.karbon.key] if before else [])):
        await store.run(changes.look_at, connection, [xero_id])
        pair = await store.run(changes.linked, connection, xero_id)
        if pair is None:
            await store.run(_forget, connection, xero_id)
            return
        wanted = merge(pair, work.rules)
        if wanted.to_karbon:
            await write(work, [ToKarbon(pair, wanted)])
    if wanted.to_xero:
        async with sides.ledger(work):
            await to_xero(work, [pair.id])
    elif not wanted.to_karbon and not wanted.emptied:
        await store.run(_forget, connection, xero_id)


def _forget(db: SqliteDatabase, connection: int, xero_id: str) -> None:
    for side in (FailedSide.TO_XERO, FailedSide.TO_KARBON):
        runs.clear_failed(db, connection, side, [xero_id])


async def _read_again(work: Work, failure: runs.Failure) -> None:
    """Read one contact once more; whether it can be linked or made, the next sync decides."""
    async with sides.ledger(work):
        found = await work.ledger.read([failure.record])

    def keep(db: SqliteDatabase) -> None:
        mirror.put_xero(db, work.connection.id, [record.contact for record in found.values()], 0)
        runs.clear_failed(db, work.connection.id, failure.side, list(found))

    await work.program.store.run(keep)
