"""JSON in libSQL: SQLite's, but for what our functions in Python do there.

Invariant: two documents are the same where all their parts are, at the same places.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from noormme.engines.clauses import pieced
from noormme.engines.libsql.plain.writing import Write, filled
from noormme.engines.sqlite.documents import SQLiteDocuments, json_path, valid_document
from noormme.errors import NotSupported
from noormme.query.dialect_expressions import Keys, Operand, Slot

__all__ = ["WRITERS", "LibSQLDocuments"]

# Every part with its place, its type and its value; 1.0 is 1, and true is not. JSON would round a float.
_IS_WHOLE = "type = 'real' AND atom = CAST(atom AS INTEGER)"
_CANONICAL = (
    "SELECT json_group_array(json_array(p, t, v)) FROM (SELECT fullkey AS p,"
    f" CASE WHEN {_IS_WHOLE} THEN 'integer' ELSE type END AS t, CASE WHEN {_IS_WHOLE} THEN CAST(atom"
    " AS INTEGER)"
    " WHEN type = 'real' THEN format('%!.17g', atom) ELSE atom END AS v"
    " FROM json_tree({0}) ORDER BY fullkey)"
)


def _canonical(arguments: Any) -> ColumnElement[Any]:
    return filled(f"CASE WHEN json_valid({{0}}, 9) THEN ({_CANONICAL}) ELSE {{0}} END", *arguments)


class LibSQLDocuments(SQLiteDocuments):
    """libSQL's expressions for JSON; see ``SQLiteDocuments``."""

    def parameter(self, slot: Slot) -> ColumnElement[Any]:
        """A value in canonical form: the database brings it into that form too."""
        return _canonical([slot(self._json_value)])

    def lookup(
        self, lookup: str, document: Operand, path: Keys, slot: Slot | None, json_type: str
    ) -> ColumnElement[Any]:
        """A part of a document compared with one value, or with one list of values of one type."""
        if lookup in ("contains", "contained_by"):
            raise no_containment()
        if slot is not None and lookup == "in" and (json_type == "document" or not path):
            values = slot(self._dialect.list_encoder(self._json_value, None))
            # With the name of its table: json_tree() has a column of that name too.
            each = _canonical([sa.literal_column("noormme_each.value")])
            source = pieced("SELECT", each, "FROM json_each(", values, ") AS noormme_each")
            return self.canonical(document, path).op("IN", is_comparison=True)(source)
        return super().lookup(lookup, document, path, slot, json_type)

    def contains(self, outer: ColumnElement[Any], inner: ColumnElement[Any]) -> ColumnElement[Any]:
        """Whether one JSON contains another."""
        raise no_containment()

    def _has(self, lookup: str, document: Operand, path: Keys, slot: Slot) -> ColumnElement[Any]:
        def key(name: object) -> str:
            # The name of a key is never a position.
            return json_path((*path, str(name)))

        if lookup == "has_key":
            return super()._has(lookup, document, path, slot)
        every = lookup == "has_keys"
        found = pieced(
            f"{'NOT ' if every else ''}EXISTS (SELECT 1 FROM json_each(",
            slot(self._dialect.list_encoder(key, None)),
            ") AS noormme_keys WHERE json_type(",
            valid_document(document),
            f", noormme_keys.value) IS {'' if every else 'NOT '}NULL)",
        )
        # Of what is not there, no key is missing either.
        return sa.and_(self._type(document, path).is_not(None), found) if every else found


def no_containment() -> NotSupported:
    """The error for a question that libSQL has no answer to."""
    return NotSupported(
        "libSQL cannot say whether a JSON document contains another",
        hint="ask for the parts: filter(meta__city='Rome'), or has_key",
    )


WRITERS: Mapping[str, Write] = {"noormme_json": _canonical}
"""By the names of the functions, what writes a call of them."""
