"""No row of the reference is without a contract test."""

import importlib
import re
from pathlib import Path

import pytest

from xerosync_tui.sandbox.karbon import switches

from .rows import NOT_PLAYED, REFERENCE, ROWS, all_rows, read_rows

HERE = Path(__file__).parent


def rows_held() -> set[str]:
    """The rows named by the tests of this folder, whichever of them are selected."""
    stems = [path.stem for path in HERE.glob("test_*.py")]
    modules = [importlib.import_module(f"{__package__}.{stem}") for stem in stems]
    tests = [value for module in modules for value in vars(module).values()]
    return {name for test in tests for name in getattr(test, "reference_rows", ())}


def test_every_row_is_covered() -> None:
    assert sorted(all_rows() - rows_held() - set(NOT_PLAYED)) == []


def test_a_row_that_is_tested_is_not_listed_as_left_out() -> None:
    assert set(NOT_PLAYED) & rows_held() == set()
    assert set(NOT_PLAYED) <= all_rows()


def test_every_switch_is_turned_in_a_test() -> None:
    """Both values: the default is what the tests run with, each other value is named by one."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    turned = set(re.findall(r"\b(\w+)=", text)) | set(re.findall(r'"(\w+)": ', text))
    assert set(switches.DEFAULTS) - turned == set()


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the references are not beside the project")
def test_the_list_is_that_of_the_reference() -> None:
    reference = read_rows((REFERENCE / "karbon.md").read_text(encoding="utf-8"))
    for section, names in ROWS.items():
        told = reference[section]
        assert len(told) == len(names), section
        assert [name for name, text in zip(names, told, strict=True) if not text.startswith(name)] == []
    told_of = {section for section in reference if re.fullmatch(r"2\.(\d|10|11)", section)}
    assert told_of == set(ROWS)
