"""SQL text whose parameters and columns are known beforehand: what generated functions run.

Invariant: the text runs as it was written; only its values are bound and its rows decoded, each as the column
that it was found to belong to when the functions were made. A statement that gives other columns by now is
refused before it runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar, cast

import msgspec

from noormme.errors import DoesNotExist, InvalidValue, MultipleObjectsReturned, UsageError
from noormme.orm.aio.running import on_loop
from noormme.orm.aio.writing import write
from noormme.orm.database_statements import DatabaseStatements
from noormme.orm.sql_text_plans import names_of, or_none
from noormme.orm.statement import ColumnsChanged, Statement
from noormme.query.plan import Bind, Encode, Output, Plan, RowGroup
from noormme.schema.model import Kind, Schema

if TYPE_CHECKING:
    from noormme.engines.base import Description, Engine
    from noormme.orm.runner import Runner

__all__ = ["Command", "Of", "Prepared", "RowQuery", "ValueQuery", "ValueType"]

R = TypeVar("R", bound=msgspec.Struct)
T = TypeVar("T")


class Of(msgspec.Struct, frozen=True):
    """A value that belongs to a column of a table.

    Attributes:
        table: Exact name of the table.
        column: Exact name of the column.
        kind: What it is in Python; None for what the column is.
        stored: Whether a parameter is stored in the column, and not compared with it.
        many: Whether a parameter is a list of such values.
    """

    table: str
    column: str
    kind: Kind | None = None
    stored: bool = False
    many: bool = False


ValueType: TypeAlias = Kind | Of
"""What a parameter or a column is: a kind, or the column that it belongs to."""

_Style: TypeAlias = Literal["model", "flat", "tuple"]


class Prepared:
    """A statement made ready to run on one engine.

    Args:
        statement: What runs it.
        writes: Whether it may change the database: it runs once, where statements that write run.
    """

    __slots__ = ("statement", "writes")

    def __init__(self, statement: Statement, *, writes: bool) -> None:
        self.statement = statement
        self.writes = writes

    def rows(self, values: tuple[object, ...]) -> list[Any]:
        """Run it and give its results.

        Args:
            values: The values of its parameters.
        """
        return self.statement.write(values) if self.writes else self.statement.fetch(values)


class _Text:
    """What all generated statements have.

    Args:
        name: The name of the function, for messages.
        sql: The statement.
        parameters: Its parameters in their order, by name.
        columns: Its columns in their order, by the names that the statement gives them.
    """

    _style: _Style = "tuple"
    _row: type[msgspec.Struct] | None = None

    def __init__(
        self,
        name: str,
        sql: str,
        *,
        parameters: Mapping[str, ValueType] | None = None,
        columns: Mapping[str, ValueType] | None = None,
    ) -> None:
        self.name = name
        self.sql = sql.strip()
        self.parameters: Mapping[str, ValueType] = {**parameters} if parameters else {}
        self.columns: Mapping[str, ValueType] = {**columns} if columns else {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def _prepared(self, runner: Runner) -> Prepared:
        kept = runner.typed.get(self)
        return self._prepare(runner) if kept is None else kept

    def _prepare(self, runner: Runner, *, written: bool = False) -> Prepared:
        registry = runner.registry
        engine, schema = registry.engine, registry.schema
        description = engine.describe(self.sql)
        self._check(description, written=written)
        guesses = engine.dialect.guesses
        plan = Plan(
            description.sql,
            self._binds(description, schema, engine),
            outputs := tuple(
                _output(name, value, schema, at, description)
                for at, (name, value) in enumerate(self.columns.items())
            ),
            groups=(RowGroup("", outputs),) if self._style == "model" else (),
            style=self._style,
            reads=tuple(sorted({origin.table for origin in description.columns if origin.table})),
            slots=len(self.parameters),
        )
        names = None if self._style == "tuple" else names_of(description)
        statement = Statement(plan, engine, () if self._row is None else (self._row,), names=names)
        made = Prepared(statement, writes=description.writes or description.once)
        if engine.dialect.guesses == guesses:
            runner.typed.keep(self, made)
        return made

    def _check(self, description: Description, *, written: bool) -> None:
        names = [origin.name for origin in description.columns]
        same = names == list(self.columns) if self._style == "model" else len(names) == len(self.columns)
        if self._style == "tuple":
            same = True
        if not same or len(description.parameters) != len(self.parameters):
            has_run = "has run, but " if written else ""
            kept = "; outside of a transaction, what it wrote is kept" if written else ""
            raise UsageError(
                f"'{self.name}' {has_run}gives other columns than when its function was made",
                hint=f"run 'noormme sql generate' again{kept}",
            )

    def _binds(self, description: Description, schema: Schema, engine: Engine) -> tuple[Bind, ...]:
        encoders = [_encoder(value, schema, engine) for value in self.parameters.values()]
        return tuple(Bind(slot, encoders[slot], nullable=True) for slot in description.slots)

    def _rows(self, runner: Runner, values: tuple[object, ...]) -> list[Any]:
        prepared = self._prepared(runner)
        try:
            return prepared.rows(values)
        except ColumnsChanged as changed:
            runner.typed.drop(self)
            again = self._prepare(runner, written=changed.rows is not None)
            known = prepared.statement.names
            rows = changed.loaded_by(again.statement, same=again.statement.names == known)
            return again.rows(values) if rows is None else rows

    async def _arows(self, db: DatabaseStatements, values: tuple[object, ...]) -> list[Any]:
        runner, engine = _runner(db)
        prepared = await on_loop(engine, self._prepared, (runner,))
        if prepared.writes:
            return await write(engine, self._rows, (runner, values), open_end=True)
        return await on_loop(engine, self._rows, (runner, values))


class _Query(_Text, Generic[T]):
    """What gives results of one type."""

    def all(self, db: DatabaseStatements, *values: object) -> list[T]:
        """Run it and give all of its results. Touches the database.

        Args:
            db: The database.
            *values: The values of its parameters, in their order.

        Raises:
            UsageError: It gives other columns than when its function was made.
            DatabaseError: The database refused it.
        """
        return self._rows(_runner(db)[0], values)

    def one(self, db: DatabaseStatements, *values: object) -> T:
        """Run it and give its only result; else as ``all``.

        Raises:
            DoesNotExist: There is none.
            MultipleObjectsReturned: There are several.
        """
        return self._only(self.all(db, *values))

    def optional(self, db: DatabaseStatements, *values: object) -> T | None:
        """Run it and give its only result, or None; else as ``all``.

        Raises:
            MultipleObjectsReturned: There are several.
        """
        return self._at_most(self.all(db, *values))

    async def aall(self, db: DatabaseStatements, *values: object) -> list[T]:
        """As ``all()``, awaited."""
        return await self._arows(db, values)

    async def aone(self, db: DatabaseStatements, *values: object) -> T:
        """As ``one()``, awaited."""
        return self._only(await self.aall(db, *values))

    async def aoptional(self, db: DatabaseStatements, *values: object) -> T | None:
        """As ``optional()``, awaited."""
        return self._at_most(await self.aall(db, *values))

    def _only(self, found: list[T]) -> T:
        if not found:
            raise DoesNotExist(
                f"'{self.name}' gives no row", hint="':optional' gives None where there is no row"
            )
        self._at_most(found)
        return found[0]

    def _at_most(self, found: list[T]) -> T | None:
        if len(found) > 1:
            raise MultipleObjectsReturned(
                f"'{self.name}' gives {len(found)} rows, and one was expected",
                hint="':many' gives all of them",
            )
        return found[0] if found else None


class RowQuery(_Query[R]):
    """A statement whose rows become objects of a class.

    Args:
        name: The name of the function, for messages.
        row: The class of its rows; its fields stand in the order of the columns.
        sql: The statement.
        parameters: Its parameters in their order, by name.
        columns: Its columns in their order, by the names that the statement gives them.
    """

    _style: _Style = "model"

    def __init__(
        self,
        name: str,
        row: type[R],
        sql: str,
        *,
        parameters: Mapping[str, ValueType] | None = None,
        columns: Mapping[str, ValueType],
    ) -> None:
        super().__init__(name, sql, parameters=parameters, columns=columns)
        self._row = row


class ValueQuery(_Query[T]):
    """A statement that gives one column, whose values are the results."""

    _style: _Style = "flat"


class Command(_Text):
    """A statement of which no rows are wanted."""

    def run(self, db: DatabaseStatements, *values: object) -> None:
        """Run it. Touches the database.

        Args:
            db: The database.
            *values: The values of its parameters, in their order.

        Raises:
            DatabaseError: The database refused it; nothing of it was written.
        """
        self._rows(_runner(db)[0], values)

    def count(self, db: DatabaseStatements, *values: object) -> int:
        """Run it and say how many rows it inserted, changed or deleted; else as ``run``."""
        return self._prepared(_runner(db)[0]).statement.write_many([values])

    async def arun(self, db: DatabaseStatements, *values: object) -> None:
        """As ``run()``, awaited."""
        await self._arows(db, values)

    async def acount(self, db: DatabaseStatements, *values: object) -> int:
        """As ``count()``, awaited."""
        runner, engine = _runner(db)
        prepared = await on_loop(engine, self._prepared, (runner,))
        return await write(engine, prepared.statement.write_many, ([values],), open_end=True)


def _runner(db: DatabaseStatements) -> tuple[Runner, Engine]:
    runner = db._runner  # pyright: ignore[reportPrivateUsage]  # of the same family, as what db.execute asks
    return runner, runner.registry.engine


def _output(name: str, value: ValueType, schema: Schema, at: int, description: Description) -> Output:
    if isinstance(value, str):
        origin = description.columns[at]
        return Output(name, value, origin.table, origin.column)
    table = schema.table(value.table)
    column = None if table is None else next((c for c in table.columns if c.name == value.column), None)
    kind = value.kind or ("any" if column is None else column.kind)
    return Output(name, kind, value.table, value.column)


def _encoder(value: ValueType, schema: Schema, engine: Engine) -> Encode | None:
    dialect = engine.dialect
    if isinstance(value, str):
        return or_none(dialect.encoder(value, None, None))
    table = schema.table(value.table)
    column = None if table is None else next((c for c in table.columns if c.name == value.column), None)
    kind = value.kind or ("any" if column is None else column.kind)
    if value.many:
        nul = dialect.features.nul_in_lists or kind not in ("any", "text")
        return _list_encoder(dialect.list_encoder(dialect.encoder(kind, table, column), None), nul=nul)
    if table is None or column is None:
        return or_none(dialect.encoder(kind, None, None))
    if value.stored and value.kind is None:
        return or_none(dialect.storing(kind, table, column))
    return or_none(dialect.encoder(kind, table, column))


def _list_encoder(encode: Encode, *, nul: bool) -> Encode:
    """The same encoder of lists for every collection, but not for one value that Python can loop over.

    Args:
        encode: The encoder of lists.
        nul: Whether text among them may hold a NUL: where it may not, it would be left out of the list.
    """

    def encode_list(values: Any) -> object:
        if isinstance(values, (str, bytes)) or not isinstance(values, Iterable):
            raise InvalidValue(
                f"a list of values is wanted, not a value of type {type(values).__name__}",
                hint="write [value]",
            )
        given = cast("Iterable[object]", values)
        items = [value for value in given if value is not None]
        if not nul and any(isinstance(item, str) and "\0" in item for item in items):
            raise InvalidValue(
                "a list of typed SQL cannot hold text with a NUL character on SQLite",
                hint="compare with such a text by itself, '= :text', or use filter(name__in=…)",
            )
        return encode(items)

    return encode_list
