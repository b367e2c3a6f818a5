"""``xerosync history`` and ``xerosync undo``: what was done, field by field, and undoing it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from xerosync_tui import words
from xerosync_tui.cli import output
from xerosync_tui.cli.clients import as_contact_id
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.decided import Decided
from xerosync_tui.domain.display import counted
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.program import Program
from xerosync_tui.services import history as past
from xerosync_tui.services import undo as undoing


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
    if run := _number("r", word):
        record = await past.run(program, run)
        return _show_run(arguments, record, await past.steps(program, run=run, limit=limit + 1))
    if decision := _number("d", word):
        return _show_steps(arguments, await past.steps(program, decision=decision, limit=limit + 1))
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


def _number(letter: str, word: str) -> int:
    """The number of a run (``r12``) or a decision (``d12``); 0 where the word is none."""
    number = word[1:]
    return int(number) if word[:1] == letter and number.isascii() and number.isdecimal() and len(number) < 19 else 0


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
    did = words.did(run.counts) or "nothing"
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
        "counts": run.counts.as_dict(),
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
    of = f"  r{entry.run}" if entry.run else f"  d{entry.decision}" if entry.decision else ""
    state = words.entry_state(entry.state) or "done"
    error = f" ({entry.error})" if entry.error else ""
    did = words.action(intent.action, intent.side)
    output.say(f"{entry.id}  {output.moment(entry.at)}  {_who(entry)}{of}  {step.name}: {did}, {state}{error}")
    ids = " ".join(word for word in (intent.xero_id, intent.karbon_key) if word)
    output.say(f"    {ids}: {intent.why}" if intent.why else f"    {ids}")
    for f, (old, new) in intent.changes.items():
        output.say(f"    {f.label}: {old or '-'} -> {new or '-'}")
    for name, (before, after) in words.others(intent.others).items():
        output.say(f"    {name}: {before or '-'} -> {after or '-'}")


def _who(entry: past.Entry) -> str:
    """The name, and the login behind it where that is another."""
    return entry.who if entry.login in ("", entry.who) else f"{entry.who} ({entry.login})"


def _document(step: past.Step) -> dict[str, Any]:
    entry, intent = step.entry, step.entry.intent
    return {
        "id": entry.id,
        "at": output.moment(entry.at),
        "who": entry.who,
        "login": entry.login,
        "run": f"r{entry.run}" if entry.run else None,
        "decision": f"d{entry.decision}" if entry.decision else None,
        "action": intent.action,
        "side": intent.side or "",
        "state": entry.state,
        "name": step.name,
        "xero_id": intent.xero_id,
        "karbon_key": intent.karbon_key,
        "why": intent.why,
        "error": entry.error,
        "undoes": intent.undoes or None,
        "changes": output.changes(intent.changes),
        "others": {name: {"before": old, "after": new} for name, (old, new) in intent.others.items()},
    }


# Undo


def undo(arguments: argparse.Namespace) -> int:
    """``xerosync undo``: 3 when something could not be undone."""
    return with_program(lambda program: _undo(program, arguments))


async def _undo(program: Program, arguments: argparse.Namespace) -> int:
    word = arguments.id or await _last(program)
    run, decision = _number("r", word), _number("d", word)
    if arguments.preview:
        if run:
            _show_plan(arguments, await undoing.plan_run(program, run))
        elif decision:
            _show_plan(arguments, await undoing.plan_decision(program, decision))
        else:
            _show_plan(arguments, await undoing.plan(program, _entry_number(word)))
        return 0
    if run:
        decided = await undoing.undo_run(program, run)
    elif decision:
        decided = await undoing.undo_decision(program, decision)
    else:
        decided = await undoing.undo(program, _entry_number(word))
    _show_undone(arguments, word, decided)
    return NeedsPerson.exit_code if any(not one.partly for one in decided.stays) else 0


def _entry_number(word: str) -> int:
    if not (word.isascii() and word.isdecimal() and len(word) < 19):
        raise UsageError(f"{word} is no entry (34), decision (d12) or run (r12)", "See `xerosync history`.")
    return int(word)


async def _last(program: Program) -> str:
    """This person's last decision. Raises NeedsPerson where it cannot be undone, and names the one before."""
    found = await undoing.last(program)
    if not found.refused:
        if found.offer is None:
            raise UsageError(f"{program.settings.user} has made no decision that stands")
        return f"d{found.offer.decision}"
    newest = found.refused[0]
    said = words.decided(newest.kind, newest.name, newest.records)
    if found.offer is None:
        raise NeedsPerson(f"{said}. {newest.reason}")
    it = found.offer
    before = f"The one before is {words.decided(it.kind, it.name, it.records)}: xerosync undo d{it.decision}"
    raise NeedsPerson(f"{said}. {newest.reason}", before)


def _show_plan(arguments: argparse.Namespace, found: Sequence[undoing.Undoable]) -> None:
    if arguments.json:
        output.as_json(
            [{"id": o.entry.id, "name": o.name, "action": o.entry.intent.action, "can": not o.reason,
              "reason": o.reason, "stays": o.stays} for o in found]
        )  # fmt: skip
        return
    for one in found:
        can = f"can be undone; {one.stays}" if one.stays else "can be undone"
        said = f"stays: {one.reason}" if one.reason else can
        intent = one.entry.intent
        output.say(f"{one.entry.id}  {one.name}: {words.action(intent.action, intent.side)}, {said}")
    stays = sum(bool(one.reason) for one in found)
    output.say(f"{len(found) - stays} can be undone, {stays} stay as they are.")


def _show_undone(arguments: argparse.Namespace, word: str, decided: Decided) -> None:
    if arguments.json:
        output.as_json(
            {
                "undone": word,
                "decision": f"d{decided.id}" if decided.id else None,
                "entries": [one.undoes for one in decided.done if one.undoes],
                "stays": [
                    {"id": one.entry, "name": one.name, "reason": one.reason, "partly": one.partly}
                    for one in decided.stays
                ],
                "issue": decided.issue,
                "later": decided.later,
            }
        )
        return
    output.say(words.all_undone(decided) + (f" Its issue is {decided.issue}." if decided.issue else ""))
    if decided.later:
        output.say(f"{decided.later}.")
    for one in decided.stays:
        output.say(one.in_words if one.partly else f"{one.name} stays: {one.reason}")
