"""What the tests of copying share: databases made of statements, and what they hold as one comparable value."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from tests.postgresql.conftest import server, url

__all__ = ["server", "url"]


@pytest.fixture(scope="session")
def thinned(copied: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """As ``copied``, with a tenth of Sakila's rentals: its tables, keys and views are what is odd, and not 32,000 rows.

    That a table goes in several batches, Chinook shows.
    """
    folder = tmp_path_factory.mktemp("thinned")

    def thin(name: str) -> Path:
        path = folder / f"{name}.sqlite"
        if name != "sakila":
            return copied(name)
        if not path.exists():
            shutil.copyfile(copied(name), path)
            connection = apsw.Connection(str(path))
            for table in ("payment", "rental"):
                connection.execute(f"DELETE FROM {table} WHERE rental_id % 10 <> 0")
            connection.close()
        return path

    return thin


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
