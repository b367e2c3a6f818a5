"""The screens in a real terminal: whether it is usable, signals, a dead line, suspending, crashes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal.screen import Terminal

LEFT = b"\x1b[?1049l"  # the alternate screen was left
SHOWN = b"\x1b[?25h"  # the cursor is shown again
PROGRAM = [sys.executable, "-m", "xerosync_tui"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XEROSYNC")}
    return {**kept, "TERM": "xterm-256color", "LANG": "C.UTF-8", "XEROSYNC_HOME": str(tmp_path / "home")}


def test_first_paint_and_quit(environment: dict[str, str]) -> None:
    with Terminal(PROGRAM, environment) as terminal:
        terminal.until("Connect Xero")
        terminal.press("q")
        assert terminal.ended() == 0
    assert LEFT in terminal.raw and SHOWN in terminal.raw


@pytest.mark.parametrize("term", ["dumb", "", None])
def test_a_terminal_that_cannot_be_drawn_on(environment: dict[str, str], term: str | None) -> None:
    if term is None:
        del environment["TERM"]
    else:
        environment["TERM"] = term
    with Terminal(PROGRAM, environment) as terminal:
        assert terminal.ended() == 2
    assert terminal.raw.count(b"\n") == 1 and b"TERM is" in terminal.raw and b"\x1b" not in terminal.raw


@pytest.mark.parametrize("command", [[], ["demo"]])
def test_no_terminal(environment: dict[str, str], command: list[str]) -> None:
    done = subprocess.run([*PROGRAM, *command], env=environment, stdin=subprocess.DEVNULL, capture_output=True)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.count(b"\n") == 1 and b"need a terminal" in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_end_it_cleanly(environment: dict[str, str], number: int, code: int) -> None:
    with Terminal(PROGRAM, environment) as terminal:
        terminal.until("Connect Xero")
        terminal.signal(number)
        assert terminal.ended() == code
    assert LEFT in terminal.raw and SHOWN in terminal.raw


def test_a_line_that_goes_away_ends_it(environment: dict[str, str]) -> None:
    with Terminal(PROGRAM, environment) as terminal:
        terminal.until("Connect Xero")
        terminal.hang_up()
        assert terminal.ended() == 129


def test_a_line_that_goes_away_ends_it_where_hangups_are_ignored(environment: dict[str, str]) -> None:
    ignoring = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    )
    with Terminal([sys.executable, "-c", ignoring, *PROGRAM], environment) as terminal:
        terminal.until("Connect Xero")
        terminal.hang_up()
        assert terminal.ended() == 129


def test_ctrl_z_suspends_and_comes_back(environment: dict[str, str]) -> None:
    with Terminal(PROGRAM, environment) as terminal:
        terminal.until("Connect Xero")
        terminal.press("ctrl+z")
        assert terminal.stopped()
        before = len(terminal.raw)
        terminal.signal(signal.SIGCONT)
        terminal.press("2")
        terminal.until("No client is synced")
        assert b"\x1b[?1049h" in terminal.raw[before:]
        terminal.press("q")
        assert terminal.ended() == 0


CRASH = """
import pathlib, sys
from xerosync_tui.cli.failures import in_one_line
from xerosync_tui.cli.running import with_program
from xerosync_tui.tui import app as screens


class Crashing(screens.XeroSyncApp):
    CSS_PATH = str(pathlib.Path(screens.__file__).with_name("app.tcss"))
    BINDINGS = [("f2", "crash", "Crash"), ("f3", "crash_worker", "Crash")]

    def action_crash(self):
        token = "SENTINEL" + "-SECRET"
        raise ValueError(f"carries {token}")

    def action_crash_worker(self):
        async def work():
            token = "SENTINEL" + "-SECRET"
            raise ValueError(f"carries {token}")

        self.run_worker(work())


screens.XeroSyncApp = Crashing
sys.exit(in_one_line(lambda: with_program(screens.show)))
"""


@pytest.mark.parametrize(("key", "place"), [("\x1bOQ", "action_crash"), ("\x1bOR", "work")], ids=["action", "worker"])
def test_a_crash_says_one_line_and_no_secret(environment: dict[str, str], tmp_path: Path, key: str, place: str) -> None:
    script = tmp_path / "crash.py"
    script.write_text(CRASH, encoding="utf-8")
    with Terminal([sys.executable, str(script)], environment) as terminal:
        terminal.until("Connect Xero")
        terminal.press(key)
        assert terminal.ended() == 1
    after = terminal.raw.rpartition(LEFT)[2]
    assert b"xerosync: unexpected error: " in after and b"Details: " in after
    assert after.partition(b"xerosync: ")[2].count(b"\n") == 1
    log = (tmp_path / "home" / "log" / "errors.log").read_text(encoding="utf-8")
    assert "SENTINEL-SECRET" not in log and b"SENTINEL-SECRET" not in terminal.raw
    assert " ValueError\n" in log and f" {place}\n" in log
