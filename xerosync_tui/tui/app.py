"""The program on the screen: its places, its jobs, and what happens when something goes wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter, NoColor
from textual.screen import Screen
from textual.worker import WorkerFailed

from xerosync_tui.domain.connection import Connection, KarbonAccount
from xerosync_tui.domain.display import clean, fitted
from xerosync_tui.errors import MachineError, NeedsPerson, XeroSyncError
from xerosync_tui.log import record
from xerosync_tui.program import Program
from xerosync_tui.services import overview
from xerosync_tui.tui import history_words, keymap, terminal, text, words
from xerosync_tui.tui.jobs import Jobs
from xerosync_tui.tui.own_sync import OwnSync
from xerosync_tui.tui.screens.base import Page, Told
from xerosync_tui.tui.widgets import too_small
from xerosync_tui.tui.widgets.top_bar import TopBar, progress_in_words

if TYPE_CHECKING:
    from textual.command import Provider

    from xerosync_tui.services.sync import RunResult

_IN_WORDS = {"⏎": "enter", "⌫": "backspace", "↑": "up", "↓": "down"}  # keys whose sign has no stand-in
_NO_COLOR = NoColor()
_THEMES = {"dark": "textual-dark", "light": "textual-light", "terminal": "ansi-dark"}
_CLOCK = 0.25  # seconds between two looks at what is under way
_MINUTES_MOVE = 40  # looks after which "2 min ago" is drawn anew
_SAID = 4.0  # seconds a short word is shown


def _page(module: str, name: str) -> Callable[[], Page]:
    """Makes a page of that name, imported when it is first shown."""

    def make() -> Page:
        page: Page = getattr(import_module(f"{__package__}.screens.{module}"), name)()
        return page

    return make


def _contacts_by_name() -> type[Provider]:
    from xerosync_tui.tui.palette import ContactsByName

    return ContactsByName


class XeroSyncApp(App[int]):
    """The screens over one program. ``answer_consent`` answers the sandbox's consent page, in the demo."""

    TITLE = "XeroSync"
    CSS_PATH = "app.tcss"
    MODES = {  # noqa: RUF012
        "apps": _page("apps", "Apps"),
        "clients": _page("clients", "Clients"),
        "issues": _page("issues", "Issues"),
        "field_conflicts": _page("field_conflicts", "FieldConflicts"),
        "unsynced": _page("unsynced", "Unsynced"),
        "failed": _page("failed", "Failed"),
        "contacts": _page("contacts", "Contacts"),
        "activity": _page("activity", "Activity"),
    }
    DEFAULT_MODE = "apps"
    COMMANDS = App.COMMANDS | {_contacts_by_name}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+z", "suspend", "Suspend", show=False, id="app.suspend"),
        Binding("ctrl+c,ctrl+q", "leave", "Quit", show=False, id="app.quit", priority=True),
    ]

    def __init__(self, program: Program, *, answer_consent: Callable[[str], Awaitable[None]] | None = None) -> None:
        super().__init__()
        self.theme = _THEMES[program.settings.theme]
        self.animation_level = "none"  # every frame of an animation is bytes over a slow line
        self.program = program
        self.answer_consent = answer_consent
        self.jobs = Jobs(self)
        self.own_sync = OwnSync(self)
        self.status: overview.Status | None = None
        self.failure: BaseException | None = None
        self.offered = 0  # the decision that the next z takes, where the last one cannot be undone
        self.vetoes: dict[int, set[str]] = {}  # by connection: rows held back from a first sync that has yet to come
        self._file = _identity(program)
        self._seen = -1
        self._looking = False
        self._leaving = False
        self._ticks = 0

    async def on_mount(self) -> None:
        """From here on signals end it cleanly, and the clock looks for changes."""
        terminal.guard(self)
        keymap.apply(self)
        self.set_interval(_CLOCK, self._look)
        self._look()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual keeps to NO_COLOR as the first theme needs it: the terminal's own colours would be black on black."""
        return [_NO_COLOR] if self.no_color and self.native_ansi_color else super().get_line_filters()

    def on_resize(self, event: events.Resize) -> None:
        """A window that is too small for the screens shows a notice in their place."""
        too_small.follow(self, event.size)

    async def on_event(self, event: events.Event) -> None:
        """While nothing of a page can be seen, its keys do nothing."""
        if not self._is_blind(event):
            await super().on_event(event)

    def _is_blind(self, event: events.Event) -> bool:
        """Whether somebody types or clicks without seeing the page; to quit and to suspend, nothing need be seen."""
        if not isinstance(event, events.InputEvent | events.Paste) or not too_small.is_too_small(self.size):
            return False
        active = self.screen.active_bindings.get(event.key) if isinstance(event, events.Key) else None
        return active is None or active.binding.id not in {"app.quit", "app.suspend"}

    @property
    def connection(self) -> Connection | None:
        """The active connection, as last read."""
        return self.status.connection if self.status else None

    @property
    def account(self) -> KarbonAccount | None:
        """The account of Karbon's API that is in use, as last read; None: the built-in directory is."""
        return self.status.account if self.status else None

    # What is going on

    def _look(self) -> None:
        """Draw the progress; when anybody wrote to the database, read anew what is shown."""
        if not self.is_running:  # its screens are being taken down
            return
        too_small.follow(self, self.size)  # another screen may have come up
        if self.jobs.kind:
            self.show_state()
        if self._looking:
            return
        try:
            version = self.program.store.data_version()
            self._check_file()
        except XeroSyncError as error:
            self._stop_with(error)
            return
        self._ticks += 1
        waits = self.status is not None and self.status.at_work and self._ticks % 4 == 0  # that lock falls silently
        if version != self._seen or waits:
            self._seen = version
            self._looking = True
            self.run_worker(self._read_status(), group="status", exit_on_error=False)
            return
        if self._ticks % _MINUTES_MOVE == 0:
            self.show_state()
            self._page.renew()
        try:
            self.own_sync.start_if_due()
        except XeroSyncError as error:
            self._stop_with(error)

    def _check_file(self) -> None:
        """SQLite writes on into a deleted file without a word. Raises MachineError."""
        if _identity(self.program) != self._file:
            raise MachineError(
                f"{self.program.store.path} was deleted or replaced while the screens were open",
                "What was decided since is lost. Put the file back if you can, then start again.",
            )

    async def _read_status(self) -> None:
        try:
            await self.read_status()
        except XeroSyncError as error:
            self._stop_with(error)
            return
        finally:
            self._looking = False
        if self.is_running:
            self._page.reload()

    @property
    def _page(self) -> Page:
        """The page in front, which a dialog may cover."""
        return next(screen for screen in reversed(self.screen_stack) if isinstance(screen, Page))

    async def read_status(self) -> None:
        """How things stand, from the database. Raises MachineError."""
        self.status = await overview.status(self.program)
        await self.own_sync.read()
        self.show_state()

    def _stop_with(self, error: XeroSyncError) -> None:
        """The database itself fails: nothing can be shown any more."""
        self.failure = self.failure or error
        self.exit(return_code=error.exit_code)

    def show_state(self) -> None:
        """Draw the top line of the page in front."""
        if not self.is_running:
            return
        doing = "◐ deciding" if self.jobs.waiting else ""
        if self.jobs.kind:
            doing = progress_in_words(self.jobs.kind, self.jobs.progress)
        for page in self.screen_stack:
            for bar in page.query(TopBar):
                bar.show(self.status, doing)
            if isinstance(page, Page):
                page.job_moved()

    def let_go(self) -> None:
        """Work of ours is over: whoever was read as being at work a moment ago was this program."""
        if self.status and self.status.at_work and not (self.jobs.kind or self.jobs.waiting):
            self.status = replace(self.status, at_work=False, holder=None)
        self.show_state()

    def action_show_place(self, place: str) -> None:
        """One of the numbered screens; pages over the one in front are left."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if self.current_mode != place:
            self.switch_mode(place)

    # Words

    def say(self, message: object, *, severity: Literal["information", "warning", "error"] = "information") -> None:
        """A short word of at most two lines in the corner, gone by itself."""
        room = 2 * max(20, self.size.width - 12)
        self.notify(fitted(clean(message), room).rstrip(), severity=severity, markup=False, timeout=_SAID)

    def on_notify(self) -> None:
        """The newest word alone is shown."""
        self.clear_notifications()

    def tell(self, error: Exception) -> None:
        """What went wrong and what to do next, until it is read."""
        if isinstance(error, XeroSyncError):
            self.push_screen(Told("It did not work", error.what, words.next_step(error)))
        else:
            details = record(error, self.program.settings.log_dir)
            self.push_screen(Told("Unexpected error", f"{type(error).__name__}. {details}"))

    # Jobs

    def action_sync(self, full: bool = False, approved: str = "") -> None:
        """A sync, ``full``: reading everything; before the first one, the set-up that leads to it.

        ``approved`` is the digest of the one that a brake stopped.
        """
        status = self.status
        if status is None or status.connection is None or status.connection.started_at is None:
            self.action_preview()
            return

        async def work(report: Callable[..., None]) -> RunResult:
            from xerosync_tui.services import sync as run

            return await run.sync(self.program, report, full=full, approved=approved)

        self.jobs.start("sync", work, self._synced, self._not_synced)

    def _not_synced(self, error: Exception) -> None:
        if isinstance(error, NeedsPerson):  # a brake did its work
            self.push_screen(Told("Stopped, to ask you first", error.what, words.next_step(error)))
        else:
            self.tell(error)

    def _synced(self, result: RunResult) -> None:
        waiting = f"; {text.counted(result.open_issues, 'match issue')} wait for you" if result.open_issues else ""
        self.say(f"Synced: {history_words.did(result.counts)}{waiting}.")

    def action_preview(self) -> None:
        """The set-up, at the step that comes next."""
        from xerosync_tui.tui.screens.setup import next_step

        self.push_screen(next_step(self))

    # The end

    def action_suspend(self) -> None:
        """To the background, once nothing is under way: a process that stands still would keep the lock from others."""
        if self._leaving:
            return
        if self.jobs.waiting:
            self.say("Carrying out what was decided, then it goes to the background.")
        self.run_worker(self._halt_and_suspend(), group="leaving", exclusive=True, exit_on_error=False)

    async def _halt_and_suspend(self) -> None:
        await self.jobs.halt()
        if not self._leaving:
            self.action_suspend_process()

    def action_leave(self) -> None:
        """Quit; a run under way is stopped, which loses nothing, and what was decided is done, unless asked twice."""
        if self._leaving or not (self.jobs.kind or self.jobs.waiting):
            self.exit(0)
            return
        self._leaving = True
        if self.jobs.waiting:
            self.say("Carrying out what was decided, then it quits. Once more: the rest stays undecided.")
        else:
            self.say("Stopping what is under way; what was done stays done.")
        self.run_worker(self._halt_and_exit(), group="leaving", exit_on_error=False)

    async def _halt_and_exit(self) -> None:
        await self.jobs.halt()
        self.exit(0)

    def _fatal_error(self) -> None:
        """An unhandled error: only what it was. Textual prints a traceback with the values of variables."""
        error = self._exception
        self.failure = self.failure or (error.error if isinstance(error, WorkerFailed) else error)
        self._close_messages_no_wait()

    def get_key_display(self, binding: Binding) -> str:
        """How a key is written."""
        shown = super().get_key_display(binding)
        return _IN_WORDS.get(shown, shown) if terminal.is_ascii() else shown

    def action_command_palette(self) -> None:
        """Every action by name, and every contact."""
        from xerosync_tui.tui.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action by name."""
        from xerosync_tui.tui import palette

        return palette.commands(self, screen)


def _identity(program: Program) -> tuple[int, int]:
    """The database file itself, whatever its name; zeros when there is none."""
    try:
        found = program.store.path.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


async def show(program: Program, answer_consent: Callable[[str], Awaitable[None]] | None = None) -> int:
    """Run the screens until they are left; returns the exit code. Raises what made them stop."""
    terminal.follow_locale()
    app = XeroSyncApp(program, answer_consent=answer_consent)
    code = await app.run_async()
    if app.failure is not None:
        raise app.failure
    return code or app.return_code or 0
