"""Dates and times cut down to the beginning of a unit.

Invariant: as of ``moments``. A cut moment is of the type that was cut, unless another one is asked for.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import ClassVar

from noormme.errors import UsageError
from noormme.query.expressions.base import Expression, OutputField
from noormme.query.functions.moments import OfMoment

__all__ = [
    "Trunc",
    "TruncDate",
    "TruncDay",
    "TruncHour",
    "TruncMinute",
    "TruncMonth",
    "TruncQuarter",
    "TruncSecond",
    "TruncTime",
    "TruncWeek",
    "TruncYear",
]

_OF_DAYS = ("year", "quarter", "month", "week", "day")
_OF_CLOCKS = ("hour", "minute", "second")
_UNITS = (*_OF_DAYS, *_OF_CLOCKS)


class Trunc(OfMoment):
    """The beginning of the year, …, the second in which a date or a time lies: of its own type.

    Args:
        expression: The date, time or datetime.
        kind: ``"year"``, ``"quarter"``, ``"month"``, ``"week"``, ``"day"``, ``"hour"``, ``"minute"`` or
            ``"second"``.
        output_field: ``date``, ``datetime`` or ``time``, where it shall be of another type.
        tzinfo: The zone whose wall clock is read. The result is the moment at which that unit begins there;
            where ``Settings.timezone`` is not set, and datetimes are naive, it is what the wall clock there
            shows.

    Raises:
        UsageError: The unit is unknown, or the type has no such unit.
        NotSupported: The zone has no name.

    Example:
        ``values(month=Trunc("created_at", "month")).annotate(n=Count("*"))``.
    """

    __slots__ = ()
    function = "trunc"

    def __init__(
        self,
        expression: Expression | str,
        kind: str,
        output_field: OutputField | None = None,
        tzinfo: tzinfo | None = None,
    ) -> None:
        super().__init__(expression, kind, _UNITS, tzinfo, output_field)
        if self.kind not in (None, "date", "time", "datetime"):
            raise UsageError(f"{type(self).__name__} gives a date, a time or a datetime")
        if kind in {"date": _OF_CLOCKS, "time": _OF_DAYS}.get(self.kind or "", ()):
            raise UsageError(f"a {self.kind} has no {kind}", hint="give another output_field")


class _TruncUnit(Trunc):
    __slots__ = ()
    unit: ClassVar[str]

    def __init__(
        self,
        expression: Expression | str,
        output_field: OutputField | None = None,
        tzinfo: tzinfo | None = None,
    ) -> None:
        """The arguments of every class with a unit of its own.

        Args:
            expression: The date, time or datetime.
            output_field: ``date``, ``datetime`` or ``time``, where it shall be of another type.
            tzinfo: The zone whose wall clock is read.
        """
        super().__init__(expression, self.unit, output_field, tzinfo)


class _TruncTo(OfMoment):
    __slots__ = ()
    function = "trunc"
    part: ClassVar[str]

    def __init__(self, expression: Expression | str, tzinfo: tzinfo | None = None) -> None:
        """The arguments of a part of a datetime.

        Args:
            expression: The datetime.
            tzinfo: The zone whose wall clock is read.
        """
        super().__init__(expression, self.part, (self.part,), tzinfo)


class TruncDate(_TruncTo):
    """The date of a datetime.

    Example:
        ``TruncDate("created_at")``.
    """

    __slots__ = ()
    part = "date"


class TruncTime(_TruncTo):
    """The time of day of a datetime.

    Example:
        ``TruncTime("created_at")``.
    """

    __slots__ = ()
    part = "time"


class TruncDay(_TruncUnit):
    """The beginning of the day. See ``Trunc``.

    Example:
        ``TruncDay("created_at")``.
    """

    __slots__ = ()
    unit = "day"


class TruncHour(_TruncUnit):
    """The beginning of the hour. See ``Trunc``.

    Example:
        ``TruncHour("created_at")``.
    """

    __slots__ = ()
    unit = "hour"


class TruncMinute(_TruncUnit):
    """The beginning of the minute. See ``Trunc``.

    Example:
        ``TruncMinute("created_at")``.
    """

    __slots__ = ()
    unit = "minute"


class TruncMonth(_TruncUnit):
    """The first day of the month. See ``Trunc``.

    Example:
        ``TruncMonth("created_at")``.
    """

    __slots__ = ()
    unit = "month"


class TruncQuarter(_TruncUnit):
    """The first day of the quarter. See ``Trunc``.

    Example:
        ``TruncQuarter("created_at")``.
    """

    __slots__ = ()
    unit = "quarter"


class TruncSecond(_TruncUnit):
    """The whole second. See ``Trunc``.

    Example:
        ``TruncSecond("created_at")``.
    """

    __slots__ = ()
    unit = "second"


class TruncWeek(_TruncUnit):
    """The Monday of the week. See ``Trunc``.

    Example:
        ``TruncWeek("created_at")``.
    """

    __slots__ = ()
    unit = "week"


class TruncYear(_TruncUnit):
    """The first day of the year. See ``Trunc``.

    Example:
        ``TruncYear("created_at")``.
    """

    __slots__ = ()
    unit = "year"
