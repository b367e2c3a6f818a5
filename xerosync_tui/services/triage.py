"""Decisions about match issues, one at a time: confirm, create, match with another, ignore, take back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from peewee import SqliteDatabase

from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.contact import Field, KarbonContact, Value, XeroContact, XeroStatus
from xerosync_tui.domain.match import Reason, Verdict
from xerosync_tui.domain.plan import PlannedRow, plan_link
from xerosync_tui.engine.apply import link_rows
from xerosync_tui.engine.decisions import decide, decision
from xerosync_tui.engine.plan import plan_creation
from xerosync_tui.engine.pull import read_cards
from xerosync_tui.engine.sides import karbon_now
from xerosync_tui.errors import NeedsPerson, UsageError
from xerosync_tui.program import Program, active
from xerosync_tui.remotes.ports import Directory
from xerosync_tui.store import issues, journal, links, matching, mirror, runs

if TYPE_CHECKING:
    from xerosync_tui.domain.suggest import Resemblance


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


@dataclass(frozen=True, slots=True)
class Decision:
    """What a decision did. ``entry`` is what ``undo`` takes; ``changes`` as in CandidateView."""

    entry: int
    xero: XeroContact
    karbon_key: str
    changes: Mapping[Field, tuple[Value, Value]]


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
        raise UsageError(f"There is no match issue {issue}", "See `xerosync issues`.")
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
    before the first sync, LockHeld.
    """
    return await decide(program, _planned_match, target=target, karbon_key=karbon_key)


@decision(PlannedRow)
async def _planned_match(program: Program, connection: Connection, target: str, karbon_key: str | None) -> PlannedRow:
    async with karbon_now(program, connection) as directory:
        return await _match_now(program, directory, connection, target, karbon_key)


async def _match_now(
    program: Program, directory: Directory, connection: Connection, target: str, karbon_key: str | None
) -> PlannedRow:
    """The match, with Karbon's contact read whole."""
    if connection.uses_api:
        row = await program.store.run(_plan_match, connection, target, karbon_key)
        assert row.karbon
        await read_cards(program, directory, connection, [row.karbon.key])
    return await program.store.run(_plan_match, connection, target, karbon_key)


def _plan_match(db: SqliteDatabase, connection: Connection, target: str, karbon_key: str | None) -> PlannedRow:
    xero = _unlinked(db, connection, target)
    key = karbon_key or _only_candidate(db, connection, xero)
    karbon = mirror.karbon_contact(db, connection.id, key)
    if karbon is None:
        raise UsageError(f"There is no Karbon contact {key}", "See `xerosync contacts`.")
    partner = links.of_karbon(db, connection.id, key)
    if partner and partner.state == "synced":  # one that ended may be linked by hand, though never by itself
        other = mirror.xero_contact(db, connection.id, partner.xero_id)
        name = other.contact.name if other else partner.xero_id
        raise UsageError(
            f"{karbon.contact.name} ({key}) belongs to the Xero contact {name}",
            "Choose another, or create a new contact.",
        )
    return plan_link(Verdict.CONFLICT, xero, karbon, connection.region)


def _unlinked(db: SqliteDatabase, connection: Connection, target: str) -> XeroContact:
    if connection.started_at is None:
        raise NeedsPerson("Nothing is linked before the first sync", "Run `xerosync sync --preview`, then --yes.")
    xero_id = target
    if target.isdecimal():
        issue = issues.by_id(db, connection.id, int(target))
        if issue is None:
            raise UsageError(_no_issue(db, connection, int(target)), "See `xerosync issues`.")
        xero_id = issue.xero.id
    xero = mirror.xero_contact(db, connection.id, xero_id)
    if xero is None:
        raise UsageError(f"There is no Xero contact {target}", "See `xerosync issues` or `xerosync left-out`.")
    if links.is_linked(db, connection.id, xero_id):
        raise UsageError(_decided_by(db, connection, xero), "See `xerosync clients`, or `xerosync issues`.")
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
    raise NeedsPerson(f"{xero.contact.name} has {len(free)} candidates: {keys}", "Name one with --match KEY.")


async def confirm(program: Program, target: str, karbon_key: str | None = None, *, seen: str = "") -> Decision:
    """Match, as ``plan_match`` says; ``seen`` is the digest of what the person looked at, if anything.

    Raises what ``plan_match`` raises, and NeedsPerson when it is not what was seen any more.
    """
    return await decide(program, _confirm, target=target, karbon_key=karbon_key, seen=seen)


@decision(Decision)
async def _confirm(
    program: Program, connection: Connection, target: str, karbon_key: str | None, seen: str
) -> Decision:
    async with karbon_now(program, connection) as directory:
        row = await _match_now(program, directory, connection, target, karbon_key)
        ignored = await program.store.run(issues.is_ignored, connection.id, row.xero.id)
        if seen and seen not in (row.digest, _seen(row, ignored=ignored)):
            raise NeedsPerson(f"{row.xero.contact.name} has changed since you looked", "Look at it again.")
        return await _carry_out(program, directory, connection, row)


async def create_new(program: Program, target: str) -> Decision:
    """Make a new Karbon contact from the Xero contact and link the two. Raises as ``confirm``."""
    return await decide(program, _create_new, target=target)


@decision(Decision)
async def _create_new(program: Program, connection: Connection, target: str) -> Decision:
    async with karbon_now(program, connection) as directory:
        xero = await program.store.run(_unlinked, connection, target)
        row = await program.store.run(plan_creation, connection, xero)
        return await _carry_out(program, directory, connection, row)


async def _carry_out(program: Program, directory: Directory, connection: Connection, row: PlannedRow) -> Decision:
    counts = await link_rows(program, directory, connection, [row], None)
    entry = await program.store.run(journal.latest, connection.id, row.xero.id)
    if counts["failed"]:
        reason = await program.store.run(runs.why_failed, connection.id, "karbon", row.xero.id)
        raise NeedsPerson(f"{row.xero.contact.name} was not linked: {reason}", "Decide again after that.")
    if counts["deferred"] or entry is None:
        raise NeedsPerson(
            f"{row.xero.contact.name} was not linked: the Karbon contact changed meanwhile",
            "Look at it again and decide again.",
        )
    return Decision(entry.id, row.xero, entry.intent.karbon_key, row.changes)


async def ignore(program: Program, issue: int) -> Decision:
    """Ignore an issue: it stays listed under --ignored. Raises UsageError where there is none."""
    return await decide(program, _ignore, issue=issue)


@decision(Decision)
async def _ignore(program: Program, connection: Connection, issue: int) -> Decision:
    view = await program.store.run(_one, connection, issue)
    if view.ignored:
        raise UsageError(f"{view.xero.contact.name} is ignored already", "See `xerosync issues --ignored`.")
    intent = journal.Intent("ignore", view.xero.id, "", {}, {}, view.reason.value)

    def write(db: SqliteDatabase) -> int:
        now = program.now_ms()
        issues.set_ignored(db, connection.id, view.xero.id, True)
        ids = journal.intend(db, connection.id, None, program.settings.user, now, [intent])
        journal.settle(db, now, [journal.Result(ids[0], "done", "")])
        return ids[0]

    return Decision(await program.store.run(write), view.xero, "", {})
