"""Wanted differences in functions, made equal on Django's side.

Invariant: the meaning is PostgreSQL's, which noormme follows on every database and Django leaves to SQLite;
``deviations`` has the list.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import (
    BooleanField,
    DecimalField,
    FilteredRelation,
    FloatField,
    IntegerField,
    TextField,
    TimeField,
)
from django.db.models.expressions import BaseExpression, CombinedExpression, _connector_combinators
from django.db.models.functions import Cast, Chr, Greatest, Least, Lower, Mod, Ord, Round, Upper
from django.db.models.sql.query import Query
from django.utils.functional import cached_property

__all__ = ["add_functions", "change"]

Written = tuple[str, Any]


def add_functions(connection: Any) -> None:
    """Give a connection the functions that the changes call."""
    connection.create_function("ORACLE_GREATEST", -1, _passing_over_null(max), deterministic=True)
    connection.create_function("ORACLE_LEAST", -1, _passing_over_null(min), deterministic=True)
    connection.create_function("ORACLE_CLOCK", 1, _clock, deterministic=True)
    connection.create_function("ORACLE_WHOLE", 1, _whole, deterministic=True)
    connection.create_function("ORACLE_LOWER", 1, _of_text(_lower), deterministic=True)
    connection.create_function("ORACLE_UPPER", 1, _of_text(_upper), deterministic=True)
    connection.create_function("ORACLE_ORD", 1, _of_text(lambda text: ord(text[0]) if text else 0))
    connection.create_function("ORACLE_CHR", 1, _character, deterministic=True)
    connection.create_function("ORACLE_ROUND", 2, _rounded, deterministic=True)
    connection.create_function("MOD", 2, _rest, deterministic=True)
    connection.create_function("POWER", 2, _power, deterministic=True)
    connection.create_function("LOG", 2, _logarithm, deterministic=True)
    connection.create_function("COT", 1, _cotangent, deterministic=True)
    for name, choose in (("GREATEST", max), ("LEAST", min)):
        connection.create_function(f"ORACLE_{name}_NUMBER", -1, _number(_passing_over_null(choose)))


def change() -> None:
    """Change Django for this process."""
    for function in (Greatest, Least, Lower, Upper, Ord, Chr, Round):
        function.as_sqlite = _named(f"ORACLE_{function.__name__.upper()}")  # type: ignore[method-assign, union-attr]
    CombinedExpression.as_sqlite = _divided(CombinedExpression.as_sqlite)  # type: ignore[method-assign]
    Cast.as_sqlite = _cast(Cast.as_sqlite)  # type: ignore[method-assign]
    Mod._resolve_output_field = _whole_for_whole(Mod._resolve_output_field)  # type: ignore[method-assign]
    _connector_combinators["^"].insert(0, (IntegerField, IntegerField, FloatField))
    BaseExpression.convert_value = cached_property(_converted)  # type: ignore[assignment]
    BaseExpression.convert_value.__set_name__(BaseExpression, "convert_value")
    Query.resolve_lookup_value = _noting_joins(Query.resolve_lookup_value)  # type: ignore[method-assign]
    Query.build_filter = _needing_no_row(Query.build_filter)  # type: ignore[method-assign]
    FilteredRelation.as_sql = _without_rows(FilteredRelation.as_sql)  # type: ignore[method-assign]
    Query.join = _keeping_rows(Query.join)  # type: ignore[method-assign]


def _passing_over_null(choose: Callable[..., Any]) -> Callable[..., Any]:
    def chosen(*values: Any) -> Any:
        known = [value for value in values if value is not None]
        return choose(known) if known else None

    return chosen


def _number(choose: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: choose(*(None if value is None else float(value) for value in values))


def _rest(value: Any, divisor: Any) -> Any:
    """What a division leaves, by the digits that the numbers show; whole for whole numbers."""
    if value is None or not divisor:
        return None
    rest = Context(prec=400).remainder(Decimal(str(value)), Decimal(str(divisor)))
    return int(rest) if isinstance(value, int) and isinstance(divisor, int) else float(rest)


def _rounded(value: Any, places: Any) -> Any:
    """Half of the last digit that a number shows goes away from zero; SQLite looks at its binary fraction."""
    if value is None or places is None or isinstance(value, int):
        return value
    if not math.isfinite(value):
        return value
    return float(Decimal(str(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, Context(prec=400)))


def _power(value: Any, exponent: Any) -> float | None:
    """PostgreSQL refuses what is no number; noormme gives NULL."""
    try:
        return None if value is None or exponent is None else math.pow(value, exponent)
    except (OverflowError, ValueError):
        return None


def _logarithm(base: Any, value: Any) -> float | None:
    """With more digits than a float has, so that the logarithm of 1000 to the base 10 is 3."""
    if base is None or value is None or base <= 0 or base == 1 or value <= 0:
        return None
    exact = Context(prec=30)
    return float(exact.divide(exact.ln(Decimal(str(value))), exact.ln(Decimal(str(base)))))


def _cotangent(value: Any) -> float | None:
    tangent = None if value is None else math.tan(value)
    return 1 / tangent if tangent else None


def _of_text(function: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else function(str(value))


def _lower(text: str) -> str:
    """Letter by letter, as PostgreSQL does it: one letter never becomes two."""
    return "".join(letter.lower()[:1] for letter in text)


def _upper(text: str) -> str:
    """Letter by letter, as ``_lower``."""
    changes = ((letter.upper(), letter.title(), letter) for letter in text)
    return "".join(next(made for made in change if len(made) == 1) for change in changes)


def _character(value: Any) -> Any:
    """PostgreSQL refuses what is no character; noormme gives NULL."""
    known = isinstance(value, int) and 0 < value < 0x110000 and not 0xD800 <= value < 0xE000
    return chr(value) if known else None


def _whole(value: Any) -> Any:
    """PostgreSQL rounds the half of a float to the even side."""
    return value if value is None else round(float(value))


def _clock(value: Any) -> Any:
    return value[11:] if isinstance(value, str) and len(value) > 10 else value


def _named(name: str) -> Callable[..., Written]:
    def as_sqlite(self: Any, compiler: Any, connection: Any, **options: Any) -> Written:
        decimal = isinstance(self.output_field, DecimalField)
        function = f"{name}_NUMBER" if decimal and isinstance(self, Greatest | Least) else name
        sql, values = self.as_sql(compiler, connection, function=function, **options)
        return (f"CAST({sql} AS NUMERIC)" if decimal else sql), values

    return as_sqlite


def _divided(original: Callable[..., Written]) -> Callable[..., Written]:
    def as_sqlite(self: Any, compiler: Any, connection: Any, **options: Any) -> Written:
        rest = self.connector == "%%" and isinstance(self.output_field, FloatField)
        if not rest and (self.connector != "/" or not isinstance(self.output_field, DecimalField)):
            return original(self, compiler, connection, **options)
        left, left_values = compiler.compile(self.lhs)
        right, right_values = compiler.compile(self.rhs)
        if rest:
            return f"MOD({left}, {right})", (*left_values, *right_values)
        return f"CAST(CAST({left} AS REAL) / {right} AS NUMERIC)", (*left_values, *right_values)

    return as_sqlite


def _whole_for_whole(original: Callable[..., Any]) -> Callable[..., Any]:
    def resolve(self: Any) -> Any:
        sources = self.get_source_fields()
        whole = all(isinstance(getattr(one, "target_field", one), IntegerField) for one in sources)
        return IntegerField() if whole else original(self)

    return resolve


_converter: Callable[[Any], Any] = BaseExpression.convert_value.func


def _converted(self: Any) -> Any:
    """A whole number beyond 64 bits stays the float that SQLite computed."""
    convert = _converter(self)
    if not self.output_field.get_internal_type().endswith("IntegerField"):
        return convert

    def converted(value: Any, expression: Any, connection: Any) -> Any:
        beyond = isinstance(value, float) and abs(value) >= 2**63
        return value if beyond else convert(value, expression, connection)

    return converted


def _cast(original: Callable[..., Written]) -> Callable[..., Written]:
    def as_sqlite(self: Any, compiler: Any, connection: Any, **options: Any) -> Written:
        to, source = self.output_field, self.get_source_expressions()[0].output_field
        template = None
        if isinstance(to, IntegerField) and isinstance(source, DecimalField | FloatField):
            rounded = "ORACLE_WHOLE" if isinstance(source, FloatField) else "ROUND"
            template = f"CAST({rounded}(%(expressions)s) AS integer)"
        elif isinstance(to, TextField) and isinstance(source, BooleanField):
            template = "CASE %(expressions)s WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
        elif isinstance(to, TimeField):
            template = "ORACLE_CLOCK(%(expressions)s)"
        if template is None:
            return original(self, compiler, connection, **options)
        written: Written = self.as_sql(compiler, connection, template=template, **options)
        return written

    return as_sqlite


_joined: list[set[str]] = []
"""For each condition in the making: the joins that the expression on its right side made."""


def _noting_joins(original: Callable[..., Any]) -> Callable[..., Any]:
    def resolve_lookup_value(self: Any, value: Any, *args: Any, **options: Any) -> Any:
        before = dict(self.alias_refcount)
        resolved = original(self, value, *args, **options)
        several = isinstance(value, list | tuple)
        if _joined and (several or getattr(resolved, "get_source_expressions", tuple)()):
            _joined[-1] |= {
                alias for alias, count in self.alias_refcount.items() if count > before.get(alias, 0)
            }
        return resolved

    return resolve_lookup_value


def _keeping_rows(original: Callable[..., Any]) -> Callable[..., Any]:
    def join(self: Any, join: Any, reuse: Any = None) -> Any:
        if getattr(join, "filtered_relation", None) is not None:
            join.nullable = True
        return original(self, join, reuse)

    return join


def _without_rows(original: Callable[..., Written]) -> Callable[..., Written]:
    def as_sql(self: Any, compiler: Any, connection: Any) -> Written:
        try:
            return original(self, compiler, connection)
        except EmptyResultSet:
            return "1 = 0", ()

    return as_sql


def _needing_no_row(original: Callable[..., Any]) -> Callable[..., Any]:
    def build_filter(self: Any, *args: Any, **options: Any) -> Any:
        _joined.append(set())
        try:
            clause, needed = original(self, *args, **options)
            return clause, set(needed) - _joined[-1]
        finally:
            _joined.pop()

    return build_filter
