"""Resolve Match Issues, Conflicts: read, press, next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from xerosync_tui import words
from xerosync_tui.domain.connection import Connection
from xerosync_tui.domain.decided import Decided, Stays
from xerosync_tui.domain.progress import Report
from xerosync_tui.errors import XeroSyncError
from xerosync_tui.services import lists, triage
from xerosync_tui.services.lists import IssueRow
from xerosync_tui.services.triage import CandidateView, IssueView, PickedMatch
from xerosync_tui.tui import text
from xerosync_tui.tui.opening import open_in_karbon, open_in_xero
from xerosync_tui.tui.screens.base import Confirm
from xerosync_tui.tui.screens.confirm_all import ConfirmAll
from xerosync_tui.tui.screens.details import contact_rows
from xerosync_tui.tui.screens.match import ask_to_match, match_by_hand
from xerosync_tui.tui.screens.tabs import QueuePage
from xerosync_tui.tui.widgets.fitting import Fitted, paragraphs
from xerosync_tui.tui.widgets.listing import MarkingListing
from xerosync_tui.tui.widgets.sides import Sides, issue_sides, what_changes
from xerosync_tui.tui.widgets.table import Column

_NAMED = 6  # of several that one key is about


class Issues(QueuePage[IssueRow]):
    """The queue on one side, the pair on the other. A key decides, and the next one is there."""

    TAB = "issues"
    EMPTY = "Nothing waits for you. 2 shows the clients."
    CSS_PATH = "tabs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "confirm", "Confirm match", id="issues.confirm"),
        Binding("n", "create", "Create new", id="issues.create"),
        Binding("right", "candidate(1)", "Candidate", key_display="←→", id="issues.next_candidate"),
        Binding("left", "candidate(-1)", "Candidate before", show=False, id="issues.previous_candidate"),
        Binding("L", "alike", "All like this", show=False, id="issues.alike"),
        Binding("a", "another", "Another", id="issues.another"),
        Binding("i", "ignore", "Ignore", id="issues.ignore"),
        Binding("v", "show_ignored", "Show ignored", show=False, id="issues.show_ignored"),
        Binding("o", "in_xero", "Open in Xero", show=False, id="issues.in_xero"),
        Binding("O", "in_karbon", "Open in Karbon", show=False, id="issues.in_karbon"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._view: IssueView | None = None
        self._candidate = 0
        self._ignored = False

    def desk(self) -> ComposeResult:
        """Queue, pair, words."""
        with Horizontal(id="desk"):
            yield MarkingListing(
                [Column("Xero contact", lambda r: r.name), Column("Why", _short, width=8)], empty="", id="queue"
            )
            with Vertical(id="beside"):
                yield Sides()
                yield Fitted("… enter shows all of it", id="words")

    def source(self, connection: Connection) -> lists.Listing[IssueRow]:
        """Open issues."""
        return lists.issues(self.program, connection, ignored=self._ignored)

    def beside_tabs(self) -> str:
        """Whether ignored ones are among them."""
        return " +ignored" if self._ignored else ""

    @property
    def waiting(self) -> int:
        """Without the ignored ones among them."""
        status = self.xerosync.status
        return status.counts.match_issues if status and self._ignored else super().waiting

    # The issue under the cursor

    def draw(self) -> None:
        """Read it."""
        issue = self._listing.table.current_id
        if issue is None:
            self._view = None
            self._draw()
        else:
            self._find(issue)

    @work(exclusive=True, group="issue", exit_on_error=False)
    async def _find(self, issue: int) -> None:
        try:
            view = await triage.one(self.program, issue)
        except XeroSyncError:
            view = None  # decided elsewhere a moment ago: the next snapshot leaves it out
        if self._view is None or view is None or view.id != self._view.id:
            self._candidate = 0
        self._view = view
        self._draw()

    @property
    def view_in_hand(self) -> IssueView | None:
        """The issue under the cursor, once it is on the screen."""
        view, current = self._view, self._listing.table.current_id
        return None if view is None or view.id != current or view.id in self._decided else view

    def _to_decide(self) -> IssueView | None:
        """``view_in_hand``; a key that came too early decides nothing, and is told so."""
        view = self.view_in_hand
        if view is None and self._listing.table.current_id is not None:
            self.unavailable("Too fast: that key decided nothing.")
        return view

    def _chosen(self, view: IssueView) -> CandidateView | None:
        return view.candidates[self._candidate] if self._candidate < len(view.candidates) else None

    def _draw(self) -> None:
        view = self._view
        beside = self.query_one("#words", Fitted)
        if view is None:
            self.query_one(Sides).show(lambda room: [], lambda room: [])
            beside.show(lambda room: [])
            return
        candidate, many = self._chosen(view), len(view.candidates)
        title = f"Karbon  {self._candidate + 1} of {many}" if many > 1 else "Karbon"
        if candidate and many > 1:
            title += f", {candidate.likeness.mark}"
        self.query_one(Sides).show(*issue_sides(view, candidate), title)
        beside.show(paragraphs(what_changes(view, candidate)))

    def details(self) -> tuple[object, Sequence[object]] | None:
        """Both records and what Confirm would do, uncut."""
        if (view := self.view_in_hand) is None:
            return None
        candidate = self._chosen(view)
        rows = contact_rows("Xero", view.xero.contact)
        if candidate:
            many = f", {self._candidate + 1} of {len(view.candidates)}" if len(view.candidates) > 1 else ""
            karbon = candidate.karbon
            head = f"Karbon{many}: {karbon.kind.value}, {karbon.contact_type or 'no type'}"
            rows += contact_rows(head, karbon.contact)
        like = [f"Likeness {candidate.likeness}."] if candidate else []
        return view.xero.contact.name, [*rows, *what_changes(view, candidate), *like]

    def action_candidate(self, by: int) -> None:
        """The next Karbon contact it may be."""
        view = self.view_in_hand
        if view and view.candidates:
            self._candidate = (self._candidate + by) % len(view.candidates)
            self._draw()

    # Decisions

    def action_confirm(self) -> None:
        """Xero's data overwrites Karbon's, as the words below the pair say; of marked ones after a list of it."""
        if self.marked:
            self._read_together(lambda: triage.some(self.program, self._listing.chosen))
            return
        if (view := self._to_decide()) is None:
            return
        candidate = self._chosen(view)
        if candidate is None:
            self.unavailable("There is no Karbon contact to match with: n creates one, a finds another.")
        elif candidate.taken:
            self.unavailable("Taken by another Xero contact: n creates, a finds another.")
        elif not candidate.karbon.whole:  # nobody has seen what would be lost before it is read
            karbon = candidate.karbon
            ask_to_match(self.xerosync, str(view.id), view.xero.contact.name, karbon.key, self._matched)
        else:
            pick = _pick(view, candidate)
            self.decide([view.id], lambda _: triage.confirm(self.program, pick.target, pick.karbon_key, seen=pick.seen))

    def action_alike(self) -> None:
        """Confirm all with the same reason and one candidate, after a list of what that changes."""
        if (view := self.view_in_hand) is not None:
            self._read_together(lambda: triage.alike(self.program, view.id))

    def _ask_about(self, found: list[IssueView]) -> None:
        """Show what confirming these would change, as far as each has one free candidate of its own."""
        pairs = [(view, candidate) for view, candidate in triage.clear_cases(found) if candidate.karbon.whole]
        if not pairs:
            self.unavailable("None of them has a single free candidate to match with: decide one by one.")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                picks = [_pick(*pair) for pair in pairs]
                self.decide(
                    [view.id for view, _ in pairs], lambda report: triage.confirm_all(self.program, picks, report)
                )

        others = len(found) - len(pairs)
        stay = text.counted(others, "stays", "stay")
        unread = ", or its card is not read yet" if self.xerosync.account else ""
        left = f"{stay}: several candidates, none, or one that another has too{unread}." if others else ""
        title = f"Confirm {text.counted(len(pairs), 'match', 'matches')}?"
        self.app.push_screen(ConfirmAll(title, pairs, left), answered)

    @work(exclusive=True, group="together", exit_on_error=False)
    async def _read_together(self, read: Callable[[], Awaitable[list[IssueView]]]) -> None:
        try:
            found = await read()
        except XeroSyncError as error:
            self.xerosync.tell(error)
        else:
            self._ask_about(found)

    def action_create(self) -> None:
        """A new Karbon contact from Xero's data; of several marked ones after their names."""

        def make() -> None:
            self._decide_each(lambda ids, report: triage.create_all(self.program, [str(i) for i in ids], report))

        rows = self.rows_of(self._listing.chosen) if self.marked else []
        if len(rows) < 2:
            make()
            return
        names: list[object] = [f"  {row.name}" for row in rows[:_NAMED]]
        if len(rows) > _NAMED:
            names.append(f"  … and {text.number(len(rows) - _NAMED)} more")
        title = f"Make {len(rows)} new contacts in Karbon?"
        self.app.push_screen(Confirm(title, text.lines(*names), "Make them"), lambda yes: make() if yes else None)

    def action_ignore(self) -> None:
        """Leave it; it is listed with the ignored ones."""
        self._decide_each(lambda ids, _: triage.ignore(self.program, *ids))

    def _decide_each(self, carry_out: Callable[[Sequence[int], Report], Awaitable[Decided]]) -> None:
        """The same with the marked issues, or with the one under the cursor."""
        if not self.marked and self._to_decide() is None:
            return
        if ids := [row.id for row in self.rows_of(self._listing.chosen)]:
            self.decide(ids, lambda report: carry_out(ids, report))

    async def refused(self, stays: Sequence[Stays]) -> None:
        """They are listed under Failed too, so that nobody has to stop for them."""
        from xerosync_tui.services import failed

        await failed.keep_refused(self.program, {int(one.about): one.reason for one in stays})

    def action_another(self) -> None:
        """Match with a Karbon contact that is not among the candidates."""
        if (view := self.view_in_hand) is not None:
            match_by_hand(self.xerosync, str(view.id), view.xero.contact, self._matched)

    def _matched(self, _: Decided) -> None:
        self.say_last("")
        self.reload()

    def was_undone(self, issue: int) -> None:
        """Back to the issue that is open again."""
        if issue:
            self.seek(issue)

    def seek(self, issue: int) -> None:
        """Put the cursor on this issue once it is listed."""
        self._listing.table.seek(issue)

    def action_show_ignored(self) -> None:
        """With or without the ignored ones."""
        self._ignored = not self._ignored
        self.reload()

    async def action_in_xero(self) -> None:
        """The contact's page in Xero."""
        if (view := self.view_in_hand) is not None:
            await open_in_xero(self.xerosync, view.xero.id, view.xero.contact.name)

    async def action_in_karbon(self) -> None:
        """The candidate's page in Karbon."""
        view = self.view_in_hand
        if view and (candidate := self._chosen(view)):
            karbon = candidate.karbon
            await open_in_karbon(self.xerosync, karbon.kind, karbon.key, karbon.contact.name)


def _pick(view: IssueView, candidate: CandidateView) -> PickedMatch:
    return PickedMatch(str(view.id), candidate.karbon.key, candidate.digest)


def _short(row: IssueRow) -> str:
    return "ignored" if row.ignored else words.reason(row.reason) if row.reason else "-"
