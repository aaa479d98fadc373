"""The methods of a query set that give another query set.

Invariant: nothing here touches the database, and no query set changes after it was made. A step that was
taken before from the same shape is one dictionary look-up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec

from noormme.errors import InvalidQuery, NotSupported, UsageError
from noormme.orm.combine import combined
from noormme.query.build import PLAIN, Builder, Queryable, parse_order
from noormme.query.expressions import Aggregate, F, OrderBy, Q
from noormme.query.resolve import Target, resolve
from noormme.query.shape import AggregateCall, Annotate, Chosen, Filter, Order, RowStyle, Shape

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.node import Node
    from noormme.orm.prefetch import Prefetch
    from noormme.orm.queryset import QuerySet
    from noormme.orm.related import Source

__all__ = ["MOST_ROWS", "Chain"]

T = TypeVar("T")
replace = msgspec.structs.replace

MOST_ROWS = 2**63 - 1
"""The largest limit and offset that every database takes; no table has as many rows."""


class Chain(Queryable, Generic[T]):
    """A query that was not run: a mapper, a node (its shape), and values.

    Attributes:
        node: The shape with what is known about it.
        values: The values of the shape's slots.
        prefetches: What ``prefetch_related`` asked for.
    """

    __slots__ = ("_mapper", "_mode", "_rows", "_source", "node", "parameters", "prefetches")

    def __init__(
        self,
        mapper: Mapper,
        node: Node,
        parameters: tuple[object, ...] = (),
        prefetches: tuple[Prefetch, ...] = (),
        mode: Literal["peers", "raise"] | None = None,
    ) -> None:
        self._mapper = mapper
        self.node = node
        self.parameters = parameters
        self.prefetches = prefetches
        self._mode: Literal["peers", "raise"] | None = mode
        self._rows: list[T] | None = None
        self._source: Source | None = None

    # -- what it is ---------------------------------------------------------------------------------

    @property
    def table(self) -> str:
        """The exact name of the table."""
        return self._mapper.table.name

    @property
    def shape(self) -> Shape:
        """The immutable description of the query, without values."""
        return self.node.shape

    @property
    def mode(self) -> Literal["peers", "raise"] | None:
        """What ``loading`` was told; None leaves it to the settings."""
        return self._mode

    @property
    def gives_objects(self) -> bool:
        """Whether rows become objects, not dicts or tuples."""
        return self.node.shape.style == "model"

    @property
    def ordered(self) -> bool:
        """Whether the rows have an order."""
        return bool(self.node.shape.ordering)

    def as_subquery(self) -> tuple[Shape, tuple[object, ...]]:
        """The shape and the values, to stand inside another query."""
        return self.node.shape, self.parameters

    # -- steps --------------------------------------------------------------------------------------

    def _derive(self, node: Node, parameters: tuple[object, ...]) -> QuerySet[T]:
        """A query set like this one, with another node and other values."""
        raise NotImplementedError

    def _changed(self, **changes: Any) -> QuerySet[T]:
        """A query set whose shape has other attributes; for steps that take no values."""
        node = self._mapper.nodes.node(replace(self.node.shape, **changes))
        return self._derive(node, self.parameters)

    def _builder(self) -> Builder:
        registry = self._mapper.registry
        return Builder(registry.schema, self._mapper.table, len(self.parameters), self.node.shape.annotations)

    def _unsliced(self, what: str) -> None:
        if self.node.shape.sliced:
            raise InvalidQuery(f"cannot {what} once a slice has been taken", hint=f"{what} first, slice last")

    def all(self) -> QuerySet[T]:
        """The same query, not run yet."""
        made = self._derive(self.node, self.parameters)
        made._source = self._source
        return made

    def filter(self, /, *conditions: Q, **lookups: object) -> QuerySet[T]:
        """Only rows for which all conditions hold.

        Args:
            *conditions: ``Q`` objects.
            **lookups: ``field=value`` or ``field__lookup=value``; relations are spanned with ``__``.

        Raises:
            FieldNotFound: A name is unknown.
            LookupNotFound: A lookup is unknown.
            InvalidValue: A value does not fit its lookup.
            InvalidQuery: A slice was taken before.
        """
        return self._filtered(False, conditions, lookups)

    def exclude(self, /, *conditions: Q, **lookups: object) -> QuerySet[T]:
        """Only rows for which the conditions do not all hold; rows with NULL there stay.

        Over a to-many relation each condition means "has no such row", as in Django.

        Raises:
            FieldNotFound: A name is unknown.
            LookupNotFound: A lookup is unknown.
            InvalidValue: A value does not fit its lookup.
            InvalidQuery: A slice was taken before.
        """
        return self._filtered(True, conditions, lookups)

    def _filtered(self, negated: bool, conditions: tuple[Q, ...], lookups: dict[str, object]) -> QuerySet[T]:
        node = self.node
        key: tuple[object, ...] = ()
        if not conditions:
            if len(lookups) == 1:
                for name, value in lookups.items():
                    key = (negated, name, value.__class__)
                    known = node.moves.get(key)
                    if known is not None:
                        return self._derive(known, (*self.parameters, value))
            else:
                key = (negated, *lookups, *map(type, lookups.values()))
                known = node.moves.get(key)
                if known is not None:
                    return self._derive(known, (*self.parameters, *lookups.values()))
        self._unsliced("filter")
        builder = self._builder()
        junction = builder.junction(conditions, lookups, negated=negated)
        if not junction.children:
            return self._derive(node, self.parameters)
        nodes = self._mapper.nodes
        target = nodes.node(replace(node.shape, steps=(*node.shape.steps, Filter(junction))))
        if builder.direct and all(type(value) in PLAIN for value in lookups.values()):
            nodes.remember(node, key, target)
        return self._derive(target, self.parameters + tuple(builder.values))

    def annotate(self, /, *aggregates: Aggregate, **expressions: F | Aggregate) -> QuerySet[T]:
        """Each row with named expressions added: attributes of objects, entries of dicts and tuples.

        Args:
            *aggregates: Aggregates, named as in Django (``posts__count``).
            **expressions: Expressions by name.

        Raises:
            UsageError: A name is taken, or an argument is no expression.
            InvalidQuery: A slice was taken before.
        """
        named: dict[str, object] = {}
        for aggregate in aggregates:
            if not isinstance(aggregate, Aggregate):
                raise UsageError(
                    f"annotate takes aggregates and keyword expressions, not {type(aggregate).__name__}",
                    hint="write name=expression",
                )
            named[aggregate.default_alias] = aggregate
        return self._annotated({**named, **expressions}, selected=True)

    def alias(self, /, **expressions: F | Aggregate) -> QuerySet[T]:
        """Named expressions for use in ``filter`` and ``order_by`` that are not part of the rows."""
        return self._annotated(dict(expressions), selected=False)

    def _annotated(self, expressions: dict[str, object], *, selected: bool) -> QuerySet[T]:
        self._unsliced("annotate")
        shape = self.node.shape
        values: list[object] = []
        for name, expression in expressions.items():
            self._mapper.free_attribute(name)
            if name in shape.annotations:
                raise UsageError(
                    f"the name '{name}' is taken by an earlier annotation", hint="choose another name"
                )
            registry = self._mapper.registry
            builder = Builder(
                registry.schema, self._mapper.table, len(self.parameters) + len(values), shape.annotations
            )
            built = builder.expression(expression, name)
            values.extend(builder.values)
            changes: dict[str, Any] = {"steps": (*shape.steps, Annotate(name, built, selected))}
            if (
                isinstance(built, AggregateCall)
                and shape.style != "model"
                and shape.group is None
                and shape.fields
            ):
                # values("x").annotate(n=Count(…)): one row for each x.
                changes["group"] = shape.fields
            if selected and shape.style != "model" and shape.fields:
                changes["fields"] = (*shape.fields, name)
            shape = replace(shape, **changes)
        return self._derive(self._mapper.nodes.node(shape), self.parameters + tuple(values))

    def order_by(self, *fields: str | F | OrderBy) -> QuerySet[T]:
        """The rows sorted; replaces an earlier order, and without arguments removes it.

        Args:
            *fields: Names, ``"-name"`` for descending, ``"?"`` for random, paths over relations,
                annotations, or ``F("name").desc(nulls_last=True)``.

        Raises:
            FieldNotFound: A name is unknown.
            InvalidQuery: A slice was taken before.
        """
        try:
            known = self.node.moves.get(("order_by", *fields))
        except TypeError:
            known = None  # what cannot be hashed is no sort key; the error below says so
        if known is not None:
            return self._derive(known, self.parameters)

        def make(shape: Shape) -> Shape:
            self._unsliced("order")
            orders: list[Order] = []
            for field in fields:
                order = parse_order(field)
                if not order.random:
                    self._resolve(order.name)
                orders.append(order)
            return replace(shape, ordering=tuple(orders), reverse=False)

        if all(type(field) is str for field in fields):
            node = self._mapper.nodes.move(self.node, ("order_by", *fields), make)
        else:
            node = self._mapper.nodes.node(make(self.node.shape))
        return self._derive(node, self.parameters)

    def _resolve(self, name: str) -> Target:
        return resolve(
            self._mapper.registry.schema, self._mapper.table, name, annotations=self.node.shape.annotations
        )

    def reverse(self) -> QuerySet[T]:
        """The rows in the opposite order; NULLs change sides too."""
        self._unsliced("reverse")
        return self._changed(reverse=not self.node.shape.reverse)

    def distinct(self, *fields: str) -> QuerySet[T]:
        """Each row once.

        Raises:
            NotSupported: Fields were given: DISTINCT ON is PostgreSQL's alone.
        """
        if fields:
            raise NotSupported(
                "distinct(*fields) is not supported on SQLite", hint="use values(...).distinct()"
            )
        self._unsliced("use distinct")
        return self._changed(distinct=True)

    def none(self) -> QuerySet[T]:
        """No row, and no statement."""
        return self._changed(empty=True)

    def using(self, alias: str) -> QuerySet[T]:
        """Not needed here: a query belongs to the database that it was made from.

        Raises:
            NotSupported: Always, with what to write instead.
        """
        raise NotSupported(
            "a query set belongs to its database", hint="start from the other database: other.table"
        )

    # -- what rows become ---------------------------------------------------------------------------

    def _styled(
        self, style: RowStyle, fields: tuple[object, ...], expressions: dict[str, F | Aggregate]
    ) -> QuerySet[Any]:
        if expressions:
            return self.annotate(**expressions)._styled(style, (*fields, *expressions), {})
        for field in fields:
            if not isinstance(field, str):
                raise UsageError(f"fields are given by name, not as {type(field).__name__}")
        names = tuple(str(field) for field in fields)

        def make(shape: Shape) -> Shape:
            targets = [self._resolve(name) for name in names]
            steps = shape.steps
            if any(target.to_many for target in targets):
                steps = (*steps, Chosen(names))
            return replace(shape, steps=steps, style=style, fields=names, related=(), deferred=(), only=False)

        return self._derive(self._mapper.nodes.move(self.node, (style, *names), make), self.parameters)

    # -- together with another query set --------------------------------------------------------------

    def __and__(self, other: QuerySet[T]) -> QuerySet[T]:
        return self._combined(other, "AND")

    def __or__(self, other: QuerySet[T]) -> QuerySet[T]:
        return self._combined(other, "OR")

    def __xor__(self, other: QuerySet[T]) -> QuerySet[T]:
        return self._combined(other, "XOR")

    def _combined(self, other: QuerySet[T], connector: Literal["AND", "OR", "XOR"]) -> QuerySet[T]:
        if not isinstance(other, Chain):
            return NotImplemented
        if other._mapper is not self._mapper:
            raise InvalidQuery(f"cannot combine query sets of {self.table} and {other.table}")
        self._unsliced("combine query sets")
        other._unsliced("combine query sets")
        mine, theirs = self.node.shape, other.node.shape
        if theirs.empty or mine.empty:
            if connector == "AND":
                return self.none()
            return other.all() if mine.empty else self.all()
        if mine.style != theirs.style or mine.fields != theirs.fields or mine.distinct != theirs.distinct:
            raise InvalidQuery(
                "cannot combine query sets of different forms", hint="combine first, then values()"
            )
        shape = combined(mine, theirs, len(self.parameters), connector)
        return self._derive(self._mapper.nodes.node(shape), self.parameters + other.parameters)

    def _sliced(self, start: int | None, stop: int | None) -> QuerySet[T]:
        """A query set of some of the rows; slices of slices count from the first slice."""
        shape, parameters = self.node.shape, self.parameters
        before = parameters[shape.offset] if shape.offset is not None else 0
        length = parameters[shape.limit] if shape.limit is not None else None
        assert isinstance(before, int), "an offset is a number"
        assert length is None or isinstance(length, int), "a limit is a number"
        first = start or 0
        if stop is not None:
            wanted = max(0, stop - first)
            length = wanted if length is None else max(0, min(length - first, wanted))
        elif length is not None:
            length = max(0, length - first)
        length = None if length is None else min(length, MOST_ROWS)
        offset = min(before + first, MOST_ROWS)
        key: object = ("slice", length is not None, offset > 0, shape.sliced)
        if not shape.sliced and offset == 0 and length is not None:
            key = "limit"
        base = parameters
        if shape.sliced:
            # The slots of the first slice are the last ones: nothing but slices may follow a slice.
            base = parameters[: min(slot for slot in (shape.limit, shape.offset) if slot is not None)]

        def make(shape: Shape) -> Shape:
            slot = len(base)
            limit = slot if length is not None else None
            return replace(shape, limit=limit, offset=(slot + (limit is not None)) if offset > 0 else None)

        node = self._mapper.nodes.move(self.node, key, make)
        extra = (*(() if length is None else (length,)), *((offset,) if offset > 0 else ()))
        return self._derive(node, base + extra)
