"""A plan in words and numbers: what a sync would do, and what it did."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from textual.content import Content

from xerosync_tui import words
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.match import Reason
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.domain.states import RunKind
from xerosync_tui.tui import text
from xerosync_tui.tui.history_words import field_by_field
from xerosync_tui.tui.screens.status_words import beside_in_words, reading_in_words
from xerosync_tui.tui.words import UNREAD

if TYPE_CHECKING:
    from xerosync_tui.services.overview import Status
    from xerosync_tui.services.pending import Pending
    from xerosync_tui.services.sync import RunResult

_VETOED = "Vetoed: stays as it is, and becomes a match issue."
_INDENT = 24  # where the words stand, behind a number and what it counts


def first_in_numbers(c: Counts, linked: int, vetoed: int, fill: bool, room: int) -> Content:
    """The plan of the first sync, as ``sync --preview`` prints it; ``linked``: by one that was interrupted."""
    written = "  Nothing has been written yet, on either side."
    if linked:
        written = f"  Written so far: {text.counted(linked, 'link')}, by a sync that was interrupted."
    head = text.line((written, "bold"), f"   {vetoed} vetoed: becomes an issue" if vetoed else "")
    return text.lines(head, *_matches(c, room), *_only_karbon(c, fill, room))


def next_in_numbers(c: Counts, fill: bool, brake: str, room: int) -> Content:
    """The plan of a later sync; ``brake``: why it would not go on by itself."""
    head: list[object] = [("  What the next sync would do. Nothing has been written by looking.", "bold")]
    if brake:
        head += [(f"  {line}", "bold") for line in wrap(f"! {brake}. s asks before it does that.", room - 2)]
    rows = [
        *_row(c.to_karbon, "to Karbon", "", "edited in Xero: the edits go to Karbon", room),
        *_row(c.to_xero, "to Xero", "", "edited in Karbon: the edits go to Xero", room),
        *_row(c.field_conflicts, "field conflict", "s", "changed on both sides, and waiting for you", room),
        *_row(c.ended, "link", "s", "end: archived, merged or deleted; then under Unsynced", room),
        *_matches(c, room, every=False),
    ]
    return text.lines(*head, *(rows or ["  Nothing: both sides agree."]), *_only_karbon(c, fill, room))


def api_notes(status: Status, reading: bool, key: str, room: int) -> list[object]:
    """With Karbon's API: how far the cards are read and what may be done meanwhile, and who writes beside us.

    ``key`` starts the sync.
    """
    rows = []
    if read := reading_in_words(status, previews=reading):
        rows.append(
            f"○ {read}; {key} links what is verified, the rest follows by itself, new contacts once all is read"
        )
    if beside := beside_in_words(status):
        rows.append(f"! {beside}; 1, then e says what to do")
    return [(f"  {line}", "bold") for row in rows for line in wrap(row, room - 2, subsequent_indent="  ")]


def _matches(c: Counts, room: int, *, every: bool = True) -> list[str]:
    """The contacts without a link, by what the plan says of them; ``every``: also where there are none."""
    replaced, filled = words.by_field(c.overwrite), words.by_field(c.fill)
    unread = c.unread_matches
    parts = (
        f"{text.number(unread)} of them once their card is read" if unread else "",
        f"Xero replaces {replaced}" if replaced else "",
        f"fills {filled}" if filled else "",
    )
    changed = "; ".join(filter(None, parts))
    conflicts = [f"{c.reasons[r]} {words.reason(r)}" for r in Reason if c.reasons.get(r)]
    firms = text.counted(c.new_organizations, "organization")
    people = text.counted(c.new_people, "person", "people")
    made = f"{firms}, {people} made; {c.guesses:,} by a guess"
    found = (
        (c.full_match, "full match", "es", f"linked; {changed or 'nothing changes'}"),
        (c.conflict, "conflict", "s", f"wait for you: {', '.join(conflicts) or 'none'}"),
        (c.new, "no match", "", made),
        (c.left_out, "left out", "", f"by the filter; {c.archived:,} more are archived or erased"),
    )
    rows = []
    for count, one, plural, means in found:
        rows += _row(count, one, plural, means, room, every=every)
    return rows


def _only_karbon(c: Counts, fill: bool, room: int) -> list[str]:
    only = words.by_field(c.only_karbon)
    means = f"has {only}: b fills them into Xero later [{'✓' if fill else ' '}]"
    return _hanging(f"{'':8}only Karbon", means, room) if only else []


def _row(count: int, one: str, plural: str, means: str, room: int, *, every: bool = False) -> list[str]:
    """A count, what it counts, and words; nothing for none, unless ``every``."""
    return _hanging(f"{count:7,} {one}{'' if count == 1 else plural}", means, room) if count or every else []


def _hanging(head: str, means: str, room: int) -> list[str]:
    """``means`` behind ``head``, their further lines below the first."""
    lines = wrap(means, max(20, room - _INDENT))
    return [f"{head:{_INDENT}}{lines[0]}", *(" " * _INDENT + line for line in lines[1:])]


def done_in_words(result: RunResult) -> Content:
    """What a sync did, what waits now, and where to go on."""
    c = result.counts
    first = result.kind is RunKind.INITIAL
    rows: list[object] = [
        (f"  The {'first ' if first else ''}sync is done.", "bold"),
        f"  {text.counted(c.linked, 'contact')} linked, {text.number(c.created)} created in "
        f"Karbon, {text.counted(result.requests, 'request')} to Xero.",
    ]
    did = (
        (c.overwritten, "value", "overwritten in Karbon"),
        (c.filled, "value", "filled in Karbon"),
        (c.changed_in_karbon, "contact", "changed in Karbon"),
        (c.changed_in_xero, "contact", "changed in Xero"),
        (c.ended, "link", "ended"),
    )
    rows += [f"  {text.counted(count, one)} {what}." for count, one, what in did if count]
    if c.ended:
        rows.append("  Those that ended are under Unsynced: 3, then tab.")
    if result.failed_records:
        rows.append(f"  {text.counted(result.failed_records, 'record')} failed: see Connected Apps.")
    if left := c.left_for_next_run + c.deferred:
        rows.append(f"  {text.counted(left, 'contact')} changed meanwhile: the next sync looks at them (s).")
    if unread := c.waits_for_card:
        follow = text.counted(unread, "contact follows by itself", "contacts follow by themselves")
        rows.append(f"  {follow}, once their cards are read.")
    if fields := c.field_conflicts:
        rows.append(f"  {text.counted(fields, 'field conflict')} to decide: press 3.")
    waits = text.counted(result.open_issues, "match issue")
    waiting = f"  {waits} to decide: press 3." if result.open_issues else "  No match issue waits for you."
    return text.lines(*rows, "", (waiting, "bold"), "  2 shows the clients.")


def changes(row: PlannedRow) -> str:
    """What a full match changes, on one line; before its card is read, nobody knows it all."""
    if row.karbon and not row.karbon.whole:
        return f"{UNREAD}: provisional"
    found = [f"{f.label.rpartition(' ')[2]} {old or '-'} ▸ {new}" for f, (old, new) in row.changes.items()]
    return "; ".join(found) or "nothing changes"


def details(row: PlannedRow, vetoed: bool) -> tuple[str, str]:
    """What is to be known of a row, and of its veto."""
    if row.guess:
        sure = "" if row.guess.certain else f" This is a guess ({row.guess.sureness}): K makes it the other."
        return f"Becomes a new {row.guess.kind.value}: {row.guess.reason}.{sure}", ""
    if row.karbon and not row.karbon.whole:
        return (
            "Name and email of Karbon's list are the same. Its card, which may hold another billing email, is not "
            "read yet: it is linked once that says the same.",
            _VETOED if vetoed else "",
        )
    return changes(row), _VETOED if vetoed else ""


def change_place(pending: Pending) -> str:
    """Where something would be done to a link."""
    if pending.end:
        return "link ends"
    sides = [name for name, there in (("Karbon", pending.in_karbon), ("Xero", pending.in_xero)) if there]
    return "both" if len(sides) > 1 else sides[0] if sides else "waits"


def change_in_words(pending: Pending) -> str:
    """What would be done to a link, on one line."""
    if pending.end:
        return pending.end
    moved = [*pending.in_karbon.items(), *pending.in_xero.items()]
    said = [f"{f.label.rpartition(' ')[2]} {old or '-'} ▸ {new or '-'}" for f, (old, new) in moved]
    return "; ".join([*said, *(f"{f.label}: changed on both sides" for f in pending.conflicts)])


def change_rows(pending: Pending) -> list[object]:
    """All of it, field by field."""
    if pending.end:
        return [(f"The link ends: {pending.end}.", "bold"), "Both records stay as they are."]
    rows: list[object] = []
    for where, moved in (("Karbon", pending.in_karbon), ("Xero", pending.in_xero)):
        if moved:
            rows += [(f"in {where}", "bold"), *field_by_field(moved)]
    return rows + [f"{f.label}: changed on both sides, and waits for you" for f in pending.conflicts]
