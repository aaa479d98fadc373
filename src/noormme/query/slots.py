"""How many values a shape needs."""

from __future__ import annotations

from typing import cast

import msgspec

from noormme.query.shape import ListParam, Param, Params, Shape

__all__ = ["slot_count"]


def slot_count(node: object) -> int:
    """The number of values that travel beside a shape: one more than the last slot used in it.

    Args:
        node: A shape or any node of one.

    Returns:
        The number; 0 where nothing asks for a value. A plan may bind fewer, when a part of the shape does not
        matter to it.
    """
    if isinstance(node, Param):
        return node.slot + 1
    if isinstance(node, Params):
        return max(node.slots, default=-1) + 1
    if isinstance(node, ListParam):
        return max((*node.slots, -1 if node.nul is None else node.nul), default=-1) + 1
    if isinstance(node, tuple):
        return max(map(slot_count, cast("tuple[object, ...]", node)), default=0)
    if not isinstance(node, msgspec.Struct):
        return 0
    most = max((slot_count(getattr(node, name)) for name in node.__struct_fields__), default=0)
    if isinstance(node, Shape):
        own = [node.limit, node.offset]
        if node.window is not None:
            own += [node.window.limit, node.window.offset]
        most = max(most, *(slot + 1 for slot in own if slot is not None), 0)
    return most
