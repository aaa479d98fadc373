"""What runs queries in tables, SQL text and statements of SQLAlchemy, and keeps their plans.

Invariant: a runner belongs to one schema on one engine, as its registry does. Each shape, text and statement
is compiled once; what is kept is bounded, and beyond that the table starts anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from noormme.errors import UsageError
from noormme.orm.core import CoreTables
from noormme.orm.first_use import first_use
from noormme.orm.kept import Kept
from noormme.orm.sql_text_plans import Parameters, TextStatement
from noormme.orm.statement import Statement
from noormme.query.builder.build import nested_too_deeply

if TYPE_CHECKING:
    from noormme.orm.registry import Registry
    from noormme.query.builder.core_plan import CoreStatement
    from noormme.query.builder.nodes import Mode, Query
    from noormme.query.plan import Plan
    from noormme.query.rows import Row

__all__ = ["Runner"]


class Runner:
    """Runs queries in tables.

    Args:
        registry: The models of the same database, which know its schema and its engine.

    Attributes:
        registry: The same.
        core: The tables as SQLAlchemy Core has them.
    """

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.core = CoreTables(registry)
        self._statements: Kept[tuple[Query, Mode], Statement] = Kept()
        self._texts: Kept[str, TextStatement] = Kept()
        self._core: Kept[object, tuple[CoreStatement, Statement]] = Kept()

    @property
    def plans(self) -> list[Plan]:
        """The plans compiled so far."""
        statements = [*self._statements, *(text.statement for text in self._texts)]
        return [statement.plan for statement in (*statements, *(core for _, core in self._core))]

    def statement(self, node: Query, mode: Mode, slots: int) -> Statement:
        """The compiled statement of a shape. The first call for a shape compiles it.

        Args:
            node: The shape.
            mode: What it is asked for: its rows, their number, or whether there are any.
            slots: How many values travel beside it.

        Raises:
            NotSupported: A table cannot be read.
            InvalidQuery: The combination has no meaning.
        """
        try:
            found = self._statements.get((node, mode))
            if found is None:
                found = self._compile(node, mode, slots)
        except RecursionError:
            raise nested_too_deeply() from None
        return found

    def _compile(self, node: Query, mode: Mode, slots: int) -> Statement:
        # SQLAlchemy is imported here, at the first compilation of the process.
        registry = self.registry
        dialect = registry.engine.dialect
        with first_use("queries in tables"):
            from noormme.query.builder.compile import compile_query

            dialect.expressions  # noqa: B018  # it is loaded at its first use
        guesses = dialect.guesses
        plan = compile_query(node, mode, registry.schema, dialect, slots)
        for name in plan.reads:
            table = registry.schema.table(name)
            if table is not None:
                registry.readable(table)
        made = Statement(plan, registry.engine, provisional=dialect.guesses != guesses)
        if not made.provisional:
            self._statements.keep((node, mode), made)
        return made

    # -- SQL text and statements of SQLAlchemy ------------------------------------------------------

    def execute(self, statement: object, parameters: Parameters | None = None) -> list[Row]:
        """Run SQL text or a statement of SQLAlchemy Core.

        Args:
            statement: The text or the statement.
            parameters: The values of its parameters.

        Raises:
            UsageError: It is neither, or the parameters do not fit.
            QueryFailed: The database refused it.
            ReadOnly: It writes.
        """
        if isinstance(statement, str):
            return self._execute_text(statement, parameters)
        return self._execute_core(statement, parameters)

    def _execute_text(self, sql: str, parameters: Parameters | None) -> list[Row]:
        text = self._texts.get(sql) or self._describe(sql)
        values = text.values(parameters)
        try:
            return text.statement.fetch(values)
        except (TypeError, ValueError):
            # Rows of another width than before: the tables have changed since it was looked at, or since this
            # connection last ran something.
            self._texts.drop(sql)
            again = self._describe(sql)
            if again.description == text.description:
                raise
            return again.statement.fetch(again.values(parameters))

    def _describe(self, sql: str) -> TextStatement:
        engine = self.registry.engine
        made = TextStatement(engine.describe(sql), self.registry.schema, engine)
        self._texts.keep(sql, made)
        return made

    def _execute_core(self, statement: object, parameters: Parameters | None) -> list[Row]:
        if parameters is not None and not isinstance(parameters, Mapping):
            raise UsageError(
                "a statement of SQLAlchemy takes its parameters by name",
                hint="write execute(statement, {'name': value})",
            )
        with first_use("statements of SQLAlchemy"):
            from noormme.query.builder.core_plan import CoreStatement, key_of, text_of

        text = text_of(statement, self.registry.engine.dialect)
        if text is not None:
            return self._execute_text(text[0], {**text[1], **(parameters or {})})
        key, binds = key_of(statement)
        found = None if key is None else self._core.get(key)
        if found is None:
            engine = self.registry.engine
            guesses = engine.dialect.guesses
            made = CoreStatement(statement, binds, self.registry.schema, engine.dialect)
            found = (made, Statement(made.plan, engine))
            if key is not None and engine.dialect.guesses == guesses:
                self._core.keep(key, found)
        core, ready = found
        return ready.fetch(core.values(binds, parameters))
