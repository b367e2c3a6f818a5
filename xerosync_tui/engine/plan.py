"""The plan, from the mirrors alone: what would be done with every contact without a link, and with every link.

The store streams one row a contact, ``domain.decide`` decides from that row. The decisions about contacts without a
link are kept, so that what the first page creates cannot change what the second page was going to do. Those about links
are worked out each time they are asked for, by the same functions for a preview and for the run (promise P12).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from peewee import SqliteDatabase

from xerosync_tui.domain import decide
from xerosync_tui.domain.brake import Impact
from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Field, Kind, XeroContact
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.link import End, Linked, Rules
from xerosync_tui.domain.match import Reason, Standing, Verdict, reason_of
from xerosync_tui.domain.merge import Merge, merge
from xerosync_tui.domain.plan import PlannedRow, plan_link, plan_new
from xerosync_tui.domain.progress import Progress
from xerosync_tui.domain.states import FailedSide
from xerosync_tui.engine.work import Work
from xerosync_tui.store import brakes, changes, kinds, links, made, matching, plans, runs
from xerosync_tui.store.brakes import Approved
from xerosync_tui.store.changes import Pair

_PAGE = 1000
_PAIRS = 500
_DOES_SOMETHING = (Verdict.FULL_MATCH, Verdict.NEW)
ENDS = "ends"  # as an approval names the end of a link


# Contacts without a link


async def make_plan(work: Work, *, shown: bool) -> Counts:
    """Plan every unlinked contact; ``shown``: a person will look at it (the preview). Returns what was found."""
    counts, place, seen = Counts(), 0, 0
    while True:
        page, place = await work.program.store.run(_plan_page, work, place, shown=shown)
        counts.add(page)
        seen = counts.full_match + counts.conflict + counts.new + counts.left_out
        work.report(Progress("Matching", seen))
        if not place:
            break
    await work.program.store.run(plans.finish, work.connection.id, work.run or 0)
    return counts


def _plan_page(db: SqliteDatabase, work: Work, after: int, *, shown: bool) -> tuple[Counts, int]:
    """Plan the next page; returns its counts and where it ended, 0 at the end."""
    connection = work.connection
    standings = matching.standings(db, connection.id, connection.import_filter, after, _PAGE)
    ours = made.pairs(db, connection.id) if standings else {}
    verdicts = [(s, Verdict.FULL_MATCH if _is_ours(s, ours) else decide.unlinked(s)) for s in standings]
    pairs = matching.pairs(db, [s.row for s, verdict in verdicts if verdict is Verdict.FULL_MATCH]) | {
        s.row: ours[s.xero_id] for s in standings if _is_ours(s, ours)
    }
    shown_as: dict[int, PlannedRow] = {}
    counts = _counted(Counter(verdict for _, verdict in verdicts))
    if shown:
        shown_as = planned_rows(db, connection, [(s.row, v) for s, v in verdicts])
        for planned in shown_as.values():
            _count_details(counts, planned)
    rows = []
    for standing, verdict in verdicts:
        reason = (
            reason_for(db, connection, standing.xero_id, held=standing.held) if verdict is Verdict.CONFLICT else None
        )
        if reason:
            counts.reasons[reason] = counts.reasons.get(reason, 0) + 1
        key, planned_as = pairs.get(standing.row, ""), shown_as.get(standing.row)
        rows.append(_planned(standing.xero_id, verdict, reason, key, planned_as))
    plans.put(db, connection.id, rows, work.run or 0, shown=shown)
    return counts, standings[-1].row if len(standings) == _PAGE else 0


def _is_ours(standing: Standing, ours: Mapping[str, str]) -> bool:
    """Whether a Karbon contact is left that was made for it (engine.md 2.9: undo of the first sync)."""
    return standing.takes_part and not standing.held and standing.xero_id in ours


def _counted(verdicts: Mapping[Verdict, int]) -> Counts:
    return Counts(
        full_match=verdicts.get(Verdict.FULL_MATCH, 0),
        conflict=verdicts.get(Verdict.CONFLICT, 0),
        new=verdicts.get(Verdict.NEW, 0),
        left_out=verdicts.get(Verdict.LEFT_OUT, 0),
    )


def _planned(xero_id: str, verdict: Verdict, reason: Reason | None, key: str, row: PlannedRow | None) -> plans.ToKeep:
    """A row for the store; ``row`` is what a person sees of it, when shown."""
    guess = row.guess.percent if row and row.guess else 0
    return plans.ToKeep(xero_id, verdict, reason or "", key, row.digest if row else "", guess)


def reason_for(db: SqliteDatabase, connection: Connection, xero_id: str, *, held: bool) -> Reason:
    """Why a contact that is a conflict is one."""
    candidates = matching.candidates(db, connection.id, xero_id, connection.import_filter)
    return reason_of(candidates, matching.rivals(db, connection.id, xero_id), held=held)


def plan_creation(db: SqliteDatabase, connection: Connection, xero: XeroContact) -> PlannedRow:
    """Making a Karbon contact from ``xero``, of the kind that a person chose, if one did."""
    return plan_new(xero, kinds.chosen(db, connection.id, [xero.id]).get(xero.id))


def planned_rows(
    db: SqliteDatabase, connection: Connection, verdicts: Sequence[tuple[int, Verdict]]
) -> dict[int, PlannedRow]:
    """By mirror row, what the plan does there, worked out from the mirrors; rows that do nothing are absent."""
    doing = {row: verdict for row, verdict in verdicts if verdict in _DOES_SOMETHING}
    found = {}
    contacts = matching.contacts_with_pairs(db, list(doing))
    contacts |= made.contacts(db, connection.id, [row for row, verdict in doing.items() if verdict is not Verdict.NEW])
    chosen = kinds.chosen(db, connection.id, [x.id for row, (x, _) in contacts.items() if doing[row] is Verdict.NEW])
    for row, (xero, pair) in contacts.items():
        if doing[row] is Verdict.NEW:
            found[row] = plan_new(xero, chosen.get(xero.id))
        elif pair:
            found[row] = plan_link(Verdict.FULL_MATCH, xero, pair, connection.region)
    return found


def _count_details(counts: Counts, row: PlannedRow) -> None:
    if row.guess:
        counts.guesses += not row.guess.certain
        counts.new_people += row.guess.kind is Kind.PERSON
        counts.new_organizations += row.guess.kind is Kind.ORGANIZATION
    elif row.link and row.karbon:
        if not row.karbon.whole:  # what its card holds, nobody knows yet
            counts.unread_matches += 1
            return
        for field in row.link.only_karbon:
            _count_field(counts.only_karbon, field)
        for field in row.link.karbon_writes:
            _count_field(counts.overwrite if row.karbon.contact.value(field) else counts.fill, field)


def _count_field(counts: dict[Field, int], field: Field) -> None:
    counts[field] = counts.get(field, 0) + 1


# Links


@dataclass(frozen=True, slots=True)
class Judged:
    """What is to be done with a pair: its end, or a merge; neither where it has ended already."""

    pair: Pair
    end: End | None = None
    merge: Merge | None = None

    @property
    def linked(self) -> Linked:
        """The link that is merged."""
        assert self.pair.linked
        return self.pair.linked

    def rows(self) -> dict[str, str]:
        """What would be overwritten or ended, as an approval keeps it."""
        if self.end:
            return {ENDS: self.end.value}
        return self.merge.rows() if self.merge else {}

    def only(self, approved: Mapping[str, str]) -> Judged:
        """Of that, only what is approved."""
        if self.end:
            return self if approved.get(ENDS) == self.end else Judged(self.pair)
        return Judged(self.pair, merge=self.merge.only(approved)) if self.merge else self

    def without(self, approved: Mapping[str, str]) -> Judged:
        """All but what is approved."""
        if self.end:
            return Judged(self.pair) if approved.get(ENDS) == self.end else self
        return Judged(self.pair, merge=self.merge.without(approved)) if self.merge else self


def judged(pair: Pair, rules: Rules) -> Judged:
    """What is to be done with a pair."""
    if not pair.synced:
        return Judged(pair)
    if end := decide.ends(pair.xero, gone=pair.gone):
        return Judged(pair, end)
    return Judged(pair, merge=merge(pair.linked, rules)) if pair.linked else Judged(pair)


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """What a run would do to the links there are; ``impact`` without what a person approved.

    ``digest`` changes whenever what would be done without an approval does.
    """

    counts: Counts
    impact: Impact
    digest: str


async def plan_links(work: Work, approved: Approved) -> LinkPlan:
    """Look at every link to which something happened. Writes nothing."""
    counts, digest = Counts(), hashlib.blake2b(digest_size=8)
    overwritten = ended = changed = place = 0
    store, connection = work.program.store, work.connection.id
    refused = await store.read(_refused_before, connection)
    while pairs := await store.read(changes.looked, connection, place, _PAIRS):
        place = pairs[-1].id
        for pair in pairs:
            whole = judged(pair, work.rules)
            _count_link(counts, whole)
            rest = whole.without(approved.get(pair.xero.id, {}))
            if rest.end:
                ended += 1
                digest.update(f"{pair.xero.id} {rest.end}".encode())
            elif rest.merge:
                if pair.xero.id not in refused:
                    changed += rest.merge.moves
                    overwritten += rest.merge.overwrites(rest.linked)
                digest.update(rest.merge.digest(rest.linked).encode())
        work.report(Progress("Comparing", changed + ended))
    total = await store.read(links.count, connection)
    return LinkPlan(counts, Impact(total, overwritten, ended, changed), digest.hexdigest())


def _count_link(counts: Counts, one: Judged) -> None:
    if one.end:
        counts.ended += 1
    elif one.merge:
        counts.to_karbon += bool(one.merge.to_karbon)
        counts.to_xero += bool(one.merge.to_xero)
        counts.agreed += bool(one.merge.agreed)
        counts.field_conflicts += len(one.merge.conflicts)


def _refused_before(db: SqliteDatabase, connection: int) -> set[str]:
    """Whose edits a remote did not take: an audit tries them again, which is nothing that a brake is there for."""
    sides = (FailedSide.TO_XERO, FailedSide.TO_KARBON)
    return {one.record for one in runs.failures(db, connection) if one.side in sides}


def keep_stopped(db: SqliteDatabase, work: Work) -> None:
    """Remember, row by row, what a stopped run would have done: an approval covers these rows."""
    brakes.clear(db, work.connection.id)
    for one in _all_judged(db, work):
        brakes.put(db, work.connection.id, one.pair.xero.id, one.rows())


def _all_judged(db: SqliteDatabase, work: Work) -> Iterator[Judged]:
    place = 0
    while pairs := changes.looked(db, work.connection.id, place, _PAIRS):
        place = pairs[-1].id
        yield from (judged(pair, work.rules) for pair in pairs)
