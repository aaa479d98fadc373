"""SQL text as a tree, through SQLGlot.

Invariant: a statement that cannot be read as a tree is no fault of the user's, for the database understood
it; then nothing is known but what the database says.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from sqlglot import errors, exp, parse_one

__all__ = ["parse"]

_DIALECTS: Mapping[str, str] = {
    "sqlite": "sqlite",
    "libsql": "sqlite",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "mssql": "tsql",
}
_REPLACE = re.compile(r"\s*REPLACE(\s+INTO)?(?=\s)", re.IGNORECASE)


def parse(sql: str, dialect: str) -> exp.Expr | None:
    """Read one statement.

    Args:
        sql: The statement, with ``:name`` for its parameters.
        dialect: The name of noormme's dialect.

    Returns:
        The tree; None where it cannot be read.
    """
    with _quiet():
        try:
            text = _REPLACE.sub("INSERT INTO", sql, count=1)
            found = parse_one(text, read=_DIALECTS.get(dialect, "sqlite"))
        except (errors.SqlglotError, RecursionError):
            return None
    return None if isinstance(found, exp.Command) else found


@contextmanager
def _quiet() -> Generator[None, None, None]:
    """Let it say nothing of what it cannot read; a user cannot do anything about it."""
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)
