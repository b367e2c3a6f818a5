"""``xerosync sync``: the first sync, every later one; ``preview`` shows beforehand what it would do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from xerosync_tui.cli import output, preview
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.display import counted
from xerosync_tui.domain.progress import Progress
from xerosync_tui.errors import UsageError
from xerosync_tui.program import Program
from xerosync_tui.services import fields, kinds
from xerosync_tui.services import sync as runs


def run(arguments: argparse.Namespace) -> int:
    """``xerosync sync``."""
    if arguments.preview and (arguments.yes or arguments.veto or arguments.approve):
        raise UsageError("--preview writes nothing: --yes, --veto and --approve belong to the sync itself")
    choices = {xero_id: output.kind_of(word) for xero_id, word in output.pairs(arguments.kind).items()}
    return with_program(lambda program: _run(program, arguments, choices))


async def _run(program: Program, arguments: argparse.Namespace, choices: Mapping[str, Kind | None]) -> int:
    if choices:
        await kinds.choose(program, choices)
    bar = ProgressLine()
    try:
        if arguments.preview:
            result = await runs.preview(program, bar, full=arguments.full)
        else:
            result = await runs.sync(
                program,
                bar,
                confirmed=arguments.yes,
                vetoes=arguments.veto,
                full=arguments.full,
                approved=arguments.approve,
            )
    finally:
        bar.end()
    if arguments.preview:
        await preview.show(program, result, as_json=arguments.json)
    elif arguments.json:
        output.as_json(preview.result_document(result))
    else:
        print_result(result)
    if not arguments.fail_on_issues:
        return 0
    return 3 if result.open_issues or await fields.listed(program) else 0


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
        said = [f"{progress.counts[name]} {name}" for name in _TOLD_MEANWHILE if progress.counts.get(name)]
        return ", ".join([bar, *said, counted(progress.requests, "request")])


_TOLD_MEANWHILE = ("created", "overwritten", "changed in Karbon", "changed in Xero")


def print_result(result: runs.RunResult) -> None:
    """What a sync did, in words."""
    c = result.counts
    linked, created = c.get("linked", 0), c.get("created", 0)
    karbon = f", to Karbon: {c[runs.TO_KARBON]}" if c.get(runs.TO_KARBON) else ""
    output.say(f"Linked {linked}, created {created} in Karbon. Requests to Xero: {result.requests}{karbon}.")
    if c.get("overwritten") or c.get("filled"):
        output.say(f"In Karbon {c.get('overwritten', 0)} values were overwritten and {c.get('filled', 0)} filled.")
    for name, said in _SAID.items():
        if c.get(name):
            output.say(said.format(c[name]))
    if result.open_issues:
        output.say(f"{result.open_issues} match issues wait for you: xerosync issues")
    if result.failed_records:
        output.say(f"{result.failed_records} records failed: xerosync issues --tab failed")


_SAID = {
    "changed in Karbon": "{} contacts were changed in Karbon, as they were in Xero.",
    "changed in Xero": "{} contacts were changed in Xero, as they were in Karbon.",
    "created in Xero": "{} contacts turned out to have been made in Xero, and are linked.",
    "agreed": "{} contacts had been given the same values on both sides.",
    "ended": "{} links ended: xerosync issues --tab unsynced",
    "field conflicts": "{} fields were changed on both sides, differently: xerosync issues --tab fields",
    "deferred": "{} contacts changed meanwhile; the next sync looks at them again.",
    "waits for its card": "{} contacts wait for business cards of Karbon's that are still to be read, and follow then.",
    "left for the next run": "{} contacts are not as the preview showed them: left for the next sync.",
}
