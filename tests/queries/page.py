"""A page of queries: each one beside the SQL that says what it must give.

Invariant: the SQL is written by hand from the question, never taken from what noormme prints. It
runs through a bare APSW connection on the file, whichever engine the query is asked of.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import apsw

import noormme

__all__ = ["Case", "check"]


@dataclass(frozen=True)
class Case:
    """One question.

    Attributes:
        name: What is asked.
        query: What is written with noormme: rows as tuples, flat values or a single value.
        sql: The same by hand. Rows are compared in order where it ends in an ORDER BY.
    """

    name: str
    query: Callable[[Any], object]
    sql: str


def check(db: noormme.Database, path: Path, case: Case) -> None:
    """Assert that the query and the SQL give the same rows, and that there are some.

    Args:
        db: The file, or what was written from it on a server.
        path: The file.
        case: The question.
    """
    raw = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    expected = [tuple(map(_plain, row)) for row in raw.execute(case.sql)]
    raw.close()
    got = _rows(case.query(db))
    assert expected, "a question without an answer shows nothing"
    if "ORDER BY" in case.sql.rpartition(")")[2]:
        assert got == expected
    else:
        assert Counter(got) == Counter(expected)


def _rows(result: object) -> list[tuple[object, ...]]:
    if isinstance(result, dict):
        return [tuple(map(_plain, result.values()))]
    if isinstance(result, str | bytes) or not isinstance(result, Iterable):
        return [(_plain(result),)]
    rows: list[tuple[object, ...]] = []
    for row in result:
        if isinstance(row, dict):
            rows.append(tuple(map(_plain, row.values())))
        else:
            rows.append(tuple(map(_plain, row)) if isinstance(row, tuple) else (_plain(row),))
    return rows


def _plain(value: object) -> object:
    """A value as bare SQLite would give it, sums of money to six places."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float | Decimal):
        return round(float(value), 6)
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return value
