"""No row of the reference is without a contract test."""

import importlib
from pathlib import Path

import pytest

from .rows import NOT_PLAYED, REFERENCE, ROWS, all_rows, read_rows


def rows_held() -> set[str]:
    """The rows named by the tests of this folder, whichever of them are selected."""
    stems = [path.stem for path in Path(__file__).parent.glob("test_*.py")]
    modules = [importlib.import_module(f"{__package__}.{stem}") for stem in stems]
    tests = [value for module in modules for value in vars(module).values()]
    return {name for test in tests for name in getattr(test, "rows", ())}


def test_every_row_is_covered() -> None:
    assert all_rows() - rows_held() - set(NOT_PLAYED) == set()


def test_a_row_that_is_tested_is_not_listed_as_left_out() -> None:
    assert set(NOT_PLAYED) & rows_held() == set()
    assert set(NOT_PLAYED) <= all_rows()


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the references are not beside the project")
def test_the_list_is_that_of_the_reference() -> None:
    reference = read_rows((REFERENCE / "xero.md").read_text(encoding="utf-8"))
    assert {section: reference.get(section) for section in ROWS} == ROWS
    assert {section for section in reference if section.partition(".")[0] in {"1", "2", "3", "4"}} <= set(ROWS)
