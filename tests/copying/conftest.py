"""What the tests of copying share: databases made of statements, and what they hold as one comparable value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from tests.postgresql.conftest import server, url

__all__ = ["server", "url"]


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Path]:
    """A function that makes a SQLite database of statements and gives its path."""

    def make(script: str, name: str = "source.db") -> Path:
        path = tmp_path / name
        connection = apsw.Connection(str(path))
        connection.execute(script)
        connection.close()
        return path

    return make
