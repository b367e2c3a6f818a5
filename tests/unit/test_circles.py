"""No module below the screens is in a circle of imports, whether they stand at its head, in a function or for types."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import xerosync_tui

PACKAGE = Path(xerosync_tui.__file__).parent
# What is imported inside a function, and the measured reason.
LATE = {
    ("cli.screens", "tui.app"): "half a second, and the demo may run without the screens",
    ("log", "settings"): "the last resort: what it needs is asked for when all else has failed",
    ("services.triage", "domain.suggest"): "rapidfuzz and the tables of names, which the first screen does without",
}


def modules() -> dict[str, ast.Module]:
    """By dotted name without the package's own."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = list(path.relative_to(PACKAGE).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = ast.parse(path.read_text("utf-8"))
    return {name: tree for name, tree in found.items() if name.partition(".")[0] not in ("", "tui", "__main__")}


def imported(tree: ast.AST, known: Mapping[str, object]) -> Iterator[str]:
    """The modules of ours that are imported anywhere in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == xerosync_tui.__name__:
            room = str(node.module).partition(".")[2]
            for alias in node.names:
                inner = f"{room}.{alias.name}".strip(".")
                yield inner if inner in known else room


def circles(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """The modules that lead back to themselves, by Tarjan's walk."""
    numbers: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def walk(name: str) -> None:
        numbers[name] = lowest[name] = len(numbers)
        stack.append(name)
        for other in graph[name]:
            if other not in numbers:
                walk(other)
                lowest[name] = min(lowest[name], lowest[other])
            elif other in stack:
                lowest[name] = min(lowest[name], numbers[other])
        if lowest[name] == numbers[name]:
            circle = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(circle) > 1:
                found.append(sorted(circle))

    for name in graph:
        if name not in numbers:
            walk(name)
    return found


def test_no_module_below_the_screens_leads_back_to_itself() -> None:
    trees = modules()
    graph = {
        name: {other for other in imported(tree, trees) if other in trees} - {name} for name, tree in trees.items()
    }
    assert len(graph) > 150
    assert circles(graph) == []


def test_a_circle_would_be_seen() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]


def test_what_is_imported_late_has_its_reason() -> None:
    trees = modules()
    late = set()
    for name, tree in trees.items():
        if name.startswith("sandbox"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                late |= {(name, other) for other in imported(node, trees)}
    assert late == set(LATE)
