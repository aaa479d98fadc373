"""The databases that writes are tried on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from noormme import Database, connect
from noormme.engines.sqlite.dialect import SQLiteDialect
from tests.worlds import Worlds
from tests.writing.scratch import Scratch
from tests.writing.servers import ServerWriting, connected
from tests.writing.world import READING_AGAIN, Writing, build

SCRIPT = """
CREATE TABLE users (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, age INTEGER, active BOOLEAN NOT NULL DEFAULT 1,
    manager_id INTEGER REFERENCES users(id), initial TEXT AS (substr(email, 1, 1)), data JSON
);
CREATE TABLE posts (
    id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES users(id), title TEXT, slug TEXT, draft INTEGER
);
CREATE UNIQUE INDEX one_slug ON posts(slug) WHERE draft = 0;
CREATE TABLE pairs (a INTEGER, b TEXT, c TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE TABLE pair_notes (
    id INTEGER PRIMARY KEY, pair_a INTEGER, pair_b TEXT, FOREIGN KEY (pair_a, pair_b) REFERENCES pairs(a, b)
);
CREATE TABLE nokey (x, y);
CREATE TABLE "od;d ""name" ("k;" INTEGER PRIMARY KEY, "select" TEXT);
INSERT INTO users (email, age, active) VALUES ('ann@x', 17, 1), ('bob@x', 40, 1), ('cem@x', NULL, 0);
INSERT INTO posts (author_id, title) VALUES (1, 'one'), (2, 'two'), (2, 'three');
INSERT INTO pairs VALUES (1, 'x', 'p'), (1, 'y', 'q'), (2, 'x', 'r');
INSERT INTO pair_notes (pair_a, pair_b) VALUES (1, 'x');
INSERT INTO nokey VALUES (1, 2), (1, 3);
"""


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Scratch]:
    made = Scratch(tmp_path / "scratch.db", SCRIPT)
    yield made
    made.close()


_BOTH = ("test_bulk", "test_getting", "test_objects", "test_relations")
"""The modules whose tests run on both kinds of databases, but for those that count statements."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let tests of what is written run once more as on a database without RETURNING."""
    if metafunc.module.__name__.rpartition(".")[2] in _BOTH and "world" in metafunc.fixturenames:
        counts = metafunc.definition.get_closest_marker("counts_statements") is not None
        again = pytest.param(
            "reading again", marks=pytest.mark.sqlite("other engines say themselves what they can do")
        )
        once = pytest.param(
            "returning", marks=pytest.mark.otherwise("mysql", "reads again what an UPDATE filled in")
        )
        kinds = [once] if counts else ["returning", again]
        metafunc.parametrize("features", kinds, indirect=True)


@pytest.fixture
def features(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the databases of the test can do."""
    if getattr(request, "param", "") == "reading again":
        monkeypatch.setattr(SQLiteDialect, "features", READING_AGAIN)


@pytest.fixture(scope="session")
def on_servers(worlds: Worlds) -> Iterator[Callable[[str], ServerWriting]]:
    """A function that gives the database on a server by the name of its engine."""
    made: dict[str, ServerWriting] = {}

    def get(engine: str) -> ServerWriting:
        if engine not in made:
            made[engine] = connected(engine, worlds.empty(engine, "writing"), worlds.url(engine, "writing"))
        made[engine].anew()
        return made[engine]

    yield get
    for each in made.values():
        each.close()


@pytest.fixture
def world(
    tmp_path: Path, features: None, engine: str, on_servers: Callable[[str], ServerWriting]
) -> Iterator[Writing | ServerWriting]:
    """The database on each engine, with the rows of a new one."""
    if engine == "libsql":
        pytest.skip("tests.with_libsql has writes of its own")
    if engine != "sqlite":
        yield on_servers(engine)
        return
    path = build(tmp_path / "writing.db")
    # Long enough for the threads and processes of a test that all write, on a busy machine.
    made = Writing(connect(path, busy_timeout_s=30), path)
    yield made
    made.close()


@pytest.fixture
def db(world: Writing | ServerWriting) -> Database:
    return world.db
