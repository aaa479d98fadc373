"""The small world of ``world``, read-only for most tests, as an own copy for those that change it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from noormme import Database, connect
from tests.orm.support import written_from
from tests.orm.world import build
from tests.worlds import Worlds


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file; read it, and do not write to it."""
    return build(tmp_path_factory.mktemp("world") / "world.db")


@pytest.fixture
def db(world: Path, engine: str, worlds: Worlds) -> Iterator[Database]:
    """The world on each engine, connected anew: nothing is compiled yet."""
    with worlds.connected(engine, world, readonly=True) as database:
        if engine != "sqlite":
            written_from(worlds.shared("sqlite", world))
        yield database


@pytest.fixture
def own(world: Path, tmp_path: Path) -> Path:
    """A copy of the world that a test may change."""
    return Path(shutil.copy(world, tmp_path / "own.db"))


@pytest.fixture
def writable(request: pytest.FixtureRequest, world: Path, engine: str, worlds: Worlds) -> Iterator[Database]:
    """A world that the test may write to, on each engine."""
    file = engine == "sqlite"
    with connect(request.getfixturevalue("own")) if file else worlds.restored(engine, world) as database:
        # What the first write of a connection does besides is not what tests count.
        database.users.filter(name="nothing").delete()
        yield database


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Database]]:
    """A function that makes a database from a script, connects to it, and closes it in the end."""
    from tests.orm.world import change

    databases: list[Database] = []

    def open_script(script: str, **settings: object) -> Database:
        path = tmp_path / f"made{len(databases)}.db"
        change(path, script)
        databases.append(connect(path, **settings))
        return databases[-1]

    yield open_script
    for database in databases:
        database.close()
