"""SQL put together from pieces that SQLAlchemy has no expression for.

Invariant: the text of a piece is noormme's own, or SQL that the user wrote as SQL; never a value or a name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import ClauseList, ColumnElement, Grouping

from noormme.query.nodes import Frame

__all__ = ["over", "pieced"]


def pieced(*parts: Any) -> ColumnElement[Any]:
    """Text and expressions in parentheses, one after the other with a blank between them.

    Args:
        *parts: Text that is written as it stands, and expressions.
    """
    elements: list[Any] = [sa.literal_column(part) if isinstance(part, str) else part for part in parts]
    # No operator means a blank between the parts, which SQLAlchemy's types leave out.
    joined: Any = ClauseList(*elements, operator=None, group=False, group_contents=False)  # type: ignore[arg-type]
    return Grouping(joined)


def over(
    function: Any,
    partition: Sequence[Any],
    ordering: Sequence[Any],
    frame: Frame | None,
    distances: Sequence[Any],
) -> ColumnElement[Any]:
    """A function over a window.

    Args:
        function: The function, its FILTER included.
        partition: What parts the rows.
        ordering: How they are sorted.
        frame: Which rows it sees.
        distances: The distance of the start and of the end of the frame, as parameters.
    """
    parts: list[Any] = [function, "OVER ("]
    if partition:
        parts += ["PARTITION BY", *_listed(partition)]
    if ordering:
        parts += ["ORDER BY", *_listed(ordering)]
    if frame is not None:
        parts += [f"{frame.unit} BETWEEN", *_end(frame.signs[0], distances[0], "PRECEDING"), "AND"]
        parts += _end(frame.signs[1], distances[1], "FOLLOWING")
        if frame.exclude:
            parts.append(f"EXCLUDE {frame.exclude}")
    return pieced(*parts, ")")


def _listed(parts: Sequence[Any]) -> list[Any]:
    listed: list[Any] = []
    for part in parts:
        listed += [",", part] if listed else [part]
    return listed


def _end(sign: int | None, distance: Any, unbounded: str) -> list[Any]:
    if sign is None:
        return [f"UNBOUNDED {unbounded}"]
    if sign == 0:
        return ["CURRENT ROW"]
    return [distance, "PRECEDING" if sign < 0 else "FOLLOWING"]
