"""JSON in PostgreSQL: parts of documents, and what they are compared with.

Invariant: a document is compared as ``jsonb``, whichever of the two types its column has; a key of a path is
a literal, and a value is always a parameter. This module imports SQLAlchemy.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.server.postgresql.operands import JSONValue, called, cast, pieced, quoted
from noormme.engines.server.postgresql.values import array_of
from noormme.errors import NotSupported
from noormme.query.dialect_expressions import Keys, Operand, Slot
from noormme.schema.json_text import json_text

__all__ = ["PostgreSQLDocuments"]

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_TYPES: Mapping[str, str] = {
    "text": "string",
    "integer": "number",
    "real": "number",
    "boolean": "boolean",
}
"""By what a value is in JSON, what ``jsonb_typeof`` says of the parts that it can be compared with."""

_LAST_INDEX = 2**31 - 1


class PostgreSQLDocuments:
    """PostgreSQL's expressions for JSON.

    The arguments of its methods are those of ``query.dialect_expressions.Documents``, which explains them.
    """

    def part(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as JSON."""
        found: Any = _binary(document.sql)
        parts: list[Any] = [found]
        for key in path:
            if isinstance(key, str):
                if "\0" in key:
                    raise NotSupported("PostgreSQL has no key with a NUL", hint="no document can have it")
                parts += ["->", quoted(key)]
            else:
                # Not -> with a number, which takes what is no array for one of one element.
                place = max(min(key, _LAST_INDEX), -_LAST_INDEX)
                parts += ["#>", quoted(f"{{{place}}}")]
        return pieced(*parts) if path else found

    def value(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as the number, text or truth value that it holds; NULL for ``null``."""
        return called("nullif", self.part(document, path), _null(), gives=JSONValue())

    def text(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as text; a whole document as it is written."""
        if not path:
            return cast(document.sql, "TEXT")
        return pieced(self.part(document, path), "#>>", quoted("{}"))

    def canonical(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as ``jsonb``, which is the same for all equal ones."""
        return self.part(document, path)

    def parameter(self, slot: Slot) -> ColumnElement[Any]:
        """A value in that form."""
        return _binary(slot(json_text))

    def contains(self, outer: ColumnElement[Any], inner: ColumnElement[Any]) -> ColumnElement[Any]:
        """Whether one JSON contains another."""
        return _binary(outer).op("@>", is_comparison=True)(_binary(inner))

    def text_lookup(self, found: ColumnElement[Any], document: Operand, path: Keys) -> ColumnElement[Any]:
        """A lookup in the text of a part, made false for ``null``."""
        if not path:
            return found
        return sa.and_(self._type(document, path) != quoted("null"), found)

    def lookup(
        self, lookup: str, document: Operand, path: Keys, slot: Slot | None, json_type: str
    ) -> ColumnElement[Any]:
        """A part of a document compared with one value, or with one list of values of one type."""
        found = self.part(document, path)
        if lookup.startswith("has_"):
            assert slot is not None, "a key is a value"
            return self._has(lookup, found, slot)
        if slot is None and lookup not in ("contains", "contained_by"):
            return self._type(document, path) == quoted("null")
        given = _null() if slot is None else self.parameter(slot)
        if lookup == "contains":
            return self.contains(found, given)
        if lookup == "contained_by":
            return self.contains(given, found)
        if lookup == "exact":
            return found == given
        assert slot is not None, "no list is null"
        if lookup == "in":
            values = cast(slot(lambda each: array_of(_listed(each), json_text)), "JSONB[]")
            return found == called("ANY", values)
        compared: ColumnElement[Any] = _COMPARE[lookup](found, given)
        kind = _TYPES.get(json_type)
        # Behind the comparison, which is false for most rows already.
        return sa.and_(compared, self._type(document, path) == quoted(kind)) if kind else compared

    def _has(self, lookup: str, found: ColumnElement[Any], slot: Slot) -> ColumnElement[Any]:
        if lookup == "has_key":
            # Of an array, a name finds nothing.
            return pieced(found, "->", cast(slot(str), "TEXT")).is_not(None)
        keys = cast(slot(lambda names: array_of(_listed(names), str)), "TEXT[]")
        sign = "?&" if lookup == "has_keys" else "?|"
        # What is not there has no keys, which is no question left open.
        kind = called("coalesce", called("jsonb_typeof", found), quoted(""))
        is_object = kind == quoted("object")
        return sa.and_(is_object, found.op(sign, is_comparison=True)(keys))

    def _type(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        return called("jsonb_typeof", self.part(document, path))


def _binary(document: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(document, "JSONB")


def _null() -> ColumnElement[Any]:
    return _binary(quoted("null"))


def _listed(values: object) -> list[object]:
    assert isinstance(values, (list, tuple)), "a list travels as one parameter"
    return list(values)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
