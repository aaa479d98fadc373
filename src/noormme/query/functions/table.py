"""The functions that the query language knows: what each gives.

Invariant: what a function gives follows from the kinds of its arguments and its option alone, the same on
every database; a call without a meaning raises here. A function that is not in the table is the database's
own, and its values come as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from noormme.errors import InvalidQuery
from noormme.schema.model import Kind

__all__ = ["FUNCTIONS", "Rule", "common_kind"]

Gives = Callable[[tuple[Kind, ...], str], Kind]


class Rule(msgspec.Struct, frozen=True):
    """What is known of a function.

    Attributes:
        gives: The kind of its values, or what finds it from the kinds of the arguments and the option; that
            raises InvalidQuery for arguments that have no meaning.
        like: The argument in whose stored form its values come; None where they have a form of their own.
        several: Whether its values are those of any argument from ``like`` on; they come in the form that all
            of those have, or else in one of their own.
        window: Whether it needs a window.
        aggregate: Whether it is over many rows.
    """

    gives: Kind | Gives
    like: int | None = None
    several: bool = False
    window: bool = False
    aggregate: bool = False


_NUMBERS: frozenset[Kind] = frozenset({"boolean", "integer", "real", "decimal"})
_MOMENTS: frozenset[Kind] = frozenset({"date", "time", "datetime"})


def _same(kinds: tuple[Kind, ...], option: str) -> Kind:
    """The kind of the first argument."""
    return kinds[0] if kinds else "any"


def common_kind(kinds: Iterable[Kind]) -> Kind:
    """The kind that several values have in common; ``"any"`` where they have none.

    Args:
        kinds: Their kinds.
    """
    known = set(kinds) - {"any"}
    if len(known) == 1:
        return known.pop()
    if known and known <= _NUMBERS:
        # As on PostgreSQL: a float beside a decimal makes floats.
        return "real" if "real" in known else "decimal" if "decimal" in known else "integer"
    return "datetime" if known == {"date", "datetime"} else "any"


def _common(kinds: tuple[Kind, ...], option: str) -> Kind:
    """The kind that the arguments have in common."""
    return common_kind(kinds)


# -- numbers ------------------------------------------------------------------------------------------


_AS_NUMBERS: Mapping[Kind, Kind] = {"boolean": "integer", "text": "real"}


def _whole_or_same(kinds: tuple[Kind, ...], option: str) -> Kind:
    """The kind of the number; a whole number for booleans, and a float for the text of a number."""
    kind = _same(kinds, option)
    return _AS_NUMBERS.get(kind, kind)


def _fraction(kinds: tuple[Kind, ...], option: str) -> Kind:
    """A float, or a decimal where one goes in and no float."""
    return "decimal" if "decimal" in kinds and "real" not in kinds else "real"


def _remainder(kinds: tuple[Kind, ...], option: str) -> Kind:
    """The kind that the numbers have in common."""
    kind = _common(kinds, option)
    return "integer" if kind == "boolean" else kind


_AVERAGES: Mapping[str, Kind] = {"decimal": "decimal", "duration": "duration"}


def _average(kinds: tuple[Kind, ...], option: str) -> Kind:
    """A float; a decimal or a duration of such."""
    return _AVERAGES.get(_same(kinds, option), "real")


# -- dates and times ----------------------------------------------------------------------------------

_CLOCK_UNITS = frozenset({"hour", "minute", "second"})
_UNITS = frozenset({"year", "quarter", "month", "week", "day"}) | _CLOCK_UNITS
_PARTS = _UNITS | {"iso_year", "week_day", "iso_week_day"}


def _check_unit(function: str, kind: Kind, unit: str, known: frozenset[str]) -> None:
    """Raise where a value of that kind has no such part."""
    if unit not in known:
        raise InvalidQuery(f"{function} does not know this unit", hint=f"write {function}(field, unit)")
    if kind not in _MOMENTS | {"any"}:
        raise InvalidQuery(f"{function} needs a date or a time, not {kind}", hint="use Cast(…) first")
    of_clock = unit in _CLOCK_UNITS or unit == "time"
    if (kind == "date" and of_clock) or (kind == "time" and not of_clock):
        raise InvalidQuery(f"a {kind} has no {unit}")


def _extract(kinds: tuple[Kind, ...], option: str) -> Kind:
    """A whole number."""
    _check_unit("Extract", _same(kinds, option), option.partition("@")[0], _PARTS)
    return "integer"


def _trunc(kinds: tuple[Kind, ...], option: str) -> Kind:
    """A date, a time or a datetime: what is cut, or the part that is asked for."""
    kind, unit = _same(kinds, option), option.partition("@")[0]
    _check_unit("Trunc", kind, unit, _UNITS | {"date", "time"})
    if unit == "date":
        return "date"
    return "time" if unit == "time" else "datetime" if kind == "any" else kind


# -- types --------------------------------------------------------------------------------------------

_FROM_TEXT: frozenset[Kind] = frozenset(
    {"integer", "real", "decimal", "boolean", "date", "time", "datetime", "uuid", "json", "blob"}
)
_CASTS: Mapping[str, frozenset[Kind]] = {
    "text": _FROM_TEXT,
    "integer": frozenset({"real", "decimal", "boolean"}),
    "real": frozenset({"integer", "decimal"}),
    "decimal": frozenset({"integer", "real"}),
    "boolean": frozenset({"integer"}),
    "date": frozenset({"datetime"}),
    "datetime": frozenset({"date", "time"}),
}
"""By kind, what PostgreSQL casts it to besides text and itself."""


def _cast(kinds: tuple[Kind, ...], option: str) -> Kind:
    """The kind that is asked for."""
    source = _same(kinds, option)
    for target in (*_FROM_TEXT, "text", "duration", "any"):
        if option != target:
            continue
        if source in ("any", target) or target in ("text", "any") or target in _CASTS.get(source, ()):
            return target
        step = "an int or a text" if source in _NUMBERS else "a text"
        raise InvalidQuery(f"Cast cannot make {target} of {source}", hint=f"cast it to {step} first")
    raise InvalidQuery("Cast does not know this type")


# -- the table ----------------------------------------------------------------------------------------


def _rules(names: str, rule: Rule) -> dict[str, Rule]:
    return dict.fromkeys(names.split(), rule)


FUNCTIONS: Mapping[str, Rule] = {
    # Text.
    **_rules("chr concat left lower lpad ltrim repeat replace reverse right rpad rtrim", Rule("text")),
    **_rules("substr trim upper md5 sha1 sha224 sha256 sha384 sha512", Rule("text")),
    **_rules("length ord strindex", Rule("integer")),
    # Numbers.
    **_rules("abs ceil floor round sign", Rule(_whole_or_same)),
    **_rules("acos asin atan atan2 cos cot degrees exp ln log power radians sin sqrt tan", Rule(_fraction)),
    **_rules("pi random", Rule("real")),
    "mod": Rule(_remainder),
    # Dates and times.
    "extract": Rule(_extract),
    "now": Rule("datetime"),
    "trunc": Rule(_trunc),
    # Choices and types.
    "cast": Rule(_cast),
    **_rules("coalesce greatest least", Rule(_common, like=0, several=True)),
    **_rules("collate nullif", Rule(_same, like=0)),
    # Documents.
    **_rules("json_array json_object", Rule("json")),
    # Windows.
    **_rules("dense_rank ntile rank row_number", Rule("integer", window=True)),
    **_rules("cume_dist percent_rank", Rule("real", window=True)),
    **_rules("first_value last_value nth_value", Rule(_same, like=0, window=True)),
    **_rules("lag lead", Rule(_same, like=0, several=True, window=True)),
    # Aggregates.
    "avg": Rule(_average, aggregate=True),
    "count": Rule("integer", aggregate=True),
    "sum": Rule(_whole_or_same, aggregate=True),
    **_rules("any_value max min", Rule(_same, like=0, aggregate=True)),
    **_rules("stddev_pop stddev_samp variance_pop variance_samp", Rule(_fraction, aggregate=True)),
    "string_agg": Rule("text", aggregate=True),
}
"""By name, what each function of the language gives."""
