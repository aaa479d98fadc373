"""JSON in SQL Server: parts of documents, and what they are compared with.

Invariant: a document is text, and only its parts have types; a key of a path is a literal, and a value is
always a parameter. Documents are compared as numbers, texts and truth values; arrays and objects only as
they are written. This module imports SQLAlchemy.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement

from noormme.engines.server.mssql.operands import JSONValue, called, nested, quoted, stated
from noormme.engines.server.mssql.values import json_list
from noormme.errors import NotSupported
from noormme.query.dialect_expressions import Keys, Operand, Slot
from noormme.schema.json_text import json_text

__all__ = ["SQLServerDocuments"]

_COMPARE: Mapping[str, str] = {"exact": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_TYPES: Mapping[str, str] = {"null": "0", "text": "1", "integer": "2", "real": "2", "boolean": "3"}
"""By what a value is in JSON, what ``OPENJSON`` says of it."""

_DOCUMENT = "IN (4, 5)"
_CASE = (
    "SELECT CASE part.[type] WHEN 0 THEN N'null' "
    "WHEN 1 THEN N'\"' + STRING_ESCAPE(part.[value], 'json') + N'\"' ELSE part.[value] END"
)


class SQLServerDocuments:
    """SQL Server's expressions for JSON.

    The arguments of its methods are those of ``query.dialect_expressions.Documents``, which explains them.
    """

    def part(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as JSON."""
        if not path:
            return document.sql
        return nested(_CASE, *_parts(document, path))

    def value(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as text of the number, text or truth value that it holds."""
        if not path:
            return called("COALESCE", document.sql, quoted("null"), gives=JSONValue())
        return called("JSON_VALUE", document.sql, quoted(_path(path)), gives=JSONValue())

    def text(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as text; a whole document as it is written."""
        if not path:
            return document.sql
        way = quoted(_path(path))
        return called(
            "COALESCE",
            called("JSON_VALUE", document.sql, way),
            called("JSON_QUERY", document.sql, way),
        )

    def canonical(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as it is written: SQL Server has no form that all equal ones share."""
        return self.part(document, path)

    def parameter(self, slot: Slot) -> ColumnElement[Any]:
        """A value as JSON."""
        return slot(json_text)

    def contains(self, outer: ColumnElement[Any], inner: ColumnElement[Any]) -> ColumnElement[Any]:
        """Whether one JSON contains another: SQL Server cannot say it."""
        raise _no_containment()

    def text_lookup(self, found: ColumnElement[Any], document: Operand, path: Keys) -> ColumnElement[Any]:
        """A lookup in the text of a part; ``null`` has no text here."""
        return found

    def lookup(
        self, lookup: str, document: Operand, path: Keys, slot: Slot | None, json_type: str
    ) -> ColumnElement[Any]:
        """A part of a document compared with one value, or with one list of values of one type."""
        if lookup in ("contains", "contained_by"):
            raise _no_containment()
        if lookup.startswith("has_"):
            assert slot is not None, "a key is a value"
            return self._has(lookup, document, path, slot)
        if not path:
            return self._whole(lookup, document, slot)
        if slot is None:
            return _exists(document, path, "0", [])
        kind = _TYPES.get(json_type, _DOCUMENT)
        value = _ENCODE.get(json_type, json_text)
        if lookup == "in":
            listed = slot(lambda each: json_list(_listed(each), value))
            inside = ["IN (SELECT [value] FROM OPENJSON(", listed, "))"]
            if json_type in ("integer", "real"):
                inside = ["IN (SELECT CAST([value] AS FLOAT) FROM OPENJSON(", listed, "))"]
            return _exists(document, path, kind, inside, number=json_type in ("integer", "real"))
        sign = _COMPARE[lookup]
        return _exists(document, path, kind, [sign, slot(value)], number=json_type in ("integer", "real"))

    def _whole(self, lookup: str, document: Operand, slot: Slot | None) -> ColumnElement[Any]:
        """A lookup in the document itself, which is compared as it is written."""
        if slot is None:
            same: ColumnElement[Any] = document.sql == quoted("null")
            return same
        if lookup == "in":
            listed = slot(lambda each: json_list(_listed(each), json_text))
            return stated(document.sql, "IN (SELECT [value] FROM OPENJSON(", listed, "))")
        compare: Callable[[Any, Any], Any] = operator.eq if lookup == "exact" else _ORDERED[lookup]
        made: ColumnElement[Any] = compare(document.sql, slot(json_text))
        return made

    def _has(self, lookup: str, document: Operand, path: Keys, slot: Slot) -> ColumnElement[Any]:
        # JSON_QUERY gives NULL for what is no array and no object, and OPENJSON no rows for NULL.
        inside = called("JSON_QUERY", document.sql, quoted(_path(path)))
        is_object = ["LEFT(", inside, ", 1) = N'{'"]
        if lookup == "has_key":
            keys: list[Any] = ["EXISTS (SELECT 1 FROM OPENJSON(", inside, ") WHERE [key] =", slot(str), ")"]
        else:
            wanted = slot(lambda names: json_list(_listed(names), str))
            there: list[Any] = ["EXISTS (SELECT 1 FROM OPENJSON(", inside, ") AS part WHERE part.[key] = "]
            there += ["wanted.[value] COLLATE Latin1_General_BIN2)"]
            if lookup == "has_keys":
                keys = ["NOT EXISTS (SELECT 1 FROM OPENJSON(", wanted, ") AS wanted WHERE NOT", *there, ")"]
            else:
                keys = ["EXISTS (SELECT 1 FROM OPENJSON(", wanted, ") AS wanted WHERE", *there, ")"]
        return stated(*is_object, "AND", *keys)


_ORDERED: Mapping[str, Callable[[Any, Any], Any]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def _plain(value: object) -> object:
    return value


def _truth(value: object) -> str:
    return "true" if value else "false"


_ENCODE: Mapping[str, Callable[[object], object]] = {
    "text": str,
    "integer": _plain,
    "real": _plain,
    "boolean": _truth,
}
"""By what a value is in JSON, how it compares with the ``value`` of ``OPENJSON``."""


def _exists(
    document: Operand, path: Keys, kind: str, compared: Sequence[Any], *, number: bool = False
) -> ColumnElement[Any]:
    """Whether there is a part of a type for which a comparison holds."""
    typed = f"AND part.[type] {kind}" if kind == _DOCUMENT else f"AND part.[type] = {kind}"
    value = "AND part.[value]"
    if number:
        # In whichever order the conditions are looked at, nothing but a number is read as one.
        value = "AND CAST(CASE WHEN part.[type] = 2 THEN part.[value] END AS FLOAT)"
    more = [value, *compared] if compared else []
    return stated("EXISTS (SELECT 1", *_parts(document, path), typed, *more, ")")


def _parts(document: Operand, path: Keys) -> list[Any]:
    """The FROM and the WHERE that give one part, with its type."""
    *way, last = path
    key = str(_index(last)) if isinstance(last, int) else last
    return [
        "FROM OPENJSON(",
        document.sql,
        ",",
        quoted(_path(tuple(way))),
        ") AS part WHERE part.[key] =",
        quoted(key),
    ]


def _path(path: Keys) -> str:
    parts = [f"[{_index(key)}]" if isinstance(key, int) else f".{_key(key)}" for key in path]
    return "$" + "".join(parts)


def _key(key: str) -> str:
    return msgspec.json.encode(key).decode()


def _index(position: int) -> int:
    if position < 0:
        raise NotSupported(
            "SQL Server counts the positions of an array from its start only", hint="use one from 0 on"
        )
    return position


def _no_containment() -> NotSupported:
    return NotSupported(
        "SQL Server cannot ask whether JSON contains other JSON",
        hint="compare its parts: field__key=value, field__has_key='key'",
    )


def _listed(values: object) -> list[object]:
    assert isinstance(values, (list, tuple)), "a list travels as one parameter"
    return list(values)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
