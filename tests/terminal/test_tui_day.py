"""One keyboard-only walk from the first start to the last resolved conflict, in a real terminal."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.terminal.screen import Terminal


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XEROSYNC")}
    over_ssh = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
    return {**kept, **over_ssh, "TERM": "xterm-256color", "LANG": "C.UTF-8", "TMPDIR": str(tmp_path)}


def waiting(terminal: Terminal) -> int:
    """How many conflicts the issues page says there are."""
    found = re.search(r"Conflicts (\d+)", terminal.text())
    return int(found[1]) if found else 0


def next_is_there(text: str) -> bool:
    """Whether the pair on the screen is the one under the cursor: a key before that decides nothing."""
    row, pair = re.search(r"▸\s*(\S+)", text), re.search(r"Why +│ +(\S+)", text)
    return bool(row and pair and pair[1].startswith(row[1].rstrip("…")))


def test_the_first_day(environment: dict[str, str]) -> None:
    with Terminal([sys.executable, "-m", "xerosync_tui", "demo", "--size", "60"], environment) as terminal:
        terminal.until("Connect Xero")
        terminal.press("enter")
        terminal.until("waiting for Xero's answer")
        terminal.press("y")
        terminal.until("Which organisation?")
        terminal.press("enter")
        terminal.until("Import filter")
        terminal.press("p")
        terminal.until("Nothing has been written yet")
        terminal.press("space")
        terminal.until("1 vetoed")
        terminal.press("S")
        terminal.until("The first sync is done")
        terminal.press("3")
        terminal.until("Confirm would")
        count = waiting(terminal)
        assert count > 3
        for left in range(count - 1, -1, -1):
            terminal.press("n" if left % 2 else "c")
            terminal.until(f"Conflicts {left} ")
            if left:
                terminal.until(next_is_there)
        terminal.until("Nothing waits for you")
        terminal.press("2")
        terminal.until("Billing email")
        terminal.press("q")
        assert terminal.ended() == 0
