"""psycopg's exceptions as errors that say what happened and what to do.

Invariant: no message holds a value or a password; the driver's exception stays chained by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import psycopg

from noormme.engines.budget import THREAD, out_of_time
from noormme.engines.fetched import closed
from noormme.errors import (
    CheckViolation,
    ConnectionFailed,
    ConnectionLost,
    DatabaseLocked,
    DiskFull,
    FieldNotFound,
    ForeignKeyViolation,
    IntegrityError,
    InvalidValue,
    NoormmeError,
    NotNullViolation,
    NotSupported,
    QueryFailed,
    QueryTimeout,
    ReadOnly,
    TableNotFound,
    TransactionError,
    UniqueViolation,
    did_you_mean,
)

if TYPE_CHECKING:
    from psycopg.errors import Diagnostic

    from noormme.schema.model import Schema, Table

__all__ = ["aborted", "lost", "not_found", "open_error", "statement_error", "unreadable"]

_QUOTED = re.compile(r'"[^"]*"')
_TAIL = re.compile(r': ".*', re.DOTALL)
_KEY = re.compile(r"^Key \((?P<columns>.*?)\)=\(", re.DOTALL)
_NAMED = re.compile(
    r'column (?:"(?P<quoted>[^"]*)"|(?P<column>[\w.]+))(?: of relation "[^"]*")? does not exist'
    r'|relation "(?P<relation>[^"]*)"'
)
_NOT_NOW = re.compile(
    "system is (starting up|shutting down|not yet accepting|in recovery mode)|too many (clients|connections)"
    "|connection slots|no more connections allowed|terminating connection|pgbouncer cannot connect"
    "|login has been failing|server conn crashed"
)
_SECRET = re.compile(r"password=\S+|(?<=://)[^@\s/]*@")


def open_error(error: Exception, where: str) -> NoormmeError:
    """The error for a server that could not be reached, or did not let us in.

    Args:
        error: What psycopg raised.
        where: The database without its password.
    """
    if isinstance(error, NoormmeError):
        return error
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = _SECRET.sub("…", lines[0] if lines else type(error).__name__)
    hint = "check that the server runs, and the host and the port"
    if "does not exist" in said:
        hint = "check the name of the database and of the user"
    elif "password" in said or "authentication" in said or "pg_hba" in said:
        hint = "check the user and the password; PGPASSWORD and ~/.pgpass are read too"
    elif isinstance(error, psycopg.ProgrammingError):
        said, hint = (
            "the URL is not one that PostgreSQL understands",
            "write postgresql://user@host:5432/name",
        )
    message = f"{where} cannot be opened: {said}"
    if _NOT_NOW.search(said):
        return ConnectionLost(message, hint="try again in a moment", answered=True)
    if "FATAL" in said or isinstance(error, psycopg.ProgrammingError):
        return ConnectionFailed(message, hint=hint)
    return ConnectionLost(message, hint=hint)


def unreadable(error: Exception) -> bool:
    """Whether an exception means a value that Python has no type for (a date that is ``infinity``).

    Args:
        error: What psycopg raised.
    """
    return isinstance(error, psycopg.DataError) and error.sqlstate is None


def statement_error(error: Exception, schema: Schema | None = None) -> NoormmeError:
    """The error for a statement that failed.

    Args:
        error: What psycopg raised.
        schema: Where the columns of a constraint are looked up.
    """
    if isinstance(error, NoormmeError):
        return error
    if not isinstance(error, psycopg.Error):
        return _of_values(error)
    state = error.sqlstate or ""
    if not state:
        return _of_driver(error)
    made = _BY_STATE.get(state)
    if made is not None:
        return made(error)
    kind = _CONSTRAINTS.get(state)
    if kind is not None:
        return _constraint_error(kind, error.diag, schema)
    by_class = _BY_CLASS.get(state[:2])
    if by_class is not None:
        return by_class(error)
    if state == "42883" and str(error).startswith("function digest("):
        return NotSupported("PostgreSQL has no SHA-1", hint="run CREATE EXTENSION pgcrypto, which has it")
    return QueryFailed(f"PostgreSQL refused the statement: {_said(error)}", hint=_hint(error))


def not_found(error: NoormmeError, schema: Schema) -> NoormmeError:
    """The error for a statement of the user's that names what does not exist; the same for any other.

    Args:
        error: What the statement raised.
        schema: The schema, to suggest names from.
    """
    cause = error.__cause__
    named = _NAMED.search(str(cause))
    if isinstance(cause, psycopg.errors.UndefinedTable) and named is not None:
        name = named["relation"]
        return TableNotFound(
            f"no table or view '{name}'",
            hint=did_you_mean(name, [table.name for table in schema])
            or "call db.refresh() if it was made after connect()",
        )
    if isinstance(cause, psycopg.errors.UndefinedColumn) and named is not None:
        name = named["quoted"] or named["column"]
        columns = {column.name for table in schema for column in table.columns}
        return FieldNotFound(
            f"no column '{name}' in the statement", hint=did_you_mean(name.rpartition(".")[2], columns)
        )
    return error


def _of_values(error: Exception) -> NoormmeError:
    if isinstance(error, UnicodeEncodeError):
        return InvalidValue("text with half of a surrogate pair cannot be stored, so nothing can match it")
    return QueryFailed(f"the statement failed: {type(error).__name__}")


def _of_driver(error: psycopg.Error) -> NoormmeError:
    """What psycopg itself has to say."""
    said = str(error)
    if "NUL" in said:
        return InvalidValue(
            "PostgreSQL stores no text with a NUL character, so nothing can match it",
            hint="take the character out, or use a column of type bytea",
        )
    if isinstance(error, psycopg.ProgrammingError) and "adapt type" in said:
        return InvalidValue(
            "a value is of a type that PostgreSQL does not have",
            hint="give a number, text, bytes, a date or a Decimal",
        )
    if isinstance(error, psycopg.DataError):
        return InvalidValue("a value cannot be sent to PostgreSQL", hint="check its size and its type")
    if isinstance(error, psycopg.InterfaceError) or "connection is closed" in said:
        return closed()
    return lost()


def lost(*, before: bool = False) -> ConnectionLost:
    """The error for a connection that ended.

    Args:
        before: Whether it had ended before the statement was sent.
    """
    return ConnectionLost(
        "the connection to the server was lost, and nothing was written",
        hint="try again; db.run_in_transaction() does that with a whole transaction",
        answered=before,
    )


def aborted() -> TransactionError:
    """The error for a transaction in which a statement failed: it can only be rolled back."""
    return TransactionError(
        "a statement of this transaction failed: PostgreSQL neither takes another one in it nor commits it",
        hint="put what may fail into a block of its own: with db.transaction(): …",
    )


def _said(error: psycopg.Error) -> str:
    """PostgreSQL's message without what it quotes from a value."""
    message = error.diag.message_primary or type(error).__name__
    if (error.sqlstate or "")[:2] in ("22", "23"):
        return _QUOTED.sub("…", _TAIL.sub("", message))
    return message


def _hint(error: psycopg.Error) -> str | None:
    state = error.sqlstate
    if state in ("42P01", "42703"):
        return "the schema has changed since it was discovered; call db.refresh()"
    if state in ("42883", "42804", "42P18"):
        return "say of which type a value is, with Cast(…) or Value(…, output_field=…)"
    return None


# -- by what PostgreSQL calls it ------------------------------------------------------------------------


def _time_over(error: psycopg.Error) -> NoormmeError:
    limit_s = THREAD.budget.limit_s
    if "statement timeout" in str(error):
        return out_of_time(limit_s) if limit_s < 1e9 else QueryTimeout("the statement took too long")
    return QueryTimeout("the statement was cancelled on the server")


def _locked(error: psycopg.Error) -> NoormmeError:
    return DatabaseLocked(
        "another transaction held what this one needed",
        hint="run it again with db.run_in_transaction(), which tries again",
    )


def _aborted(error: psycopg.Error) -> NoormmeError:
    return aborted()


def _read_only(error: psycopg.Error) -> NoormmeError:
    return ReadOnly("this database can only be read", hint="connect() to it without readonly=True to write")


def _generated(error: psycopg.Error) -> NoormmeError:
    return ReadOnly(
        f"the database fills this column in: {_said(error)}",
        hint="leave it out, and the database numbers the row",
    )


def _full(error: psycopg.Error) -> NoormmeError:
    return DiskFull("the server has no room left on its disk", hint="make room there; nothing was written")


def _invalid(error: psycopg.Error) -> NoormmeError:
    return InvalidValue(
        f"a value does not fit: {_said(error)}", hint="give one that the column's type can hold"
    )


def _not_there(error: psycopg.Error) -> NoormmeError:
    return NotSupported(f"PostgreSQL cannot do that: {_said(error)}")


def _lost(error: psycopg.Error) -> NoormmeError:
    return lost()


_BY_STATE: Mapping[str, Callable[[psycopg.Error], NoormmeError]] = {
    "57014": _time_over,
    "40001": _locked,
    "40P01": _locked,
    "55P03": _locked,
    "25P02": _aborted,
    "25006": _read_only,
    "428C9": _generated,
    "57P01": _lost,
    "57P02": _lost,
    "57P03": _lost,
    "42846": _invalid,
}
_BY_CLASS: Mapping[str, Callable[[psycopg.Error], NoormmeError]] = {
    "08": _lost,
    "0A": _not_there,
    "22": _invalid,
    "53": _full,
}

_CONSTRAINTS: Mapping[str, type[IntegrityError]] = {
    "23000": IntegrityError,
    "23001": ForeignKeyViolation,
    "23502": NotNullViolation,
    "23503": ForeignKeyViolation,
    "23505": UniqueViolation,
    "23514": CheckViolation,
    "23P01": UniqueViolation,
}


def _constraint_error(kind: type[IntegrityError], diag: Diagnostic, schema: Schema | None) -> IntegrityError:
    table = _table(diag, schema)
    name = table.name if table is not None else diag.table_name
    columns = _columns(diag, table)
    # The check of a domain is no table's.
    where = f"{name or 'its type'}({', '.join(columns)})" if columns else name or "its type"
    constraint = diag.constraint_name
    return kind(_MESSAGES[kind].format(where=where, name=constraint), table=name, columns=columns)


_MESSAGES: Mapping[type[IntegrityError], str] = {
    IntegrityError: "a constraint of {where} refused the row",
    UniqueViolation: "{where} must be unique, and another row has that value",
    ForeignKeyViolation: "the foreign key {where} has no such row to point at, or a row still points here",
    NotNullViolation: "{where} must have a value",
    CheckViolation: "the check {name} of {where} refused the row",
}


def _table(diag: Diagnostic, schema: Schema | None) -> Table | None:
    if schema is None or diag.table_name is None:
        return None
    return schema.table(f"{diag.schema_name}.{diag.table_name}") or schema.table(diag.table_name)


def _columns(diag: Diagnostic, table: Table | None) -> tuple[str, ...]:
    if diag.column_name:
        return (diag.column_name,)
    if table is not None:
        for key in table.foreign_keys:
            if key.name == diag.constraint_name:
                return key.columns
        for index in table.indexes:
            if index.name == diag.constraint_name:
                return index.columns or ()
    found = _KEY.match(diag.message_detail or "")
    return tuple(part.strip().strip('"') for part in found["columns"].split(",")) if found else ()
