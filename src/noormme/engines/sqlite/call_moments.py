"""Parts of dates and times, and dates and times cut to a unit, in SQLite.

Invariant: what is read is the wall clock of the decoded Python value, or that of the zone that was asked for.
What is given is text in the form of SQLite's own functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement

from noormme.engines.sqlite.forms import unit_in
from noormme.engines.sqlite.operands import MOMENTS, as_moment, called, literal, quoted
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Kind

if TYPE_CHECKING:
    from noormme.engines.sqlite.dialect import SQLiteDialect

__all__ = ["extracted", "now", "truncated"]

_DAYS: Mapping[str, str] = {"year": "%Y-01-01", "month": "%Y-%m-01"}
_CLOCKS: Mapping[str, str] = {"hour": "%H:00:00", "minute": "%H:%M:00", "second": "%H:%M:%S"}


def now(dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind) -> ColumnElement[Any]:
    """The time of the statement, as the wall clock of the settings' zone or of UTC."""
    return called("noormme_datetime", literal("unixepoch('now', 'subsec')"), quoted("s"))


def extracted(
    dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """A part of a date or a time as a whole number; the option is the unit and its zone."""
    operand = operands[0]
    unit, _, zone = option.partition("@")
    if zone and operand.kind in ("datetime", "any"):
        return dialect.expressions.transform(unit, _zoned(dialect, operand, zone), "datetime", None, None)
    if operand.kind not in MOMENTS:
        moment = as_moment(dialect, operand, "datetime")
        return dialect.expressions.transform(unit, moment, "datetime", None, None)
    return dialect.expressions.transform(unit, operand.sql, operand.kind, operand.table, operand.column)


def truncated(
    dialect: SQLiteDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """The beginning of the unit in which a date or a time lies; the option is the unit and its zone."""
    operand = operands[0]
    unit, _, zone = option.partition("@")
    zoned = zone != "" and operand.kind in ("datetime", "any")
    moment = [_zoned(dialect, operand, zone)] if zoned else _moment(dialect, operand)
    if unit == "time":
        return called("noormme_time", *moment) if zoned else as_moment(dialect, operand, "time")
    if unit in _CLOCKS and kind == "time":
        return called("strftime", quoted(_CLOCKS[unit]), *moment)
    if unit in _CLOCKS:
        made = called("strftime", quoted(f"%Y-%m-%d {_CLOCKS[unit]}"), *moment)
    else:
        made = _day(unit, moment, "" if kind == "date" else " 00:00:00")
    if zoned and kind == "datetime" and dialect.timezone is not None:
        return called("noormme_unzoned", made, quoted(zone))
    return made


def _moment(dialect: SQLiteDialect, operand: Operand) -> list[Any]:
    """A moment as the arguments of SQLite's date functions."""
    if operand.kind == "time":
        return [as_moment(dialect, operand, "time")]
    if operand.kind not in MOMENTS:
        return [as_moment(dialect, operand, "datetime")]
    form = dialect.bound_form(operand.kind, operand.table, operand.column)
    return dialect.expressions.moment(form, operand.sql)


def _zoned(dialect: SQLiteDialect, operand: Operand, zone: str) -> ColumnElement[Any]:
    """The wall clock of a zone."""
    unit = unit_in(dialect.bound_form(operand.kind, operand.table, operand.column))
    return called("noormme_zoned", operand.sql, quoted(zone), *([] if unit is None else [quoted(unit)]))


def _day(unit: str, moment: list[Any], clock: str) -> ColumnElement[Any]:
    """The first day of a unit of days, with a time of day behind it."""
    if unit in _DAYS:
        return called("strftime", quoted(_DAYS[unit] + clock), *moment)
    if unit in ("day", "date"):
        return called("strftime", quoted("%Y-%m-%d" + clock), *moment)
    # SQLite moves what it has rounded to milliseconds, so the day comes first: that is never rounded up.
    day = called("date", *moment)
    if unit == "week":
        return called("strftime", quoted("%Y-%m-%d" + clock), day, quoted("weekday 0"), quoted("-6 days"))
    months = called("strftime", quoted("%m"), *moment).op("-")(literal("1")).self_group()
    back = literal("'-'").op("||")(months.op("%")(literal("3")).self_group()).op("||")(literal("' months'"))
    return called("strftime", quoted("%Y-%m-01" + clock), day, quoted("start of month"), back)
