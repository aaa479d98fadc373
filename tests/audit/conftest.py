"""A database with a few tables, on which trails are kept: a file, and one on a PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
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

POSTGRESQL = """
CREATE TABLE users (
    id serial PRIMARY KEY, email text NOT NULL UNIQUE, age int, seen timestamp, is_active boolean DEFAULT true
);
CREATE TABLE posts (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, author_id int REFERENCES users ON DELETE CASCADE,
    title text, data jsonb
);
CREATE TABLE pairs (a text, b uuid, note text, PRIMARY KEY (a, b));
CREATE TABLE notes (text text PRIMARY KEY);
CREATE VIEW adults AS SELECT * FROM users WHERE age >= 18;
CREATE TABLE words (text text);
"""


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a PostgreSQL server; what needs one is skipped where there is none."""
    if find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed")
    from tests.postgresql.server import NO_SERVER, running

    with running() as url:
        if url is None:
            pytest.skip(NO_SERVER)
        yield url


@pytest.fixture(scope="module")
def database(server: str) -> Iterator[str]:
    """The URL of a database for the tests of a file, which take turns in it."""
    from tests.postgresql.server import new_database

    with new_database(server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where the database is: a path or a URL."""
    if request.param == "sqlite":
        file = str(tmp_path / "app.db")
        connection = apsw.Connection(file)
        connection.execute(SCRIPT)
        connection.close()
        yield file
        return
    url: str = request.getfixturevalue("database")
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute('DROP SCHEMA IF EXISTS public, "o\'dd" CASCADE')
        connection.execute(
            f"CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC; {POSTGRESQL}".encode()
        )
    yield url


@pytest.fixture
def db(path: str) -> Iterator[Database]:
    with connect(path) as database:
        yield database
