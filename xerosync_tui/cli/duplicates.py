"""``xerosync duplicates``: what to clean by hand before the first sync."""

from __future__ import annotations

import argparse
from typing import Any

from xerosync_tui.cli import output
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.display import counted
from xerosync_tui.services import duplicates as service

_LISTED = 10  # contacts of a group in the text; the JSON has all


def duplicates(arguments: argparse.Namespace) -> int:
    """``xerosync duplicates``."""
    found = with_program(service.found)
    sides = {"xero": found.xero, "karbon": found.karbon}
    if arguments.json:
        output.as_json({"xero_read": found.xero_read, **{name: _document(side) for name, side in sides.items()}})
    else:
        _print_side("Xero", found.xero)
        _print_side("Karbon", found.karbon)
    if not found.xero_read:
        output.note("Xero has not been read yet, so nothing is known about it: run `xerosync sync --preview` first")
    for name, side in (("Xero", found.xero), ("Karbon", found.karbon)):
        groups = counted(len(side.groups), "likely duplicate")
        output.note(f"{name}: {groups} among {counted(side.contacts, 'contact')}, as last read")
    return 0


def _document(side: service.OneSide) -> dict[str, Any]:
    return {
        "contacts": side.contacts,
        "groups": [
            {
                "kind": group.kind.value,
                "why": group.why,
                "advice": group.kind.advice,
                "contacts": [{"id": r.id, "name": r.name, "email": r.email} for r in group.records],
            }
            for group in side.groups
        ],
    }


def _print_side(name: str, side: service.OneSide) -> None:
    kind = None
    for group in side.groups:
        if group.kind is not kind:
            kind = group.kind
            output.say(f"{name}: {kind.value}. {kind.advice}")
        output.say(f"  {group.why}")
        for record in group.records[:_LISTED]:
            output.say(f"    {record.id}  {record.name} <{record.email or 'no email'}>")
        if len(group.records) > _LISTED:
            output.say(f"    and {counted(len(group.records) - _LISTED, 'other')}")
