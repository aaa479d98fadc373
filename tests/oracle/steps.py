"""The words that the texts of writes use on both sides.

Invariant: nothing here knows Django or noormme; each word does the same to the objects of both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["changed", "words"]


def keyed(result: Any) -> object:
    """What a write gave, as far as it can be compared: keys for objects."""
    if isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], bool):
        return (result[0].pk, result[1])
    return result.pk if hasattr(result, "pk") else result


def counted(result: Iterable[object]) -> int:
    """How many objects a write gave."""
    return len(list(result))


def changed(items: Iterable[Any], **values: object) -> list[Any]:
    """Objects with other values; a function is called with each object."""
    found = list(items)
    for item in found:
        for name, value in values.items():
            setattr(item, name, value(item) if callable(value) else value)
    return found


def removed(item: Any) -> None:
    """An object, deleted."""
    item.delete()


def nothing(result: object) -> None:
    """What a write gives that says nothing."""


def words() -> dict[str, Callable[..., object]]:
    """The words by name."""
    return {each.__name__: each for each in (keyed, counted, changed, removed, nothing)}
