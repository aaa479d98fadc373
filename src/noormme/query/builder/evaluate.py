"""The expressions of queries in tables as SQL, with what is known of their values.

Invariant: a bare value becomes a parameter in the form of what it is compared or combined with. This module
imports SQLAlchemy; the first compilation loads it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.sql.elements import Grouping

from noormme.errors import FieldNotFound, InvalidQuery, TableNotFound
from noormme.query.builder.conditions import Conditions, lacking
from noormme.query.builder.functions import FUNCTIONS
from noormme.query.builder.names import Known, find_column, no_such_table
from noormme.query.builder.nodes import (
    Arithmetic,
    Call,
    Case,
    Col,
    Expression,
    Null,
    Outer,
    Query,
    Scalar,
    Slot,
)
from noormme.query.builder.scope import Columns, Scope
from noormme.query.builder.typed import Typed, alike
from noormme.query.dialect import Dialect
from noormme.query.parameters import Parameters
from noormme.schema.model import Kind, Schema

__all__ = ["Evaluator"]

_NUMBERS: frozenset[Kind] = frozenset({"integer", "real", "decimal", "boolean"})


class Evaluator(ABC):
    """Compiles the expressions of one statement.

    Args:
        schema: The schema.
        dialect: The engine's side.

    Attributes:
        parameters: The parameters of the statement.
        conditions: What compiles its conditions.
    """

    def __init__(self, schema: Schema, dialect: Dialect) -> None:
        self.schema = schema
        self.dialect = dialect
        self.parameters = Parameters()
        self.conditions = Conditions(self)

    @abstractmethod
    def query(self, node: Query, parent: Scope | None, *, labelled: bool = False) -> tuple[Any, Columns]:
        """A query and its columns.

        Args:
            node: The query.
            parent: The scope around it.
            labelled: Whether each column needs its name in SQL, because something refers to it.
        """

    def expression(self, node: Expression, scope: Scope, like: Typed | None = None) -> Typed:
        """An expression.

        Args:
            node: The expression.
            scope: What its names mean.
            like: What a bare value is compared or combined with, whose form it takes.
        """
        if isinstance(node, Slot):
            return self.parameter(node.index, like)
        if isinstance(node, Null):
            return Typed(sa.null())
        if isinstance(node, Col):
            source = scope.sources.get(node.source)
            if source is None:
                raise self._not_joined(node.source, scope)
            name = node.name
            if name not in source.columns:
                # Named before its table was joined, and so as it was written.
                name = find_column(self.schema, [source.known], name).name
            return source.columns[name]
        if isinstance(node, Outer):
            return self._outer(node, scope)
        if isinstance(node, Scalar):
            statement, columns = self.query(node.query, scope)
            return msgspec.structs.replace(columns[0][1], sql=statement.scalar_subquery(), nullable=True)
        if isinstance(node, Arithmetic):
            return self._arithmetic(node, scope)
        if isinstance(node, Case):
            return self._case(node, scope)
        return self._call(node, scope)

    def parameter(self, slot: int, like: Typed | None) -> Typed:
        """A value in the form of what it is compared with."""
        kind: Kind = "any" if like is None else like.kind
        table, column = (None, None) if like is None else (like.table, like.column)
        encode = self.dialect.encoder(kind, table, column)
        sql = self.parameters.take(slot, encode, self.dialect.native(kind))
        return Typed(self.dialect.expressions.comparable(kind, sql), kind)

    def _arithmetic(self, node: Arithmetic, scope: Scope) -> Typed:
        left, right = (self.expression(part, scope) for part in (node.left, node.right))
        kinds = {
            "integer" if typed.kind == "boolean" else typed.kind
            for typed, part in ((left, node.left), (right, node.right))
            if not isinstance(part, Slot)
        }
        kind: Kind = "text" if node.operator == "||" else "any"
        if node.operator != "||" and kinds <= {"decimal", "integer", "real"} and "decimal" in kinds:
            kind = "decimal"
        one, other = _operand(left), _operand(right)
        # MySQL has a function for it, and another meaning of the sign.
        sql = one.concat(other) if node.operator == "||" else one.op(node.operator)(other)
        return Typed(sql, kind, nullable=left.nullable or right.nullable, whole=False)

    def _case(self, node: Case, scope: Scope) -> Typed:
        results = [result for _, result in node.branches] + [node.otherwise]
        typed = [self.expression(each, scope) for each in results if not isinstance(each, (Slot, Null))]
        like = typed[0] if typed else None
        branches = [
            (self.conditions.condition(condition, scope), self.expression(result, scope, like).sql)
            for condition, result in node.branches
        ]
        sql = sa.case(*branches, else_=self.expression(node.otherwise, scope, like).sql)
        if like is None:
            return Typed(sql)
        for other in typed[1:]:
            like = alike(like, other)
        return msgspec.structs.replace(like, sql=sql, nullable=True)

    def _call(self, node: Call, scope: Scope) -> Typed:
        function = FUNCTIONS[node.function]
        lacking(self.dialect, node.function)
        typed: list[Typed] = []
        like: Typed | None = None
        for argument in node.arguments:
            made = self.expression(argument, scope, like if function.gives == "same" else None)
            typed.append(made)
            if like is None and not isinstance(argument, (Slot, Null)):
                like = made
        arguments: list[Any] = [each.sql for each in typed] or (
            [sa.text("*")] if node.function == "count" else []
        )
        if node.distinct:
            arguments[0] = sa.distinct(arguments[0])
        sql: Any = getattr(sa.func, node.function)(*arguments, type_=sa.types.NullType())
        if node.condition is not None:
            sql = sa.funcfilter(sql, self.conditions.condition(node.condition, scope))
        nullable = function.nullable
        if function.gives == "same":
            return Typed(sql) if like is None else msgspec.structs.replace(like, sql=sql, nullable=nullable)
        kind: Kind = "any" if like is None else like.kind
        if function.gives == "sum":
            return Typed(sql, {"boolean": "integer"}.get(kind, kind) if kind in _NUMBERS else "any")  # type: ignore[arg-type]
        if function.gives == "mean":
            return Typed(sql, "decimal" if kind == "decimal" else "real")
        return Typed(sql, function.gives, nullable=nullable)

    def _outer(self, node: Outer, scope: Scope) -> Typed:
        """A column of the nearest query around this one that has it."""
        passed = [scope]
        around = scope.parent
        if around is None:
            raise InvalidQuery(
                f"outer('{node.name}') needs a query around it", hint="use it in exists(), or as a sub-select"
            )
        while True:
            try:
                column = find_column(self.schema, self._known(around), node.name)
                found = around.sources[column.source]
                break
            except (FieldNotFound, TableNotFound, KeyError) as error:
                passed.append(around)
                if around.parent is None:
                    if isinstance(error, KeyError):
                        raise self._not_joined(node.name.rpartition(".")[0], scope.parent or scope) from None
                    raise
                around = around.parent
        if any(column.source in each.sources for each in passed):
            raise InvalidQuery(
                f"'{column.source}' is the name of a table both inside and outside of a sub-select",
                hint=f"name one of them: '{column.source} as inner'",
            )
        for each in passed:
            each.used.append(found.selectable)
        return found.columns[column.name]

    def _known(self, scope: Scope) -> list[Known]:
        return [source.known for source in scope.sources.values()]

    def _not_joined(self, name: str, scope: Scope) -> Exception:
        return no_such_table(self.schema, self._known(scope), name)


def _operand(typed: Typed) -> Any:
    return typed.sql if typed.whole else Grouping(typed.sql)
