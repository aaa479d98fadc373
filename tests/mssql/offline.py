"""A database of SQL Server without a server: its catalogue as it was written down, and rows from elsewhere.

Invariant: whatever is asked is compiled as it would be for a server; only who answers is another. Statements
get the rows that were given for them, in their order, and none where there are no more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from noormme import Database
from noormme.engines.audit import AuditSQL
from noormme.engines.base import Description, Done, Mode, Row
from noormme.engines.server.engine import ServerEngine
from noormme.engines.server.mssql.batches import batch
from noormme.engines.server.mssql.bulk import insert_many
from noormme.engines.server.mssql.catalog import Catalog
from noormme.engines.server.mssql.dialect import SQLServerDialect
from noormme.engines.server.mssql.introspect import schema_of
from noormme.engines.server.mssql.values import json_rows
from noormme.errors import NoormmeError
from noormme.orm.registry import Registry
from noormme.schema.model import Column, Schema, Table
from noormme.settings import Settings

__all__ = ["OfflineEngine", "catalog_of", "opened"]

RECORDED = Path(__file__).with_name("recorded")


def catalog_of(name: str) -> Catalog:
    """What the catalogue of a database says, from its file."""
    return Catalog(json.loads((RECORDED / f"{name}.json").read_text()))


class _Link:
    """A connection whose answers were given before."""

    idle_since = 0.0
    last_key = 0
    broken = False

    def __init__(self, engine: OfflineEngine) -> None:
        self._engine = engine
        self.changed = 0

    def still_there(self) -> bool:
        return True

    def run(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        self._engine._report(sql, parameters)
        # What a server would be sent must be made of it without an error.
        batch(sql, parameters)
        answers = self._engine.answers
        # A row that was written is given back, of which nothing is known here.
        written = [(None,) * sql.count("inserted.")] if "OUTPUT inserted." in sql else []
        answer = answers.pop(0) if answers else written
        self.changed = len(answer)
        return list(answer)

    def control(self, sql: str) -> None:
        pass

    def run_many(self, sql: str, rows: Iterator[Sequence[object]]) -> None:
        for parameters in rows:
            self.run(sql, parameters)

    def run_each(self, sql: str, rows: Iterator[Sequence[object]]) -> list[Done]:
        return [(self.run(sql, parameters), self.changed, 0) for parameters in rows]

    def insert_rows(self, table: Table, columns: Sequence[Column], rows: Iterator[Sequence[object]]) -> None:
        self.run(insert_many(table, columns), (json_rows(list(rows), [None] * len(columns)),))

    def reserve(self, table: Table, column: Column, count: int) -> None:
        return None

    @contextmanager
    def tolerant(self) -> Iterator[None]:
        yield

    def stream(self, sql: str, parameters: Sequence[object]) -> Iterator[Row]:
        yield from self.run(sql, parameters)

    def close(self) -> None:
        pass

    def abandon(self) -> None:
        pass


class OfflineEngine(ServerEngine[_Link]):
    """An engine that compiles for SQL Server, and runs nothing.

    Attributes:
        answers: The rows of the statements to come.
    """

    def __init__(self, schema: Schema, settings: Settings) -> None:
        self.dialect = SQLServerDialect(self._known)
        self.answers: list[list[Row]] = []
        super().__init__("mssql://offline/recorded", settings)
        self._schema = schema

    def _connect(self) -> _Link:
        return _Link(self)

    def _begin(self, mode: Mode) -> Sequence[str]:
        return ("BEGIN TRANSACTION",)

    def _tolerable(self, error: Exception) -> bool:
        return False

    def _translated(self, error: Exception) -> NoormmeError | None:
        return None

    def discover(self) -> Schema:
        return self._schema

    def describe(self, sql: str) -> Description:
        return Description(sql, (), ())

    def explain(self, sql: str, parameters: Sequence[object]) -> str:
        return ""

    @property
    def audit(self) -> AuditSQL:
        raise AssertionError("not asked for")


def opened(name: str, **settings: Any) -> tuple[Database, OfflineEngine]:
    """A database from its file."""
    known = Settings(**settings)
    engine = OfflineEngine(schema_of(catalog_of(name)), known)
    return Database((engine, Registry(engine.discover(), engine, known, engine.path))), engine


Ask = Callable[[Database, Any], Any]
