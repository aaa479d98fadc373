"""Foreign keys: what the pragma and the DDL say, resolved to columns that exist.

Invariant: a foreign key has target columns exactly when its target is a table and the columns named
are there and are its primary key or a unique key; any other key is what SQLite calls a mismatch, and
is warned of. Names are compared as SQLite compares them and given as they are really spelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat

from noormme.engines.sqlite.catalog import Catalog, KeyRow, TableRow
from noormme.schema.model import ForeignKey, SchemaWarning
from noormme.schema.sql_tokens import fold

__all__ = ["KeyResolver"]


class KeyResolver:
    """Resolves the foreign keys of the tables of one catalog.

    Args:
        catalog: What SQLite says about the database.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._tables = {fold(table.name): table for table in catalog.tables}
        self._others = {fold(name): name for name in (*catalog.views, *catalog.virtual_tables)}

    def resolve(
        self, table: TableRow, declared: Sequence[ForeignKey], warnings: list[SchemaWarning]
    ) -> tuple[ForeignKey, ...]:
        """Make the foreign keys of one table, in the order of their declaration.

        Args:
            table: The table that holds them.
            declared: The same keys as the DDL has them, or nothing when it has no more to say.
            warnings: Gets one warning for each key that cannot be resolved.

        Returns:
            One foreign key for each that SQLite lists.
        """
        listed: dict[int, list[KeyRow]] = {}
        for row in table.keys:
            listed.setdefault(row.id, []).append(row)
        # SQLite numbers the keys of a table from the last declared one to the first.
        in_order = [listed[number] for number in sorted(listed, reverse=True)]
        clauses: Iterable[ForeignKey | None] = declared or repeat(None)
        return tuple(
            [
                self._resolve(table.name, rows, said, warnings)
                for rows, said in zip(in_order, clauses, strict=False)
            ]
        )

    def _resolve(
        self, table: str, rows: list[KeyRow], said: ForeignKey | None, warnings: list[SchemaWarning]
    ) -> ForeignKey:
        first = rows[0]
        columns = tuple([row.column for row in rows])
        folded = fold(first.target)
        found = self._tables.get(folded)
        target = found.name if found else self._others.get(folded)
        target_columns = _target_columns(found, rows) if found else ()
        if not target_columns:
            warnings.append(_warning(table, columns, first.target, dangling=target is None))
        return ForeignKey(
            columns,
            target or first.target,
            target_columns,
            said.name if said else None,
            first.on_update,
            first.on_delete,
            said is not None and said.deferrable,
            said is not None and said.initially_deferred,
        )


def _target_columns(target: TableRow, rows: list[KeyRow]) -> tuple[str, ...]:
    """The columns pointed at, or nothing where SQLite would speak of a mismatch."""
    primary_key = target.primary_key
    named = tuple([row.target_column for row in rows if row.target_column is not None])
    if not named:
        return primary_key if len(primary_key) == len(rows) else ()
    if named == primary_key:
        return primary_key
    columns = {fold(column.name): column.name for column in target.columns}
    spelled = [columns[fold(name)] for name in named if fold(name) in columns]
    unique: dict[str, set[str | None]] = {}
    for part in target.indexes:
        if part.unique and not part.partial:
            unique.setdefault(part.name, set()).add(part.column)
    wanted = set(spelled)
    if len(wanted) < len(rows) or not (wanted == set(primary_key) or wanted in unique.values()):
        return ()
    return tuple(spelled)


def _warning(table: str, columns: tuple[str, ...], target: str, *, dangling: bool) -> SchemaWarning:
    if dangling:
        code, reason = "dangling_foreign_key", "there is no such table"
    else:
        code, reason = "foreign_key_mismatch", "what it points at is not a primary key or a unique key there"
    return SchemaWarning(
        code,
        table,
        f"{table}: the foreign key ({', '.join(columns)}) references {target!r}, but {reason}; it gives no "
        "relation, and with foreign keys enforced SQLite refuses the writes that have to check it",
        columns[0] if len(columns) == 1 else None,
    )
