"""What the tests of typed SQL share: the shop on each engine, and what is inferred of a statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from noormme import Database, connect
from noormme.codegen.sql import Found, look
from noormme.codegen.sql.files import statements_of
from noormme.codegen.sql.model import Problem, Query, Source
from noormme.codegen.sql.prepare import prepare
from noormme.codegen.sql.source import annotation
from tests.codegen.sql.world import new_world

Shape = tuple[dict[str, str], dict[str, str]]


@pytest.fixture(scope="session")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """A function that gives the path or the URL of the shop on an engine; tests leave it as it is."""
    made: dict[str, str] = {}
    with ExitStack() as stack:

        def shop(engine: str) -> str:
            if engine not in made:
                made[engine] = stack.enter_context(new_world(engine, tmp_path_factory.mktemp(engine)))
            return made[engine]

        yield shop


@pytest.fixture
def target(engine: str, shops: Callable[[str], str]) -> str:
    """The shop on the engine of the test."""
    return shops(engine)


@pytest.fixture(scope="session")
def databases(shops: Callable[[str], str]) -> Iterator[Callable[[str], Database]]:
    """A function that gives the shop on an engine, connected; tests leave it as it is."""
    opened: dict[str, Database] = {}

    def database(engine: str) -> Database:
        if engine not in opened:
            opened[engine] = connect(shops(engine))
        return opened[engine]

    yield database
    for each in opened.values():
        each.close()


@pytest.fixture
def db(engine: str, databases: Callable[[str], Database]) -> Database:
    """The shop on the engine of the test, connected."""
    return databases(engine)


@pytest.fixture
def inferred(db: Database) -> Callable[..., Shape]:
    """A function that gives the annotations of a statement's parameters and columns."""
    registry = db._registry

    def infer(sql: str, comments: str = "", command: str = "many") -> Shape:
        title = f"-- name: it :{command}\n{comments}\n{sql}"
        (statement,), problems = statements_of(Source("a.sql", title), registry.schema.dialect)
        assert not problems
        query = prepare(statement, registry.schema, registry.engine)
        assert isinstance(query, Query), [str(problem) for problem in query]
        return (
            {each.field: annotation(each) for each in query.parameters},
            {each.field: annotation(each) for each in query.columns},
        )

    return infer


@pytest.fixture
def problems(target: str, tmp_path: Path) -> Callable[..., list[str]]:
    """A function that gives the problems of the text of a file, without the path of the file."""

    def look_at(text: str | bytes) -> list[str]:
        path = tmp_path / "it.sql"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        found: Found = look(target, [path])
        assert all(isinstance(each, Problem) for each in found.problems)
        return [str(each).replace(f"{path.as_posix()}:", "") for each in found.problems]

    return look_at
