"""One module writes to Xero and Karbon, and one class to the tables of the built-in directory (promise P6)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import xerosync_tui
from xerosync_tui.remotes import ports
from xerosync_tui.store import directory

PACKAGE = Path(xerosync_tui.__file__).parent
PORTS = {"Ledger": {"update", "create", "archive"}, "Directory": {"write"}}
# The built-in directory as the engine's port, and its contact types, which are a change of our own tables.
MAY_WRITE_TABLES = {"remotes/builtin.py", "engine/changes/types.py"}
READS_OF_TABLES = {
    "get", "get_many", "imported", "identifiers", "changes", "version", "counts", "searched", "types", "of_type",
}  # fmt: skip


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = str(path.relative_to(PACKAGE))
        if not name.startswith("sandbox/"):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Of each call of a method: the last name of what it is called on, and the method."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value).rpartition(".")[2], node.func.attr


def writers_of_ports(tree: ast.AST) -> set[str]:
    """Calls that write to a remote, on whatever is named as one."""
    found = set()
    for on, method in calls(tree):
        for port, methods in PORTS.items():
            if on.casefold().removeprefix("open_").endswith(port.casefold()) and method in methods:
                found.add(f"{on}.{method}")
    return found


def aliases(tree: ast.AST) -> set[str]:
    """Names other than its own that a side is given, under which a call of it would not be seen."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute):
            side = node.value.attr.removeprefix("open_")
            names = {ast.unparse(target).rpartition(".")[2].removeprefix("open_") for target in node.targets}
            if side in ("ledger", "directory") and names != {side}:
                found |= names
    return found


def test_only_the_one_write_calls_what_writes_to_a_remote() -> None:
    wrote = {name for name, tree in modules() if not name.startswith("remotes/") and writers_of_ports(tree)}
    assert wrote == {"engine/write.py"}
    assert not {name: found for name, tree in modules() if (found := aliases(tree))}


def test_every_method_of_the_ports_that_writes_is_watched() -> None:
    reads = {
        "Ledger": {"page", "read", "marked"},
        "Directory": {"batch", "requests", "changes", "read", "linked_with_xero"},
    }
    for port, methods in PORTS.items():
        public = {name for name in vars(getattr(ports, port)) if not name.startswith("_")}
        assert public - reads[port] == methods


def test_only_its_own_port_writes_the_tables_of_the_built_in_directory() -> None:
    public = {name for name, value in vars(directory).items() if getattr(value, "__module__", "") == directory.__name__}
    writes = {name for name in public if not name.startswith("_")} - READS_OF_TABLES
    assert writes >= {"add", "update", "delete", "add_type", "rename_type", "remove_type"}
    wrote = {
        name
        for name, tree in modules()
        if name != "store/directory.py" and any(on == "directory" and called in writes for on, called in calls(tree))
    }
    assert wrote == MAY_WRITE_TABLES


@pytest.mark.parametrize(
    "line", ["work.ledger.update(x, y)", "self.open_directory.write(w, r)", "ledger.archive(r, q)"]
)
def test_a_write_elsewhere_would_be_seen(line: str) -> None:
    assert writers_of_ports(ast.parse(line))


def test_another_name_for_a_side_would_be_seen() -> None:
    assert aliases(ast.parse("xero = work.ledger"))
