"""Functions over windows, which the query language puts together from pieces.

Invariant: where T-SQL wants an order there is one, and a frame that T-SQL does not have is refused. This
module imports SQLAlchemy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.functions import FunctionElement

from noormme.engines.server.mssql.conditions import is_piece
from noormme.errors import NotSupported

if TYPE_CHECKING:
    from noormme.engines.server.mssql.compiler import Compiler

__all__ = ["Window", "window"]

_ORDERED = frozenset(
    {"row_number", "rank", "dense_rank", "ntile", "percent_rank", "cume_dist", "lag", "lead"}
    | {"first_value", "last_value"}
)
"""Functions of windows that have no meaning without an order in T-SQL."""


class Window(msgspec.Struct):
    """A function over a window.

    Attributes:
        function: The function.
        partition: What parts the rows.
        order: How they are sorted.
        frame: Which of them it sees, as text and parameters.
    """

    function: Any
    partition: list[Any]
    order: list[Any]
    frame: list[Any]

    def written(self, compiler: Compiler, **options: Any) -> str:
        """The T-SQL.

        Args:
            compiler: Writes the parts.
            **options: SQLAlchemy's.

        Raises:
            NotSupported: SQL Server has no such frame.
        """
        parts: list[str] = []
        if self.partition:
            each = [part._compiler_dispatch(compiler, **options) for part in self.partition]
            parts.append("PARTITION BY " + ", ".join(each))
        keys = [key for part in self.order for key in compiler.sort_key(part, over=True, **options)]
        if not keys and (self.frame or _name(self.function) in _ORDERED):
            keys = ["(SELECT NULL)"]
        if keys:
            parts.append("ORDER BY " + ", ".join(dict.fromkeys(keys)))
        if self.frame:
            parts.append(" ".join(part._compiler_dispatch(compiler, **options) for part in self.frame))
            _check(parts[-1])
        function = self.function._compiler_dispatch(compiler, **options)
        return f"({function} OVER ({' '.join(parts)}))"


def window(grouping: Any) -> Window | None:
    """The function over a window that an expression is; None where it is none.

    Args:
        grouping: The expression.
    """
    if not is_piece(grouping):
        return None
    pieces: list[Any] = list(grouping.element.clauses)
    if len(pieces) < 3 or _text(pieces[1]) != "OVER (":
        return None
    found = Window(pieces[0], [], [], [])
    part = found.frame
    for piece in pieces[2:-1]:
        text = _text(piece)
        if text == "PARTITION BY":
            part = found.partition
        elif text == "ORDER BY":
            part = found.order
        elif text is not None and text.endswith(" BETWEEN"):
            part = found.frame
            part.append(piece)
        elif text != "," or part is found.frame:
            part.append(piece)
    return found


def _text(piece: Any) -> str | None:
    return str(piece.name) if isinstance(piece, ColumnClause) and piece.is_literal else None


def _name(function: Any) -> str:
    return str(function.name).lower() if isinstance(function, FunctionElement) else ""


def _check(frame: str) -> None:
    if frame.startswith("GROUPS"):
        raise NotSupported("SQL Server has no frames of groups", hint="use RowRange")
    if "EXCLUDE" in frame:
        raise NotSupported("SQL Server excludes no rows from a frame", hint="leave out exclusion")
    bounds = frame.removeprefix("RANGE BETWEEN ").replace("UNBOUNDED", "").split()
    if frame.startswith("RANGE") and any(word not in _PLAIN_BOUNDS for word in bounds):
        raise NotSupported("SQL Server has no frames of a range of values", hint="use RowRange")


_PLAIN_BOUNDS = frozenset({"CURRENT", "ROW", "PRECEDING", "FOLLOWING", "AND"})
