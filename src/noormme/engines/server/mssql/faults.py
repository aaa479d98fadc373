"""pymssql's exceptions as errors that say what happened and what to do.

Invariant: no message holds a value or a password; the driver's exception stays chained by the caller, but
for one of opening. Errors are told apart by SQL Server's own numbers, and by those of the driver where the
server said nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

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
    from noormme.schema.model import Schema, Table

__all__ = ["Fault", "fault_of", "not_found", "open_error", "statement_error"]

_DRIVER = "DB-Lib error message "
_VALUES = re.compile(r"'[^']*'|(?<=duplicate key value is )\(.*|(?<=Truncated value: ).*", re.DOTALL)

_OBJECT = re.compile(r"(?:object|table) ['\"](?P<name>[^'\"]*)['\"]")
_CONSTRAINT = re.compile(r"(?:constraint|index) ['\"](?P<name>[^'\"]*)['\"]")
_COLUMN = re.compile(r"column '(?P<name>[^']*)'")
_UNKNOWN = re.compile(r"Invalid (?:object|column) name '(?P<name>[^']*)'")


class Fault(msgspec.Struct, frozen=True):
    """What an exception of the driver says.

    Attributes:
        number: SQL Server's number, or from 20000 on one of the driver; 0 where there is none.
        text: The message, which can hold values.
    """

    number: int
    text: str

    @property
    def said(self) -> str:
        """The message without what it quotes."""
        return _VALUES.sub("…", self.text)


def fault_of(error: Exception) -> Fault:
    """What an exception of the driver says.

    Args:
        error: The exception; its arguments are a number and bytes, or a pair of these.
    """
    arguments: Any = error.args
    if arguments and isinstance(arguments[0], tuple):
        arguments = arguments[0]
    told = len(arguments) == 2 and isinstance(arguments[0], int)
    number, said = arguments if told else (0, str(error))
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    own, _, driver = text.partition(_DRIVER)
    # Behind what the server said stands that it said something; alone it is all that there is.
    return Fault(number, own.strip() or driver.partition("\n")[2].partition(_DRIVER)[0].strip())


# -- opening --------------------------------------------------------------------------------------------

_NOT_NOW = frozenset({6005, 17142, 18401, 40197, 40501, 40613, 49918, 49919, 49920})
"""The server itself says that it takes nobody just now: it starts, ends or is full."""

_UNREACHABLE = frozenset({233, 10053, 10054, 20004, 20006, 20009, 20017, 20047})

_LOGIN = {18456: "the user or the password is wrong", 18452: "the login is not trusted"}


def open_error(error: Exception, where: str) -> NoormmeError:
    """The error for a server that could not be reached, or did not let us in.

    Args:
        error: What pymssql raised.
        where: The database without its password.
    """
    if isinstance(error, NoormmeError):
        return error
    fault = fault_of(error)
    said, hint = fault.said, "check that the server runs, and the host and the port"
    if fault.number in _LOGIN:
        said, hint = _LOGIN[fault.number], "check the user and the password"
    elif fault.number == 4060:
        said, hint = "there is no such database, or this user may not open it", "check its name"
    said = said.partition("\n")[0] or type(error).__name__
    message = f"{where} cannot be opened: {said}"
    if fault.number in _NOT_NOW:
        return ConnectionLost(message, hint="try again in a moment", answered=True)
    if fault.number in _UNREACHABLE:
        return ConnectionLost(message, hint=hint)
    return ConnectionFailed(message, hint=hint)


# -- statements -----------------------------------------------------------------------------------------


def statement_error(error: Exception, schema: Schema | None = None) -> NoormmeError:
    """The error for a statement that failed.

    Args:
        error: What pymssql raised.
        schema: Where the columns of a constraint are looked up.
    """
    if isinstance(error, NoormmeError):
        return error
    if isinstance(error, UnicodeEncodeError):
        return InvalidValue("text with half of a surrogate pair cannot be stored, so nothing can match it")
    fault = fault_of(error)
    if fault.number in _CONSTRAINTS:
        return _constraint_error(fault, schema)
    made = _BY_NUMBER.get(fault.number)
    if made is not None:
        return made(fault)
    if not fault.number:
        # What the driver complains of without a server: that it was closed.
        return closed() if "closed" in fault.text.lower() else _lost(fault)
    return QueryFailed(f"SQL Server refused the statement: {fault.said}", hint=_HINTS.get(fault.number))


_HINTS: Mapping[int, str] = {
    207: "the schema has changed since it was discovered; call db.refresh()",
    208: "the schema has changed since it was discovered; call db.refresh()",
    334: "the table has a trigger since it was discovered; call db.refresh()",
    468: "texts of two collations meet; say which with Collate(…)",
}


def not_found(error: NoormmeError, schema: Schema) -> NoormmeError:
    """The error for a statement of the user's that names what does not exist; the same for any other.

    Args:
        error: What the statement raised.
        schema: The schema, to suggest names from.
    """
    cause = error.__cause__
    if not isinstance(cause, Exception):
        return error
    fault = fault_of(cause)
    named = _UNKNOWN.search(fault.text)
    if named is None:
        return error
    return unknown_name(fault.number, named["name"], schema) or error


def unknown_name(number: int, name: str, schema: Schema) -> NoormmeError | None:
    """The error for a name that a statement has and the database has not; None for other errors.

    Args:
        number: SQL Server's number of the error.
        name: The name.
        schema: The schema, to suggest names from.
    """
    if number == 208:
        return TableNotFound(
            f"no table or view '{name}'",
            hint=did_you_mean(name, [table.name for table in schema])
            or "call db.refresh() if it was made after connect()",
        )
    if number == 207:
        columns = {column.name for table in schema for column in table.columns}
        return FieldNotFound(f"no column '{name}' in the statement", hint=did_you_mean(name, columns))
    return None


# -- by what SQL Server calls it ------------------------------------------------------------------------


def _time_over(fault: Fault) -> NoormmeError:
    limit_s = THREAD.budget.limit_s
    return out_of_time(limit_s) if limit_s < 1e9 else QueryTimeout("the statement took too long")


def _locked(fault: Fault) -> NoormmeError:
    return DatabaseLocked(
        "another transaction held what this one needed",
        hint="run it again with db.run_in_transaction(), which tries again",
    )


def _ended(fault: Fault) -> NoormmeError:
    return TransactionError(
        "SQL Server has ended this transaction, and nothing of it was kept",
        hint="run it again with db.run_in_transaction()",
    )


def _read_only(fault: Fault) -> NoormmeError:
    return ReadOnly("this database can only be read", hint="connect to one that takes writes")


def _generated(fault: Fault) -> NoormmeError:
    return ReadOnly(
        "the database fills this column in, and takes no value for it",
        hint="leave it out; call db.refresh() if the column has changed",
    )


def _full(fault: Fault) -> NoormmeError:
    return DiskFull("the server has no room left on its disk", hint="make room there; nothing was written")


def _invalid(fault: Fault) -> NoormmeError:
    named = _COLUMN.search(fault.text) if fault.number == 2628 else None
    where = f" into the column '{named['name']}'" if named else ""
    return InvalidValue(
        f"a value does not fit{where}: {fault.said}", hint="give one that the column's type can hold"
    )


def _subquery(fault: Fault) -> NoormmeError:
    return NotSupported(
        "SQL Server aggregates and groups by no subquery",
        hint="aggregate a query that has the subquery as an annotation",
    )


def _incomparable(fault: Fault) -> NoormmeError:
    return NotSupported(
        f"SQL Server cannot compare values of such a type: {fault.said}",
        hint="leave the field out: .defer('field'), or name the fields with .values()",
    )


def _lost(fault: Fault) -> NoormmeError:
    return ConnectionLost(
        "the connection to the server was lost, and nothing was written",
        hint="try again; db.run_in_transaction() does that with a whole transaction",
        answered=fault.number in _NOT_NOW,
    )


_Made = Callable[[Fault], NoormmeError]

_BY_NUMBER: Mapping[int, _Made] = {
    **dict.fromkeys((1204, 1205, 1222, 3960, 3961, 41302, 41305, 41325), _locked),
    **dict.fromkeys((3609, 3616, 3902, 3903, 3930, 3998), _ended),
    **dict.fromkeys((3906, 3908, 978), _read_only),
    **dict.fromkeys((271, 272, 273, 544, 8102, 13536, 13537), _generated),
    **dict.fromkeys((1101, 1105, 9002), _full),
    **dict.fromkeys((206, 220, 232, 241, 242, 245, 257, 295, 3623, 8114, 8115, 8152, 8169, 2628), _invalid),
    **dict.fromkeys((517, 535, 8134, 13609), _invalid),
    **dict.fromkeys((130, 144), _subquery),
    **dict.fromkeys((249, 305, 306, 421, 5335), _incomparable),
    **dict.fromkeys((596, 20002, *_NOT_NOW, *_UNREACHABLE), _lost),
    20003: _time_over,
}
_CONSTRAINTS: Mapping[int, type[IntegrityError]] = {
    515: NotNullViolation,
    547: ForeignKeyViolation,
    2601: UniqueViolation,
    2627: UniqueViolation,
}

_MESSAGES: Mapping[type[IntegrityError], str] = {
    UniqueViolation: "{where} must be unique, and another row has that value",
    ForeignKeyViolation: "the foreign key {where} has no such row to point at, or a row still points here",
    NotNullViolation: "{where} must have a value",
    CheckViolation: "the check {name} of {where} refused the row",
}


def _constraint_error(fault: Fault, schema: Schema | None) -> IntegrityError:
    kind = _CONSTRAINTS[fault.number]
    if fault.number == 547 and "CHECK constraint" in fault.text:
        kind = CheckViolation
    constraint = _CONSTRAINT.search(fault.text)
    name = "" if constraint is None else constraint["name"]
    table = _table_of(fault, name, kind, schema)
    columns: tuple[str, ...] = ()
    if kind is NotNullViolation:
        named = _COLUMN.search(fault.text)
        columns = () if named is None else (named["name"],)
    elif table is not None:
        columns = _columns_of(table, name)
    known = table.name if table is not None else _bare_table(fault) or "the table"
    where = f"{known}({', '.join(columns)})" if columns else known
    return kind(_MESSAGES[kind].format(where=where, name=name), table=known, columns=columns)


def _bare_table(fault: Fault) -> str:
    found = _OBJECT.search(fault.text)
    return "" if found is None else found["name"].rpartition(".")[2]


def _table_of(
    fault: Fault, constraint: str, kind: type[IntegrityError], schema: Schema | None
) -> Table | None:
    if schema is None:
        return None
    if kind is ForeignKeyViolation:
        # The message names the table that is pointed at, or that points; the key belongs to one table only.
        for table in schema.tables:
            if any(key.name == constraint for key in table.foreign_keys):
                return table
    found = _OBJECT.search(fault.text)
    if found is None:
        return None
    path, _, bare = found["name"].rpartition(".")
    return schema.table(f"{path.rpartition('.')[2]}.{bare}") or schema.table(bare)


def _columns_of(table: Table, constraint: str) -> tuple[str, ...]:
    for key in table.foreign_keys:
        if key.name == constraint:
            return key.columns
    for index in table.indexes:
        if index.name == constraint:
            return index.columns or ()
    for check in table.checks:
        if check.name == constraint and check.column is not None:
            return (check.column,)
    return ()
