"""Decisions about match issues, one or many at a time: confirm, create, match with another, ignore."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from typing import TYPE_CHECKING

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Field, KarbonContact, Value, XeroContact, XeroStatus
from xerosync_tui.domain.decided import Decided, Stays
from xerosync_tui.domain.match import Reason, Verdict
from xerosync_tui.domain.plan import PlannedRow, plan_link
from xerosync_tui.domain.progress import Progress, Report, unwatched
from xerosync_tui.domain.states import EntryState, LinkState
from xerosync_tui.engine import sides
from xerosync_tui.engine.changes.here import Ignore
from xerosync_tui.engine.decisions import decide, decision, looking
from xerosync_tui.engine.link import link_rows
from xerosync_tui.engine.plan import plan_creation
from xerosync_tui.engine.pull import read_cards
from xerosync_tui.engine.work import Work
from xerosync_tui.engine.write import here
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.program import Program, active
from xerosync_tui.services.contacts import no_contact
from xerosync_tui.store import issues, journal, links, matching, mirror

if TYPE_CHECKING:
    from xerosync_tui.domain.suggest import Resemblance

_BATCH = 100  # decisions that are carried out together


@dataclass(frozen=True, slots=True)
class CandidateView:
    """A Karbon contact an issue might be about, and what confirming it would do to it."""

    karbon: KarbonContact
    same_name: bool
    same_email: bool
    taken: bool
    likeness: Resemblance
    changes: Mapping[Field, tuple[Value, Value]]  # Karbon's value now, Xero's value that replaces it
    digest: str  # for ``confirm``: what the person saw


@dataclass(frozen=True, slots=True)
class IssueView:
    """An issue with its candidates: free ones first, then the likeliest."""

    id: int
    reason: Reason
    ignored: bool
    xero: XeroContact
    candidates: tuple[CandidateView, ...]

    @property
    def only(self) -> CandidateView | None:
        """The candidate, where there is one and it is free: what can be confirmed without choosing."""
        return self.candidates[0] if len(self.candidates) == 1 and not self.candidates[0].taken else None


def clear_cases(views: Collection[IssueView]) -> list[tuple[IssueView, CandidateView]]:
    """Those with one free candidate that none of the others has too: what can be confirmed without choosing."""
    wanted = Counter(view.only.karbon.key for view in views if view.only)
    return [(view, view.only) for view in views if view.only and wanted[view.only.karbon.key] == 1]


async def listed(program: Program, *, ignored: bool = False) -> list[IssueView]:
    """The open issues by name, with their candidates; ``ignored``: those too. Raises NotConnected."""
    connection = await active(program)

    def read(db: SqliteDatabase) -> list[IssueView]:
        found = issues.listed(db, connection.id, ignored=ignored)
        return [_view(db, connection, issue) for issue in found]

    return await program.store.read(read)


async def some(program: Program, ids: Collection[int]) -> list[IssueView]:
    """Those of these issues that there still are, in that order. Raises NotConnected."""

    def read(db: SqliteDatabase, connection: Connection) -> list[IssueView]:
        found = (issues.by_id(db, connection.id, number) for number in ids)
        return [_view(db, connection, issue) for issue in found if issue]

    return await program.store.read(read, await active(program))


async def issue_of(program: Program, xero_id: str) -> int:
    """The number of the contact's match issue. Raises NotConnected."""
    connection = await active(program)
    return await program.store.read(issues.id_of, connection.id, xero_id)


async def alike(program: Program, issue: int) -> list[IssueView]:
    """The open issues with the same reason as this one, by name. Raises as ``one``."""

    def read(db: SqliteDatabase, connection: Connection) -> list[IssueView]:
        reason = _one(db, connection, issue).reason
        return [_view(db, connection, one) for one in issues.listed(db, connection.id) if one.reason is reason]

    return await program.store.read(read, await active(program))


async def one(program: Program, issue: int) -> IssueView:
    """One issue. Raises UsageError where there is none with that id."""
    return await program.store.read(_one, await active(program), issue)


def _one(db: SqliteDatabase, connection: Connection, issue: int) -> IssueView:
    found = issues.by_id(db, connection.id, issue)
    if found is None:
        raise UsageError(f"There is no match issue {issue}", Hint(Do.ISSUES))
    return _view(db, connection, found)


def _view(db: SqliteDatabase, connection: Connection, issue: issues.MatchIssue) -> IssueView:
    from xerosync_tui.domain.suggest import explain  # slow to load, and the screens come up without it

    views = []
    for c in matching.candidates(db, connection.id, issue.xero.id, connection.import_filter):
        if karbon := mirror.karbon_contact(db, connection.id, c.key):
            row = plan_link(Verdict.CONFLICT, issue.xero, karbon, connection.region)
            digest = _seen(row, ignored=issue.ignored)
            like = explain(issue.xero.contact, karbon.contact)
            views.append(CandidateView(karbon, c.same_name, c.same_email, c.taken, like, row.changes, digest))
    views.sort(key=lambda view: (view.taken, -view.likeness.score))
    return IssueView(issue.id, issue.reason, issue.ignored, issue.xero, tuple(views))


def _seen(row: PlannedRow, *, ignored: bool) -> str:
    """What a person saw of an issue: also whether somebody else had ignored it by then."""
    return f"{row.digest} {'ignored' if ignored else 'open'}"


async def plan_match(program: Program, target: str, karbon_key: str | None) -> PlannedRow:
    """What matching would do, without doing it: Xero's data overwrites Karbon's (product.md 3.4).

    ``target`` is an issue's id or a ContactID; no ``karbon_key``: the issue's only free candidate.
    Raises UsageError for what is not there or not unlinked, NeedsPerson where several candidates remain or
    before the first sync.
    """
    async with looking(program) as work:
        return await _match_now(work, target, karbon_key)


async def _match_now(work: Work, target: str, karbon_key: str | None) -> PlannedRow:
    """The match, with Karbon's contact read whole."""
    if work.directory.has_cards:
        row = await work.program.store.run(_plan_match, work, target, karbon_key)
        assert row.karbon
        await read_cards(work, [row.karbon.key])
    return await work.program.store.run(_plan_match, work, target, karbon_key)


def _plan_match(db: SqliteDatabase, work: Work, target: str, karbon_key: str | None) -> PlannedRow:
    connection = work.connection
    xero = _unlinked(db, work, target)
    key = karbon_key or _only_candidate(db, connection, xero)
    karbon = mirror.karbon_contact(db, connection.id, key)
    if karbon is None:
        raise no_contact(key)
    partner = links.of_karbon(db, connection.id, key)
    if partner and partner.state is LinkState.SYNCED:  # one that ended may be linked by hand, though never by itself
        other = mirror.xero_contact(db, connection.id, partner.xero_id)
        name = other.contact.name if other else partner.xero_id
        raise UsageError(
            f"{karbon.contact.name} ({key}) belongs to the Xero contact {name}",
            "Choose another, or create a new contact.",
        )
    return plan_link(Verdict.CONFLICT, xero, karbon, connection.region)


def _unlinked(db: SqliteDatabase, work: Work, target: str) -> XeroContact:
    connection = work.connection
    if connection.started_at is None:
        raise NeedsPerson("Nothing is linked before the first sync", Hint(Do.FIRST_SYNC))
    xero_id = target
    if target.isdecimal():
        issue = issues.by_id(db, connection.id, int(target))
        if issue is None:
            raise UsageError(_no_issue(db, connection, int(target)), Hint(Do.ISSUES))
        xero_id = issue.xero.id
    xero = mirror.xero_contact(db, connection.id, xero_id)
    if xero is None:
        raise UsageError(f"There is no Xero contact {target}", Hint(Do.LEFT_OUT))
    if links.is_linked(db, connection.id, xero_id):
        raise UsageError(_decided_by(db, connection, xero), Hint(Do.CLIENTS_OR_ISSUES))
    if xero.status is not XeroStatus.ACTIVE:
        raise UsageError(f"{xero.contact.name} is {xero.status.value} in Xero and cannot be linked")
    if journal.is_made_for(db, connection.id, xero_id):
        raise NeedsPerson(
            f"Whether {xero.contact.name} was made in Karbon is not known yet", "Run a sync: it finds out."
        )
    return xero


def _no_issue(db: SqliteDatabase, connection: Connection, issue: int) -> str:
    xero_id = issues.xero_id_of(db, connection.id, issue)
    xero = mirror.xero_contact(db, connection.id, xero_id) if xero_id else None
    if xero is None or not links.is_linked(db, connection.id, xero.id):
        return f"There is no match issue {issue}"
    return f"There is no match issue {issue} any more: {_decided_by(db, connection, xero)}"


def _decided_by(db: SqliteDatabase, connection: Connection, xero: XeroContact) -> str:
    """What somebody else did with it: two admins look at the same list."""
    entry = journal.latest(db, connection.id, xero.id)
    who = f", by {entry.who}" if entry else ""
    ended = not links.synced_of(db, connection.id, [xero.id])
    return f"{xero.contact.name} is {'unsynced' if ended else 'linked already'}{who}"


def _only_candidate(db: SqliteDatabase, connection: Connection, xero: XeroContact) -> str:
    found = matching.candidates(db, connection.id, xero.id, connection.import_filter)
    free = [candidate for candidate in found if not candidate.taken]
    if len(free) == 1:
        return free[0].key
    keys = ", ".join(candidate.key for candidate in free) or "none is free"
    raise NeedsPerson(f"{xero.contact.name} has {len(free)} candidates: {keys}", Hint(Do.NAME_ONE))


@dataclass(frozen=True, slots=True)
class PickedMatch:
    """A match that a person picked: an issue's id or a ContactID, the Karbon contact, and what was seen of the two."""

    target: str
    karbon_key: str
    seen: str


async def confirm(program: Program, target: str, karbon_key: str | None = None, *, seen: str = "") -> Decided:
    """Match, as ``plan_match`` says; ``seen`` is the digest of what the person looked at, if anything.

    Raises what ``plan_match`` raises, LockHeld, and NeedsPerson when it is not what was seen any more.
    """
    return await decide(program, _confirm, target=target, karbon_key=karbon_key, seen=seen)


@decision
async def _confirm(work: Work, target: str, karbon_key: str | None, seen: str) -> Decided:
    async with sides.karbon_now(work):
        row = await _match_now(work, target, karbon_key)
        await work.program.store.run(_check_seen, work, row, seen)
        return await _link(work, [row])


async def confirm_all(program: Program, picks: Sequence[PickedMatch], report: Report = unwatched) -> Decided:
    """All of these as one decision; what cannot be matched any more stays, with the reason. Raises LockHeld."""
    return await decide(program, _confirm_all, report=report, picks=[list(astuple(pick)) for pick in picks])


@decision
async def _confirm_all(work: Work, picks: Sequence[Sequence[str]]) -> Decided:
    async with sides.karbon_now(work, *(key for _, key, _ in picks)):

        def plan(db: SqliteDatabase, target: str, key: str, seen: str) -> PlannedRow:
            row = _plan_match(db, work, target, key)
            _check_seen(db, work, row, seen)
            return row

        return await _each(work, {t: partial(plan, target=t, key=key, seen=seen) for t, key, seen in picks})


def _check_seen(db: SqliteDatabase, work: Work, row: PlannedRow, seen: str) -> None:
    ignored = issues.is_ignored(db, work.connection.id, row.xero.id)
    if seen and seen not in (row.digest, _seen(row, ignored=ignored)):
        raise NeedsPerson(f"{row.xero.contact.name} has changed since you looked", "Look at it again.")


async def create_new(program: Program, target: str) -> Decided:
    """Make a new Karbon contact from the Xero contact and link the two. Raises as ``confirm``."""
    return await decide(program, _create_new, target=target)


@decision
async def _create_new(work: Work, target: str) -> Decided:
    async with sides.karbon_now(work):
        return await _link(work, [await work.program.store.run(_plan_new, work, target)])


async def create_all(program: Program, targets: Sequence[str], report: Report = unwatched) -> Decided:
    """New Karbon contacts from all of these, as one decision; what cannot be made stays, with the reason."""
    return await decide(program, _create_all, report=report, targets=list(targets))


@decision
async def _create_all(work: Work, targets: Sequence[str]) -> Decided:
    async with sides.karbon_now(work):
        return await _each(work, {target: partial(_plan_new, work=work, target=target) for target in targets})


def _plan_new(db: SqliteDatabase, work: Work, target: str) -> PlannedRow:
    return plan_creation(db, work.connection, _unlinked(db, work, target))


async def _each(work: Work, plans: Mapping[str, Callable[[SqliteDatabase], PlannedRow]]) -> Decided:
    """Link what can be of these, by target, in batches; what cannot stays with its reason."""
    targets = list(plans)
    for start in range(0, len(targets), _BATCH):
        some = {target: plans[target] for target in targets[start : start + _BATCH]}
        rows = await work.program.store.run(_sound_rows, work, some)
        for target, one in zip(rows, await link_rows(work, list(rows.values())), strict=True):
            if not one.done:
                work.stays.append(Stays(one.change.whom(), one.reason, about=target))
        work.report(Progress("Deciding", start + len(some), len(targets)))
    return work.decided()


def _sound_rows(
    db: SqliteDatabase, work: Work, plans: Mapping[str, Callable[[SqliteDatabase], PlannedRow]]
) -> dict[str, PlannedRow]:
    """By target, what is to be linked; no Karbon contact twice."""
    rows: dict[str, PlannedRow] = {}
    taken: set[str] = set()
    for target, plan in plans.items():
        try:
            row = plan(db)
        except (NeedsPerson, UsageError) as error:
            work.stays.append(Stays("", error.what, about=target))
            continue
        if row.karbon and row.karbon.key in taken:
            reason = f"{row.karbon.contact.name} is matched with another contact by now"
            work.stays.append(Stays(row.xero.contact.name, reason, about=target))
            continue
        taken |= {row.karbon.key} if row.karbon else set()
        rows[target] = row
    return rows


async def _link(work: Work, rows: Sequence[PlannedRow]) -> Decided:
    """Link these. Raises NeedsPerson where one was not."""
    for one in await link_rows(work, rows):
        if one.deferred:
            why = "the Karbon contact changed meanwhile" if one.state is EntryState.FAILED else one.reason
            raise NeedsPerson(f"{one.change.whom()} was not linked: {why}", "Look at it again and decide again.")
        if not one.done:
            raise NeedsPerson(f"{one.change.whom()} was not linked: {one.reason}", "Decide again after that.")
    return work.decided()


async def ignore(program: Program, *ids: int) -> Decided:
    """Ignore issues: they stay listed under --ignored. Raises UsageError where there is none, or it is ignored."""
    return await decide(program, _ignore, ids=list(ids))


@decision
async def _ignore(work: Work, ids: Sequence[int]) -> Decided:
    def leave(db: SqliteDatabase) -> None:
        views = [_one(db, work.connection, number) for number in ids]
        if ignored := [view for view in views if view.ignored]:
            raise UsageError(f"{ignored[0].xero.contact.name} is ignored already", Hint(Do.IGNORED))
        here(db, work, [Ignore(view.xero.contact.name, view.xero.id, view.reason.value) for view in views])

    await work.program.store.run(leave)
    return work.decided()
