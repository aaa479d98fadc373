"""Where everything stands: from layers to coordinates.

Invariant: no two tables overlap, and what is in one layer keeps its order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from noormme.schema.drawing.layers import Edge, Node, arranged, components

__all__ = ["Box", "Places", "place"]

_GAP_X, _GAP_Y = 76.0, 26.0
_PASSING = 12.0
_ROUNDS = 10
_SHAPE = 1.5
"""How much wider than high a drawing should be."""


class Box(msgspec.Struct, frozen=True):
    """The place of a table, in pixels.

    Attributes:
        x: Its left side.
        y: Its upper side.
        width: How wide it is.
        height: How high it is.
    """

    x: float
    y: float
    width: float
    height: float


class Places(msgspec.Struct, frozen=True):
    """A finished arrangement.

    Attributes:
        boxes: The tables.
        passing: For each edge that passes layers: the left side, the right side and the height of the line in
            each, from left to right.
        width: How wide all of it is.
        height: How high all of it is.
    """

    boxes: dict[str, Box]
    passing: dict[Edge, list[tuple[float, float, float]]]
    width: float
    height: float

    def moved(self, x: float, y: float) -> Places:
        """The same arrangement at another place."""
        boxes = {name: Box(box.x + x, box.y + y, box.width, box.height) for name, box in self.boxes.items()}
        passing = {
            edge: [(left + x, right + x, height + y) for left, right, height in points]
            for edge, points in self.passing.items()
        }
        return Places(boxes, passing, self.width, self.height)


def place(sizes: Mapping[str, tuple[float, float]], edges: Sequence[Edge]) -> Places:
    """Find a place for every table.

    Args:
        sizes: The width and height of each table.
        edges: The edges; those from a table to itself need no place.

    Returns:
        The places: groups of connected tables and then tables that nothing connects, each in rows.
    """
    between = [edge for edge in edges if edge[0] != edge[1]]
    groups: list[Places] = []
    for group in components(list(sizes), between):
        members = set(group)
        own = [edge for edge in between if edge[0] in members]
        groups.append(_group({name: sizes[name] for name in group}, own))
    groups.sort(key=lambda group: (len(group.boxes) == 1, -group.height))
    return _in_rows(groups)


def _group(sizes: Mapping[str, tuple[float, float]], edges: Sequence[Edge]) -> Places:
    """Place the tables of one group."""
    area = sum((width + _GAP_X) * (height + _GAP_Y) for width, height in sizes.values())
    heights = {name: height + _GAP_Y for name, (_, height) in sizes.items()}
    most = max((area / _SHAPE) ** 0.5, *heights.values())
    layers, pieces = arranged(heights, edges, most=most, point=_PASSING)
    tops = _tops(layers, pieces)
    highest = min(tops.values())
    boxes: dict[str, Box] = {}
    passing: dict[Edge, list[tuple[float, float, float]]] = {}
    x = 0.0
    for layer in layers:
        widest = max((sizes[node.name][0] for node in layer if node.edge is None), default=0.0)
        for node in layer:
            y = tops[node] - highest
            if node.edge is None:
                width, height = sizes[node.name]
                boxes[node.name] = Box(x + (widest - width) / 2, y + _GAP_Y / 2, width, height)
            else:
                passing.setdefault(node.edge, []).append((x, x + widest, y + node.height / 2))
        x += widest + _GAP_X
    bottom = max(tops[node] + node.height for layer in layers for node in layer)
    return Places(boxes, passing, x - _GAP_X, bottom - highest)


def _in_rows(groups: Sequence[Places]) -> Places:
    """Groups one beside the other, in as many rows as give the drawing its shape."""
    area = sum((group.width + _GAP_Y) * group.height for group in groups)
    line = max([(area * _SHAPE) ** 0.5, *(group.width for group in groups)])
    boxes: dict[str, Box] = {}
    passing: dict[Edge, list[tuple[float, float, float]]] = {}
    x = y = deepest = right = 0.0
    connected = True
    for group in groups:
        # Tables that nothing connects begin a row of their own.
        if x and (x + group.width > line or connected is not (len(group.boxes) > 1)):
            x, y, deepest = 0.0, y + deepest, 0.0
        connected = len(group.boxes) > 1
        there = group.moved(x, y)
        boxes |= there.boxes
        passing |= there.passing
        right = max(right, x + group.width)
        deepest = max(deepest, group.height)
        x += group.width + (_GAP_X if connected else _GAP_Y)
    return Places(boxes, passing, right, y + deepest)


def _tops(layers: Sequence[Sequence[Node]], pieces: Sequence[tuple[Node, Node]]) -> dict[Node, float]:
    """The upper side of each node: near the middle of those that it is connected with."""
    neighbours: dict[Node, list[Node]] = {}
    for one, other in pieces:
        neighbours.setdefault(one, []).append(other)
        neighbours.setdefault(other, []).append(one)
    tops: dict[Node, float] = {}
    for layer in layers:
        y = -sum(node.height for node in layer) / 2
        for node in layer:
            tops[node] = y
            y += node.height
    for number in range(_ROUNDS):
        for layer in layers if number % 2 == 0 else reversed(layers):
            wanted = [
                sum(tops[each] + each.height / 2 for each in near) / len(near) - node.height / 2
                if (near := neighbours.get(node))
                else tops[node]
                for node in layer
            ]
            tops |= zip(layer, _apart(wanted, [node.height for node in layer]), strict=True)
    return tops


def _apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """The places nearest to those that are wanted at which nothing overlaps and the order stays."""
    # Without the heights above each, "no overlap" is "not descending": those that descend share their mean.
    blocks: list[tuple[float, int]] = []
    above = 0.0
    for want, height in zip(wanted, heights, strict=True):
        mean, count = want - above, 1
        while blocks and blocks[-1][0] > mean:
            before, size = blocks.pop()
            mean, count = (before * size + mean * count) / (size + count), size + count
        blocks.append((mean, count))
        above += height
    flat = [mean for mean, count in blocks for _ in range(count)]
    tops: list[float] = []
    above = 0.0
    for mean, height in zip(flat, heights, strict=True):
        tops.append(mean + above)
        above += height
    return tops
