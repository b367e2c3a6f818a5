"""``xerosync sync``: the preview, the first sync, every later one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Any

from xerosync_tui.cli import output
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.match import Reason, Verdict
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.errors import UsageError
from xerosync_tui.services.program import Program
from xerosync_tui.services.sync import preview
from xerosync_tui.services.sync import run as runs
from xerosync_tui.services.sync.progress import Progress

_SHOWN = 15


def run(arguments: argparse.Namespace) -> int:
    """``xerosync sync``."""
    if arguments.preview and (arguments.yes or arguments.veto):
        raise UsageError("--preview writes nothing: --yes and --veto belong to the sync itself")
    return with_program(lambda program: _run(program, arguments))


async def _run(program: Program, arguments: argparse.Namespace) -> int:
    bar = ProgressLine()
    try:
        if arguments.preview:
            result = await runs.preview(program, bar, full=arguments.full)
        else:
            result = await runs.sync(program, bar, confirmed=arguments.yes, vetoes=arguments.veto, full=arguments.full)
    finally:
        bar.end()
    if arguments.preview:
        await _show_preview(program, result, arguments.json)
    elif arguments.json:
        output.as_json(_document(result))
    else:
        print_result(result)
    return 3 if arguments.fail_on_issues and result.open_issues else 0


class ProgressLine:
    """Progress on standard error: one line that is rewritten on a terminal, a line a phase elsewhere."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._said = ""

    def __call__(self, progress: Progress) -> None:
        """Show where the job is."""
        if self._live:
            sys.stderr.write("\r\x1b[K" + self._text(progress)[:79])
            sys.stderr.flush()
        elif progress.phase != self._said:
            output.note(progress.phase)
        self._said = progress.phase

    def end(self) -> None:
        """Leave the line clean."""
        if self._live and self._said:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    @staticmethod
    def _text(progress: Progress) -> str:
        if progress.wait is not None:
            return f"Waiting {progress.wait:.0f} s: {progress.phase}"
        if not progress.total:
            return f"{progress.phase} {progress.done}"
        filled = min(20 * progress.done // progress.total, 20)
        bar = f"{progress.phase} [{'#' * filled}{'.' * (20 - filled)}] {progress.done} of {progress.total}"
        said = [f"{progress.counts[name]} {name}" for name in ("created", "overwritten") if progress.counts.get(name)]
        return ", ".join([bar, *said, f"{progress.requests} requests"])


def _document(result: runs.RunResult) -> dict[str, Any]:
    return {
        "run": result.kind,
        "counts": dict(result.counts),
        "requests": result.requests,
        "open_issues": result.open_issues,
        "failed_records": result.failed_records,
    }


def print_result(result: runs.RunResult) -> None:
    """What a sync did, in words."""
    c = result.counts
    linked, created = c.get("linked", 0), c.get("created", 0)
    output.say(f"Linked {linked}, created {created} in Karbon. Requests to Xero: {result.requests}.")
    if c.get("overwritten") or c.get("filled"):
        output.say(f"In Karbon {c.get('overwritten', 0)} values were overwritten and {c.get('filled', 0)} filled.")
    if c.get("deferred"):
        output.say(f"{c['deferred']} contacts changed meanwhile; the next sync looks at them again.")
    if c.get("left for the next run"):
        output.say(f"{c['left for the next run']} contacts are not as the preview showed them: left for the next sync.")
    if result.open_issues:
        output.say(f"{result.open_issues} match issues wait for you: xerosync issues")
    if result.failed_records:
        output.say(f"{result.failed_records} records failed: xerosync issues --tab failed")


async def _show_preview(program: Program, result: runs.RunResult, as_json: bool) -> None:
    if as_json:
        document = _document(result)
        for name, verdict in (("full_matches", Verdict.FULL_MATCH), ("new", Verdict.NEW)):
            document[name] = [_row_document(row) for row in await preview.rows(program, verdict)]
        output.as_json(document)
        return
    print_counts(result.counts)
    await print_rows(
        program,
        Verdict.FULL_MATCH,
        result.counts.get(Verdict.FULL_MATCH, 0),
        "Full matches: Xero's data replaces what is shown",
    )
    await print_rows(program, Verdict.NEW, result.counts.get(Verdict.NEW, 0), "New Karbon contacts")
    output.say()
    output.say("Nothing has been written on either side. Start: xerosync sync --yes  (leave one out: --veto ID)")


def print_counts(c: Mapping[str, int]) -> None:
    """The plan in numbers."""
    output.say("Nothing has been written yet, on either side.")
    output.say()
    replaced = _by_field(c, "overwrite") or "nothing"
    output.say(f"{c.get(Verdict.FULL_MATCH, 0):6} full matches  linked; Xero's data replaces {replaced}")
    if filled := _by_field(c, "fill"):
        output.say(f"{'':6}               and fills {filled}")
    conflicts = [f"{c[key]} {reason.value}" for reason in Reason if c.get(key := f"{Verdict.CONFLICT}: {reason}")]
    output.say(f"{c.get(Verdict.CONFLICT, 0):6} conflicts     wait for you: {', '.join(conflicts) or 'none'}")
    made = f"{c.get('new: organization', 0)} organizations, {c.get('new: person', 0)} people made"
    output.say(f"{c.get(Verdict.NEW, 0):6} no match      {made}; {c.get('new: guess', 0)} are guesses")
    output.say(f"{c.get(Verdict.LEFT_OUT, 0):6} left out      by the filter; {c.get('archived', 0)} more are archived")
    if only := _by_field(c, "only Karbon"):
        output.say(f"{'':6} only in Karbon: {only}; nothing is written to Xero now")


def _by_field(c: Mapping[str, int], what: str) -> str:
    return ", ".join(f"{c[key]} {f.label}" for f in Field if c.get(key := f"{what}: {f.label}"))


async def print_rows(program: Program, verdict: Verdict, total: int, title: str) -> None:
    """The first rows of a list of the plan."""
    rows = await preview.rows(program, verdict, _SHOWN)
    if not rows:
        return
    output.say()
    output.say(title)
    for row in rows:
        print_row(row)
    if total > len(rows):
        output.say(f"  ... and {total - len(rows)} more; --json lists all")


def print_row(row: PlannedRow) -> None:
    """A row of the plan on a line or more."""
    output.say(f"  {row.xero.contact.name}  {row.xero.id}")
    if guess := row.guess:
        output.say(f"      {guess.kind.value}{'' if guess.certain else ', a guess'}: {guess.reason}")
        return
    for f, (old, new) in row.changes.items():
        output.say(f"      {f.label}: {old or '-'} -> {new}")


def _row_document(planned: PlannedRow) -> dict[str, Any]:
    document: dict[str, Any] = {"xero_id": planned.xero.id, "name": planned.xero.contact.name}
    if planned.guess:
        return document | {
            "kind": planned.guess.kind.value,
            "reason": planned.guess.reason,
            "certain": planned.guess.certain,
        }
    only = [f.value for f in planned.link.only_karbon] if planned.link else []
    return document | {
        "karbon_key": planned.karbon.key if planned.karbon else "",
        "would_change": output.changes(planned.changes),
        "only_karbon": only,
    }
