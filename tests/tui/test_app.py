"""The program around the pages: key help, palette, failures, the end, and windows of any size."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from textual.command import CommandPalette
from textual.widgets import Input, OptionList, Static

from tests.scenarios.firm import CONTACTS
from tests.terminal.screen import Terminal
from tests.tui.conftest import Desk
from tests.tui.driving import Screens, opened
from xerosync_tui.domain.match import Reason
from xerosync_tui.program import Program, active
from xerosync_tui.services import sync as run
from xerosync_tui.services import triage
from xerosync_tui.tui.app import XeroSyncApp
from xerosync_tui.tui.screens.base import Page
from xerosync_tui.tui.screens.keys import Keys

_KEYS = {"?": "question_mark", ".": "full_stop", "/": "slash"}


async def walk(screens: Screens, steps: str) -> None:
    """Press the keys; ~word waits for it on the screen, an underscore being a space."""
    for word in steps.split():
        if word.startswith("~"):
            await screens.until(word[1:].replace("_", " "))
            await screens.settled()
        else:
            await screens.press(_KEYS.get(word, word))


# Key help


def declared(page: Page) -> set[str]:
    """Every key that leads somewhere here: those of the page, of what has the focus, of the program."""
    nodes = [*(page.focused.ancestors_with_self if page.focused else [page]), page.app]
    found = (binding for node in nodes for bindings in node._bindings.key_to_bindings.values() for binding in bindings)
    keys = (b for b in found if b.id and b.description and page.check_action(b.action, ()))
    return {page.app.get_key_display(binding) for binding in keys}


def listed(screens: Screens) -> set[str]:
    """Every key that the open key help lists."""
    page = screens.app.screen
    assert isinstance(page, Keys)
    lines = str(page.query(Static).first().content).splitlines()
    return {key for line in lines for key in line[:14].split()}


async def test_the_key_help_lists_every_key_of_the_page_and_only_those(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        for steps in ("~Needs_you", "e ~Interval", "escape 2 ~Billing_email", "3 ~Confirm_would", "4 ~Kind"):
            await walk(screens, steps)
            page = screens.app.screen
            assert isinstance(page, Page)
            await screens.press("question_mark")
            assert listed(screens) == declared(page), steps
            await screens.press("escape")


async def test_a_key_that_does_nothing_here_is_not_listed(desk: Desk) -> None:
    """Outside the demo there is no sandbox page to answer."""

    def without_sandbox(program: Program, **more: object) -> XeroSyncApp:
        return XeroSyncApp(program)

    async with desk.program("fresh") as program, opened(program, app=without_sandbox) as screens:
        await walk(screens, "enter ~waiting ?")
        assert "y" not in listed(screens) and "v" in listed(screens)
        assert "sandbox" not in screens.text()


async def test_the_key_bar_names_no_key_that_would_be_typed(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await walk(screens, "2 ~Billing_email /")
        await screens.until_gone("? Keys")
        assert "/ Filter" not in screens.text()
        assert "⏎ To the rows  esc Clear" in screens.text()


# Palette


async def run_from_palette(screens: Screens, words: str) -> None:
    """Search for an action and take the first that is found."""
    await screens.press("ctrl+p")
    await screens.until(lambda: isinstance(screens.app.screen, CommandPalette))
    screens.app.screen.query_one(Input).value = words
    options = screens.app.screen.query_one(OptionList)
    await screens.until(lambda: options.option_count and words in str(options.get_option_at_index(0).prompt).lower())
    await screens.press("enter")


async def test_the_palette_runs_an_action_of_the_page_in_front(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await walk(screens, "4 ~Billing_email")
        await run_from_palette(screens, "unlinked only")
        await screens.until("Only contacts without a link")
        await walk(screens, "enter ~Not_in_Xero")
        await run_from_palette(screens, "edit")
        await screens.until("Postcode")


# Failures


async def test_a_failing_sync_is_told_with_the_next_step_and_the_next_one_works(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        desk.stages.xero.fault("html", CONTACTS)
        await screens.press("s")
        await screens.until("It did not work")
        assert "Something between this machine and 127.0.0.1" in screens.text()
        assert "Check the proxy or the network's sign-in page, then try again." in screens.text()
        await screens.press("escape")
        await screens.until("failed: Something between")
        await screens.press("s")
        await screens.until("Synced:")


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XEROSYNC")}
    return {**kept, "TERM": "xterm-256color", "LANG": "C.UTF-8", "XEROSYNC_HOME": str(home)}


def test_a_database_that_is_damaged_while_it_is_open_ends_the_program_with_one_line(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-m", "xerosync_tui"], environment(tmp_path)) as terminal:
        terminal.until("Connect Xero")
        for file in tmp_path.glob("xerosync.sqlite3*"):
            file.write_bytes(b"no database any more" * 1000)
        terminal.press("4")
        assert terminal.ended() == 8
    after = terminal.raw.rpartition(b"\x1b[?1049l")[2].decode().partition("xerosync: ")[2]
    assert "xerosync.sqlite3" in after and after.count("\n") == 1


# The end


def held() -> tuple[asyncio.Event, Callable[[float], Coroutine[Any, Any, None]]]:
    """A sleep of the program that lasts until its gate is opened."""
    gate = asyncio.Event()

    async def sleep(seconds: float) -> None:
        await gate.wait()

    return gate, sleep


async def quit_now(screens: Screens) -> None:
    await screens.press("q")
    assert screens.app.return_value == 0


async def test_quitting_while_the_first_sync_runs_loses_neither_the_preview_nor_a_veto(desk: Desk) -> None:
    _, sleep = held()
    async with desk.program("previewed") as program:
        async with opened(replace(program, sleep=sleep)) as screens:
            await walk(screens, "enter ~Nothing_has")
            desk.stages.xero.fault("rate_minute", CONTACTS)
            await walk(screens, "space ~1_vetoed S")
            await screens.until("waits")
            await screens.press("escape")
            await quit_now(screens)
        assert (await active(program)).started_at is None
        async with opened(program) as screens:
            await walk(screens, "~The_first_sync_waits_for_your_word enter ~Nothing_has S ~The_first_sync_is_done")
        reasons = [view.reason for view in await triage.listed(program)]
        assert reasons.count(Reason.HELD) == 1


async def test_quitting_while_a_sync_runs_leaves_the_data_free_for_the_next(desk: Desk) -> None:
    _, sleep = held()
    async with desk.program("synced") as program:
        async with opened(replace(program, sleep=sleep)) as screens:
            desk.stages.xero.fault("rate_minute", CONTACTS)
            await screens.press("s")
            await screens.until("waits")
            await quit_now(screens)
        async with opened(program) as screens:
            assert "incremental   cancelled" in screens.text()
        assert (await run.sync(program)).kind == "incremental"


async def test_quitting_while_a_decision_waits_for_a_sync_does_not_lose_it(desk: Desk) -> None:
    _, sleep = held()
    async with desk.program("synced") as program:
        before = len(await triage.listed(program))
        async with opened(replace(program, sleep=sleep)) as screens:
            await walk(screens, "3 ~Confirm_would")
            desk.stages.xero.fault("rate_minute", CONTACTS)
            await screens.press("s")
            await screens.until("waits")
            await screens.press("n")
            await screens.until(f"Conflicts {before - 1} ")
            await quit_now(screens)
        assert len(await triage.listed(program)) == before - 1


# Windows


async def test_a_window_a_line_and_a_column_too_small_has_it_all(desk: Desk) -> None:
    tour = "2 ~Billing_email 3 ~Confirm_would 4 ~Kind D ~Leave_it escape 1 ~Needs_you"
    async with desk.at("synced", (79, 23)) as screens:
        for word in tour.split():
            await walk(screens, word)
            lines = screens.text().splitlines()
            assert len(lines) == 23 and lines[0].startswith(" XeroSync") and lines[-1].endswith("? Keys"), word


async def test_no_window_is_too_small_to_go_on(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens._pilot.resize_terminal(1, 1)
        await screens.press("2", "down", "enter", "escape", "3", "c", "4", "D", "escape", "n", "escape")
        await screens._pilot.resize_terminal(80, 24)
        await walk(screens, "1 ~Needs_you")
