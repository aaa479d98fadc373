"""Several query sets put together: set operations of their rows, ``&``, ``|`` and ``^`` of their conditions.

Invariant: what a set operation gives can be sorted by its columns, cut, counted and looked at, and its
columns can be chosen; anything else belongs to the query sets that are put together. What an operator gives
is one query like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from noormme.errors import InvalidQuery, UsageError
from noormme.orm.chain import Chain
from noormme.orm.combine import combined
from noormme.orm.eager import EagerLoading
from noormme.query.setops import compound_of
from noormme.query.shape import SetOperator, Shape, shift

if TYPE_CHECKING:
    from noormme.orm.queryset import QuerySet

__all__ = ["SetOperations"]

T = TypeVar("T")


class SetOperations(EagerLoading[T]):
    """A query that was not run, and can be put together with others."""

    __slots__ = ()

    def union(self, *others: QuerySet[Any], all: bool = False) -> QuerySet[T]:
        """The rows of this query set and of others.

        Args:
            *others: Query sets of objects of the same table, or of as many columns.
            all: Whether rows that are equal are kept.

        Returns:
            A query set that can be sorted by its columns, sliced, counted, and reduced to some columns.

        Raises:
            InvalidQuery: The query sets do not go together.
            FieldNotFound: A query set of objects lacks a field that this one gives.
            UsageError: An argument is no query set.
        """
        parts = [part for part in self._parts("union", others) if not part.node.shape.empty]
        if not others or not parts:
            return self._derive(self.node, self.parameters)
        if self.node.shape.empty and len(parts) == 1:
            return parts[0].all()
        return self._put_together("union", parts, all_rows=all)

    def intersection(self, *others: QuerySet[Any]) -> QuerySet[T]:
        """The rows that this query set and all others have; each once.

        Args:
            *others: Query sets of objects of the same table, or of as many columns.

        Raises:
            InvalidQuery: The query sets do not go together.
            FieldNotFound: A query set of objects lacks a field that this one gives.
            UsageError: An argument is no query set.
        """
        parts = self._parts("intersection", others)
        if not others:
            return self._derive(self.node, self.parameters)
        if any(part.node.shape.empty for part in parts):
            return self.none()
        return self._put_together("intersection", parts)

    def difference(self, *others: QuerySet[Any]) -> QuerySet[T]:
        """The rows of this query set that none of the others has; each once.

        Args:
            *others: Query sets of objects of the same table, or of as many columns.

        Raises:
            InvalidQuery: The query sets do not go together.
            FieldNotFound: A query set of objects lacks a field that this one gives.
            UsageError: An argument is no query set.
        """
        first, *rest = self._parts("difference", others)
        if not others:
            return self._derive(self.node, self.parameters)
        if first.node.shape.empty:
            return self.none()
        return self._put_together(
            "difference", [first, *(part for part in rest if not part.node.shape.empty)]
        )

    def _parts(self, operator: SetOperator, others: tuple[object, ...]) -> list[Chain[Any]]:
        """This query set and the others."""
        parts: list[Chain[Any]] = [self]
        for other in others:
            part = cast("Chain[Any]", other)
            if not isinstance(other, Chain):
                raise UsageError(
                    f"{operator}() takes query sets, not {type(other).__name__}",
                    hint=f"write {operator}(db.table.filter(…), …)",
                )
            if part._mapper.registry is not self._mapper.registry:
                raise InvalidQuery(f"{operator}() of query sets of two databases has no meaning")
            parts.append(part)
        return parts

    def _put_together(
        self, operator: SetOperator, parts: list[Chain[Any]], *, all_rows: bool = False
    ) -> QuerySet[T]:
        shapes: list[Shape] = []
        values: tuple[object, ...] = ()
        for part in parts:
            shapes.append(shift(part.node.shape, len(values)))
            values += part.parameters
        first = parts[0]
        shape = compound_of(self._mapper.registry.schema, operator, shapes, all_rows=all_rows)
        return first._derive(first._mapper.nodes.node(shape), values)

    # -- one query with the conditions of both --------------------------------------------------------

    def __and__(self, other: QuerySet[T]) -> QuerySet[T]:
        return self._combined(other, "AND")

    def __or__(self, other: QuerySet[T]) -> QuerySet[T]:
        return self._combined(other, "OR")

    def __xor__(self, other: QuerySet[T]) -> QuerySet[T]:
        return self._combined(other, "XOR")

    def _combined(self, other: QuerySet[T], connector: Literal["AND", "OR", "XOR"]) -> QuerySet[T]:
        if not isinstance(other, Chain):
            return NotImplemented
        # A query with a time limit has a mapper of its own for the same table.
        if other._mapper.table is not self._mapper.table:
            raise InvalidQuery(f"cannot combine query sets of {self.table} and {other.table}")
        for each in (self, other):
            each._unsliced("combine query sets")
            each._single_query("combine query sets with operators")
        mine, theirs = self.node.shape, other.node.shape
        if theirs.empty or mine.empty:
            if connector == "AND":
                return self.none()
            return other.all() if mine.empty else self.all()
        if mine.style != theirs.style or mine.fields != theirs.fields or mine.distinct != theirs.distinct:
            raise InvalidQuery(
                "cannot combine query sets of different forms", hint="combine first, then values()"
            )
        shape = combined(mine, theirs, self.parameters, other.parameters, connector)
        return self._derive(self._mapper.nodes.node(shape), self.parameters + other.parameters)
