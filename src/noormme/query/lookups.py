"""The lookups and transforms that can follow a field's name, as one table each.

Invariant: this module says which lookups exist, what operand each takes and what kind each transform
gives; how they are written in SQL is the business of ``query.comparisons`` and of the dialect.
The meaning of every lookup is that of Django's documentation of the same name. Only ``query.custom`` adds to
the tables after the import.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from noormme.errors import LookupNotFound
from noormme.schema.model import Kind

__all__ = [
    "ARRAY_TRANSFORMS",
    "LOOKUPS",
    "TRANSFORMS",
    "LookupRule",
    "OperandStyle",
    "TransformRule",
    "changes",
    "custom_names",
    "lookup_rule",
    "notify_changed",
    "on_change",
    "transform_rule",
]

OperandStyle = Literal["value", "text", "pattern", "list", "pair", "flag", "key", "keys"]
"""What stands on the right: a value of the field's kind, a text, a regular expression, a list, two
ends of a range, True/False, the name of a key, or a list of such names."""

_TEMPORAL: frozenset[Kind] = frozenset({"date", "datetime"})
_CLOCK: frozenset[Kind] = frozenset({"time", "datetime"})
_INSTANT: frozenset[Kind] = frozenset({"datetime"})
_JSON: frozenset[Kind] = frozenset({"json"})
_ARRAY: frozenset[Kind] = frozenset({"array"})


class LookupRule(msgspec.Struct, frozen=True):
    """One lookup.

    Attributes:
        name: What is written after the last ``__``.
        operand: What it takes.
        ignores_case: Whether upper and lower case are the same to it.
        none_is_null: Whether None as a value means IS NULL; elsewhere None is an error.
        takes: The kinds of field that it applies to; empty for all.
        sql: What writes it, for a lookup that a user registered.
        meaning: What it says of a field, for the documentation.
    """

    name: str
    operand: OperandStyle = "value"
    ignores_case: bool = False
    none_is_null: bool = False
    takes: frozenset[Kind] = frozenset()
    sql: Callable[[Any, Any], Any] | None = None
    meaning: str = ""


class TransformRule(msgspec.Struct, frozen=True):
    """One transform.

    Attributes:
        name: What is written after ``__``.
        takes: The kinds of field that it applies to; empty for all.
        gives: The kind that it gives; None for that of the field.
        sql: What writes it, for a transform that a user registered.
        meaning: What it gives, for the documentation.
    """

    name: str
    takes: frozenset[Kind]
    gives: Kind | None
    sql: Callable[[Any], Any] | None = None
    meaning: str = ""


LOOKUPS: dict[str, LookupRule] = {
    lookup.name: lookup
    for lookup in (
        LookupRule("exact", none_is_null=True, meaning="is the value; None is NULL, and in JSON null"),
        LookupRule(
            "iexact",
            "text",
            ignores_case=True,
            none_is_null=True,
            meaning="is the text, ignoring case; None is NULL",
        ),
        LookupRule(
            "contains",
            "text",
            meaning="has the text in it; JSON: all of the document; arrays: all of the elements",
        ),
        LookupRule("icontains", "text", ignores_case=True, meaning="has the text in it, ignoring case"),
        LookupRule("startswith", "text", meaning="begins with the text"),
        LookupRule("istartswith", "text", ignores_case=True, meaning="begins with the text, ignoring case"),
        LookupRule("endswith", "text", meaning="ends with the text"),
        LookupRule("iendswith", "text", ignores_case=True, meaning="ends with the text, ignoring case"),
        LookupRule("gt", meaning="is greater"),
        LookupRule("gte", meaning="is greater or equal"),
        LookupRule("lt", meaning="is less"),
        LookupRule("lte", meaning="is less or equal"),
        LookupRule("in", "list", meaning="is one of them"),
        LookupRule("range", "pair", meaning="lies between them, or is one of them"),
        LookupRule("isnull", "flag", meaning="is NULL, or is not; a part of JSON: is missing, or is not"),
        LookupRule("regex", "pattern", meaning="matches the regular expression"),
        LookupRule(
            "iregex", "pattern", ignores_case=True, meaning="matches the regular expression, ignoring case"
        ),
        LookupRule(
            "contained_by",
            takes=_JSON | _ARRAY,
            meaning="has nothing that the document, or the list, does not have",
        ),
        LookupRule("overlap", takes=_ARRAY, meaning="has one of the elements or more"),
        LookupRule("has_key", "key", takes=_JSON, meaning="has the key"),
        LookupRule("has_keys", "keys", takes=_JSON, meaning="has all of the keys"),
        LookupRule("has_any_keys", "keys", takes=_JSON, meaning="has one of the keys or more"),
    )
}

_OF_JSON: dict[str, LookupRule] = {
    "exact": LookupRule("exact"),
    "contains": LookupRule("contains"),
}
"""Where the meaning of JSON differs: None is the ``null`` of JSON, and ``contains`` looks into documents."""

_OF_ARRAYS: dict[str, LookupRule] = {"contains": LookupRule("contains")}
"""Where the meaning of arrays differs: ``contains`` takes a list."""

TRANSFORMS: dict[str, TransformRule] = {
    transform.name: transform
    for transform in (
        TransformRule("date", _INSTANT, "date", meaning="the date"),
        TransformRule("time", _INSTANT, "time", meaning="the time of day"),
        TransformRule("year", _TEMPORAL, "integer", meaning="the year"),
        TransformRule(
            "iso_year", _TEMPORAL, "integer", meaning="the year to which the week belongs (ISO 8601)"
        ),
        TransformRule("quarter", _TEMPORAL, "integer", meaning="the quarter, from 1 to 4"),
        TransformRule("month", _TEMPORAL, "integer", meaning="the month, from 1 to 12"),
        TransformRule("week", _TEMPORAL, "integer", meaning="the week, from 1 to 53 (ISO 8601)"),
        TransformRule("day", _TEMPORAL, "integer", meaning="the day of the month"),
        TransformRule(
            "week_day", _TEMPORAL, "integer", meaning="the day of the week, from 1 (Sunday) to 7 (Saturday)"
        ),
        TransformRule(
            "iso_week_day", _TEMPORAL, "integer", meaning="the day of the week, from 1 (Monday) to 7 (Sunday)"
        ),
        TransformRule("hour", _CLOCK, "integer", meaning="the hour"),
        TransformRule("minute", _CLOCK, "integer", meaning="the minute"),
        TransformRule("second", _CLOCK, "integer", meaning="the second, without its fraction"),
    )
}

ARRAY_TRANSFORMS: dict[str, TransformRule] = {
    "len": TransformRule("len", _ARRAY, "integer", meaning="the number of elements"),
}
"""Those of arrays alone, whose names are free for transforms of other kinds."""


def transform_rule(name: str, kind: Kind) -> TransformRule | None:
    """The rule of a transform for a value of some kind; None where there is no transform of that name.

    Args:
        name: The name of a transform.
        kind: The kind of the value.
    """
    return (ARRAY_TRANSFORMS.get(name) if kind == "array" else None) or TRANSFORMS.get(name)


def lookup_rule(name: str, kind: Kind) -> LookupRule:
    """The rule of a lookup for a field of some kind.

    Args:
        name: The name of a lookup.
        kind: The kind of the field.

    Raises:
        LookupNotFound: It was unregistered.
    """
    rule = LOOKUPS.get(name)
    if rule is None:
        raise LookupNotFound(f"no lookup '{name}' any more", hint="it was unregistered")
    if kind == "json" and rule.sql is None:
        return _OF_JSON.get(name, rule)
    if kind == "array" and rule.sql is None:
        return _OF_ARRAYS.get(name, rule)
    return rule


_LISTENERS: list[Callable[[], None]] = []


def on_change(listener: Callable[[], None]) -> None:
    """Have something called whenever what was compiled may be out of date.

    Args:
        listener: What to call.
    """
    _LISTENERS.append(listener)


_changes = 0


def changes() -> int:
    """How often something has changed: what was compiled in between may be out of date."""
    return _changes


def custom_names() -> list[str]:
    """The names of the lookups and transforms that the user registered."""
    # Listed first: another thread may register one meanwhile. (Only values are listed in one step.)
    found = [rule.name for rule in list(LOOKUPS.values()) if rule.sql is not None]
    return found + [rule.name for rule in list(TRANSFORMS.values()) if rule.sql is not None]


def notify_changed() -> None:
    """Say that a lookup, a transform or the class of a table's rows was added, replaced or taken away."""
    global _changes
    # Counted first: who compiles meanwhile sees it, or is told to forget.
    _changes += 1
    for listener in _LISTENERS:
        listener()
