"""``|``, ``&`` and ``^`` of two query sets over one table.

Invariant: the meaning is Django's. With ``&`` each filter keeps joins of its own; with ``|`` and ``^`` the
right side takes over the joins of the left one, each once, before it makes any.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, cast

import msgspec

from noormme.errors import InvalidQuery
from noormme.query.nodes import Junction, Predicate, Scoped
from noormme.query.shape import Annotate, Filter, FilteredJoin, Search, Shape, shift
from noormme.query.slots import slots_of

__all__ = ["combined"]


def combined(
    mine: Shape,
    theirs: Shape,
    my_values: Sequence[object],
    their_values: Sequence[object],
    connector: Literal["AND", "OR", "XOR"],
) -> Shape:
    """The shape of two query sets put together.

    Args:
        mine: The left one; its annotations win.
        theirs: The right one; its order wins, where it has one.
        my_values: The values of the left one.
        their_values: The values of the right one, which follow them.
        connector: How the conditions combine.

    Raises:
        InvalidQuery: One of them is searched, or they mean different relations by one name.
    """
    searched = theirs.steps if connector == "AND" else (*mine.steps, *theirs.steps)
    if any(isinstance(step, Search) for step in searched):
        raise InvalidQuery(
            f"a search of {mine.table} cannot be combined with another query set",
            hint="write filter(pk__in=….search(…))",
        )
    for name, join in theirs.filtered.items():
        known_join = mine.filtered.get(name)
        if known_join is not None and _bound(join, their_values) != _bound(known_join, my_values):
            raise InvalidQuery(
                f"'{name}' is another filtered relation on each side", hint="give them different names"
            )
    values = len(my_values)
    moved = shift(theirs.steps, values)
    known = {**mine.annotations, **mine.filtered}
    named = (Annotate, FilteredJoin)
    added = tuple(step for step in moved if isinstance(step, named) and step.name not in known)
    left = [step for step in mine.steps if isinstance(step, Filter)]
    right = [step for step in moved if isinstance(step, Filter)]
    ordering = shift(theirs.ordering, values) or mine.ordering
    if connector == "AND":
        beyond = _scopes(mine.steps)
        steps = (*mine.steps, *added, *(Filter(_rescoped(step.predicate, beyond)) for step in right))
        return msgspec.structs.replace(mine, steps=steps, ordering=ordering)
    annotations = tuple(step for step in mine.steps if isinstance(step, named)) + added
    first = _side(left, ())
    second = _side(right, tuple(range(1, _scopes(first) + 1)))
    together = Junction(connector, (first, second))
    return msgspec.structs.replace(mine, steps=(*annotations, Filter(together)), ordering=ordering)


def _bound(join: FilteredJoin, values: Sequence[object]) -> tuple[FilteredJoin, list[object]]:
    """A filtered relation with its values, whatever their slots."""
    slots = sorted(set(slots_of(join)))
    return shift(join, -min(slots, default=0)), [values[slot] for slot in slots]


def _side(filters: list[Filter], others: tuple[int, ...]) -> Junction:
    """All filters of one query set as one group, each with a scope of its own.

    Args:
        filters: The filters.
        others: The scopes of the other side, which this side takes joins over from.
    """
    moved = [_rescoped(each.predicate, len(others), others) for each in filters]
    used = len(others) + _scopes(filters)
    return Junction("AND", tuple(Scoped(used + number, each, others) for number, each in enumerate(moved, 1)))


def _scopes(node: object) -> int:
    """The highest number of a scope inside a node."""
    if isinstance(node, Scoped):
        return max(node.scope, _scopes(node.predicate))
    if isinstance(node, Filter):
        return _scopes(node.predicate)
    if isinstance(node, Junction):
        return _scopes(node.children)
    if isinstance(node, (tuple, list)):
        return max(map(_scopes, cast("Iterable[object]", node)), default=0)
    return 0


def _rescoped(node: Junction, by: int, others: tuple[int, ...] = ()) -> Junction:
    """The same group with the scopes inside it moved, so that they meet none of the other side."""
    if by == 0:
        return node

    def moved(child: Predicate) -> Predicate:
        if isinstance(child, Scoped):
            shares = (*others, *(scope + by for scope in child.shares))
            return Scoped(child.scope + by, _rescoped(child.predicate, by, others), shares)
        return _rescoped(child, by, others) if isinstance(child, Junction) else child

    return Junction(node.connector, tuple(moved(child) for child in node.children), node.negated)
