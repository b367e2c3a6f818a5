"""A CSV of contacts into the built-in directory: seen beforehand, all or nothing, twice adds nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from peewee import SqliteDatabase

from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.contact_file import ContactFile, ContactFileError, FileRow, RejectedRow, read_contacts
from xerosync_tui.domain.decided import Decided
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.display import clean
from xerosync_tui.domain.kinds import guess_kind
from xerosync_tui.domain.person_name import PersonName
from xerosync_tui.domain.progress import Progress, Report, unwatched
from xerosync_tui.engine import sides
from xerosync_tui.engine.changes.karbon import Add
from xerosync_tui.engine.changes.types import ChangeTypes
from xerosync_tui.engine.work import at_hand
from xerosync_tui.engine.write import write
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program
from xerosync_tui.store import accounts, directory

_PAGE = 200


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What a file held and what became of it; ``written`` is False for a preview."""

    people: int
    organizations: int
    present: int  # rows that an earlier import, or a contact with that client identifier, brought already
    rejected: tuple[RejectedRow, ...]
    columns: Mapping[str, str]  # recognised column -> field
    ignored: tuple[str, ...]
    new_types: tuple[str, ...]
    written: bool
    decision: int = 0  # what ``undo`` takes


async def import_file(
    program: Program,
    path: Path,
    mapping: Mapping[str, str],
    *,
    preview: bool = False,
    skip_bad: bool = False,
    report: Report = unwatched,
) -> ImportResult:
    """Bring the file's contacts into the directory, in one transaction.

    ``report`` is called from another thread. Raises UsageError for a file that cannot be read as a whole, NeedsPerson
    for unreadable rows without ``skip_bad`` (nothing is imported then). UsageError with Karbon's API, whose Karbon
    has an import of its own.
    """
    if await program.store.read(accounts.active):
        raise UsageError("A file is imported into the built-in directory only", "Import it in Karbon itself.")
    file = await _read(path, mapping, report)
    if file.rejected and not (preview or skip_bad):
        first = file.rejected[0]
        raise NeedsPerson(
            f"{path}: {len(file.rejected)} of {len(file.rows) + len(file.rejected)} rows cannot be read; "
            f"the first is line {first.line}: {first.reason}. Nothing was imported",
            Hint(Do.SKIP_BAD),
        )

    def plan(db: SqliteDatabase) -> tuple[list[DirectoryRecord], tuple[str, ...]]:
        records = [_record(row) for row in _new_rows(db, file.rows)]
        known = directory.types(db)
        return records, tuple(dict.fromkeys(r.contact_type for r in records if r.contact_type not in ("", *known)))

    records, new_types = await program.store.read(plan)
    decided = Decided()
    if records and not preview:
        work = await program.store.run(at_hand, program)
        why = f"imported from {clean(path.name)}"  # a file name may hold what is no text
        async with sides.karbon(work):  # one transaction, which needs no lock
            await write(work, [Add(r, why) for r in records], along=[ChangeTypes("", name) for name in new_types])
        decided = work.decided()
    people = sum(record.kind is Kind.PERSON for record in records)
    return ImportResult(
        people=people,
        organizations=len(records) - people,
        present=len(file.rows) - len(records),
        rejected=file.rejected,
        columns=file.columns,
        ignored=file.ignored,
        new_types=new_types,
        written=not preview,
        decision=decided.id,
    )


class _Left(Exception):
    """Raised in the thread that reads when nobody waits for it any more."""


async def _read(path: Path, mapping: Mapping[str, str], report: Report) -> ContactFile:
    """The file, read in a thread of its own: it may be long, and on a slow disk."""
    left = threading.Event()

    def tell(done: int, total: int) -> None:
        if left.is_set():
            raise _Left
        report(Progress("Reading", done, total))

    try:
        return await asyncio.to_thread(_read_now, path, mapping, tell)
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}", "Check the path.") from error
    except ContactFileError as error:
        raise UsageError(f"{path}: {error}", error.hint) from error
    finally:
        left.set()


def _read_now(path: Path, mapping: Mapping[str, str], tell: Callable[[int, int], None]) -> ContactFile:
    if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe may never end, a device never does
        raise UsageError(f"{path} is not a regular file", "Save it as a file first.")
    return read_contacts(path.read_bytes(), mapping, tell)


def _new_rows(db: SqliteDatabase, rows: Sequence[FileRow]) -> list[FileRow]:
    """The rows that are not in the directory yet."""
    fresh = []
    for start in range(0, len(rows), _PAGE):
        page = rows[start : start + _PAGE]
        there = directory.imported(db, [row.identity for row in page])
        taken = directory.identifiers(db, [r.client_identifier for r in page if r.client_identifier])
        fresh += [row for row in page if row.identity not in there and row.client_identifier not in taken]
    return fresh


def _record(row: FileRow) -> DirectoryRecord:
    kind, reason, percent = row.kind, "said in the file", 0
    if kind is None:
        guess = guess_kind(row.contact.name, row.first_name, row.last_name, "", row.contact.email)
        kind, reason, percent = guess.kind, guess.reason, guess.percent
    typed = row.first_name or row.middle_name or row.last_name
    parts = row.person_name if kind is Kind.PERSON else PersonName("", "", "")
    return DirectoryRecord(
        key="",
        kind=kind,
        contact=row.contact,
        first_name=parts.first,
        middle_name=parts.middle,
        last_name=parts.last,
        typed_name=(parts.first, parts.middle, parts.last) if kind is Kind.PERSON and typed else (),
        other_phones=row.other_phones,
        contact_type=row.contact_type,
        client_identifier=row.client_identifier,
        kind_reason=reason,
        kind_guess=percent,
        imported_as=row.identity,
    )
