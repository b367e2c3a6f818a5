"""Import a CSV of contacts: what it would bring, line by line what cannot be read, then the word to do it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from xerosync_tui.errors import XeroSyncError
from xerosync_tui.services import importing
from xerosync_tui.services.importing import ImportResult
from xerosync_tui.services.sync.progress import Progress
from xerosync_tui.tui import text, words
from xerosync_tui.tui.screens.base import Dialog, Page
from xerosync_tui.tui.widgets.line import Line
from xerosync_tui.tui.widgets.reading import Reading
from xerosync_tui.tui.widgets.top_bar import progress_in_words

if TYPE_CHECKING:
    from xerosync_tui.tui.app import XeroSyncApp

_SHOWN = 200  # unreadable rows that are listed
_CLOCK = 0.25  # seconds between two looks at how far it is

Found = tuple[Path, ImportResult]


def begin_import(app: XeroSyncApp) -> None:
    """Ask for the file, read it, and show what it would bring."""

    def show(found: Found | None) -> None:
        if found is not None:
            app.push_screen(ImportPreview(*found))

    app.push_screen(AskFile(app), show)


class AskFile(Dialog[Found]):
    """Asks for the file and reads it; what was typed stays until it can be read. ``esc`` leaves it at any time."""

    def __init__(self, app: XeroSyncApp) -> None:
        super().__init__("Import contacts")
        self._xerosync = app
        self._progress: Progress | None = None
        self._reading = False

    def content(self) -> ComposeResult:
        """The line, and what became of it."""
        yield Static("The path of a CSV file, exported from your practice system:", markup=False)
        yield Line()
        yield Static("", id="became", classes="dialog--next", markup=False)
        keys = text.line(("enter", "bold"), " Go on   ", ("esc", "bold"), " Leave it")
        yield Static(keys, classes="dialog--keys", markup=False)

    def on_mount(self) -> None:
        """Follow the reading."""
        self._became("")
        self.set_interval(_CLOCK, self._draw)

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        if event.value.strip() and not self._reading:
            self._reading, self._progress = True, None
            self._draw()
            self.run_worker(self._read(_path(event.value)), group="find", exit_on_error=False)

    async def _read(self, path: Path) -> None:
        try:
            found = await importing.import_file(self._xerosync.program, path, {}, preview=True, report=self._report)
        except XeroSyncError as error:
            self._became(text.lines((f"! {error.what}", "bold"), words.next_step(error)))
        except Exception as error:
            self._became("")
            self._xerosync.tell(error)
        else:
            self.dismiss((path, found))
        finally:
            self._reading = False

    def _report(self, progress: Progress) -> None:
        self._progress = progress  # drawn by the clock: this is another thread

    def _draw(self) -> None:
        if self._reading:
            self._became(progress_in_words("reading", self._progress))

    def _became(self, content: Content | str) -> None:
        line = self.query_one("#became", Static)
        line.display = bool(content)
        line.update(content)


def _path(typed: str) -> Path:
    """The path as typed, or as a shell or a file manager quotes it."""
    plain = typed.strip()
    if len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "'\"":
        plain = plain[1:-1]
    return Path(plain).expanduser()


class ImportPreview(Page):
    """What the file holds. ``y`` brings it in, and nothing else does."""

    CSS_PATH = "importing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "bring_in", "Import", id="importing.do"),
        Binding("escape", "back", "Leave it", id="importing.back"),
    ]

    def __init__(self, path: Path, found: ImportResult) -> None:
        super().__init__()
        self._path, self._found = path, found
        self._progress: Progress | None = None
        self._bringing = False

    @property
    def crumb(self) -> object:
        """The file."""
        return f"Import {self._path.name}"

    def body(self) -> ComposeResult:
        """The file in numbers."""
        with Reading(id="import"):
            yield Static("", id="stands", markup=False)
            yield Static(_in_words(self._found), markup=False)

    def on_mount(self) -> None:
        """To be read by the keys; and how far it is, once it was begun."""
        self.query_one(Reading).focus()
        self._draw()
        self.set_interval(_CLOCK, self._draw)

    def _draw(self) -> None:
        stands = progress_in_words("importing", self._progress) if self._bringing else "Nothing has been imported yet."
        self.query_one("#stands", Static).update(text.safe(stands, "bold"))

    def action_bring_in(self) -> None:
        """Import what can be read, all of it or nothing."""
        found = self._found
        if self._bringing:
            return
        if not found.people + found.organizations:
            self.xerosync.say("There is nothing new in the file.", severity="warning")
            return

        def done(result: ImportResult) -> None:
            people = text.counted(result.people, "person", "people")
            self.xerosync.say(f"Imported {people} and {text.counted(result.organizations, 'organization')}.")
            if self.app.screen is self:
                self.app.pop_screen()

        def failed(error: Exception) -> None:
            self._bringing = False
            self.xerosync.tell(error)

        self._bringing = True
        self.xerosync.jobs.decide(
            lambda: importing.import_file(
                self.program, self._path, {}, skip_bad=bool(found.rejected), report=self._report
            ),
            done,
            failed,
        )
        self._draw()

    def _report(self, progress: Progress) -> None:
        self._progress = progress  # drawn by the clock: this is another thread


def _in_words(found: ImportResult) -> Content:
    people, firms = text.counted(found.people, "person", "people"), text.counted(found.organizations, "organization")
    unreadable, left = text.counted(len(found.rejected), "row"), "is" if len(found.rejected) == 1 else "are"
    rows: list[object] = [
        "",
        f"New: {people} and {firms}.",
        f"In the directory already, and staying as they are: {text.number(found.present)}.",
        f"{unreadable} cannot be read, and {left} left out." if found.rejected else "Every row can be read.",
        "",
        "Columns: " + ", ".join(f"{column} = {field}" for column, field in found.columns.items()),
    ]
    if "kind" not in found.columns.values():
        rows.append("No column (Kind) says person or organization: that is guessed from the names.")
    if found.ignored:
        rows.append("Not used: " + ", ".join(found.ignored))
    if found.new_types:
        rows.append("New contact types: " + ", ".join(found.new_types))
    if found.rejected:
        rows += ["", ("Rows that cannot be read:", "bold")]
        rows += [f"  line {row.line}: {row.reason}" for row in found.rejected[:_SHOWN]]
        if more := len(found.rejected) - _SHOWN:
            rows += [f"  ... and {more} more"] if more > 0 else []
    return text.lines(*rows)
