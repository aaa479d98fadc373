"""A file with a table, for what goes wrong around it."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = str(tmp_path / "app.db")
    connection = apsw.Connection(file)
    connection.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL, size INTEGER)")
    connection.execute("INSERT INTO notes (text) VALUES ('first')")
    connection.close()
    return file
