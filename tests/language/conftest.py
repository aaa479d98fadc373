"""The small world of ``world`` on each engine: on those of every world, and on libSQL in any case."""

from __future__ import annotations

from pathlib import Path

import pytest

from noormme import Database
from tests.language.engines import ASKED
from tests.language.world import build
from tests.worlds import Worlds


@pytest.fixture(params=ASKED)
def engine(request: pytest.FixtureRequest) -> str:
    """The engine that a test runs on."""
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file; read it, and roll back what is written to it."""
    return build(tmp_path_factory.mktemp("language") / "language.db")


@pytest.fixture
def db(engine: str, path: Path, worlds: Worlds) -> Database:
    """The world, connected once: a query is compiled by the first test that needs it; who writes rolls back."""
    return worlds.shared(engine, path, readonly=False)
