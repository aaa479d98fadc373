"""What a query of the command line says: which language it is in, and what its Python gives.

Invariant: an error of the user's code is one line that says what is wrong with it.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from inspect import iscoroutine
from uuid import UUID

import noormme
from noormme import Database, NoormmeError, UsageError, functions
from noormme.cli.query.results import failed
from noormme.errors import InvalidQuery, did_you_mean

__all__ = ["evaluate", "first_word", "is_sql", "names"]

_SQL = frozenset(
    {
        *("ALTER", "ANALYZE", "CALL", "CREATE", "DELETE", "DESCRIBE", "DROP", "EXEC", "EXPLAIN", "GRANT"),
        *("INSERT", "MERGE", "PRAGMA", "REINDEX", "REPLACE", "REVOKE", "SELECT", "SHOW", "TABLE"),
        *("TRUNCATE", "UPDATE", "VACUUM", "VALUES", "WITH"),
    }
)
_COMMENT = re.compile(r"\s+|--[^\n]*(?:\n|$)|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]+")


def is_sql(text: str) -> bool:
    """Whether a query is SQL: it begins with a word that begins statements, comments aside.

    Args:
        text: The query.
    """
    return first_word(text) in _SQL


def first_word(text: str) -> str:
    """The word that a query begins with, comments aside, in upper case.

    Args:
        text: The query.
    """
    at = 0
    while comment := _COMMENT.match(text, at):
        at = comment.end()
    word = _WORD.match(text, at)
    # What is called or looked into is a name of Python's: values(…), table.x
    return word[0].upper() if word and text[word.end() : word.end() + 1] not in (".", "[") else ""


def names(db: Database) -> dict[str, object]:
    """What expressions can use: ``db``, the public names of noormme, its functions, and types of values.

    Args:
        db: The database.
    """
    found: dict[str, object] = {name: getattr(functions, name) for name in functions.__all__}
    found |= {name: getattr(noormme, name) for name in noormme.__all__}
    values = (date, datetime, time, timedelta, timezone, Decimal, UUID)
    return found | {each.__name__: each for each in values} | {"db": db}


def evaluate(text: str, known: Mapping[str, object]) -> object:
    """What a Python expression gives. Runs it.

    Args:
        text: The expression.
        known: What it can use.

    Raises:
        InvalidQuery: It is no expression, or it failed.
        NoormmeError: What it asked of the database was refused.
    """
    try:
        code = compile(text.strip(), "<query>", "eval")
    except SyntaxError as error:
        raise InvalidQuery(
            f"this is no Python expression: {error.msg} (at character {error.offset or 1})",
            hint="SQL begins with a word like SELECT; --sql says that it is SQL",
        ) from error
    except ValueError as error:
        raise InvalidQuery(f"this is no Python expression: {error}") from error
    try:
        found: object = eval(code, dict(known))
    except NoormmeError:
        raise
    except NameError as error:
        hint = did_you_mean(error.name or "", [*known, *dir(builtins)])
        hint = hint or "tables are reached through db: db.users"
        raise InvalidQuery(f"there is no '{error.name}'", hint=hint) from error
    except Exception as error:
        raise failed(error) from error
    if iscoroutine(found):
        found.close()
        raise UsageError(
            "the expression gives a coroutine, which nothing awaits here",
            hint="use the method without the leading 'a': count() for acount()",
        )
    return found
