"""Parts of dates and times, and dates and times cut to a unit, in T-SQL.

Invariant: what is read is the wall clock of the decoded Python value, or that of the zone that was asked for.
A week begins on Monday whatever ``DATEFIRST`` says. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

from noormme.engines.server.mssql.operands import called, cast, joined, literal, quoted
from noormme.engines.server.mssql.types import SQL_TYPES, has_zone
from noormme.engines.server.mssql.zones import windows_zone
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Column, Kind

if TYPE_CHECKING:
    from noormme.engines.server.mssql.dialect import SQLServerDialect

__all__ = ["extracted", "now", "part", "truncated"]

_PARTS: Mapping[str, str] = {"week": "ISO_WEEK"}
"""What SQL Server calls a part, where it has another name for it."""

_CLOCK = frozenset({"hour", "minute", "second"})
_MOMENTS: frozenset[Kind] = frozenset({"date", "time", "datetime"})


def _monday() -> ColumnElement[Any]:
    """The first day that there is, which is a Monday."""
    return cast(quoted("0001-01-01"), "DATE")


def now(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """The time of the statement: the wall clock of UTC, or with an offset where the settings say a zone."""
    if dialect.timezone is not None:
        return called("SYSDATETIMEOFFSET")
    return cast(called("SYSUTCDATETIME"), SQL_TYPES["datetime"])


def part(name: str, moment: ColumnElement[Any], kind: Kind) -> ColumnElement[Any]:
    """A transform of a date or a time.

    Args:
        name: The part, ``"date"`` or ``"time"``.
        moment: The date or the time.
        kind: Its kind.
    """
    if name in ("date", "time"):
        return cast(moment, SQL_TYPES["date" if name == "date" else "time"])
    if name in ("week_day", "iso_week_day"):
        days = called("DATEDIFF", literal("DAY"), _monday(), moment)
        if name == "week_day":
            days = joined(days, "+", literal("1"))
        return joined(joined(days, "%", literal("7")), "+", literal("1"))
    if name == "iso_year":
        # The year of the Thursday of its week.
        to_thursday = joined(literal("26"), "-", called("DATEPART", literal("ISO_WEEK"), moment))
        return called("YEAR", called("DATEADD", literal("DAY"), to_thursday, moment))
    return called("DATEPART", literal(_PARTS.get(name, name.upper())), moment)


def extracted(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """A part of a date or a time as a whole number; the option is the unit and its zone."""
    unit, _, zone = option.partition("@")
    return part(unit, _moment(dialect, operands[0], zone), operands[0].kind)


def truncated(
    dialect: SQLServerDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """The beginning of the unit in which a date or a time lies; the option is the unit and its zone."""
    operand = operands[0]
    unit, _, zone = option.partition("@")
    moment = _moment(dialect, operand, zone)
    if unit in ("date", "time"):
        return part(unit, moment, operand.kind)
    if kind == "time":
        return _cut(unit, cast(quoted("00:00"), SQL_TYPES["time"]), moment)
    if unit in _CLOCK:
        midnight = cast(cast(moment, "DATE"), SQL_TYPES["datetime"])
        made = _cut(unit, midnight, cast(moment, SQL_TYPES["datetime"]))
    else:
        made = _day(unit, moment)
        made = made if kind == "date" else cast(made, SQL_TYPES["datetime"])
    # A wall clock that was asked for is a moment again, where the decoded values are such.
    moments = dialect.timezone is not None or _is_zoned(operand.column)
    return _at(made, zone) if zone and kind == "datetime" and moments else made


def _day(unit: str, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first day of a unit."""
    if unit == "day":
        return cast(moment, "DATE")
    if unit == "week":
        days = called("DATEDIFF", literal("DAY"), _monday(), moment)
        weeks = joined(joined(days, "/", literal("7")), "*", literal("7"))
        return called("DATEADD", literal("DAY"), weeks, _monday())
    return _cut(unit, _monday(), moment)


def _cut(unit: str, start: ColumnElement[Any], moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """As many whole units behind a start as a moment is; ``DATETRUNC`` is not there before 2022."""
    sign = literal(unit.upper())
    return called("DATEADD", sign, called("DATEDIFF", sign, start, moment), start)


def _moment(dialect: SQLServerDialect, operand: Operand, zone: str) -> ColumnElement[Any]:
    """What is read: the value itself, or the wall clock of a zone."""
    if not zone or operand.kind not in ("datetime", "any"):
        return operand.sql if operand.kind in _MOMENTS else cast(operand.sql, SQL_TYPES["datetime"])
    moment = operand.sql if operand.kind == "datetime" else cast(operand.sql, SQL_TYPES["datetime"])
    if not _is_zoned(operand.column):
        moment = _at(moment, _zone_of(dialect))
    return cast(_at(moment, zone), SQL_TYPES["datetime"])


def _zone_of(dialect: SQLServerDialect) -> str:
    return str(dialect.timezone or "UTC")


def _is_zoned(column: Column | None) -> bool:
    return column is not None and has_zone(column)


def _at(moment: ColumnElement[Any], zone: str) -> ColumnElement[Any]:
    made: Any = moment.op("AT TIME ZONE")(quoted(windows_zone(zone)))
    return made.self_group()  # type: ignore[no-any-return]
