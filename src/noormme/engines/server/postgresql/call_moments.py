"""Parts of dates and times, and dates and times cut to a unit, in PostgreSQL.

Invariant: what is read is the wall clock of the decoded Python value, or that of the zone that was asked for.
A moment without a zone is one of the settings' zone, or of UTC. This module imports SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement
from sqlalchemy.sql.expression import extract

from noormme.engines.server.postgresql.operands import called, cast, literal, quoted
from noormme.engines.server.postgresql.types import has_zone
from noormme.query.dialect_expressions import Operand
from noormme.schema.model import Column, Kind

if TYPE_CHECKING:
    from noormme.engines.server.postgresql.dialect import PostgreSQLDialect

__all__ = ["extracted", "now", "part", "truncated"]

_FIELDS: Mapping[str, str] = {
    "iso_week_day": "isodow",
    "iso_year": "isoyear",
    "week_day": "dow",
}
"""What PostgreSQL calls a part, where it has another name for it."""

_MOMENTS: frozenset[Kind] = frozenset({"date", "time", "datetime"})


def now(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """The time of the statement: the wall clock of UTC, or with an offset where the settings say a zone."""
    moment = called("statement_timestamp")
    return moment if dialect.timezone is not None else _at(moment, "UTC")


def part(name: str, moment: ColumnElement[Any], kind: Kind) -> ColumnElement[Any]:
    """A transform of a date or a time.

    Args:
        name: The part, ``"date"`` or ``"time"``.
        moment: The date or the time.
        kind: Its kind.
    """
    if name == "date":
        return cast(moment, "DATE")
    if name == "time":
        return cast(moment, "TIME")
    number: ColumnElement[Any] = extract(_FIELDS.get(name, name), moment)
    if name == "second":
        number = called("floor", number)
    found = cast(number, "BIGINT")
    if name == "week_day":
        shifted: Any = found.op("+")(literal("1"))
        return shifted.self_group()  # type: ignore[no-any-return]
    return found


def extracted(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """A part of a date or a time as a whole number; the option is the unit and its zone."""
    operand = operands[0]
    unit, _, zone = option.partition("@")
    if zone and operand.kind in ("datetime", "any"):
        return part(unit, _zoned(dialect, operand, zone), "datetime")
    moment = operand.sql if operand.kind in _MOMENTS else cast(operand.sql, "TIMESTAMP")
    return part(unit, moment, operand.kind)


def truncated(
    dialect: PostgreSQLDialect, operands: Sequence[Operand], option: str, kind: Kind
) -> ColumnElement[Any]:
    """The beginning of the unit in which a date or a time lies; the option is the unit and its zone."""
    operand = operands[0]
    unit, _, zone = option.partition("@")
    zoned = zone != "" and operand.kind in ("datetime", "any")
    if zoned:
        moment = _zoned(dialect, operand, zone)
    else:
        moment = operand.sql if operand.kind in _MOMENTS else cast(operand.sql, "TIMESTAMP")
    if unit in ("date", "time"):
        return cast(moment, unit.upper())
    if kind == "time":
        return cast(called("date_trunc", quoted(unit), cast(cast(moment, "TIME"), "INTERVAL")), "TIME")
    if operand.kind == "date":
        moment = cast(moment, "TIMESTAMP")
    made = called("date_trunc", quoted(unit), moment)
    if kind == "date":
        return cast(made, "DATE")
    if zoned and (dialect.timezone is not None or _is_zoned(operand.column)):
        return _at(made, zone)
    return made


def _zoned(dialect: PostgreSQLDialect, operand: Operand, zone: str) -> ColumnElement[Any]:
    """The wall clock of a zone."""
    moment = operand.sql
    if operand.kind == "any":
        moment = cast(moment, "TIMESTAMP")
    if not _is_zoned(operand.column):
        moment = _at(cast(moment, "TIMESTAMP"), str(dialect.timezone or "UTC"))
    return _at(moment, zone)


def _is_zoned(column: Column | None) -> bool:
    return column is not None and has_zone(column)


def _at(moment: ColumnElement[Any], zone: str) -> ColumnElement[Any]:
    if zone.startswith(("+", "-")):
        # A text of digits would be a name of POSIX, which counts to the west; an interval counts to the east.
        return called("timezone", cast(quoted(zone), "INTERVAL"), moment)
    return called("timezone", quoted(zone), moment)
