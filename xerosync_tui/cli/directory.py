"""Karbon contacts by hand and from a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from xerosync_tui.cli import output
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.errors import UsageError, XeroSyncError
from xerosync_tui.program import Program, active, require
from xerosync_tui.services import clients, contacts, importing

_SHOWN = 20


def add(arguments: argparse.Namespace) -> int:
    """``xerosync add``."""
    changes = output.pairs(arguments.changes)
    kind = Kind(arguments.kind)
    return _print(arguments, "Added", with_program(lambda program: contacts.add(program, kind, changes)))


def edit(arguments: argparse.Namespace) -> int:
    """``xerosync edit``."""
    changes = output.pairs(arguments.changes)
    if "kind" in changes:
        return _change_kind(arguments, changes)
    return _print(arguments, "Changed", with_program(lambda program: contacts.edit(program, arguments.key, changes)))


def _change_kind(arguments: argparse.Namespace, changes: dict[str, str]) -> int:
    """``kind=person`` or ``kind=organization``, by itself; the same kind again says that a guess is right."""
    if len(changes) > 1:
        raise UsageError("kind is changed by itself", "Give the other fields in a second `xerosync edit`.")
    kind = output.kind_of(changes["kind"])
    return _print(
        arguments, "Changed", with_program(lambda program: contacts.change_kind(program, arguments.key, kind))
    )


def delete(arguments: argparse.Namespace) -> int:
    """``xerosync delete``."""
    if arguments.archive_in_xero:
        return with_program(lambda program: _delete_and_archive(program, arguments))
    return _print(arguments, "Deleted", with_program(lambda program: _delete(program, arguments.key)))


async def _delete(program: Program, key: str) -> DirectoryRecord:
    record = (await contacts.one(program, key)).record
    await contacts.delete(program, key)
    return record


async def _delete_and_archive(program: Program, arguments: argparse.Namespace) -> int:
    view = await contacts.one(program, arguments.key)
    if view.link is None:
        raise UsageError(f"{view.record.contact.name} is linked with no Xero contact", "Delete it without the option.")
    require(await active(program))
    record = await _delete(program, arguments.key)
    try:
        await clients.archive_in_xero(program, view.link.xero.id)
    except XeroSyncError:
        output.note(
            f"{record.contact.name} was deleted in Karbon, but not archived in Xero. Later: `xerosync issues --tab "
            "unsynced`, then `xerosync resolve ID --archive`."
        )
        raise
    _print(arguments, "Deleted, and archived in Xero", record)
    return 0


def _print(arguments: argparse.Namespace, did: str, record: DirectoryRecord) -> int:
    if arguments.json:
        output.as_json({"key": record.key, "kind": record.kind.value, **output.fields(record.contact)})
    else:
        output.say(f"{did}: {record.contact.name} ({record.kind.value}, {record.key})")
    return 0


def bring_in(arguments: argparse.Namespace) -> int:
    """``xerosync import``."""
    mapping = output.pairs(arguments.map)
    result = with_program(
        lambda program: importing.import_file(
            program,
            Path(arguments.file),
            mapping,
            preview=arguments.preview,
            skip_bad=arguments.skip_bad,
        )
    )
    if arguments.json:
        output.as_json(_document(result))
    else:
        _print_result(result)
    return 3 if result.rejected and result.written else 0


def _document(result: importing.ImportResult) -> dict[str, object]:
    return {
        "people": result.people,
        "organizations": result.organizations,
        "present": result.present,
        "rejected": [{"line": r.line, "reason": r.reason} for r in result.rejected],
        "columns": dict(result.columns),
        "ignored_columns": list(result.ignored),
        "new_types": list(result.new_types),
        "written": result.written,
        "decision": f"d{result.decision}" if result.decision else None,
    }


def _print_result(result: importing.ImportResult) -> None:
    verb = "Imported" if result.written else "Would import"
    output.say(f"{verb} {result.people} people and {result.organizations} organizations.")
    if result.decision:
        output.say(f"Undo: xerosync undo d{result.decision}")
    if result.present:
        output.say(f"{result.present} rows were there already.")
    if result.new_types:
        output.say(f"New contact types: {', '.join(result.new_types)}")
    if result.ignored:
        output.say(f"Columns not used: {', '.join(result.ignored)}")
    for rejected in result.rejected[:_SHOWN]:
        output.say(f"Line {rejected.line} cannot be read: {rejected.reason}")
    if len(result.rejected) > _SHOWN:
        output.say(f"... and {len(result.rejected) - _SHOWN} more; --json lists all")
