"""How SQLAlchemy writes the functions of queries in tables for PostgreSQL, where some have other names.

Invariant: only the text differs; a function gives what it gives on SQLite. This module imports SQLAlchemy.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects.postgresql.base import PGCompiler
from sqlalchemy.dialects.postgresql.base import PGDialect as Base

__all__ = ["SQLAlchemyDialect"]


class _Compiler(PGCompiler):
    """SQLAlchemy's compiler; whole numbers are bigint here, and these functions take smaller ones."""

    def visit_substr_func(self, function: Any, **options: Any) -> str:
        """A part of a text."""
        text, *places = self._written(function, **options)
        return f"substr({', '.join([text, *(f'CAST({each} AS INTEGER)' for each in places)])})"

    def visit_round_func(self, function: Any, **options: Any) -> str:
        """A number rounded; to digits, PostgreSQL rounds exact ones only."""
        number, *digits = self._written(function, **options)
        if not digits:
            return f"round({number})"
        return f"CAST(round(CAST({number} AS NUMERIC), CAST({digits[0]} AS INTEGER)) AS DOUBLE PRECISION)"

    def visit_instr_func(self, function: Any, **options: Any) -> str:
        """Where a text stands in another one."""
        text, part = self._written(function, **options)
        return f"strpos({text}, {part})"

    def visit_group_concat_func(self, function: Any, **options: Any) -> str:
        """The texts of several rows as one."""
        text, *between = self._written(function, **options)
        return f"string_agg(CAST({text} AS TEXT), {between[0] if between else chr(39) + ',' + chr(39)})"

    def _written(self, function: Any, **options: Any) -> list[str]:
        return [str(self.process(each, **options)) for each in function.clauses]


class SQLAlchemyDialect(Base):
    """SQLAlchemy's dialect with this compiler; it compiles and never connects."""

    supports_statement_cache = False
    statement_compiler = _Compiler
