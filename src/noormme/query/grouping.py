"""Which expressions are computed from several rows, so that what stands beside them must be grouped.

Invariant: this follows from the shape alone; nothing is compiled to find out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

import msgspec

from noormme.query.nodes import AggregateCall, Condition, Ref, RowsExist, Subquery, WindowCall
from noormme.query.shape import Annotate, walk

__all__ = ["is_aggregate"]


def is_aggregate(node: object, annotations: Mapping[str, Annotate]) -> bool:
    """Whether an expression is computed from several rows of a group.

    Args:
        node: A node of a shape.
        annotations: What names stand for.
    """
    if isinstance(node, AggregateCall):
        return True
    if isinstance(node, Ref):
        named = annotations.get(node.name)
        return named is not None and is_aggregate(named.expression, annotations)
    if isinstance(node, WindowCall):
        inside = (node.call.arguments, node.partition, node.ordering)
        return any(is_aggregate(part, annotations) for part in walk(inside) if part is not node)
    if isinstance(node, (Subquery, RowsExist)):
        return False
    if isinstance(node, Condition):
        head = node.name
        while head:
            if head in annotations:
                return is_aggregate(annotations[head].expression, annotations)
            head = head.rpartition("__")[0]
    return any(is_aggregate(part, annotations) for part in _children(node))


def _children(node: object) -> Iterable[object]:
    if isinstance(node, tuple):
        return cast("tuple[object, ...]", node)
    if isinstance(node, msgspec.Struct):
        return [getattr(node, name) for name in node.__struct_fields__]
    return ()
