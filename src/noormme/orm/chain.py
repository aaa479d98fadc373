"""The methods of a query set that give another query set.

Invariant: nothing here touches the database, and no query set changes after it was made. A step that was
taken before from the same shape is one dictionary look-up.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import msgspec

from noormme.deferred import deferred
from noormme.errors import InvalidQuery, NotSupported, UsageError
from noormme.query.build import PLAIN, Builder, Queryable
from noormme.query.expressions.base import Expression
from noormme.query.expressions.conditions import Conditional
from noormme.query.expressions.fields import F
from noormme.query.expressions.ordering import OrderBy
from noormme.query.expressions.relations import FilteredRelation
from noormme.query.lookups import changes
from noormme.query.nodes import Ref
from noormme.query.resolve import Target
from noormme.query.shape import Annotate, Filter, RowStyle, Shape

if TYPE_CHECKING:
    from noormme.orm.mapper import Mapper
    from noormme.orm.node import Node
    from noormme.orm.prefetch import Prefetch
    from noormme.orm.queryset import QuerySet
    from noormme.orm.related import Source
    from noormme.query import filtered, grouping, setops
else:
    filtered = deferred("noormme.query.filtered")
    grouping = deferred("noormme.query.grouping")
    setops = deferred("noormme.query.setops")

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

    @property
    def home(self) -> object:
        """What the queries of one database have in common; it outlives ``db.refresh()``."""
        return self._mapper.registry.engine

    def as_subquery(self) -> tuple[Shape, tuple[object, ...]]:
        """The shape and the values, to stand inside another query."""
        return self.node.shape, self.parameters

    # -- steps --------------------------------------------------------------------------------------

    @abstractmethod
    def _derive(self, node: Node, parameters: tuple[object, ...]) -> QuerySet[T]:
        """A query set like this one, with another node and other values."""

    def _changed(self, **changes: Any) -> QuerySet[T]:
        """A query set whose shape has other attributes; for steps that take no values."""
        node = self._mapper.nodes.node(replace(self.node.shape, **changes))
        return self._derive(node, self.parameters)

    def _builder(self) -> Builder:
        registry, shape = self._mapper.registry, self.node.shape
        return Builder(
            registry.schema,
            self._mapper.table,
            len(self.parameters),
            shape.annotations,
            shape.filtered,
            home=registry.engine,
        )

    def _unsliced(self, what: str) -> None:
        if self.node.shape.sliced:
            raise InvalidQuery(f"cannot {what} once a slice has been taken", hint=f"{what} first, slice last")

    def _single_query(self, what: str) -> None:
        compound = self.node.shape.compound
        if compound is not None:
            raise NotSupported(
                f"cannot {what} after {compound.operator}()",
                hint="do that on each query set before, or on a query of these rows: filter(pk__in=…)",
            )

    def all(self) -> QuerySet[T]:
        """The same query, not run yet."""
        made = self._derive(self.node, self.parameters)
        made._source = self._source
        return made

    def filter(self, /, *conditions: Conditional | Expression, **lookups: object) -> QuerySet[T]:
        """Only rows for which all conditions hold.

        Args:
            *conditions: ``Q`` objects, ``Exists(…)``, comparisons of expressions.
            **lookups: ``field=value`` or ``field__lookup=value``; relations are spanned with ``__``.

        Raises:
            FieldNotFound: A name is unknown.
            LookupNotFound: A lookup is unknown.
            InvalidValue: A value does not fit its lookup.
            InvalidQuery: A slice was taken before.
        """
        return self._filtered(False, conditions, lookups)

    def exclude(self, /, *conditions: Conditional | Expression, **lookups: object) -> QuerySet[T]:
        """Only rows for which the conditions do not all hold; rows with NULL there stay.

        Over a to-many relation each condition means "has no such row", as in Django.

        Raises:
            FieldNotFound: A name is unknown.
            LookupNotFound: A lookup is unknown.
            InvalidValue: A value does not fit its lookup.
            InvalidQuery: A slice was taken before.
        """
        return self._filtered(True, conditions, lookups)

    def _filtered(
        self, negated: bool, conditions: tuple[Conditional | Expression, ...], lookups: dict[str, object]
    ) -> QuerySet[T]:
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
        before = changes()
        self._unsliced("filter")
        self._single_query("filter")
        builder = self._builder()
        junction = builder.junction(conditions, lookups, negated=negated)
        if not junction.children:
            return self._derive(node, self.parameters)
        nodes = self._mapper.nodes
        target = nodes.node(replace(node.shape, steps=(*node.shape.steps, Filter(junction))))
        if builder.direct and all(type(value) in PLAIN for value in lookups.values()):
            nodes.remember(node, key, target, before)
        return self._derive(target, self.parameters + tuple(builder.values))

    def annotate(
        self, /, *unnamed: Expression, **expressions: Expression | Conditional | FilteredRelation
    ) -> QuerySet[T]:
        """Each row with named expressions added: attributes of objects, entries of dicts and tuples.

        Args:
            *unnamed: Aggregates of a field, named as in Django (``posts__count``).
            **expressions: Expressions by name. A ``FilteredRelation`` adds nothing to the rows; its name
                can then be used as that of a relation.

        Raises:
            UsageError: A name is taken, or an argument is no expression.
            InvalidQuery: A slice was taken before.
        """
        named: dict[str, object] = {}
        for expression in unnamed:
            if not isinstance(expression, Expression):
                raise UsageError(
                    f"annotate takes expressions, not {type(expression).__name__}",
                    hint="write name=expression",
                )
            named[expression.default_alias] = expression
        return self._annotated({**named, **expressions}, selected=True)

    def alias(self, /, **expressions: Expression | Conditional | FilteredRelation) -> QuerySet[T]:
        """Named expressions for use in ``filter`` and ``order_by`` that are not part of the rows."""
        return self._annotated(dict(expressions), selected=False)

    def _annotated(self, expressions: dict[str, object], *, selected: bool) -> QuerySet[T]:
        names = [
            expression.name_only if isinstance(expression, Expression) else None
            for expression in expressions.values()
        ]
        key = None if None in names else ("annotate", selected, *expressions, *names)
        known = None if key is None else self.node.moves.get(key)
        if known is not None:
            return self._derive(known, self.parameters)
        before = changes()
        self._unsliced("annotate")
        self._single_query("annotate")
        shape = self.node.shape
        values: list[object] = []
        for name, expression in expressions.items():
            self._mapper.free_attribute(name)
            if name in shape.annotations or name in shape.filtered:
                raise UsageError(
                    f"the name '{name}' is taken by an earlier annotation", hint="choose another name"
                )
            schema, table = self._mapper.registry.schema, self._mapper.table
            start = len(self.parameters) + len(values)
            if isinstance(expression, FilteredRelation):
                join, added = filtered.filtered_join(
                    schema, table, start, shape, name, expression, home=self.home
                )
                values.extend(added)
                shape = replace(shape, steps=(*shape.steps, join))
                continue
            builder = Builder(schema, table, start, shape.annotations, shape.filtered, home=self.home)
            built = builder.expression(expression, name)
            values.extend(builder.values)
            parts: dict[str, Any] = {"steps": (*shape.steps, Annotate(name, built, selected))}
            if grouping.is_aggregate(built, shape.annotations) and shape.style != "model" and shape.fields:
                # values("x").annotate(n=Count(…)): one row for each x, as the rows are at this moment.
                parts["group"] = tuple(
                    field
                    for field in shape.fields
                    if not grouping.is_aggregate(Ref(field), shape.annotations)
                )
            if selected and shape.style != "model" and shape.fields:
                parts["fields"] = (*shape.fields, name)
            shape = replace(shape, **parts)
        node = self._mapper.nodes.node(shape)
        if key is not None:
            self._mapper.nodes.remember(self.node, key, node, before)
        return self._derive(node, self.parameters + tuple(values))

    def order_by(self, *fields: str | Expression | Conditional | OrderBy) -> QuerySet[T]:
        """The rows sorted; replaces an earlier order, and without arguments removes it.

        Args:
            *fields: Names, ``"-name"`` for descending, ``"?"`` for random, paths over relations,
                annotations, expressions, or ``F("name").desc(nulls_last=True)``. After a set operation: names
                of its columns.

        Raises:
            FieldNotFound: A name is unknown.
            InvalidQuery: A slice was taken before, or a set operation is sorted by an expression.
        """
        names = not fields or {*map(type, fields)} == {str}
        known = self.node.moves.get(("order_by", *fields)) if names else None
        if known is not None:
            return self._derive(known, self.parameters)
        before = changes()
        self._unsliced("order")
        builder = self._builder()
        ordering = tuple(builder.order(field) for field in fields)
        node = self._sorted(ordering=ordering, reverse=False)
        if names:
            self._mapper.nodes.remember(self.node, ("order_by", *fields), node, before)
        return self._derive(node, self.parameters + tuple(builder.values))

    def _resolve(self, name: str) -> Target:
        return self._builder().target(name)

    def reverse(self) -> QuerySet[T]:
        """The rows in the opposite order; NULLs change sides too.

        Raises:
            InvalidQuery: A slice was taken before.
            FieldNotFound: A set operation has neither an order nor the key as a column.
        """
        self._unsliced("reverse")
        return self._derive(self._sorted(reverse=not self.node.shape.reverse), self.parameters)

    def _sorted(self, **order: Any) -> Node:
        shape = replace(self.node.shape, **order)
        if shape.compound is not None:
            # What its rows cannot be sorted by is refused here, where it is said.
            setops.sort_keys(self._mapper.registry.schema, shape)
        return self._mapper.nodes.node(shape)

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
        self._single_query("use distinct")
        return self._changed(distinct=True)

    def none(self) -> QuerySet[T]:
        """No row, and no statement."""
        return self._changed(empty=True)

    # -- what rows become ---------------------------------------------------------------------------

    def _styled(
        self,
        style: RowStyle,
        fields: tuple[object, ...],
        expressions: dict[str, Expression | Conditional],
    ) -> QuerySet[Any]:
        named = dict(expressions)
        names: list[str] = []
        for number, field in enumerate(fields, 1):
            if isinstance(field, str):
                names.append(field)
            elif isinstance(field, Expression):
                name = field.default_alias if isinstance(field, F) else self._free_name(field, number)
                names.append(name)
                if type(field) is not F:
                    named[name] = field
            else:
                raise UsageError(f"fields are given by name or as expressions, not as {type(field).__name__}")
        if named:
            every = (*names, *(name for name in named if name not in names))
            return self.annotate(**named)._styled(style, every, {})
        chosen = tuple(names)

        def make(shape: Shape) -> Shape:
            return setops.with_fields(self._mapper.registry.schema, shape, style, chosen)

        return self._derive(self._mapper.nodes.move(self.node, (style, *chosen), make), self.parameters)

    def _free_name(self, expression: Expression, number: int) -> str:
        """A name for an expression that was given without one."""
        label = type(expression).__name__.lower()
        while (
            label + str(number) in self.node.shape.annotations or label + str(number) in self._mapper.fields
        ):
            number += 1
        return label + str(number)

    # -- some of the rows ---------------------------------------------------------------------------

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
