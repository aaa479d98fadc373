"""Query sets: what can be asked of a query, on top of how it is put together and run.

Invariant: a query set runs when an answer needs it (``orm.execution``); every method that gives another query
set (``orm.chain``, ``orm.eager``) leaves it as it is.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal, SupportsIndex, TypeVar, overload

from noormme.errors import InvalidQuery, UsageError
from noormme.orm.async_queryset import AsyncQueries
from noormme.orm.chain import MOST_ROWS
from noormme.orm.display import html_table, text_table
from noormme.orm.model import Model
from noormme.query.expressions.base import Expression
from noormme.query.expressions.conditions import Conditional
from noormme.query.resolve import resolve
from noormme.query.shape import Filter, Shape
from noormme.query.unique import selects_one, selects_plainly

if TYPE_CHECKING:
    from noormme.orm.manager import Manager
    from noormme.orm.node import Node

__all__ = ["QuerySet"]

T = TypeVar("T")
_PAGE_ROWS = 20
_new: Any = object.__new__


class QuerySet(AsyncQueries[T]):
    """The rows of a query, typed ``T``: objects, or what ``values()`` and ``values_list()`` give.

    A subclass with methods of its own is for the table that it is registered for: ``db.register``.
    """

    __slots__ = ()

    queries: ClassVar[type[QuerySet[Any]]]
    """The class of the query sets that steps from this one give."""

    managers: ClassVar[type[Manager[Any]]]
    """The plain class of managers, set by the module that has it."""

    registered_table: ClassVar[str] = ""
    """What a class of the user's calls ``table`` in its body."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.queries = cls
        cls._own_get = cls.get is not QuerySet.get  # pyright: ignore[reportUnknownMemberType]
        if isinstance(cls.__dict__.get("table"), str):
            # The name of the manager may do for the user; the exact one is what ``table`` gives.
            cls.registered_table = cls.__dict__["table"]
            delattr(cls, "table")

    @classmethod
    def as_manager(cls) -> Manager[T]:
        """A manager with the methods of this class, for the body of a model.

        Returns:
            A manager of no table; it belongs to that of the model once the model is registered.

        Example:
            ``objects = UserQuerySet.as_manager()``.
        """
        return cls.managers.from_queryset(cls)()

    def _derive(self, node: Node, parameters: tuple[object, ...]) -> QuerySet[T]:
        made: QuerySet[T] = _new(self.queries)
        made._mapper = self._mapper
        made.node = node
        made.parameters = parameters
        made.prefetches = self.prefetches
        made._mode = self._mode
        made._rows = None
        made._source = None
        return made

    # -- the rows -----------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[T]:
        return iter(self._fetch())

    def __len__(self) -> int:
        return len(self._fetch())

    def __bool__(self) -> bool:
        return bool(self._fetch())

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> QuerySet[T]: ...
    def __getitem__(self, index: int | slice) -> Any:
        """One row, or a query set of some rows; a slice with a step gives a list.

        Raises:
            IndexError: There is no such row.
            InvalidQuery: A position is negative.
        """
        if isinstance(index, slice):
            return self._slice(index)
        position = _position(index)
        if position is None or position < 0:
            raise InvalidQuery("negative positions are not supported", hint="use last(), or reverse()[n]")
        loaded = self._loaded()
        if loaded is None:
            loaded = self._sliced(position, position + 1)._fetch()
            position = 0
        if len(loaded) <= position:
            raise IndexError(f"there are not that many rows in this query set of {self.table}")
        return loaded[position]

    def _slice(self, index: slice) -> QuerySet[T] | list[T]:
        loaded = self._loaded()
        if loaded is None and index.start is None and index.step is None and type(index.stop) is int:
            # The first page of a query that was cut like this before.
            known = self.node.moves.get("limit")
            if known is not None and 0 <= index.stop <= MOST_ROWS:
                return self._derive(known, (*self.parameters, index.stop))
        start, stop, step = map(_position, (index.start, index.stop, index.step))
        if (start or 0) < 0 or (stop or 0) < 0:
            raise InvalidQuery(
                "negative positions are not supported", hint="turn the order round: reverse()[:n]"
            )
        if step == 0:
            raise UsageError("the step of a slice cannot be 0")
        if loaded is not None:
            return loaded[start:stop:step]
        part = self._sliced(start, stop)
        return part if step is None else list(part)[::step]

    # -- one row ------------------------------------------------------------------------------------

    def get(self, /, *conditions: Conditional | Expression, **lookups: object) -> T:
        """The one row for which the conditions hold.

        Args:
            *conditions: As ``filter`` takes them.
            **lookups: As ``filter`` takes them; ``pk=(a, b)`` for a composite key.

        Raises:
            DoesNotExist: There is no such row.
            MultipleObjectsReturned: There are several.
        """
        if len(lookups) == 1 and not conditions and self._mode is None and not self.prefetches:
            for name, value in lookups.items():
                one = self.node.gets.get((name, value.__class__))
                if one is not None:
                    return one((*self.parameters, value))  # type: ignore[no-any-return]
        return self._get(conditions, lookups)

    def _get(self, conditions: tuple[Conditional | Expression, ...], lookups: dict[str, object]) -> T:
        """``get`` for what it has not met yet."""
        query: QuerySet[T] = self.filter(*conditions, **lookups) if conditions or lookups else self
        shape = query.node.shape
        if shape.empty:
            return self._single([], lookups)
        parameters = query.parameters
        if selects_one(shape, self._mapper.registry.schema):
            node = query.node
            if len(lookups) == 1 and not conditions and self.gives_objects and _is_known(self, lookups, node):
                names = tuple(lookups)
                statement = self._mapper.statement(node)
                if not statement.provisional:
                    self.node.gets[names[0], type(lookups[names[0]])] = statement.point(
                        tuple(map(type, parameters)),
                        partial(_not_one, self._mapper.model, names),
                        short=selects_plainly(shape),
                    )
                    if node.rows is not statement:
                        # Forgotten meanwhile.
                        self.node.gets.clear()
        else:
            few = query if shape.sliced else query.order_by()._sliced(None, 2)
            node, parameters = few.node, few.parameters
        rows = self._mapper.statement(node).fetch(parameters)
        found = self._single(rows, lookups)
        if self.gives_objects:
            self._complete(rows)
        return found

    def _single(self, rows: Sequence[Any], lookups: Iterable[str]) -> T:
        if len(rows) != 1:
            _not_one(self._mapper.model, lookups, rows)
        found: T = rows[0]
        return found

    def first(self) -> T | None:
        """The first row, by the key where no order is set; None where there is none."""
        return next(iter(self._by_key("first")[:1]), None)

    def last(self) -> T | None:
        """The last row, by the key where no order is set; None where there is none.

        Raises:
            InvalidQuery: There is neither an order nor a key, or rows are groups and have no order.
        """
        return next(iter(self._by_key("last").reverse()[:1]), None)

    def _by_key(self, which: Literal["first", "last"]) -> QuerySet[T]:
        """The same rows in the order of the key where they have none."""
        shape, key = self.node.shape, self._mapper.key_fields
        if shape.ordering or shape.sliced:
            return self._derive(self.node, self.parameters)
        if shape.group is not None and "pk" not in shape.group and not set(key) <= set(shape.group):
            raise InvalidQuery(f"groups without an order have no {which} one", hint="add order_by()")
        if not key:
            if which == "last":
                raise InvalidQuery(f"{self.table} has no key to tell its last row by", hint="add order_by()")
            return self._derive(self.node, self.parameters)
        ordered = self.order_by(*key)
        return ordered.reverse() if shape.reverse else ordered

    def earliest(self, *fields: str) -> T:
        """The row that comes first by ``fields``.

        Raises:
            DoesNotExist: There is no row.
            UsageError: No field is given.
        """
        return self._extreme(fields, reverse=False)

    def latest(self, *fields: str) -> T:
        """The row that comes last by ``fields``.

        Raises:
            DoesNotExist: There is no row.
            UsageError: No field is given.
        """
        return self._extreme(fields, reverse=True)

    def _extreme(self, fields: tuple[str, ...], *, reverse: bool) -> T:
        if not fields:
            raise UsageError("earliest() and latest() need a field", hint="write latest('created_at')")
        self._unsliced("ask for the earliest or latest")
        query = self.order_by(*fields)
        return self._single((query.reverse() if reverse else query)[:1]._fetch(), ())

    # -- objects by key -----------------------------------------------------------------------------

    def in_bulk(self, keys: Iterable[object] | None = None, *, field_name: str = "pk") -> dict[Any, T]:
        """Objects by key.

        Args:
            keys: The keys wanted; None for all.
            field_name: A unique field to use instead of the key.

        Raises:
            UsageError: The field is not unique, or rows are not objects.
        """
        if not self.gives_objects:
            raise UsageError("in_bulk() needs objects", hint="call it before values() or values_list()")
        self._unsliced("use in_bulk")
        target = resolve(self._mapper.registry.schema, self._mapper.table, field_name)
        probe = (
            Shape(self.table, steps=(Filter(self._builder().junction((), {field_name: 0})),))
            if (len(target.columns) == 1)
            else None
        )
        if target.hops or (probe is not None and not selects_one(probe, self._mapper.registry.schema)):
            raise UsageError(f"in_bulk() needs a unique field, and '{field_name}' of {self.table} is none")
        query: QuerySet[T] = self if keys is None else self.filter(**{f"{field_name}__in": list(keys)})
        name = "pk" if field_name == "pk" else target.columns[0].field
        return {getattr(row, name): row for row in query.order_by()}

    # -- rows in other forms ------------------------------------------------------------------------

    def values(
        self, /, *fields: str | Expression, **expressions: Expression | Conditional
    ) -> QuerySet[dict[str, Any]]:
        """Rows as dicts of these fields, or of all.

        Raises:
            FieldNotFound: A name is unknown.
        """
        return self._styled("dict", fields, expressions)

    @overload
    def values_list(
        self, *fields: str | Expression, flat: Literal[False] = False, named: Literal[False] = False
    ) -> QuerySet[tuple[Any, ...]]: ...
    @overload
    def values_list(
        self, *fields: str | Expression, flat: bool = False, named: bool = False
    ) -> QuerySet[Any]: ...
    def values_list(
        self, *fields: str | Expression, flat: bool = False, named: bool = False
    ) -> QuerySet[Any]:
        """Rows as tuples of these fields, or of all.

        Args:
            *fields: Fields, paths over relations, annotations.
            flat: Give the bare values of one field.
            named: Give named tuples.

        Raises:
            UsageError: ``flat`` without exactly one field, or together with ``named``.
        """
        if flat and named:
            raise UsageError("flat and named exclude each other")
        if flat and len(fields) != 1:
            raise UsageError(f"values_list(flat=True) takes one field, not {len(fields)}")
        style: Literal["flat", "named", "tuple"] = "flat" if flat else "named" if named else "tuple"
        return self._styled(style, fields, {})

    # -- for people and for pickles -----------------------------------------------------------------

    def __repr__(self) -> str:
        rows, more = self._page()
        return text_table(self.table, rows, self._names(), more=more)

    def _repr_html_(self) -> str:
        rows, more = self._page()
        return html_table(self.table, rows, self._names(), more=more)

    def _page(self) -> tuple[list[Any], bool]:
        rows = self._loaded()
        if rows is None:
            rows = self._sliced(None, _PAGE_ROWS + 1)._fetch()
        page: list[Any] = rows[:_PAGE_ROWS]
        if self.node.shape.style == "flat":
            page = [(value,) for value in page]
        return page, len(rows) > _PAGE_ROWS

    def _names(self) -> list[str]:
        shape = self.node.shape
        if shape.fields:
            return list(shape.fields)
        selected = [name for name, step in shape.annotations.items() if step.selected]
        return [*(self._mapper.column_fields if shape.style == "model" else self._mapper.fields), *selected]

    def __reduce__(self) -> tuple[Any, ...]:
        restore, query = self.recipe()
        return (restore, (*query, list(self._fetch())))

    def recipe(self) -> tuple[Callable[..., QuerySet[T]], tuple[Any, ...]]:
        """What makes this query set again, without its rows (pickling)."""
        registry = self._mapper.registry
        query = (self.node.shape, self.parameters, self.prefetches, self._mode)
        return registry.restore_query, (registry.address, self.table, *query)


QuerySet.queries = QuerySet


def _position(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, type) or not isinstance(value, SupportsIndex):
        raise UsageError(f"a position is a number, not {type(value).__name__}")
    return operator.index(value)


def _is_known(query: QuerySet[Any], lookups: dict[str, object], node: Node) -> bool:
    """Whether ``filter`` would take the same step again for values of the same types."""
    key = (False, *lookups, *map(type, lookups.values()))
    return query.node.moves.get(key) is node


def _not_one(model: type[Model], lookups: Iterable[str], rows: Sequence[Any] | None) -> Any:
    """Raise what ``get`` raises for no row or for several."""
    names = ", ".join(lookups)
    found = (
        f"{model.__noormme_table__.name} row matches {names}"
        if names
        else f"{model.__noormme_table__.name} row matches"
    )
    if rows:
        raise model.MultipleObjectsReturned(
            f"more than one {found}", hint="use filter() for several rows, first() for any of them"
        )
    raise model.DoesNotExist(f"no {found}", hint="use first() where there may be none")
