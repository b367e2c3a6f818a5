"""A store of its own for each test, and a connection in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import connect, new_store
from xerosync_tui.store.database import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = new_store(tmp_path)
    yield one
    one.close()


@pytest.fixture
async def connection(store: Store) -> int:
    """The id of the active connection."""
    return (await store.run(connect)).id
