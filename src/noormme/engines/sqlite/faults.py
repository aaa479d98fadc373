"""APSW's exceptions as errors that say what happened and what to do.

Invariant: no message holds a value; the driver's exception stays chained by the caller.
"""

from __future__ import annotations

import os
import re
import stat

import apsw

from noormme.engines.fetched import closed
from noormme.engines.sqlite.constraints import constraint_error
from noormme.engines.sqlite.disk import FILE_ERRORS, file_error
from noormme.errors import (
    ConnectionFailed,
    DatabaseLocked,
    InvalidValue,
    NoormmeError,
    QueryFailed,
    ReadOnly,
    did_you_mean,
)
from noormme.schema.model import Schema

__all__ = ["check_file", "open_error", "refused", "statement_error", "wrong_key"]


def check_file(path: str) -> None:
    """Raise unless ``path`` is a file that can be read; SQLite itself would only say "unable to open".

    Raises:
        ConnectionFailed: It is missing, not readable, or a directory, a pipe, a socket or a device.
    """
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISBLK(mode):
            raise _no_file(path, mode)
        # Asked, not tried: closing a file of its own would drop SQLite's locks on the same file.
        if not os.access(path, os.R_OK):
            raise ConnectionFailed(
                f"no permission to read '{path}'",
                hint="give this user the right to read it (chmod u+r), or run as its owner",
            )
    except FileNotFoundError as error:
        raise _missing(path) from error
    except NotADirectoryError as error:
        raise ConnectionFailed(
            f"'{path}' cannot be opened: something in front of a '/' is a file", hint="check the path"
        ) from error
    except PermissionError as error:
        raise ConnectionFailed(
            f"no permission to look at '{path}'",
            hint="give this user the right to enter its folder (chmod u+x)",
        ) from error
    except (OSError, ValueError) as error:
        raise ConnectionFailed(f"'{path}' cannot be opened", hint="check the path") from error


def _no_file(path: str, mode: int) -> ConnectionFailed:
    """The error for what is there and is no file; a read of it could wait for ever, or have no end."""
    if stat.S_ISDIR(mode):
        databases = sorted(name for name in os.listdir(path) if name.endswith((".db", ".sqlite", ".sqlite3")))
        hint = f"it holds: {', '.join(databases[:5])}" if databases else "name a file"
        return ConnectionFailed(f"'{path}' is a directory, not a database", hint=hint)
    kind = "a pipe" if stat.S_ISFIFO(mode) else "a socket" if stat.S_ISSOCK(mode) else "a device"
    return ConnectionFailed(
        f"'{path}' is {kind}, not a database",
        hint="SQLite reads files alone: name one, or ':memory:' for a database that is not kept",
    )


def _missing(path: str) -> ConnectionFailed:
    if os.path.islink(path):
        return ConnectionFailed(
            f"'{path}' is a link to a file that does not exist", hint="check where it points"
        )
    return ConnectionFailed(f"there is no file '{path}'", hint=_missing_hint(path))


def _missing_hint(path: str) -> str:
    folder, name = os.path.split(os.path.abspath(path))
    try:
        beside = ("-journal", "-shm", "-wal")
        names = [name for name in os.listdir(folder) if not name.endswith(beside)]
    except OSError:
        return f"the folder '{folder}' does not exist or cannot be read"
    return did_you_mean(name, names) or f"check the path; it is looked for in '{folder}'"


def open_error(error: apsw.Error, path: str) -> NoormmeError:
    """The error for a database that could not be opened or whose schema could not be read.

    Args:
        error: What APSW raised.
        path: The file.
    """
    if isinstance(error, apsw.NotADBError):
        return ConnectionFailed(
            f"'{path}' is not a SQLite database, or it is encrypted",
            hint="check the path; noormme does not open encrypted files, so decrypt it to a copy first",
        )
    if isinstance(error, apsw.CorruptError):
        return ConnectionFailed(
            f"'{path}' is damaged: {error}",
            hint="restore a backup, or save what can be read: sqlite3 damaged.db .recover | sqlite3 new.db",
        )
    if isinstance(error, (apsw.BusyError, apsw.LockedError)):
        return DatabaseLocked(
            f"'{path}' is locked by another connection", hint="try again, or raise busy_timeout_s"
        )
    if isinstance(error, apsw.CantOpenError) and not os.path.exists(path):
        return _missing(path)
    # Without the right to write in the folder, the files beside a database in WAL mode cannot be made.
    if isinstance(error, (apsw.CantOpenError, apsw.ReadOnlyError)):
        return ConnectionFailed(
            f"'{path}' cannot be opened",
            hint="a database in WAL mode needs the right to write in its folder; check its permissions",
        )
    if isinstance(error, apsw.SQLError):
        # What SQLite says of a statement is about the schema, not about the file or the right to read it.
        return ConnectionFailed(
            f"the schema of '{path}' cannot be read: {error}",
            hint=f"this is SQLite {apsw.sqlite_lib_version()}; a newer one may have written the file",
        )
    return ConnectionFailed(f"'{path}' cannot be opened: {error}", hint="check the file and its permissions")


def statement_error(
    error: Exception,
    sql: str,
    *,
    schema: Schema | None = None,
    table: str | None = None,
    path: str | None = None,
) -> NoormmeError:
    """The error for a statement that failed.

    Args:
        error: What APSW raised.
        sql: The statement.
        schema: For a statement that writes: where the columns of a constraint are looked up.
        table: The exact name of the table that it writes, for what SQLite does not say.
        path: The file, where the connection is one that writes.
    """
    if isinstance(error, apsw.ConstraintError):
        return constraint_error(str(error), sql, schema, table, code=getattr(error, "extendedresult", 0))
    if isinstance(error, (apsw.BusyError, apsw.LockedError)):
        return _locked(error)
    if isinstance(error, FILE_ERRORS):
        return file_error(error, path)
    if isinstance(error, apsw.MismatchError):
        return wrong_key(table)
    if isinstance(error, apsw.CorruptError):
        return QueryFailed(f"the database file is damaged: {error}", hint="restore a backup")
    if isinstance(error, (apsw.ConnectionClosedError, apsw.CursorClosedError, apsw.InterruptError)):
        # Nothing but closing interrupts a statement.
        return closed()
    if isinstance(error, apsw.Error):
        return refused(str(error), sql)
    if isinstance(error, UnicodeDecodeError):
        return QueryFailed(
            "a function cannot read a stored text that is not valid in the encoding of the database",
            hint="leave those rows out, or read the column without a function; such text comes as bytes",
        )
    if isinstance(error, UnicodeEncodeError):
        return InvalidValue("text with half of a surrogate pair cannot be stored, so nothing can match it")
    if isinstance(error, TypeError):
        return InvalidValue(
            "a value is of a type that SQLite does not have",
            hint="give a number, text, bytes, a date or a Decimal",
        )
    if isinstance(error, OverflowError):
        return InvalidValue("an integer is beyond 64 bits, which SQLite cannot store")
    if isinstance(error, NoormmeError):
        return error
    return QueryFailed(f"the statement failed: {type(error).__name__}")


def wrong_key(table: str | None) -> InvalidValue:
    """The error for a row id that is no whole number.

    Args:
        table: The exact name of the table, if it is known.
    """
    return InvalidValue(
        f"the key of {table or 'the table'} is an integer, and was given something else",
        hint="give a whole number, or leave the key out and the database makes one",
    )


def refused(message: str, sql: str) -> NoormmeError:
    """The error for a statement that SQLite does not understand, or does not carry out.

    Args:
        message: What SQLite says.
        sql: The statement.
    """
    message = _without_values(message, sql)
    if _NOT_WRITABLE.search(message):
        return ReadOnly(message, hint="it can be read; write to the table that it is made from")
    return QueryFailed(f"SQLite refused the statement: {message}", hint=_refused_hint(message))


def _locked(error: apsw.Error) -> DatabaseLocked:
    if getattr(error, "extendedresult", 0) == apsw.SQLITE_BUSY_SNAPSHOT:
        return DatabaseLocked(
            "another connection wrote after this transaction had begun to read",
            hint='begin it with mode="immediate", or run it again with db.run_in_transaction()',
        )
    return DatabaseLocked("another connection held the lock for too long", hint="raise busy_timeout_s")


_NOT_WRITABLE = re.compile(
    r"^cannot modify .* because it is a view|^table .* may not be modified"
    r"|^cannot UPDATE generated column|^cannot INSERT into generated column"
)

_DETAIL = re.compile(r'(?<=")[^"]+(?=")|(?<=: ).+', re.DOTALL)

_LITERAL = re.compile(r"""("(?:[^"]|"")*")|'(?:[^']|'')*'?|\b\d[\w.]*""")
"""A name in quotes, which stays, or a text or a number, which is a value of the user's."""

_SAID_BY_SQLITE = "syntax error"


def _without_values(message: str, sql: str) -> str:
    """SQLite's message without what it quotes from a value, as the syntax error of a search does."""
    names = _LITERAL.sub(lambda found: found[1] or " ", sql).replace('"', "")

    def shown(found: re.Match[str]) -> str:
        known = found[0] == _SAID_BY_SQLITE or found[0].replace('"', "") in names
        return found[0] if known else "…"

    return _DETAIL.sub(shown, message)


def _refused_hint(message: str) -> str | None:
    if message.startswith("unrecognized token"):
        return "close the text or the name in quotes that begins there, or leave the sign out"
    if message.endswith("…") and not message.startswith(("near ", "misuse of ")):
        return "the value is not what this table's search understands"
    if "no such table" in message or "no such column" in message:
        return "the schema has changed since it was discovered; call db.refresh()"
    if "Expression tree is too large" in message:
        return "give fewer conditions to one query; a list of values goes into __in"
    if "string or blob too big" in message:
        return "a value is larger than SQLite allows"
    return None
