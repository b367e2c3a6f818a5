"""The log of unexpected errors: where it happened and nothing of what it happened to, and no failure of its own."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from xerosync_tui.log import record

SECRET = "SENTINEL-SECRET"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    monkeypatch.setenv("XEROSYNC_HOME", str(folder))
    return folder


@pytest.fixture
def log(home: Path) -> Path:
    return home / "log" / "errors.log"


def fails(token: str) -> None:
    sealed = {"access_token": token}
    raise ValueError(f"SENTINEL-MESSAGE: {sealed}")


def fails_on_the_way(token: str) -> None:
    try:
        fails(token)
    except ValueError as error:
        another = LookupError(token)
        another.add_note(f"SENTINEL-NOTE {token}")
        raise another from error


def raised(work: Callable[[str], None] = fails) -> Exception:
    try:
        work(SECRET)
    except Exception as error:
        return error
    raise AssertionError("it did not fail")


def test_the_kind_of_the_error_and_its_places_are_written(log: Path) -> None:
    assert record(raised()) == f"Details: {log}"
    first, *places = log.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00 ValueError", first)
    line = fails.__code__.co_firstlineno + 2
    assert [place.rpartition(" ")[2] for place in places] == ["raised", "fails"]
    assert places[-1] == f"  {__file__}:{line} fails"


@pytest.mark.parametrize("work", [fails, fails_on_the_way])
def test_no_value_is_written_or_said(log: Path, work: Callable[[str], None]) -> None:
    """P19: not its message, its notes, its cause's, a variable, nor the line of the program that failed."""
    said = record(raised(work))
    assert "SENTINEL" not in log.read_text(encoding="utf-8") + said
    assert "token" not in log.read_text(encoding="utf-8")


def test_each_error_is_added_to_the_others(log: Path) -> None:
    record(raised())
    before = log.read_text(encoding="utf-8")
    record(raised(fails_on_the_way))
    both = log.read_text(encoding="utf-8")
    assert both.startswith(before)
    assert [line.split()[-1] for line in both.splitlines() if not line.startswith(" ")] == ["ValueError", "LookupError"]


def test_it_is_the_owners_alone(log: Path) -> None:
    before = os.umask(0)
    try:
        record(raised())
    finally:
        os.umask(before)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (log, log.parent)] == [0o600, 0o700]


def test_an_error_that_nobody_raised_has_no_place(log: Path) -> None:
    record(ValueError(SECRET))
    [only] = log.read_text(encoding="utf-8").splitlines()
    assert only.endswith(" ValueError")


def in_the_way(home: Path) -> None:
    home.write_text("")


def log_in_the_way(home: Path) -> None:
    (home / "log" / "errors.log").mkdir(parents=True)


def broken_config(home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("x = [")


def read_only(home: Path) -> None:
    home.mkdir(mode=0o500)


@pytest.mark.parametrize(
    "trouble",
    [
        in_the_way,
        log_in_the_way,
        broken_config,
        pytest.param(read_only, marks=pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")),
    ],
)
def test_where_no_log_can_be_written_the_place_is_said_instead(home: Path, trouble: Callable[[Path], None]) -> None:
    trouble(home)
    line = fails.__code__.co_firstlineno + 2
    assert record(raised()) == f"Its place: {__file__}:{line} fails"


def test_a_home_that_is_no_path_is_no_second_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XEROSYNC_HOME", "~nobody-of-that-name/home")
    assert record(raised()).startswith("Its place: ")
