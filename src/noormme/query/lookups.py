"""The lookups and transforms that can follow a field's name, as one table each.

Invariant: this module says which lookups exist, what operand each takes and what kind each transform
gives; how they are written in SQL is the business of ``query.where`` and of the dialect.
The meaning of every lookup is that of Django's documentation of the same name.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from noormme.schema.model import Kind

__all__ = ["LOOKUPS", "TRANSFORMS", "Lookup", "OperandStyle", "Transform"]

OperandStyle = Literal["value", "text", "pattern", "list", "pair", "flag"]
"""What stands on the right: a value of the field's kind, a text, a regular expression, a list, two
ends of a range, or True/False."""

_TEMPORAL: frozenset[Kind] = frozenset({"date", "datetime"})
_CLOCK: frozenset[Kind] = frozenset({"time", "datetime"})
_INSTANT: frozenset[Kind] = frozenset({"datetime"})


class Lookup(msgspec.Struct, frozen=True):
    """One lookup.

    Attributes:
        name: What is written after the last ``__``.
        operand: What it takes.
        ignores_case: Whether upper and lower case are the same to it.
        none_is_null: Whether None as a value means IS NULL; elsewhere None is an error.
    """

    name: str
    operand: OperandStyle = "value"
    ignores_case: bool = False
    none_is_null: bool = False


class Transform(msgspec.Struct, frozen=True):
    """One transform: what kinds of field it applies to, and the kind that it gives."""

    name: str
    takes: frozenset[Kind]
    gives: Kind


LOOKUPS: dict[str, Lookup] = {
    lookup.name: lookup
    for lookup in (
        Lookup("exact", none_is_null=True),
        Lookup("iexact", "text", ignores_case=True, none_is_null=True),
        Lookup("contains", "text"),
        Lookup("icontains", "text", ignores_case=True),
        Lookup("startswith", "text"),
        Lookup("istartswith", "text", ignores_case=True),
        Lookup("endswith", "text"),
        Lookup("iendswith", "text", ignores_case=True),
        Lookup("gt"),
        Lookup("gte"),
        Lookup("lt"),
        Lookup("lte"),
        Lookup("in", "list"),
        Lookup("range", "pair"),
        Lookup("isnull", "flag"),
        Lookup("regex", "pattern"),
        Lookup("iregex", "pattern", ignores_case=True),
    )
}

TRANSFORMS: dict[str, Transform] = {
    transform.name: transform
    for transform in (
        Transform("date", _INSTANT, "date"),
        Transform("time", _INSTANT, "time"),
        Transform("year", _TEMPORAL, "integer"),
        Transform("iso_year", _TEMPORAL, "integer"),
        Transform("quarter", _TEMPORAL, "integer"),
        Transform("month", _TEMPORAL, "integer"),
        Transform("week", _TEMPORAL, "integer"),
        Transform("day", _TEMPORAL, "integer"),
        Transform("week_day", _TEMPORAL, "integer"),
        Transform("iso_week_day", _TEMPORAL, "integer"),
        Transform("hour", _CLOCK, "integer"),
        Transform("minute", _CLOCK, "integer"),
        Transform("second", _CLOCK, "integer"),
    )
}
