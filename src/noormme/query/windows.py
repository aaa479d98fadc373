"""Windows on databases that lack a part of them.

Invariant: what is asked means the same everywhere, or raises ``NotSupported``; which of the two, the features
of the dialect say. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa

from noormme.errors import NotSupported
from noormme.query.computed import Computed
from noormme.query.context import Context
from noormme.query.joins import literal
from noormme.query.nodes import Frame
from noormme.schema.model import Kind

__all__ = ["check_frame", "shifted"]


def check_frame(context: Context, frame: Frame) -> None:
    """Refuse the frame of a window that the database does not have.

    Args:
        context: The SELECT that it belongs to.
        frame: The frame.

    Raises:
        NotSupported: The database does not have it.
    """
    if (frame.unit == "GROUPS" or frame.exclude) and not context.dialect.features.frames_groups:
        raise NotSupported(
            "this database's windows count no groups and leave out no row of their frame",
            hint="use RowRange or ValueRange, without exclude",
        )


def shifted(
    context: Context,
    function: str,
    arguments: Sequence[Computed],
    kind: Kind,
    over: Callable[[Any], sa.ColumnElement[Any]],
) -> sa.ColumnElement[Any]:
    """LAG or LEAD with a default, where those take none: a constant in its place says whether there is a row.

    Args:
        context: The SELECT that it belongs to.
        function: ``"lag"`` or ``"lead"``.
        arguments: The value, how many rows away, and the default.
        kind: The kind of the values.
        over: Puts a function over the window.
    """
    expressions = context.dialect.expressions
    value, offset, default = arguments
    one = Computed(literal("1"), "integer")
    there = over(expressions.call(function, [one, offset], "", "integer"))
    found = over(expressions.call(function, [value, offset], "", kind))
    return sa.case((there.is_(None), expressions.in_one_form([default], kind)[0]), else_=found)
