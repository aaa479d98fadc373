"""Which values a shape needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import msgspec

from noormme.query.nodes import Constant, Frame, ListParam, Param, Params, Raw
from noormme.query.shape import Seek, Shape, WindowSlice

__all__ = ["slot_count", "slots_of"]


def slot_count(node: object) -> int:
    """The number of values that travel beside a shape: one more than the last slot used in it.

    Args:
        node: A shape or any node of one.

    Returns:
        The number; 0 where nothing asks for a value. A plan may bind fewer, when a part of the shape does not
        matter to it.
    """
    return max(slots_of(node), default=-1) + 1


def slots_of(node: object) -> Iterator[int]:
    """The slots used in a shape, in no order.

    Args:
        node: A shape or any node of one.
    """
    own: tuple[int | None, ...] = ()
    if isinstance(node, (Param, Constant)):
        own = (node.slot,)
    elif isinstance(node, (Params, Raw)):
        own = node.slots
    elif isinstance(node, ListParam):
        own = (*node.slots, node.nul)
    elif isinstance(node, Frame):
        own = (node.start, node.end)
    elif isinstance(node, Seek):
        own = node.slots or ()
    elif isinstance(node, tuple):
        for part in cast("tuple[object, ...]", node):
            yield from slots_of(part)
    elif isinstance(node, msgspec.Struct):
        if isinstance(node, (Shape, WindowSlice)):
            own = (node.limit, node.offset)
        for name in node.__struct_fields__:
            yield from slots_of(getattr(node, name))
    yield from (slot for slot in own if slot is not None)
