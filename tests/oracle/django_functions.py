"""Wanted differences in functions and documents, made equal on Django's side.

Invariant: the meaning is PostgreSQL's, which noormme follows on every database and Django leaves to SQLite;
``deviations`` has the list.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import BooleanField, DecimalField, FloatField, IntegerField, TextField, TimeField
from django.db.models.expressions import CombinedExpression
from django.db.models.fields.json import (
    KeyTransformGt,
    KeyTransformGte,
    KeyTransformLt,
    KeyTransformLte,
    compile_json_path,
)
from django.db.models.functions import Cast, Chr, Greatest, Least, Lower, Ord, Upper
from django.db.models.sql.query import Query

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
    for name, choose in (("GREATEST", max), ("LEAST", min)):
        connection.create_function(f"ORACLE_{name}_NUMBER", -1, _number(_passing_over_null(choose)))


def change() -> None:
    """Change Django for this process."""
    for function in (Greatest, Least, Lower, Upper, Ord, Chr):
        function.as_sqlite = _named(f"ORACLE_{function.__name__.upper()}")  # type: ignore[method-assign, union-attr]
    CombinedExpression.as_sqlite = _divided(CombinedExpression.as_sqlite)  # type: ignore[method-assign]
    Cast.as_sqlite = _cast(Cast.as_sqlite)  # type: ignore[method-assign]
    for lookup in (KeyTransformGt, KeyTransformGte, KeyTransformLt, KeyTransformLte):
        lookup.as_sqlite = _of_numbers  # type: ignore[attr-defined]
    Query.resolve_lookup_value = _noting_joins(Query.resolve_lookup_value)  # type: ignore[method-assign]
    Query.build_filter = _needing_no_row(Query.build_filter)  # type: ignore[method-assign]
    Query.join = _keeping_rows(Query.join)  # type: ignore[method-assign]


def _passing_over_null(choose: Callable[..., Any]) -> Callable[..., Any]:
    def chosen(*values: Any) -> Any:
        known = [value for value in values if value is not None]
        return choose(known) if known else None

    return chosen


def _number(choose: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: choose(*(None if value is None else float(value) for value in values))


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
        several = isinstance(self, Greatest | Least) and isinstance(self.output_field, DecimalField)
        function = f"{name}_NUMBER" if several else name
        sql, values = self.as_sql(compiler, connection, function=function, **options)
        return (f"CAST({sql} AS NUMERIC)" if several else sql), values

    return as_sqlite


def _divided(original: Callable[..., Written]) -> Callable[..., Written]:
    def as_sqlite(self: Any, compiler: Any, connection: Any, **options: Any) -> Written:
        if self.connector != "/" or not isinstance(self.output_field, DecimalField):
            return original(self, compiler, connection, **options)
        left, left_values = compiler.compile(self.lhs)
        right, right_values = compiler.compile(self.rhs)
        return f"CAST(CAST({left} AS REAL) / {right} AS NUMERIC)", (*left_values, *right_values)

    return as_sqlite


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


def _of_numbers(self: Any, compiler: Any, connection: Any) -> Written:
    sql, values = self.as_sql(compiler, connection)
    inner, inner_values, keys = self.lhs.preprocess_lhs(compiler, connection)
    kinds = "('integer', 'real')" if isinstance(self.rhs, int | float) else "('text')"
    kind = f"JSON_TYPE({inner}, %s) IN {kinds}"
    return f"({sql} AND {kind})", (*values, *inner_values, compile_json_path(keys))


_joined: list[set[str]] = []
"""For each condition in the making: the joins that the expression on its right side made."""


def _noting_joins(original: Callable[..., Any]) -> Callable[..., Any]:
    def resolve_lookup_value(self: Any, value: Any, *args: Any, **options: Any) -> Any:
        before = dict(self.alias_refcount)
        resolved = original(self, value, *args, **options)
        if _joined and hasattr(resolved, "get_source_expressions") and resolved.get_source_expressions():
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


def _needing_no_row(original: Callable[..., Any]) -> Callable[..., Any]:
    def build_filter(self: Any, *args: Any, **options: Any) -> Any:
        _joined.append(set())
        try:
            clause, needed = original(self, *args, **options)
            return clause, set(needed) - _joined[-1]
        finally:
            _joined.pop()

    return build_filter
