"""The same database on every engine: what a test says of one, it says of all.

Invariant: a world on a server holds what the SQLite file holds that it was written from, under the same names,
and sorts NULLs where SQLite sorts them; only the engine differs. A test that asserts what only SQLite says
(its SQL, a row id, a value in another form) is marked ``sqlite``, and one that does not hold on an engine
``otherwise``, with that engine and the reason.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from importlib.util import find_spec
from pathlib import Path

import pytest

from noormme import Database, connect
from tests.restoring import KEEPERS

__all__ = ["ENGINES", "Worlds"]

ENGINES = tuple(os.environ.get("NOORMME_TEST_ENGINES", "sqlite postgresql mysql").split())
"""The engines that tests run on. libSQL is one when it is asked for: it speaks SQLite's SQL, and the table of the
language is asked of it in any case."""


class Worlds:
    """Worlds by engine and file, each written once.

    Args:
        stack: Ends what was begun for them.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._servers: dict[str, str] = {}
        self._targets: dict[tuple[str, Path], str] = {}
        self._shared: dict[tuple[str, Path, bool], Database] = {}
        self._own: dict[tuple[str, Path], tuple[str, Callable[[], None]]] = {}
        self._urls: dict[tuple[str, str], str] = {}
        self._empty: dict[tuple[str, str], Database] = {}

    def connected(self, engine: str, path: Path, **settings: object) -> Database:
        """Connect to a world anew, so that nothing is compiled yet.

        Args:
            engine: One of ``ENGINES``; the test is skipped where it has no server.
            path: The SQLite file.
            **settings: Settings of ``connect``.
        """
        if engine == "sqlite":
            return connect(path, **settings)
        key = (engine, path)
        if key not in self._targets:
            self._targets[key] = self._written(engine, path)
        return _CONNECTIONS[engine](self._targets[key], **settings)

    def shared(self, engine: str, path: Path, *, readonly: bool = True) -> Database:
        """A world that many tests use on one connection, where what was compiled before does not matter.

        Args:
            engine: One of ``ENGINES``; the test is skipped where it has no server.
            path: The SQLite file.
            readonly: Whether they only read; who writes rolls back.
        """
        key = (engine, path, readonly)
        if key not in self._shared:
            self._shared[key] = self._stack.enter_context(self.connected(engine, path, readonly=readonly))
        return self._shared[key]

    def restored(self, engine: str, path: Path) -> Database:
        """A world on a server that a test may write to, with the rows of the file, connected anew.

        Args:
            engine: One of ``ENGINES`` other than SQLite; the test is skipped where there is no server, or where
                nobody knows how to give the rows back.
            path: The SQLite file.
        """
        key = (engine, path)
        if key not in self._own:
            if engine not in KEEPERS:
                pytest.skip("has writes of its own")
            target = self._written(engine, path)
            self._own[key] = target, KEEPERS[engine](target, self._stack)
        else:
            self._own[key][1]()
        return _CONNECTIONS[engine](self._own[key][0])

    def empty(self, engine: str, of: str) -> Database:
        """A database on a server for tests that make their own tables, which they leave to the next ones.

        Args:
            engine: One of ``ENGINES`` other than SQLite; the test is skipped where it has no server.
            of: Whose tests; each folder has one of its own.
        """
        key = (engine, of)
        if key not in self._empty:
            self._empty[key] = self._stack.enter_context(_CONNECTIONS[engine](self.url(engine, of)))
        return self._empty[key]

    def url(self, engine: str, of: str) -> str:
        """Where such a database is.

        Args:
            engine: One of ``ENGINES`` other than SQLite; the test is skipped where it has no server.
            of: Whose tests.
        """
        key = (engine, of)
        if key not in self._urls:
            self._urls[key] = self._new(engine)
        return self._urls[key]

    def _written(self, engine: str, path: Path) -> str:
        target = self._new(engine)
        with connect(path, readonly=True) as source:
            _PARTS[engine]()[2](source, target)
        return target

    def _new(self, engine: str) -> str:
        if find_spec(_DRIVERS[engine]) is None:
            pytest.skip(f"no driver: pip install 'noormme[{engine}]'")
        running, new_database, _, none = _PARTS[engine]()
        if engine not in self._servers:
            server = self._stack.enter_context(running())
            if server is None:
                pytest.skip(none)
            self._servers[engine] = server
        return self._stack.enter_context(new_database(self._servers[engine]))


_Server = Callable[[], AbstractContextManager[str | None]]
_NewDatabase = Callable[[str], AbstractContextManager[str]]
_Write = Callable[[Database, str], None]

_DRIVERS = {"libsql": "noormme", "mysql": "pymysql", "postgresql": "psycopg"}


def _postgresql() -> tuple[_Server, _NewDatabase, _Write, str]:
    from tests.postgresql.mirror import mirror
    from tests.postgresql.server import NO_SERVER, new_database, running

    return running, new_database, mirror, NO_SERVER


def _mysql() -> tuple[_Server, _NewDatabase, _Write, str]:
    from tests.mysql.mirror import mirror
    from tests.mysql.server import NO_SERVER, new_database, running

    return running, new_database, mirror, NO_SERVER


def _sorting_as_sqlite(target: str, **settings: object) -> Database:
    from tests.postgresql.ordering import sort_as_sqlite

    database = connect(target, **settings)
    sort_as_sqlite(database)
    return database


def _libsql() -> tuple[_Server, _NewDatabase, _Write, str]:
    from tests.with_libsql.mirror import mirror
    from tests.with_libsql.server import NO_SERVER, each_its_own, new_database

    return each_its_own, new_database, mirror, NO_SERVER


_PARTS: dict[str, Callable[[], tuple[_Server, _NewDatabase, _Write, str]]] = {
    "libsql": _libsql,
    "mysql": _mysql,
    "postgresql": _postgresql,
}
_CONNECTIONS: dict[str, Callable[..., Database]] = {
    "libsql": connect,
    "mysql": connect,
    "postgresql": _sorting_as_sqlite,
}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The engine that a test runs on; each of them, unless the test is marked ``sqlite``."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def worlds() -> Iterator[Worlds]:
    """The worlds on servers, which end with the tests."""
    with ExitStack() as stack:
        yield Worlds(stack)


def only_where_it_holds(items: list[pytest.Item]) -> list[pytest.Item]:
    """Tests without those that are marked as not holding on the engine that they would run on.

    Args:
        items: All tests.
    """
    return [item for item in items if _holds(item)]


def is_on_a_server(item: pytest.Item) -> bool:
    """Whether a test is one of those that say the same of each engine, and runs on another one than SQLite.

    Args:
        item: The test.
    """
    return _engine(item) != "sqlite"


def _engine(item: pytest.Item) -> str:
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return "sqlite"
    name: str = item.callspec.params.get("engine", "sqlite")
    return name


def _holds(item: pytest.Item) -> bool:
    on = _engine(item)
    if on != "sqlite" and item.get_closest_marker("sqlite") is not None:
        return False
    return all(on != marker.args[0] for marker in item.iter_markers("otherwise"))
