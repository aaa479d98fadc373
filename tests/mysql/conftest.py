"""Databases on a real MySQL or MariaDB server; each is dropped at the end of what it was made for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest

from noormme import Database, connect

if find_spec("pymysql") is None:
    # The summary at the end says that MariaDB was not tested.
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a server; tests that need one are skipped where there is none."""
    from tests.mysql.server import NO_SERVER, running

    with running() as url:
        if url is None:
            pytest.skip(NO_SERVER)
        yield url


@pytest.fixture(scope="session")
def unusual() -> Iterator[str]:
    """The URL of a server whose owner allows small statements only, and short words in a full-text index."""
    from tests.mysql.server import own_server

    with own_server("--max-allowed-packet=64K", "--innodb-ft-min-token-size=2") as url:
        if url is None:
            pytest.skip("MariaDB's own programs are not installed")
        yield url


@pytest.fixture
def url(server: str) -> Iterator[str]:
    """The URL of an empty database."""
    from tests.mysql.server import new_database

    with new_database(server) as made:
        yield made


@pytest.fixture
def opened(url: str) -> Iterator[Callable[..., Database]]:
    """A function that runs a script in an empty database and connects to it."""
    from tests.mysql.server import run_script

    databases: list[Database] = []

    def open_script(script: str = "", **settings: object) -> Database:
        run_script(url, script)
        databases.append(connect(url, **settings))
        return databases[-1]

    yield open_script
    for database in databases:
        database.close()
