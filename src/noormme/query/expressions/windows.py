"""Functions over a window of rows, and the frames that say which rows they see."""

from __future__ import annotations

from typing import ClassVar, Literal, cast

from noormme.errors import UsageError
from noormme.query.expressions.base import Build, Expression, OutputField, output_kind, several
from noormme.query.nodes import AggregateCall, Call, Frame, WindowCall
from noormme.query.nodes import Expression as Node
from noormme.schema.model import Kind

__all__ = ["GroupRange", "RowRange", "ValueRange", "Window", "WindowFrame"]

Exclusion = Literal["", "CURRENT ROW", "GROUP", "TIES", "NO OTHERS"]


class WindowFrame:
    """Which rows around the current one a window function sees.

    Args:
        start: How far before (negative) or after the current row it begins; None: at the first row.
        end: How far before (negative) or after the current row it ends; None: at the last row.
        exclusion: Which rows are left out: ``"CURRENT ROW"``, ``"GROUP"``, ``"TIES"`` or ``"NO OTHERS"``.

    Raises:
        UsageError: An end is no number, the start lies behind the end, or the exclusion is unknown.
    """

    __slots__ = ("end", "exclusion", "start")

    unit: ClassVar[Literal["ROWS", "RANGE", "GROUPS"]]

    def __init__(
        self, start: float | None = None, end: float | None = None, *, exclusion: Exclusion = ""
    ) -> None:
        numbers = (int,) if self.unit != "RANGE" else (int, float)
        for position in (start, end):
            if position is not None and type(position) not in numbers:
                whole = "whole numbers" if self.unit != "RANGE" else "numbers"
                raise UsageError(f"{type(self).__name__} takes {whole} or None", hint="0 is the current row")
        if start is not None and end is not None and start > end:
            raise UsageError("the start of a frame cannot lie behind its end")
        if exclusion not in ("", "CURRENT ROW", "GROUP", "TIES", "NO OTHERS"):
            raise UsageError(
                "a frame does not know this exclusion", hint="one of CURRENT ROW, GROUP, TIES, NO OTHERS"
            )
        self.start = start
        self.end = end
        self.exclusion: Exclusion = exclusion

    def frame(self, build: Build) -> Frame:
        """This frame as a part of a shape; its distances become slots."""
        ends = (self.start, self.end)
        slots = [None if not position else build.slot(abs(position)) for position in ends]
        signs = tuple(None if position is None else (position > 0) - (position < 0) for position in ends)
        known = cast("tuple[Literal[-1, 0, 1] | None, Literal[-1, 0, 1] | None]", signs)
        return Frame(self.unit, slots[0], slots[1], known, self.exclusion)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.start!r}, {self.end!r})"


class RowRange(WindowFrame):
    """A frame counted in rows."""

    __slots__ = ()
    unit = "ROWS"


class ValueRange(WindowFrame):
    """A frame measured by the value of the sort key."""

    __slots__ = ()
    unit = "RANGE"


class GroupRange(WindowFrame):
    """A frame counted in groups of rows whose sort keys are equal."""

    __slots__ = ()
    unit = "GROUPS"


class Window(Expression):
    """A function over the rows around each row; the rows themselves stay.

    Args:
        expression: An aggregate or a window function (``RowNumber()``, ``Sum("amount")``).
        partition_by: What parts the rows: fields by name or expressions, one or several.
        order_by: How the rows of a part are sorted: as ``order_by`` takes it, one or several.
        frame: Which of them the function sees.
        output_field: The type of the values, where the function does not say it.

    Raises:
        UsageError: The expression cannot be used over a window.
    """

    __slots__ = ("expression", "frame", "kind", "order_by", "partition_by")

    def __init__(
        self,
        expression: Expression,
        partition_by: object = None,
        order_by: object = None,
        frame: WindowFrame | None = None,
        output_field: OutputField | None = None,
    ) -> None:
        if frame is not None and not isinstance(frame, WindowFrame):
            raise UsageError("frame takes RowRange, ValueRange or GroupRange")
        if not isinstance(expression, Expression):
            raise UsageError(
                f"Window takes an aggregate or a window function, not {type(expression).__name__}",
                hint="write Window(RowNumber(), order_by=…)",
            )
        self.expression = expression
        self.partition_by = several(partition_by)
        self.order_by = several(order_by)
        self.frame = frame
        self.kind: Kind | None = output_kind(output_field)

    def node(self, build: Build) -> Node:
        """This expression as a part of a shape."""
        call = self.expression.node(build)
        if not isinstance(call, (AggregateCall, Call)):
            raise UsageError(
                f"{type(self.expression).__name__} cannot be used over a window",
                hint="use an aggregate or a window function",
            )
        if isinstance(call, AggregateCall) and (call.ordering or call.distinct):
            option = "order_by" if call.ordering else "distinct"
            raise UsageError(
                f"{type(self.expression).__name__} takes no {option} over a window",
                hint="the window sorts its rows: Window(…, order_by=…)" if call.ordering else "leave it out",
            )
        return WindowCall(
            call,
            tuple(build.field(part) for part in self.partition_by),
            tuple(build.order(part) for part in self.order_by),
            None if self.frame is None else self.frame.frame(build),
            self.kind,
        )

    def __repr__(self) -> str:
        return f"Window({self.expression!r})"
