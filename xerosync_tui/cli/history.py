"""``xerosync history`` and ``xerosync undo``: what was done, field by field, and taking it back."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from xerosync_tui.cli import output
from xerosync_tui.cli.clients import as_contact_id
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.contact import Field, Value
from xerosync_tui.domain.display import counted
from xerosync_tui.engine import undo as taking_back
from xerosync_tui.errors import UsageError
from xerosync_tui.program import Program
from xerosync_tui.services import history as past

_ACTIONS = {
    "link": "link",
    "create": "make in Karbon",
    "add": "make in Karbon",
    "type": "contact type in Karbon",
    "ignore": "ignore",
    "unlink": "unsync",
    "undo": "take back",
    "create in Xero": "make in Xero",
    "archive": "archive in Xero",
    "swap": "temporary name in Xero",
}
_DID = (
    "linked", "created", "overwritten", "filled", "changed in Karbon", "changed in Xero", "created in Xero",
    "agreed", "ended", "field conflicts", "deferred", "failed",
)  # fmt: skip


def history(arguments: argparse.Namespace) -> int:
    """``xerosync history``."""
    return with_program(lambda program: _history(program, arguments))


async def _history(program: Program, arguments: argparse.Namespace) -> int:
    word, limit = arguments.id, arguments.limit
    if word is None and arguments.entries:
        return _show_steps(arguments, await past.steps(program, limit=limit + 1))
    if word is None:
        return _show_runs(arguments, await past.listed_runs(program, limit + 1, busy=not arguments.idle))
    if arguments.entries or arguments.idle:
        raise UsageError("--entries and --idle go without an id", "See `xerosync history --help`.")
    if run := _run_number(word):
        record = await past.run(program, run)
        return _show_run(arguments, record, await past.steps(program, run=run, limit=limit + 1))
    if word.isdecimal() and (step := await _entry(program, word)):
        return _show_entry(arguments, step)
    found = await _of_contact(program, word, limit + 1)
    if not found:
        raise UsageError(f"The journal has nothing about {word}", "See `xerosync history`, or `xerosync clients`.")
    return _show_steps(arguments, found)


def _show_steps(arguments: argparse.Namespace, found: Sequence[past.Step]) -> int:
    if arguments.json:
        output.as_json([_document(step) for step in found[: arguments.limit]])
    else:
        _print_steps(found, arguments.limit)
    return 0


def _run_number(word: str) -> int:
    """The number of a run (``r12``); 0 where the word is none."""
    number = word[1:]
    return int(number) if word[:1] == "r" and number.isascii() and number.isdecimal() and len(number) < 19 else 0


async def _entry(program: Program, word: str) -> past.Step | None:
    number = int(word) if word.isascii() and len(word) < 19 else 0
    found = await past.steps(program, before=number + 1, limit=1)
    return found[0] if found and found[0].entry.id == number else None


async def _of_contact(program: Program, word: str, limit: int) -> list[past.Step]:
    if xero_id := as_contact_id(word):
        return await past.steps(program, xero_id=xero_id, limit=limit)
    return await past.steps(program, karbon_key=word, limit=limit) if word else []


# Runs


def _show_runs(arguments: argparse.Namespace, found: Sequence[past.RunRecord]) -> int:
    shown = found[: arguments.limit]
    if arguments.json:
        output.as_json([run_document(run) for run in shown])
        return 0
    for run in shown:
        _print_run(run)
    one = f"; what one did: xerosync history r{shown[0].id}" if shown else ""
    _note_more(
        len(found) > len(shown), f"{counted(len(shown), 'run')}{'' if arguments.idle else ' that did something'}{one}"
    )
    return 0


def _show_run(arguments: argparse.Namespace, run: past.RunRecord, found: Sequence[past.Step]) -> int:
    if arguments.json:
        output.as_json(run_document(run) | {"entries": [_document(step) for step in found[: arguments.limit]]})
        return 0
    _print_run(run)
    _print_steps(found, arguments.limit)
    return 0


def _print_run(run: past.RunRecord) -> None:
    did = ", ".join(f"{run.counts[name]} {name}" for name in _DID if run.counts.get(name)) or "nothing"
    at, error = output.moment(run.started_at), f" ({run.error})" if run.error else ""
    output.say(f"r{run.id}  {at}  {run.who}  {run.kind}, {run.state}{error}, {counted(run.requests, 'request')}: {did}")


def run_document(run: past.RunRecord) -> dict[str, Any]:
    """A run, as JSON shows it."""
    return {
        "id": f"r{run.id}",
        "kind": run.kind,
        "state": run.state,
        "who": run.who,
        "started_at": output.moment(run.started_at),
        "finished_at": output.moment(run.finished_at),
        "requests": run.requests,
        "counts": dict(run.counts),
        "error": run.error,
    }


# Entries


def _show_entry(arguments: argparse.Namespace, step: past.Step) -> int:
    if arguments.json:
        output.as_json(_document(step))
    else:
        _print_step(step)
    return 0


def _print_steps(found: Sequence[past.Step], limit: int) -> None:
    for step in found[:limit]:
        _print_step(step)
    _note_more(len(found) > limit, f"{min(len(found), limit)} entries, newest first")


def _note_more(more: bool, said: str) -> None:
    output.note(said + ("; there are more: --limit" if more else ""))


def _print_step(step: past.Step) -> None:
    entry, intent = step.entry, step.entry.intent
    run = f"  r{entry.run}" if entry.run else ""
    state = entry.state + (f" ({entry.error})" if entry.error else "")
    output.say(f"{entry.id}  {output.moment(entry.at)}  {entry.who}{run}  {step.name}: {_action(entry)}, {state}")
    ids = " ".join(word for word in (intent.xero_id, intent.karbon_key) if word)
    output.say(f"    {ids}: {intent.why}" if intent.why else f"    {ids}")
    for f, (old, new) in _changes(entry).items():
        output.say(f"    {f.label}: {old or '-'} -> {new or '-'}")


def _action(entry: past.Entry) -> str:
    intent = entry.intent
    if intent.action == "choose":
        return f"choose {'Karbon' if intent.side == 'xero' else 'Xero'}'s value"
    if intent.action == "update":
        return f"change in {'Xero' if intent.side == 'xero' else 'Karbon'}"
    return _ACTIONS.get(intent.action, intent.action)


def _changes(entry: past.Entry) -> Mapping[Field, tuple[Value, Value]]:
    before, after = entry.intent.before, entry.intent.after
    return {f: (before.get(f, ""), after.get(f, "")) for f in Field if f in before or f in after}


def _document(step: past.Step) -> dict[str, Any]:
    entry, intent = step.entry, step.entry.intent
    return {
        "id": entry.id,
        "at": output.moment(entry.at),
        "who": entry.who,
        "run": f"r{entry.run}" if entry.run else None,
        "action": intent.action,
        "side": intent.side,
        "state": entry.state,
        "name": step.name,
        "xero_id": intent.xero_id,
        "karbon_key": intent.karbon_key,
        "why": intent.why,
        "error": entry.error,
        "changes": output.changes(_changes(entry)),
    }


# Undo


def undo(arguments: argparse.Namespace) -> int:
    """``xerosync undo``: 3 when something of a run could not be taken back."""
    run = _run_number(arguments.id or "")
    number = int(arguments.id) if arguments.id and not run else None
    if arguments.preview:
        return _preview_undo(arguments, run, number)
    if run:
        undone = with_program(lambda program: taking_back.undo_run(program, run))
        _show_undone(arguments, undone, "undone", "taken back")
        return 3 if any(one.reason for one in undone) else 0
    done = with_program(lambda program: taking_back.undo(program, number))
    if arguments.json:
        output.as_json({"undone": done.entry.id, "issue": done.issue, "later": done.later})
        return 0
    output.say(done.sentence + (f" Its issue is {done.issue}." if done.issue else ""))
    return 0


def _preview_undo(arguments: argparse.Namespace, run: int, number: int | None) -> int:
    if run:
        found = with_program(lambda program: taking_back.plan_undo_run(program, run))
    elif number:
        found = [with_program(lambda program: taking_back.plan_undo(program, number))]
    else:
        raise UsageError("--preview goes with an entry (34) or a run (r12)", "See `xerosync history`.")
    _show_undone(arguments, found, "can", "can be taken back")
    return 0


def _show_undone(arguments: argparse.Namespace, found: Sequence[taking_back.Undoable], key: str, did: str) -> None:
    if arguments.json:
        output.as_json(
            [{"id": o.entry.id, "name": o.name, "action": o.entry.intent.action, key: not o.reason,
              "reason": o.reason} for o in found]
        )  # fmt: skip
        return
    for one in found:
        said = f"stays: {one.reason}" if one.reason else f"{did}; {one.stays}" if one.stays else did
        output.say(f"{one.entry.id}  {one.name}: {_action(one.entry)}, {said}")
    stays = sum(bool(one.reason) for one in found)
    output.say(f"{len(found) - stays} {did}, {stays} stay as they are.")
