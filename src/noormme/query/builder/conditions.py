"""The conditions of queries in tables as SQL.

Invariant: the meaning is SQL's own, NULL included; a value enters as a parameter in the form that the column
compared stores, never as text of the SQL. This module imports SQLAlchemy; the first compilation loads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from noormme.errors import NotSupported
from noormme.query.builder.nodes import (
    Between,
    Compare,
    Condition,
    Exists,
    Expression,
    InList,
    InQuery,
    Junction,
    Not,
    NullTest,
    Query,
    Slot,
)
from noormme.query.builder.typed import Typed
from noormme.query.joins import literal

if TYPE_CHECKING:
    from noormme.query.builder.scope import Scope
    from noormme.query.dialect import Dialect
    from noormme.query.parameters import Parameters

__all__ = ["Compiler", "Conditions"]


class Compiler(Protocol):
    """What conditions ask of the compiler."""

    @property
    def dialect(self) -> Dialect:
        """The engine's side."""
        ...

    @property
    def parameters(self) -> Parameters:
        """The parameters of the statement."""
        ...

    def expression(self, node: Expression, scope: Scope, like: Typed | None = None) -> Typed:
        """An expression; a bare value takes the form of ``like``."""
        ...

    def query(self, node: Query, parent: Scope | None, *, labelled: bool = False) -> tuple[Any, Any]:
        """A query and its columns."""
        ...


_COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "is": lambda left, right: left.is_not_distinct_from(right),
    "is not": lambda left, right: left.is_distinct_from(right),
}

_TEXTS: Mapping[str, Callable[[Any, Any], Any]] = {
    "like": lambda left, right: left.like(right),
    "ilike": lambda left, right: left.ilike(right),
    "glob": lambda left, right: left.op("GLOB", is_comparison=True)(right),
    "regexp": lambda left, right: left.regexp_match(right),
    "match": lambda left, right: left.op("MATCH", is_comparison=True)(right),
}

_TEXT = Typed(None, "text")


def lacking(dialect: Dialect, name: str) -> None:
    """Refuse a function or an operator that the database does not have.

    Args:
        dialect: The database's.
        name: What the query calls.

    Raises:
        NotSupported: It has none.
    """
    instead = dialect.features.lacks.get(name)
    if instead is not None:
        raise NotSupported(f"this database has no '{name}' for queries in tables", hint=instead)


class Conditions:
    """Compiles the conditions of one statement.

    Args:
        compiler: What compiles the rest of it.
    """

    def __init__(self, compiler: Compiler) -> None:
        self._compiler = compiler

    def condition(self, node: Condition, scope: Scope) -> Any:
        """The SQL of a condition."""
        if isinstance(node, Junction):
            parts = [self.condition(part, scope) for part in node.parts]
            return sa.and_(*parts) if node.connector == "and" else sa.or_(*parts)
        if isinstance(node, Not):
            return sa.not_(self.condition(node.condition, scope))
        if isinstance(node, Exists):
            statement, _ = self._compiler.query(node.query, scope)
            found = sa.exists(statement)
            return sa.not_(found) if node.negated else found
        if isinstance(node, Compare):
            return self._compare(node, scope)
        operand = self._compiler.expression(node.operand, scope)
        if isinstance(node, NullTest):
            return operand.sql.is_not(None) if node.negated else operand.sql.is_(None)
        if isinstance(node, Between):
            low, high = (self._compiler.expression(end, scope, operand).sql for end in (node.low, node.high))
            between = operand.sql.between(low, high)
            return sa.not_(between) if node.negated else between
        if isinstance(node, InQuery):
            statement, _ = self._compiler.query(node.query, scope)
            return operand.sql.not_in(statement) if node.negated else operand.sql.in_(statement)
        member = self._member(node, operand)
        return sa.not_(member) if node.negated else member

    def _compare(self, node: Compare, scope: Scope) -> Any:
        negated = node.operator.startswith("not ")
        text = _TEXTS.get(node.operator.removeprefix("not "))
        if text is not None:
            lacking(self._compiler.dialect, node.operator.removeprefix("not "))
            left = self._compiler.expression(node.left, scope)
            made = text(left.sql, self._compiler.expression(node.right, scope, _TEXT).sql)
            return sa.not_(made) if negated else made
        left, right = self._both(node, scope)
        return _COMPARISONS[node.operator](left, right)

    def _both(self, node: Compare, scope: Scope) -> tuple[Any, Any]:
        """Both sides; a value takes the form of the other side, and JSON is compared without blanks."""
        expression, operand = self._compiler.expression, self._compiler.dialect.expressions.operand
        if isinstance(node.right, Slot):
            left = expression(node.left, scope)
            right = expression(node.right, scope, left)
            return operand(left.kind, left.sql), right.sql
        right = expression(node.right, scope)
        if isinstance(node.left, Slot):
            return expression(node.left, scope, right).sql, operand(right.kind, right.sql)
        return expression(node.left, scope).sql, right.sql

    def _member(self, node: InList, operand: Typed) -> Any:
        if not node.slots and node.nul is None:
            return literal("1") == literal("0")
        dialect, take = self._compiler.dialect, self._compiler.parameters.take
        encode = dialect.encoder(operand.kind, operand.table, operand.column)
        encode_list = dialect.list_encoder(encode, dialect.native(operand.kind))
        lists: list[Any] = [take(slot, encode_list) for slot in node.slots]
        nul = None if node.nul is None else take(node.nul, dialect.nul_encoder())
        stored = dialect.expressions.operand(operand.kind, operand.sql)
        return dialect.expressions.member(stored, lists, nul)
