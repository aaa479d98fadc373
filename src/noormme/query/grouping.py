"""Which expressions are computed from several rows, so that what stands beside them must be grouped.

Invariant: this follows from the shape alone; nothing is compiled to find out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

import msgspec

from noormme.query.build_expressions import nested_too_deeply
from noormme.query.nodes import (
    AggregateCall,
    Condition,
    Constant,
    Junction,
    ListParam,
    Ref,
    RowsExist,
    Scoped,
    Subquery,
    Test,
    Typed,
    WindowCall,
)
from noormme.query.shape import Annotate, walk
from noormme.query.slots import slots_of

__all__ = ["is_aggregate", "is_given", "truth"]


def is_aggregate(node: object, annotations: Mapping[str, Annotate]) -> bool:
    """Whether an expression is computed from several rows of a group.

    Args:
        node: A node of a shape.
        annotations: What names stand for.

    Raises:
        InvalidQuery: It is nested more deeply than Python's stack.
    """
    try:
        return _is_aggregate(node, annotations)
    except RecursionError:
        raise nested_too_deeply() from None


def _is_aggregate(node: object, annotations: Mapping[str, Annotate]) -> bool:
    if isinstance(node, AggregateCall):
        return True
    if isinstance(node, Ref):
        named = annotations.get(node.name)
        return named is not None and _is_aggregate(named.expression, annotations)
    if isinstance(node, WindowCall):
        inside = (node.call.arguments, node.partition, node.ordering)
        return any(_is_aggregate(part, annotations) for part in walk(inside) if part is not node)
    if isinstance(node, (Subquery, RowsExist)):
        return False
    if isinstance(node, Condition):
        head = node.name
        while head:
            if head in annotations:
                return _is_aggregate(annotations[head].expression, annotations)
            head = head.rpartition("__")[0]
    return any(_is_aggregate(part, annotations) for part in _children(node))


def _children(node: object) -> Iterable[object]:
    if isinstance(node, tuple):
        return cast("tuple[object, ...]", node)
    if isinstance(node, msgspec.Struct):
        return [getattr(node, name) for name in node.__struct_fields__]
    return ()


def is_given(node: object) -> bool:
    """Whether an expression is a plain value, or a condition that no row decides: it parts no groups.

    Args:
        node: A node of a shape.
    """
    if isinstance(node, Typed):
        return is_given(node.expression)
    return isinstance(node, Constant) or (isinstance(node, Test) and truth(node.condition) is not None)


def truth(node: object) -> bool | None:
    """Whether a condition holds for all rows or for none; None where the rows decide.

    Args:
        node: A condition of a shape, or a part of one.
    """
    if isinstance(node, Scoped):
        return truth(node.predicate)
    if isinstance(node, Junction):
        # An empty one holds, negated or not.
        known = [truth(child) for child in node.children]
        if not known:
            return True
        if node.connector == "XOR":
            found = None if None in known else known.count(True) % 2 == 1
        else:
            decisive = node.connector == "OR"
            found = decisive if decisive in known else None if None in known else not decisive
        return found if found is None else found != node.negated
    empty = isinstance(node, Condition) and isinstance(node.operand, ListParam) and node.name.endswith("in")
    return False if empty and not any(True for _ in slots_of(node)) else None
