"""Which tables stand side by side, and in which order below each other: the layers of a drawing.

Invariant: every edge leads from a higher layer to a lower one, and passes each layer between by a point of
its own, so that the line of a long edge goes around the tables there. The method is that of Sugiyama.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

import msgspec

__all__ = ["Edge", "Node", "arranged", "components"]

_SWEEPS = 12

Edge: TypeAlias = tuple[str, str]
"""From the table with the foreign key to the table that it points at."""


class Node(msgspec.Struct, frozen=True):
    """What has a place in a layer: a table, or the point where an edge passes.

    Attributes:
        name: The table's name; of a point the edge's ends and its layer.
        height: How much room it takes.
        edge: The edge that passes here; None for a table.
    """

    name: str
    height: float
    edge: Edge | None = None


def components(names: Sequence[str], edges: Sequence[Edge]) -> list[list[str]]:
    """The groups of tables that edges connect, the largest first.

    Args:
        names: All tables.
        edges: All edges.
    """
    group = {name: name for name in names}

    def root(name: str) -> str:
        while group[name] != name:
            group[name] = group[group[name]]
            name = group[name]
        return name

    for source, target in edges:
        group[root(source)] = root(target)
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(root(name), []).append(name)
    return sorted(found.values(), key=lambda members: (-len(members), members))


def arranged(
    heights: Mapping[str, float], edges: Sequence[Edge], *, most: float, point: float
) -> tuple[list[list[Node]], list[tuple[Node, Node]]]:
    """Arrange one group of tables.

    Args:
        heights: How much room each table takes.
        edges: The edges between them; none from a table to itself.
        most: How much room a layer may take; what takes more is spread over several layers.
        point: How much room an edge takes that passes a layer.

    Returns:
        The layers from left to right, tables that are pointed at first, each from top to bottom; and the
        pieces of the edges from one layer to the next, the left end first.
    """
    downwards = _without_cycles(heights, edges)
    level = _levels(heights, downwards)
    level = _spread(heights, level, most)
    layers: list[list[Node]] = [[] for _ in range(max(level.values()) + 1)]
    nodes = {name: Node(name, height) for name, height in heights.items()}
    for name, at in level.items():
        layers[at].append(nodes[name])
    pieces: list[tuple[Node, Node]] = []
    for source, target in dict.fromkeys(downwards):
        last = nodes[target]
        for at in range(level[target] + 1, level[source]):
            passing = Node(f"{source}\0{target}\0{at}", point, (source, target))
            layers[at].append(passing)
            pieces.append((last, passing))
            last = passing
        pieces.append((last, nodes[source]))
    return _ordered(layers, pieces), pieces


def _without_cycles(names: Mapping[str, float], edges: Sequence[Edge]) -> list[Edge]:
    """The edges, some of them turned around so that no path leads back to where it began."""
    targets: dict[str, list[str]] = {name: [] for name in names}
    pointed_at = dict.fromkeys(names, 0)
    for source, target in edges:
        targets[source].append(target)
        pointed_at[target] += 1
    done: dict[str, int] = {}
    # Where a cycle is entered from outside, its other edges keep their direction.
    for start in sorted(names, key=lambda name: (pointed_at[name] > 0, pointed_at[name], name)):
        if start in done:
            continue
        stack = [(start, iter(sorted(targets[start])))]
        open_now = {start}
        seen = {start}
        while stack:
            name, rest = stack[-1]
            following = next((each for each in rest if each not in done and each not in open_now), None)
            if following is None:
                stack.pop()
                open_now.discard(name)
                done[name] = len(done)
            elif following not in seen:
                seen.add(following)
                open_now.add(following)
                stack.append((following, iter(sorted(targets[following]))))
    # A table is done after all that it points at, but for what closes a cycle.
    return [(source, target) if done[source] > done[target] else (target, source) for source, target in edges]


def _levels(names: Mapping[str, float], edges: Sequence[Edge]) -> dict[str, int]:
    """The layer of each table: one more than the highest of those that it points at."""
    targets: dict[str, list[str]] = {name: [] for name in names}
    sources: dict[str, list[str]] = {name: [] for name in names}
    for source, target in edges:
        targets[source].append(target)
        sources[target].append(source)
    level: dict[str, int] = {}
    waiting = {name: len(targets[name]) for name in names}
    ready = sorted(name for name in names if not waiting[name])
    while ready:
        name = ready.pop()
        level[name] = max((level[target] + 1 for target in targets[name]), default=0)
        for source in sources[name]:
            waiting[source] -= 1
            if not waiting[source]:
                ready.append(source)
    for name in names:
        # What points at nothing stands next to the first that points at it.
        if not targets[name] and sources[name]:
            level[name] = min(level[source] for source in sources[name]) - 1
    return level


def _spread(heights: Mapping[str, float], level: Mapping[str, int], most: float) -> dict[str, int]:
    """The layers, with those that take too much room made several."""
    found: dict[str, int] = {}
    at = 0
    for layer in range(max(level.values()) + 1):
        members = [name for name in heights if level[name] == layer]
        parts = max(1, round(sum(heights[name] for name in members) / most))
        share = sum(heights[name] for name in members) / parts
        taken = 0.0
        for name in members:
            found[name] = at + min(parts - 1, int((taken + heights[name] / 2) / share)) if share else at
            taken += heights[name]
        at += parts
    return found


def _ordered(layers: list[list[Node]], pieces: Sequence[tuple[Node, Node]]) -> list[list[Node]]:
    """The layers with their nodes in an order in which few pieces cross."""
    left: dict[Node, list[Node]] = {}
    right: dict[Node, list[Node]] = {}
    for one, other in pieces:
        left.setdefault(other, []).append(one)
        right.setdefault(one, []).append(other)
    best, fewest = layers, _crossings(layers, right)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        forwards = sweep % 2 == 0
        layers = [list(layer) for layer in layers]
        steps = range(1, len(layers)) if forwards else range(len(layers) - 2, -1, -1)
        for at in steps:
            beside = layers[at - 1] if forwards else layers[at + 1]
            place = {node: number for number, node in enumerate(beside)}
            neighbours = left if forwards else right
            current = {node: number for number, node in enumerate(layers[at])}
            layers[at].sort(key=lambda node: _mean(node, neighbours, place, current))
        crossings = _crossings(layers, right)
        if crossings < fewest:
            best, fewest = layers, crossings
    return best


def _mean(
    node: Node, neighbours: Mapping[Node, list[Node]], place: Mapping[Node, int], current: Mapping[Node, int]
) -> float:
    places = [place[each] for each in neighbours.get(node, ())]
    return sum(places) / len(places) if places else current[node]


def _crossings(layers: Sequence[Sequence[Node]], right: Mapping[Node, list[Node]]) -> int:
    count = 0
    for one, other in pairwise(layers):
        place = {node: number for number, node in enumerate(other)}
        ends = [sorted(place[each] for each in right.get(node, ())) for node in one]
        seen: list[int] = []
        for each in ends:
            count += sum(1 for before in seen for now in each if before > now)
            seen += each
    return count
