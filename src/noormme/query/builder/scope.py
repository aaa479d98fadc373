"""What names can mean in one SELECT of a query in tables, and in those around it.

Invariant: a scope belongs to one SELECT of one statement and ends with its compilation.
"""

from __future__ import annotations

import sqlalchemy as sa

from noormme.query.builder.typed import SourceColumns, Typed

__all__ = ["Columns", "Scope"]

Columns = list[tuple[str, Typed]]
"""The columns of a query by the names that they give its rows."""


class Scope:
    """The sources that names can mean in one SELECT.

    Attributes:
        sources: The sources by their names in the query.
        parent: The scope around it, or None.
        ctes: The queries of the WITH clause with their columns.
    """

    __slots__ = ("ctes", "parent", "sources", "used")

    def __init__(self, parent: Scope | None) -> None:
        self.parent = parent
        self.sources: dict[str, SourceColumns] = {}
        self.ctes: dict[str, tuple[sa.CTE, Columns]] = {}
        # What this SELECT reads of those around it.
        self.used: list[sa.FromClause] = []
