"""`xerosync watch` as a service manager runs it: lines to read, one of its kind, an end that loses nothing."""

from __future__ import annotations

import os
import re
import select
import signal
import sqlite3
import subprocess
from contextlib import AbstractContextManager, closing
from typing import IO, Any

import pytest

from .conftest import Inside, Office
from .shell import PATIENCE, Ran, Shell, interrupt

STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00  "


def make_due(shell: Shell) -> None:
    """As if the last run had been an hour ago."""
    with closing(sqlite3.connect(shell.database)) as database:
        database.execute("UPDATE run SET started_at = started_at - 3600000")
        database.commit()


def watching(shell: Shell, *words: str, **more: Any) -> AbstractContextManager[subprocess.Popen[bytes]]:
    return shell.started("watch", *words, bufsize=0, **more)  # so that a line is read, or is not there yet


def line_of(stream: IO[bytes] | None) -> str:
    """The next line, which must come soon."""
    assert stream and select.select([stream], [], [], PATIENCE)[0]
    return stream.readline().decode()


def end(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> Ran:
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    return Ran(process.returncode, out, err)


def begun(process: subprocess.Popen[bytes]) -> None:
    assert re.fullmatch(STAMP + "Watching.\n", line_of(process.stdout))


def test_it_syncs_when_a_run_is_due_and_there_is_one_of_it(two_way: Office, inside: Inside) -> None:
    shell = two_way.shell
    client = inside(shell, "clients", "--json").json[0]
    two_way.edit_in_xero(client["xero_id"], Name="Renamed Pty Ltd")
    make_due(shell)
    with watching(shell) as process:
        begun(process)
        assert re.fullmatch(STAMP + r"incremental: 1 changed in Karbon; \d requests?\n", line_of(process.stdout))
        shell("watch").failed(6, "Another `xerosync watch`")
        next_run = inside(shell, "status", "--json").json["next_run"]
        assert next_run["watched"] and next_run["at"] and "by `xerosync watch`" in inside(shell, "status").text
        ran = end(process)
    assert (ran.code, ran.text.endswith("Ended.\n")) == (0, True)
    assert not inside(shell, "status", "--json").json["next_run"]["watched"]
    assert inside(shell, "clients", "--search", "Renamed Pty Ltd", "--json").json


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_run_in_hand_is_finished_first(two_way: Office, inside: Inside, number: signal.Signals, code: int) -> None:
    shell = two_way.shell
    client = inside(shell, "clients", "--json").json[0]
    two_way.edit_in_xero(client["xero_id"], Name="Renamed Pty Ltd")
    make_due(shell)
    two_way.fault("slow", value=1.5)
    with watching(shell, "--interval", "60") as process:
        begun(process)
        two_way.until_asked()
        ran = end(process, number)
    assert (ran.code, "a run in hand is finished" in ran.said) == (code, True)
    assert "1 changed in Karbon" in ran.text
    assert inside(shell, "status", "--json").json["last_run"]["state"] == "done"


def test_a_second_signal_ends_it_at_once(two_way: Office, inside: Inside) -> None:
    shell = two_way.shell
    make_due(shell)
    two_way.fault("slow", value=PATIENCE)
    with watching(shell) as process:
        begun(process)
        two_way.until_asked()
        process.send_signal(signal.SIGINT)
        assert "Ending" in line_of(process.stderr)
        interrupt(process).failed(130, "what was done stays done")
    assert inside(shell, "status", "--json").json["last_run"]["state"] in ("cancelled", "interrupted")
    inside(shell, "sync").well()  # the lock is free again


def test_trouble_is_told_once_and_ends_nothing(two_way: Office, inside: Inside) -> None:
    shell = two_way.shell
    for number, client in enumerate(inside(shell, "clients", "--json").json):
        two_way.edit_in_xero(client["xero_id"], Name=f"Renamed {number}")
    make_due(shell)
    with watching(shell) as process:
        begun(process)
        brake = line_of(process.stdout)
        assert "stopped before it changed anything" in brake and "--approve" in brake
        assert process.poll() is None
        assert end(process).text.splitlines()[0].endswith("Ended.")
    assert "Renamed" not in inside(shell, "clients").text


def test_without_a_connection_it_waits_and_says_so(empty: Shell) -> None:
    with watching(empty) as process:
        begun(process)
        assert "Waiting: Xero is not connected" in line_of(process.stdout)
        assert end(process).code == 0


def test_lines_for_the_journal_have_no_time_of_their_own(empty: Shell) -> None:
    reading, writing = os.pipe()
    to = os.fstat(writing)
    shell = empty.but(JOURNAL_STREAM=f"{to.st_dev}:{to.st_ino}")
    with watching(shell, stdout=writing) as process, os.fdopen(reading, "rb") as lines:
        os.close(writing)
        assert line_of(lines) == "Watching.\n"
        assert end(process).code == 0
