"""How the examples look at rows; the same functions serve on Django's side."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["column", "pairs"]


def column(rows: Iterable[Any], name: str) -> list[Any]:
    """One attribute of each object."""
    return [getattr(row, name) for row in rows]


def pairs(rows: Iterable[Any], *names: str) -> list[tuple[Any, ...]]:
    """Some attributes of each object."""
    return [tuple(getattr(row, name) for name in names) for row in rows]
