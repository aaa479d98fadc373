"""JSON in MySQL and MariaDB: parts of documents, and what they are compared with.

Invariant: a path is made of literals whose keys are JSON texts, so no key can leave it; a value is always a
parameter. MariaDB keeps documents as text: they are brought into one form before they are compared. This
module imports SQLAlchemy.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from json import dumps
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.server.mysql.lists import Listed
from noormme.engines.server.mysql.operands import JSONValue, called, cast, literal, pieced, quoted, spelled
from noormme.errors import NotSupported
from noormme.query.dialect_expressions import Keys, Operand, Slot
from noormme.query.plan import Encode
from noormme.schema.json_text import json_text

if TYPE_CHECKING:
    from noormme.engines.server.mysql.flavours import Flavour

__all__ = ["MySQLDocuments"]

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_NUMBERS = ("INTEGER", "DOUBLE", "DECIMAL", "UNSIGNED INTEGER")
_TYPES: Mapping[str, tuple[str, ...]] = {
    "text": ("STRING",),
    "integer": _NUMBERS,
    "real": _NUMBERS,
    "boolean": ("BOOLEAN",),
}
"""By what a value is in JSON, what ``JSON_TYPE`` says of the parts that it can be compared with."""

_LAST_INDEX = 2**31 - 1


class MySQLDocuments:
    """Expressions for JSON.

    The arguments of its methods are those of ``query.dialect_expressions.Documents``, which explains them.

    Args:
        flavour: Which of the two servers it is.
    """

    def __init__(self, flavour: Flavour) -> None:
        self._flavour = flavour

    def part(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as JSON."""
        if self._flavour.is_mariadb and any(isinstance(key, str) and key.startswith("-") for key in path):
            raise NotSupported(
                "MariaDB finds no key that begins with a hyphen", hint="use contains={key: value}"
            )
        found = called("JSON_EXTRACT", document.sql, _path(document.sql, path))
        for depth, key in enumerate(path):
            if isinstance(key, int):
                # What is no array is taken for one of one element.
                around = called("JSON_EXTRACT", document.sql, _path(document.sql, path[:depth]))
                found = sa.case((called("JSON_TYPE", around) == quoted("ARRAY"), found))
        return found

    def value(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as the text of what it holds; NULL for ``null``, 1 or 0 for a truth value."""
        found = self.part(document, path) if path else document.sql
        bit = called("if", self._text(found) == quoted("true"), *_BITS)
        made = sa.case((self._type(document, path) == quoted("BOOLEAN"), bit), else_=self._text(found))
        return sa.type_coerce(made, JSONValue())

    def text(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as text; a whole document as it is written."""
        if not path:
            return cast(document.sql, "CHAR") if self._flavour.has_json_type else document.sql
        return self._text(self.part(document, path))

    def canonical(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document in a form that is the same for all equal ones."""
        return self.one_form(self.part(document, path) if path else document.sql)

    def parameter(self, slot: Slot) -> ColumnElement[Any]:
        """A value in that form."""
        return self.one_form(slot(json_text))

    def one_form(self, document: ColumnElement[Any]) -> ColumnElement[Any]:
        """A document in a form that is the same for all equal ones.

        Args:
            document: The document, or its text.
        """
        if self._flavour.has_json_type:
            return cast(document, "JSON")
        return called("JSON_NORMALIZE", document)

    def read(self, text: ColumnElement[Any]) -> ColumnElement[Any]:
        """A text that is JSON as a document.

        Args:
            text: The text.
        """
        return cast(text, "JSON") if self._flavour.has_json_type else text

    def contains(self, outer: ColumnElement[Any], inner: ColumnElement[Any]) -> ColumnElement[Any]:
        """Whether one JSON contains another."""
        # An array contains what one of its elements contains, which no object is to be asked for.
        kinds = called("JSON_TYPE", inner) != quoted("OBJECT"), called("JSON_TYPE", outer) == quoted("OBJECT")
        return sa.and_(called("JSON_CONTAINS", outer, inner), sa.or_(*kinds))

    def text_lookup(self, found: ColumnElement[Any], document: Operand, path: Keys) -> ColumnElement[Any]:
        """A lookup in the text of a part, made false for ``null``."""
        if not path:
            return found
        return sa.and_(self._type(document, path) != quoted("NULL"), found)

    def lookup(
        self, lookup: str, document: Operand, path: Keys, slot: Slot | None, json_type: str
    ) -> ColumnElement[Any]:
        """A part of a document compared with one value, or with one list of values of one type."""
        found = self.part(document, path) if path else document.sql
        if lookup.startswith("has_"):
            assert slot is not None, "a key is a value"
            return self._has(lookup, found, slot)
        if lookup in ("contains", "contained_by"):
            given: ColumnElement[Any] = quoted("null") if slot is None else slot(json_text)
            return self.contains(found, given) if lookup == "contains" else self.contains(given, found)
        if slot is None:
            return self._type(document, path) == quoted("NULL")
        if lookup in ("exact", "in") and (json_type in ("document", "boolean") or not path):
            if lookup == "exact":
                return self.canonical(document, path) == self.parameter(slot)
            return self._member(document, path, slot)
        types = _TYPES.get(json_type)
        value = self._text(found)
        encode: Encode = json_text if json_type == "boolean" else str
        if types is _NUMBERS:
            value, encode = cast(value, "DOUBLE"), _as_it_is
        if lookup == "in":
            compared = _is_in(value, slot(lambda values: Listed(map(encode, _listed(values)))))
        else:
            compared = _COMPARE[lookup](value, slot(encode))
        # In front of the comparison, which is one of numbers for nothing else.
        return sa.and_(_among(self._type(document, path), types), compared) if types else compared

    def _member(self, document: Operand, path: Keys, slot: Slot) -> ColumnElement[Any]:
        """Whether a part is equal to a value of a list of documents."""
        around = "CAST({} AS JSON)" if self._flavour.has_json_type else "JSON_NORMALIZE({})"
        texts = slot(lambda values: Listed(map(json_text, _listed(values)), around=around))
        return _is_in(self.canonical(document, path), texts)

    def embedded(self, document: ColumnElement[Any]) -> ColumnElement[Any]:
        """A document as one inside of another, and not as a text there.

        Args:
            document: The document.
        """
        if self._flavour.has_json_type:
            return document
        # It has one collation, whatever that of the texts beside it.
        in_utf8 = called("CONVERT", spelled(document, "USING utf8mb4"))
        return called("JSON_COMPACT", sa.collate(in_utf8, "utf8mb4_bin"))

    def _has(self, lookup: str, found: ColumnElement[Any], slot: Slot) -> ColumnElement[Any]:
        # The keys of an array are none, and of what is not there there are no keys either.
        keys = called("JSON_KEYS", found)
        if lookup == "has_key":
            has = called("JSON_CONTAINS", keys, slot(lambda name: json_text(str(name))))
        else:
            names = slot(lambda given: json_text([str(each) for each in _listed(given)]))
            function = "JSON_CONTAINS" if lookup == "has_keys" else "JSON_OVERLAPS"
            has = called(function, keys, names)
        return called("coalesce", has, literal("FALSE"))

    def _text(self, found: ColumnElement[Any]) -> ColumnElement[Any]:
        """The text of a part; NULL for ``null``. It compares sign by sign, as JSON does."""
        text = sa.collate(called("JSON_UNQUOTE", found), self._flavour.collation_by_signs)
        return sa.case((called("JSON_TYPE", found) != quoted("NULL"), text))

    def _type(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        return called("JSON_TYPE", self.part(document, path) if path else document.sql)


_BITS = (quoted("1"), quoted("0"))


def _is_in(value: ColumnElement[Any], listed: ColumnElement[Any]) -> ColumnElement[Any]:
    return value.op("IN", is_comparison=True)(listed)


def _as_it_is(value: object) -> object:
    return value


def _among(found: ColumnElement[Any], types: tuple[str, ...]) -> ColumnElement[Any]:
    literals = [quoted(name) for name in types]
    return found == literals[0] if len(literals) == 1 else found.in_(literals)


def _path(document: ColumnElement[Any], path: Keys) -> ColumnElement[Any]:
    """A path as the JSON functions take it.

    A position from the end is counted for each document: MariaDB reads ``last`` for the first one only.

    Args:
        document: The document.
        path: Keys of objects as text, positions in arrays as numbers; negative ones count from the end.

    Raises:
        NotSupported: No path finds such a key.
    """
    pieces: list[ColumnElement[Any]] = []
    text = "$"
    for depth, key in enumerate(path):
        if isinstance(key, str):
            if "\0" in key:
                raise NotSupported("MySQL finds no key with a NUL", hint="use contains={key: value}")
            text += f".{_quoted_key(key)}"
        elif key >= 0:
            text += f"[{min(key, _LAST_INDEX)}]"
        else:
            length = called("JSON_LENGTH", document, _path(document, path[:depth]))
            back = literal(str(min(-key, _LAST_INDEX)))
            pieces += [quoted(text + "["), sa.case((length >= back, pieced(length, "-", back)))]
            text = "]"
    return called("concat", *pieces, quoted(text)) if pieces else quoted(text)


def _quoted_key(key: str) -> str:
    """A key as a JSON text; as ASCII only where half of a surrogate pair cannot be written otherwise."""
    try:
        key.encode()
    except UnicodeEncodeError:
        return dumps(key)
    return dumps(key, ensure_ascii=False)


def _listed(values: object) -> list[object]:
    assert isinstance(values, (list, tuple)), "a list travels as one parameter"
    return list(values)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
