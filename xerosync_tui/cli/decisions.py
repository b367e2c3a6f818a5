"""Deciding match issues, and taking a decision back."""

from __future__ import annotations

import argparse

from xerosync_tui.cli import output
from xerosync_tui.cli.running import with_program
from xerosync_tui.errors import UsageError
from xerosync_tui.services import triage
from xerosync_tui.services import undo as taking_back
from xerosync_tui.services.program import Program


def resolve(arguments: argparse.Namespace) -> int:
    """``xerosync resolve``."""
    if arguments.preview and arguments.match is None:
        raise UsageError("--preview goes with --match")
    return with_program(lambda program: _resolve(program, arguments))


async def _resolve(program: Program, arguments: argparse.Namespace) -> int:
    if arguments.match is not None:
        return await _match(program, arguments)
    if arguments.create:
        decision = await triage.create_new(program, _target(arguments.id))
        did = f"Made a new Karbon contact {decision.karbon_key}"
    else:
        if not _target(arguments.id).isdecimal():
            raise UsageError("Only an issue can be ignored", "See `xerosync issues`.")
        decision = await triage.ignore(program, int(arguments.id))
        did = "Ignored"
    return _report(arguments, decision, did)


def _target(word: str) -> str:
    """An issue's number or a ContactID. Raises UsageError for a number that no issue can have."""
    if word.isdecimal() and (not word.isascii() or len(word) > 18):
        raise UsageError(f"There is no match issue {word}", "See `xerosync issues`.")
    return word


async def _match(program: Program, arguments: argparse.Namespace) -> int:
    if arguments.match == "":  # an empty variable of a script is no choice
        raise UsageError("--match was given an empty key", "Leave the key out to match with the only candidate.")
    key = None if arguments.match is True else arguments.match
    row = await triage.plan_match(program, _target(arguments.id), key)
    changes = row.changes
    if not arguments.json:
        for line in output.in_words(changes):
            output.say(line)
    if arguments.preview:
        if arguments.json:
            output.as_json({"would_change": output.changes(changes)})
        return 0
    decision = await triage.confirm(program, arguments.id, key, seen=row.digest)
    return _report(arguments, decision, f"Matched with {decision.karbon_key}")


def _report(arguments: argparse.Namespace, decision: triage.Decision, did: str) -> int:
    if arguments.json:
        output.as_json(
            {
                "decision": decision.entry,
                "xero_id": decision.xero.id,
                "karbon_key": decision.karbon_key,
                "changed": output.changes(decision.changes),
            }
        )
    else:
        output.say(f"{decision.xero.contact.name}: {did}. Take it back: xerosync undo {decision.entry}")
    return 0


def undo(arguments: argparse.Namespace) -> int:
    """``xerosync undo``."""
    done = with_program(lambda program: taking_back.undo(program, arguments.id))
    if arguments.json:
        output.as_json({"undone": done.entry.id, "issue": done.issue})
    else:
        output.say(f"{done.name}: taken back; issue {done.issue} is open again")
    return 0
