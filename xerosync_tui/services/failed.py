"""Records that failed, and trying them again (promise P16)."""

from __future__ import annotations

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.directory import DirectoryRecord, as_record
from xerosync_tui.domain.merge import merge
from xerosync_tui.domain.progress import unwatched
from xerosync_tui.engine import sessions
from xerosync_tui.engine.changes import TO_KARBON, TO_XERO, Planned, rules_of, write_to_karbon
from xerosync_tui.engine.decisions import decide, decision
from xerosync_tui.engine.pull import UNREADABLE as KARBON_UNREADABLE
from xerosync_tui.engine.push import Push
from xerosync_tui.engine.sides import karbon_now
from xerosync_tui.errors import UsageError
from xerosync_tui.program import Program, active, require
from xerosync_tui.remotes.xero.api import XeroLedger
from xerosync_tui.store import changes, directory, issues, mirror, runs

_UNREADABLE = "xero"
_LENGTH_OF_ID = 36


async def retry(program: Program, number: int) -> str:
    """Try a failed record again, now; returns why it failed again, or "".

    Raises UsageError where there is none with that number, or a sync is what tries it again; NotConnected;
    RemoteError; LockHeld.
    """
    return await decide(program, _retry, number=number)


@decision(str)
async def _retry(program: Program, connection: Connection, number: int) -> str:
    failure = await program.store.run(runs.failure, connection.id, number)
    if failure is None:
        raise UsageError(f"There is no failed record {number}", "See `xerosync issues --tab failed`.")
    require(connection)
    if failure.side in (TO_XERO, TO_KARBON):
        await _write_again(program, connection, failure.record)
    elif failure.side == _UNREADABLE and len(failure.record) == _LENGTH_OF_ID:
        await _read_again(program, connection, failure)
    elif failure.side == KARBON_UNREADABLE:
        async with karbon_now(program, connection, failure.record):
            pass  # read again, it is none that failed, or one that fails for another reason
    elif failure.side == runs.DECISION:
        raise UsageError(f"{failure.name} waits for another decision", "See `xerosync issues`, then resolve it again.")
    elif failure.side == "create":
        raise UsageError(f"{failure.name} was not made in Xero", "Use `xerosync create-in-xero` again.")
    else:
        raise UsageError(f"{failure.name} is tried again by the next sync", "Run `xerosync sync --full`.")
    again = await program.store.run(runs.failure, connection.id, number)
    return again.reason if again else ""


async def keep_refused(program: Program, issue: int, name: str, reason: str) -> None:
    """List a decision about a match issue as failed; it is gone from there once the issue is decided.

    Raises NotConnected, MachineError.
    """
    connection = await active(program)

    def keep(db: SqliteDatabase) -> None:
        if xero_id := issues.xero_id_of(db, connection.id, issue):
            runs.put_failed(db, connection.id, runs.DECISION, [(xero_id, name, reason)], program.now_ms())

    await program.store.run(keep)


async def karbon_side(program: Program, number: int) -> DirectoryRecord:
    """The Karbon contact that a failed record is about. Raises UsageError where it is about none."""
    connection = await active(program)

    def read(db: SqliteDatabase) -> DirectoryRecord:
        failure = runs.failure(db, connection.id, number)
        pair = changes.linked(db, connection.id, failure.record) if failure else None
        key = pair.karbon.key if pair else failure.record if failure else ""
        if connection.uses_api:
            karbon = mirror.karbon_contact(db, connection.id, key)
            record = as_record(karbon) if karbon else None
        else:
            record = directory.get(db, key)
        if record is None:
            raise UsageError("It has no Karbon contact yet, so there is nothing to edit")
        return record

    return await program.store.read(read)


async def _write_again(program: Program, connection: Connection, xero_id: str) -> None:
    before = await program.store.run(changes.linked, connection.id, xero_id)
    async with karbon_now(program, connection, *([before.karbon.key] if before else [])) as directory:
        await program.store.run(changes.look_at, connection.id, [xero_id])
        pair = await program.store.run(changes.linked, connection.id, xero_id)
        if pair is None:
            await program.store.run(_forget, connection.id, xero_id)
            return
        wanted = merge(pair, rules_of(connection))
        await write_to_karbon(program, directory, connection, None, [Planned(pair, wanted)])
    if wanted.to_xero:
        async with sessions.xero(program, connection) as session:
            await Push(program, XeroLedger(session), connection, None).links([pair.id], unwatched)
    elif not wanted.to_karbon and not wanted.emptied:
        await program.store.run(_forget, connection.id, xero_id)


def _forget(db: SqliteDatabase, connection: int, xero_id: str) -> None:
    for side in (TO_XERO, TO_KARBON):
        runs.clear_failed(db, connection, side, [xero_id])


async def _read_again(program: Program, connection: Connection, failure: runs.Failure) -> None:
    """Read one contact once more; whether it can be linked or made, the next sync decides."""
    async with sessions.xero(program, connection) as session:
        found = await XeroLedger(session).read([failure.record])

    def keep(db: SqliteDatabase) -> None:
        mirror.put_xero(db, connection.id, [record.contact for record in found.values()], 0)
        runs.clear_failed(db, connection.id, failure.side, list(found))

    await program.store.run(keep)
