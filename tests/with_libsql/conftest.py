"""Databases on a real libSQL server."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from noormme import Database, connect
from tests.with_libsql.server import NO_SERVER, emptied, load, named_or_running


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a server; tests that need one are skipped where there is none."""
    with named_or_running() as url:
        if url is None:
            pytest.skip(NO_SERVER)
        yield url


@pytest.fixture
def url(server: str) -> str:
    """The URL of an empty database."""
    return emptied(server)


@pytest.fixture
def opened(url: str) -> Iterator[Callable[..., Database]]:
    """A function that runs a script in an empty database and connects to it."""
    databases: list[Database] = []

    def open_script(script: str = "", **settings: object) -> Database:
        load(url, script)
        databases.append(connect(url, **settings))
        return databases[-1]

    yield open_script
    for database in databases:
        database.close()
