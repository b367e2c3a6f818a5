"""The preview: everything the next sync would do. Before the first one, a veto for each row, and its start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import ContentSwitcher, Static

from xerosync_tui.domain.connection import Brake, Connection
from xerosync_tui.domain.contact import Kind
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.match import Verdict
from xerosync_tui.domain.plan import PlannedRow
from xerosync_tui.domain.states import RunKind, RunState
from xerosync_tui.errors import XeroSyncError
from xerosync_tui.services import kinds, lists, overview, pending
from xerosync_tui.services.pending import Pending
from xerosync_tui.tui import text
from xerosync_tui.tui.screens.base import Confirm, Page, Told
from xerosync_tui.tui.screens.consent import steps
from xerosync_tui.tui.screens.details import Details
from xerosync_tui.tui.screens.plan_words import (
    api_notes,
    change_in_words,
    change_place,
    change_rows,
    changes,
    details,
    done_in_words,
    first_in_numbers,
    next_in_numbers,
)
from xerosync_tui.tui.widgets.listing import Fixed, Listing
from xerosync_tui.tui.widgets.table import Column
from xerosync_tui.tui.widgets.top_bar import progress_in_words

if TYPE_CHECKING:
    from xerosync_tui.services.sync import RunResult

_TABS: dict[str, tuple[str, Verdict | None]] = {
    "changes": ("Changes", None),  # of the links there are, from the first sync on
    "full": ("Full matches", Verdict.FULL_MATCH),
    "conflicts": ("Conflicts", Verdict.CONFLICT),
    "new": ("New", Verdict.NEW),
    "left": ("Left out", Verdict.LEFT_OUT),
}
_RUNS = {
    "preview": "Reading both sides; nothing is written.",
    "first sync": "The first sync is running.",
    "sync": "A sync is running.",
}
_NONE = text.lines(("  There is no preview yet.", "bold"), "  p reads both sides and shows what would happen.")
_BRAKED = text.lines(
    ("  Nothing was done: it is not, or not any more, what you agreed to.", "bold"), "  p reads anew and lists it."
)
_STOPPED = text.lines(("  It stopped. What was done stays done.", "bold"), "  s goes on with it, p reads anew.")
_ENDED = text.lines(("  The sync has ended.", "bold"), "  p reads both sides and shows what the next one would do.")


class PreviewPage(Page):
    """The plan in numbers and in lists. ``S`` starts the first sync; nothing else does."""

    CSS_PATH = "preview.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("S", "start", "Start the first sync", id="preview.start"),
        Binding("s", "sync", "Sync now", id="preview.sync"),
        Binding("S", "sync", "Sync now", show=False, id="preview.sync_too"),
        Binding("space", "veto", "Veto", id="preview.veto"),
        Binding("space", "no_veto", "Veto", show=False, id="preview.veto_too"),
        Binding("K", "kind", "Kind", id="preview.kind"),
        Binding("K", "no_kind", "Person / organization", show=False, id="preview.kind_too"),
        Binding("tab", "next_tab(1)", "Next list", id="preview.next", priority=True),
        Binding("shift+tab", "next_tab(-1)", "List before", show=False, id="preview.previous", priority=True),
        Binding("enter", "row", "Row", id="preview.row"),
        Binding("b", "fill_blanks", "Fill blanks in Xero later", show=False, id="preview.fill"),
        Binding("p", "preview", "Read anew", id="preview.again"),
        Binding("x", "stop", "Stop", show=False, id="preview.stop"),
        Binding("escape", "back", "Back", id="preview.back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._counts: Counts | None = None
        self._brake: Brake | None = None
        self._first = True  # the preview that stands is one of the first sync
        self._unread = 0  # cards, when the rows were last shown
        self._looked = False  # whether there is a preview already
        self._under_way = ""  # the run that was under way at the last look
        self._began = False  # it was started here
        self._setting_up = False  # it was the first sync
        self._outcome: Content | None = None  # of the run that has ended; the preview is spent
        self._changes: int | None = None  # links that something would be done to
        self._changes_shown = False  # they come first, once

    @property
    def crumb(self) -> object:
        """What it is after the first day."""
        return "Preview of the next sync"

    def trail(self) -> Content:
        """The step of the set-up; after the first sync the way here."""
        if self._setting_up or self._first:
            return text.safe(steps(4 if self._setting_up else 3))
        return super().trail()

    def body(self) -> ComposeResult:
        """Numbers, tabs, lists."""
        yield Static("", id="numbers", markup=False)
        yield Static("", id="tabs", markup=False)
        with ContentSwitcher(initial="full"):
            yield Listing(_CHANGES, empty="The links there are stay as they are.", id="changes", mark_width=0)
            yield Listing(_FULL, empty="No full match.", id="full", mark=self._tick, mark_width=3)
            yield Listing(_WAITING, empty="No conflict.", id="conflicts", mark_width=0)
            yield Listing(_NEW, empty="Every contact has somebody like it in Karbon.", id="new", mark_width=0)
            yield Listing(_LEFT_OUT, empty="The import filter leaves nobody out.", id="left", mark_width=0)

    def _tick(self, row: PlannedRow) -> str:
        if not self._first:
            return "   "
        return "[ ]" if row.xero.id in self._vetoed else "[✓]"

    @property
    def _connection(self) -> Connection | None:
        return self.xerosync.connection

    @property
    def _vetoed(self) -> set[str]:
        """Kept by the app: they outlive this page."""
        connection = self._connection
        return self.xerosync.vetoes.setdefault(connection.id, set()) if connection else set()

    # What is shown

    def reload(self) -> None:
        """The preview that stands, or a new one."""
        if not self._looked:
            self.run_worker(self._find(), exclusive=True, group="find", exit_on_error=False)
        self._follow_reading()
        self._draw()

    def _follow_reading(self) -> None:
        """With Karbon's API a plan stands before the cards are read, and fills in while they are."""
        status = self.xerosync.status
        run = status.last_run if status else None
        if status is None or run is None or not self._reading:
            return
        stands = run.kind is RunKind.PREVIEW and run.state is RunState.RUNNING and run.counts.read
        if stands and (self._counts, self._unread) != (run.counts, status.cards.unread):
            self._counts, self._unread = run.counts, status.cards.unread
            self._first = self._connection is not None and self._connection.started_at is None
            self._show()

    @property
    def _reading(self) -> bool:
        """Whether a preview of ours is at work on Karbon's API."""
        return self.xerosync.jobs.kind == "preview" and self.xerosync.account is not None

    async def _find(self) -> None:
        self._first = self._connection is not None and self._connection.started_at is None
        self._counts = await overview.plan_counts(self.program)
        self._looked = True
        if self._counts is not None:
            self._show()
        elif not self._reading:
            self.action_preview()

    def job_moved(self) -> None:
        """Progress where the numbers are; what became of it when it ends."""
        if not self.is_mounted:
            return
        kind = self.xerosync.jobs.kind if self.xerosync.jobs.kind in _RUNS else ""
        if self._under_way and not kind:
            self._end(self._under_way)
        self._under_way = kind
        self._draw()

    def _end(self, kind: str) -> None:
        """A run has ended. One that had not begun to write leaves the preview as it was."""
        unwritten = self._connection is not None and self._connection.started_at is None
        if kind != "preview" and self._outcome is None and not unwritten:
            connection = self._connection
            self._outcome = _BRAKED if connection and connection.brake else _STOPPED if self._began else _ENDED
        if kind == "preview" and self._counts is not None:
            self.run_worker(self._take_what_was_read(), exclusive=True, group="find", exit_on_error=False)
        self._began = False
        self._setting_up &= self._outcome is not None

    async def _take_what_was_read(self) -> None:
        """A reading of cards that was stopped leaves the plan of those that it read."""
        await self.xerosync.read_status()
        run = self.xerosync.status.last_run if self.xerosync.status else None
        if (
            run
            and run.kind is RunKind.PREVIEW
            and run.state is not RunState.DONE
            and run.counts.read
            and self.is_attached
        ):
            self._counts = run.counts
            self._show()

    @property
    def _listed(self) -> bool:
        return self._counts is not None and self._outcome is None and self._under_way in ("", "preview")

    def _draw(self) -> None:
        self.show_trail()
        words = self._words()
        numbers = self.query_one("#numbers", Static)
        if numbers.content != words:
            numbers.update(words)
        switcher = self.query_one(ContentSwitcher)
        if switcher.display != self._listed:
            switcher.display = self.query_one("#tabs").display = self._listed
            self.refresh_bindings()

    def _words(self) -> Content:
        if self._under_way and not (self._reading and self._counts is not None):
            how = progress_in_words(self._under_way, self.xerosync.jobs.progress)
            more = "x stops it." if self._under_way == "preview" else "You can leave this page (esc); x stops it."
            return text.lines(f"  {_RUNS[self._under_way]}", text.line("  ", (how, "bold")), ("  " + more, "dim"))
        if self._outcome is not None:
            return self._outcome
        if self._counts is None or self._connection is None:
            return _NONE if self._looked else text.safe("")
        fill = self._connection.fill_xero_blanks
        status = self.xerosync.status
        notes = api_notes(status, self._reading, "S" if self._first else "s", self.size.width) if status else []
        if not self._first:
            brake = self._brake.reason if self._brake else ""
            return text.lines(next_in_numbers(self._counts, fill, brake, self.size.width), *notes)
        linked = status.counts.synced if status else 0
        return text.lines(first_in_numbers(self._counts, linked, len(self._vetoed), fill, self.size.width), *notes)

    def on_resize(self) -> None:
        """The numbers are wrapped by hand."""
        self._draw()

    def _show(self) -> None:
        connection = self._connection
        if connection is None:
            return
        self._draw()
        if not self._first:
            self._read_changes()
        for name, (_, verdict) in _TABS.items():
            listing = self.query_one(f"#{name}", Listing)
            if verdict is None:
                continue
            if verdict in (Verdict.FULL_MATCH, Verdict.NEW):
                listing.show(lists.doing(self.program, connection, verdict))
            else:
                listing.show(lists.waiting(self.program, connection, verdict))
        if not self._first and not self._changes_shown:
            self.query_one(ContentSwitcher).current, self._changes_shown = "changes", True
        self._show_tabs(focus=not self._reading)  # somebody may be typing in the filter

    @work(exclusive=True, group="changes", exit_on_error=False)
    async def _read_changes(self) -> None:
        try:
            found = await pending.listed(self.program)
        except XeroSyncError as error:
            self.xerosync.tell(error)
            return
        self._changes = len(found)
        self.query_one("#changes", Listing).show(Fixed(found, lambda one: one.xero.contact.name))
        self._show_tabs()

    @property
    def _listing(self) -> Listing[Any]:
        return self.query_one(f"#{self.query_one(ContentSwitcher).current}", Listing)

    @property
    def _tabs(self) -> list[str]:
        return [name for name in _TABS if name != "changes" or not self._first]

    def _show_tabs(self, *, focus: bool = True) -> None:
        current = self.query_one(ContentSwitcher).current
        parts: list[object] = [" "]
        for name in self._tabs:
            title, verdict = _TABS[name]
            counted = self._changes if verdict is None else self._counts.of(verdict) if self._counts else None
            count = "" if counted is None else text.number(counted)
            parts.append((f" {title} {count} ", "bold reverse" if name == current else ""))
        self.query_one("#tabs", Static).update(text.line(*parts))
        self.refresh_bindings()
        if focus:
            self._listing.table.focus()

    def action_next_tab(self, by: int) -> None:
        """The list beside."""
        switcher = self.query_one(ContentSwitcher)
        names = self._tabs
        switcher.current = names[(names.index(str(switcher.current)) + by) % len(names)]
        self._show_tabs()

    @on(Listing.Shown)
    def _shown(self) -> None:
        if self.focused is None and self._listed:
            self._listing.table.focus()

    # The preview

    def action_preview(self) -> None:
        """Read both sides anew."""

        async def work(report: Callable[..., None]) -> RunResult:
            from xerosync_tui.services import sync as run

            result = await run.preview(self.program, report)
            self._vetoed.intersection_update(await overview.vetoable(self.program, self._vetoed))
            await self.xerosync.read_status()
            return result

        if not self.xerosync.jobs.kind:
            self._counts = self._outcome = None
            self._setting_up = False
        self.xerosync.jobs.start("preview", work, self._previewed)

    def _previewed(self, result: RunResult) -> None:
        self._counts, self._brake = result.counts, result.brake
        self._first = self._connection is not None and self._connection.started_at is None
        if self.is_attached:
            self._show()

    # Rows

    def action_veto(self) -> None:
        """Hold a full match back, or let it go on again; it becomes a match issue."""
        listing = self._listing
        row = listing.table.current
        if listing.id != "full" or not isinstance(row, PlannedRow):
            self.xerosync.say(
                "A veto is for a full match; conflicts wait for you, new ones can be unsynced later.",
                severity="warning",
            )
            return
        self._vetoed.symmetric_difference_update({row.xero.id})
        listing.table.redraw(listing.table.cursor)
        listing.table.action_move(1)
        self._draw()

    def action_no_veto(self) -> None:
        """Why there is none any more."""
        words = "A veto is for the first sync, which is done: now a client is unsynced in the Client List (2)."
        self.xerosync.say(words, severity="warning")

    def action_kind(self) -> None:
        """Make a new one a person instead of an organization, or the other way round, before it is made."""
        listing = self._listing
        row = listing.table.current
        if not isinstance(row, PlannedRow):
            return

        def chosen(found: Sequence[kinds.Chosen]) -> None:
            self.xerosync.say(
                f"{found[0].name}: becomes a{'n' * (found[0].kind is Kind.ORGANIZATION)} {found[0].kind}."
            )
            listing.table.reread()
            self.run_worker(self._recount(), group="recount", exit_on_error=False)

        self.xerosync.jobs.decide(lambda: kinds.choose(self.program, {row.xero.id: None}), chosen)

    def action_no_kind(self) -> None:
        """Say where that is chosen."""
        self.xerosync.say("What a contact becomes is chosen for new ones: see New (tab).", severity="warning")

    async def _recount(self) -> None:
        if self._first:
            self._counts = await overview.plan_counts(self.program)
            self._draw()

    def action_row(self) -> None:
        """Everything about a row."""
        row = self._listing.table.current
        if isinstance(row, PlannedRow):
            self.app.push_screen(Told(row.xero.contact.name, *details(row, row.xero.id in self._vetoed)))
        elif isinstance(row, Pending):
            self.app.push_screen(Details(row.xero.contact.name, change_rows(row)))
        elif row is not None:
            self.app.push_screen(Told(row.name, row.reason.sentence if row.reason else "Outside the filter."))

    def action_fill_blanks(self) -> None:
        """Whether the continuous sync will fill into Xero what only Karbon has."""
        connection = self._connection
        if connection is None:
            return
        value = "no" if connection.fill_xero_blanks else "yes"

        def done(changed: object) -> None:
            self.run_worker(self._reread(), group="reread", exit_on_error=False)

        self.xerosync.jobs.decide(lambda: overview.change_settings(self.program, {"fill_blanks": value}), done)

    async def _reread(self) -> None:
        await self.xerosync.read_status()
        self._draw()

    # The start

    def action_start(self) -> None:
        """Do what the lists show; where cards are still being read, with those that are."""
        if self._counts is None:
            self.xerosync.say("The preview comes first.", severity="warning")
        else:
            self._sync("first sync", confirmed=True, vetoes=sorted(self._vetoed))

    def action_sync(self) -> None:
        """A later sync, or go on with one that stopped. What would be stopped by a brake is asked first."""
        brake = self._brake

        def answered(yes: bool | None) -> None:
            if brake and yes:
                self._sync("sync", approved=brake.digest)

        if brake is None or self._outcome is not None:
            self._sync("first sync" if self._first else "sync")
        else:
            self.app.push_screen(Confirm("Do it all the same?", text.safe(f"{brake.reason}."), "Sync"), answered)

    def _sync(self, kind: str, **word: Any) -> None:
        if self._reading and self._counts is not None:
            self.xerosync.run_worker(self._sync_instead(kind, word), group="start", exit_on_error=False)
            return

        async def work(report: Callable[..., None]) -> RunResult:
            from xerosync_tui.services import sync as run

            if vetoes := word.get("vetoes"):  # of a row whose card was read meanwhile there may be nothing to hold
                word["vetoes"] = sorted(await overview.vetoable(self.program, vetoes))
            try:
                return await run.sync(self.program, report, **word)
            finally:
                await self.xerosync.read_status()

        if not self.xerosync.jobs.kind:
            self._outcome, self._began, self._setting_up = None, True, kind == "first sync"
        self.xerosync.jobs.start(kind, work, self._done)

    async def _sync_instead(self, kind: str, word: dict[str, Any]) -> None:
        """Stop the reading, which keeps what was read, and start."""
        await self.xerosync.jobs.halt()
        self._sync(kind, **word)

    def _done(self, result: RunResult) -> None:
        if connection := self._connection:
            self.xerosync.vetoes.pop(connection.id, None)
        self._outcome, self._first = done_in_words(result), False
        if self.app.screen is not self:
            linked, created = result.counts.linked, result.counts.created
            self.xerosync.say(f"The sync is done: {linked} linked, {created} created.")

    def action_stop(self) -> None:
        """Stop the run under way."""
        if not self.xerosync.jobs.stop():
            self.xerosync.say("No run of this program is under way.")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What there is to choose here: rows while they are listed, ``S`` while the first sync is to come."""
        if action == "start":
            return self._first and self._listed
        if action == "sync":
            return not (self._first and self._outcome is None)
        if action in {"veto", "no_veto"}:
            return self._listed and self._first == (action == "veto")
        if action == "kind":  # where it does something: the bar has little room
            return self._listed and self._listing.id == "new"
        return self._listed or action not in {"next_tab", "row", "fill_blanks", "no_kind"}


_FULL: list[Column[PlannedRow]] = [
    Column("Name", lambda r: r.xero.contact.name, share=2),
    Column("Karbon now ▸ Xero's data", changes, share=3),
]
_CHANGES: list[Column[Pending]] = [
    Column("Client", lambda p: p.xero.contact.name, share=2),
    Column("Where", change_place, width=9),
    Column("What would change", change_in_words, share=4),
]
_NEW: list[Column[PlannedRow]] = [
    Column("Name", lambda r: r.xero.contact.name, share=3),
    Column("Becomes", lambda r: r.guess.kind.value if r.guess else "-", width=12),
    Column("Sure", lambda r: r.guess.sureness if r.guess else "-", width=11),
    Column("Because", lambda r: r.guess.reason if r.guess else "-", share=3),
]
_WAITING: list[Column[lists.IssueRow]] = [
    Column("Name", lambda r: r.name, share=3),
    Column("Billing email", lambda r: r.email or "-", share=3),
    Column("Why", lambda r: r.reason.value if r.reason else "-", width=26),
]
_LEFT_OUT: list[Column[lists.IssueRow]] = [
    Column("Name", lambda r: r.name),
    Column("Billing email", lambda r: r.email or "-"),
]
