"""From what the user wrote (``Q``, keyword lookups, expressions) to nodes of a shape and their values.

Invariant: values leave here in the order of their slots, and a node never keeps one. Every name is
resolved once, so a misspelt one raises at the call that wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, cast
from uuid import UUID

from noormme.errors import InvalidQuery, InvalidValue, UsageError
from noormme.query.expressions import Aggregate, F, OrderBy, Q
from noormme.query.lookups import LOOKUPS
from noormme.query.resolve import Target, key_columns, resolve
from noormme.query.shape import (
    AggregateCall,
    Condition,
    Junction,
    ListParam,
    Operand,
    Order,
    Param,
    Params,
    Predicate,
    Ref,
    Shape,
    Subquery,
    shift,
)

if TYPE_CHECKING:
    from noormme.schema.model import Column, Schema, Table

__all__ = ["PLAIN", "Builder", "Queryable", "nested_too_deeply", "parse_order"]

PLAIN: frozenset[type] = frozenset(
    {bool, int, float, str, bytes, datetime, date, time, timedelta, Decimal, UUID}
)
"""Types whose values never change the shape of a query (for lookups that look at no value)."""

_LONGEST_PATTERN = 20_000
"""The longest text in characters that is made a pattern, in which each of them may need a second one."""


_SUMMABLE = frozenset({"integer", "real", "decimal", "boolean", "any"})


class Queryable:
    """Something that can stand as a subquery inside another query."""

    __slots__ = ()

    def as_subquery(self) -> tuple[Shape, tuple[object, ...]]:
        """The shape and the values. No statement runs."""
        raise NotImplementedError


class Builder:
    """Takes conditions and expressions apart for one query.

    Args:
        schema: The schema of the query's table.
        table: The query's table.
        start: How many values the query has already.
        annotations: Names added by ``annotate`` so far.

    Attributes:
        values: The new values, in slot order.
        direct: Whether every value so far was taken as it is and none decided about the shape; then
            the same names with values of the same types give the same nodes again.
    """

    def __init__(self, schema: Schema, table: Table, start: int, annotations: Iterable[str] = ()) -> None:
        self.schema = schema
        self.table = table
        self.start = start
        self.annotations = frozenset(annotations)
        self.values: list[object] = []
        self.direct = True

    def junction(
        self, conditions: Iterable[Q], lookups: Mapping[str, object], *, negated: bool = False
    ) -> Junction:
        """The node of one ``filter`` or ``exclude`` call.

        Args:
            conditions: The positional arguments.
            lookups: The keyword arguments.
            negated: Whether it is ``exclude``.

        Raises:
            UsageError: A positional argument is not a ``Q``.
            FieldNotFound: A name is unknown.
            LookupNotFound: A lookup is unknown.
            InvalidValue: A value does not fit its lookup.
        """
        children: list[Predicate] = []
        for condition in conditions:
            if not isinstance(condition, Q):
                raise UsageError(
                    f"a condition must be a Q or a keyword lookup, not {type(condition).__name__}",
                    hint="write filter(field=value) or filter(Q(…) | Q(…))",
                )
            self.direct = False
            try:
                children.append(self.q(condition))
            except RecursionError:
                raise nested_too_deeply() from None
        children.extend(self.condition(name, value) for name, value in lookups.items())
        return Junction("AND", tuple(children), negated)

    def q(self, condition: Q) -> Junction:
        """The node of a ``Q`` object."""
        children = tuple(
            self.q(child) if isinstance(child, Q) else self.condition(child[0], child[1])
            for child in condition.children
        )
        return Junction(condition.connector, children, condition.negated)

    def condition(self, name: str, value: object) -> Condition:
        """The node of one keyword lookup; its values are added to ``values``.

        Args:
            name: The name as it was written.
            value: What it is compared with.

        Raises:
            FieldNotFound: The name is unknown.
            LookupNotFound: The lookup is unknown.
            InvalidValue: The value does not fit the lookup.
        """
        target = resolve(self.schema, self.table, name, annotations=self.annotations, with_lookup=True)
        lookup = LOOKUPS[target.lookup]
        if isinstance(value, F):
            self.direct = False
            resolve(self.schema, self.table, value.name, annotations=self.annotations)
            return Condition(name, Ref(value.name))
        if value is None:
            self.direct = False
            if not lookup.none_is_null:
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
        if lookup.operand == "flag":
            self.direct = False
            if not isinstance(value, bool):
                raise InvalidValue(
                    f"{self._where(name)} takes True or False, not {type(value).__name__}",
                    hint="write isnull=True",
                )
            return Condition(name, value)
        if isinstance(value, Queryable):
            return Condition(name, self._subquery(value, name))
        if lookup.operand == "list":
            return Condition(name, self._list(value, name, target))
        if lookup.operand == "pair":
            return Condition(name, self._pair(value, name))
        if lookup.operand == "pattern":
            self.direct = False
            self._check_pattern(value, name)
        if len(target.columns) > 1:
            return Condition(name, self._composite(value, name, target))
        folded = False
        if lookup.ignores_case and lookup.operand == "text":
            self.direct = False
            folded = isinstance(value, str) and (
                not value.isascii() or "\0" in value or len(value) > _LONGEST_PATTERN
            )
        elif type(value) not in PLAIN:
            self.direct = False
            value = self._key_of(value, target, name)
        return Condition(name, self.param(value), folded)

    def param(self, value: object) -> Param:
        """A slot for one value."""
        self.values.append(value)
        return Param(self.start + len(self.values) - 1)

    def expression(self, expression: object, alias: str) -> Ref | AggregateCall:
        """The node of an expression given to ``annotate`` or ``aggregate``.

        Args:
            expression: What was given.
            alias: The name that it was given.

        Raises:
            UsageError: It is not an expression.
            FieldNotFound: It names an unknown field.
            InvalidQuery: The field's values cannot be added up.
        """
        if isinstance(expression, F):
            resolve(self.schema, self.table, expression.name, annotations=self.annotations)
            return Ref(expression.name)
        if isinstance(expression, Aggregate):
            argument = None
            if expression.name != "*":
                target = resolve(self.schema, self.table, expression.name, annotations=self.annotations)
                if expression.function in ("sum", "avg") and target.kind not in _SUMMABLE:
                    raise InvalidQuery(
                        f"{type(expression).__name__} needs numbers, and "
                        f"{self._where(expression.name)} holds {target.kind} values",
                        hint="use Count, Min or Max",
                    )
                argument = Ref(expression.name)
            condition = None if expression.filter is None else self.q(expression.filter)
            default = None if expression.default is None else self.param(expression.default)
            return AggregateCall(expression.function, argument, expression.distinct, condition, default)
        raise UsageError(
            f"'{alias}' must be an expression, not {type(expression).__name__}",
            hint="use F('field'), Count('relation'), Sum, Avg, Min or Max",
        )

    def _where(self, name: str) -> str:
        return f"{self.table.name}.{name}"

    def _subquery(self, query: Queryable, name: str) -> Operand:
        self.direct = False
        shape, values = query.as_subquery()
        if len(shape.fields) > 1:
            raise InvalidQuery(
                f"the subquery of {self._where(name)} gives {len(shape.fields)} fields",
                hint="use values('one_field')",
            )
        shifted = shift(shape, self.start + len(self.values))
        self.values.extend(values)
        return Subquery(shifted)

    def _list(self, value: object, name: str, target: Target) -> ListParam:
        self.direct = False
        if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
            raise InvalidValue(
                f"{self._where(name)} takes a list, not {type(value).__name__}", hint="write field__in=[…]"
            )
        items = cast("Iterable[object]", value)
        if len(target.columns) > 1:
            keys = [self._composite_key(item, name, target) for item in items if item is not None]
            groups: dict[type, list[object]] = {tuple: list(keys)} if keys else {}
            nul: list[object] = []
        else:
            groups, nul = {}, []
            for item in items:
                if item is None:
                    continue
                plain = item if type(item) in PLAIN else self._key_of(item, target, name)
                if type(plain) is str and "\0" in plain:
                    nul.append(plain)
                else:
                    groups.setdefault(int if type(plain) is bool else type(plain), []).append(plain)
        slots = tuple(self.param(group).slot for group in groups.values())
        return ListParam(slots, self.param(nul).slot if nul else None)

    def _pair(self, value: object, name: str) -> Params:
        self.direct = False
        several = isinstance(value, Iterable) and not isinstance(value, (str, bytes))
        ends = list(cast("Iterable[object]", value)) if several else []
        if len(ends) != 2:
            raise InvalidValue(f"{self._where(name)} takes two ends", hint="write field__range=(low, high)")
        if ends[0] is None or ends[1] is None:
            raise InvalidValue(f"{self._where(name)} cannot have None as an end", hint="use gte or lte")
        return Params(tuple(self.param(end).slot for end in ends))

    def _composite(self, value: object, name: str, target: Target) -> Params:
        self.direct = False
        return Params(tuple(self.param(part).slot for part in self._composite_key(value, name, target)))

    def _composite_key(self, value: object, name: str, target: Target) -> tuple[object, ...]:
        if not isinstance(value, (tuple, list)):
            value = self._record_key(value, target, name)
        parts = tuple(cast("Iterable[object]", value)) if isinstance(value, (tuple, list)) else ()
        if len(parts) != len(target.columns):
            names = ", ".join(column.field for column in target.columns)
            raise InvalidValue(f"{self._where(name)} is a composite key", hint=f"give a tuple: ({names})")
        return parts

    def _key_of(self, value: object, target: Target, name: str) -> object:
        """A model instance stands for its key; anything else stands for itself."""
        key = self._record_key(value, target, name)
        return value if key is None else key[0]

    def _record_key(self, value: object, target: Target, name: str) -> tuple[object, ...] | None:
        """The key of a model instance; None for anything else."""
        record_table: Table | None = getattr(type(value), "__noormme_table__", None)
        if record_table is None:
            return None
        comparable = self._comparable_rows(target)
        columns = comparable.get(record_table.name)
        expected = " or ".join(comparable)
        if columns is None:
            if not comparable:
                raise InvalidValue(
                    f"{self._where(name)} is a plain field, and no row of {record_table.name} equals it",
                    hint="pass a value",
                )
            raise InvalidValue(
                f"{self._where(name)} compares with rows of {expected}, not of {record_table.name}",
                hint=f"pass an object of {expected} or its key",
            )
        key = tuple(getattr(value, column.field) for column in columns)
        if None in key:
            raise InvalidValue(
                f"{self._where(name)} was given an object of {expected} without a key", hint="save it first"
            )
        return key

    def _comparable_rows(self, target: Target) -> dict[str, tuple[Column, ...]]:
        """The tables whose rows a condition can be compared with, and the columns that are compared."""
        if target.relation is not None:
            return {target.table.name: target.columns}
        names = tuple(column.name for column in target.columns)
        tables: dict[str, tuple[Column, ...]] = {}
        if names == tuple(column.name for column in key_columns(target.table)):
            tables[target.table.name] = target.columns
        for relation in self.schema.relations_of(target.table.name).values():
            if relation.forward and relation.columns == names:
                other = self.schema.table(relation.target)
                assert other is not None, "a relation leads to a table of the same schema"
                found = (other.column(name) for name in relation.target_columns)
                tables.setdefault(relation.target, tuple(column for column in found if column is not None))
        return tables

    def _check_pattern(self, value: object, name: str) -> None:
        if not isinstance(value, str):
            raise InvalidValue(f"{self._where(name)} takes a pattern as text, not {type(value).__name__}")
        try:
            re.compile(value)
        except re.error as error:
            raise InvalidValue(
                f"{self._where(name)} was given a regular expression that does not compile",
                hint=f"it has the syntax of Python's re module; look at position {error.pos}",
            ) from error


def nested_too_deeply() -> InvalidQuery:
    """The error for conditions in conditions that go deeper than Python's stack."""
    return InvalidQuery(
        "the conditions are nested too deeply",
        hint="join many with | or & on one level, or give a list to __in",
    )


def parse_order(item: object) -> Order:
    """One argument of ``order_by`` as a sort key.

    Raises:
        UsageError: It is neither a name nor an ``F`` nor an ``OrderBy``.
    """
    if isinstance(item, str):
        descending = item.startswith("-")
        name = item[1:] if descending else item.removeprefix("+")
        return Order(name, descending, random=name == "?")
    if isinstance(item, OrderBy):
        nulls: Literal["first", "last"] | None = item.nulls
        return Order(item.name, item.descending, nulls)
    if isinstance(item, F):
        return Order(item.name)
    raise UsageError(f"order_by takes names, F(...) and OrderBy, not {type(item).__name__}")
