"""A database with a few tables, on which trails are kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from noormme import Database, connect

SCRIPT = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, age INTEGER, seen DATETIME, is_active BOOLEAN DEFAULT 1
);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES users ON DELETE CASCADE, title TEXT, data JSON
);
CREATE TABLE pairs (a TEXT, b UUID, note TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE notes (text TEXT);
CREATE VIEW adults AS SELECT * FROM users WHERE age >= 18;
CREATE VIRTUAL TABLE words USING fts5 (text);
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = str(tmp_path / "app.db")
    connection = apsw.Connection(file)
    connection.execute(SCRIPT)
    connection.close()
    return file


@pytest.fixture
def db(path: str) -> Iterator[Database]:
    with connect(path) as database:
        yield database
