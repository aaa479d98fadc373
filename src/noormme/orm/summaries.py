"""What a query set says of all its rows without giving them: their number, and what is computed over them.

Invariant: rows that are loaded are asked before the database is, and an empty query asks nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from noormme.deferred import deferred
from noormme.errors import UsageError
from noormme.orm.model import Model
from noormme.orm.search import Searches
from noormme.query.expressions.base import Expression
from noormme.query.nodes import AggregateCall, Constant
from noormme.query.shape import Annotate

if TYPE_CHECKING:
    from noormme.query import grouping
else:
    grouping = deferred("noormme.query.grouping")

__all__ = ["Summaries"]

T = TypeVar("T")


class Summaries(Searches[T]):
    """A query that can run, and can be counted and summed up."""

    __slots__ = ()

    def count(self) -> int:
        """How many rows there are; no query where they are loaded already."""
        loaded = self._loaded()
        if loaded is not None:
            return len(loaded)
        node = self.node
        if node.shape.empty:
            return 0
        statement = node.count or self._mapper.statement(node, "count")
        count: int = statement.scalar(self.parameters)
        return count

    def exists(self) -> bool:
        """Whether there is any row; reads at most one."""
        loaded = self._loaded()
        if loaded is not None:
            return bool(loaded)
        node = self.node
        if node.shape.empty:
            return False
        statement = node.exists or self._mapper.statement(node, "exists")
        return bool(statement.fetch(self.parameters))

    def contains(self, item: object) -> bool:
        """Whether an object is among the rows.

        Raises:
            UsageError: Rows are not objects, or ``item`` is none of this table.
        """
        if not self.gives_objects:
            raise UsageError("contains() needs objects", hint="call it before values() or values_list()")
        if not isinstance(item, Model) or item.__noormme_table__.name != self.table:
            raise UsageError(f"contains() takes an object of {self.table}, not {type(item).__name__}")
        self._single_query("use contains")
        loaded = self._loaded()
        if loaded is not None or self.node.shape.sliced or not self._mapper.key_fields:
            return item in (self._fetch() if loaded is None else loaded)
        return self.filter(pk=item.pk).exists()

    def aggregate(self, /, *unnamed: Expression, **named: Expression) -> dict[str, Any]:
        """Aggregates over all rows, by name.

        Args:
            *unnamed: Aggregates of a field, named as in Django (``age__avg``).
            **named: Aggregates, and expressions made of them, by name.

        Raises:
            UsageError: An argument is no aggregate.
        """
        for call in (*unnamed, *named.values()):
            if not isinstance(call, Expression):
                raise UsageError(
                    f"aggregate takes aggregates, not {type(call).__name__}", hint="use Count, Sum, …"
                )
        self._single_query("aggregate")
        calls = {call.default_alias: call for call in unnamed} | named
        builder = self._builder()
        shape = self.node.shape
        steps = [Annotate(name, builder.expression(call, name)) for name, call in calls.items()]
        for step in steps:
            if not grouping.is_aggregate(step.expression, {}):
                raise UsageError(f"'{step.name}' is no aggregate", hint="use Count, Sum, …, or annotate()")
        if not steps:
            return {}
        parameters = self.parameters + tuple(builder.values)
        if shape.empty and (known := _of_nothing(steps, parameters)) is not None:
            return known
        node = self._mapper.nodes.node(msgspec.structs.replace(shape, aggregates=tuple(steps)))
        row = self._mapper.statement(node).fetch(parameters)[0]
        return dict(zip(calls, row, strict=True))


def _of_nothing(steps: Sequence[Annotate], parameters: Sequence[object]) -> dict[str, Any] | None:
    """The aggregates over no row; None where the database must be asked."""
    results: dict[str, Any] = {}
    for step in steps:
        call = step.expression
        if not isinstance(call, AggregateCall) or not isinstance(call.default, Constant | None):
            return None
        slot = None if call.default is None else call.default.slot
        results[step.name] = 0 if call.function == "count" else None if slot is None else parameters[slot]
    return results
