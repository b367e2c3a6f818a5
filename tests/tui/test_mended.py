"""What a tester found broken on the screens, each held so that it stays mended."""

from __future__ import annotations

import ast
import asyncio
import importlib
import os
import re
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import httpx2
import pytest
from peewee import SqliteDatabase
from textual import events
from textual.widgets import Input

import xerosync_tui
from tests.tui.conftest import Desk
from tests.tui.driving import Screens, opened
from tests.tui.firms import burst
from xerosync_tui import errors
from xerosync_tui.cli import demo, main
from xerosync_tui.domain.contact import Field
from xerosync_tui.domain.counts import Counts
from xerosync_tui.errors import MachineError, UsageError
from xerosync_tui.hints import Do, Hint
from xerosync_tui.log import record
from xerosync_tui.program import Program, active
from xerosync_tui.services import contacts
from xerosync_tui.store import plans
from xerosync_tui.store.database import Store
from xerosync_tui.store.models import Run
from xerosync_tui.tui import words
from xerosync_tui.tui.screens.base import Dialog
from xerosync_tui.tui.screens.contacts import Contacts
from xerosync_tui.tui.screens.edit import EditContact
from xerosync_tui.tui.screens.importing import ImportPreview
from xerosync_tui.tui.screens.plan_words import first_in_numbers

P = ParamSpec("P")
T = TypeVar("T")


class PausingStore(Store):
    """Waits at its ``gate`` before that transaction."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.before: object = None
        self.gate = asyncio.Event()
        self.waits = False

    async def run(self, work: Callable[Concatenate[SqliteDatabase, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        if work is self.before:
            self.waits = True
            await self.gate.wait()
        return await super().run(work, *args, **kwargs)


@asynccontextmanager
async def pausing(desk: Desk, stage: str, before: object) -> AsyncIterator[tuple[Screens, PausingStore]]:
    """The screens over a stage, whose first sync waits before that transaction."""
    async with desk.program(stage) as program:
        store = PausingStore.open(program.settings.database)
        assert isinstance(store, PausingStore)
        store.before = before
        async with opened(replace(program, store=store)) as screens:
            yield screens, store
        store.close()


async def preview(screens: Screens, wanted: str = "Nothing has been written") -> None:
    await screens.press("p")
    await screens.until(wanted)
    await screens.settled()


def bar(screens: Screens) -> str:
    return screens.text().splitlines()[-1]


# The preview


async def test_a_later_preview_says_so_and_takes_no_veto(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await preview(screens, "What the next sync would do")
        assert "wait for you" in screens.text() and "linked; " not in screens.text()
        assert "Connect Xero" not in screens.text() and "Start the first sync" not in bar(screens)
        assert "s Sync now" in bar(screens)
        await screens.press("space")
        await screens.until("A veto is for the first sync, which is done")
        assert "vetoed" not in screens.text()


async def edited(program: Program, most: int) -> None:
    """Other phones in Karbon for so many linked contacts."""
    found = [
        (key, (await contacts.one(program, key)).link) for key in [c.key for c, _ in await contacts.listed(program)]
    ]
    for key in [key for key, link in found if link][:most]:
        await contacts.edit(program, key, {"phone": "02 5550 9999"})


async def test_a_later_preview_counts_what_goes_over(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await edited(screens.app.program, 2)
        await preview(screens, "What the next sync would do")
        assert "      2 to Xero  " in screens.text() and "to Karbon" not in screens.text()


async def test_a_brake_is_shown_and_asked_about(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await edited(screens.app.program, 40)
        await preview(screens, "  ! It would overwrite ")
        await screens.press("s")
        await screens.until("Do it all the same?")
        await screens.press("escape")
        await screens.settled()
        assert screens.app.jobs.kind == "" and "What the next sync would do" in screens.text()


async def test_a_later_sync_started_from_the_preview_tells_its_end(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await preview(screens, "What the next sync would do")
        await screens.press("S")
        await screens.until("The sync is done.")
        assert "is running" not in screens.text()


async def test_vetoes_outlive_the_page(desk: Desk) -> None:
    async with desk.at("previewed") as screens:
        await preview(screens)
        await screens.press("space", "space")
        await screens.until("2 vetoed")
        await screens.press("escape")
        await screens.until("Needs you")
        await preview(screens, "2 vetoed")
        await screens.press("2")
        await screens.until("No client is synced yet")
        await preview(screens, "2 vetoed")
        assert screens.text().count("[ ] ") == 2
        await preview(screens, "2 vetoed")  # read anew: they are full matches still


async def test_a_first_sync_that_was_stopped_goes_on_by_the_key_that_is_offered(desk: Desk) -> None:
    async with pausing(desk, "previewed", plans.count_to_apply) as (screens, store):
        await preview(screens)
        await screens.press("S")
        await screens.until(lambda: store.waits)
        await screens.press("x")
        await screens.until("It stopped. What was done stays done.")
        assert "The first sync is running" not in screens.text()
        store.gate.set()
        await screens.press("s")
        await screens.until("The first sync is done.")
        await screens.settled()
        assert (await active(screens.app.program)).started_at is not None


async def test_a_first_sync_stopped_before_it_wrote_leaves_the_preview(desk: Desk) -> None:
    async with pausing(desk, "previewed", plans.finish) as (screens, store):
        await preview(screens)
        await screens.press("space", "S")
        await screens.until(lambda: store.waits)
        await screens.press("x")
        await screens.until("1 vetoed")
        store.gate.set()
        await screens.press("S")
        await screens.until("The first sync is done.")


async def test_what_an_interrupted_first_sync_wrote_is_not_denied(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.app.program.store.run(lambda db: Run.update(state="interrupted").execute(db))
        await preview(screens, "Written so far: 48 links")
        assert "Nothing has been written" not in screens.text()


def test_the_numbers_of_a_preview_hang_under_each_other() -> None:
    counts = Counts(
        full_match=1,
        overwrite={Field.PHONE: 1234, Field.ADDRESS: 2345},
        fill={Field.ADDRESS: 3456},
        new=1,
        new_people=1,
    )
    rows = str(first_in_numbers(counts, 0, 0, False, 80)).splitlines()
    assert all(len(row) <= 80 for row in rows)
    assert [row for row in rows if "addresses" in row][-1].startswith(" " * 24)
    assert "      1 full match " in "\n".join(rows) and "0 organizations, 1 person made" in "\n".join(rows)


# The consent


async def test_yyy_answers_once(desk: Desk) -> None:
    async with desk.at("fresh") as screens:
        await screens.press("enter")
        await screens.until("waiting for Xero's answer")
        await screens.press("y", "y", "y")
        await screens.until("Which organisation?")
        await screens.press("escape")
        await screens.until("No organisation was chosen")
        await screens.press("y")
        await screens.until("press r to start again")


async def test_an_answer_that_does_not_arrive_is_said(desk: Desk) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

    async def allow(url: str) -> None:
        async with httpx2.AsyncClient(trust_env=False) as browser:
            await browser.get(f"http://127.0.0.1:{port}/")

    async with desk.at("fresh") as screens:
        screens.app.answer_consent = allow
        await screens.press("enter")
        await screens.until("waiting for Xero's answer")
        await screens.press("y")
        await screens.until("could not be answered")
        assert "r asks for a new page" in screens.text()
        await screens.press("escape")
        await screens.until("Needs you")


async def test_the_paste_of_the_answer_stands_in_the_key_bar(desk: Desk) -> None:
    async with desk.at("fresh") as screens:
        await screens.press("enter")
        await screens.until("waiting for Xero's answer")
        assert "v Paste the answer" in bar(screens) and bar(screens).rstrip().endswith("esc Back  ? Keys")


# The keys


async def test_what_a_list_of_choices_hides_is_named(desk: Desk) -> None:
    async with desk.at("connected") as screens:
        assert "⏎ Open" in bar(screens)
        await screens.press("e")
        await screens.until("Interval")
        assert "⏎ Change" in bar(screens)
        await screens.press("question_mark")
        await screens.until("Change")
        assert "⏎             Change" in screens.text()


async def test_left_and_right_are_named_where_they_choose_the_candidate(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("3")
        await screens.until("Confirm would")
        await screens.press("question_mark")
        await screens.until("Candidate before")


async def test_the_help_tells_each_action_once_and_esc_last(desk: Desk) -> None:
    async with desk.at("synced", (80, 40)) as screens:
        await screens.press("question_mark")
        await screens.until("Contact type")
        rows = [line[line.index("│") :].strip("│ ") for line in screens.text().splitlines() if "│" in line]
        quits = [row for row in rows if "  Quit " in row]
        assert len(quits) == 1
        assert any(row.startswith("f  ") and "ilter" in row for row in rows)
        assert any(row.startswith("e  ") and "  Settings " in row for row in rows)
        shown = [row for row in rows if row.startswith("esc  ")]
        assert "filter" in shown[0] and rows.index(shown[0]) > rows.index(quits[0])


async def test_a_filter_types_a_question_mark_and_says_no_other_use_of_it(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("2")
        await screens.until("Billing email")
        assert "? Keys" in bar(screens)
        await screens.press("slash")
        await screens.until(lambda: "? Keys" not in bar(screens))
        await screens.press("question_mark")
        assert screens.app.screen.query_one(Input).value == "?"


async def test_a_filter_that_is_entered_again_goes_on_where_it_ended(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("2")
        await screens.until("Billing email")
        await screens.press("slash", "p", "t", "enter", "slash", "y")
        assert screens.app.screen.query_one(Input).value == "pty"


@pytest.mark.parametrize("typed", ["pty", "zqzq"])
async def test_esc_on_the_rows_clears_their_filter_first(desk: Desk, typed: str) -> None:
    async with desk.at("synced") as screens:
        await screens.press("4")
        await screens.until("Billing email")
        await screens.press("slash", *typed, "enter")
        await screens.settled()
        screens.app.screen.set_focus(None)
        await screens.press("escape")
        await screens.settled()
        assert screens.app.screen.query_one(Input).value == ""
        assert "Nothing here holds" not in screens.text()


async def test_the_numbers_lead_away_from_every_page(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("e")
        await screens.until("Interval")
        await screens.press("2")
        await screens.until("Billing email")
        await screens.press("enter")
        await screens.until("ContactID")
        await screens.press("4")
        await screens.until(lambda: isinstance(screens.app.screen, Contacts))
        await screens.press("1")
        await screens.until("Karbon")
        assert len(screens.app.screen_stack) == 1
        await screens.press("2")
        await screens.until(lambda: "ContactID" not in screens.text())


async def test_the_numbers_ask_before_what_was_typed_is_lost(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("4")
        await screens.until("Billing email")
        await screens.press("e")
        await screens.until("Postcode")
        await screens.press("x")
        screens.app.screen.set_focus(None)
        await screens.press("2")
        await screens.until("What you typed is lost")
        await screens.press("escape")
        await screens.until(lambda: isinstance(screens.app.screen, EditContact))
        screens.app.screen.set_focus(None)
        await screens.press("2")
        await screens.until("What you typed is lost")
        await screens.press("y")
        await screens.until("Synced")
        assert len(screens.app.screen_stack) == 1


async def test_enter_goes_to_the_next_field(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("4")
        await screens.until("Billing email")
        await screens.press("n", "enter")
        await screens.until("Postcode")
        first = screens.app.focused
        await screens.press("enter")
        assert isinstance(screens.app.focused, Input) and screens.app.focused is not first


async def test_the_palette_leads_to_what_other_pages_do(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("ctrl+p")
        await screens.until("part of a client")
        await screens.type("import csv")
        await screens.until("Contacts: Import CSV")
        await screens.press("enter")
        await screens.until(lambda: isinstance(screens.app.screen, Contacts))
        await screens.until("i  Import CSV")
        await screens.press("ctrl+p")
        await screens.until("part of a client")
        await screens.type("go to client")
        await screens.until("Go to Client List")
        await screens.press("enter")
        await screens.until("Synced")


async def test_the_same_dialog_does_not_stack(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("4")
        await screens.until("Billing email")
        for _ in range(3):
            screens.app.post_message(events.Key("D", "D"))
        await screens.until("y Delete")
        await screens.settled()
        await screens.until(lambda: sum(isinstance(s, Dialog) for s in screens.app.screen_stack) == 1)
        await screens.press("escape")
        await screens.until_gone("y Delete")
        assert len(screens.app.screen_stack) == 1


async def test_the_cursor_of_choices_is_a_sign(desk: Desk) -> None:
    async with desk.at("connected") as screens:
        await screens.press("e")
        await screens.until("▸ Import filter")
        await screens.press("j")
        await screens.until("▸ Default contact type")
        assert "▸ Import filter" not in screens.text()
        await screens.press("k", "enter")
        await screens.until("▸ all contacts")


# What is said


async def test_a_toast_leaves_the_last_lines_to_be_read(desk: Desk) -> None:
    async with desk.at("synced") as screens:
        await screens.press("3")
        await screens.until("Confirm would")
        await screens.press("i")
        await screens.until("z undoes: ")
        before = screens.text().splitlines()
        screens.app.say("Some of it. " * 60)
        screens.app.say("All of it. " * 60)
        await screens.until("All of it.")
        after = screens.text().splitlines()
        assert before[-2:] == after[-2:] and "Some of it." not in screens.text()
        assert sum("All of it." in line for line in after) == 2 and "…" in screens.text()


async def test_a_title_too_long_ends_in_an_ellipsis(desk: Desk) -> None:
    async with desk.at("empty") as screens:
        csv = desk.home.parent / f"{'a very long name of a file ' * 4}.csv"
        csv.write_text("Name\nBayside Club\n", encoding="utf-8")
        await ask_for_file(screens, str(csv))
        await screens.until("Nothing has been imported yet")
        assert screens.text().splitlines()[1].endswith("…")


async def test_a_database_that_is_gone_stops_the_screens(desk: Desk) -> None:
    async with desk.program("synced") as program, opened(program) as screens:
        program.store.path.rename(program.store.path.with_name("elsewhere"))
        await screens.until(lambda: screens.app.failure)
        assert isinstance(screens.app.failure, MachineError)
        assert screens.app.return_code == MachineError.exit_code


# A command, or an option of one, as a sentence names it.
COMMAND = re.compile(r"`|xerosync |(^|[\s(])--\w")


@pytest.mark.parametrize("do", Do, ids=lambda do: do.name.lower())
def test_every_next_step_has_a_command_and_a_key(do: Do) -> None:
    hint = Hint(do, "Acme")
    assert hint.as_command() and hint.as_key()
    assert "{}" not in hint.as_command() and "{}" not in hint.as_key()
    told = words.next_step(UsageError("It failed", hint))
    if do is Do.DOCTOR:  # no key does what it does
        assert told == "Quit, and run the command: xerosync doctor."
    else:
        assert told == hint.as_key() and "xerosync" not in told and not COMMAND.search(told)


def test_next_steps_in_plain_words_name_no_command() -> None:
    """They reach the screens as they are."""
    advice = set(plain_advice())
    assert len(advice) > 30
    assert [(place, step) for place, step in sorted(advice) if COMMAND.search(step)] == []


def plain_advice() -> Iterator[tuple[str, str]]:
    """What errors outside the command line advise in words of their own: the module, and a text that is part of it."""
    package = Path(xerosync_tui.__file__).parent
    for path in sorted(package.rglob("*.py")):
        place = str(path.relative_to(package))
        if place.startswith("cli/") or place == "tui/terminal.py":  # the last is about a terminal without screens
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        known = dict(imported_texts(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name_of(node.func) in ERRORS:
                for hint in [*node.args[1:2], *(given.value for given in node.keywords if given.arg == "hint")]:
                    yield from ((place, step) for step in texts(hint, tree, known))


def name_of(called: ast.expr) -> str:
    """The last word of what is called."""
    return called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""


def texts(node: ast.expr, tree: ast.Module, known: dict[str, str]) -> Iterator[str]:
    """The texts that an expression may be made of; what is a ``Hint`` is none."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and name_of(part.func) == "Hint":
            return
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value
        elif isinstance(part, ast.Name):
            if part.id in known:
                yield known[part.id]
            for value in assigned(tree, part.id):
                yield from texts(value, ast.Module([], []), known)


def assigned(tree: ast.Module, name: str) -> Iterator[ast.expr]:
    """What a module assigns to a name, anywhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            yield node.value


def imported_texts(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The texts that a module takes from another one of ours."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("xerosync_tui."):
            for alias in node.names:
                value = getattr(importlib.import_module(str(node.module)), alias.name, None)
                if isinstance(value, str):
                    yield alias.name, value


ERRORS = {"ContactFileError"} | {
    name for name, found in vars(errors).items() if isinstance(found, type) and issubclass(found, errors.XeroSyncError)
}


async def test_an_error_on_screen_names_no_command(desk: Desk) -> None:
    async with desk.at("fresh") as screens:
        screens.app.tell(UsageError("Nothing is connected yet", Hint(Do.CONNECT)))
        await screens.until("Esc, then 1 and enter")


# The import


async def ask_for_file(screens: Screens, path: str) -> None:
    await screens.press("4")
    await screens.until("filter")
    await screens.press("i")
    await screens.until("path of a CSV")
    screens.app.screen.query_one(Input).value = path
    await screens.press("enter")


async def test_a_wrong_path_stays_to_be_mended_and_quotes_are_no_part_of_it(desk: Desk) -> None:
    async with desk.at("empty") as screens:
        csv = desk.home.parent / "two words.csv"
        csv.write_text("Name\nBayside Club\n", encoding="utf-8")
        await ask_for_file(screens, f"'{csv}x'")
        await screens.until("Cannot read")
        field = screens.app.screen.query_one(Input)
        assert field.value == f"'{csv}x'"
        field.value = f"'{csv}'"
        await screens.press("enter")
        await screens.until("New: 0 people and 1 organization.")


async def test_a_file_without_names_says_what_helps(desk: Desk) -> None:
    async with desk.at("empty") as screens:
        csv = desk.home.parent / "nameless.csv"
        csv.write_text("Colour,Size\nred,4\n", encoding="utf-8")
        await ask_for_file(screens, str(csv))
        await screens.until("no column holds a name")
        assert "Call the column" in screens.text() and "--map" not in screens.text()


async def test_a_pipe_is_refused_instead_of_waited_for(desk: Desk) -> None:
    async with desk.at("empty") as screens:
        pipe = desk.home.parent / "pipe.csv"
        os.mkfifo(pipe)
        await ask_for_file(screens, str(pipe))
        await screens.until("is not a regular file")


async def test_a_long_file_is_read_aside_and_esc_leaves_it(desk: Desk) -> None:
    async with desk.at("empty") as screens:
        csv = desk.home.parent / "long.csv"
        csv.write_text("Name\n" + "".join(f"Client {n}\n" for n in range(200_000)), encoding="utf-8")
        await ask_for_file(screens, str(csv))
        await screens.until("of 200,000")
        assert int(screens.text().partition(" of 200,000")[0].split()[-1].replace(",", "")) < 190_000
        await screens.press("escape")
        await screens.until("directory is empty")
        await screens.settled()
        assert len(screens.app.screen_stack) == 1


async def test_the_import_and_the_failures_scroll_by_the_keys_at_once(desk: Desk) -> None:
    async with desk.at("empty") as screens:
        csv = desk.home.parent / "bad.csv"
        csv.write_text("Name,Email\nBayside Club,\n" + ",nobody@bayside.example\n" * 60, encoding="utf-8")
        await ask_for_file(screens, str(csv))
        await screens.until("Nothing has been imported yet")
        await screens.press("j")
        await screens.until_gone("Nothing has been imported yet")
        await screens.press("end")
        await screens.until("line 62")
        await screens.press("g")
        await screens.until("60 rows cannot be read, and are left out.")


async def test_the_import_is_done_once(desk: Desk) -> None:
    async with desk.at("empty") as screens:
        csv = desk.home.parent / "firm.csv"
        csv.write_text("Name\nBayside Club\n", encoding="utf-8")
        await ask_for_file(screens, str(csv))
        await screens.until("Nothing has been imported yet")
        assert isinstance(screens.app.screen, ImportPreview)
        await screens.press("y", "y")
        await screens.until("Imported 0 people and 1 organization.")
        await screens.settled()
        assert len(await contacts.listed(screens.app.program)) == 1


# The log


def test_a_crash_is_logged_where_the_settings_in_force_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XEROSYNC_HOME", str(tmp_path / "real"))
    assert record(ValueError("x"), tmp_path / "demo") == f"Details: {tmp_path / 'demo' / 'errors.log'}"
    assert not (tmp_path / "real").exists()


def test_a_crash_of_the_demo_is_kept_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(arguments: object) -> int:
        raise LookupError("x")

    monkeypatch.setenv("XEROSYNC_HOME", str(tmp_path / "real"))
    monkeypatch.setattr(demo, "_run", fails)
    assert main(["demo", "--plain"]) == 1
    said = capsys.readouterr().err
    assert "unexpected error: LookupError" in said and "Its place: " in said
    assert not (tmp_path / "real").exists()


async def test_what_is_typed_behind_a_tab_in_one_go_belongs_to_the_next_field(desk: Desk) -> None:
    """A slow line brings keys in bundles: the field changes before the next of them is looked at."""
    async with desk.at("synced") as screens:
        await screens.press("4")
        await screens.until("Billing email")
        await screens.press("n")
        await screens.until("person")
        await screens.press("enter")
        await screens.until("Postcode")
        await burst(screens, "A", "tab", "B", "tab", "C", "shift+tab", "D")
        values = {field.id: field.value for field in screens.app.screen.query(Input)}
        assert [value for value in values.values() if value] == ["A", "BD", "C"]
