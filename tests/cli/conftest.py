"""How the tests call the command line: in this process, in another one, and on a pseudo-terminal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import apsw
import pytest
from typer.testing import CliRunner, Result

from noormme.cli.app import app
from noormme.sample import build
from tests.cli.calling import COMMAND, Invoke, Run


@pytest.fixture
def invoke(monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Call the command line in this process."""
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str | Path) -> Result:
        return CliRunner().invoke(app, [str(argument) for argument in arguments])

    return call


@pytest.fixture
def run() -> Run:
    """Call the command line in another process, as a user does."""

    def call(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
        # What runs there runs in this process too; measuring it twice made the suite a fifth longer.
        kept = {name: value for name, value in kept.items() if not name.startswith("COVERAGE_")}
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            env={**kept, **more},
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    return call


@pytest.fixture(scope="session")
def small_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample database with about 1,000 rows; read it, and do not write to it."""
    return build(tmp_path_factory.mktemp("small") / "studio.db", scale=0.02)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """A function that makes a database of SQL statements and gives its path."""

    def call(
        *statements: str, name: str = "made.db", rows: Sequence[tuple[str, tuple[object, ...]]] = ()
    ) -> Path:
        path = tmp_path / name
        connection = apsw.Connection(str(path))
        for statement in statements:
            connection.execute(statement)
        for statement, values in rows:
            connection.execute(statement, values)
        connection.close()
        return path

    return call
