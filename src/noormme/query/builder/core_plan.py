"""From a statement of SQLAlchemy Core to a plan.

Invariant: what is compiled depends on the statement's cache key, the schema and the dialect only, never on a
value. A value is bound in the form that the column compared stores; a list is one parameter. This module
imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sized
from functools import reduce
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BindParameter,
    ColumnElement,
    ExpressionClauseList,
    Grouping,
    Label,
    Tuple,
)
from sqlalchemy.sql.functions import FunctionElement

from noormme.errors import InvalidValue, NotSupported, UsageError, did_you_mean
from noormme.query.builder.core_tables import KIND_OF_TYPE
from noormme.query.dialect import Dialect, Encode
from noormme.query.parameters import Parameters
from noormme.query.plan import Output, Plan
from noormme.schema.model import Column, Kind, Schema, Table

__all__ = ["CoreStatement", "column_of", "is_one", "key_of", "text_of"]

_replace = cast("Any", visitors.replacement_traverse)  # whose types say nothing

_COMPARISONS = frozenset(
    {
        operators.eq,
        operators.ne,
        operators.lt,
        operators.le,
        operators.gt,
        operators.ge,
        operators.is_,
        operators.is_not,
        operators.is_distinct_from,
        operators.is_not_distinct_from,
    }
)
_MEMBERS = frozenset({operators.in_op, operators.not_in_op})
_SAME = frozenset({"min", "max", "coalesce", "nullif", "ifnull"})
"""Functions that give a value of their first argument."""


def text_of(statement: object, dialect: Dialect) -> tuple[str, dict[str, object]] | None:
    """The text of ``sqlalchemy.text`` and the values that it has already; None for other statements."""
    if not isinstance(statement, sa.TextClause):
        return None
    text: Any = statement
    bound: dict[str, object] = {
        name: each.effective_value for name, each in text._bindparams.items() if not each.required
    }
    return str(text.compile(dialect=dialect.expressions.sqlalchemy).string), bound


def key_of(statement: object) -> tuple[Any, list[Any]]:
    """What tells a statement from others, whatever its values, and its parameters in their order.

    Args:
        statement: The statement.

    Returns:
        The key, None for a statement that SQLAlchemy cannot tell, and the parameters.

    Raises:
        UsageError: It is no statement.
    """
    if not isinstance(statement, (sa.SelectBase, sa.Insert, sa.Update, sa.Delete)):
        raise UsageError(
            f"execute() takes SQL text or a statement of SQLAlchemy, not {type(statement).__name__}",
            hint="for text with named parameters give the text itself: execute(sql, {'name': value})",
        )
    key = cast("Any", statement)._generate_cache_key()
    if key is None:
        return None, _parameters(statement)
    return key.key, list(key.bindparams)


def _parameters(statement: Any) -> list[Any]:
    return [part for part in visitors.iterate(statement) if is_one(part, BindParameter)]


class CoreStatement:
    """One statement of SQLAlchemy Core, compiled.

    Args:
        statement: The statement.
        parameters: Its parameters, as ``key_of`` gave them.
        schema: The schema, which knows the columns of its tables.
        dialect: The engine's side. The database is touched only to learn how a column stores its values.

    Attributes:
        plan: The plan; its slots are the parameters in their order.
    """

    __slots__ = ("_dialect", "_kept", "_schema", "_slots", "plan")

    def __init__(self, statement: Any, parameters: list[Any], schema: Schema, dialect: Dialect) -> None:
        self._schema = schema
        self._dialect = dialect
        self._slots = {id(parameter): slot for slot, parameter in enumerate(parameters)}
        self._kept = Parameters()
        outputs = self._outputs(statement)
        try:
            prepared = self._prepared(statement)
            compiled = prepared.compile(dialect=dialect.expressions.sqlalchemy, column_keys=[])
        except SQLAlchemyError as error:
            # Its first line says what; what follows may show values.
            raise UsageError(
                f"SQLAlchemy cannot compile this statement: {type(error).__name__}",
                hint="it may use what this database does not have",
            ) from error
        strange = [name for name in compiled.binds if not name.startswith("\0")]
        if strange:
            raise NotSupported(
                "this statement has values outside of its expressions", hint="write it as SQL text"
            )
        sql, binds = self._kept.placed(compiled.string, dialect.expressions.placeholder)
        self.plan = Plan(
            sql, binds, outputs, style="row", slots=len(parameters), reads=self._reads(statement)
        )

    # -- parameters ---------------------------------------------------------------------------------

    def _prepared(self, statement: Any) -> Any:
        """The statement with parameters of plans in the place of those of SQLAlchemy."""
        return _replace(statement, {}, self._replaced)

    def _replaced(self, element: Any, **options: Any) -> Any:
        """What stands in an element's place: parameters of plans for those of SQLAlchemy."""
        if is_one(element, BindParameter):
            return self._parameter(element, None)
        if is_one(element, FunctionElement) and element.name in _SAME:
            return self._alike(element)
        if not is_one(element, BinaryExpression):
            return None
        left, right, operator = element.left, element.right, element.operator
        if operator in _MEMBERS and is_one(right, BindParameter) and right.expanding:
            negated = operator is operators.not_in_op
            member = self._member(left, right, negated=negated)
            return sa.not_(member) if negated else member
        if operator in _COMPARISONS:
            if is_one(right, BindParameter) and (column := column_of(left)) is not None:
                return self._rebuilt(element, left, self._parameter(right, self._origin(column)))
            if is_one(left, BindParameter) and (column := column_of(right)) is not None:
                return self._rebuilt(element, self._parameter(left, self._origin(column)), right)
        ends = right.clauses if is_one(right, ExpressionClauseList) else ()
        if operator in (operators.between_op, operators.not_between_op) and len(ends) == 2:
            column = column_of(left)
            if column is not None:
                origin = self._origin(column)
                low, high = (
                    self._parameter(end, origin) if is_one(end, BindParameter) else self._copied(end)
                    for end in ends
                )
                between = self._copied(left).between(low, high)
                return sa.not_(between) if operator is operators.not_between_op else between
        return None

    def _alike(self, function: Any) -> Any:
        """A function that gives one of its arguments; values among them have the form of its column."""
        column = column_of(function)
        if column is None:
            return None
        origin = self._origin(column)
        direct = {id(each) for each in function.clauses if is_one(each, BindParameter)}

        def replaced(element: Any, **options: Any) -> Any:
            if element is function:
                return None
            return self._parameter(element, origin) if id(element) in direct else self._replaced(element)

        return _replace(function, {}, replaced) if direct else None

    def _rebuilt(self, element: Any, left: Any, right: Any) -> Any:
        made = element._clone()
        made.left, made.right = (self._side(side) for side in (left, right))
        return made

    def _side(self, element: Any) -> Any:
        """One side of a comparison; JSON is compared without blanks."""
        copied = self._copied(element)
        if is_one(element, BindParameter):
            return copied
        return self._dialect.expressions.operand(self._origin_of(element)[0], copied)

    def _copied(self, element: Any) -> Any:
        return _replace(element, {}, self._replaced)

    def _parameter(self, parameter: Any, origin: tuple[Kind, Table | None, Column | None] | None) -> Any:
        """A parameter of the plan for one of SQLAlchemy's."""
        if parameter.key.startswith("\0"):
            return parameter
        slot = self._slot(parameter)
        if origin is None:
            origin = (_kind_of(parameter.type), None, None)
            processor = _processor(parameter.type, self._dialect)
            if processor is not None:
                return self._kept.take(slot, processor)
        kind, table, column = origin
        encode = self._dialect.encoder(kind, table, column)
        taken = self._kept.take(slot, _or_none(encode), self._dialect.native(kind))
        return self._dialect.expressions.comparable(kind, taken) if column is not None else taken

    def _slot(self, parameter: Any) -> int:
        slot = self._slots.get(id(parameter))
        if slot is None:
            raise NotSupported(
                "this statement has values that cannot be told apart", hint="write it as SQL text"
            )
        return slot

    def _member(self, left: Any, parameter: Any, *, negated: bool) -> Any:
        slot = self._slot(parameter)
        expressions = self._dialect.expressions
        if is_one(left, Tuple):
            origins = [self._origin_of(part) for part in left.clauses]
            encode_rows = self._dialect.rows_encoder([self._dialect.encoder(*origin) for origin in origins])
            rows = self._kept.take(slot, encode_rows)
            parts = [self._copied(part) for part in left.clauses]
            return expressions.member_rows(parts, [kind for kind, _, _ in origins], rows)
        kind, table, column = self._origin_of(left)
        encode = self._dialect.list_encoder(self._dialect.encoder(kind, table, column), None)
        nul = (
            self._kept.take(slot, _texts_with_nul(self._dialect.nul_encoder()))
            if kind in ("any", "text")
            else None
        )
        return expressions.member(
            expressions.operand(kind, self._copied(left)),
            [self._kept.take(slot, _listed(encode, negated=negated))],
            nul,
        )

    def values(self, parameters: list[Any], given: Mapping[str, object] | None) -> tuple[object, ...]:
        """The values of the plan's slots.

        Args:
            parameters: The parameters of the statement that runs, in their order.
            given: Values by the names of parameters.

        Raises:
            UsageError: A value is missing, or a name is unknown.
        """
        named: Mapping[str, object] = given or {}
        keys: set[str] = {parameter.key for parameter in parameters}
        for name in named:
            if name not in keys:
                raise UsageError(
                    f"the statement has no parameter '{name}'",
                    hint=did_you_mean(str(name), keys) or "it is named in sa.bindparam('name')",
                )
        values: list[object] = []
        for parameter in parameters:
            if parameter.key in named:
                values.append(named[parameter.key])
            elif parameter.required:
                raise UsageError(
                    f"no value was given for the parameter '{parameter.key}'",
                    hint=f"write execute(statement, {{'{parameter.key}': …}})",
                )
            else:
                values.append(parameter.effective_value)
        return tuple(values)

    # -- columns ------------------------------------------------------------------------------------

    def _outputs(self, statement: Any) -> tuple[Output, ...]:
        if is_one(statement, sa.CompoundSelect):
            parts = [self._outputs(part) for part in statement.selects]
            return tuple(reduce(_of_both, columns) for columns in zip(*parts, strict=True))
        return self._outputs_of(statement.selected_columns)

    def _outputs_of(self, columns: Any) -> tuple[Output, ...]:
        outputs: list[Output] = []
        for column in columns:
            kind, table, origin = self._origin_of(column)
            named = is_one(column, Label, sa.ColumnClause, FunctionElement)
            name = str(column.name) if named else "value"
            found = ("", "") if table is None or origin is None else (table.name, origin.name)
            outputs.append(Output(name, kind, *found))
        return tuple(outputs)

    def _origin_of(self, element: Any) -> tuple[Kind, Table | None, Column | None]:
        """What an expression's values are, and the column that they come from."""
        column = column_of(element)
        return (_kind_of(element.type), None, None) if column is None else self._origin(column)

    def _origin(self, column: Any) -> tuple[Kind, Table | None, Column | None]:
        table = self._schema.table(str(column.table.fullname)) if is_one(column.table, sa.Table) else None
        found = None
        if table is not None:
            found = next((each for each in table.columns if each.name == str(column.name)), None)
        return (_kind_of(column.type), None, None) if found is None else (found.kind, table, found)

    def _reads(self, statement: Any) -> tuple[str, ...]:
        parts: list[Any] = list(visitors.iterate(statement))
        return tuple(sorted({str(part.fullname) for part in parts if is_one(part, sa.Table)}))


def column_of(element: Any) -> Any:
    """The table's column that gives an expression its values, or None.

    Args:
        element: The expression.
    """
    while True:
        if is_one(element, Label, Grouping):
            element = element.element
        elif is_one(element, FunctionElement) and element.name in _SAME:
            arguments = list(element.clauses)
            if not arguments:
                return None
            element = arguments[0]
        elif is_one(element, sa.ScalarSelect):
            element = next(iter(element.element.selected_columns))
        elif is_one(element, sa.Column) and is_one(element.table, sa.Table):
            return element
        elif is_one(element, ColumnElement):
            bases = [each for each in element.base_columns if each is not element]
            if len(bases) != 1:
                return None
            element = bases[0]
        else:
            return None


def _of_both(one: Output, other: Output) -> Output:
    """The output of a column that has values of both."""
    if (one.kind, one.table, one.column) == (other.kind, other.table, other.column):
        return one
    return Output(one.name, one.kind if one.kind == other.kind else "any")


def _kind_of(of_type: Any) -> Kind:
    for kind_type, kind in KIND_OF_TYPE:
        if isinstance(of_type, kind_type):
            return kind
    return "any"


def _processor(of_type: Any, dialect: Dialect) -> Encode | None:
    """What SQLAlchemy itself does to the path of a JSON value."""
    if not isinstance(of_type, (sa.JSON.JSONPathType, sa.JSON.JSONIndexType)):
        return None
    implementation = of_type.dialect_impl(dialect.expressions.sqlalchemy)
    return cast("Encode | None", implementation.bind_processor(dialect.expressions.sqlalchemy))


def _or_none(encode: Encode | None) -> Encode | None:
    if encode is None:
        return None

    def encode_or_none(value: object) -> object:
        return None if value is None else encode(value)

    return encode_or_none


def _items(values: object) -> list[object]:
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise InvalidValue(f"in_() takes a list, not {type(values).__name__}")
    return [value for value in cast("Any", values) if value is not None]


def _listed(encode: Encode, *, negated: bool) -> Encode:
    """A list encoder for a list that may be empty or hold None, which equals nothing."""

    def encode_list(values: object) -> object:
        items = _items(values)
        if negated and isinstance(values, Sized) and len(items) < len(values):
            raise InvalidValue(
                "not_in() with None in the list holds for no row",
                hint="leave it out, and ask for is_not(None)",
            )
        # An empty list is not None, which each engine would take for something else.
        return encode(items)

    return encode_list


def _texts_with_nul(encode: Encode) -> Encode:
    def encode_texts(values: object) -> object:
        return encode(_items(values))

    return encode_texts


def is_one(element: object, *kinds: Any) -> bool:
    """Whether something is one of SQLAlchemy's classes, whose types say less than nothing to a checker.

    Args:
        element: The thing.
        *kinds: The classes.
    """
    return isinstance(element, kinds)
