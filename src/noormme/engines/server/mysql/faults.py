"""What PyMySQL raises as errors that say what happened and what to do.

Invariant: no message holds a value or a password, though those of the server do; what it quotes is left out
where it may be a value. The driver's exception stays chained by the caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pymysql
from pymysql.err import InterfaceError

from noormme.engines.budget import THREAD, out_of_time
from noormme.engines.fetched import closed
from noormme.engines.server.mysql.violations import CONSTRAINTS, constraint_error
from noormme.errors import (
    ConnectionFailed,
    ConnectionLost,
    DatabaseLocked,
    DiskFull,
    FieldNotFound,
    InvalidValue,
    NoormmeError,
    NotSupported,
    QueryFailed,
    QueryTimeout,
    ReadOnly,
    TableNotFound,
    did_you_mean,
)
from noormme.schema.model import Schema

__all__ = ["is_lost", "lost", "not_found", "open_error", "statement_error"]

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_COLUMN = re.compile(r"(?:column|for column|field) (?P<name>`[^`]*`(?:\.`[^`]*`)*|'[^']*') at row \d+\Z")
_NO_TABLE = re.compile(r"Table '(?P<name>.*)' doesn't exist|Unknown table '(?P<other>.*?)'(?: in .*)?$")
_NO_COLUMN = re.compile(r"^Unknown column '(?P<name>.*)' in ")

_TELLS = frozenset({1044, 1045, 1049, 1698, 1251, 2059, 2061})
"""Errors of opening that are about the user, the password or the name of the database."""

_NOT_NOW = frozenset({1040, 1053, 1077, 1079, 1203})
"""Errors of opening that are about a server that is full, starts or ends."""

_UNREACHABLE = frozenset({2002, 2003, 2005})

_ENDED_BY_SERVER = frozenset({1053, 1079, 1080, 1927, 3169, 4031})
"""How the server itself says that it ends a connection: what it was asked for last, it has not done."""

_LOST = frozenset(
    {1053, 1079, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 2014, 2027, 2055, 3169, 4031}
)
_LOCKED = frozenset({1020, 1180, 1205, 1213, 1479, 3058, 3101, 3572})
_TIME_OVER = frozenset({1317, 1969, 3024})
_FULL = frozenset({1021, 1037, 1038, 1041, 1114, 1135, 1206})
_GENERATED = frozenset({1906, 3105})
_READ_ONLY = frozenset({1036, 1288, 1348, 1471, 1792, 1836})
_INVALID = frozenset(
    {
        1118,
        1139,
        1153,
        1210,
        1264,
        1265,
        1292,
        1300,
        1365,
        1366,
        1367,
        1406,
        1411,
        1416,
        1425,
        1426,
        1427,
        1441,
    }
    | {1525, 1690, 1845, 3140, 3141, 3146, 3156, 3685, 3688, 3692, 3699, 3988, 4037, 4038, 4076}
)
_NOT_THERE = frozenset({1178, 1235, 4013})
_OPTION = 1290
_UNKNOWN_COMMAND = 1047
_NO_TABLES = frozenset({1051, 1109, 1146})
_UNKNOWN_COLUMN = 1054
_SEVERAL_COLUMNS = 1241


def open_error(error: Exception, where: str) -> NoormmeError:
    """The error for a server that could not be reached, or did not let us in.

    Args:
        error: What PyMySQL raised.
        where: The database without its password.
    """
    if isinstance(error, NoormmeError):
        return error
    number, said = _number(error), _message(error)
    hint = "check that the server runs, and the host and the port"
    if "cryptography" in said:
        said = "the server wants the password encrypted"
        hint = "install noormme[mysql] with cryptography, or connect with TLS"
    elif number == 1049:
        hint = "check the name of the database; it must exist"
    elif number in _TELLS:
        hint = "check the user and the password, and what that user is granted"
    elif number in (1040, 1203, 1226):
        hint = "the server has no connection left; lower max_connections here, or raise it there"
    elif number in (1129, 1130):
        hint = "the server does not take connections from this host"
    elif number == 2026 or "SSL" in said:
        hint = "check the certificates, and the ssl_… options of the URL"
    message = f"{where} cannot be opened: {said}"
    if number in _NOT_NOW:
        return ConnectionLost(message, hint=hint, answered=True)
    if number in _UNREACHABLE or number in _LOST or isinstance(error, OSError):
        return ConnectionLost(message, hint=hint)
    return ConnectionFailed(message, hint=hint)


def is_lost(error: Exception) -> bool:
    """Whether an exception means that the connection is of no use any more.

    Args:
        error: What PyMySQL raised.
    """
    if isinstance(error, InterfaceError | OSError):
        return True
    return isinstance(error, pymysql.Error) and _number(error) in _LOST


def statement_error(error: Exception, schema: Schema | None = None, sql: str = "") -> NoormmeError | None:
    """The error for a statement that failed.

    Args:
        error: What was raised while it ran.
        schema: Where the columns of a constraint are looked up.
        sql: The statement, which tells the table where the server does not.

    Returns:
        The error; None where the exception is none of the driver's or of values that cannot be sent.
    """
    if isinstance(error, NoormmeError):
        return error
    if not isinstance(error, pymysql.Error):
        return _of_values(error)
    number, said = _number(error), _message(error)
    if number in CONSTRAINTS:
        return constraint_error(number, said, schema, sql)
    if is_lost(error):
        return closed() if number == 0 and "closed" in said.lower() else lost(error)
    made = _BY_NUMBER.get(number)
    if made is not None:
        return made(said)
    if number == _OPTION and "read-only" in said:
        return _read_only(said)
    if number == _UNKNOWN_COMMAND and "WSREP" in said.upper():
        return DatabaseLocked(
            "this node of the cluster is not ready yet",
            hint="run it again with db.run_in_transaction(), which tries again",
        )
    if number == _SEVERAL_COLUMNS:
        return QueryFailed(
            "rows of several columns stand where others have fewer", hint="name the fields: values(…)"
        )
    return QueryFailed(f"the server refused the statement: {_named(number, said)}", hint=_hint(number))


def not_found(error: NoormmeError, schema: Schema) -> NoormmeError:
    """The error for a statement of the user's that names what does not exist; the same for any other.

    Args:
        error: What the statement raised.
        schema: The schema, to suggest names from.
    """
    cause = error.__cause__
    if not isinstance(cause, pymysql.Error):
        return error
    number, said = _number(cause), _message(cause)
    if number in _NO_TABLES and (found := _NO_TABLE.search(said)):
        name = (found["name"] or found["other"]).rpartition(".")[2]
        return TableNotFound(
            f"no table or view '{name}'",
            hint=did_you_mean(name, [table.name for table in schema])
            or "call db.refresh() if it was made after connect()",
        )
    if number == _UNKNOWN_COLUMN and (found := _NO_COLUMN.search(said)):
        columns = {column.name for table in schema for column in table.columns}
        name = found["name"]
        return FieldNotFound(
            f"no column '{name}' in the statement", hint=did_you_mean(name.rpartition(".")[2], columns)
        )
    return error


def _number(error: Exception) -> int:
    number = error.args[0] if error.args else 0
    return number if isinstance(number, int) else 0


def _message(error: Exception) -> str:
    return str(error.args[1]) if len(error.args) > 1 else str(error)


def _of_values(error: Exception) -> NoormmeError | None:
    if isinstance(error, UnicodeEncodeError):
        return InvalidValue("text with half of a surrogate pair cannot be stored, so nothing can match it")
    return None


def lost(error: Exception | None = None, *, before: bool = False) -> ConnectionLost:
    """The error for a connection that ended.

    Args:
        error: What PyMySQL raised, which tells whether the server said so itself.
        before: Whether it had ended before the statement was sent.
    """
    return ConnectionLost(
        "the connection to the server was lost, and nothing was written",
        hint="try again; db.run_in_transaction() does that with a whole transaction",
        answered=before or (error is not None and _number(error) in _ENDED_BY_SERVER),
    )


def _named(number: int, said: str) -> str:
    """The server's message; of one that can quote a value only its beginning."""
    # A mistake in SQL quotes what follows it, and that can be a value.
    if number in (1064, 1149):
        line = re.search(r"at line (\d+)$", said)
        return f"it is not SQL as this server writes it{f', near line {line[1]}' if line else ''}"
    return _QUOTED.sub("…", said) if number not in _NAMING else said


_NAMING = frozenset(
    {1046, 1049, 1051, 1052, 1054, 1055, 1056, 1060, 1066, 1109, 1142, 1143, 1146, 1235, 1305}
)
"""Errors whose quotes hold names, and never a value."""


def _hint(number: int) -> str | None:
    if number in _NO_TABLES or number == _UNKNOWN_COLUMN:
        return "the schema may have changed since it was discovered; call db.refresh()"
    if number in (1142, 1143, 1227, 1370):
        return "grant this user what it takes"
    if number in (1267, 1270, 1271, 3854):
        return "say by which rules texts are compared, with Collate(…)"
    if number == 4078:
        return "say of which type a value is, with Cast(…) or Value(…, output_field=…)"
    return None


# -- by what the server calls it ------------------------------------------------------------------------


def _time_over(said: str) -> NoormmeError:
    if "interrupted" in said and "time" not in said:
        return QueryTimeout("the statement was cancelled on the server")
    limit_s = THREAD.budget.limit_s
    return out_of_time(limit_s) if limit_s < 1e9 else QueryTimeout("the statement took too long")


def _locked(said: str) -> NoormmeError:
    return DatabaseLocked(
        "another transaction held what this one needed",
        hint="run it again with db.run_in_transaction(), which tries again",
    )


def _read_only(said: str) -> NoormmeError:
    return ReadOnly(
        "this can only be read", hint="connect() without readonly=True, to a server that may write"
    )


def _generated(said: str) -> NoormmeError:
    return ReadOnly(
        "the database computes a column of this statement itself", hint="leave it out, and read it afterwards"
    )


def _full(said: str) -> NoormmeError:
    return DiskFull("the server has no room left", hint="make room there; nothing was written")


def _invalid(said: str) -> NoormmeError:
    found = _COLUMN.search(said)
    where = ""
    if found is not None:
        parts = [part.strip("`'") for part in found["name"].split(".")]
        where = f" {'.'.join(part for part in parts[-2:] if part)}"
    return InvalidValue(
        f"a value does not fit{where}: {_what(said)}", hint="give one that the column's type can hold"
    )


_WORDS: tuple[tuple[str, str], ...] = (
    ("too long", "it is too long"),
    ("packet bigger", "it is larger than the server takes in a statement"),
    ("out of range", "it is out of range"),
    ("json", "it is no JSON"),
    ("division", "it is divided by zero"),
    ("regex", "the regular expression is not understood"),
    ("datetime", "it is no date or time"),
    ("timestamp", "it is no date or time"),
    ("date value", "it is no date or time"),
    ("time value", "it is no date or time"),
    ("geometry", "it is no shape"),
    ("string value", "it has characters that the column cannot hold"),
)


def _what(said: str) -> str:
    """What is wrong with a value, which the message may quote."""
    plain = _QUOTED.sub("…", said).lower()
    return next((told for words, told in _WORDS if words in plain), "it is of another type")


def _not_there(said: str) -> NoormmeError:
    return NotSupported(f"this server cannot do that: {said}")


_BY_NUMBER: Mapping[int, Callable[[str], NoormmeError]] = {
    **dict.fromkeys(_TIME_OVER, _time_over),
    **dict.fromkeys(_LOCKED, _locked),
    **dict.fromkeys(_READ_ONLY, _read_only),
    **dict.fromkeys(_GENERATED, _generated),
    **dict.fromkeys(_FULL, _full),
    **dict.fromkeys(_INVALID, _invalid),
    **dict.fromkeys(_NOT_THERE, _not_there),
}
