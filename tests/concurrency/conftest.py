"""A small database that tests of transactions write, in a file of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from noormme import Database, connect
from tests.concurrency.world import build


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return build(tmp_path / "people.db")


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    with connect(path, busy_timeout_s=10) as database:
        yield database
