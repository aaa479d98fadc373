"""Computed values in the form in which a column stores its values, in plain SQL.

Invariant: what is written equals what the column's encoder writes for the same value; a form that plain SQL
cannot write is refused when the query is compiled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from noormme.engines.clauses import literal
from noormme.engines.libsql.plain import casts, moments
from noormme.engines.libsql.plain.writing import Write, filled, word
from noormme.engines.sqlite.functions.stored import Conversion, conversion_of
from noormme.errors import NotSupported

__all__ = ["WRITERS"]

_MOMENTS = ("date", "time", "datetime")


def _stored(arguments: Sequence[ColumnElement[Any]]) -> ColumnElement[Any]:
    value = arguments[0]
    conversion = conversion_of(word(arguments[1]))
    target, form = conversion.target, conversion.form
    if target in _MOMENTS and form.layout == "iso" and not form.offset and not form.base_day:
        made = _moment(conversion, value)
        if made is not None:
            return filled("coalesce({0}, {1})", made, value)
    if target == "boolean" and form.words == (0, 1):
        return filled(
            "coalesce({0}, {1})", casts.WRITERS["noormme_boolean"]([value, literal("'boolean'")]), value
        )
    if target == "uuid" and form.layout == "hyphenated" and not form.upper:
        return filled("coalesce({0}, {1})", casts.WRITERS["noormme_uuid"]([value]), value)
    if target == "decimal":
        return _decimal(conversion, value)
    raise NotSupported(
        f"libSQL cannot compute a {target} in the form in which this column stores its values",
        hint="compute it in Python and save the objects, or bulk_update() them",
    )


def _moment(conversion: Conversion, value: ColumnElement[Any]) -> ColumnElement[Any] | None:
    form, target = conversion.form, conversion.target
    unit = [] if conversion.unit is None else [literal(f"'{conversion.unit}'")]
    if target == "time":
        return moments.WRITERS["noormme_time"]([value, *unit]) if form.timespec == "auto" else None
    moment = moments.WRITERS["noormme_datetime"]([value, *unit])
    if target == "date" and form.timespec == "days":
        return filled("substr({0}, 1, 10)", moment)
    if form.timespec == "auto":
        return moment if form.separator == " " else filled("replace({0}, ' ', 'T')", moment)
    if form.timespec == "seconds":
        cut = filled("substr({0}, 1, 19)", moment)
        return cut if form.separator == " " else filled("replace({0}, ' ', 'T')", cut)
    return None


def _decimal(conversion: Conversion, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """A decimal as the text, or as the number, that the column keeps."""
    if conversion.into in ("text", "blob"):
        return casts.WRITERS["noormme_text"]([value, literal("'decimal'")])
    return value


WRITERS: Mapping[str, Write] = {"noormme_stored": _stored}
"""By the names of the functions, what writes a call of them."""
