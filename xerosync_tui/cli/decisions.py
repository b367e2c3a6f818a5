"""``xerosync resolve``: one decision about what ``xerosync issues`` lists. The id says of which queue it is."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Any

from xerosync_tui.cli import clients as commands
from xerosync_tui.cli import output
from xerosync_tui.cli.reports import report, way_back
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.states import Side
from xerosync_tui.errors import NeedsPerson, RemoteRefused, UsageError
from xerosync_tui.program import Program
from xerosync_tui.services import clients, failed, fields, overview, triage

_NUMBERED = re.compile(r"([fux])([1-9][0-9]{0,17})")
_MAY = {
    "": ("a match issue", ("--match", "--create", "--ignore")),
    "f": ("a field conflict", ("--take",)),
    "u": ("an unsynced client", ("--match", "--create", "--archive")),
    "x": ("a failed record", ("--retry",)),
}


def resolve(arguments: argparse.Namespace) -> int:
    """``xerosync resolve``."""
    numbered = _NUMBERED.fullmatch(arguments.id)
    kind, number = (numbered[1], int(numbered[2])) if numbered else ("", 0)
    _check(arguments, kind)
    if kind == "f":
        return with_program(lambda program: _take(program, arguments, number))
    if kind == "u":
        return with_program(lambda program: _resolve_unsynced(program, arguments, number))
    if kind == "x":
        return with_program(lambda program: _retry(program, arguments, number))
    return with_program(lambda program: _resolve_issue(program, arguments))


def _check(arguments: argparse.Namespace, kind: str) -> None:
    """Raises UsageError for options that do not fit together, or do not fit that kind of id."""
    named, may = _MAY[kind]
    given = {
        "--match": arguments.match is not None,
        "--create": arguments.create,
        "--ignore": arguments.ignore,
        "--retry": arguments.retry,
        "--archive": arguments.archive,
        "--take": bool(arguments.take),
    }
    chosen = {option for option, is_given in given.items() if is_given}
    if kind == "u" and "--match" in chosen:
        chosen.discard("--take")  # there it says whose data wins
    if len(chosen) != 1 or not chosen <= set(may):
        raise UsageError(f"{arguments.id} is {named}, and takes one of {', '.join(may)}", "See `xerosync issues`.")
    if arguments.match == "":  # an empty variable of a script is no choice
        raise UsageError("--match was given an empty key", "Leave the key out to match with the only candidate.")
    if arguments.like and (arguments.match is not True or kind or not arguments.id.isdecimal()):
        raise UsageError("--like goes with --match, without a key, for the number of a match issue")
    if arguments.preview and arguments.match is None:
        raise UsageError("--preview goes with --match")
    if arguments.side and not (arguments.create and kind == "u"):
        raise UsageError("--in goes with --create for an unsynced client (u...)")


# Match issues


async def _resolve_issue(program: Program, arguments: argparse.Namespace) -> int:
    if arguments.like:
        return await _match_alike(program, arguments)
    if arguments.match is not None:
        return await _match(program, arguments)
    if arguments.create:
        decided = await triage.create_new(program, _target(arguments.id))
        did = f"created in Karbon as {decided.karbon_key}"
    else:
        if not _target(arguments.id).isdecimal():
            raise UsageError("Only an issue can be ignored", "See `xerosync issues`.")
        decided = await triage.ignore(program, int(arguments.id))
        did = "ignored"
    return await report(program, decided, did, as_json=arguments.json)


def _target(word: str) -> str:
    """An issue's number or a ContactID. Raises UsageError for a number that no issue can have."""
    if word.isdecimal() and (not word.isascii() or len(word) > 18):
        raise UsageError(f"There is no match issue {word}", "See `xerosync issues`.")
    return word


async def _match(program: Program, arguments: argparse.Namespace) -> int:
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
    decided = await triage.confirm(program, arguments.id, key, seen=row.digest)
    more = {"changed": output.changes(changes)}
    return await report(program, decided, f"matched with {decided.karbon_key}", as_json=arguments.json, more=more)


async def _match_alike(program: Program, arguments: argparse.Namespace) -> int:
    """All with the same reason and a candidate of their own; what is refused stops none of the others."""
    documents: dict[str, dict[str, Any]] = {}
    picks = []
    for view, candidate in triage.clear_cases(await triage.alike(program, int(_target(arguments.id)))):
        change = output.changes(candidate.changes)
        documents[str(view.id)] = {"id": view.id, "karbon_key": candidate.karbon.key, "change": change}
        picks.append(triage.PickedMatch(str(view.id), candidate.karbon.key, candidate.digest))
        if not arguments.json:
            output.say(f"{view.id}  {view.xero.contact.name}: {candidate.karbon.contact.name}  {candidate.karbon.key}")
            for line in output.in_words(candidate.changes):
                output.say(f"    {line}")
    if arguments.preview:
        _print_alike(arguments, list(documents.values()), f"{len(documents)} would be matched")
        return 0
    decided = await triage.confirm_all(program, picks)
    for stays in decided.stays:
        documents[stays.about]["refused"] = stays.reason
        output.note(f"{stays.name or stays.about}: {stays.reason}.")
    said = f"{len(decided.done)} matched, {len(decided.stays)} refused"
    if decided.done:
        said += f". {await way_back(program, decided)}"
        for document in documents.values():
            document |= {} if "refused" in document else {"decision": f"d{decided.id}"}
    _print_alike(arguments, list(documents.values()), said)
    return NeedsPerson.exit_code if decided.stays else 0


def _print_alike(arguments: argparse.Namespace, documents: Sequence[dict[str, Any]], said: str) -> None:
    if arguments.json:
        output.as_json(documents)
    else:
        output.note(said)


# Field conflicts


async def _take(program: Program, arguments: argparse.Namespace, number: int) -> int:
    sides = _sides(arguments.take)
    conflict = next((one for one in await fields.listed(program) if one.id == number), None)
    if conflict is None:
        raise UsageError(f"There is no field conflict f{number}", "See `xerosync issues --tab fields`.")
    taken = await fields.take(program, conflict.xero.id, sides, fields.seen_in(conflict.xero, conflict.karbon, sides))
    changed = {side: [f for f, winner in sides.items() if winner is side.other] for side in Side}
    if arguments.json:
        output.as_json(
            {
                "decision": f"d{taken.id}",
                "xero_id": conflict.xero.id,
                "in_karbon": [f.value for f in changed[Side.KARBON]],
                "in_xero": [f.value for f in changed[Side.XERO]],
                "waiting": bool(taken.later),
            }
        )
        return 0
    for side in (Side.KARBON, Side.XERO):
        if changed[side]:
            labels = ", ".join(f.label for f in changed[side])
            output.say(f"{taken.name}: changed in {side.value.title()}: {labels}")
    if taken.later:
        output.say(f"{taken.name}: {taken.later}.")
    output.say(await way_back(program, taken))
    return 0


def _sides(words: Sequence[str]) -> dict[Field, Side]:
    """``FIELD=SIDE`` words. Raises UsageError for a field or a side that there is not."""
    found = {}
    for field, side in output.pairs(words).items():
        if field not in set(Field) or side not in set(Side):
            raise UsageError(f"{field}={side} is not FIELD=xero or FIELD=karbon", f"Fields: {', '.join(Field)}.")
        found[Field(field)] = Side(side)
    return found


# Unsynced clients


async def _resolve_unsynced(program: Program, arguments: argparse.Namespace, number: int) -> int:
    if arguments.match is not None and arguments.take not in (["xero"], ["karbon"]):
        raise UsageError("Say whose data wins where the two differ: --take xero or --take karbon")
    if arguments.create and not arguments.side:
        raise UsageError("Say where the new contact is to be made: --in karbon or --in xero")
    client = next((one for one in await clients.unsynced(program) if one.id == number), None)
    if client is None:
        raise UsageError(f"There is no unsynced client u{number}", "See `xerosync issues --tab unsynced`.")
    if arguments.archive:
        return await commands.archive(program, client.xero.id, as_json=arguments.json)
    if arguments.match is not None:
        key = client.karbon_key if arguments.match is True else arguments.match
        take, how = Side(arguments.take[0]), {"preview": arguments.preview, "as_json": arguments.json}
        return await commands.link_again(program, client.xero.id, key, take, **how)
    if arguments.side == "xero":
        return await commands.make_in_xero(program, client.karbon_key, as_json=arguments.json)
    made = await clients.recreate(program, client.xero.id)
    return await report(program, made, f"created in Karbon as {made.karbon_key}, and linked", as_json=arguments.json)


# Failed records


async def _retry(program: Program, arguments: argparse.Namespace, number: int) -> int:
    found = next((one for one in await overview.failures(program) if one.id == number), None)
    if found is None:
        raise UsageError(f"There is no failed record x{number}", "See `xerosync issues --tab failed`.")
    name = found.name or found.record
    if again := (await failed.retry(program, number)).stays:
        raise RemoteRefused(f"{name} failed again: {again[0].reason}", "Fix what it says, then try again.")
    if arguments.json:
        output.as_json({"id": f"x{number}", "record": found.record, "done": True})
    else:
        output.say(f"{name}: it worked")
    return 0
