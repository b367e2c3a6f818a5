"""States of the window and the terminal: too small, without colour, without anything but ASCII; nothing is lost."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from peewee import SqliteDatabase
from rich.style import Style
from textual import events
from textual.widgets import Input

from tests.terminal.screen import Terminal
from tests.tui.conftest import Desk
from tests.tui.driving import Screens, opened
from tests.tui.test_snapshots import follow
from xerosync_tui.domain.connection import ConnectionState
from xerosync_tui.domain.contact import Contact, Kind
from xerosync_tui.domain.counts import Counts
from xerosync_tui.domain.directory import DirectoryRecord
from xerosync_tui.domain.states import RunKind, RunState
from xerosync_tui.errors import MachineError
from xerosync_tui.store import connections, directory, runs
from xerosync_tui.tui.app import _MINUTES_MOVE
from xerosync_tui.tui.screens.base import Confirm
from xerosync_tui.tui.widgets.fitting import Fitted
from xerosync_tui.tui.widgets.table import Table

SMALL = "XeroSync needs 80x24"


async def resize(screens: Screens, width: int, height: int) -> None:
    await screens._pilot.resize_terminal(width, height)
    await screens.until(lambda: (SMALL in screens.text()) == (width < 79 or height < 23))


# Too small


async def test_in_a_small_window_the_keys_do_nothing_and_all_is_there_again_in_a_large_one(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await follow(screens, "2 ~Billing_email down down space")
        before = screens.text()
        marked = set(screens.app.screen.query_one(Table).marked)
        await resize(screens, 60, 15)
        assert "this is 60x15" in screens.text() and "Billing email" not in screens.text()
        await screens.press("down", "space", "u", "y", "slash", "x", "3", "q", "escape", "ctrl+p", "enter")
        await resize(screens, 78, 24)
        assert "this is 78x24" in screens.text()
        await resize(screens, 80, 24)
        assert screens.text() == before
        assert screens.app.screen.query_one(Table).marked == marked != set()
        await screens.press("up")
        assert screens.text() != before


async def test_what_was_typed_is_kept_and_what_is_typed_unseen_is_not(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await follow(screens, "2 ~Billing_email / p t y")
        await resize(screens, 80, 22)
        await screens.type("more")
        screens.app.post_message(events.Paste("pasted"))
        await screens._pilot.click(offset=(20, 6))  # a row: it would take the focus
        await resize(screens, 80, 24)
        assert screens.app.screen.query_one(Input).value == "pty"
        await screens.type("x")
        assert screens.app.screen.query_one(Input).value == "ptyx"


async def test_a_question_is_not_answered_unseen(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await follow(screens, "d ~tokens")
        await resize(screens, 78, 24)
        await screens.press("y")
        await resize(screens, 80, 24)
        assert isinstance(screens.app.screen, Confirm) and "tokens" in screens.text()


async def test_a_page_that_comes_up_in_a_small_window_is_covered_too(desk: Desk) -> None:
    async with desk.at("synced", (60, 15)) as screens:
        await screens.until(SMALL)
        screens.app.tell(ValueError("x"))
        await screens.until(lambda: "Unexpected" not in screens.text() and SMALL in screens.text())
        await screens.press("escape")
        await resize(screens, 80, 24)
        await screens.until("Unexpected error")
        await screens.press("escape")
        await screens.until("Needs you")


async def test_quitting_needs_no_large_window(desk: Desk) -> None:
    async with desk.at("synced", (60, 15)) as screens:
        await screens.until(SMALL)
        await screens.press("ctrl+q")
        await screens.until(lambda: not screens.app.is_running or screens.app._exit)
        assert screens.app.return_code == 0


# Colours


async def cursor_styles(desk: Desk, theme: str, keys: str) -> tuple[Style, Style]:
    """How the row under the cursor and another row are drawn."""
    async with desk.program("synced") as plain:
        program = replace(plain, settings=replace(plain.settings, theme=theme))
        async with opened(program) as screens:
            await follow(screens, keys)
            lines = screens.app.screen._compositor.render_strips()
    [under] = [strip for strip in lines if strip.text.startswith("▸")]
    [other] = [strip for strip in lines if strip.text.startswith(" ") and "1300 Drains" in strip.text]
    first, second = (next(part.style for part in strip if part.text.strip()) for strip in (under, other))
    assert first and second
    return first, second


@pytest.mark.parametrize("no_color", [False, True])
@pytest.mark.parametrize("theme", ["dark", "light", "terminal"])
async def test_the_row_under_the_cursor_is_told_by_more_than_colour(
    desk: Desk, theme: str, no_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    under, other = await cursor_styles(desk, theme, "2 ~Billing_email")
    assert under.bold and not other.bold
    if theme == "terminal":
        assert under.reverse and not other.reverse
        for style in (under, other):
            assert style.color is not None and style.color.is_default
            assert style.bgcolor is not None and style.bgcolor.is_default
    for style in (under, other):  # never black on black
        assert style.color != style.bgcolor or style.color is None or style.color.is_default


# Nothing but ASCII


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LANG": "C"}], ids=str)
def test_without_utf8_only_ascii_leaves_the_program(tmp_path: Path, locale: dict[str, str]) -> None:
    unset = ("XEROSYNC", "LC_", "LANG", "PYTHONUTF8", "PYTHONIOENCODING")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    environment |= {"TERM": "xterm-256color", "XEROSYNC_HOME": str(tmp_path / "home"), **locale}
    (tmp_path / "import.csv").write_text("Name,Email\nMüller 日本,a@b.example\n", encoding="utf-8")
    with Terminal([sys.executable, "-m", "xerosync_tui", "import", str(tmp_path / "import.csv")], environment) as ran:
        assert ran.ended() == 0
    with Terminal([sys.executable, "-m", "xerosync_tui"], environment) as terminal:
        terminal.until("Connect Xero")
        assert "+- Xero -" in terminal.text() and "> Connect Xero" in terminal.text()
        assert "enter Open" in terminal.text()
        terminal.press("4")
        terminal.until("M?ller ????")
        terminal.press("ctrl+p")
        terminal.until("part of a client")
        terminal.press("esc")
        terminal.until_gone("part of a client")
        terminal.press("q")
        assert terminal.ended() == 0
    assert terminal.raw.isascii()


# Names of every script

NAMES = ["Bayside Club", "日本語 株式会社", "Jose\u0301 Iban\u0303ez", "שלום עולם", "مرحبا بالعالم",
         "👨\u200d👩\u200d👧 Family", "👍🏽 Good", "❤\ufe0f Heart", "🇦🇺 Imports"]  # fmt: skip


@pytest.mark.parametrize("width", [80, 120])
def test_columns_stay_straight_in_a_terminal(tmp_path: Path, width: int) -> None:
    """As the terminal counts, not as we do."""
    unset = ("XEROSYNC", "LC_", "LANG")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(unset)}
    environment |= {"TERM": "xterm-256color", "LANG": "C.UTF-8", "XEROSYNC_HOME": str(tmp_path / "home")}
    rows = "".join(f"{name},same@x.example\n" for name in NAMES)
    (tmp_path / "import.csv").write_text(f"Name,Email\n{rows}", encoding="utf-8")
    program = [sys.executable, "-m", "xerosync_tui"]
    with Terminal([*program, "import", str(tmp_path / "import.csv")], environment) as ran:
        assert ran.ended() == 0
    with Terminal(program, environment, columns=width) as terminal:
        terminal.until("Connect Xero")
        terminal.press("4")
        terminal.until(lambda text: text.count("same@x") == len(NAMES))
        cells = terminal._screen.buffer
        begins = {
            at
            for row in cells.values()
            for at in range(width - 5)
            if "".join(row[at + n].data for n in range(5)) == "same@"
        }
        assert len(begins) == 1
        terminal.press("q")
        assert terminal.ended() == 0


async def test_a_right_to_left_name_is_closed_off_from_the_next_column(desk: Desk) -> None:
    async with desk.program("empty") as program:
        record = DirectoryRecord("k", Kind.PERSON, Contact("שלום", "a@x.example"), contact_type="")
        await program.store.run(directory.add, [record])
        async with opened(program) as screens:
            await follow(screens, "4 ~Billing_email")
            [row] = [line for line in screens.text().splitlines() if "שלום" in line]
            assert row.partition("\u200e")[0].strip(" ▸") == "שלום"


# The syncs of today


async def test_a_larger_window_shows_more_syncs_of_today(desk: Desk) -> None:
    def write(db: SqliteDatabase) -> None:
        for changed in [1, 0] * 80:
            number = runs.begin(db, 1, RunKind.INCREMENTAL, "anna", "anna", program.now_ms())
            counts = Counts(changed_in_xero=changed)
            runs.finish(db, number, RunState.DONE, program.now_ms(), requests=1, counts=counts)

    async with desk.program("synced") as program:
        await program.store.run(write)
        async with opened(program) as screens:
            await screens.until("▁")
            few = screens.text().count("▁")
            await resize(screens, 120, 40)
            await screens.until(lambda: screens.text().count("▁") > few)


# Nothing goes stale


async def test_a_page_behind_a_dialog_follows_what_changes(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        page = screens.app.screen
        screens.app.tell(MachineError("The disk is full", "Make room."))
        await screens.until("Make room")
        changes = {"state": ConnectionState.RECONNECT.value, "state_reason": "60 days old"}
        await screens.app.program.store.run(lambda db: connections.change(db, 1, **changes))
        await screens.until(lambda: "reconnect needed" in str(page.query_one("#xero", Fitted).content))
        assert "Make room" in screens.text()


async def test_the_cards_say_how_long_ago_it_is_by_now(desk: Desk) -> None:
    async with desk.program("synced") as program:
        moment = program.now_ms() // 1000
        async with opened(replace(program, now=lambda: moment)) as screens:
            await screens.until("connected for 0 s")
            moment += 125
            screens.app._ticks = _MINUTES_MOVE - 1
            await screens.until("connected for 2 min")
            assert "Last run   2 min ago" in screens.text()
