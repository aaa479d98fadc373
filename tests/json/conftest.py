"""The documents of ``world``, read-only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw
import pytest

from noormme import Database, connect
from tests.json.world import Form, build
from tests.worlds import Worlds


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[Form, Path]:
    """The file for each form; read them, and do not write to them."""
    folder = tmp_path_factory.mktemp("documents")
    return {"text": build(folder / "text.db"), "jsonb": build(folder / "jsonb.db", "jsonb")}


@pytest.fixture(params=["text", pytest.param("jsonb", marks=pytest.mark.sqlite("has two forms of JSON"))])
def form(request: pytest.FixtureRequest) -> Form:
    """The form in which the documents are stored."""
    found: Form = request.param
    return found


@pytest.fixture
def db(engine: str, form: Form, files: dict[Form, Path], worlds: Worlds) -> Iterator[Database]:
    """The documents on each engine, as text and as JSONB, connected anew."""
    if engine != "sqlite":
        yield worlds.shared(engine, files[form])
        return
    with connect(files[form], readonly=True) as database:
        yield database


@pytest.fixture
def text_db(engine: str, files: dict[Form, Path], worlds: Worlds) -> Database:
    """The documents as text alone, for what does not depend on the form."""
    return worlds.shared(engine, files["text"])


@pytest.fixture
def stored(tmp_path: Path, engine: str, worlds: Worlds) -> Iterator[Callable[..., Database]]:
    """A function that stores some JSON texts (or whatever else) as ``things.meta`` and connects."""
    opened: list[Database] = []

    def store(*values: Any) -> Database:
        if engine != "sqlite":
            return _filled(worlds.empty(engine, "json"), engine, values)
        path = tmp_path / f"stored{len(opened)}.db"
        connection = apsw.Connection(str(path))
        # A test's database need not outlive a power failure.
        connection.execute(
            "PRAGMA synchronous = OFF; CREATE TABLE things (id INTEGER PRIMARY KEY, meta JSON)"
        )
        with connection:
            connection.executemany("INSERT INTO things (meta) VALUES (?)", [(value,) for value in values])
        connection.close()
        opened.append(connect(path))
        return opened[-1]

    yield store
    for database in opened:
        database.close()


def _filled(db: Database, engine: str, values: Sequence[Any]) -> Database:
    if "things" not in db.tables:
        kind = "jsonb" if engine == "postgresql" else "JSON"
        db.execute(f"CREATE TABLE things (id INTEGER PRIMARY KEY, meta {kind})")
        db.refresh()
    rows = ", ".join(["(?, ?)"] * len(values))
    with db.transaction():
        db.execute("DELETE FROM things")
        db.execute(
            f"INSERT INTO things VALUES {rows}", [each for row in enumerate(values, 1) for each in row]
        )
    return db
