"""The documents and the code say the same: commands, environment variables, exit codes."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from xerosync_tui import errors
from xerosync_tui.cli.parser import build_parser
from xerosync_tui.settings import _PLAIN_KEYS

ROOT = Path(__file__).parents[2]
DESIGN = ROOT.parent / "shared" / "design" / "cli.md"
README = ROOT / "README.md"
# Planned in cli.md and still to be built; a command that exists may not stay here.
NOT_YET = {"connect karbon", "export"}
OPTIONS_NOT_YET: set[tuple[str, str]] = set()
KEYS = {"XEROSYNC_KARBON_TOKEN", "XEROSYNC_KARBON_ACCESS_KEY"}  # secrets: read by `connect karbon` alone


def parsers() -> dict[str, argparse.ArgumentParser]:
    (choices,) = [a.choices for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction)]
    return dict(choices)


def options(parser: argparse.ArgumentParser) -> set[str]:
    return {word for action in parser._actions for word in action.option_strings if word.startswith("--")}


def design() -> str:
    if not DESIGN.exists():
        pytest.skip("the design documents are not beside this project")
    return DESIGN.read_text(encoding="utf-8")


def usages() -> list[str]:
    """What stands in the first column of the table of commands, a command each."""
    rows = re.findall(r"^\| (`xerosync.*?) \| ", design(), re.MULTILINE)
    return [usage.replace("\\|", "|") for row in rows for usage in re.findall(r"`xerosync ?([^`]*)`", row)]


def command_of(usage: str) -> str:
    """`connect karbon` is a command of two words; otherwise the first word is the command."""
    return "connect karbon" if usage.startswith("connect karbon") else usage.partition(" ")[0]


def test_every_command_of_the_design_exists_or_is_not_yet_built() -> None:
    planned = {command_of(usage) for usage in usages()} - {""}
    assert {"sync", "undo", "import"} <= planned
    assert planned - set(parsers()) - NOT_YET == set()


def test_every_command_is_in_the_design() -> None:
    assert set(parsers()) - {command_of(usage) for usage in usages()} == set()


def test_what_is_not_yet_built_is_not_there() -> None:
    existing = parsers()
    assert NOT_YET & set(existing) == set()
    for command, word in OPTIONS_NOT_YET:
        assert word not in options(existing[command])


def test_every_option_of_the_design_exists_or_is_not_yet_built() -> None:
    missing = {
        (command_of(usage), word)
        for usage in usages()
        for word in re.findall(r"--[a-z-]+", usage)
        if command_of(usage) in parsers() and word not in options(parsers()[command_of(usage)])
    }
    assert missing - OPTIONS_NOT_YET == set()


def test_every_command_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    missing = [name for name in parsers() if not re.search(rf"xerosync {name}\b", text)]
    assert missing == [], "commands that README.md does not mention as `xerosync NAME`"


def test_the_readme_names_no_command_that_is_not_there() -> None:
    blocks = re.findall(r"(?:^|`)(?:\$ )?xerosync ([a-z][a-z-]*)", README.read_text(encoding="utf-8"), re.MULTILINE)
    services = re.findall(r"^ExecStart=\S+/xerosync (\S+)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert services == ["watch"]
    assert set(blocks) - set(parsers()) == set()


def test_every_environment_variable_is_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    known = {"XEROSYNC_HOME", *KEYS, *(f"XEROSYNC_{key.upper()}" for key in _PLAIN_KEYS)}
    assert sorted(known - set(re.findall(r"XEROSYNC_[A-Z_]*[A-Z]", text))) == [], "variables missing in README.md"


def test_every_environment_variable_of_the_design_is_read() -> None:
    known = {"XEROSYNC_HOME", *KEYS, *(f"XEROSYNC_{key.upper()}" for key in _PLAIN_KEYS)}
    beyond = {"XEROSYNC_THEME", "XEROSYNC_KARBON_WEB_URL"}
    assert set(re.findall(r"`(XEROSYNC_[A-Z_]*[A-Z])`", design())) == known - beyond


def exit_codes() -> set[int]:
    """Every code the program can end with: of its errors, and done, interrupted, ended by a signal."""
    kinds = [errors.XeroSyncError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    return {0, 129, 130, 143, *(kind.exit_code for kind in kinds)}


def test_every_exit_code_is_explained_by_help_the_readme_and_the_design() -> None:
    help_ = build_parser().format_help().partition("exit codes:")[2]
    assert {int(code) for code in re.findall(r"\b\d+\b", help_)} == exit_codes()
    assert exit_codes() <= {int(code) for code in re.findall(r"\b\d+\b", design().partition("Exit codes:")[2])}
    readme = re.search(r"(?is)exit codes?(.*)", README.read_text(encoding="utf-8"))
    told = {int(code) for code in re.findall(r"\b\d{1,3}\b", readme[1])} if readme else set()
    assert sorted(exit_codes() - told) == [], "exit codes missing in README.md"
