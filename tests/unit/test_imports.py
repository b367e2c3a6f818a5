"""Who may import whom (one way, as ``MAY_IMPORT`` lists it), and what a command that only talks may not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

import xerosync_tui

PACKAGE = Path(xerosync_tui.__file__).parent
MAY_IMPORT = {
    "hints": set(),
    "errors": {"hints"},
    "domain": {"domain", "hints"},
    "words": {"domain"},
    "keyboard": {"errors"},
    "settings": {"keyboard", "errors"},
    "log": {"settings"},
    "store": {"store", "domain", "errors", "hints"},
    "remotes": {"remotes", "domain", "store", "errors", "hints", "settings", "version"},
    "program": {"settings", "store", "remotes", "domain", "errors", "hints"},
    "engine": {"engine", "program", "remotes", "store", "domain", "errors", "hints", "settings", "log"},
    "services": {
        "services", "engine", "program", "remotes", "store", "domain", "words", "errors", "hints", "settings",
    },
    "cli": {
        "cli", "tui", "services", "program", "domain", "words", "errors", "hints", "settings", "sandbox", "log",
        "version",
    },
    "tui": {"tui", "services", "program", "domain", "words", "errors", "hints", "keyboard", "log"},
    "sandbox": {"sandbox"},
    "__main__": {"cli"},
    "__init__": set(),
}  # fmt: skip
ONLY_FOR_SOME = {"sandbox": {"cli.demo", "cli.sandbox"}, "tui": {"cli.demo", "cli.screens"}}  # of the commands
HEAVY = {
    "textual",
    "httpx2",
    "peewee",
    "authlib",
    "msgspec",
    "starlette",
    "uvicorn",
    "cryptography",
    "phonenumbers",
    "rapidfuzz",
}
SLOW = HEAVY - {"textual", "peewee", "msgspec"}  # what only a request, a consent or a phone number needs
LIGHT = (
    "program",
    "engine.undo",
    "services.undo",
    "services.overview",
    "services.lists",
    "services.contacts",
    "services.triage",
    "services.importing",
)
TRAINER = {"faker", "names", "numpy", "wonderwords", "tests"}  # what makes the weights; no part of the program
OUTER_WORLD = {"os", "sys", "time", "socket", "pathlib", "asyncio", "sqlite3", "random", "uuid", "httpx2", "peewee"}


def modules() -> dict[str, ast.Module]:
    """Every module of the package by its name, without the package's own; migrations have numbers for names."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


def imports(name: str, tree: ast.Module) -> Iterator[str]:
    """What ``name`` imports of ours, anywhere in it, as ``room.module``; ``version`` is the package's own."""
    home = f"{xerosync_tui.__name__}.{name}".rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), home)
            wanted = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        for full in wanted:
            package, _, rest = full.partition(".")
            if package == xerosync_tui.__name__:
                yield "version" if rest == "__version__" else rest


MODULES = modules()


def test_the_package_was_found() -> None:
    assert {"cli.parser", "domain.contact", "store.models", "sandbox.app", "services.triage"} <= set(MODULES)
    assert "remotes.http" in MODULES


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_go_one_way(name: str) -> None:
    room = name.partition(".")[0]
    assert room in MAY_IMPORT, f"{room} is a new room: say here whom it may import"
    for imported in imports(name, MODULES[name]):
        target = imported.partition(".")[0]
        assert target in MAY_IMPORT[room], f"{name} imports {imported}"
        if room == "cli" and target in ONLY_FOR_SOME:
            assert name in ONLY_FOR_SOME[target], f"{name} imports {imported}"


def of_others(tree: ast.Module) -> Iterator[str]:
    """The top packages that a module imports, but for its own."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        yield from (full.partition(".")[0] for full in names)


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.startswith("domain.")))
def test_domain_does_no_input_or_output(name: str) -> None:
    """Pure functions: no file, no clock, no network, no await."""
    assert not any(isinstance(node, ast.AsyncFunctionDef | ast.Await) for node in ast.walk(MODULES[name]))
    assert not OUTER_WORLD & set(of_others(MODULES[name]))


def test_the_program_imports_nothing_of_what_makes_the_weights() -> None:
    for name, tree in MODULES.items():
        assert not TRAINER & set(of_others(tree)), name


@pytest.mark.parametrize(
    "words", ["--help", "--version", "sync --help", "demo --help", "connect --help", "nope", "sync --nope"]
)
def test_what_only_talks_loads_nothing_heavy(words: str) -> None:
    program = (
        "import sys\nfrom xerosync_tui.cli import main\ncode = main(sys.argv[1:])\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program, *words.split()], capture_output=True, text=True, check=True)
    loaded = set(ran.stderr.splitlines()[-1].split())
    assert "argparse" in loaded
    assert not loaded & (HEAVY | {"asyncio", "sqlite3"})


@pytest.mark.parametrize("name", ["tui.app", *LIGHT])
def test_the_screens_come_up_without_what_is_slow_to_load(name: str) -> None:
    program = (
        "import sys\nfrom importlib import import_module\nimport_module(sys.argv[1])\n"
        "print(*{name.partition('.')[0] for name in sys.modules})\n"
    )
    words = [sys.executable, "-c", program, f"{xerosync_tui.__name__}.{name}"]
    loaded = set(subprocess.run(words, capture_output=True, text=True, check=True).stdout.split())
    assert xerosync_tui.__name__ in loaded
    assert sorted(loaded & SLOW) == []
