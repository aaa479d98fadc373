"""Discovery: everything that a SQLite database says about itself, as one ``Schema``.

Invariant: nothing that a database can hold makes discovery fail or leaves a table out without a word.
A table, view or virtual table that cannot be used is in the schema with ``readable=False``, and a
warning says why. Only ``main`` is read: attached and temporary tables belong to a connection.
"""

from __future__ import annotations

from collections.abc import Mapping

import apsw

from noormme.engines.sqlite.catalog import read_catalog
from noormme.engines.sqlite.introspect_parts import triggers_of
from noormme.engines.sqlite.introspect_search import search_indexes
from noormme.engines.sqlite.introspect_tables import TableReader
from noormme.engines.sqlite.introspect_views import read_view, read_virtual_table
from noormme.schema.assemble import assemble
from noormme.schema.model import Kind, Schema, SchemaWarning, Table
from noormme.schema.naming import NameOverrides
from noormme.schema.sql_tokens import fold

__all__ = ["introspect"]


def introspect(
    connection: apsw.Connection,
    *,
    types: Mapping[str, Kind] | None = None,
    names: NameOverrides | None = None,
) -> Schema:
    """Discover a database.

    Args:
        connection: An open connection. Everything is read inside one read transaction; functions,
            collations and modules that are registered on it count as there.
        types: Kinds to use instead of the rules, by declared type (see ``schema.types``).
        names: Names to use instead of the rules (see ``schema.naming``).

    Returns:
        The schema, with a warning for each thing that could not be taken as it stands.

    Raises:
        apsw.Error: The file cannot be read: I/O, corruption, a lock, not a database.
    """
    tables: list[Table] = []
    views: list[Table] = []
    hidden: list[str] = []
    warnings: list[SchemaWarning] = []
    with connection:
        catalog = read_catalog(connection)
        hidden += catalog.shadow_tables
        reader = TableReader(connection, catalog, types, warnings)
        tables += [reader.read(row) for row in catalog.tables]
        for name in catalog.virtual_tables:
            sql = catalog.sql(name)
            tables.append(read_virtual_table(connection, name, sql, types=types, warnings=warnings))
        for name in catalog.views:
            triggers = triggers_of(name, catalog.triggers.get(fold(name), ()), warnings)
            sql = catalog.sql(name)
            view = read_view(connection, name, sql, triggers=triggers, types=types, warnings=warnings)
            views.append(view)
    return assemble(
        "sqlite",
        tables,
        views,
        hidden_tables=hidden,
        warnings=warnings,
        names=names,
        search_indexes=search_indexes(tables, views),
    )
