"""Standard streams that are closed, full, narrow or gone; nothing is lost and no traceback shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .shell import Shell

FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


def quiet(shell: Shell, line: str, code: int) -> bytes:
    """Runs a line of shell; its last status must be ``code``. Returns standard error."""
    ran = shell.script(line)
    assert (ran.code, b"Traceback" in ran.err, b"Exception ignored" in ran.err) == (code, False, False), ran.said
    return ran.err


@pytest.mark.parametrize(
    "line",
    [
        "$X contacts --json <&- | $PYTHON -m json.tool >/dev/null",
        "$X contacts >&-",
        "$X contacts --csv >&- 2>&- <&-",
        "$X contacts | head -1 >/dev/null",
        "$X contacts --json | true",
        "$X --help | true",
        "$X contacts 2>/dev/full",
    ],
)
def test_done_all_the_same(synced_home: Shell, line: str) -> None:
    if "/dev/full" in line and not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    assert (
        quiet(synced_home, line.replace("$PYTHON", "python3"), 0)
        .removesuffix(b"Karbon contacts\n")
        .strip(b" 0123456789")
        == b""
    )


@FULL
@pytest.mark.parametrize("words", ["contacts", "contacts --json", "clients --csv", "doctor", "--help", "--version"])
def test_output_that_cannot_be_written_is_told(synced_home: Shell, words: str) -> None:
    said = quiet(synced_home, f"$X {words} >/dev/full", 8)
    assert b"xerosync: Cannot write: No space left on device" in said


@FULL
def test_a_change_is_kept_when_its_report_cannot_be_written(empty: Shell) -> None:
    quiet(empty, "$X add --person name='Ada Lovelace' >/dev/full", 8)
    quiet(empty, "$X add --person name='Grace Hopper' >/dev/full 2>/dev/full", 8)
    assert [one["name"] for one in empty("contacts", "--json").json] == ["Ada Lovelace", "Grace Hopper"]


def test_a_failure_keeps_its_code_without_standard_error(synced_home: Shell) -> None:
    for where in ("2>&-", "2>/dev/full", ">&- 2>&-"):
        ran = synced_home.script(f"$X delete nokey {where}")
        assert (ran.code, ran.out) == (2, b"")


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
        {"TERM": "dumb", "NO_COLOR": "1", "COLUMNS": "0", "LC_ALL": "nonsense"},
    ],
    ids=str,
)
def test_a_narrow_encoding_loses_no_more_than_it_must(synced_home: Shell, environment: dict[str, str]) -> None:
    shell = synced_home.but(**environment)
    shown, data = shell("contacts").well(), shell("contacts", "--json").well()
    assert len(shown.out.splitlines()) == len(data.json) + 1
    assert shell("contacts", "--csv").well().out == synced_home("contacts", "--csv").out  # data, whatever the terminal
    assert shell("--help").code == 0
    assert shell("delete", "nökey").code == 2


def test_a_folder_that_was_deleted(synced_home: Shell, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    line = f"mkdir {gone}; cd {gone}; rmdir {gone}; "
    assert quiet(synced_home, f"{line} $X status --json", 0) == b""
    assert b"No such file" in quiet(synced_home, f"{line} $X import x.csv", 2)
    assert b"No such file" in quiet(synced_home, f"{line} XEROSYNC_HOME=here $X status", 8)


@pytest.mark.parametrize(
    "words",
    [
        (b"sync", b"\x1b]52;c;AAAA\x07"),
        (b"nope\x1b[31m",),
        (b"edit", b"key", b"name=\xff"),
        (b"contacts", b"--search", b"\xff\x9b"),
        (b"delete", "a\u202eb\u2028c\x9b".encode()),
    ],
)
def test_hostile_words_are_not_echoed_raw(empty: Shell, words: tuple[bytes, ...]) -> None:
    ran = empty(*(os.fsdecode(word) for word in words)).failed(2)
    assert ran.said.count("\n") == 1
    for character in "\x1b\x07\x9b\u202e\u2028":
        assert character not in ran.said
