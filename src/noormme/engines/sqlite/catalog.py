"""What SQLite itself says about a database, read in a few queries and not yet interpreted.

Invariant: everything comes from the ``main`` schema, and nothing here fails because of what the
database holds. Only the driver's errors about the file (I/O, corruption, not a database) get out.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import NamedTuple, cast

import apsw
import msgspec

from noormme.deferred import made_by_one
from noormme.engines.sqlite.ddl import parse_virtual_table
from noormme.schema.sql_tokens import DDLError, fold, quote_identifier

__all__ = [
    "REPLACEMENT",
    "Catalog",
    "ColumnRow",
    "IndexPartRow",
    "KeyRow",
    "TableRow",
    "TriggerRow",
    "Unreadable",
    "describe",
    "primary_key_of",
    "probe",
    "read_catalog",
    "read_columns",
]

REPLACEMENT = "\ufffd"
"""What stands for bytes that are not text in the database's encoding."""

_OBJECTS = "SELECT lower(type), name, tbl_name, sql FROM main.sqlite_schema"

_PRAGMAS = (
    "pragma_table_list",
    "pragma_table_xinfo",
    "pragma_foreign_key_list",
    "pragma_index_list",
    "pragma_index_xinfo",
)
"""The functions below. A table hides the function of its name in its own schema, and in no other one."""

_TABLE_LIST = "SELECT name, type FROM {where}.pragma_table_list WHERE schema = 'main'"

# One pass over all ordinary tables. JSON carries the rows of a table in one value, which msgspec turns
# into structs faster than the driver makes tuples. A look-up in sqlite_schema in here would make it
# quadratic, and one view or virtual table that is broken would fail it for all.
_TABLES = """
SELECT t.name, t.wr, t.strict,
  (SELECT json_group_array(json_array(c.name, c.type, c."notnull", c.dflt_value, c.pk, c.hidden))
     FROM {where}.pragma_table_xinfo(t.name, 'main') AS c),
  (SELECT json_group_array(json_array(f.id, f."table", f."from", f."to", f.on_update, f.on_delete))
     FROM {where}.pragma_foreign_key_list(t.name, 'main') AS f),
  (SELECT json_group_array(json_array(i.name, i."unique", i.origin, i.partial, p.name, p."desc", p.coll))
     FROM {where}.pragma_index_list(t.name, 'main') AS i,
          {where}.pragma_index_xinfo(i.name, 'main') AS p WHERE p.key)
FROM {where}.pragma_table_list AS t
WHERE t.schema = 'main' AND t.type IN ('table', 'shadow')
"""

_COLUMNS = "PRAGMA main.table_xinfo({table})"

_ABOUT_THE_FILE = (
    apsw.BusyError,
    apsw.CantOpenError,
    apsw.InterruptError,
    apsw.IOError,
    apsw.LockedError,
    apsw.NoMemError,
    apsw.NotADBError,
)


class Unreadable(Exception):
    """SQLite cannot prepare or run a statement; the text is SQLite's reason."""


class ColumnRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One row of ``table_xinfo``: ``hidden`` is 1 for hidden, 2 for virtual, 3 for stored columns."""

    name: str
    type: str
    not_null: int
    default: str | None
    primary_key: int
    hidden: int


class KeyRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One row of ``foreign_key_list``: one column of a foreign key; ids count from the last declared."""

    id: int
    target: str
    column: str
    target_column: str | None
    on_update: str
    on_delete: str


class IndexPartRow(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One key part of an index: ``origin`` is ``c``, ``u`` or ``pk``; an expression has no column."""

    name: str
    unique: int
    origin: str
    partial: int
    column: str | None
    descending: int
    collation: str


class TableRow(NamedTuple):
    """What the pragmas say about one ordinary table."""

    name: str
    without_rowid: bool
    strict: bool
    columns: list[ColumnRow]
    primary_key: tuple[str, ...]
    keys: list[KeyRow]
    indexes: list[IndexPartRow]


class TriggerRow(NamedTuple):
    """The name of a trigger, and the statement that made it."""

    name: str
    sql: str | None


class Catalog(NamedTuple):
    """Everything that was read.

    Attributes:
        tables: Ordinary tables, by name.
        views: Names of the views.
        virtual_tables: Names of the virtual tables.
        shadow_tables: Names of the tables that virtual tables keep their data in.
        statements: What made each table, view and index, by folded name.
        triggers: The triggers, by the folded name of their table.
        damaged: Whether some text was not valid UTF-8 and has replacement characters instead.
    """

    tables: list[TableRow]
    views: list[str]
    virtual_tables: list[str]
    shadow_tables: list[str]
    statements: dict[str, str | None]
    triggers: dict[str, list[TriggerRow]]
    damaged: bool

    def sql(self, name: str) -> str | None:
        """The statement that made a table, a view or an index, or None."""
        return self.statements.get(fold(name))


def read_catalog(connection: apsw.Connection) -> Catalog:
    """Read what SQLite knows of the ``main`` schema.

    Args:
        connection: An open connection; a few statements are run on it.

    Returns:
        The catalog, internal tables (``sqlite_…``) left out.

    Raises:
        apsw.Error: The file cannot be read.
    """
    statements: dict[str, str | None] = {}
    triggers: dict[str, list[TriggerRow]] = {}
    rows, damaged_objects = _fetch(connection, _OBJECTS, 4)
    for kind, name, table, sql in cast("list[tuple[str, str, str, str | None]]", rows):
        if kind == "trigger":
            triggers.setdefault(fold(table), []).append(TriggerRow(name, sql))
        else:
            statements[fold(name)] = sql

    where = "temp" if any(name in statements for name in _PRAGMAS) else "main"
    listed, damaged_list = _fetch(connection, _TABLE_LIST.format(where=where), 2)
    kinds: dict[str, list[str]] = {"table": [], "view": [], "virtual": [], "shadow": []}
    for name, kind in cast("list[tuple[str, str]]", listed):
        if not fold(name).startswith("sqlite_"):
            kinds[kind].append(name)

    # SQLite goes by the name alone; a table of that name that FTS was told to index is the user's own.
    shadows = [name for name in kinds["shadow"] if not _is_external_content(name, statements)]
    tables, damaged_tables = _read_tables(connection, where, shadows)
    return Catalog(
        tables,
        kinds["view"],
        kinds["virtual"],
        shadows,
        statements,
        triggers,
        damaged_list or damaged_objects or damaged_tables,
    )


def read_columns(connection: apsw.Connection, table: str) -> list[ColumnRow]:
    """Read the columns of one table of any kind.

    Args:
        connection: An open connection; one statement is run on it.
        table: The table's exact name.

    Returns:
        The columns in order.

    Raises:
        Unreadable: SQLite cannot say, because a virtual table does not work, or says what is no text.
    """
    with _reasons():
        rows = connection.execute(_COLUMNS.format(table=quote_identifier(table))).fetchall()
    return [
        ColumnRow(*row[1:]) for row in cast("list[tuple[int, str, str, int, str | None, int, int]]", rows)
    ]


def primary_key_of(columns: list[ColumnRow]) -> tuple[str, ...]:
    """Give the names of the primary key's columns, in key order."""
    numbered = sorted([(column.primary_key, column.name) for column in columns if column.primary_key])
    return tuple([name for _, name in numbered])


def describe(connection: apsw.Connection, sql: str) -> list[tuple[str, str]]:
    """Prepare a SELECT without running it.

    Args:
        connection: An open connection; no row is read on it.
        sql: The statement.

    Returns:
        Name and declared type of each column of the result; the type of an expression is empty.

    Raises:
        Unreadable: SQLite cannot prepare the statement.
    """
    columns: list[tuple[str, str]] = []

    def stop(cursor: apsw.Cursor, statement: str, bindings: object) -> bool:
        columns.extend((name, declared or "") for name, declared in cursor.get_description())
        return False

    cursor = connection.cursor()
    cursor.exec_trace = stop
    with _reasons(), suppress(apsw.ExecTraceAbort):
        cursor.execute(sql)
    return columns


def probe(connection: apsw.Connection, sql: str) -> None:
    """Run a statement for its errors alone.

    Args:
        connection: An open connection.
        sql: A statement that reads little.

    Raises:
        Unreadable: SQLite cannot run the statement. Values that are not valid text are no reason.
    """
    with _reasons(), suppress(UnicodeDecodeError):
        connection.execute(sql).fetchall()


def _made() -> tuple[
    Callable[[str], list[ColumnRow]], Callable[[str], list[KeyRow]], Callable[[str], list[IndexPartRow]]
]:
    return (
        msgspec.json.Decoder(list[ColumnRow]).decode,
        msgspec.json.Decoder(list[KeyRow]).decode,
        msgspec.json.Decoder(list[IndexPartRow]).decode,
    )


_listed = made_by_one(_made)


def _read_tables(connection: apsw.Connection, where: str, shadows: list[str]) -> tuple[list[TableRow], bool]:
    left_out = set(shadows)
    columns, keys, parts = _listed()
    rows, damaged = _fetch(connection, _TABLES.format(where=where), 6)
    tables: list[TableRow] = []
    for name, without_rowid, strict, c, k, p in cast("list[tuple[str, int, int, str, str, str]]", rows):
        if name not in left_out and not fold(name).startswith("sqlite_"):
            listed = columns(c)
            key = primary_key_of(listed)
            tables.append(TableRow(name, without_rowid == 1, strict == 1, listed, key, keys(k), parts(p)))
    return tables, damaged


def _is_external_content(name: str, statements: dict[str, str | None]) -> bool:
    """Whether an FTS table of that name has its text elsewhere, so that this table is not its own."""
    owner, _, suffix = fold(name).rpartition("_")
    if suffix != "content":
        return False
    try:
        arguments = parse_virtual_table(statements.get(owner) or "").arguments
    except DDLError:
        return False
    return any(fold(argument.partition("=")[0].strip()) == "content" for argument in arguments)


def _fetch(
    connection: apsw.Connection, sql: str, width: int
) -> tuple[list[tuple[apsw.SQLiteValue, ...]], bool]:
    """Fetch rows of a width; the flag says whether bytes that are no text had to be replaced."""
    try:
        return connection.execute(sql).fetchall(), False
    except UnicodeDecodeError:
        encoding = str(connection.pragma("encoding"))
    names = [f"c{number}" for number in range(width)]
    values = [f"CASE typeof({name}) WHEN 'text' THEN CAST({name} AS BLOB) ELSE {name} END" for name in names]
    raw = f"WITH found({', '.join(names)}) AS ({sql}) SELECT {', '.join(values)} FROM found"
    rows = [
        tuple(value.decode(encoding, "replace") if isinstance(value, bytes) else value for value in row)
        for row in connection.execute(raw)
    ]
    return rows, True


@contextmanager
def _reasons() -> Generator[None]:
    """Turn what SQLite says against one statement into ``Unreadable``."""
    try:
        yield
    except _ABOUT_THE_FILE:
        raise
    except UnicodeDecodeError as error:
        raise Unreadable("a column's name is not valid text") from error
    except apsw.Error as error:
        raise Unreadable(str(error)) from error
