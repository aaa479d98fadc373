"""From what a user wrote to a shape: names are checked, values are taken out.

Invariant: every name that enters a shape exists, and no value does. The order in which values are taken is
the order of their slots.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from noormme.errors import InvalidQuery, InvalidValue, UsageError
from noormme.query.expressions.base import Comparison, Expression, kind_of_value
from noormme.query.expressions.conditions import Conditional, Q
from noormme.query.expressions.fields import F, Value
from noormme.query.expressions.ordering import OrderBy
from noormme.query.nodes import (
    AggregateCall,
    Compared,
    Condition,
    Constant,
    Holds,
    JSONType,
    Junction,
    Operand,
    Order,
    Outer,
    Predicate,
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

C = TypeVar("C", bound="Conditional | tuple[str, object]")

__all__ = ["PLAIN", "Builder", "Queryable", "nested_too_deeply"]

_LONGEST_PATTERN = 20_000
"""The longest text in characters that is made a pattern, in which each of them may need a second one."""

_SUMMABLE: frozenset[Kind] = frozenset({"integer", "real", "decimal", "boolean", "duration", "any"})


class Queryable:
    """Something that can stand as a subquery inside another query."""

    __slots__ = ()

    def as_subquery(self) -> tuple[Shape, tuple[object, ...]]:
        """The shape and the values. No statement runs."""
        raise NotImplementedError


class Builder(Operands):
    """Takes conditions and expressions apart for one query.

    Args:
        schema: The schema of the query's table.
        table: The query's table.
        start: How many values the query has already.
        annotations: The expressions named by ``annotate`` so far.
        filtered: The relations named by ``annotate`` so far.
    """

    def __init__(
        self,
        schema: Schema,
        table: Table,
        start: int,
        annotations: Mapping[str, Annotate] | None = None,
        filtered: Mapping[str, FilteredJoin] | None = None,
    ) -> None:
        super().__init__(schema, table, start)
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

    # -- conditions ---------------------------------------------------------------------------------

    def junction(
        self, conditions: Iterable[object], lookups: Mapping[str, object], *, negated: bool = False
    ) -> Junction:
        """The node of one ``filter`` or ``exclude`` call.

        Args:
            conditions: The positional arguments.
            lookups: The keyword arguments.
            negated: Whether it is ``exclude``.

        Raises:
            UsageError: A positional argument is no condition.
            FieldNotFound: A name is unknown.
            LookupNotFound: A lookup is unknown.
            InvalidValue: A value does not fit its lookup.
        """
        children: list[Predicate] = []
        for condition in conditions:
            self.direct = False
            try:
                children.append(self._predicate(condition))
            except RecursionError:
                raise nested_too_deeply() from None
        children.extend(self.lookup(name, value) for name, value in _in_order(lookups.items()))
        return Junction("AND", tuple(children), negated)

    def condition(self, condition: Conditional) -> Junction:
        """A condition inside an expression.

        Raises:
            UsageError: It is none.
        """
        node = self._predicate(condition)
        return node if isinstance(node, Junction) else Junction("AND", (node,))

    def _predicate(self, condition: object) -> Predicate:
        if isinstance(condition, Q):
            return Junction(
                condition.connector,
                tuple(
                    self.lookup(child[0], child[1]) if isinstance(child, tuple) else self._predicate(child)
                    for child in _in_order(condition.children)
                ),
                condition.negated,
            )
        if isinstance(condition, Comparison):
            return self._comparison(condition)
        if isinstance(condition, Expression):
            return Holds(condition.node(self))
        raise UsageError(
            f"a condition must be a Q or a keyword lookup, not {type(condition).__name__}",
            hint="write filter(field=value) or filter(Q(…) | Q(…))",
        )

    def compared(self, comparison: Comparison) -> Junction:
        """An expression under a lookup."""
        return Junction("AND", (self._comparison(comparison),))

    def _comparison(self, comparison: Comparison) -> Predicate:
        if type(comparison.expression) is F:
            return self.lookup(f"{comparison.expression.name}__{comparison.lookup}", comparison.operand)
        expression = comparison.expression.node(self)
        place = Target(
            (), self.table, (), annotation="", lookup=comparison.lookup, kind=self.kind(expression)
        )
        operand, folded, json = self._operand_of(
            repr(type(comparison.expression).__name__), comparison.operand, place
        )
        return Compared(expression, comparison.lookup, operand, folded, json)

    def lookup(self, name: str, value: object) -> Condition:
        """The node of one keyword lookup; its values are added to ``values``.

        Args:
            name: The name as it was written.
            value: What it is compared with.

        Raises:
            FieldNotFound: The name is unknown.
            LookupNotFound: The lookup is unknown.
            InvalidValue: The value does not fit the lookup.
        """
        target = self.target(name, with_lookup=True)
        if type(value) is Value and (
            value.kind == kind_of_value(value.value)
            # Null said to be JSON is that of JSON, as None is beside a field that holds documents.
            or (value.value is None and value.kind == "json" and self._takes_null(target))
        ):
            self.direct = False
            value = value.value
        if value is None and not self._takes_null(target):
            self.direct = False
            if not target.rule.none_is_null:
                raise InvalidValue(
                    f"{self._where(name)} cannot be compared with None by '{target.lookup}'",
                    hint="use isnull=True or isnull=False",
                )
            bare = (
                name.removesuffix(f"__{target.lookup}")
                if target.lookup != "exact" or name.endswith("__exact")
                else name
            )
            return Condition(f"{bare}__isnull", True)
        operand, folded, json = self._operand_of(name, value, target)
        return Condition(name, operand, folded, json=json)

    def _operand_of(
        self, name: str, value: object, target: Target
    ) -> tuple[Operand, bool, tuple[JSONType, ...]]:
        """What a lookup compares with, whether it asks for Unicode case folding, and what it is in JSON."""
        rule = target.rule
        if isinstance(value, (Expression, Conditional)):
            self.direct = False
            return self.operand(value), False, ()
        if rule.operand == "flag":
            self.direct = False
            if not isinstance(value, bool):
                raise InvalidValue(
                    f"{self._where(name)} takes True or False, not {type(value).__name__}",
                    hint=f"write {target.lookup}=True",
                )
            return value, False, ()
        if isinstance(value, Queryable):
            return self.subquery(value, None), False, ()
        if target.kind == "json" and rule.sql is None and rule.operand not in ("text", "pattern"):
            operand, json = self._json(value, name, target)
            return operand, False, json
        if rule.operand == "list":
            return self._list(value, name, target), False, ()
        if rule.operand == "pair":
            return self._pair(value, name), False, ()
        if rule.operand == "pattern":
            self.direct = False
            self._check_pattern(value, name)
        if len(target.columns) > 1:
            return self._composite(value, name, target), False, ()
        folded = False
        if rule.ignores_case and rule.operand == "text":
            self.direct = False
            folded = isinstance(value, str) and (
                not value.isascii() or "\0" in value or len(value) > _LONGEST_PATTERN
            )
        elif type(value) not in PLAIN:
            self.direct = False
            value = self._key_of(value, target, name)
        return self.param(value), folded, ()

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
        try:
            node = self.operand(expression)
        except RecursionError:
            raise nested_too_deeply() from None
        for part in walk(node):
            if isinstance(part, AggregateCall):
                self._check_summable(part)
        return node

    def _check_summable(self, call: AggregateCall) -> None:
        argument = call.arguments[0] if call.arguments else None
        if call.function not in ("sum", "avg") or not isinstance(argument, Ref):
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
        """An expression, a condition, a query set, or a value as an expression."""
        if isinstance(operand, Expression):
            return operand.node(self)
        if isinstance(operand, Conditional):
            return Test(self.condition(operand))
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
        shape, values = query.as_subquery()
        shifted = shift(shape, self.start + len(self.values))
        self.values.extend(values)
        return shifted


def _in_order(children: Iterable[C]) -> list[C]:
    """Conditions in the order in which they are compiled.

    A field that one is compared with makes a join that the others may be about. What such conditions mean
    together must not depend on how they were written, so they are sorted by name, as Django sorts them.
    """
    found = list(children)
    if any(isinstance(child, tuple) and isinstance(child[1], Expression) for child in found):
        found.sort(key=lambda child: child[0] if isinstance(child, tuple) else "")
    return found


def nested_too_deeply() -> InvalidQuery:
    """The error for conditions in conditions that go deeper than Python's stack."""
    return InvalidQuery(
        "the conditions are nested too deeply",
        hint="join many with | or & on one level, or give a list to __in",
    )
