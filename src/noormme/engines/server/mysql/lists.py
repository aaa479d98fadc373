"""Lists of values as one parameter.

Invariant: a list is written in parentheses, as ``IN`` takes it, so that an index answers for each of its
values; an empty one is written as a SELECT without rows, which ``IN`` finds nothing in and ``NOT IN``
everything. The text of a statement does not depend on how many there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

__all__ = ["Listed", "write_list"]

_EMPTY = "(SELECT {} FROM DUAL WHERE FALSE)"


class Listed:
    """A list of values, or of rows of values, as the driver writes it.

    Args:
        rows: The values, encoded; rows are tuples.
        width: How many values a row has.
        around: What stands around each value, with ``{}`` for it.
    """

    __slots__ = ("around", "rows", "width")

    def __init__(self, rows: Iterable[object], width: int = 1, around: str = "") -> None:
        self.rows = list(rows)
        self.width = width
        self.around = around

    def __repr__(self) -> str:
        return repr(self.rows)


def write_list(given: Listed, write: Callable[[object], str]) -> str:
    """A list as SQL.

    Args:
        given: The list.
        write: Writes one value.
    """
    if not given.rows:
        return _EMPTY.format(", ".join(["1"] * given.width))
    if given.around:
        return f"({','.join(given.around.format(write(each)) for each in given.rows)})"
    if given.width == 1:
        return f"({','.join(map(write, given.rows))})"
    rows = cast("list[tuple[object, ...]]", given.rows)
    return f"({','.join('(' + ','.join(map(write, row)) + ')' for row in rows)})"
