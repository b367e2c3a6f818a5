"""``xerosync sync --preview``: what a sync would do, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xerosync_tui.cli import output
from xerosync_tui.domain.connection import Brake
from xerosync_tui.domain.contact import Field
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
        "counts": dict(result.counts),
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
    if result.counts.get("new: guess"):
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


async def _print_lists(program: Program, counts: Mapping[str, int]) -> None:
    full, new = counts.get(Verdict.FULL_MATCH, 0), counts.get(Verdict.NEW, 0)
    await print_rows(program, Verdict.FULL_MATCH, full, "Full matches: Xero's data replaces what is shown")
    await print_rows(program, Verdict.NEW, new, "New Karbon contacts")


def print_counts(c: Mapping[str, int]) -> None:
    """The plan of the first sync in numbers."""
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
    for name, said in _WOULD.items():
        if c.get(name):
            output.say(f"{c[name]:6} {said}")
    _print_pending(await pending.listed(program, _SHOWN + 1))
    await _print_lists(program, c)
    output.say()
    if result.brake:
        print_brake(result.brake)
    else:
        output.say("Do it: xerosync sync")


_WOULD = {
    "to Karbon": "contacts would be changed in Karbon, as they were in Xero",
    "to Xero": "contacts would be changed in Xero, as they were in Karbon",
    "agreed": "contacts were given the same values on both sides",
    "field conflicts": "fields were changed on both sides, differently, and would wait for you",
    "ended": "links would end",
    Verdict.FULL_MATCH.value: "unlinked Xero contacts would be linked",
    Verdict.NEW.value: "unlinked Xero contacts would be made in Karbon",
    Verdict.CONFLICT.value: "unlinked Xero contacts wait for you",
}


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
