"""INSERT, UPDATE and DELETE of SQLAlchemy Core as plans.

Invariant: a value is stored in the form of its column, whatever expression it stands in, and what is compiled
depends on no value. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.dml import OnConflictDoUpdate
from sqlalchemy.sql.elements import BindParameter

from noormme.errors import FieldNotFound, UsageError, did_you_mean
from noormme.query.builder.core_plan import CoreStatement, is_one
from noormme.query.computed import Computed
from noormme.query.plan import Output

__all__ = ["CoreWrite", "filled", "rows_in", "with_expressions", "writes"]


def writes(statement: object) -> bool:
    """Whether a statement of SQLAlchemy is an INSERT, an UPDATE or a DELETE.

    Args:
        statement: The statement.
    """
    return isinstance(statement, (sa.Insert, sa.Update, sa.Delete))


def filled(statement: Any, given: Mapping[str, object], parameters: Sequence[Any]) -> Any:
    """The statement, with a parameter for each column that is given a value when it runs.

    Args:
        statement: An INSERT or an UPDATE; every other statement is given back as it is.
        given: The values by the names of columns and of parameters.
        parameters: The parameters that the statement has.

    Raises:
        FieldNotFound: A name is neither a parameter's nor a column's.
    """
    if not isinstance(statement, (sa.Insert, sa.Update)):
        return statement
    known = {parameter.key for parameter in parameters}
    names = [name for name in given if name not in known]
    if not names:
        return statement
    table: Any = statement.table
    return statement.values({name: sa.bindparam(name, type_=_column(table, name).type) for name in names})


def rows_in(statement: Any) -> tuple[Any, list[dict[str, object]]] | None:
    """An INSERT of several rows as that of one row, and the values of each row by column.

    Args:
        statement: A statement.

    Returns:
        Both, or None for every other statement.

    Raises:
        UsageError: A row has more values than the table has columns, or other columns than the first one.
        FieldNotFound: There is no such column.
    """
    if not isinstance(statement, sa.Insert) or not cast("Any", statement)._multi_values:
        return None
    whole: Any = statement
    table = whole.table
    rows = [_row(table, row) for rows in whole._multi_values for row in rows]
    for number, row in enumerate(rows):
        if row.keys() != rows[0].keys():
            raise UsageError(
                f"row {number} of values() has other columns than the first one",
                hint="give every row the same columns",
            )
    one = whole._generate()
    one._multi_values = ()
    return one, rows


def with_expressions(statement: Any, row: Mapping[str, object]) -> tuple[Any, Mapping[str, object]]:
    """The statement with what a row gives as expressions, and what the row gives as values.

    Args:
        statement: A statement that writes.
        row: Values and expressions by the names of columns and of parameters.
    """
    expressions = {name: value for name, value in row.items() if isinstance(value, sa.ClauseElement)}
    if not expressions:
        return statement, row
    return statement.values(expressions), {name: row[name] for name in row if name not in expressions}


def _row(table: Any, row: Any) -> dict[str, object]:
    if isinstance(row, Mapping):
        given = cast("Mapping[Any, object]", row)
        return {_column(table, key).key: value for key, value in given.items()}
    columns = [column.key for column in table.columns]
    if len(row) > len(columns):
        raise UsageError(f"a row of values() has {len(row)} values, and {table.name} {len(columns)} columns")
    return dict(zip(columns, row, strict=False))


def _column(table: Any, key: Any) -> Any:
    name = str(key) if isinstance(key, str) else str(key.key)
    found = table.columns.get(name)
    if found is None:
        raise FieldNotFound(
            f"no column '{name}' on {table.name}", hint=did_you_mean(name, table.columns.keys())
        )
    return found


class CoreWrite(CoreStatement):
    """One statement of SQLAlchemy Core that writes, compiled; see ``CoreStatement``."""

    __slots__ = ("_target",)

    def _outputs(self, statement: Any) -> tuple[Output, ...]:
        if not writes(statement):
            return super()._outputs(statement)
        return self._outputs_of(statement.exported_columns) if statement._returning else ()

    def _prepared(self, statement: Any) -> Any:
        if is_one(statement, sa.Delete):
            return super()._prepared(statement)
        self._target = table = statement.table
        made = statement.inline()
        if statement._values:
            # A parameter is that of its column, wherever else it stands.
            made._values = {key: self._direct(table, key, value) for key, value in statement._values.items()}
        elif is_one(statement, sa.Update):
            raise UsageError(f"an update of {table.name} that sets nothing", hint="write .values(column=…)")
        made = super()._prepared(made)
        if made._values:
            made._values = {key: self._stored(table, key, value) for key, value in made._values.items()}
        if getattr(made, "select", None) is not None:
            made.select = self._selected(table, made._select_names, made.select, statement.select)
        return made

    def _replaced(self, element: Any, **options: Any) -> Any:
        if is_one(element, OnConflictDoUpdate):
            return self._conflict(element)
        return super()._replaced(element, **options)

    def _conflict(self, clause: Any) -> Any:
        """ON CONFLICT DO UPDATE; a value in it is stored as one of its column."""
        made = clause._clone()
        for name in ("inferred_target_whereclause", "update_whereclause"):
            condition = getattr(clause, name)
            if condition is not None:
                setattr(made, name, self._copied(condition))
        table = self._target
        made.update_values_to_set = {
            _column(table, key): self._stored(table, key, self._copied(self._direct(table, key, value)))
            for key, value in clause.update_values_to_set.items()
        }
        return made

    def _direct(self, table: Any, key: Any, value: Any) -> Any:
        """What a column is set to; a value as the column stores it."""
        if not is_one(value, BindParameter):
            return value
        kind, of, column = self._origin(_column(table, key))
        if of is None or column is None:
            return self._parameter(value, None)
        encode = self._dialect.storing(kind, of, column)
        return self._kept.take(self._slot(value), encode, self._dialect.native(kind), nullable=True)

    def _stored(self, table: Any, key: Any, value: Any) -> Any:
        """What a column is set to; an expression's values as the column stores them."""
        if is_one(value, BindParameter):
            return value
        kind, of, column = self._origin_of(value)
        return self._form_of(table, key, Computed(value, kind, table=of, column=column))

    def _selected(self, table: Any, names: Sequence[str], select: Any, original: Any) -> Any:
        """The rows of INSERT … SELECT, each value as its column stores it."""
        outputs = self._outputs(original)
        if len(outputs) != len(names):
            raise UsageError(
                f"from_select() names {len(names)} columns, and its query gives {len(outputs)}",
                hint="name one column for each",
            )
        rows = select.subquery("written")
        columns: list[Any] = []
        for name, column, output in zip(names, rows.columns, outputs, strict=True):
            of = self._schema.table(output.table) if output.table else None
            origin = None if of is None else next((c for c in of.columns if c.name == output.column), None)
            columns.append(self._form_of(table, name, Computed(column, output.kind, table=of, column=origin)))
        if all(made is column for made, column in zip(columns, rows.columns, strict=True)):
            return select
        return sa.select(*columns)

    def _form_of(self, table: Any, key: Any, found: Computed) -> Any:
        _, of, column = self._origin(_column(table, key))
        if of is None or column is None:
            return found.sql
        return self._dialect.expressions.stored(found, of, column)
