"""What runs queries in tables, SQL text and statements of SQLAlchemy, and keeps their plans.

Invariant: a runner belongs to one schema on one engine, as its registry does. Each shape, text and statement
is compiled once; what is kept is bounded, and beyond that the table starts anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from noormme.deferred import deferred
from noormme.engines.budget import checked_limit, time_limit
from noormme.errors import UsageError
from noormme.orm.core import CoreTables
from noormme.orm.first_use import first_use
from noormme.orm.kept import Kept
from noormme.orm.statement import ColumnsChanged, Statement

if TYPE_CHECKING:
    from noormme.orm import sql_text_plans
    from noormme.orm import transaction as transactions
    from noormme.orm.registry import Registry
    from noormme.orm.sql_text_plans import Parameters, TextStatement
    from noormme.orm.typed_sql import Prepared
    from noormme.query.builder import build
    from noormme.query.builder.core_plan import CoreStatement
    from noormme.query.builder.nodes import Mode, Query
    from noormme.query.dialect import Dialect
    from noormme.query.plan import Plan
    from noormme.query.rows import Row
else:
    sql_text_plans = deferred("noormme.orm.sql_text_plans")
    transactions = deferred("noormme.orm.transaction")
    build = deferred("noormme.query.builder.build")

__all__ = ["Runner"]

_Run: TypeAlias = tuple[Statement, tuple[object, ...]]
_BATCH_ROWS = 1_000
"""How many rows of parameters are taken in advance."""


class Runner:
    """Runs queries in tables.

    Args:
        registry: The models of the same database, which know its schema and its engine.

    Attributes:
        registry: The same.
        core: The tables as SQLAlchemy Core has them.
        typed: The statements of generated functions that were made ready, by what they are.
    """

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.core = CoreTables(registry)
        self._statements: Kept[tuple[Query, Mode], Statement] = Kept()
        self._texts: Kept[str, TextStatement] = Kept()
        self._core: Kept[object, tuple[CoreStatement, Statement]] = Kept()
        self.typed: Kept[object, Prepared] = Kept()

    @property
    def plans(self) -> list[Plan]:
        """The plans compiled so far."""
        texts = (text.statement for text in (*self._texts, *self.typed))
        statements = [*self._statements, *texts]
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
            raise build.nested_too_deeply() from None
        return found

    def _compile(self, node: Query, mode: Mode, slots: int) -> Statement:
        registry = self.registry
        dialect = registry.engine.dialect

        def compiled(dialect: Dialect) -> Plan:
            # SQLAlchemy is imported here, at the first compilation of the process.
            with first_use("queries in tables"):
                from noormme.query.builder.compile import compile_query

                dialect.expressions  # noqa: B018  # it is loaded at its first use
            return compile_query(node, mode, registry.schema, dialect, slots)

        guesses = dialect.guesses
        plan = registry.stored_plans.plan(("table", mode, slots, node), compiled)
        for name in plan.reads:
            table = registry.schema.table(name)
            if table is not None:
                registry.readable(table)
        made = Statement(plan, registry.engine, provisional=dialect.guesses != guesses)
        if not made.provisional:
            self._statements.keep((node, mode), made)
        return made

    # -- SQL text and statements of SQLAlchemy ------------------------------------------------------

    def execute(
        self, statement: object, parameters: Parameters | None = None, timeout_s: float | None = None
    ) -> list[Row]:
        """Run SQL text or a statement of SQLAlchemy Core.

        Args:
            statement: The text or the statement.
            parameters: The values of its parameters.
            timeout_s: How long it may take, in seconds; None leaves it to the settings.

        Raises:
            UsageError: It is neither, the parameters do not fit, or the time is no number above zero.
            QueryFailed: The database refused it.
            ReadOnly: It writes, and the database was opened to be read only.
            QueryTimeout: It took longer than that.
        """
        if timeout_s is not None:
            with time_limit(checked_limit(timeout_s, "timeout_s")):
                return self.execute(statement, parameters)
        if isinstance(statement, str):
            return self._execute_text(statement, parameters)
        return self._execute_core(statement, parameters)

    def writes(self, statement: object) -> bool:
        """Whether a statement runs where those that write do. Touches the database, to look at a new text.

        Args:
            statement: The text or the statement.

        Raises:
            UsageError: It is neither.
            QueryFailed: The database does not understand it.
        """
        if isinstance(statement, str):
            return (self._texts.get(statement) or self._describe(statement)).runs_once
        with first_use("statements of SQLAlchemy"):
            from noormme.query.builder.core_plan import text_of
            from noormme.query.builder.core_write import writes

        text = text_of(statement, self.registry.engine.dialect)
        return self.writes(text[0]) if text is not None else writes(statement)

    def names(self, sql: str) -> tuple[str, ...]:
        """The columns of the rows that a SQL text gives. Touches the database, to look at a text that is new.

        Args:
            sql: The text.

        Raises:
            UsageError: It is no statement, or several.
            QueryFailed: The database does not understand it.
        """
        text = self._texts.get(sql) or self._describe(sql)
        return tuple(column.name for column in text.description.columns)

    def stream(self, sql: str, parameters: Parameters | None, chunk_rows: int) -> Iterator[list[Row]]:
        """The rows of a SQL text that reads, in lists, in bounded memory.

        Args:
            sql: The text.
            parameters: The values of its parameters.
            chunk_rows: How many rows a list has at most.

        Raises:
            UsageError: The parameters do not fit.
            QueryFailed: The database refused it.
        """
        # Rows that were given cannot be taken back, so its columns are looked at each time.
        text = self._describe(sql)
        return text.statement.stream(text.values(parameters), chunk_rows)

    def _execute_text(self, sql: str, parameters: Parameters | None) -> list[Row]:
        text = self._texts.get(sql) or self._describe(sql)
        values = text.values(parameters)
        statement = text.statement
        try:
            return statement.write(values) if text.runs_once else statement.fetch(values)
        except ColumnsChanged as changed:
            again = self._describe(sql)
            rows = changed.loaded_by(again.statement, same=again.description == text.description)
            return again.statement.fetch(again.values(parameters)) if rows is None else rows

    def _describe(self, sql: str) -> TextStatement:
        engine = self.registry.engine
        made = sql_text_plans.TextStatement(engine.describe(sql), self.registry.schema, engine)
        self._texts.keep(sql, made)
        return made

    def _execute_core(self, statement: object, parameters: Parameters | None) -> list[Row]:
        with first_use("statements of SQLAlchemy"):
            from noormme.query.builder.core_plan import text_of
            from noormme.query.builder.core_write import rows_in, writes

        given: Mapping[str, object] = {} if parameters is None else _by_name(parameters)
        text = text_of(statement, self.registry.engine.dialect)
        if text is not None:
            return self._execute_text(text[0], {**text[1], **given})
        several = rows_in(statement)
        if several is not None:
            one, rows = several
            return self._insert_rows(one, [{**row, **given} for row in rows])
        core, ready, binds = self._core_statement(statement, given)
        values = core.values(binds, given)
        return ready.write(values) if writes(statement) else ready.fetch(values)

    def _core_statement(
        self, statement: object, given: Mapping[str, object]
    ) -> tuple[CoreStatement, Statement, list[Any]]:
        """A statement compiled for the names that are given values, and its parameters in their order."""
        from noormme.query.builder.core_plan import CoreStatement, key_of
        from noormme.query.builder.core_write import CoreWrite, filled, writes

        key, binds = key_of(statement)
        whole = filled(statement, given, binds)
        if whole is not statement:
            key, binds = key_of(whole)
        found = None if key is None else self._core.get(key)
        if found is None:
            engine = self.registry.engine
            guesses = engine.dialect.guesses
            make = CoreWrite if writes(whole) else CoreStatement
            made = make(whole, binds, self.registry.schema, engine.dialect)
            found = (made, Statement(made.plan, engine))
            if key is not None and engine.dialect.guesses == guesses:
                self._core.keep(key, found)
        core, ready = found
        return core, ready, binds

    # -- many rows of parameters --------------------------------------------------------------------

    def execute_many(self, statement: object, rows: Iterable[Parameters]) -> int:
        """Run SQL text or a statement of SQLAlchemy Core that writes, once for each of many parameters.

        Args:
            statement: The text or the statement.
            rows: The values of its parameters, each as ``execute`` takes them.

        Returns:
            How many rows were changed.

        Raises:
            UsageError: It writes nothing, or the parameters do not fit.
            DatabaseError: The database refused one of them; none is written.
        """
        if not isinstance(rows, Iterable):
            raise UsageError(
                f"execute_many() takes the parameters of many rows, not {type(rows).__name__}",
                hint="write execute_many(sql, [[value], [value]])",
            )
        if isinstance(statement, str):
            text = self._texts.get(statement) or self._describe(statement)
            if not text.description.writes:
                raise _writes_nothing()
            ready = text.statement
            pairs: Iterable[_Run] = ((ready, text.values(row)) for row in rows)
        else:
            with first_use("statements of SQLAlchemy"):
                from noormme.query.builder.core_write import rows_in, writes

            if not writes(statement) or rows_in(statement) is not None:
                raise _writes_nothing()
            pairs = self._core_runs(statement, rows)
        count = 0
        with transactions.Transaction(self.registry.engine):
            for ready, same in groupby(pairs, itemgetter(0)):
                # What gives the rows may itself ask the database, so nothing of it runs in between.
                while batch := [values for _, values in islice(same, _BATCH_ROWS)]:
                    count += ready.write_many(batch)
        return count

    def _insert_rows(self, statement: object, rows: Sequence[Mapping[str, object]]) -> list[Row]:
        """Insert the rows of one INSERT; a plan of one row serves for any number of them."""
        found: list[Row] = []
        with transactions.Transaction(self.registry.engine):
            for ready, same in groupby(self._core_runs(statement, rows), itemgetter(0)):
                every = [values for _, values in same]
                if ready.plan.outputs:
                    found += [row for values in every for row in ready.write(values)]
                else:
                    ready.write_many(every)
        return found

    def _core_runs(self, statement: object, rows: Iterable[Parameters]) -> Iterator[_Run]:
        """A statement of SQLAlchemy with each of many parameters, compiled for the names that they give."""
        from noormme.query.builder.core_write import with_expressions

        names: tuple[str, ...] | None = None
        found: tuple[CoreStatement, Statement, list[Any]] | None = None
        for row in rows:
            given = _by_name(row)
            own, plain = with_expressions(statement, given)
            if own is not statement:
                core, ready, binds = self._core_statement(own, plain)
                names = None
            elif found is not None and names == tuple(given):
                core, ready, binds = found
            else:
                found = core, ready, binds = self._core_statement(statement, given)
                names = tuple(given)
            yield ready, core.values(binds, plain)


def _by_name(parameters: Parameters) -> Mapping[str, object]:
    if not isinstance(parameters, Mapping):
        raise UsageError(
            "a statement of SQLAlchemy takes its parameters by name",
            hint="write execute(statement, {'name': value}), or execute_many for several rows of them",
        )
    return parameters


def _writes_nothing() -> UsageError:
    return UsageError(
        "execute_many() takes one INSERT, UPDATE or DELETE, without values for several rows",
        hint="execute() runs every other statement",
    )
