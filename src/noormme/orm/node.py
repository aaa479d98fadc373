"""Shapes that were met before, and the steps between them.

Invariant: equal shapes of one model are one node, so a plan is found by following steps that were taken
before (``filter(age__gte=…)``, ``order_by("-id")``, ``[:20]``) without hashing the whole shape again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any
from weakref import ref

from noormme.query.lookups import changes, on_change
from noormme.query.shape import Shape
from noormme.sharing import Living

if TYPE_CHECKING:
    from noormme.orm.paginate import PageOrder
    from noormme.orm.statement import Statement
    from noormme.orm.writing.statement import WriteStatement

__all__ = ["Node", "NodeTable"]

_MOVES_KEPT = 1024
_NODES_KEPT = 4096
_WRITES_KEPT = 256
_TABLES: Living[NodeTable] = Living()


class Node:
    """One shape with what was learnt about it.

    Attributes:
        shape: The shape.
        moves: The nodes that known steps lead to.
        rows: The statement that gives its rows, once compiled.
        count: The statement that counts them, once compiled.
        exists: The statement that asks for any, once compiled.
        pages: The order of its pages, once asked for.
        gets: For ``get`` by one keyword: what runs it, by the keyword and the type of its value.
        writes: The updates and deletes of its rows, by what they write.
    """

    __slots__ = ("__weakref__", "count", "exists", "gets", "moves", "pages", "rows", "shape", "writes")

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.moves: dict[Hashable, Node] = {}
        self.gets: dict[tuple[str, type], Callable[[tuple[object, ...]], Any]] = {}
        self.rows: Statement | None = None
        self.count: Statement | None = None
        self.exists: Statement | None = None
        self.pages: PageOrder | None = None
        self.writes: dict[Hashable, WriteStatement] = {}

    def forget(self) -> None:
        """Forget what was learnt, because names mean something else now."""
        self.rows = self.count = self.exists = self.pages = None
        self.moves.clear()
        self.gets.clear()
        self.writes.clear()

    def keep_write(self, key: Hashable, statement: WriteStatement) -> None:
        """Keep an update or a delete of its rows.

        Args:
            key: What tells it from others.
            statement: The statement.
        """
        if len(self.writes) >= _WRITES_KEPT:
            self.writes.clear()
        self.writes[key] = statement


class NodeTable:
    """All nodes of one model: its plan table.

    What is kept is bounded; beyond that the table starts anew, which costs compilations, never answers.
    """

    __slots__ = ("__weakref__", "_nodes", "_strays", "root")

    def __init__(self, table: str) -> None:
        self.root = Node(Shape(table))
        self._nodes: dict[Shape, Node] = {self.root.shape: self.root}
        # Nodes of former tables, of which query sets may hold some.
        self._strays: list[ref[Node]] = []
        _TABLES.add(self)

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(list(self._nodes.values()))

    def node(self, shape: Shape) -> Node:
        """The node of a shape."""
        found = self._nodes.get(shape)
        if found is None:
            if len(self._nodes) >= _NODES_KEPT:
                self._begin_anew()
            # Another thread may have made it meanwhile.
            found = self._nodes.setdefault(shape, Node(shape))
        return found

    def _begin_anew(self) -> None:
        known = self._known()
        for node in known:
            # Steps would keep all nodes alive behind those that are held.
            node.moves.clear()
            node.gets.clear()
        self._nodes = {self.root.shape: self.root}
        self._strays = [ref(node) for node in known if node is not self.root]

    def _known(self) -> list[Node]:
        """All nodes that there are."""
        strays = (stray() for stray in self._strays)
        return [*self, *(node for node in strays if node is not None)]

    def forget(self) -> None:
        """Forget what was learnt about every node, because names mean something else now."""
        for node in self._known():
            node.forget()

    def move(self, node: Node, key: Hashable, make: Callable[[Shape], Shape]) -> Node:
        """The node that a step leads to.

        Args:
            node: Where the step starts.
            key: What tells the step from others.
            make: Gives the new shape; only called where the step is new.
        """
        found = node.moves.get(key)
        if found is None:
            before = changes()
            found = self.node(make(node.shape))
            self.remember(node, key, found, before)
        return found

    def remember(self, node: Node, key: Hashable, target: Node, before: int) -> None:
        """Note where a step led.

        Args:
            node: Where it started.
            key: What tells it from others.
            target: Where it led.
            before: How often something had changed (``changes``) before the step was looked at.
        """
        if len(node.moves) >= _MOVES_KEPT:
            node.moves.clear()
        node.moves[key] = target
        if changes() != before:
            # A lookup was registered meanwhile: the step may mean the one before.
            node.moves.pop(key, None)


def _forget_all() -> None:
    for table in _TABLES:
        table.forget()


on_change(_forget_all)
