"""Text on its way to a widget: nothing put together on the spot, and nothing read as markup.

What is drawn goes through ``tui.text``, which cleans it; a call that is handed an f-string went past it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import xerosync_tui.tui

ROOT = Path(xerosync_tui.tui.__file__).parent
DRAWING = {"Static", "Label", "Option", "update", "notify"}
READS_MARKUP = {"Static", "Label", "notify"}  # unless told otherwise
SAID = {"content", "message", "prompt", "title"}  # what is drawn, where it is handed over by name
TITLES = {"border_title", "border_subtitle"}


def name_of(function: ast.expr) -> str:
    """``notify`` of both ``notify`` and ``self.app.notify``."""
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def drawn(tree: ast.Module) -> Iterator[ast.expr]:
    """What is handed over to be drawn."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node.func) in DRAWING:
            yield from node.args
            yield from (keyword.value for keyword in node.keywords if keyword.arg in SAID)
        if isinstance(node, ast.Assign) and any(name_of(target) in TITLES for target in node.targets):
            yield node.value


def is_composed(value: ast.expr) -> bool:
    """Whether it is a str made here from parts: an f-string, ``%``, ``+``, ``.format`` or ``.join``."""
    if isinstance(value, ast.IfExp):
        return is_composed(value.body) or is_composed(value.orelse)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        of_text = isinstance(value.func.value, ast.Constant)
        return of_text and value.func.attr in {"format", "join"}
    if isinstance(value, ast.BinOp):
        return isinstance(value.op, ast.Add | ast.Mod)
    return isinstance(value, ast.JoinedStr)


def composed(tree: ast.Module) -> list[str]:
    return [ast.unparse(value) for value in drawn(tree) if is_composed(value)]


def says_no_markup(call: ast.Call) -> bool:
    return any(
        k.arg == "markup" and isinstance(k.value, ast.Constant) and k.value.value is False for k in call.keywords
    )


def with_markup(tree: ast.Module) -> list[str]:
    """Calls that read markup, and widgets made from such that do not say to their base that they do not."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node.func) in READS_MARKUP and not says_no_markup(node):
            found.append(ast.unparse(node))
        if isinstance(node, ast.ClassDef) and {name_of(base) for base in node.bases} & READS_MARKUP:
            calls = [call for call in ast.walk(node) if isinstance(call, ast.Call)]
            if not any(name_of(call.func) == "__init__" and says_no_markup(call) for call in calls):
                found.append(f"class {node.name}")
    return found


MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): ast.parse(path.read_text(encoding="utf-8"))
    for path in ROOT.rglob("*.py")
}


@pytest.mark.parametrize("name", sorted(MODULES))
def test_nothing_is_drawn_that_was_put_together_on_the_spot_or_is_read_as_markup(name: str) -> None:
    assert composed(MODULES[name]) + with_markup(MODULES[name]) == []


PAST_THE_HELPER = """
Static(f"{name}", markup=False)
self.query_one("#a", Static).update("%s" % name)
box.update("Name: " + name)
options.add_option(Option("{}".format(name)))
self.app.notify(" ".join(names), markup=False)
self.notify("", title=f"{name}", markup=False)
side.border_title = f"Karbon {at}" if many else "Karbon"
"""
AS_IT_SHOULD_BE = """
Static("Reading ...", id=f"{name}", markup=False)
box.update(text.line(f"{name}", (name, "bold")))
Option(text.safe(f"{name}"))
same.update(range(3), ours - theirs)
side.border_title = self._title
notify(clean(message), markup=False)
class Bar(Static):
    def __init__(self):
        super().__init__(markup=False)
"""


def test_the_rule_sees_what_it_should() -> None:
    assert len(composed(ast.parse(PAST_THE_HELPER))) == 7
    assert composed(ast.parse(AS_IT_SHOULD_BE)) == with_markup(ast.parse(AS_IT_SHOULD_BE)) == []
    reads = "Static('')\nself.notify('', markup=True)\nclass Bar(Static):\n    pass\n"
    assert with_markup(ast.parse(reads)) == ["class Bar", "Static('')", "self.notify('', markup=True)"]
    assert "widgets.listing" in MODULES and any(drawn(MODULES["screens.base"]))
