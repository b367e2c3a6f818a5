"""``xerosync sync``: the first sync, every later one; ``preview`` shows beforehand what it would do."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from xerosync_tui.cli import output, preview
from xerosync_tui.cli.running import with_program
from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.counts import Counts
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
        c = progress.counts or Counts()
        found = (
            (c.created, "created"),
            (c.overwritten, "overwritten"),
            (c.changed_in_karbon, "changed in Karbon"),
            (c.changed_in_xero, "changed in Xero"),
        )
        said = [f"{count} {word}" for count, word in found if count]
        return ", ".join([bar, *said, counted(progress.requests, "request")])


def print_result(result: runs.RunResult) -> None:
    """What a sync did, in words."""
    c = result.counts
    karbon = f", to Karbon: {c.karbon_requests}" if c.karbon_requests else ""
    output.say(f"Linked {c.linked}, created {c.created} in Karbon. Requests to Xero: {result.requests}{karbon}.")
    if c.overwritten or c.filled:
        output.say(f"In Karbon {c.overwritten} values were overwritten and {c.filled} filled.")
    for count, said in _did(c):
        output.say(f"{count} {said}")
    if result.open_issues:
        output.say(f"{result.open_issues} match issues wait for you: xerosync issues")
    if result.failed_records:
        output.say(f"{result.failed_records} records failed: xerosync issues --tab failed")


def _did(c: Counts) -> list[tuple[int, str]]:
    """What else a sync did, without what it did not."""
    found = (
        (c.changed_in_karbon, "contacts were changed in Karbon, as they were in Xero."),
        (c.changed_in_xero, "contacts were changed in Xero, as they were in Karbon."),
        (c.created_in_xero, "contacts turned out to have been created in Xero, and are linked."),
        (c.agreed, "contacts had been given the same values on both sides."),
        (c.ended, "links ended: xerosync issues --tab unsynced"),
        (c.field_conflicts, "fields were changed on both sides, differently: xerosync issues --tab fields"),
        (c.deferred, "contacts changed meanwhile; the next sync looks at them again."),
        (c.waits_for_card, "contacts wait for business cards of Karbon's that are still to be read, and follow then."),
        (c.left_for_next_run, "contacts are not as the preview showed them: left for the next sync."),
    )
    return [(count, said) for count, said in found if count]
