"""Options of the whole suite."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--update``: take the snapshots of the screens anew instead of comparing."""
    parser.addoption("--update", action="store_true", help="take the snapshots of the screens anew; look at the diff")
