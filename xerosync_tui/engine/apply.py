"""The one place that writes to a remote, fed by the plan and by what a person decides.

Every write is a journal row first. The link and its base come about in the transaction that records the
acknowledgement (promise P6), and nowhere else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Field, Kind
from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.domain.progress import Progress, Report
from xerosync_tui.engine.native import REASON, linked_by_karbon
from xerosync_tui.engine.plan import planned_rows
from xerosync_tui.program import Program
from xerosync_tui.remotes.ports import Create, Directory, NotStored, Outcome, Stored, Update, Write
from xerosync_tui.store import cards, changes, issues, journal, links, matching, mirror, plans, runs

WAITS = "waits for its card"


async def apply_plan(
    program: Program,
    directory: Directory,
    connection: Connection,
    run: int,
    counts: Counter[str],
    report: Report,
    *,
    only_shown: bool,
) -> None:
    """Carry out the plan's full matches and creations, page by page; a cancel falls between two pages.

    ``only_shown``: the first sync, which does exactly what the preview showed. Adds to ``counts`` on the way:
    linked, created, overwritten (values), filled, deferred, failed, ``left for the next run``, and where cards are
    still to be read (karbon.md 2.2) ``waits for its card``.
    """
    total = await program.store.run(plans.count_to_apply, connection.id)
    place, done = 0, 0
    while True:
        async with program.turn:
            page = await program.store.run(_next_rows, connection, place, directory.batch, only_shown=only_shown)
            if not page.last:
                return
            place = page.last
            counts["left for the next run"] += page.left
            counts[WAITS] += page.waiting
            counts += await link_rows(program, directory, connection, page.rows, run)
        done += len(page.rows) + page.left + page.waiting
        report(Progress("Linking", done, total, counts=counts))


async def link_rows(
    program: Program,
    directory: Directory,
    connection: Connection,
    rows: Sequence[PlannedRow],
    run: int | None,
) -> Counter[str]:
    """Write what these rows say to Karbon and link them; counts as in ``apply_plan``."""
    rows, counts = await _without_rivals(program, directory, connection, rows)
    if rows:
        recorder = LinkRecorder(program, connection, rows, run)
        await directory.write([write_of(row, connection.contact_type) for row in rows], recorder)
        counts += recorder.counts
    return counts


async def _without_rivals(
    program: Program, directory: Directory, connection: Connection, rows: Sequence[PlannedRow]
) -> tuple[list[PlannedRow], Counter[str]]:
    """Those that Karbon's own sync does not link; the others are listed as failed, and counted."""
    writing = [row.xero.id for row in rows if not row.link or row.link.karbon_writes]
    theirs = await linked_by_karbon(program, directory, connection, writing)
    if theirs:
        refused = [(row.xero.id, row.xero.contact.name, REASON) for row in rows if row.xero.id in theirs]
        await program.store.run(runs.put_failed, connection.id, "karbon", refused, program.now_ms())
    return [row for row in rows if row.xero.id not in theirs], Counter(failed=len(theirs))


def write_of(row: PlannedRow, contact_type: str) -> Write:
    """What the directory is asked to do for a row."""
    if row.karbon and row.link:
        return Update(row.karbon.key, row.karbon.contact, row.link.karbon_writes)
    guess = row.guess
    if guess is None:
        return Create(Kind.ORGANIZATION, "", row.xero.contact, contact_type)
    return Create(guess.kind, guess.reason, row.xero.contact, contact_type, guess.percent)


@dataclass(slots=True)
class LinkRecorder:
    """Records a batch of links: intents before, then base, mirror, journal and issue in one go."""

    program: Program
    connection: Connection
    rows: Sequence[PlannedRow]
    run: int | None
    replacing: bool = False  # links of before that ended
    kept: Mapping[str, Sequence[Field]] = field(default_factory=dict)  # by ContactID: Karbon's value goes to Xero
    counts: Counter[str] = field(default_factory=Counter)
    entries: list[int] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)  # ContactID: Karbon key
    reasons: dict[str, str] = field(default_factory=dict)  # ContactID: why it was not linked

    def intend(self, db: SqliteDatabase) -> None:
        """Journal what is about to be done."""
        now, who = self.program.now_ms(), self.program.settings.user
        newest = mirror.newest_karbon(db) if self.connection.uses_api else 0
        intents = [_intent(row, newest) for row in self.rows]
        self.entries = journal.intend(db, self.connection.id, self.run, who, now, intents)

    def settle(self, db: SqliteDatabase, outcomes: Sequence[Outcome]) -> None:
        """Link what was stored; keep what was not as failed or for the next run."""
        now, connection = self.program.now_ms(), self.connection.id
        stored = [
            (row, outcome.contact)
            for row, outcome in zip(self.rows, outcomes, strict=True)
            if isinstance(outcome, Stored)
        ]
        mirror.put_karbon(db, connection, [karbon for _, karbon in stored], now)
        if self.replacing:
            links.forget_ended(db, connection, [row.xero.id for row, _ in stored])
        links.add(
            db,
            connection,
            [
                links.NewLink(row.xero.id, k.key, _why(row), row.xero.contact, k.contact, _unfilled(row))
                for row, k in stored
            ],
            now,
        )
        by_id = {row.xero.id: row.xero.contact for row, _ in stored}
        kept = {x: {f: by_id[x].value(f) for f in fields} for x, fields in self.kept.items() if x in by_id}
        changes.keep_karbons(db, connection, kept)
        self.made = {row.xero.id: karbon.key for row, karbon in stored}
        settled = zip(self.entries, self.rows, outcomes, strict=True)
        journal.settle(db, now, [_result(*each) for each in settled if not _is_open(each[1], each[2])])
        issues.close_all(db, connection, [row.xero.id for row, _ in stored])
        journal.supersede_ignored(db, connection, [row.xero.id for row, _ in stored])
        self.reasons = {
            row.xero.id: outcome.reason
            for row, outcome in zip(self.rows, outcomes, strict=True)
            if isinstance(outcome, NotStored)
        }
        refused = [
            (row.xero.id, row.xero.contact.name, outcome.reason)
            for row, outcome in zip(self.rows, outcomes, strict=True)
            if isinstance(outcome, NotStored) and not outcome.deferred
        ]
        if runs.failures(db, connection):
            runs.clear_failed(db, connection, "karbon", [row.xero.id for row, _ in stored])
        runs.put_failed(db, connection, "karbon", refused, now)
        self._count(outcomes)

    def _count(self, outcomes: Sequence[Outcome]) -> None:
        for row, outcome in zip(self.rows, outcomes, strict=True):
            if isinstance(outcome, NotStored):
                self.counts["deferred" if outcome.deferred else "failed"] += 1
            elif row.karbon and row.link:
                lost = len(row.link.overwritten(row.karbon.contact))
                self.counts += Counter(linked=1, overwritten=lost, filled=len(row.link.karbon_writes) - lost)
            else:
                self.counts["created"] += 1


@dataclass(frozen=True, slots=True)
class _Page:
    """Rows to carry out, how many are not as they were shown, how many wait for a card, the last's place (0: end)."""

    rows: list[PlannedRow]
    left: int
    waiting: int
    last: int


def _next_rows(db: SqliteDatabase, connection: Connection, after: int, limit: int, *, only_shown: bool) -> _Page:
    """The next page of the plan, worked out from the mirrors and held against what the preview showed."""
    found = plans.to_apply(db, connection.id, after, limit)
    if not found:
        return _Page([], 0, 0, 0)
    all_read = not connection.uses_api or not cards.counted(db, connection.id).never
    planned = planned_rows(db, connection, [(row.mirror_row, row.verdict) for row in found])
    taken = links.taken(db, connection.id, [row.karbon_key for row in found if row.karbon_key])
    # What was mirrored since an unfinished plan was made is no stranger to the directory any more.
    new = [row.mirror_row for row in found if row.verdict is Verdict.NEW]
    strangers = matching.with_strangers(db, new) if connection.uses_api else set()
    rows = []
    waiting = 0
    for row in found:
        now = planned.get(row.mirror_row)
        same_pair = now and (now.karbon.key if now.karbon else "") == row.karbon_key
        if now and not (now.karbon.whole if now.karbon else all_read):
            waiting += 1  # it may be another one's billing email; nobody is made who may be there
        elif row.mirror_row in strangers or row.karbon_key in taken:
            continue
        elif now and same_pair and (not only_shown or now.digest == row.shown):
            rows.append(now)
    return _Page(rows, len(found) - len(rows) - waiting, waiting, found[-1].place)


def _intent(row: PlannedRow, newest: int) -> journal.Intent:
    if row.karbon and row.link:
        after = dict(row.link.karbon_writes)
        before = {f: row.karbon.contact.value(f) for f in after}
        return journal.Intent("link", row.xero.id, row.karbon.key, before, after, _why(row))
    after = {f: row.xero.contact.value(f) for f in Field if row.xero.contact.value(f)}
    return journal.Intent("create", row.xero.id, "", {}, after, _why(row), newest_known=newest)


def _why(row: PlannedRow) -> str:
    if row.verdict is Verdict.FULL_MATCH:
        return "same name and billing email"
    return "a person matched them" if row.karbon else "made from Xero"


def _unfilled(row: PlannedRow) -> tuple[Field, ...]:
    return row.link.only_karbon if row.link else ()


def _is_open(row: PlannedRow, outcome: Outcome) -> bool:
    """Whether something may have been made: the entry stays, and recovery finds out (promise P7)."""
    return row.karbon is None and isinstance(outcome, NotStored) and outcome.unknown


def _result(entry: int, row: PlannedRow, outcome: Outcome) -> journal.Result:
    if isinstance(outcome, Stored):
        return journal.Result(entry, "done", outcome.contact.key, version=outcome.contact.version)
    return journal.Result(entry, "failed", row.karbon.key if row.karbon else "", outcome.reason)
