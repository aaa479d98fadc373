"""What was compiled, in a bounded table.

Invariant: what is kept is bounded; beyond that the table starts anew, which costs compilations, never
answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

__all__ = ["Kept"]

K = TypeVar("K")
V = TypeVar("V")
_KEPT = 4096


class Kept(Generic[K, V]):
    """What was compiled, by what it was compiled from.

    Attributes:
        get: What was kept for a key, or None.
    """

    __slots__ = ("_found", "get")

    def __init__(self) -> None:
        self._found: dict[K, V] = {}
        self.get: Callable[[K], V | None] = self._found.get

    def __iter__(self) -> Iterator[V]:
        return iter(list(self._found.values()))

    def keep(self, key: K, value: V) -> None:
        """Keep something; everything else goes where there is too much."""
        if len(self._found) >= _KEPT:
            self._found.clear()
        self._found[key] = value

    def drop(self, key: K) -> None:
        """Forget what was kept for a key."""
        self._found.pop(key, None)
