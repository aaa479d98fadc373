"""What MySQL or MariaDB says about a database, in as many queries as there are kinds of things.

Invariant: the number of queries does not depend on the number of tables. The two servers answer in the same
form: where they differ, a comment with a version in it (``/*!80000 … */`` is for MySQL alone, ``/*M!100000 …
*/`` for MariaDB alone) says what each of them is asked. Nothing outside of this module knows the difference.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

__all__ = [
    "CATALOG_QUERIES",
    "Catalog",
    "CheckRow",
    "ColumnRow",
    "IndexRow",
    "KeyRow",
    "RelationRow",
    "TriggerRow",
    "spelled",
]

T = TypeVar("T")


class RelationRow(msgspec.Struct, array_like=True):
    """One table, view or sequence."""

    name: str
    kind: str
    comment: str | None
    definition: str | None = None


class ColumnRow(msgspec.Struct, array_like=True):
    """One column; ``default`` and ``extra`` are as the server writes them until ``Catalog`` has read them."""

    relation: str
    name: str
    default: str | None
    nullable: bool
    data_type: str
    declared: str
    collation: str | None
    extra: str
    expression: str | None
    comment: str | None
    readable: bool


class KeyRow(msgspec.Struct, array_like=True):
    """One column of one foreign key."""

    relation: str
    name: str
    column: str
    target_database: str
    target: str
    target_column: str
    on_update: str
    on_delete: str


class CheckRow(msgspec.Struct, array_like=True):
    """One CHECK constraint."""

    relation: str
    name: str
    expression: str


class IndexRow(msgspec.Struct, array_like=True):
    """One part of one index."""

    relation: str
    name: str
    unique: bool
    column: str | None
    descending: bool
    prefix: int | None
    kind: str
    expression: str | None


class TriggerRow(msgspec.Struct, array_like=True):
    """One trigger."""

    relation: str
    name: str
    timing: str
    event: str
    sql: str


_DATABASE = "SELECT DATABASE(), VERSION(), @@lower_case_table_names"

_RELATIONS = """
SELECT TABLE_NAME, TABLE_TYPE, TABLE_COMMENT FROM information_schema.TABLES
WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE <> 'TEMPORARY'
ORDER BY TABLE_NAME
"""

# Beside the tables, not joined to them: MariaDB would look up each of them in all views.
_VIEWS = """
SELECT TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()
"""

_COLUMNS = """
SELECT TABLE_NAME, COLUMN_NAME, COLUMN_DEFAULT, IS_NULLABLE = 'YES', DATA_TYPE, COLUMN_TYPE, COLLATION_NAME,
    EXTRA, GENERATION_EXPRESSION, COLUMN_COMMENT, FIND_IN_SET('select', PRIVILEGES) > 0
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()
ORDER BY TABLE_NAME, ORDINAL_POSITION
"""

_KEYS = """
SELECT k.TABLE_NAME, k.CONSTRAINT_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME,
    k.REFERENCED_COLUMN_NAME, r.UPDATE_RULE, r.DELETE_RULE
FROM information_schema.KEY_COLUMN_USAGE k
JOIN information_schema.REFERENTIAL_CONSTRAINTS r ON r.CONSTRAINT_SCHEMA = DATABASE()
    AND r.TABLE_NAME = k.TABLE_NAME AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME
WHERE k.TABLE_SCHEMA = DATABASE() AND k.REFERENCED_TABLE_NAME IS NOT NULL
ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION
"""

# The name of a check is unique in the database on MySQL, and in its table on MariaDB.
_CHECKS = """
SELECT /*M!100000 c.TABLE_NAME */ /*!80000 t.TABLE_NAME */, c.CONSTRAINT_NAME, c.CHECK_CLAUSE
FROM information_schema.CHECK_CONSTRAINTS c
/*!80000 JOIN information_schema.TABLE_CONSTRAINTS t ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA
    AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME AND t.CONSTRAINT_TYPE = 'CHECK' AND t.ENFORCED = 'YES' */
WHERE c.CONSTRAINT_SCHEMA = DATABASE()
ORDER BY 1, 2
"""

_INDEXES = """
SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE = 0, COLUMN_NAME, COLLATION <=> 'D', SUB_PART, INDEX_TYPE,
    /*M!100000 NULL */ /*!80000 EXPRESSION */
FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()
ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX
"""

_TRIGGERS = """
SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT
FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = DATABASE()
ORDER BY EVENT_OBJECT_TABLE, TRIGGER_NAME
"""

# Not @@…, which is an error on a server without InnoDB.
_SEARCH = """
SHOW VARIABLES WHERE Variable_name IN ('innodb_ft_enable_stopword', 'innodb_ft_max_token_size',
    'innodb_ft_min_token_size', 'innodb_ft_server_stopword_table', 'innodb_ft_user_stopword_table')
"""

CATALOG_QUERIES: Mapping[str, str] = {
    "database": _DATABASE,
    "relations": _RELATIONS,
    "views": _VIEWS,
    "columns": _COLUMNS,
    "keys": _KEYS,
    "checks": _CHECKS,
    "indexes": _INDEXES,
    "triggers": _TRIGGERS,
    "search": _SEARCH,
}
"""The queries by the part of the catalogue that they read; none has a parameter."""


class Catalog:
    """What the queries gave.

    Args:
        found: The rows of each query.

    Attributes:
        database: The name of the database.
        version: What the server says that it is: ``10.11.6-MariaDB``, ``8.4.2``.
        folds_names: Whether names of tables differ in more than upper and lower case.
        relations: What can be selected from, and sequences.
        columns: The columns of each relation, in order.
        keys: The foreign keys of each relation, as their columns in order.
        checks: The checks of each relation; that of a column of documents on MariaDB is none.
        indexes: The indexes of each relation, as their parts in order.
        triggers: The triggers of each relation.
        search: The settings of full-text indexes, by name.
    """

    def __init__(self, found: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
        [(database, version, folding)] = found["database"]
        self.database = "" if database is None else str(_text(database))
        self.version = str(_text(version))
        self.folds_names = int(folding) != 0
        is_mariadb = "mariadb" in self.version.lower()
        self.relations = _read(found["relations"], RelationRow)
        definitions = {_text(name): _text(sql) for name, sql in found["views"]}
        for relation in self.relations:
            relation.definition = definitions.get(relation.name)
        self.columns = _grouped(_read(found["columns"], ColumnRow))
        self.keys = _grouped(_read(found["keys"], KeyRow))
        self.checks = _grouped(_read(found["checks"], CheckRow))
        self.indexes = _grouped(_read(found["indexes"], IndexRow))
        self.triggers = _grouped(_read(found["triggers"], TriggerRow))
        self.search: dict[str, str] = {_text(name): _text(value) for name, value in found["search"]}
        for rows in self.columns.values():
            for row in rows:
                row.nullable, row.readable = bool(row.nullable), bool(row.readable)
                row.default = _default(row, is_mariadb=is_mariadb)
                row.expression = spelled(row.expression) if row.expression else None
        for parts in self.indexes.values():
            for part in parts:
                part.unique, part.descending = bool(part.unique), bool(part.descending)
                part.expression = None if part.expression is None else spelled(part.expression)
        for name, checks in self.checks.items():
            for check in checks:
                check.expression = _checked(check.expression)
            self._take_documents(name)

    def _take_documents(self, name: str) -> None:
        """MariaDB's JSON is a text with a check of its own; MySQL's is a type."""
        columns = {row.name: row for row in self.columns.get(name, [])}
        kept: list[CheckRow] = []
        for check in self.checks[name]:
            column = columns.get(check.name)
            said = f"json_valid({_quoted(check.name)})"
            if column is None or column.data_type != "longtext" or check.expression != said:
                kept.append(check)
                continue
            column.data_type = column.declared = "json"
            column.collation = None
        self.checks[name] = kept


_NAMES_AND_TEXTS = re.compile(
    r"(?P<name>`(?:[^`]|``)*`)|(?:\b_[a-z0-9]+\s*)?(?P<text>'(?:[^'\\]|\\.|'')*')", re.DOTALL
)
_ESCAPED_TEXT = re.compile(r"(?:^|[^\w'])_[a-z0-9]+\\'")
_ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)
_ESCAPES: Mapping[str, str] = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}
_BYTES = re.compile(r"(?<![\w`.])length\(")


def spelled(sql: str) -> str:
    """An expression of the catalogue's whose texts are written as every database writes them.

    Args:
        sql: The expression. MySQL escapes quotes, and once more those of texts in expressions, before which
            it names their character set.

    Returns:
        The expression with ``''`` for a quote in a text, a backslash that stands for itself, and without
        character sets.
    """
    if _ESCAPED_TEXT.search(sql):
        sql = sql.replace("\\'", "'").replace("\\\\", "\\")
    return _NAMES_AND_TEXTS.sub(lambda found: found["name"] or _literal(_unescaped(found["text"])), sql)


def _checked(sql: str) -> str:
    """The expression of a check, in which ``length`` is that of characters as everywhere, or is not said."""
    parts: list[str] = []
    end = 0
    text = spelled(sql)
    for found in _NAMES_AND_TEXTS.finditer(text):
        parts += [_BYTES.sub("octet_length(", text[end : found.start()]), found[0]]
        end = found.end()
    return "".join([*parts, _BYTES.sub("octet_length(", text[end:])])


def _default(row: ColumnRow, *, is_mariadb: bool) -> str | None:
    """The default of a column as SQL; MySQL writes a text without quotes."""
    default = row.default
    if default is None:
        return "NULL" if row.nullable and not row.expression else None
    if is_mariadb or "DEFAULT_GENERATED" in row.extra:
        return spelled(default)
    if row.data_type in _BARE or default.startswith(("b'", "0x")):
        return default
    if row.data_type in ("timestamp", "datetime") and default.upper().startswith("CURRENT_TIMESTAMP"):
        return default
    return _literal(default)


_BARE = frozenset(
    ("tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "float", "double", "year", "bit")
)
"""Types whose literals have no quotes."""


def _unescaped(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        return "'" if found[1] is None else _ESCAPES.get(found[1], found[1])

    return _ESCAPE.sub(one, text[1:-1])


def _literal(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _quoted(name: str) -> str:
    doubled = name.replace("`", "``")
    return f"`{doubled}`"


def _text(value: Any) -> Any:
    """MySQL has parts of its catalogue in columns of bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _read(rows: Sequence[tuple[Any, ...]], kind: type[T]) -> list[T]:
    return [kind(*map(_text, row)) for row in rows]


def _grouped(rows: Iterable[T]) -> dict[str, list[T]]:
    grouped: defaultdict[str, list[T]] = defaultdict(list)
    for row in rows:
        found: Any = row
        grouped[found.relation].append(row)
    return dict(grouped)
