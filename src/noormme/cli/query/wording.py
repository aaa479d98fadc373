"""Errors of the library in words of the command line: what is to be done here, where nobody writes Python.

Invariant: only the hint changes; what went wrong is told as the library tells it.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from noormme.errors import NoormmeError, ReadOnly

__all__ = ["needs_write", "reworded", "reworded_sql"]

_SETTINGS = "'noormme config' shows the settings of connections"

_HINTS = {
    "call execute() for each": "run 'noormme query' for each",
    "give one value for each '?'": "write the values into the statement",
    "use db.transaction()": "a query is a transaction of its own",
    "open the other file with connect(); each is a database of its own": "ask the other file by itself",
    "connect() has settings for it, and db.transaction() is there for transactions": (
        f"{_SETTINGS}; a query is a transaction of its own"
    ),
    "call db.refresh() if it was made after connect()": "'noormme inspect' shows which there are",
}
"""What the library says to who writes Python, and what that is here."""

_NOT_THIS_WAY = "write with db.execute()"
"""What it says of a query that only another one could be, whatever the database is open for."""


def needs_write() -> ReadOnly:
    """The error for a query that writes, where that was not said to be meant."""
    return ReadOnly(
        "the query writes, and the database is open for reading only", hint="add --write if that is meant"
    )


@contextmanager
def reworded(*, write: bool) -> Generator[None, None, None]:
    """A block that runs a query, in which an error that it writes says how to let it.

    Args:
        write: Whether it may.
    """
    try:
        yield
    except ReadOnly as error:
        if write or error.hint == _NOT_THIS_WAY:
            raise
        raise needs_write() from error


@contextmanager
def reworded_sql() -> Generator[None, None, None]:
    """A block that runs SQL, in which errors say what to do on the command line."""
    try:
        yield
    except NoormmeError as error:
        error.hint = _HINTS.get(error.hint or "", error.hint)
        raise
