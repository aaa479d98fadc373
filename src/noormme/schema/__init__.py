"""What a database looks like.

Invariant: everything in this package is pure data and pure functions; nothing here does I/O.
"""

from __future__ import annotations

from noormme.schema.model import (
    Check,
    Column,
    ForeignKey,
    Index,
    IndexPart,
    Kind,
    Relation,
    RelationKind,
    Schema,
    SchemaWarning,
    Table,
    TableKind,
    Trigger,
    Unique,
)
from noormme.schema.search_index import SearchColumn, SearchIndex

__all__ = [
    "Check",
    "Column",
    "ForeignKey",
    "Index",
    "IndexPart",
    "Kind",
    "Relation",
    "RelationKind",
    "Schema",
    "SchemaWarning",
    "SearchColumn",
    "SearchIndex",
    "Table",
    "TableKind",
    "Trigger",
    "Unique",
]
