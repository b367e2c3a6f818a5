"""Import a CSV of contacts: what it would bring, line by line what cannot be read, then the word to do it."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, Static

from xerosync_tui.domain.contact_file import FIELD_NAMES
from xerosync_tui.domain.progress import Progress
from xerosync_tui.errors import UsageError, XeroSyncError
from xerosync_tui.services import importing
from xerosync_tui.services.importing import ImportResult
from xerosync_tui.tui import text, words
from xerosync_tui.tui.screens.base import Dialog, Page, Told
from xerosync_tui.tui.widgets.line import Line
from xerosync_tui.tui.widgets.reading import Reading
from xerosync_tui.tui.widgets.top_bar import progress_in_words

if TYPE_CHECKING:
    from xerosync_tui.tui.app import XeroSyncApp

_SHOWN = 200  # unreadable rows that are listed
_CLOCK = 0.25  # seconds between two looks at how far it is


@dataclass(frozen=True, slots=True)
class FileFound:
    """What was asked for, and what it would bring. ``mapping``: by column the field that a person gave it."""

    path: Path
    mapping: Mapping[str, str]
    result: ImportResult


def begin_import(app: XeroSyncApp) -> None:
    """Ask for the file, read it, and show what it would bring; Karbon's API takes no file."""
    if app.account:
        what = "A file goes into the built-in directory only: Karbon's API takes contacts one by one."
        app.push_screen(Told("Import contacts", what, "Import it in Karbon itself; the next sync reads it from there."))
        return

    def show(found: FileFound | None) -> None:
        if found is not None:
            app.push_screen(ImportPreview(found))

    app.push_screen(AskFile(app), show)


class AskFile(Dialog[FileFound]):
    """Asks for the file and reads it; what was typed stays until it can be read. ``esc`` leaves it at any time.

    ``before``: what was found, to be read again with other columns.
    """

    def __init__(self, app: XeroSyncApp, before: FileFound | None = None) -> None:
        super().__init__("Import contacts")
        self._xerosync = app
        self._before = before
        self._progress: Progress | None = None
        self._reading = False

    def content(self) -> ComposeResult:
        """The lines, and what became of them."""
        before = self._before
        yield Static("The path of a CSV file, exported from your practice system:", markup=False)
        yield Line(str(before.path) if before else "", id="path")
        yield Static("Columns it does not know, as COLUMN=FIELD, with commas between:", markup=False)
        yield Line(_as_typed(before.mapping) if before else "", placeholder="Client=name, Nature=kind", id="columns")
        yield Static("", id="became", classes="dialog--next", markup=False)
        keys = text.line(("enter", "bold"), " Go on   ", ("tab", "bold"), " Next line   ", ("esc", "bold"), " Leave it")
        yield Static(keys, classes="dialog--keys", markup=False)

    def on_mount(self) -> None:
        """Follow the reading."""
        self._became("")
        if self._before:
            fields = f"Fields: {', '.join(FIELD_NAMES)}"
            self._became(text.lines(*_columns(self._before.result), fields))
            self.query_one("#columns").focus()
        self.set_interval(_CLOCK, self._draw)

    @on(Input.Submitted)
    def _typed(self) -> None:
        path, columns = (self.query_one(name, Input).value for name in ("#path", "#columns"))
        if path.strip() and not self._reading:
            self._reading, self._progress = True, None
            self._draw()
            self.run_worker(self._read(_path(path), columns), group="find", exit_on_error=False)

    async def _read(self, path: Path, columns: str) -> None:
        try:
            mapping = _mapping(columns)
            found = await importing.import_file(
                self._xerosync.program, path, mapping, preview=True, report=self._report
            )
        except XeroSyncError as error:
            self._became(text.lines((f"! {error.what}", "bold"), words.next_step(error)))
        except Exception as error:
            self._became("")
            self._xerosync.tell(error)
        else:
            self.dismiss(FileFound(path, mapping, found))
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


def _mapping(typed: str) -> dict[str, str]:
    """The field by column. A column whose name holds a comma stands in quotes, as in a CSV. Raises UsageError."""
    found: dict[str, str] = {}
    for pair in next(csv.reader([typed], skipinitialspace=True), []):
        column, equals, field = (part.strip() for part in pair.rpartition("="))
        if not pair.strip():
            continue
        if not (column and equals and field):
            raise UsageError(f"{pair} is not COLUMN=FIELD", f"The fields: {', '.join(FIELD_NAMES)}.")
        if column in found:
            raise UsageError(f"{column} is given twice")
        found[column] = field
    return found


def _as_typed(mapping: Mapping[str, str]) -> str:
    pairs = (f"{column}={field}" for column, field in mapping.items())
    return ", ".join('"{}"'.format(pair.replace('"', '""')) if {*',"'} & {*pair} else pair for pair in pairs)


class ImportPreview(Page):
    """What the file holds. ``y`` brings it in, and nothing else does."""

    CSS_PATH = "importing.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "bring_in", "Import", id="importing.do"),
        Binding("m", "columns", "Map columns", id="importing.columns"),
        Binding("escape", "back", "Leave it", id="importing.back"),
    ]

    def __init__(self, found: FileFound) -> None:
        super().__init__()
        self._found = found
        self._progress: Progress | None = None
        self._bringing = False

    @property
    def crumb(self) -> object:
        """The file."""
        return f"Import {self._found.path.name}"

    def body(self) -> ComposeResult:
        """The file in numbers."""
        with Reading(id="import"):
            yield Static("", id="stands", markup=False)
            yield Static(_in_words(self._found.result), id="found", markup=False)

    def on_mount(self) -> None:
        """To be read by the keys; and how far it is, once it was begun."""
        self.query_one(Reading).focus()
        self._draw()
        self.set_interval(_CLOCK, self._draw)

    def _draw(self) -> None:
        stands = progress_in_words("importing", self._progress) if self._bringing else "Nothing has been imported yet."
        self.query_one("#stands", Static).update(text.safe(stands, "bold"))

    def action_columns(self) -> None:
        """Say what columns hold, and look again."""

        def show(found: FileFound | None) -> None:
            if found is not None:
                self._found = found
                self.query_one("#found", Static).update(_in_words(found.result))
                self.show_trail()

        if not self._bringing:
            self.app.push_screen(AskFile(self.xerosync, self._found), show)

    def action_bring_in(self) -> None:
        """Import what can be read, all of it or nothing."""
        asked, found = self._found, self._found.result
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
                self.program, asked.path, asked.mapping, skip_bad=bool(found.rejected), report=self._report
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
        *_columns(found),
    ]
    if "kind" not in found.columns.values():
        rows.append("No column (Kind) says person or organization: that is guessed from the names.")
    if found.new_types:
        rows.append("New contact types: " + ", ".join(found.new_types))
    if found.rejected:
        rows += ["", ("Rows that cannot be read:", "bold")]
        rows += [f"  line {row.line}: {row.reason}" for row in found.rejected[:_SHOWN]]
        if more := len(found.rejected) - _SHOWN:
            rows += [f"  ... and {more} more"] if more > 0 else []
    return text.lines(*rows)


def _columns(found: ImportResult) -> list[object]:
    """Which column was read as what, and which are left."""
    known = ", ".join(f"{column} = {field}" for column, field in found.columns.items())
    return [f"Columns: {known}", *([f"Not used: {', '.join(found.ignored)}"] if found.ignored else [])]
