"""Functions of dates and times.

Invariant: they see the wall clock that the decoded Python value shows, in whatever form the column stores it;
with ``tzinfo`` the wall clock in that zone. Weeks begin on Monday and are those of ISO 8601.

A datetime without an offset is one of ``Settings.timezone``, or of UTC where that is not set.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import ClassVar

from noormme.errors import UsageError, did_you_mean
from noormme.query.expressions.base import Expression, OutputField
from noormme.query.expressions.func import Func
from noormme.query.functions.checks import zone_name

__all__ = [
    "Extract",
    "ExtractDay",
    "ExtractHour",
    "ExtractIsoWeekDay",
    "ExtractIsoYear",
    "ExtractMinute",
    "ExtractMonth",
    "ExtractQuarter",
    "ExtractSecond",
    "ExtractWeek",
    "ExtractWeekDay",
    "ExtractYear",
    "Now",
    "OfMoment",
]

_PARTS = (
    "year",
    "iso_year",
    "quarter",
    "month",
    "week",
    "day",
    "week_day",
    "iso_week_day",
    "hour",
    "minute",
    "second",
)


class Now(Func):
    """The time at which the statement runs, one for all of its rows.

    It is aware in ``Settings.timezone`` where that is set; otherwise it is naive in UTC, as the values are
    that the database itself fills in (``CURRENT_TIMESTAMP``).

    Example:
        ``filter(expires__lt=Now())``.
    """

    __slots__ = ()
    function = "now"
    arity = 0


class OfMoment(Func):
    """A function with a unit, and a zone whose wall clock it reads."""

    __slots__ = ("_unit", "_zone")
    arity = 1

    def __init__(
        self,
        expression: Expression | str,
        unit: str,
        known: tuple[str, ...],
        zone: tzinfo | None,
        output_field: OutputField | None = None,
    ) -> None:
        super().__init__(expression, output_field=output_field)
        if unit not in known:
            hint = did_you_mean(unit, known) if isinstance(unit, str) else None
            raise UsageError(
                f"{type(self).__name__} does not know this unit", hint=hint or f"one of {', '.join(known)}"
            )
        self._unit = unit
        self._zone = zone_name(self, zone)

    @property
    def option(self) -> str:
        """The unit, and the zone behind an ``@`` where there is one."""
        return f"{self._unit}@{self._zone}" if self._zone else self._unit

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.arguments[0]!r}, {self.option!r})"


class Extract(OfMoment):
    """A part of a date or a time as a whole number.

    Args:
        expression: The date, time or datetime.
        lookup_name: ``"year"``, ``"iso_year"``, ``"quarter"``, ``"month"``, ``"week"``, ``"day"``,
            ``"week_day"`` (Sunday is 1), ``"iso_week_day"`` (Monday is 1), ``"hour"``, ``"minute"`` or
            ``"second"``.
        tzinfo: The zone whose wall clock is read.

    Raises:
        UsageError: The part is unknown.
        NotSupported: The zone has no name.

    Example:
        ``Extract("created_at", "year")``.
    """

    __slots__ = ()
    function = "extract"

    def __init__(self, expression: Expression | str, lookup_name: str, tzinfo: tzinfo | None = None) -> None:
        super().__init__(expression, lookup_name, _PARTS, tzinfo)


class _ExtractPart(Extract):
    __slots__ = ()
    part: ClassVar[str]

    def __init__(self, expression: Expression | str, tzinfo: tzinfo | None = None) -> None:
        """The arguments of every class with a part of its own.

        Args:
            expression: The date, time or datetime.
            tzinfo: The zone whose wall clock is read.
        """
        super().__init__(expression, self.part, tzinfo)


class ExtractDay(_ExtractPart):
    """The day of the month, from 1. See ``Extract``.

    Example:
        ``ExtractDay("created_at")``.
    """

    __slots__ = ()
    part = "day"


class ExtractHour(_ExtractPart):
    """The hour, from 0. See ``Extract``.

    Example:
        ``ExtractHour("created_at")``.
    """

    __slots__ = ()
    part = "hour"


class ExtractIsoWeekDay(_ExtractPart):
    """The day of the week: Monday is 1, Sunday is 7. See ``Extract``.

    Example:
        ``ExtractIsoWeekDay("created_at")``.
    """

    __slots__ = ()
    part = "iso_week_day"


class ExtractIsoYear(_ExtractPart):
    """The year to which the week belongs. See ``Extract``.

    Example:
        ``ExtractIsoYear("created_at")``.
    """

    __slots__ = ()
    part = "iso_year"


class ExtractMinute(_ExtractPart):
    """The minute, from 0. See ``Extract``.

    Example:
        ``ExtractMinute("created_at")``.
    """

    __slots__ = ()
    part = "minute"


class ExtractMonth(_ExtractPart):
    """The month, from 1. See ``Extract``.

    Example:
        ``ExtractMonth("created_at")``.
    """

    __slots__ = ()
    part = "month"


class ExtractQuarter(_ExtractPart):
    """The quarter of the year, from 1. See ``Extract``.

    Example:
        ``ExtractQuarter("created_at")``.
    """

    __slots__ = ()
    part = "quarter"


class ExtractSecond(_ExtractPart):
    """The whole seconds, from 0. See ``Extract``.

    Example:
        ``ExtractSecond("created_at")``.
    """

    __slots__ = ()
    part = "second"


class ExtractWeek(_ExtractPart):
    """The number of the week, from 1. See ``Extract``.

    Example:
        ``ExtractWeek("created_at")``.
    """

    __slots__ = ()
    part = "week"


class ExtractWeekDay(_ExtractPart):
    """The day of the week: Sunday is 1, Saturday is 7. See ``Extract``.

    Example:
        ``ExtractWeekDay("created_at")``.
    """

    __slots__ = ()
    part = "week_day"


class ExtractYear(_ExtractPart):
    """The year. See ``Extract``.

    Example:
        ``ExtractYear("created_at")``.
    """

    __slots__ = ()
    part = "year"
