"""Databases on each server that is there, for what holds on all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from noormme import Database, connect
from tests.servers.kinds import KINDS, Kind


@pytest.fixture(scope="session", params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    """One kind of server; each test runs once for each."""
    found = KINDS[request.param]
    if not found.is_there:
        pytest.skip(f"no driver: pip install 'noormme[{found.name}]'")
    return found


@pytest.fixture(scope="session")
def server(kind: Kind) -> Iterator[str]:
    """The URL of a server."""
    with kind.running() as url:
        if url is None:
            pytest.skip(kind.parts.NO_SERVER)
        yield url


@pytest.fixture
def url(kind: Kind, server: str) -> Iterator[str]:
    """The URL of an empty database."""
    with kind.new_database(server) as made:
        yield made


@pytest.fixture
def opened(kind: Kind, url: str) -> Iterator[Callable[..., Database]]:
    """A function that runs a script in an empty database and connects to it."""
    databases: list[Database] = []

    def open_script(script: str = "", **settings: object) -> Database:
        kind.run_script(url, script)
        databases.append(connect(url, **settings))
        return databases[-1]

    yield open_script
    for database in databases:
        database.close()
