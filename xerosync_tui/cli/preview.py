"""``xerosync sync --preview``: what a sync would do, before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xerosync_tui import words
from xerosync_tui.cli import output
from xerosync_tui.domain.connection import Brake
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.display import counted
from xerosync_tui.domain.match import Reason, Verdict
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.program import Program, active
from xerosync_tui.services import overview, pending, preview
from xerosync_tui.services.sync import RunResult

_SHOWN = 15
_LISTS = {"full_matches": Verdict.FULL_MATCH, "new": Verdict.NEW}


async def show(program: Program, result: RunResult, *, as_json: bool) -> None:
    """Print what the preview found; before the first sync what would be linked, afterwards also what would move."""
    if as_json:
        output.as_json(await _document(program, result))
    elif (await active(program)).started_at is None:
        await _print_first(program, result)
    else:
        await _print_later(program, result)


async def _document(program: Program, result: RunResult) -> dict[str, Any]:
    found = result_document(result) | {"brake": brake_document(result.brake)}
    for name, verdict in _LISTS.items():
        found[name] = [_row_document(row) for row in await preview.rows(program, verdict)]
    return found | {"changes": [_pending_document(one) for one in await pending.listed(program)]}


def result_document(result: RunResult) -> dict[str, Any]:
    """What a run found or did, for JSON."""
    return {
        "run": result.kind,
        "counts": result.counts.as_dict(),
        "requests": result.requests,
        "open_issues": result.open_issues,
        "failed_records": result.failed_records,
    }


async def _print_first(program: Program, result: RunResult) -> None:
    print_counts(result.counts)
    await _print_lists(program, result.counts)
    output.say()
    for line in reading(await overview.status(program)):
        output.say(line)
    output.say("Nothing has been written on either side. Start: xerosync sync --yes  (leave one out: --veto ID)")
    if result.counts.guesses:
        output.say("A guess is wrong? xerosync sync --preview --kind ID=person (or organization) keeps your choice.")


_CHASE = (
    "Two writers would chase each other, so these stay unwritten: `xerosync settings beside_karbon=write` once it is "
    "switched off."
)


def reading(status: overview.Status) -> list[str]:
    """How far the cards of Karbon's API are read, and whether Karbon's own sync is beside us."""
    lines = []
    if unread := status.cards.unread:
        done, minutes = status.cards.total - unread, overview.minutes_to_read(unread)
        lines.append(f"{done} of {counted(status.cards.total, 'card')} read, about {counted(minutes, 'minute')} to go.")
    asked, theirs = status.native
    if theirs:
        beside = status.account is not None and status.account.write_beside
        lines.append(
            f"Karbon's own Xero sync links {theirs} of the {asked} that it was asked about"
            + (", and they are written all the same (beside_karbon=write)." if beside else f". {_CHASE}")
        )
    return lines


async def _print_lists(program: Program, counts: Counts) -> None:
    full, title = counts.full_match, "Full matches: Xero's data replaces what is shown"
    await print_rows(program, Verdict.FULL_MATCH, full, title)
    await print_rows(program, Verdict.NEW, counts.new, "New Karbon contacts")


def print_counts(c: Counts) -> None:
    """The plan of the first sync in numbers."""
    output.say("Nothing has been written yet, on either side.")
    output.say()
    output.say(
        f"{c.full_match:6} full matches  linked; Xero's data replaces {words.by_field(c.overwrite) or 'nothing'}"
    )
    if c.fill:
        output.say(f"{'':6}               and fills {words.by_field(c.fill)}")
    conflicts = ", ".join(f"{c.reasons[reason]} {reason.value}" for reason in Reason if c.reasons.get(reason))
    output.say(f"{c.conflict:6} conflicts     wait for you: {conflicts or 'none'}")
    made = f"{c.new_organizations} organizations, {c.new_people} people created"
    output.say(f"{c.new:6} no match      {made}; {c.guesses} are guesses")
    output.say(f"{c.left_out:6} left out      by the filter; {c.archived} more are archived")
    if c.only_karbon:
        output.say(f"{'':6} only in Karbon: {words.by_field(c.only_karbon)}; nothing is written to Xero now")


async def print_rows(program: Program, verdict: Verdict, total: int, title: str) -> None:
    """The first rows of a list of the plan."""
    rows = await preview.rows(program, verdict, _SHOWN)
    if not rows:
        return
    output.say()
    output.say(title)
    for row in rows:
        _print_row(row)
    if total > len(rows):
        output.say(f"  ... and {total - len(rows)} more; --json lists all")


def _print_row(row: PlannedRow) -> None:
    output.say(f"  {row.xero.contact.name}  {row.xero.id}")
    if guess := row.guess:
        sure = "" if guess.certain else f", a guess ({guess.sureness})"
        output.say(f"      {guess.kind.value}{sure}: {guess.reason}")
    else:
        _print_changes(row.changes)


def _print_changes(changes: pending.Changes, where: str = "") -> None:
    for f, (old, new) in changes.items():
        output.say(f"      {where}{f.label}: {old or '-'} -> {new or '-'}")


def _row_document(planned: PlannedRow) -> dict[str, Any]:
    document: dict[str, Any] = {"xero_id": planned.xero.id, "name": planned.xero.contact.name}
    if planned.guess:
        return document | {
            "kind": planned.guess.kind.value,
            "reason": planned.guess.reason,
            "probability": round(planned.guess.probability, 4),
            "certain": planned.guess.certain,
        }
    only = [f.value for f in planned.link.only_karbon] if planned.link else []
    return document | {
        "karbon_key": planned.karbon.key if planned.karbon else "",
        "would_change": output.changes(planned.changes),
        "only_karbon": only,
    }


# After the first sync


async def _print_later(program: Program, result: RunResult) -> None:
    c = result.counts
    output.say("Nothing has been written on either side.")
    output.say()
    for count, said in _would(c):
        output.say(f"{count:6} {said}")
    _print_pending(await pending.listed(program, _SHOWN + 1))
    await _print_lists(program, c)
    output.say()
    if result.brake:
        print_brake(result.brake)
    else:
        output.say("Do it: xerosync sync")


def _would(c: Counts) -> list[tuple[int, str]]:
    """What a later sync would do, without what it would not."""
    found = (
        (c.to_karbon, "contacts would be changed in Karbon, as they were in Xero"),
        (c.to_xero, "contacts would be changed in Xero, as they were in Karbon"),
        (c.agreed, "contacts were given the same values on both sides"),
        (c.field_conflicts, "fields were changed on both sides, differently, and would wait for you"),
        (c.ended, "links would end"),
        (c.full_match, "unlinked Xero contacts would be linked"),
        (c.new, "unlinked Xero contacts would be created in Karbon"),
        (c.conflict, "unlinked Xero contacts wait for you"),
    )
    return [(count, said) for count, said in found if count]


def _print_pending(found: Sequence[pending.Pending]) -> None:
    if found:
        output.say()
        output.say("Linked contacts")
    for one in found[:_SHOWN]:
        output.say(f"  {one.xero.contact.name}  {one.xero.id}")
        _print_changes(one.in_karbon, "in Karbon, ")
        _print_changes(one.in_xero, "in Xero, ")
        if one.conflicts:
            output.say(f"      both changed: {', '.join(f.label for f in one.conflicts)}")
        if one.end:
            output.say(f"      the link ends: {one.end}")
    if len(found) > _SHOWN:
        output.say("  ... and more; --json lists all")


def _pending_document(one: pending.Pending) -> dict[str, Any]:
    return {
        "xero_id": one.xero.id,
        "karbon_key": one.karbon_key,
        "name": one.xero.contact.name,
        "in_karbon": output.changes(one.in_karbon),
        "in_xero": output.changes(one.in_xero),
        "conflicts": [f.value for f in one.conflicts],
        "ends": one.end,
    }


def print_brake(brake: Brake) -> None:
    """What stands in the way of a sync, and the way on."""
    output.say(f"A brake stops this sync: {brake.reason}.")
    output.say(f"If that is right: xerosync sync --approve {brake.digest}")


def brake_document(brake: Brake | None) -> dict[str, Any] | None:
    """A brake for JSON."""
    if brake is None:
        return None
    return {"digest": brake.digest, "reason": brake.reason, "at": output.moment(brake.at)}
