"""Snapshots of screens: the text of a screen, and its picture, compared with what was looked at and committed."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import pytest

from tests.tui.driving import Screens

FOLDER = Path(__file__).parent / "snapshots"
# What differs from machine to machine and from run to run, with something of the same length in its place.
_MASKS = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "0"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "0"),
    (re.compile(r"(?<=localhost:)\d+|(?<=127\.0\.0\.1:)\d+|(?<=-L )\d+"), "9"),
)
_IDS = re.compile(r"terminal-\d+")


def _masked(text: str) -> str:
    for pattern, filler in _MASKS:
        text = pattern.sub(lambda found, filler=filler: filler * len(found[0]), text)
    return text


def check(screens: Screens, name: str, request: pytest.FixtureRequest, *, picture: bool = True) -> None:
    """Compare with the snapshot ``name``, or take it anew with ``--update``. Pictures are kept at 80x24."""
    width, height = screens.app.size
    found = {f"{name}.{width}x{height}.txt": _masked(screens.text()) + "\n"}
    if picture and width == 80:
        svg = screens.app.export_screenshot(title="XeroSync", simplify=True)
        found[f"{name}.{width}x{height}.svg"] = _IDS.sub("terminal", _masked(svg))
    for file, text in found.items():
        path = FOLDER / file
        if request.config.getoption("--update"):
            FOLDER.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        else:
            assert path.exists(), f"{file} is no snapshot yet: take it with --update"
            _compare(path.read_text(encoding="utf-8"), text, file)


def _compare(kept: str, found: str, name: str) -> None:
    if kept != found:
        difference = difflib.unified_diff(kept.splitlines(), found.splitlines(), "kept", "found", lineterm="", n=1)
        pytest.fail(f"{name} looks different (--update takes it anew):\n" + "\n".join(list(difference)[:60]))
