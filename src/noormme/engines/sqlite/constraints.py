"""What SQLite says when a constraint refuses a row, as errors that name the table and the columns.

Invariant: names of the schema and texts of its DDL may be in a message, a value never is. What a trigger says
is repeated only where the trigger's own text holds it: it could have been put together from the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import apsw

from noormme.errors import (
    CheckViolation,
    ForeignKeyViolation,
    IntegrityError,
    InvalidValue,
    NoormmeError,
    NotNullViolation,
    UniqueViolation,
)
from noormme.schema.model import Check, ForeignKey, Schema, Table
from noormme.schema.sql_tokens import is_blank, keyword, tokenize, unquote

__all__ = ["constraint_error"]

_EMPTY = Schema("sqlite")

_UNIQUE_CODES = frozenset(
    {apsw.SQLITE_CONSTRAINT_UNIQUE, apsw.SQLITE_CONSTRAINT_PRIMARYKEY, apsw.SQLITE_CONSTRAINT_ROWID}
)

_WRONG_TYPE = re.compile(r"cannot store (\w+) value in (\w+) column (.+)", re.DOTALL)


def constraint_error(
    message: str, sql: str, schema: Schema | None = None, table: str | None = None, *, code: int = 0
) -> NoormmeError:
    """The error for a row that a constraint refused. Does not touch the database.

    Args:
        message: What SQLite says.
        sql: The statement.
        schema: Where the columns of a check, an index or a foreign key are looked up.
        table: The exact name of the table that the statement writes, for what SQLite does not say.
        code: SQLite's extended code; 0 where it is not known.
    """
    schema = schema or _EMPTY
    what, _, rest = message.partition(" constraint failed")
    where = rest.removeprefix(": ")
    if what == "UNIQUE":
        return _unique(where, schema, table)
    if what == "NOT NULL":
        return _not_null(where, schema)
    if what == "CHECK":
        return _check(where, schema, table)
    if what == "FOREIGN KEY":
        return _foreign_key(sql, schema, table)
    if code in (0, apsw.SQLITE_CONSTRAINT_DATATYPE) and (found := _WRONG_TYPE.fullmatch(message)):
        given, declared, column = found.groups()
        return InvalidValue(
            f"{column} takes {declared} and was given {given}",
            hint="its table is STRICT: give that type",
        )
    if code in (0, apsw.SQLITE_CONSTRAINT_TRIGGER):
        return _trigger(message, schema, table)
    if code in _UNIQUE_CODES:
        return _taken(table, ())
    return IntegrityError(f"a constraint of {table or 'the table'} refused the row", table=table)


# ---------------------------------------------------------------- unique and not null


def _unique(where: str, schema: Schema, table: str | None) -> UniqueViolation:
    if where.startswith("index '"):
        return _unique_index(where[len("index '") : -1], schema, table)
    return _taken(*_split(where, schema))


def _unique_index(name: str, schema: Schema, table: str | None) -> UniqueViolation:
    """SQLite names the index, not its columns, where one of its parts is an expression."""
    for known in schema.tables:
        for index in known.indexes:
            if index.name == name:
                mentioned = [part.column or part.expression or "" for part in index.parts]
                columns = _columns_in(mentioned, known)
                return UniqueViolation(
                    f"{known.name} has a row already that is the same to its unique index '{name}'",
                    table=known.name,
                    columns=columns,
                    hint="give other values, or write to the row that is there",
                )
    return UniqueViolation(
        f"there is a row already that is the same to the unique index '{name}'",
        table=table,
        hint="give other values, or write to the row that is there",
    )


def _taken(table: str | None, columns: tuple[str, ...]) -> UniqueViolation:
    same = _listed(columns) or "key"
    return UniqueViolation(
        f"{table or 'the table'} has a row with the same {same} already",
        table=table,
        columns=columns,
        hint="give another value, or write to the row that is there",
    )


def _not_null(where: str, schema: Schema) -> NotNullViolation:
    table, columns = _split(where, schema)
    return NotNullViolation(
        f"{table} must have a value in {_listed(columns)}",
        table=table,
        columns=columns,
        hint="give one that is not None",
    )


def _split(where: str, schema: Schema) -> tuple[str, tuple[str, ...]]:
    """The table and the columns of ``users.email, users.name``.

    Names may hold dots and commas themselves. So the schema's names are tried first: those that give the
    text exactly are the ones.
    """
    for known in schema.tables:
        if where.startswith(f"{known.name}."):
            keys: list[tuple[str, ...]] = [(column.name,) for column in known.columns]
            keys += [known.primary_key, *(unique.columns for unique in known.uniques)]
            keys += [columns for index in known.indexes if (columns := index.columns)]
            for columns in keys:
                if ", ".join(f"{known.name}.{column}" for column in columns) == where:
                    return known.name, columns
    table = where.partition(".")[0]
    return table, tuple(part.removeprefix(f"{table}.") for part in where.split(", "))


# ---------------------------------------------------------------- check


def _check(where: str, schema: Schema, table: str | None) -> CheckViolation:
    """SQLite says the constraint's name, or its text where it has none, and never the table."""
    tables = [known for known in schema.tables if table in (None, known.name)] or list(schema.tables)
    found = [
        (known, check)
        for known in tables
        for check in known.checks
        if where == check.name or _squeezed(where) == _squeezed(check.expression)
    ]
    if len(found) == 1:
        known, check = found[0]
        return CheckViolation(
            f"{known.name} takes no row for which this does not hold: {_squeezed(check.expression)}",
            table=known.name,
            columns=_columns_of_check(check, known),
            hint="give values that its CHECK constraint allows",
        )
    return CheckViolation(
        f"{table or 'the table'} takes no row that breaks its CHECK constraint: {_squeezed(where)}",
        table=table,
        hint="give values that it allows",
    )


def _columns_of_check(check: Check, table: Table) -> tuple[str, ...]:
    return _columns_in([check.expression], table) or ((check.column,) if check.column else ())


def _columns_in(texts: Iterable[str], table: Table) -> tuple[str, ...]:
    """The columns that pieces of SQL mention, in the order of the table."""
    words = {
        unquote(token).lower() for text in texts for token in tokenize(text) if not token.startswith("'")
    }
    return tuple(column.name for column in table.columns if column.name.lower() in words)


def _squeezed(text: str) -> str:
    return " ".join(text.split())


# ---------------------------------------------------------------- foreign keys


def _foreign_key(sql: str, schema: Schema, table: str | None) -> ForeignKeyViolation:
    """SQLite says no more than that one failed; which can be told where only one is in question."""
    verb = _verb(sql)
    if verb in ("COMMIT", "END", "RELEASE"):
        return ForeignKeyViolation(
            "rows of this transaction point at rows that do not exist",
            hint="create what they point at before the transaction ends, or delete them",
        )
    known = schema.table(table) if table else None
    own = known.foreign_keys if known else ()
    pointing = [
        (other, key)
        for other in schema.tables
        for key in other.foreign_keys
        if known is not None and key.target == known.name
    ]
    if verb == "DELETE":
        return _still_pointed_at(table, pointing)
    if verb != "INSERT" and pointing:
        return ForeignKeyViolation(
            f"a row of {table} points at a row that does not exist, or its old key is still pointed at",
            table=table,
            hint="create what it points at first, or change what points at it",
        )
    columns = own[0].columns if len(own) == 1 else ()
    targets = _listed(sorted({key.target for key in own})) if own else "another table"
    return ForeignKeyViolation(
        f"a row of {table or 'the table'} points at a row of {targets} that does not exist",
        table=table,
        columns=columns,
        hint="create that row first, or give the key of one that exists",
    )


def _still_pointed_at(table: str | None, pointing: list[tuple[Table, ForeignKey]]) -> ForeignKeyViolation:
    names = _listed(sorted({other.name for other, _ in pointing})) if pointing else "another table"
    child = pointing[0] if len(pointing) == 1 else None
    return ForeignKeyViolation(
        f"rows of {names} still point at a row of {table or 'the table'}",
        table=child[0].name if child else None,
        columns=child[1].columns if child else (),
        hint="delete those rows first, or let them point elsewhere",
    )


def _verb(sql: str) -> str:
    """What a statement does: the first word that says so, which after WITH is not the first word."""
    depth = 0
    for token in tokenize(sql):
        depth += (token == "(") - (token == ")")
        if depth == 0 and not is_blank(token) and (word := keyword(token)) in _VERBS:
            return "INSERT" if word == "REPLACE" else word
    return ""


_VERBS = frozenset({"INSERT", "REPLACE", "UPDATE", "DELETE", "COMMIT", "END", "RELEASE"})


# ---------------------------------------------------------------- triggers


def _trigger(message: str, schema: Schema, table: str | None) -> IntegrityError:
    literal = "'" + message.replace("'", "''") + "'"
    if any(literal in trigger.sql for known in schema for trigger in known.triggers):
        return IntegrityError(f"a trigger refused the row: {message}", table=table)
    return IntegrityError(
        f"a trigger of {table or 'the table'} refused the row",
        table=table,
        hint="what it said may hold values, so only __cause__ repeats it",
    )


def _listed(names: Iterable[str]) -> str:
    *first, last = names or [""]
    return f"{', '.join(first)} and {last}" if first else last
