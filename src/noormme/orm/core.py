"""``db.core``: the tables of the database as SQLAlchemy Core has them.

Invariant: nothing of SQLAlchemy is imported before the first table is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from noormme.orm.first_use import first_use

if TYPE_CHECKING:
    import sqlalchemy

    from noormme.orm.registry import Registry

__all__ = ["CoreTables"]


class CoreTables:
    """The tables and views by name: ``db.core.users``, ``db.core["Order Details"]``.

    Args:
        registry: The models of the same database, which know its schema.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._tables: dict[str, sqlalchemy.Table] | None = None

    def __getitem__(self, name: str) -> sqlalchemy.Table:
        """The table or view of that exact name or manager name.

        Raises:
            TableNotFound: There is none of that name.
        """
        found = self._registry.schema.table(name) if isinstance(name, str) else None
        if found is None:
            raise self._registry.table_not_found(name)
        return self._made()[found.name]

    def __getattr__(self, name: str) -> sqlalchemy.Table:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __iter__(self) -> Iterator[sqlalchemy.Table]:
        return iter(self._made().values())

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(table.manager for table in self._registry.schema)})

    def _made(self) -> dict[str, sqlalchemy.Table]:
        if self._tables is None:
            with first_use("tables of SQLAlchemy"):
                from noormme.query.builder.core_tables import make_tables

            with self._registry.making:
                # Tables of two makings could not be joined.
                if self._tables is None:
                    self._tables = make_tables(self._registry.schema)
        return self._tables
