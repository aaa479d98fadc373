"""What a statement would do, found out by preparing it, without running it.

Invariant: what passes here is one statement that leaves the connection as it is. It is looked at before it is
prepared, because SQLite carries out some pragmas while it prepares them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import apsw

from noormme.engines.base import Description, Origin
from noormme.engines.sqlite.faults import statement_error
from noormme.errors import (
    FieldNotFound,
    InvalidValue,
    NoormmeError,
    NotSupported,
    QueryFailed,
    TableNotFound,
    UsageError,
    did_you_mean,
)
from noormme.schema.model import Schema
from noormme.schema.sql_tokens import is_blank, keyword, tokenize, unquote

__all__ = ["describe"]

_OF_TRANSACTION = frozenset({"BEGIN", "COMMIT", "END", "RELEASE", "ROLLBACK", "SAVEPOINT"})
_OF_FILES = frozenset({"ATTACH", "DETACH"})
_READING_PRAGMAS = frozenset(
    {
        "FOREIGN_KEY_CHECK",
        "FOREIGN_KEY_LIST",
        "INDEX_INFO",
        "INDEX_LIST",
        "INDEX_XINFO",
        "INTEGRITY_CHECK",
        "QUICK_CHECK",
        "TABLE_INFO",
        "TABLE_LIST",
        "TABLE_XINFO",
    }
)
"""Those whose argument says what to look at; that of any other one changes something."""

_ACTING_PRAGMAS = frozenset(
    {"INCREMENTAL_VACUUM", "OPTIMIZE", "SHRINK_MEMORY", "WAL_CHECKPOINT", "CASE_SENSITIVE_LIKE"}
)
"""Those that do something without an argument."""

_SETTINGS: Mapping[str, str] = {
    "BUSY_TIMEOUT": "busy_timeout_s",
    "CACHE_SIZE": "cache_size_kib",
    "FOREIGN_KEYS": "foreign_keys",
    "JOURNAL_MODE": "journal_mode",
    "MMAP_SIZE": "mmap_size_bytes",
    "QUERY_ONLY": "readonly",
    "SYNCHRONOUS": "durability",
    "TEMP_STORE": "temp_store",
}
"""What noormme sets itself on every connection, and the setting that says it."""

_ELSEWHERE = "set it in another program, such as the sqlite3 shell; without a value it is read"
_PRAGMAS_OF_FILES: Mapping[str, str] = {
    "APPLICATION_ID": _ELSEWHERE,
    "AUTO_VACUUM": _ELSEWHERE,
    "INCREMENTAL_VACUUM": "run it in another program, such as the sqlite3 shell",
    "OPTIMIZE": "run ANALYZE",
    "USER_VERSION": _ELSEWHERE,
    "WAL_CHECKPOINT": "leave it out: what the log holds goes into the file by itself",
}
"""What changes the file for everybody, and what to do instead."""


def describe(connection: apsw.Connection, sql: str, schema: Schema) -> Description:
    """Look at a statement without running it.

    Args:
        connection: The connection that would run it, used by nobody else meanwhile.
        sql: The statement.
        schema: The schema, to suggest names from.

    Returns:
        Its text without what follows it, its parameters, and its columns with their origins.

    Raises:
        QueryFailed: SQLite does not understand it.
        TableNotFound: It names a table that does not exist.
        FieldNotFound: It names a column that does not exist.
        NotSupported: It is about the connection (BEGIN, ATTACH), or a PRAGMA that sets something.
        UsageError: There is none, or there are several.
        InvalidValue: The text is not Unicode.
    """
    text = _only_statement(sql)
    # Imported here, because a start should not pay for it.
    from apsw.ext import query_info

    try:
        found = query_info(connection, text)
    except apsw.SQLError as error:
        raise _refused(str(error), schema) from error
    except apsw.Error as error:
        raise statement_error(error, sql) from error
    except UnicodeEncodeError as error:
        raise InvalidValue("the statement holds half of a surrogate pair") from error
    if (found.query_remaining or "").strip():
        raise _several()
    columns = tuple(
        Origin(name, table or "", column or "") for name, _, _, table, column in found.description_full or ()
    )
    names: Any = found.bindings_names
    writes = not found.is_readonly and not found.is_explain
    return Description(text, tuple(names), columns, writes)


def _only_statement(sql: str) -> str:
    """The one statement of a text, which changes nothing of the connection."""
    statements: list[list[str]] = [[]]
    for token in tokenize(sql):
        if token == ";":
            statements.append([])
        else:
            statements[-1].append(token)
    found = [tokens for tokens in statements if not all(map(is_blank, tokens))]
    if not found:
        raise UsageError("there is no statement in this text", hint="give one, such as 'select * from users'")
    words = [token for token in found[0] if not is_blank(token)]
    if keyword(words[0]) == "CREATE" and "TRIGGER" in map(keyword, words[:4]):
        # It has semicolons inside; whether something follows it, SQLite will say.
        return sql.strip()
    if len(found) > 1:
        raise _several()
    _check_kind(words)
    return "".join(found[0]).strip()


def _check_kind(words: list[str]) -> None:
    first = keyword(words[0])
    if first == "EXPLAIN":
        rest = words[3:] if [keyword(word) for word in words[1:3]] == ["QUERY", "PLAN"] else words[1:]
        if rest:
            _check_kind(rest)
    elif first in _OF_TRANSACTION:
        raise _about_connection(first, "use db.transaction()")
    elif first in _OF_FILES:
        raise _about_connection(first, "open the other file with connect(); each is a database of its own")
    elif first == "PRAGMA":
        named = words[3:] if words[2:3] == ["."] else words[1:]
        name = keyword(unquote(named[0])) if named else ""
        if name in _ACTING_PRAGMAS or (len(named) > 1 and name not in _READING_PRAGMAS):
            raise _changing_pragma(name)


def _refused(message: str, schema: Schema) -> NoormmeError:
    """The error for a statement that SQLite does not understand; no value is bound to it yet."""
    what, _, name = message.partition(": ")
    if what == "no such table":
        last = name.rpartition(".")[2]
        return TableNotFound(
            f"no table or view '{name}'",
            hint=did_you_mean(last, [table.name for table in schema])
            or "call db.refresh() if it was made after connect()",
        )
    if what == "no such column":
        last = name.rpartition(".")[2]
        names = {column.name for table in schema for column in table.columns}
        return FieldNotFound(f"no column '{name}' in the statement", hint=did_you_mean(last, names))
    message = _LITERAL.sub(r"\1 …", message)
    return QueryFailed(f"SQLite refused the statement: {message}")


_LITERAL = re.compile(r"""(near|unrecognized token:) "['0-9.].*"(?=:|\Z)""", re.DOTALL)
"""Where SQLite repeats a value that is written in the text."""


def _several() -> UsageError:
    return UsageError("there are several statements in this text", hint="call execute() for each")


def _about_connection(what: str, hint: str) -> NoormmeError:
    return NotSupported(f"{what} changes the connection, which noormme keeps for itself", hint=hint)


def _changing_pragma(name: str) -> NoormmeError:
    """The error for a PRAGMA that sets or does something.

    Args:
        name: Its name in upper case.
    """
    shown = f"PRAGMA {name.lower()}" if name.isidentifier() else "this PRAGMA"
    if name not in _ACTING_PRAGMAS:
        shown += " with a value"
    if name in _PRAGMAS_OF_FILES:
        return NotSupported(
            f"{shown} changes the file, and in SQL text a PRAGMA only reads", hint=_PRAGMAS_OF_FILES[name]
        )
    if name in _SETTINGS:
        return _about_connection(shown, f"it is the setting '{_SETTINGS[name]}'")
    return NotSupported(
        f"{shown} may change the connection, and in SQL text a PRAGMA only reads",
        hint="leave it out, or run it in another program, such as the sqlite3 shell",
    )
