"""What libSQL says of a statement that failed, as errors that say what happened and what to do.

Invariant: no message holds a value. SQLite's own messages are read where the SQLite engine reads them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from noormme.engines.sqlite.constraints import constraint_error
from noormme.engines.sqlite.faults import refused, wrong_key
from noormme.engines.sqlite.numbering import written_table
from noormme.errors import (
    DatabaseLocked,
    DiskFull,
    FieldNotFound,
    NoormmeError,
    NotSupported,
    QueryFailed,
    ReadOnly,
    TableNotFound,
    TransactionError,
    did_you_mean,
)
from noormme.schema.model import Schema

__all__ = ["ENDS_TRANSACTION", "LibSQLFault", "expired", "not_found", "statement_error"]

ENDS_TRANSACTION = frozenset({"TRANSACTION_TIMEOUT", "TRANSACTION_BUSY", "STREAM_EXPIRED"})
"""The codes with which the server says that it has rolled a transaction back."""

_PREFIX = re.compile(r"^(?:SQLite error|SQL input error|SQL string could not be parsed): ")
_OFFSET = re.compile(r" \(at offset \d+\)$")
_CONSTRAINT = re.compile(
    r"^(?:UNIQUE|NOT NULL|CHECK|FOREIGN KEY) constraint failed|^cannot store \w+ value in \w+ column "
)


class LibSQLFault(Exception):
    """What libSQL said; chained to the error that it stands for.

    Args:
        message: The message.
        code: The code, or ``""``.
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


def statement_error(message: str, code: str, sql: str, schema: Schema) -> NoormmeError:
    """The error for a statement that failed.

    Args:
        message: What libSQL says.
        code: Its code; empty where there is none.
        sql: The statement.
        schema: Where the columns of a constraint are looked up.
    """
    said = _OFFSET.sub("", _PREFIX.sub("", message))
    made = _BY_CODE.get(code)
    if made is not None:
        return made()
    table = written_table(sql)
    if code.startswith("SQLITE_CONSTRAINT") or _CONSTRAINT.match(said):
        return constraint_error(said, sql, schema, table)
    if code == "SQLITE_MISMATCH" or said == "datatype mismatch":
        return wrong_key(table)
    for start, error in _BY_MESSAGE.items():
        if said.startswith(start):
            return error()
    return refused(said, sql)


def expired() -> TransactionError:
    """The error for a transaction that the server has ended."""
    return TransactionError(
        "the server has ended this transaction and rolled it back: it was idle, or in the way, for too long",
        hint="do slow work before it begins; db.run_in_transaction() runs the whole of it again",
    )


def not_found(error: NoormmeError, schema: Schema) -> NoormmeError:
    """The error for a statement of the user's that names what does not exist; the same for any other.

    Args:
        error: What the statement raised.
        schema: The schema, to suggest names from.
    """
    said = _OFFSET.sub("", _PREFIX.sub("", str(error.__cause__)))
    what, _, name = said.partition(": ")
    last = name.rpartition(".")[2]
    if what == "no such table":
        hint = did_you_mean(last, [table.name for table in schema])
        return TableNotFound(
            f"no table or view '{name}'", hint=hint or "call db.refresh() if it was made after connect()"
        )
    if what == "no such column":
        columns = {column.name for table in schema for column in table.columns}
        return FieldNotFound(f"no column '{name}' in the statement", hint=did_you_mean(last, columns))
    return error


def _locked() -> NoormmeError:
    return DatabaseLocked("another connection held the lock for too long", hint="try again")


def _full() -> NoormmeError:
    return DiskFull("there is no room left for the database", hint="make room there; nothing was written")


def _blocked() -> NoormmeError:
    return NotSupported("the server has blocked this database", hint="see its limits where it is hosted")


def _not_writable() -> NoormmeError:
    return ReadOnly(
        "this database can only be read", hint="connect() to the primary, or with a token that writes"
    )


def _unparsed() -> NoormmeError:
    return QueryFailed("libSQL does not take such a statement", hint="it has no ATTACH, DETACH and VACUUM")


_BY_CODE: Mapping[str, Callable[[], NoormmeError]] = {
    **dict.fromkeys(ENDS_TRANSACTION, expired),
    "SQLITE_BUSY": _locked,
    "SQLITE_LOCKED": _locked,
    "SQLITE_FULL": _full,
    "SQLITE_READONLY": _not_writable,
    "BLOCKED": _blocked,
}
_BY_MESSAGE: Mapping[str, Callable[[], NoormmeError]] = {
    "database is locked": _locked,
    "database table is locked": _locked,
    "database or disk is full": _full,
    "attempt to write a readonly database": _not_writable,
    "unsupported statement": _unparsed,
}
