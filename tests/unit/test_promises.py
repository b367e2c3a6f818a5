"""Every promise of the engine has a test that names it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PROMISES = {f"P{number}" for number in range(1, 21)}


def test_every_promise_is_named_by_a_test() -> None:
    named = set()
    for path in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                named |= set(re.findall(r"\bP\d+\b", ast.get_docstring(node) or ""))
    assert named >= PROMISES, f"no test names {sorted(PROMISES - named)}"
