"""Wanted differences in JSON, made equal on Django's side.

Invariant: the meaning is Django's on PostgreSQL, which noormme follows on every database; ``deviations`` has the list.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, DateTimeField, Field, FloatField, Func, TimeField
from django.db.models.expressions import BaseExpression, OrderBy
from django.db.models.fields.json import (
    JSONExact,
    JSONField,
    KeyTextTransform,
    KeyTransform,
    KeyTransformExact,
    KeyTransformGt,
    KeyTransformGte,
    KeyTransformLt,
    KeyTransformLte,
    KeyTransformTextLookupMixin,
    compile_json_path,
)
from django.db.models.functions import JSONArray, JSONObject
from django.db.models.lookups import In, Range

__all__ = ["add_functions", "change"]

Written = tuple[str, Any]

_TEXT_LOOKUPS = (
    "icontains",
    "startswith",
    "istartswith",
    "endswith",
    "iendswith",
    "iexact",
    "regex",
    "iregex",
)


def add_functions(connection: Any) -> None:
    """Give a connection the functions that the changes call."""
    connection.create_function("ORACLE_ISO", 1, _iso, deterministic=True)
    connection.create_function("ORACLE_JSON", 1, _canonical, deterministic=True)


def change() -> None:
    """Change Django for this process; after the lookups of plain texts."""
    OrderBy.as_sqlite = _sorted  # type: ignore[attr-defined]
    KeyTransform.select_format = _selected  # type: ignore[method-assign]
    KeyTextTransform.select_format = BaseExpression.select_format  # type: ignore[method-assign]
    KeyTextTransform.as_sqlite = _text  # type: ignore[method-assign]
    for name in _TEXT_LOOKUPS:
        found = Field.class_lookups.get(name)
        assert found is not None
        mixed = type(f"Key{name}", (_TextOfPart, KeyTransformTextLookupMixin, found), {"lookup_name": name})
        KeyTransform.register_lookup(mixed)
    for lookup in (KeyTransformGt, KeyTransformGte, KeyTransformLt, KeyTransformLte):
        lookup.as_sqlite = _of_one_type  # type: ignore[attr-defined]
    for function in (JSONArray, JSONObject):
        function.as_sqlite = _of_json_values  # type: ignore[attr-defined]
    KeyTransform.register_lookup(_KeyRange)
    KeyTransform.register_lookup(_KeyIn)
    for exact in (JSONExact, KeyTransformExact):
        exact.as_sqlite = _equal(exact.as_sql)  # type: ignore[attr-defined]
    JSONField.register_lookup(_DocumentIn)


def _iso(text: Any) -> str | None:
    """A moment as PostgreSQL writes it into JSON: with no more digits than it needs."""
    if text is None:
        return None
    moment, point, fraction = str(text).replace(" ", "T").partition(".")
    fraction = fraction.rstrip("0")
    return f"{moment}{point}{fraction}" if fraction else moment


def _canonical(text: Any) -> str | None:
    """The same text for all equal documents: whatever the order of the keys; 1 is 1.0 and not true."""
    return None if text is None else json.dumps(_number_by_size(json.loads(text)), sort_keys=True)


def _number_by_size(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _number_by_size(each) for key, each in value.items()}
    if isinstance(value, list):
        return list(map(_number_by_size, value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _place(part: Any, compiler: Any, connection: Any, between: str = ", ") -> tuple[str, list[Any]]:
    """``document, path`` as arguments of SQLite's functions."""
    document, values, keys = part.preprocess_lhs(compiler, connection)
    return f"{document}{between}%s", [*values, compile_json_path(keys)]


def _piece(part: Any, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
    """A document or a part of it as JSON."""
    if not isinstance(part, KeyTransform):
        sql, values = compiler.compile(part)
        return sql, list(values)
    place, values = _place(part, compiler, connection, " -> ")
    return f"({place})", values


def _selected(self: Any, compiler: Any, sql: str, params: Any) -> Written:
    """A part as JSON: as an SQL value, the text ``"1"`` could not be told from the number."""
    return _piece(self, compiler, compiler.connection)


def _sorted(self: Any, compiler: Any, connection: Any) -> Written:
    """A part sorts as the number or the text that it is; ``null`` is neither."""
    key = self.copy()
    if isinstance(key.expression, KeyTransform) and not isinstance(key.expression, KeyTextTransform):
        key.expression = _Extracted(key.expression)
    written: Written = key.as_sql(compiler, connection)
    return written


def _text(self: Any, compiler: Any, connection: Any) -> Written:
    """A text itself, nothing for ``null``, the JSON of anything else."""
    place, values = _place(self, compiler, connection)
    piece, _ = _piece(self, compiler, connection)
    kind, text = f"JSON_TYPE({place})", f"JSON_EXTRACT({place})"
    return f"CASE {kind} WHEN 'null' THEN NULL WHEN 'text' THEN {text} ELSE {piece} END", tuple(values * 3)


class _TextOfPart:
    """A lookup in the text of a part, which ``null`` does not have."""

    lhs: Any

    def as_sql(self, compiler: Any, connection: Any) -> Written:
        sql, values = super().as_sql(compiler, connection)  # type: ignore[misc]
        place, inner = _place(self.lhs, compiler, connection)
        return f"({sql} AND JSON_TYPE({place}) != 'null')", (*values, *inner)


_AS_JSON = (
    (JSONField, "JSON({})"),
    (BooleanField, "JSON(CASE {} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)"),
    (DateTimeField, "ORACLE_ISO({})"),
    (TimeField, "ORACLE_ISO({})"),
    (FloatField, "CAST({} AS REAL)"),
)
"""By the kind of a value, what puts it into a document; the form of any other is that of JSON already."""


class _Extracted(Func):
    """A part of a document as SQL's value of it."""

    def as_sql(self, compiler: Any, connection: Any, **options: Any) -> Written:
        (part,) = self.get_source_expressions()
        place, values = _place(part, compiler, connection)
        return f"JSON_EXTRACT({place})", values


class _AsJSON(Func):
    """A value as a part of a document."""

    output_field = JSONField()


def _of_json_values(self: Any, compiler: Any, connection: Any, **options: Any) -> Written:
    """SQLite has no booleans, and takes documents for texts; Django leaves that as it is."""
    clone = self.copy()
    clone.set_source_expressions([_as_json(each) for each in self.get_source_expressions()])
    written: Written = clone.as_sql(compiler, connection, **options)
    return written


def _as_json(part: Any) -> Any:
    if isinstance(part, JSONArray | JSONObject):
        return part
    for kind, template in _AS_JSON:
        if isinstance(part.output_field, kind):
            return _AsJSON(part, template=template.format("%(expressions)s"))
    return part


def _types(value: Any) -> str:
    return "('integer', 'real')" if isinstance(value, int | float) else "('text')"


def _of_one_type(self: Any, compiler: Any, connection: Any) -> Written:
    sql, values = self.as_sql(compiler, connection)
    place, inner = _place(self.lhs, compiler, connection)
    return f"({sql} AND JSON_TYPE({place}) IN {_types(self.rhs)})", (*values, *inner)


class _KeyRange(Range):  # type: ignore[type-arg]
    """As ``gte`` and ``lte``."""

    def get_prep_lookup(self) -> Any:
        return self.rhs

    def as_sql(self, compiler: Any, connection: Any) -> Written:
        pairs = [KeyTransformGte(self.lhs, self.rhs[0]), KeyTransformLte(self.lhs, self.rhs[1])]
        written = [_of_one_type(each, compiler, connection) for each in pairs]
        return f"({' AND '.join(sql for sql, _ in written)})", [
            each for _, values in written for each in values
        ]


def _equal(original: Callable[..., Written]) -> Callable[..., Written]:
    def as_sqlite(self: Any, compiler: Any, connection: Any) -> Written:
        if hasattr(self.rhs, "resolve_expression"):
            return original(self, compiler, connection)
        piece, values = _piece(self.lhs, compiler, connection)
        return f"ORACLE_JSON({piece}) = ORACLE_JSON(%s)", (*values, json.dumps(self.rhs))

    return as_sqlite


class _In(In):  # type: ignore[type-arg]
    """Equal to one of several, as ``exact`` says."""

    def get_prep_lookup(self) -> Any:
        return self.rhs

    def as_sql(self, compiler: Any, connection: Any) -> Written:
        members = [json.dumps(value) for value in self.rhs if value is not None]
        if not members:
            raise EmptyResultSet
        piece, values = _piece(self.lhs, compiler, connection)
        places = ", ".join(["ORACLE_JSON(%s)"] * len(members))
        return f"ORACLE_JSON({piece}) IN ({places})", [*values, *members]


class _KeyIn(_In):
    """The lookup of parts."""


class _DocumentIn(_In):
    """The lookup of whole documents."""
