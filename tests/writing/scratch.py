"""A database file that compiled writes run on, and the writes as tests ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import apsw

from noormme import connect
from noormme.engines.sqlite.functions import register
from noormme.orm.mapper import Mapper
from noormme.orm.writing.statements import Conflict, Prepared, RowPlans, delete_of, update_of
from noormme.query.plan import Plan


class Scratch:
    """One database.

    Args:
        path: Where it shall be.
        script: What makes it.
    """

    def __init__(self, path: Path, script: str) -> None:
        self.connection = apsw.Connection(str(path))
        self.connection.execute(script)
        register(self.connection)
        self.db = connect(path)

    def close(self) -> None:
        self.db.close()
        self.connection.close()

    def mapper(self, table: str) -> Mapper:
        return self.db[table]._mapper  # type: ignore[return-value]

    def run(self, plan: Plan, values: Sequence[object] = ()) -> list[Any]:
        return self.connection.execute(plan.sql, plan.bind(tuple(values))).fetchall()

    def rows(self, sql: str) -> list[Any]:
        return self.connection.execute(sql).fetchall()

    def insert(
        self,
        table: str,
        *,
        returning: tuple[str, ...] = (),
        conflict: Conflict | None = None,
        **values: object,
    ) -> tuple[str, list[Any]]:
        plan = RowPlans(self.mapper(table)).insert(tuple(values), returning, conflict)
        return plan.sql, self.run(plan, tuple(values.values()))

    def update_of(self, query: Any, **assignments: object) -> Prepared:
        return update_of(query._mapper, query.node, query.parameters, assignments)

    def update(self, query: Any, **assignments: object) -> str:
        prepared = self.update_of(query, **assignments)
        self.run(prepared.statement.plan, prepared.values)
        return one_line(prepared.statement.plan.sql)

    def delete(self, query: Any) -> str:
        prepared = delete_of(query._mapper, query.node, query.parameters)
        self.run(prepared.statement.plan, prepared.values)
        return one_line(prepared.statement.plan.sql)


def one_line(sql: str) -> str:
    """SQL without the ends of its lines."""
    return " ".join(sql.split())
