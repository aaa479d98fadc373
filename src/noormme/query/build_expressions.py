"""From the expressions that a user wrote to nodes of a shape; a query set in one becomes a subquery.

Invariant: as in ``query.build``, every name that enters a node exists, and no value does.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from noormme.errors import InvalidQuery, UsageError
from noormme.query.expressions.base import Comparison, Expression, kind_of_value
from noormme.query.expressions.conditions import Conditional
from noormme.query.expressions.ordering import OrderBy
from noormme.query.nodes import (
    AggregateCall,
    Constant,
    Junction,
    Order,
    Outer,
    Ref,
    RowsExist,
    Subquery,
    Test,
)
from noormme.query.nodes import Expression as Node
from noormme.query.operands import PLAIN, Operands
from noormme.query.resolve import Target, kind_of, resolve
from noormme.query.shape import Annotate, FilteredJoin, Shape, shift, walk
from noormme.schema.model import Kind, Schema, Table

__all__ = ["ExpressionBuilder", "Queryable", "nested_too_deeply", "of_another_database"]

_SUMMABLE: frozenset[Kind] = frozenset({"integer", "real", "decimal", "boolean", "duration", "any"})


class Queryable:
    """Something that can stand as a subquery inside another query."""

    # mypy holds that it is abstract; ABC would make every isinstance() with a query set slower.
    __slots__ = ()

    @property
    @abstractmethod
    def home(self) -> object:
        """What the queries of one database have in common, and those of no other."""

    @abstractmethod
    def as_subquery(self) -> tuple[Shape, tuple[object, ...]]:
        """The shape and the values. No statement runs."""


class ExpressionBuilder(Operands):
    """Takes expressions apart for one query.

    Args:
        schema: The schema of the query's table.
        table: The query's table.
        start: How many values the query has already.
        annotations: The expressions named by ``annotate`` so far.
        filtered: The relations named by ``annotate`` so far.
        home: What the queries of its database have in common; None lets a subquery be of any.
    """

    def __init__(
        self,
        schema: Schema,
        table: Table,
        start: int,
        annotations: Mapping[str, Annotate] | None = None,
        filtered: Mapping[str, FilteredJoin] | None = None,
        home: object = None,
    ) -> None:
        super().__init__(schema, table, start)
        self.home = home
        self.annotations: Mapping[str, Annotate] = annotations or {}
        self.filtered: Mapping[str, FilteredJoin] = filtered or {}

    def target(self, name: str, *, with_lookup: bool = False) -> Target:
        """What a name means in the query.

        Args:
            name: The name as it was written.
            with_lookup: Whether a lookup may follow.
        """
        return resolve(
            self.schema,
            self.table,
            name,
            annotations=self.annotations,
            filtered=self.filtered,
            with_lookup=with_lookup,
        )

    @abstractmethod
    def condition(self, condition: Conditional) -> Junction:
        """A condition inside an expression.

        Raises:
            UsageError: It is none.
        """

    @abstractmethod
    def compared(self, comparison: Comparison) -> Junction:
        """An expression under a lookup."""

    # -- expressions --------------------------------------------------------------------------------

    def expression(self, expression: object, alias: str) -> Node:
        """The node of an expression given to ``annotate``, ``alias``, ``values`` or ``aggregate``.

        Args:
            expression: What was given.
            alias: The name that it was given.

        Raises:
            UsageError: It is not an expression.
            FieldNotFound: It names an unknown field.
            InvalidQuery: The field's values cannot be added up.
        """
        if not isinstance(expression, (Expression, Conditional, Queryable)):
            raise UsageError(
                f"'{alias}' must be an expression, not {type(expression).__name__}",
                hint="use F('field'), Value(…), Count('relation'), Lower('field'), …",
            )
        node = self.operand(expression)
        for part in walk(node):
            if isinstance(part, AggregateCall):
                self._check_summable(part)
        return node

    def _check_summable(self, call: AggregateCall) -> None:
        argument = call.arguments[0] if call.arguments else None
        if argument is None or call.function not in ("sum", "avg"):
            return
        if not isinstance(argument, Ref):
            kind = self.kind(argument)
            if kind not in _SUMMABLE and kind != "json":
                raise InvalidQuery(
                    f"{call.function.capitalize()} needs numbers, and this expression gives {kind} values",
                    hint="use Count, Min or Max, or Cast it",
                )
            return
        target = self.target(argument.name)
        part = target.kind == "json" and bool(target.transforms)
        if target.annotation is None and not part and target.kind not in _SUMMABLE:
            raise InvalidQuery(
                f"{call.function.capitalize()} needs numbers, and "
                f"{self._where(argument.name)} holds {target.kind} values",
                hint="use Count, Min or Max",
            )

    def value(self, value: object, kind: Kind | None = None) -> Node:
        """A value as an expression; its kind is that of its type where none is given."""
        self.direct = False
        if value is None:
            return Constant(None, kind or "any")
        plain = value if type(value) in PLAIN else self._key_of_row(value)
        return Constant(self.slot(plain), kind or kind_of_value(plain))

    def _key_of_row(self, value: object) -> object:
        """A row of a table stands for its key; anything else for itself."""
        keys = getattr(value, "pk", None) if hasattr(type(value), "__noormme_table__") else None
        return value if keys is None else keys

    def operand(self, operand: object) -> Node:
        """An expression, a condition, a query set, or a value as an expression.

        Raises:
            InvalidQuery: It is nested more deeply than Python's stack.
        """
        try:
            if isinstance(operand, Expression):
                return operand.node(self)
            if isinstance(operand, Conditional):
                return Test(self.condition(operand))
        except RecursionError:
            raise nested_too_deeply() from None
        if isinstance(operand, Queryable):
            return self.subquery(operand, None)
        return self.value(operand)

    def argument(self, argument: object) -> Node:
        """What a function is called with: a text is the name of a field."""
        return self.field(argument) if isinstance(argument, str) else self.operand(argument)

    def field(self, name: object) -> Node:
        """A field by name, or an expression.

        Raises:
            FieldNotFound: The query has no such field.
            UsageError: It is neither.
        """
        if isinstance(name, (Expression, Conditional, Queryable)):
            return self.operand(name)
        if not isinstance(name, str):
            raise UsageError(
                f"expected the name of a field or an expression, not {type(name).__name__}",
                hint="write Value(…) for a value",
            )
        self.target(name)
        return Ref(name)

    def kind(self, node: Node) -> Kind:
        """The kind of an expression's values, where its node says it."""
        return kind_of(self.schema, self.table, node, self.annotations, self.filtered)

    def outer(self, name: str, levels: int) -> Node:
        """A field of a query around this one, which is resolved when that one is compiled."""
        self.direct = False
        return Outer(name, levels)

    def order(self, item: object) -> Order:
        """One sort key.

        Raises:
            UsageError: It is neither a name nor an expression nor an ``OrderBy``.
            FieldNotFound: It names an unknown field.
        """
        if isinstance(item, str):
            descending = item.startswith("-")
            name = item[1:] if descending else item.removeprefix("+")
            if name == "?":
                return Order(Ref("?"), descending, random=True)
            return Order(self.field(name), descending)
        if isinstance(item, OrderBy):
            return Order(self.field(item.expression), item.descending, item.nulls)
        if isinstance(item, (Expression, Conditional)):
            return Order(self.operand(item))
        raise UsageError(f"order_by takes names and expressions, not {type(item).__name__}")

    # -- other queries ------------------------------------------------------------------------------

    def subquery(self, query: object, output: Kind | None) -> Node:
        """Another query set as a list of values, or as one.

        Raises:
            UsageError: It is none.
            InvalidQuery: It gives several fields.
        """
        shape = self._inner(query)
        if len(shape.fields) > 1:
            raise InvalidQuery(
                f"a subquery of {shape.table} gives {len(shape.fields)} fields where one is needed",
                hint="use values('one_field')",
            )
        return Subquery(shape, output)

    def exists(self, query: object) -> Node:
        """Whether another query set has any row.

        Raises:
            UsageError: It is none.
        """
        return RowsExist(self._inner(query))

    def _inner(self, query: object) -> Shape:
        self.direct = False
        if not isinstance(query, Queryable):
            raise UsageError(
                f"a subquery is a query set, not {type(query).__name__}",
                hint="write Subquery(db.table.filter(…).values('field'))",
            )
        if self.home is not None and query.home is not self.home:
            raise of_another_database("a subquery")
        shape, values = query.as_subquery()
        shifted = shift(shape, self.start + len(self.values))
        self.values.extend(values)
        return shifted


def of_another_database(part: str) -> InvalidQuery:
    """The error for a query that would run in a database that it was not written for."""
    return InvalidQuery(
        f"{part} is a query of another database", hint="read its values first, and pass them as a list"
    )


def nested_too_deeply() -> InvalidQuery:
    """The error for conditions or expressions that go deeper than Python's stack."""
    return InvalidQuery(
        "the conditions or expressions of this query are nested too deeply",
        hint="join many conditions with | or & on one level, or give a list to __in",
    )
