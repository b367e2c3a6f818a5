"""A plan in words and numbers: what a sync would do, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import wrap
from typing import TYPE_CHECKING

from textual.content import Content

from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.tui import text
from xerosync_tui.tui.history_words import field_by_field
from xerosync_tui.tui.screens.status_words import beside_in_words, reading_in_words
from xerosync_tui.tui.words import REASONS, UNREAD

if TYPE_CHECKING:
    from xerosync_tui.services.overview import Status
    from xerosync_tui.services.pending import Pending
    from xerosync_tui.services.sync import RunResult

_VETOED = "Vetoed: stays as it is, and becomes a match issue."
_PLURALS = {"address": "addresses"}
_INDENT = 24  # where the words stand, behind a number and what it counts
_DID = (
    ("overwritten", "value", "overwritten in Karbon"),
    ("filled", "value", "filled in Karbon"),
    ("changed in Karbon", "contact", "changed in Karbon"),
    ("changed in Xero", "contact", "changed in Xero"),
    ("ended", "link", "ended"),
)


def first_in_numbers(c: Mapping[str, int], linked: int, vetoed: int, fill: bool, room: int) -> Content:
    """The plan of the first sync, as ``sync --preview`` prints it; ``linked``: by one that was interrupted."""
    written = "  Nothing has been written yet, on either side."
    if linked:
        written = f"  Written so far: {text.counted(linked, 'link')}, by a sync that was interrupted."
    head = text.line((written, "bold"), f"   {vetoed} vetoed: becomes an issue" if vetoed else "")
    return text.lines(head, *_matches(c, room), *_only_karbon(c, fill, room))


def next_in_numbers(c: Mapping[str, int], fill: bool, brake: str, room: int) -> Content:
    """The plan of a later sync; ``brake``: why it would not go on by itself."""
    head: list[object] = [("  What the next sync would do. Nothing has been written by looking.", "bold")]
    if brake:
        head += [(f"  {line}", "bold") for line in wrap(f"! {brake}. s asks before it does that.", room - 2)]
    rows = [
        *_row(c.get("to Karbon", 0), "to Karbon", "", "edited in Xero: the edits go to Karbon", room),
        *_row(c.get("to Xero", 0), "to Xero", "", "edited in Karbon: the edits go to Xero", room),
        *_row(c.get("field conflicts", 0), "field conflict", "s", "changed on both sides, and waiting for you", room),
        *_row(c.get("ended", 0), "link", "s", "end: archived, merged or deleted; then under Unsynced", room),
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


def _matches(c: Mapping[str, int], room: int, *, every: bool = True) -> list[str]:
    """The contacts without a link, by what the plan says of them; ``every``: also where there are none."""
    replaced, filled = _by_field(c, "overwrite"), _by_field(c, "fill")
    unread = c.get("full match: card not read", 0)
    parts = (
        f"{text.number(unread)} of them once their card is read" if unread else "",
        f"Xero replaces {replaced}" if replaced else "",
        f"fills {filled}" if filled else "",
    )
    changed = "; ".join(filter(None, parts))
    conflicts = [f"{c[k]} {short}" for r, short in REASONS.items() if c.get(k := f"{Verdict.CONFLICT}: {r}")]
    firms = text.counted(c.get("new: organization", 0), "organization")
    people = text.counted(c.get("new: person", 0), "person", "people")
    made = f"{firms}, {people} made; {c.get('new: guess', 0):,} by a guess"
    found = (
        (Verdict.FULL_MATCH, "full match", "es", f"linked; {changed or 'nothing changes'}"),
        (Verdict.CONFLICT, "conflict", "s", f"wait for you: {', '.join(conflicts) or 'none'}"),
        (Verdict.NEW, "no match", "", made),
        (Verdict.LEFT_OUT, "left out", "", f"by the filter; {c.get('archived', 0):,} more are archived or erased"),
    )
    rows = []
    for verdict, one, plural, words in found:
        rows += _row(c.get(verdict, 0), one, plural, words, room, every=every)
    return rows


def _only_karbon(c: Mapping[str, int], fill: bool, room: int) -> list[str]:
    only = _by_field(c, "only Karbon")
    words = f"has {only}: b fills them into Xero later [{'✓' if fill else ' '}]"
    return _hanging(f"{'':8}only Karbon", words, room) if only else []


def _row(count: int, one: str, plural: str, words: str, room: int, *, every: bool = False) -> list[str]:
    """A count, what it counts, and words; nothing for none, unless ``every``."""
    return _hanging(f"{count:7,} {one}{'' if count == 1 else plural}", words, room) if count or every else []


def _hanging(head: str, words: str, room: int) -> list[str]:
    """``words`` behind ``head``, their further lines below the first."""
    lines = wrap(words, max(20, room - _INDENT))
    return [f"{head:{_INDENT}}{lines[0]}", *(" " * _INDENT + line for line in lines[1:])]


def _by_field(c: Mapping[str, int], what: str) -> str:
    named = ((f.label.rpartition(" ")[2], c.get(f"{what}: {f.label}", 0)) for f in Field)
    return ", ".join(text.counted(count, word, _PLURALS.get(word, "")) for word, count in named if count)


def done_in_words(result: RunResult) -> Content:
    """What a sync did, what waits now, and where to go on."""
    c = result.counts
    first = result.kind == "initial"
    rows: list[object] = [
        (f"  The {'first ' if first else ''}sync is done.", "bold"),
        f"  {text.counted(c.get('linked', 0), 'contact')} linked, {text.number(c.get('created', 0))} created in "
        f"Karbon, {text.counted(result.requests, 'request')} to Xero.",
    ]
    rows += [f"  {text.counted(c[name], one)} {did}." for name, one, did in _DID if c.get(name)]
    if c.get("ended"):
        rows.append("  Those that ended are under Unsynced: 3, then tab.")
    if result.failed_records:
        rows.append(f"  {text.counted(result.failed_records, 'record')} failed: see Connected Apps.")
    if left := c.get("left for the next run", 0) + c.get("deferred", 0):
        rows.append(f"  {text.counted(left, 'contact')} changed meanwhile: the next sync looks at them (s).")
    if unread := c.get("waits for its card", 0):
        follow = text.counted(unread, "contact follows by itself", "contacts follow by themselves")
        rows.append(f"  {follow}, once their cards are read.")
    if fields := c.get("field conflicts", 0):
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
