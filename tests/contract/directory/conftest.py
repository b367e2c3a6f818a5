"""Every test of this folder runs on every implementation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import new_store
from xerosync_tui.store.database import Store

from .subject import Builtin, Subject


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = new_store(tmp_path)
    yield one
    one.close()


@pytest.fixture(params=[Builtin])
def subject(request: pytest.FixtureRequest, store: Store) -> Subject:
    one: Subject = request.param(store)
    return one
