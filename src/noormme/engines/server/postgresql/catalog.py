"""What PostgreSQL says about a database, in as many queries as there are kinds of things.

Invariant: the number of queries does not depend on the number of tables. Schemas of the system's own,
temporary tables and what belongs to an extension are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

__all__ = [
    "CATALOG_QUERIES",
    "Catalog",
    "ColumnRow",
    "ConstraintRow",
    "IndexRow",
    "RelationRow",
    "TriggerRow",
]

T = TypeVar("T")


class RelationRow(msgspec.Struct, array_like=True):
    """One row of ``pg_class``: a table, view, materialized view, foreign table or partition.

    ``copied`` says whether COPY does to it what INSERT would: it knows neither rules nor policies of rows.
    """

    oid: int
    namespace: str
    name: str
    kind: str
    is_partition: bool
    comment: str | None
    definition: str | None
    readable: bool
    copied: bool


class ColumnRow(msgspec.Struct, array_like=True):
    """One column; ``base`` is the type behind any domains, ``category`` what ``typtype`` says of that.

    ``labels`` are the values of an enum.
    """

    relation: int
    number: int
    name: str
    declared: str
    base: str
    category: str
    is_array: bool
    not_null: bool
    default: str | None
    identity: str
    generated: str
    comment: str | None
    collation: str | None
    labels: list[str] | None


class ConstraintRow(msgspec.Struct, array_like=True):
    """One constraint."""

    relation: int
    name: str
    kind: str
    columns: list[int] | None
    target: int
    target_columns: list[int] | None
    on_update: str
    on_delete: str
    deferrable: bool
    deferred: bool
    definition: str
    index: int


class IndexRow(msgspec.Struct, array_like=True):
    """One index; ``keys`` has 0 for an expression, ``options`` bit 1 for a descending key."""

    oid: int
    relation: int
    name: str
    unique: bool
    where: str | None
    keys: list[int]
    options: list[int]
    texts: list[str]
    valid: bool


class TriggerRow(msgspec.Struct, array_like=True):
    """One trigger; ``flags`` are the bits of ``tgtype``."""

    relation: int
    name: str
    flags: int
    sql: str


_OURS = """
    n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
"""

_RELATIONS = f"""
SELECT c.oid::int8, n.nspname::text, c.relname::text, c.relkind::text, c.relispartition,
    obj_description(c.oid, 'pg_class'),
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
    has_schema_privilege(n.oid, 'USAGE') AND (has_table_privilege(c.oid, 'SELECT')
        OR has_any_column_privilege(c.oid, 'SELECT')),
    c.relkind IN ('r', 'p') AND NOT c.relhasrules AND NOT row_security_active(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_OURS}
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
        AND d.deptype = 'e')
ORDER BY c.oid
"""

_COLUMNS = f"""
WITH RECURSIVE bases AS (
    SELECT t.oid, t.typbasetype AS base, t.typnotnull AS never FROM pg_type t WHERE t.typtype = 'd'
    UNION ALL
    SELECT b.oid, t.typbasetype, b.never OR t.typnotnull
    FROM bases b JOIN pg_type t ON t.oid = b.base WHERE t.typtype = 'd'
), domains AS (
    SELECT b.oid, b.base, b.never FROM bases b JOIN pg_type t ON t.oid = b.base WHERE t.typtype <> 'd'
)
SELECT a.attrelid::int8, a.attnum::int8, a.attname::text, format_type(a.atttypid, a.atttypmod),
    t.typname::text, t.typtype::text, t.typcategory = 'A' AND t.typelem <> 0,
    a.attnotnull OR coalesce(domains.never, false),
    CASE WHEN a.attgenerated = '' THEN coalesce(pg_get_expr(d.adbin, d.adrelid), own.typdefault)
        ELSE pg_get_expr(d.adbin, d.adrelid) END,
    a.attidentity::text, a.attgenerated::text,
    col_description(a.attrelid, a.attnum),
    CASE WHEN a.attcollation <> own.typcollation THEN
        (SELECT l.collname::text FROM pg_collation l WHERE l.oid = a.attcollation) END,
    CASE WHEN t.typtype = 'e' THEN
        ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) END
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type own ON own.oid = a.atttypid
LEFT JOIN domains ON domains.oid = a.atttypid
JOIN pg_type t ON t.oid = coalesce(domains.base, a.atttypid)
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_OURS}
ORDER BY a.attrelid, a.attnum
"""

_CONSTRAINTS = f"""
SELECT k.conrelid::int8, k.conname::text, k.contype::text, k.conkey::int8[], k.confrelid::int8,
    k.confkey::int8[], k.confupdtype::text, k.confdeltype::text, k.condeferrable, k.condeferred,
    CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) ELSE '' END, k.conindid::int8
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype IN ('p', 'u', 'f', 'c') AND {_OURS}
ORDER BY k.conrelid, k.conname
"""

_INDEXES = f"""
SELECT i.indexrelid::int8, i.indrelid::int8, x.relname::text, i.indisunique AND i.indimmediate,
    pg_get_expr(i.indpred, i.indrelid), i.indkey::int2[]::int8[], i.indoption::int2[]::int8[],
    ARRAY(SELECT pg_get_indexdef(i.indexrelid, p, true)
        FROM generate_series(1, i.indnkeyatts) AS p ORDER BY p),
    i.indisvalid
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE {_OURS}
ORDER BY i.indrelid, x.relname
"""

_TRIGGERS = f"""
SELECT t.tgrelid::int8, t.tgname::text, t.tgtype::int8, pg_get_triggerdef(t.oid)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND {_OURS}
ORDER BY t.tgrelid, t.tgname
"""

_DATABASE = "SELECT coalesce(current_schema()::text, 'public'), current_setting('server_version_num')::int8"

CATALOG_QUERIES: Mapping[str, str] = {
    "database": _DATABASE,
    "relations": _RELATIONS,
    "columns": _COLUMNS,
    "constraints": _CONSTRAINTS,
    "indexes": _INDEXES,
    "triggers": _TRIGGERS,
}
"""The queries by the part of the catalogue that they read."""


class Catalog:
    """What the queries gave.

    Args:
        found: The rows of each query.

    Attributes:
        namespace: The schema that a name without one means.
        version: The server's version as a number: 150003 is 15.3.
        relations: What can be selected from.
        columns: The columns of each relation, in order.
        constraints: The constraints of each relation.
        indexes: The indexes of each relation.
        triggers: The triggers of each relation.
    """

    def __init__(self, found: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
        [(self.namespace, self.version)] = found["database"]
        self.relations = _read(found["relations"], RelationRow)
        self.columns = _grouped(_read(found["columns"], ColumnRow))
        self.constraints = _grouped(_read(found["constraints"], ConstraintRow))
        self.indexes = _grouped(_read(found["indexes"], IndexRow))
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
        """What is modelled: partitions are read through the table that they are a part of."""
        return (relation for relation in self.relations if not relation.is_partition)


def _read(rows: Sequence[tuple[Any, ...]], kind: type[T]) -> list[T]:
    return [kind(*row) for row in rows]


def _grouped(rows: Iterable[T]) -> Mapping[int, list[T]]:
    grouped: defaultdict[int, list[T]] = defaultdict(list)
    for row in rows:
        found: Any = row
        grouped[found.relation].append(row)
    return grouped
