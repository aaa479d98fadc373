"""The worlds, opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from noormme import Database, connect
from tests.outputs.world import IN_THE_WAY, ROWS, SHOP, make


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Database]:
    """A shop: every kind of limit, a generated column, a view."""
    with connect(make(tmp_path / "shop.db", SHOP, ROWS)) as db:
        yield db


@pytest.fixture
def in_the_way(tmp_path: Path) -> Iterator[Database]:
    """A database whose names hide types, classes and methods."""
    with connect(make(tmp_path / "in_the_way.db", IN_THE_WAY)) as db:
        yield db
