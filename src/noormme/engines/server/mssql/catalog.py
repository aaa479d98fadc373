"""What SQL Server says about a database, in as many queries as there are kinds of things.

Invariant: the number of queries does not depend on the number of tables. What SQL Server has put there
itself is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

__all__ = [
    "CATALOG_QUERIES",
    "Catalog",
    "CheckRow",
    "ColumnRow",
    "ForeignKeyRow",
    "IndexRow",
    "RelationRow",
    "TriggerRow",
]

T = TypeVar("T")

HISTORY = 1
"""``temporal_type`` of the table that keeps the old rows of another one."""


class RelationRow(msgspec.Struct, array_like=True):
    """One table or view; ``kind`` is ``U`` or ``V``."""

    oid: int
    namespace: str
    name: str
    kind: str
    temporal: int
    comment: str | None
    definition: str | None
    readable: bool


class ColumnRow(msgspec.Struct, array_like=True):
    """One column; ``base`` is the type of SQL Server's own behind an alias, ``length`` counts bytes."""

    relation: int
    number: int
    name: str
    type_name: str
    base: str
    length: int
    precision: int
    scale: int
    nullable: bool
    identity: bool
    computed: str | None
    persisted: bool
    default: str | None
    generated_always: int
    hidden: bool
    collation: str | None
    comment: str | None


class IndexRow(msgspec.Struct, array_like=True):
    """One column of an index; ``ordinal`` is 0 for one that is only included."""

    relation: int
    number: int
    name: str
    unique: bool
    primary: bool
    constraint: bool
    where: str | None
    disabled: bool
    column: int
    ordinal: int
    descending: bool


class ForeignKeyRow(msgspec.Struct, array_like=True):
    """One column of a foreign key."""

    relation: int
    name: str
    column: int
    target: int
    target_column: int
    on_update: str
    on_delete: str


class CheckRow(msgspec.Struct, array_like=True):
    """One check; ``column`` is 0 where it is the table's."""

    relation: int
    name: str
    column: int
    definition: str


class TriggerRow(msgspec.Struct, array_like=True):
    """One event of a trigger that is switched on."""

    relation: int
    name: str
    instead: bool
    event: str
    sql: str | None


_RELATIONS = """
SELECT o.object_id, s.name, o.name, RTRIM(o.type), COALESCE(t.temporal_type, 0),
    CAST(p.value AS NVARCHAR(4000)), m.definition,
    CAST(HAS_PERMS_BY_NAME(QUOTENAME(s.name) + N'.' + QUOTENAME(o.name), N'OBJECT', N'SELECT') AS BIT)
FROM sys.objects AS o
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
LEFT JOIN sys.tables AS t ON t.object_id = o.object_id
LEFT JOIN sys.sql_modules AS m ON m.object_id = o.object_id
LEFT JOIN sys.extended_properties AS p ON p.class = 1 AND p.major_id = o.object_id AND p.minor_id = 0
    AND p.name = N'MS_Description'
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0
ORDER BY o.object_id
"""

_COLUMNS = """
SELECT c.object_id, c.column_id, c.name, t.name,
    CASE WHEN t.is_assembly_type = 1 THEN t.name ELSE TYPE_NAME(c.system_type_id) END,
    c.max_length, c.precision, c.scale, c.is_nullable, c.is_identity, k.definition,
    COALESCE(k.is_persisted, CAST(0 AS BIT)), d.definition, c.generated_always_type, c.is_hidden,
    CASE WHEN c.collation_name <> CAST(DATABASEPROPERTYEX(DB_NAME(), 'Collation') AS SYSNAME)
        THEN c.collation_name END,
    CAST(p.value AS NVARCHAR(4000))
FROM sys.columns AS c
JOIN sys.objects AS o ON o.object_id = c.object_id
JOIN sys.types AS t ON t.user_type_id = c.user_type_id
LEFT JOIN sys.computed_columns AS k ON k.object_id = c.object_id AND k.column_id = c.column_id
LEFT JOIN sys.default_constraints AS d ON d.object_id = c.default_object_id
LEFT JOIN sys.extended_properties AS p ON p.class = 1 AND p.major_id = c.object_id
    AND p.minor_id = c.column_id AND p.name = N'MS_Description'
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0
ORDER BY c.object_id, c.column_id
"""

_INDEXES = """
SELECT i.object_id, i.index_id, i.name, i.is_unique, i.is_primary_key, i.is_unique_constraint,
    i.filter_definition, i.is_disabled, c.column_id, c.key_ordinal, c.is_descending_key
FROM sys.indexes AS i
JOIN sys.objects AS o ON o.object_id = i.object_id
JOIN sys.index_columns AS c ON c.object_id = i.object_id AND c.index_id = i.index_id
WHERE o.type IN ('U', 'V') AND o.is_ms_shipped = 0 AND i.type IN (1, 2)
ORDER BY i.object_id, i.index_id, c.key_ordinal, c.index_column_id
"""

_FOREIGN_KEYS = """
SELECT f.parent_object_id, f.name, c.parent_column_id, f.referenced_object_id, c.referenced_column_id,
    f.update_referential_action_desc, f.delete_referential_action_desc
FROM sys.foreign_keys AS f
JOIN sys.foreign_key_columns AS c ON c.constraint_object_id = f.object_id
WHERE f.is_ms_shipped = 0
ORDER BY f.parent_object_id, f.name, c.constraint_column_id
"""

_CHECKS = """
SELECT k.parent_object_id, k.name, k.parent_column_id, k.definition
FROM sys.check_constraints AS k
WHERE k.is_ms_shipped = 0 AND k.is_disabled = 0
ORDER BY k.parent_object_id, k.name
"""

_TRIGGERS = """
SELECT t.parent_id, t.name, t.is_instead_of_trigger, e.type_desc, OBJECT_DEFINITION(t.object_id)
FROM sys.triggers AS t
JOIN sys.trigger_events AS e ON e.object_id = t.object_id
WHERE t.parent_class = 1 AND t.is_ms_shipped = 0 AND t.is_disabled = 0
ORDER BY t.parent_id, t.name, e.type
"""

_DATABASE = """
SELECT COALESCE(SCHEMA_NAME(), N'dbo'), CAST(SERVERPROPERTY('ProductMajorVersion') AS INT),
    CAST(CASE WHEN d.snapshot_isolation_state = 1 THEN 1 ELSE 0 END AS BIT)
FROM sys.databases AS d WHERE d.database_id = DB_ID()
"""

CATALOG_QUERIES: Mapping[str, str] = {
    "database": _DATABASE,
    "relations": _RELATIONS,
    "columns": _COLUMNS,
    "indexes": _INDEXES,
    "foreign_keys": _FOREIGN_KEYS,
    "checks": _CHECKS,
    "triggers": _TRIGGERS,
}
"""The queries by the part of the catalogue that they read."""


class Catalog:
    """What the queries gave.

    Args:
        found: The rows of each query.

    Attributes:
        namespace: The schema that a name without one means.
        version: The server's version: 15 is 2019, 16 is 2022.
        snapshots: Whether transactions can see one state of the database without locks.
        relations: What can be selected from.
        columns: The columns of each relation, in order.
        indexes: The columns of the indexes of each relation, in the order of the keys.
        foreign_keys: The columns of the foreign keys of each relation.
        checks: The checks of each relation.
        triggers: The events of the triggers of each relation.
    """

    def __init__(self, found: Mapping[str, Sequence[Sequence[Any]]]) -> None:
        [(self.namespace, self.version, self.snapshots)] = found["database"]
        self.relations = _read(found["relations"], RelationRow)
        self.columns = _grouped(_read(found["columns"], ColumnRow))
        self.indexes = _grouped(_read(found["indexes"], IndexRow))
        self.foreign_keys = _grouped(_read(found["foreign_keys"], ForeignKeyRow))
        self.checks = _grouped(_read(found["checks"], CheckRow))
        self.triggers = _grouped(_read(found["triggers"], TriggerRow))

    def exact_name(self, relation: RelationRow) -> str:
        """What a relation is called here: its name, behind that of its schema where that must be said.

        Args:
            relation: The relation.
        """
        if relation.namespace == self.namespace:
            return relation.name
        return f"{relation.namespace}.{relation.name}"

    def kept(self) -> Iterator[RelationRow]:
        """What is modelled: a table of history is read through the one whose old rows it has."""
        return (relation for relation in self.relations if relation.temporal != HISTORY)

    def hidden(self) -> Iterator[RelationRow]:
        """What is not modelled."""
        return (relation for relation in self.relations if relation.temporal == HISTORY)


def _read(rows: Sequence[Sequence[Any]], kind: type[T]) -> list[T]:
    return [kind(*row) for row in rows]


def _grouped(rows: Iterable[T]) -> Mapping[int, list[T]]:
    grouped: defaultdict[int, list[T]] = defaultdict(list)
    for row in rows:
        found: Any = row
        grouped[found.relation].append(row)
    return grouped
