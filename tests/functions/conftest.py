"""One table with a value of each kind, and NULLs beside them; read-only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import apsw
import pytest

from noormme import Database, InvalidValue, NoormmeError, connect
from noormme.query.expressions.base import Expression
from tests.worlds import Worlds

SCRIPT = """
    CREATE TABLE things (
        id INTEGER PRIMARY KEY, name TEXT, code TEXT, n INTEGER, r REAL, d DECIMAL(10, 3), done BOOLEAN,
        at DATETIME, due DATE, tm TIME, doc JSON, ref UUID, raw BLOB, thing
    );
    INSERT INTO things VALUES
        (1, 'Ölga Straße', 'ab', 7, 2.5, '1.005', 1, '2024-02-29 10:30:15.250000', '2024-02-29', '10:30:15.250000',
         '{"a": [1, 2]}', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', x'6162', 5),
        (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
        (3, 'bob', 'AB', -7, -2.5, '-2', 0, '2023-12-31 00:00:00', '2023-12-31', '23:59:59',
         '[]', '00000000-0000-0000-0000-000000000000', x'', 'x');
"""


@pytest.fixture(scope="session")
def things(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("functions") / "things.db"
    connection = apsw.Connection(str(path))
    connection.execute(SCRIPT).fetchall()
    connection.close()
    return path


@pytest.fixture
def db(things: Path, engine: str, worlds: Worlds) -> Database:
    """The table on each engine."""
    return worlds.shared(engine, things)


@pytest.fixture
def value(db: Database) -> Callable[[Expression], Any]:
    """A function that computes an expression in the first row."""

    def compute(expression: Expression) -> Any:
        return db.things.filter(id=1).annotate(x=expression).values_list("x", flat=True).get()

    return compute


@pytest.fixture
def nothing(value: Callable[[Expression], Any], engine: str) -> Callable[[Expression], None]:
    """A function that asserts that an expression gives nothing: an error on PostgreSQL, NULL on SQLite.

    MariaDB has NULL for most of what PostgreSQL refuses, and refuses what is out of range.
    """

    def check(expression: Expression) -> None:
        if engine == "postgresql":
            with pytest.raises(NoormmeError):
                value(expression)
            return
        with suppress(InvalidValue) if engine == "mysql" else nullcontext():
            assert value(expression) is None

    return check


@pytest.fixture
def computed(db: Database, things: Path, worlds: Worlds) -> Callable[[Expression], tuple[str, list[Any]]]:
    """A function that gives SQLite's SQL of an expression in the select list, and its values in all rows."""

    def compute(expression: Expression) -> tuple[str, list[Any]]:
        usual, asked = (
            each.things.order_by("id").annotate(x=expression).values_list("x", flat=True)
            for each in (worlds.shared("sqlite", things), db)
        )
        statement = " ".join(usual.sql().statement.split())
        sql = statement.removeprefix("SELECT ").partition(' FROM "things"')[0]
        return sql.partition(" AS ")[0] if "CAST(" not in sql else sql.rpartition(" AS ")[0], list(asked)

    return compute


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Database]]:
    """A function that makes a database from a script, connects to it, and closes it in the end."""
    databases: list[Database] = []

    def open_script(script: str, **settings: object) -> Database:
        path = tmp_path / f"made{len(databases)}.db"
        connection = apsw.Connection(str(path))
        connection.execute(script).fetchall()
        connection.close()
        databases.append(connect(path, **settings))
        return databases[-1]

    yield open_script
    for database in databases:
        database.close()
