"""JSON in SQLite: parts of documents, and what they are compared with.

Invariant: a path is written into the SQL as one literal whose keys are JSON texts, so no key can leave it; a
value is always a parameter. What is no JSON is passed over, because SQLite would fail the whole statement.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from json import dumps
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.sqlite.functions.containment import canonical
from noormme.engines.sqlite.operands import called, pieced
from noormme.errors import NotSupported
from noormme.query.dialect import Encode
from noormme.query.dialect_expressions import Keys, Operand, Slot

if TYPE_CHECKING:
    from noormme.engines.sqlite.dialect import SQLiteDialect

__all__ = ["SQLiteDocuments", "json_path", "valid_document"]

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_TYPES: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "integer": ("integer", "real"),
    "real": ("integer", "real"),
    "boolean": ("true", "false"),
}
"""By what a value is in JSON, what ``json_type`` says of the parts that it can be compared with."""

_LAST_INDEX = 2**31 - 1


class SQLiteDocuments:
    """SQLite's expressions for JSON.

    The arguments of its methods are those of ``query.dialect_expressions.Documents``, which explains them.

    Args:
        dialect: Knows how the columns store their values.
    """

    def __init__(self, dialect: SQLiteDialect) -> None:
        self._dialect = dialect

    def part(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as JSON."""
        return pieced(valid_document(document), "->", _literal(path))

    def value(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as a number or a text."""
        return called("json_extract", valid_document(document), _literal(path))

    def text(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document as text; a whole document as it is written."""
        if not path:
            form = self._dialect.bound_form("json", document.table, document.column)
            binary = form.layout == "jsonb" or document.column is None
            return called("json", valid_document(document)) if binary else sa.cast(document.sql, sa.TEXT())
        return pieced(
            "CASE",
            self._type(document, path),
            "WHEN 'text' THEN",
            self.value(document, path),
            "WHEN 'null' THEN NULL ELSE",
            self.part(document, path),
            "END",
        )

    def canonical(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        """A part of a document in a form that is the same for all equal ones."""
        return called("noormme_json", self.part(document, path) if path else document.sql)

    def parameter(self, slot: Slot) -> ColumnElement[Any]:
        """A value in that form."""
        return slot(self._canonical_value)

    def contains(self, outer: ColumnElement[Any], inner: ColumnElement[Any]) -> ColumnElement[Any]:
        """Whether one JSON contains another."""
        return called("noormme_json_contains", outer, inner)

    def text_lookup(self, found: ColumnElement[Any], document: Operand, path: Keys) -> ColumnElement[Any]:
        """A lookup in the text of a part, made false for ``null``."""
        if not path:
            return found
        return sa.and_(self._type(document, path) != sa.literal_column("'null'"), found)

    def lookup(
        self, lookup: str, document: Operand, path: Keys, slot: Slot | None, json_type: str
    ) -> ColumnElement[Any]:
        """A part of a document compared with one value, or with one list of values of one type."""
        if lookup.startswith("has_"):
            assert slot is not None, "a key is a value"
            return self._has(lookup, document, path, slot)
        if lookup in ("contains", "contained_by"):
            mine = self.part(document, path) if path else document.sql
            given: ColumnElement[Any] = (
                sa.literal_column("'null'") if slot is None else slot(self._json_value)
            )
            return self.contains(mine, given) if lookup == "contains" else self.contains(given, mine)
        if slot is None:
            return self._type(document, path) == sa.literal_column("'null'")
        if lookup in ("exact", "in") and (json_type == "document" or not path):
            found = self.canonical(document, path)
            if lookup == "exact":
                return found == self.parameter(slot)
            return self._member(found, slot, self._canonical_value)
        if json_type == "boolean" and lookup in ("exact", "in"):
            found = self._type(document, path)
            return found == slot(_truth) if lookup == "exact" else self._member(found, slot, _truth)
        found = self.value(document, path)
        encode = self._dialect.encoder(_ENCODINGS.get(json_type, "any"), None, None)
        if lookup == "in":
            compared = self._member(found, slot, encode, int if json_type == "integer" else None)
        else:
            compared = _COMPARE[lookup](found, slot(encode))
        # Behind the comparison, which is false for most rows already.
        types = _TYPES.get(json_type, ())
        return sa.and_(compared, _among(self._type(document, path), types)) if types else compared

    def _has(self, lookup: str, document: Operand, path: Keys, slot: Slot) -> ColumnElement[Any]:
        def key(name: object) -> str:
            # The name of a key is never a position.
            return json_path((*path, str(name)))

        if lookup == "has_key":
            return called("json_type", valid_document(document), slot(key)).is_not(None)
        every = lookup == "has_keys"
        source = "temp.carray" if "carray" in self._dialect.tables else "carray"
        found = pieced(
            f"{'NOT ' if every else ''}EXISTS (SELECT 1 FROM {source}(",
            slot(self._dialect.list_encoder(key, None)),
            ") AS noormme_keys WHERE json_type(",
            valid_document(document),
            f", noormme_keys.value) IS {'' if every else 'NOT '}NULL)",
        )
        # Of what is not there, no key is missing either.
        return sa.and_(self._type(document, path).is_not(None), found) if every else found

    def _type(self, document: Operand, path: Keys) -> ColumnElement[Any]:
        return called("json_type", valid_document(document), _literal(path))

    def _member(
        self, found: ColumnElement[Any], slot: Slot, encode: Encode | None, native: type | None = None
    ) -> ColumnElement[Any]:
        values = slot(self._dialect.list_encoder(encode, native))
        return self._dialect.expressions.member(found, [values], None)

    def _json_value(self, value: object) -> object:
        encode = self._dialect.encoder("json", None, None)
        assert encode is not None, "JSON is always encoded"
        return encode(value)

    def _canonical_value(self, value: object) -> object:
        text = self._json_value(value)
        assert isinstance(text, str), "JSON is text where it is compared"
        return canonical(msgspec.json.decode(text))


_ENCODINGS: Mapping[str, Any] = {"text": "text", "integer": "real", "real": "real", "boolean": "boolean"}


def json_path(path: Keys) -> str:
    """A path as SQLite's JSON functions take it.

    Args:
        path: Keys of objects as text, positions in arrays as numbers; negative ones count from the end.

    Raises:
        NotSupported: SQLite cannot find such a key.
    """
    parts = ["$"]
    for key in path:
        if isinstance(key, str):
            parts.append(f".{_quoted(key)}")
        elif key < 0:
            parts.append(f"[#-{min(-key, _LAST_INDEX)}]")
        else:
            parts.append(f"[{min(key, _LAST_INDEX)}]")
    return "".join(parts)


def _quoted(key: str) -> str:
    """A key as a JSON text; as ASCII only where half of a surrogate pair cannot be written otherwise."""
    if "\0" in key:
        raise NotSupported(
            "SQLite cannot tell a key with a NUL from others", hint="use contains={key: value}"
        )
    try:
        key.encode()
    except UnicodeEncodeError:
        return dumps(key)
    return dumps(key, ensure_ascii=False)


def _literal(path: Keys) -> ColumnElement[Any]:
    """A path as an SQL literal."""
    text = json_path(path).replace("'", "''")
    return sa.literal_column(f"'{text}'")


def valid_document(document: Operand) -> ColumnElement[Any]:
    """A document, or NULL where it is no JSON: 1 is text that is, 8 is JSONB.

    Args:
        document: The document.
    """
    return called(
        "iif",
        called("json_valid", document.sql, sa.literal_column("9")),
        document.sql,
        sa.literal_column("NULL"),
    )


def _among(found: ColumnElement[Any], types: tuple[str, ...]) -> ColumnElement[Any]:
    literals: list[ColumnElement[Any]] = [sa.literal_column(f"'{name}'") for name in types]
    return found == literals[0] if len(literals) == 1 else found.in_(literals)


def _truth(value: object) -> str:
    return "true" if value else "false"
