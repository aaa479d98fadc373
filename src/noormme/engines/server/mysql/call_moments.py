"""Parts of dates and times, and dates and times cut to a unit, in MySQL and MariaDB.

Invariant: what is read is the wall clock of the decoded Python value, or that of the zone that was asked for.
A moment is one of the settings' zone, or of UTC. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

from noormme.engines.server.mysql.opening import fixed_offset
from noormme.engines.server.mysql.operands import MOMENTS, called, cast, literal, pieced, quoted, spelled
from noormme.errors import NotSupported
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.engines.server.mysql.dialect import MySQLDialect

__all__ = ["extracted", "now", "part", "truncated"]

_DAYS: Mapping[str, str] = {"year": "%Y-01-01", "month": "%Y-%m-01", "day": "%Y-%m-%d"}
_CLOCKS: Mapping[str, str] = {"hour": "%H:00:00", "minute": "%H:%i:00", "second": "%H:%i:%s"}


def now(dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
    """The time of the statement, as the wall clock of the settings' zone or of UTC: that of the session."""
    return called("NOW", literal("6"))


def part(name: str, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """A transform of a date or a time.

    Args:
        name: The part, ``"date"`` or ``"time"``.
        moment: The date or the time.
    """
    if name == "date":
        return called("DATE", moment)
    if name == "time":
        return cast(moment, "TIME(6)")
    if name == "week":
        # The mode of ISO weeks: they begin on Monday, and the first one has four days.
        return called("WEEK", moment, literal("3"))
    if name == "iso_year":
        return pieced(called("YEARWEEK", moment, literal("3")), "DIV 100")
    if name == "week_day":
        return called("DAYOFWEEK", moment)
    if name == "iso_week_day":
        return pieced(called("WEEKDAY", moment), "+ 1")
    if name == "day":
        return called("DAYOFMONTH", moment)
    return called(name.upper(), moment)


def extracted(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """A part of a date or a time as a whole number; the option is the unit and its zone."""
    operand = operands[0]
    unit, _, zone = option.partition("@")
    if zone and operand.kind in ("datetime", "any"):
        return part(unit, _zoned(dialect, operand.sql, zone))
    return part(unit, _moment(operand))


def truncated(
    dialect: MySQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """The beginning of the unit in which a date or a time lies; the option is the unit and its zone."""
    operand = operands[0]
    unit, _, zone = option.partition("@")
    zoned = zone != "" and operand.kind in ("datetime", "any")
    moment = _zoned(dialect, operand.sql, zone) if zoned else _moment(operand)
    if unit in ("date", "time"):
        return part(unit, moment)
    if kind == "time":
        return cast(called("TIME_FORMAT", moment, quoted(_CLOCKS[unit])), "TIME")
    made = _clock(unit, moment) if unit in _CLOCKS else _day(unit, moment)
    if kind == "date":
        return cast(made, "DATE")
    made = cast(made, "DATETIME")
    return _unzoned(dialect, made, zone) if zoned and dialect.timezone is not None else made


def _moment(operand: Operand) -> ColumnElement[Any]:
    return operand.sql if operand.kind in MOMENTS else cast(operand.sql, "DATETIME(6)")


def _clock(unit: str, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    return called("DATE_FORMAT", moment, quoted(f"%Y-%m-%d {_CLOCKS[unit]}"))


def _day(unit: str, moment: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first day of a unit of days."""
    if unit in _DAYS:
        return called("DATE_FORMAT", moment, quoted(_DAYS[unit]))
    if unit == "week":
        return called("SUBDATE", called("DATE", moment), called("WEEKDAY", moment))
    # MAKEDATE() takes a year below 100 for one of this or the last century.
    year = called("DATE_FORMAT", moment, quoted(_DAYS["year"]))
    return called("ADDDATE", year, spelled("INTERVAL", called("QUARTER", moment), "- 1 QUARTER"))


def _zoned(dialect: MySQLDialect, moment: ColumnElement[Any], zone: str) -> ColumnElement[Any]:
    """The wall clock of a zone."""
    return called("CONVERT_TZ", moment, _zone(dialect, str(dialect.timezone or "UTC")), _zone(dialect, zone))


def _unzoned(dialect: MySQLDialect, moment: ColumnElement[Any], zone: str) -> ColumnElement[Any]:
    """The wall clock of the settings' zone from that of another one."""
    return called("CONVERT_TZ", moment, _zone(dialect, zone), _zone(dialect, str(dialect.timezone)))


def _zone(dialect: MySQLDialect, name: str) -> ColumnElement[Any]:
    """A time zone as the server takes it.

    Raises:
        NotSupported: The server has not loaded it.
    """
    offset = fixed_offset(name)
    if offset is None and not dialect.knows_zone(name):
        raise NotSupported(
            f"the server does not know the time zone {name}",
            hint="load its names: mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql",
        )
    return quoted(offset or name)
