"""PostgreSQL made to sort NULLs as SQLite does, so that rows can be compared in order.

Invariant: only what a query leaves open is said: where it says itself where NULLs go, nothing is added.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace
from sqlalchemy.sql import operators

from noormme import Database
from noormme.engines.server.postgresql.compiler import SQLAlchemyDialect

__all__ = ["sort_as_sqlite"]


class _Compiler(SQLAlchemyDialect.statement_compiler):  # type: ignore[misc]
    def visit_unary(self, unary: Any, **options: Any) -> str:
        modifier = unary.modifier
        if modifier in (operators.nulls_first_op, operators.nulls_last_op):
            return super().visit_unary(unary, **{**options, "said": True})
        said = options.pop("said", False)
        written = super().visit_unary(unary, **options)
        if said or modifier not in (operators.asc_op, operators.desc_op):
            return written
        return f"{written} NULLS {'FIRST' if modifier is operators.asc_op else 'LAST'}"


def sort_as_sqlite(db: Database) -> None:
    """Let the queries of a database sort NULLs first, before any was compiled.

    Args:
        db: A PostgreSQL database.
    """
    dialect: Any = db._engine.dialect
    dialect.features = replace(dialect.features, nulls_are_smallest=True)
    expressions = dialect.expressions
    kind = type("Dialect", (type(expressions.sqlalchemy),), {"statement_compiler": _Compiler})
    expressions.sqlalchemy = kind(paramstyle="named")
