"""Constraints that refused a row, with their table and columns.

Invariant: names come from the schema, or from where the server's message puts names; the values that it
quotes beside them are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from noormme.errors import (
    CheckViolation,
    ForeignKeyViolation,
    IntegrityError,
    NotNullViolation,
    UniqueViolation,
)
from noormme.schema.model import Schema, Table

__all__ = ["CONSTRAINTS", "constraint_error"]

CONSTRAINTS: Mapping[int, type[IntegrityError]] = {
    **dict.fromkeys((1022, 1062, 1169, 1557, 1586, 1761, 1762, 1859), UniqueViolation),
    **dict.fromkeys((1048, 1263, 1364, 1830), NotNullViolation),
    **dict.fromkeys((1216, 1217, 1451, 1452), ForeignKeyViolation),
    **dict.fromkeys((3819, 4025), CheckViolation),
    1748: IntegrityError,
    3673: IntegrityError,
}
"""The error for each number of the server's."""

_NAME = r"`(?:[^`]|``)*`"
_KEY = re.compile(r"for key '(?P<key>[^']*)'\s*\Z")
_COLUMN = re.compile(r"\A(?:Column|Field) '(?P<name>.*?)' (?:cannot|doesn't|set to)")
_FOREIGN = re.compile(
    rf"\((?P<table>{_NAME}(?:\.{_NAME})?), CONSTRAINT (?P<name>{_NAME}) FOREIGN KEY \((?P<columns>[^)]*)\)"
)
_MARIADB_CHECK = re.compile(rf"CONSTRAINT `(?P<name>.*)` failed for (?P<table>{_NAME}\.{_NAME})")
_MYSQL_CHECK = re.compile(r"constraint '(?P<name>.*)' is violated")
_WRITTEN = re.compile(
    rf"^\s*(?:INSERT(?:\s+IGNORE)?(?:\s+INTO)?|REPLACE(?:\s+INTO)?|UPDATE(?:\s+IGNORE)?|DELETE(?:\s+IGNORE)?\s+FROM)"
    rf"\s+(?P<table>{_NAME}|[\w$]+)",
    re.IGNORECASE,
)

_MESSAGES: Mapping[type[IntegrityError], str] = {
    IntegrityError: "a constraint of {where} refused the row",
    UniqueViolation: "{where} must be unique, and another row has that value",
    ForeignKeyViolation: "the foreign key {where} has no such row to point at, or a row still points here",
    NotNullViolation: "{where} must have a value",
    CheckViolation: "the check {name} of {where} refused the row",
}


def constraint_error(number: int, said: str, schema: Schema | None, sql: str) -> IntegrityError:
    """The error for a constraint that refused a row.

    Args:
        number: What the server calls it, a key of ``CONSTRAINTS``.
        said: The server's message.
        schema: Where its table and its columns are looked up.
        sql: The statement, which names the table where the message does not.
    """
    kind = CONSTRAINTS[number]
    table, columns, constraint = (_FINDERS.get(kind) or _by_statement)(said, schema, sql)
    name = table.name if isinstance(table, Table) else table
    where = f"{name or 'a table'}({', '.join(columns)})" if columns else name or "a table"
    return kind(_MESSAGES[kind].format(where=where, name=constraint), table=name, columns=columns)


Found = tuple[Table | str | None, tuple[str, ...], str]
"""A table, or its name where it is not in the schema; its columns; the name of the constraint."""


def _by_statement(said: str, schema: Schema | None, sql: str) -> Found:
    return _written(schema, sql), (), ""


def _unique(said: str, schema: Schema | None, sql: str) -> Found:
    found = _KEY.search(said)
    key = found["key"] if found is not None else ""
    written = _written(schema, sql)
    # MySQL writes the table before the name of the key, MariaDB the key alone; either name may have a dot.
    for table in _candidates(written, schema):
        for index in table.indexes:
            if key in (index.name, f"{table.name}.{index.name}"):
                return table, tuple(part.column or part.expression or "" for part in index.parts), key
    return written, (), key


def _not_null(said: str, schema: Schema | None, sql: str) -> Found:
    found = _COLUMN.search(said)
    return _written(schema, sql), (found["name"],) if found is not None else (), ""


def _foreign_key(said: str, schema: Schema | None, sql: str) -> Found:
    found = _FOREIGN.search(said)
    if found is None:
        return _by_statement(said, schema, sql)
    columns = tuple(_bare(name) for name in re.findall(_NAME, found["columns"]))
    return _named(schema, _bare(re.findall(_NAME, found["table"])[-1])), columns, _bare(found["name"])


def _check(said: str, schema: Schema | None, sql: str) -> Found:
    found = _MARIADB_CHECK.search(said)
    if found is not None:
        name = found["name"].rpartition(".")[2]
        table = _named(schema, _bare(re.findall(_NAME, found["table"])[-1]))
        return table, _checked_column(table, name), name
    found = _MYSQL_CHECK.search(said)
    name = found["name"] if found is not None else ""
    for table in _candidates(_written(schema, sql), schema):
        if any(check.name == name for check in table.checks):
            return table, _checked_column(table, name), name
    return _written(schema, sql), (), name


_FINDERS: Mapping[type[IntegrityError], Callable[[str, Schema | None, str], Found]] = {
    UniqueViolation: _unique,
    NotNullViolation: _not_null,
    ForeignKeyViolation: _foreign_key,
    CheckViolation: _check,
}


def _checked_column(table: Table | str | None, name: str) -> tuple[str, ...]:
    """The column of a check that is a column's."""
    if not isinstance(table, Table):
        return ()
    checked = [check.column for check in table.checks if check.name == name and check.column is not None]
    if not checked and (column := table.column(name)) is not None and column.kind == "json":
        return (column.name,)
    return tuple(checked)


def _written(schema: Schema | None, sql: str) -> Table | str | None:
    """The table that a statement writes to."""
    found = _WRITTEN.match(sql)
    return None if found is None else _named(schema, _bare(found["table"]))


def _named(schema: Schema | None, name: str) -> Table | str:
    return (None if schema is None else schema.table(name)) or name


def _candidates(written: Table | str | None, schema: Schema | None) -> list[Table]:
    """Where a key may be: in the table that is written, or in one that its triggers write to."""
    found = [written] if isinstance(written, Table) else []
    return found + [table for table in (schema.tables if schema is not None else ()) if table not in found]


def _bare(name: str) -> str:
    return name[1:-1].replace("``", "`") if name.startswith("`") else name
