"""The documents of ``world``, read-only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from noormme import Database, connect
from tests.json.world import Form, build


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[Form, Path]:
    """The file for each form; read them, and do not write to them."""
    folder = tmp_path_factory.mktemp("documents")
    return {"text": build(folder / "text.db"), "jsonb": build(folder / "jsonb.db", "jsonb")}


@pytest.fixture(params=["text", "jsonb"])
def db(request: pytest.FixtureRequest, files: dict[Form, Path]) -> Iterator[Database]:
    """The documents as text and as JSONB, connected anew."""
    with connect(files[request.param], readonly=True) as database:
        yield database


@pytest.fixture
def text_db(files: dict[Form, Path]) -> Iterator[Database]:
    """The documents as text alone, for what does not depend on the form."""
    with connect(files["text"], readonly=True) as database:
        yield database


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[Callable[..., Database]]:
    """A function that stores some JSON texts (or whatever else) as ``things.meta`` and connects."""
    opened: list[Database] = []

    def store(*values: Any) -> Database:
        path = tmp_path / f"stored{len(opened)}.db"
        connection = apsw.Connection(str(path))
        connection.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, meta JSON)")
        connection.executemany("INSERT INTO things (meta) VALUES (?)", [(value,) for value in values])
        connection.close()
        opened.append(connect(path))
        return opened[-1]

    yield store
    for database in opened:
        database.close()
