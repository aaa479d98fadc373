"""Functions over the rows around each row, for ``Window``.

Invariant: none of them means anything outside a window; which rows they see is the window's business.
"""

from __future__ import annotations

from noormme.query.expressions.base import Expression
from noormme.query.expressions.func import Func
from noormme.query.functions.checks import whole_number

__all__ = [
    "CumeDist",
    "DenseRank",
    "FirstValue",
    "Lag",
    "LastValue",
    "Lead",
    "NthValue",
    "Ntile",
    "PercentRank",
    "Rank",
    "RowNumber",
]


class CumeDist(Func):
    """Which part of the rows, from 0 to 1, comes before this row or is its peer.

    Example:
        ``Window(CumeDist(), order_by="price")``.
    """

    __slots__ = ()
    function = "cume_dist"
    arity = 0


class DenseRank(Func):
    """The rank of a row, from 1; after peers no number is left out.

    Example:
        ``Window(DenseRank(), order_by="-points")``.
    """

    __slots__ = ()
    function = "dense_rank"
    arity = 0


class FirstValue(Func):
    """The value in the first row of the frame.

    Args:
        expression: The value: a field by name, or an expression.

    Example:
        ``Window(FirstValue("price"), partition_by="product", order_by="day")``.
    """

    __slots__ = ()
    function = "first_value"
    arity = 1


class LastValue(Func):
    """The value in the last row of the frame, which by default is that of the current row or its last peer.

    Args:
        expression: The value: a field by name, or an expression.

    Example:
        ``Window(LastValue("price"), order_by="day", frame=RowRange())``.
    """

    __slots__ = ()
    function = "last_value"
    arity = 1


class _Shifted(Func):
    __slots__ = ()
    arity = (2, 3)

    def __init__(self, expression: Expression | str, offset: int = 1, default: object = None) -> None:
        arguments: list[object] = [expression, whole_number(self, "offset", offset, least=1)]
        if default is not None:
            arguments.append(default)
        super().__init__(*arguments)


class Lag(_Shifted):
    """The value some rows before.

    Args:
        expression: The value: a field by name, or an expression.
        offset: How many rows before.
        default: What to give where there is no such row: a value or an expression; None by default.

    Raises:
        UsageError: The offset is less than 1.

    Example:
        ``Window(Lag("price"), partition_by="product", order_by="day")``.
    """

    __slots__ = ()
    function = "lag"


class Lead(_Shifted):
    """The value some rows after.

    Args:
        expression: The value: a field by name, or an expression.
        offset: How many rows after.
        default: What to give where there is no such row: a value or an expression; None by default.

    Raises:
        UsageError: The offset is less than 1.

    Example:
        ``Window(Lead("day"), order_by="day")``.
    """

    __slots__ = ()
    function = "lead"


class NthValue(Func):
    """The value in a row of the frame.

    Args:
        expression: The value: a field by name, or an expression.
        nth: Which row, from 1.

    Raises:
        UsageError: The number is less than 1.

    Example:
        ``Window(NthValue("name", 2), order_by="-points", frame=RowRange())``.
    """

    __slots__ = ()
    function = "nth_value"
    arity = 2

    def __init__(self, expression: Expression | str, nth: int = 1) -> None:
        super().__init__(expression, whole_number(self, "nth", nth, least=1))


class Ntile(Func):
    """The number of the part, from 1, when the rows are cut into parts that are about equal.

    Args:
        num_buckets: How many parts.

    Raises:
        UsageError: The number is less than 1.

    Example:
        ``Window(Ntile(4), order_by="price")`` are the quarters.
    """

    __slots__ = ()
    function = "ntile"
    arity = 1

    def __init__(self, num_buckets: int = 1) -> None:
        super().__init__(whole_number(self, "num_buckets", num_buckets, least=1))


class PercentRank(Func):
    """Which part of the other rows, from 0 to 1, comes before this row.

    Example:
        ``Window(PercentRank(), order_by="price")``.
    """

    __slots__ = ()
    function = "percent_rank"
    arity = 0


class Rank(Func):
    """The rank of a row, from 1; after peers as many numbers are left out.

    Example:
        ``Window(Rank(), order_by="-points")``.
    """

    __slots__ = ()
    function = "rank"
    arity = 0


class RowNumber(Func):
    """The number of a row, from 1.

    Example:
        ``Window(RowNumber(), partition_by="author", order_by="created_at")``.
    """

    __slots__ = ()
    function = "row_number"
    arity = 0
